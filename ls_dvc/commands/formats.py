"""Use case: what each format can hold, by the label config and by the labels themselves."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ls_dvc.convert import encode
from ls_dvc.errors import LsDvcError
from ls_dvc.formats import support_matrix
from ls_dvc.formats.interface import FormatContext
from ls_dvc.formats.registry import FORMATS
from ls_dvc.formats.support_matrix import SupportMatrix
from ls_dvc.history.snapshot_sources import folder_sources
from ls_dvc.history.sources import first_available
from ls_dvc.history.version import workspace_version
from ls_dvc.labels.policy import Policy
from ls_dvc.pin import lockfile
from ls_dvc.snapshot import media_map, snapshot_folder
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace

MOST_TASKS = 1_000


@dataclass(frozen=True)
class FormatTrial:
    """How many of the selected regions a format would write.

    `reasons` are those why regions are left out, with their numbers, the commonest first.
    """

    regions: int
    regions_written: int
    reasons: tuple[tuple[str, int], ...]

    def document(self) -> dict[str, Any]:
        """The JSON of this trial."""
        return {**vars(self), "reasons": dict(self.reasons)}


@dataclass(frozen=True)
class TrialRun:
    """What formats would write of the first `tasks` of `all_tasks`."""

    tasks: int
    all_tasks: int
    formats: Mapping[str, FormatTrial]

    def document(self) -> dict[str, Any]:
        """The JSON of this run."""
        formats = {name: trial.document() for name, trial in self.formats.items()}
        return {"tasks": self.tasks, "all_tasks": self.all_tasks, "formats": formats}


def supported_controls(workspace: Workspace) -> SupportMatrix:
    """What formats can hold by the label config of the pin; without one, of the snapshot folder."""
    pin = lockfile.find(workspace.pin)
    with_media = workspace.params.fetched_media is not None
    if pin is not None:
        where = f"the label config in {lockfile.NAME}"
        return support_matrix.of_config(pin.label_config, where, pin.classes, with_media=with_media)
    try:
        folder = snapshot_folder.read(workspace.snapshot)
    except LsDvcError as error:
        raise LsDvcError(
            f"no labels are pinned in {lockfile.NAME}, so there is no label config to check",
            "run `ls-dvc update` to pin the current labels, or `ls-dvc formats --all`",
        ) from error
    where = f"the label config in {workspace.snapshot}"
    return support_matrix.of_config(folder.config(), where, folder.classes(), with_media=with_media)


def try_formats(workspace: Workspace, most_tasks: int = MOST_TASKS) -> TrialRun | None:
    """What the formats would write of the first tasks; None if the labels are not available.

    They are read from data/snapshot, else from DVC's cache or remote.
    """
    try:
        folder = _snapshot(workspace)
        shards = {name: list(folder.lines_in(name)) for name in _first(folder, most_tasks)}
        lines = [line for some in shards.values() for line in some][:most_tasks]
        policy = replace(workspace.params.policy, split=None)
        counts = folder.manifest.counts
        context = encode.context_of(folder.config(), folder.classes(), counts, policy)
        if media_map.has_media(folder):
            media = [media_map.of_shard(folder, name) for name in shards]
            context = replace(context, with_media=True, media=ChainMap(*map(dict, media)))
    except LsDvcError:
        return None
    trials = {name: _trial(name, lines, policy, context) for name in FORMATS}
    formats = {name: trial for name, trial in trials.items() if trial is not None}
    return TrialRun(len(lines), counts.tasks, formats)


def _snapshot(workspace: Workspace) -> SnapshotFolder:
    if lockfile.find(workspace.pin) is None:
        return snapshot_folder.read(workspace.snapshot)
    version = workspace_version(workspace)
    return first_available("the labels", folder_sources(workspace, version), "")


def _first(folder: SnapshotFolder, most_tasks: int) -> list[str]:
    """The first shards that have so many tasks together."""
    names, tasks = list[str](), 0
    for name in sorted(folder.manifest.shards):
        if tasks < most_tasks:
            names.append(name)
            tasks += sum(1 for _ in folder.lines_in(name))
    return names


def _trial(
    name: str, lines: list[bytes], policy: Policy, context: FormatContext
) -> FormatTrial | None:
    """None for a format that has no use for such a project."""
    fmt = FORMATS[name]
    try:
        fmt.check(context)
        ledger = encode.encode_shard(
            lines, policy, fmt, context, fmt.FAST_PATH, counted=False
        ).ledger
    except LsDvcError:
        return None
    return FormatTrial(ledger.regions, ledger.regions_written, tuple(ledger.region_reasons()))
