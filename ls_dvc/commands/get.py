"""Use case: the data set of a version in a folder of its own, the workspace untouched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.convert import build, dataset_folder
from ls_dvc.errors import LsDvcError
from ls_dvc.history.open_snapshot import dvc_store, open_snapshot
from ls_dvc.history.version import Version
from ls_dvc.io.files import folder_in_place_of
from ls_dvc.progress import Reporter
from ls_dvc.repo.dvc import StoredSnapshot
from ls_dvc.settings import params, rules
from ls_dvc.snapshot import server_formats, snapshot_folder
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class GetResult:
    """What was put into a folder. `converted`: made now from the snapshot, not copied."""

    fingerprint: str
    formats: tuple[str, ...]
    converted: bool


def get(
    workspace: Workspace, version: Version, target: Path, formats: Sequence[str], report: Reporter
) -> GetResult:
    """Put the data set of a version into the new folder `target`, checked against its pin.

    What DVC holds is copied; where it does not hold all `formats` (none named: those of the
    version), they are converted from the version's snapshot with the version's settings.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise LsDvcError(f"{target} exists already", "name a new folder")
    wanted = tuple(formats or version.settings.get("formats") or ())
    source = _held(workspace, version, wanted)
    with folder_in_place_of(target) as fresh:
        if source is not None:
            _copy(source, fresh, wanted)
        else:
            report.say(f"converting the snapshot of {version.name} to {', '.join(wanted)}")
            settings = params.of(version.settings, Path(f"{params.NAME} of {version.name}"))
            with open_snapshot(workspace, version) as folder:
                asked = {k: may for k, may in settings.served.items() if k in wanted}
                for name in wanted:
                    rules.require_format(name, served=name in asked)
                served = server_formats.served(folder, asked)
                order = build.BuildOptions(
                    wanted, settings.policy, layout=settings.layout, served=served
                )
                build.build(fresh, folder, order, report)
        _check(fresh, version)
    return GetResult(version.pin.fingerprint, wanted, converted=source is None)


def _held(
    workspace: Workspace, version: Version, wanted: Sequence[str]
) -> snapshot_folder.SnapshotSource | None:
    """The data set as DVC holds it, if it is of this pin and has all that is wanted."""
    if version.dataset is None:
        return None
    store = dvc_store(workspace)
    source = StoredSnapshot(store, version.dataset.md5, f"{version.dataset.path} of {version.name}")
    try:
        manifest = _manifest(source)
    except FileNotFoundError:
        return None
    fits = manifest.fingerprint == version.pin.fingerprint
    return source if fits and set(wanted) <= manifest.formats.keys() else None


def _manifest(source: snapshot_folder.SnapshotSource) -> dataset_folder.DatasetManifest:
    name = dataset_folder.MANIFEST
    return dataset_folder.parse_manifest(source.read(name), f"{name} in {source}")


def _copy(source: snapshot_folder.SnapshotSource, fresh: Path, wanted: Sequence[str]) -> None:
    manifest = _manifest(source)
    written = {name: manifest.formats[name] for name in wanted}
    for name in sorted(source.names()):
        if name.partition("/")[0] in written:
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_bytes(source.read(name))
    dataset_folder.write_manifest(fresh, manifest.fingerprint, written)


def _check(fresh: Path, version: Version) -> None:
    problems = dataset_folder.problems(fresh, version.pin.fingerprint)
    if problems:
        raise LsDvcError(
            f"the data set of {version.name} is damaged where DVC holds it: {problems[0]}",
            "`ls-dvc verify --all` says what else is",
        )
