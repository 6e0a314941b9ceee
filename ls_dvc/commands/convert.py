"""Use case: the stage `convert`, from data/snapshot to data/dataset and the reports."""

from __future__ import annotations

from ls_dvc.commands import (
    foreign_files,
    media_in_place,
    own_files,
    stage_inputs,
    stored_conversion,
)
from ls_dvc.commands.pinned_snapshot import read_snapshot
from ls_dvc.convert import build, gates, writers
from ls_dvc.convert.label_counts import LabelCounts
from ls_dvc.execution.executor import ONE_PROCESS, Executor
from ls_dvc.io import replacing
from ls_dvc.pin import lockfile
from ls_dvc.progress import Reporter
from ls_dvc.snapshot import server_formats
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace


def convert(
    workspace: Workspace, report: Reporter, executor: Executor = ONE_PROCESS
) -> build.BuildResult:
    """Make data/dataset and the reports from data/snapshot, without network; what was built.

    Nothing is built where DVC holds what the pin's ls-dvc wrote, and this one writes other bytes.
    `LsDvcError` when a gate of the settings fails; then nothing is replaced.
    """
    with workspace.writing():
        result = _convert(workspace, report, executor)
        workspace.cache.parts.sweep()
        return result


def _convert(workspace: Workspace, report: Reporter, executor: Executor) -> build.BuildResult:
    replacing.take_back(workspace.dataset)
    pin, folder = lockfile.find(workspace.pin), read_snapshot(workspace)
    settings = workspace.params
    foreign_files.require_none_in_dataset(workspace)
    foreign_files.require_none_in_reports(workspace)
    if pin is not None and writers.outdated(pin, settings.encoded_formats):
        if stored_conversion.restored(workspace, folder):
            report.say(f"{workspace.dataset} is as ls-dvc {pin.ls_dvc} made it: DVC has it")
            return build.BuildResult(LabelCounts(), (), {}, {})
        writers.require_pinned(pin, settings.encoded_formats)
    _warn_of_failed(folder, workspace, report)
    media = media_in_place.of_snapshot(workspace, folder)
    options = build.BuildOptions(
        settings.formats,
        settings.policy,
        executor,
        settings.layout,
        server_formats.served(folder, settings.served),
        media,
        settings.converting,
        workspace.cache.parts,
    )

    def last_look() -> None:
        foreign_files.require_none_in_dataset(workspace)
        foreign_files.require_none_in_reports(workspace)
        stage_inputs.require_unchanged(workspace, pin)

    with replacing.in_place_of(workspace.dataset, last_look) as outputs:
        result = build.build(outputs.folder, folder, options, report)
        gates.check(settings.gates, result.ledgers, pin, pin.link if pin else str)
        own_files.remember(workspace, outputs.folder)
        for name, content in result.reports.items():
            outputs.write(workspace.reports / name, content)
        for path in foreign_files.named_plots(workspace):
            outputs.write(path, result.plots[path.name])
    if media is not None:
        media_in_place.say_what_is_double(workspace, media, report)
        media_in_place.drop_copies(workspace, folder)
    return result


def _warn_of_failed(folder: SnapshotFolder, workspace: Workspace, report: Reporter) -> None:
    """Which formats ls-dvc writes because the server could not."""
    for name, why in server_formats.outcomes(folder).items():
        if why and name in workspace.params.served:
            outcome = f"the server's conversion {server_formats.words(why)} when it was pinned"
            report.say(f"warning: {name} is written by ls-dvc: {outcome}")
