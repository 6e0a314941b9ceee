"""Use case: the stage `convert`, from data/snapshot to data/dataset and the reports."""

from __future__ import annotations

from ls_dvc.commands import (
    foreign_files,
    media_in_place,
    own_files,
    set_aside,
    stage_inputs,
    stored_conversion,
)
from ls_dvc.commands.pinned_snapshot import read_snapshot
from ls_dvc.convert import build, gates, report_files, writers
from ls_dvc.convert.label_counts import LabelCounts
from ls_dvc.io.files import folder_in_place_of, write_atomically
from ls_dvc.pin import lockfile
from ls_dvc.progress import Reporter
from ls_dvc.snapshot import server_formats
from ls_dvc.workspace import Workspace


def convert(workspace: Workspace, report: Reporter, jobs: int = 1) -> build.BuildResult:
    """Make data/dataset and the reports from data/snapshot, without network; what was built.

    Nothing is built where DVC holds what the pin's ls-dvc wrote, and this one writes other bytes.
    `LsDvcError` when a gate of the settings fails; then nothing is replaced.
    """
    set_aside.take_back(workspace.dataset)
    pin, folder = lockfile.find(workspace.pin), read_snapshot(workspace)
    settings = workspace.params
    foreign_files.require_none_in_dataset(workspace)
    foreign_files.require_none_in_reports(workspace)
    if pin is not None and writers.outdated(pin, settings.encoded_formats):
        if stored_conversion.restored(workspace):
            report.say(f"{workspace.dataset} is as ls-dvc {pin.ls_dvc} made it: DVC has it")
            return build.BuildResult(LabelCounts(), (), {}, {})
        writers.require_pinned(pin, settings.encoded_formats)
    served = server_formats.served(folder, settings.served)
    for name, why in server_formats.outcomes(folder).items():
        if why and name in settings.served:
            outcome = f"the server's conversion {server_formats.words(why)} when it was pinned"
            report.say(f"warning: {name} is written by ls-dvc: {outcome}")
    media = media_in_place.of_snapshot(workspace, folder)
    options = build.BuildOptions(
        settings.formats, settings.policy, jobs, settings.layout, served, media
    )
    with workspace.writing(), folder_in_place_of(workspace.dataset) as dataset:
        result = build.build(dataset, folder, options, report)
        gates.check(settings.gates, result.ledgers, pin, pin.link if pin else str)
        foreign_files.require_none_in_dataset(workspace)
        own_files.remember(workspace, dataset)
        stage_inputs.require_unchanged(workspace, pin)
    _write_reports(workspace, result)
    if media is not None:
        media_in_place.say_what_is_double(workspace, media, report)
        media_in_place.drop_copies(workspace, folder)
    return result


def _write_reports(workspace: Workspace, result: build.BuildResult) -> None:
    labels = report_files.labels(result.counts, result.ledgers, result.served)
    ledger = report_files.ledger(result.ledgers, result.served)
    write_atomically(workspace.labels_report, labels)
    write_atomically(workspace.classes_report, report_files.classes(result.counts, result.labels))
    write_atomically(workspace.ledger_report, b"".join(ledger))
