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
from ls_dvc.history.sources import UnavailableError
from ls_dvc.history.version import Version
from ls_dvc.io import yaml_files
from ls_dvc.pin.pin import Pin
from ls_dvc.repo import git
from ls_dvc.snapshot.counts import SnapshotCounts, with_declared_controls
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class VersionSummary:
    """A version; `counts` is None when its labels are not available, and `error` says why.

    `formats` has the ledger's totals by format and `splits` the tasks of each split, as the
    version's report has them. `tags` are those of its commit.
    """

    version: Version
    tags: tuple[str, ...]
    counts: SnapshotCounts | None
    error: str
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
            **({"media": media_counts(pin)} if pin.media else {}),
            "classes": pin.classes.document(),
            "labels": self.counts.labels if self.counts else None,
            "annotators": self.counts.annotators if self.counts else None,
            "served": {each.format: each.why or "server" for each in pin.converted},
            "formats": self.formats,
            "splits": self.splits,
            "data": [vars(out) for out in self.held],
        }


def media_counts(pin: Pin) -> dict[str, int]:
    """How many distinct files, their bytes, and how many addresses led to nothing."""
    media = pin.media
    return {} if media is None else {name: getattr(media, name) for name in _COUNTS}


_COUNTS = ("files", "bytes", "missing")


def show(workspace: Workspace, version: Version) -> VersionSummary:
    """Everything about a version, from git, and from DVC where it holds the data."""
    report = _report(workspace, version)
    counts, error = _counts(workspace, version)
    return VersionSummary(
        version=version,
        tags=tuple(git.tags(workspace.folder).get(version.rev, ())),
        counts=counts,
        error=error,
        formats=report.get("formats", {}),
        splits=report.get("splits", {}),
        held=tuple(availability.of(workspace, version, dvc_store(workspace))),
    )


def _counts(workspace: Workspace, version: Version) -> tuple[SnapshotCounts | None, str]:
    """The counts of a version's labels; else why they are not available."""
    try:
        with open_snapshot(workspace, version) as folder:
            config = version.pin.label_config
            return with_declared_controls(folder.manifest.counts, config), ""
    except UnavailableError as error:
        return None, str(error)


def _report(workspace: Workspace, version: Version) -> Mapping[str, Any]:
    """reports/labels.json: it is in git, so it is there when the data is not."""
    path = workspace.labels_report
    if not version.rev:
        text = yaml_files.read_text(path) if path.exists() else None
    else:
        folder = git.folder_at(workspace.folder, version.rev, workspace.pin) or ""
        place = (version.rev, posixpath.join(folder, version.reports, path.name))
        text = git.contents(workspace.folder, [place])[0]
    if text is None:
        return {}
    try:
        document = json.loads(text)
    except ValueError as error:
        raise LsDvcError(f"{path.name} of {version.name} is not JSON: {error}", _ANEW) from error
    if not isinstance(document, dict):
        raise LsDvcError(f"{path.name} of {version.name} does not hold a report", _ANEW)
    return document


_ANEW = "run `dvc repro -f` at that commit to make its reports again"
