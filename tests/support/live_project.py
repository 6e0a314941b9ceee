"""A project on a running Label Studio, updated as by `ls-dvc update`, with its own side cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from ls_dvc import update
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.shards import TASKS_PER_SHARD
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Reporter, Silent
from ls_dvc.server.admin import Admin
from ls_dvc.server.cache import Cache
from ls_dvc.server.client import Client
from ls_dvc.server.fetch import fetch_snapshot
from ls_dvc.server.project import LabelStudioProject
from ls_dvc.server.snapshots import PollSettings
from ls_dvc.settings.connection import Connection
from ls_dvc.settings.params import UpdateSettings
from ls_dvc.snapshot import replay, snapshot_folder


class LiveProject:
    """A project on a server, and a side cache of its own."""

    def __init__(self, server: LabelStudioProject, folder: Path) -> None:
        self.server, self.cache = server, Cache(folder)

    def update(
        self,
        old: Pin | None = None,
        *,
        tasks_per_snapshot: int = 1,
        report: Reporter | None = None,
        **order: Any,
    ) -> Pin:
        """`ls-dvc update`; one task in a snapshot asks for as many ranges as there can be."""
        settings = UpdateSettings(tasks_per_snapshot=tasks_per_snapshot)
        pinned = (lambda: self.folder(old)) if old else lambda: None
        how = update.UpdateOptions(settings, **{"pinned": pinned, **order})
        now = "2026-01-01T00:00:00Z"
        return update.update(self.server, old, self.cache, how, report or Silent(), now)

    def is_due(self, pin: Pin) -> bool:
        """Whether `ls-dvc status` says that an update is due."""
        return bool(
            update.update_reasons(self.server.state(), pin, self.cache, renames={}, served={})
        )

    def tasks(self, pin: Pin) -> list[Task]:
        """What the pin says, replayed."""
        return list(
            replay.tasks(pin.snapshots, lambda each: fetch_snapshot(self.server, each, self.cache))
        )

    def folder(self, pin: Pin) -> snapshot_folder.SnapshotFolder:
        """The same as a snapshot folder, as `dvc repro` leaves it."""
        path = self.cache.root / pin.fingerprint
        if not path.exists():
            path.mkdir(parents=True)
            beside = snapshot_folder.companions(pin.label_config, pin.classes)
            snapshot_folder.write(path, chain(replay.files(self.tasks(pin)), beside))
        return snapshot_folder.read(path)

    def snapshots(self) -> list[int]:
        """The ids of all that are on the server."""
        path = f"api/projects/{self.server.project_id}/exports/"
        return sorted(
            int(each["id"]) for each in self.server.client.get(path, list[dict[str, Any]])
        )

    def views(self) -> list[Any]:
        """All that are on the server."""
        return list(
            self.server.client.get(
                "api/dm/views/", list[dict[str, Any]], project=self.server.project_id
            )
        )


@contextmanager
def live(
    studio: LocalServer,
    project: int,
    folder: Path,
    *,
    url: str = "",
    polling: PollSettings | None = None,
) -> Iterator[LiveProject]:
    """`project` on `studio`, spoken with at `url` when something stands before it."""
    client = Client(Connection(url or studio.url, studio.api_key))
    try:
        yield LiveProject(LabelStudioProject(client, project, polling or PollSettings()), folder)
    finally:
        client.close()


def named(pin: Pin) -> list[int]:
    """The ids of the snapshots that a pin names."""
    return sorted(each.id for each in pin.snapshots)


def spread(admin: Admin, config: str, tasks: list[Any]) -> tuple[int, list[int], list[int]]:
    """A project with `tasks` twice, and their ids: before and after a gap wider than a shard."""
    project = admin.create_project("Spread", config)
    before = admin.import_tasks(project, tasks)
    admin.import_tasks(
        admin.create_project("Gap", config), TASKS_PER_SHARD * [{"data": {"text": "g"}}]
    )
    return project, before, admin.import_tasks(project, tasks)
