"""Use case: the stage `convert`, from data/snapshot to data/dataset and the reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ls_dvc.convert import build, gates, report_files, writers
from ls_dvc.errors import LsDvcError
from ls_dvc.io.files import folder_in_place_of, write_atomically
from ls_dvc.pin import lockfile
from ls_dvc.progress import Reporter
from ls_dvc.snapshot import server_formats, snapshot_folder
from ls_dvc.workspace import Workspace

if TYPE_CHECKING:
    pass


def convert(workspace: Workspace, report: Reporter, jobs: int = 1) -> build.BuildResult:
    """Make data/dataset and the reports from data/snapshot; no network. What each format wrote.

    A gate of the settings that does not hold is a `LsDvcError`, and nothing was replaced.
    """
    folder = snapshot_folder.read(workspace.snapshot)
    pin = lockfile.find(workspace.pin)
    if pin is not None and folder.fingerprint != pin.fingerprint:
        raise LsDvcError(
            f"{workspace.snapshot} holds the labels {folder.fingerprint[:12]}, "
            f"{lockfile.NAME} pins {pin.fingerprint[:12]}",
            "run `dvc repro`, which exports first",
        )
    settings = workspace.params
    if pin is not None:
        writers.require_pinned(pin, settings.encoded_formats)
    served = server_formats.served(folder, settings.served)
    for name, why in server_formats.outcomes(folder).items():
        if why and name in settings.served:
            became = f"the server's conversion {server_formats.words(why)} when it was pinned"
            report.say(f"warning: {name} is written by our own converter: {became}")
    wanted = build.BuildOptions(settings.formats, settings.policy, jobs, settings.layout, served)
    with workspace.writing(), folder_in_place_of(workspace.dataset) as fresh:
        made = build.build(fresh, folder, wanted, report)
        gates.check(settings.gates, made.ledgers, pin, pin.link if pin else str)
    found = made.counts
    write_atomically(workspace.labels_report, report_files.labels(found, made.ledgers, made.served))
    write_atomically(workspace.classes_report, report_files.classes(found, made.labels))
    write_atomically(
        workspace.ledger_report, b"".join(report_files.ledger(made.ledgers, made.served))
    )
    return made
