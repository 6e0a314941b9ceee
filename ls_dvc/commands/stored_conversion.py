"""A data set that another version of ls-dvc made, as DVC holds it for the same pin and settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ls_dvc.commands import foreign_files, own_files, stage_inputs
from ls_dvc.convert import build, dataset_folder
from ls_dvc.errors import LsDvcError
from ls_dvc.history import dataset_source
from ls_dvc.history.dataset_source import StoredDataset
from ls_dvc.history.snapshot_sources import dvc_store
from ls_dvc.history.version import Version, workspace_version
from ls_dvc.io import replacing, yaml_files
from ls_dvc.io.files import is_there
from ls_dvc.repo import dvc_lock, pipeline
from ls_dvc.settings import params
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.workspace import Workspace


def restored(workspace: Workspace, snapshot: SnapshotFolder) -> bool:
    """Whether data/dataset and the reports are now those that dvc.lock names.

    Not where they were made with other settings or by other writers than those of the pin, or
    where DVC does not hold them any more: then nothing is touched. Tables for `dvc plots` that
    came into dvc.yaml later are made from the snapshot folder.
    """
    version = workspace_version(workspace)
    try:
        if not _was_made_so(workspace):
            return False
        stored = dataset_source.stored_dataset(workspace, version, workspace.params.formats)
        ledger = dvc_store(workspace).read(version.outs[f"{version.reports}/ledger.json"].md5)
    except (LsDvcError, FileNotFoundError, KeyError):
        return False
    made_with = stored.manifest.settings
    if made_with not in (None, workspace.params.converting):
        return False
    if not _is_of_pinned_writers(stored, version):
        return False

    def last_look() -> None:
        foreign_files.require_none_in_dataset(workspace)
        foreign_files.require_none_in_reports(workspace)
        stage_inputs.require_unchanged(workspace, version.pin)

    with replacing.in_place_of(workspace.dataset, last_look) as outputs:
        _copy(stored, outputs.folder)
        for problem in dataset_folder.problems(outputs.folder, version.pin.fingerprint):
            raise LsDvcError(f"DVC's cache is damaged: {problem}", "run `dvc pull`")
        own_files.remember(workspace, outputs.folder)
        outputs.write(workspace.ledger_report, ledger)
        for path, content in _later_plots(workspace, snapshot):
            outputs.write(path, content)
    return True


def _later_plots(workspace: Workspace, snapshot: SnapshotFolder) -> Iterator[tuple[Path, bytes]]:
    paths = [
        path
        for path in foreign_files.named_plots(workspace)
        if not path.is_file() or not own_files.is_recorded(workspace, path)
    ]
    plots = build.plots(snapshot, workspace.params.policy) if paths else {}
    yield from ((path, plots[path.name]) for path in paths)


def current_setting(workspace: Workspace, key: str) -> object:
    """The value in params.yaml of a key with dots, as DVC writes it."""
    value: object = yaml_files.load(workspace.folder / params.NAME)
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _was_made_so(workspace: Workspace) -> bool:
    """Whether dvc.lock has the settings and the reports that are there now."""
    if not is_there(workspace.dvc_lock):
        return False
    text, where = yaml_files.read_text(workspace.dvc_lock), str(workspace.dvc_lock)
    ours = set(pipeline.stage_names(workspace.folder))
    made_with = dvc_lock.settings(text, where, ours, params.NAME)
    same = all(
        current_setting(workspace, key) == value
        for key, value in made_with.items()
        if key != f"{params.BLOCK}.check"  # of the stage that finds faults
    )
    reports = (workspace.labels_report, workspace.classes_report)
    return same and all(
        path.is_file() and own_files.is_recorded(workspace, path) for path in reports
    )


def _is_of_pinned_writers(stored: StoredDataset, version: Version) -> bool:
    made_by = {name: each.writer for name, each in stored.manifest.formats.items()}
    return all(each in (None, version.pin.writers.get(name)) for name, each in made_by.items())


def _copy(stored: StoredDataset, folder: Path) -> None:
    for name in sorted(stored.source.names()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(stored.source.read(name))
