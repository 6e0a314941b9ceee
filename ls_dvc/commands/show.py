"""Use case: all there is to know about one version."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.history import availability
from ls_dvc.history.availability import Availability
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.snapshot_sources import dvc_store
from ls_dvc.history.version import Version
from ls_dvc.repo import git
from ls_dvc.snapshot.counts import SnapshotCounts
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class VersionSummary:
    """A version; `counts` None when its data is not available.

    `formats` has the ledger's totals by format and `splits` the tasks of each split, as the
    version's report has them. `tags` are those of its commit.
    """

    version: Version
    tags: tuple[str, ...]
    counts: SnapshotCounts | None
    formats: Mapping[str, Any]
    splits: Mapping[str, int]
    held: tuple[Availability, ...]

    def document(self) -> dict[str, Any]:
        """The JSON of this version."""
        pin = self.version.pin
        return {
            "rev": self.version.rev,
            "tags": list(self.tags),
            "fingerprint": pin.fingerprint,
            "pinned_at": pin.pinned_at,
            "project": {"id": pin.project_id, "title": pin.title, "url": pin.url},
            "snapshots": list(pin.snapshot_ids),
            "tasks": pin.tasks,
            "annotations": pin.annotations,
            "classes": pin.classes.document(),
            "labels": self.counts.labels if self.counts else None,
            "annotators": self.counts.annotators if self.counts else None,
            "served": {each.format: each.why or "server" for each in pin.converted},
            "formats": self.formats,
            "splits": self.splits,
            "data": [vars(each) for each in self.held],
        }


def show(workspace: Workspace, version: Version) -> VersionSummary:
    """Everything about a version, from git, and from DVC where it holds the data."""
    store, report = dvc_store(workspace), _report(workspace, version)
    return VersionSummary(
        version=version,
        tags=tuple(git.tags(workspace.folder).get(version.rev, ())),
        counts=_counts(workspace, version),
        formats=report.get("formats", {}),
        splits=report.get("splits", {}),
        held=tuple(availability.of(workspace, version, store)),
    )


def _counts(workspace: Workspace, version: Version) -> SnapshotCounts | None:
    try:
        with open_snapshot(workspace, version) as folder:
            return folder.manifest.counts
    except LsDvcError:
        return None


def _report(workspace: Workspace, version: Version) -> Mapping[str, Any]:
    """reports/labels.json: it is in git, so it is there when the data is not."""
    if not version.rev:
        text = workspace.labels_report.read_text() if workspace.labels_report.is_file() else None
    else:
        folder = git.folder_at(workspace.folder, version.rev, workspace.pin) or ""
        path = posixpath.join(folder, version.reports, workspace.labels_report.name)
        text = git.contents(workspace.folder, [(version.rev, path)])[0]
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
