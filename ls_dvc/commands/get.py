"""Use case: the data set of a version in a folder of its own; the workspace stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.commands.gathered_media import gathered
from ls_dvc.convert import build, dataset_folder
from ls_dvc.convert.dataset_folder import DatasetManifest
from ls_dvc.errors import LsDvcError
from ls_dvc.history import dataset_source
from ls_dvc.history.dataset_source import StoredDataset
from ls_dvc.history.media_sources import MediaSources
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.stored_files import StoredFiles
from ls_dvc.history.version import Version
from ls_dvc.io import replacing
from ls_dvc.media.folder import MediaFolder
from ls_dvc.progress import Reporter
from ls_dvc.settings import params, rules
from ls_dvc.snapshot import server_formats
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
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

    What DVC holds is copied; where it does not hold all `formats` (empty: those of the version),
    they are converted from the version's snapshot and media with the version's settings. No server
    is asked. Media are links where the disk can do that, else copies.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise LsDvcError(f"{target} exists already", "name a new folder")
    wanted = tuple(formats or version.settings.get("formats") or ())
    try:
        stored = dataset_source.stored_dataset(workspace, version, wanted)
    except LsDvcError as reason:
        stored = None
        report.say(f"converting {', '.join(wanted)} from the snapshot of {version.name}: {reason}")
    with replacing.in_place_of(target) as outputs:
        folder = outputs.folder
        if stored is not None:
            _copy(StoredFiles(workspace, version, stored.source, report), stored, folder, wanted)
        else:
            with open_snapshot(workspace, version) as snapshot:
                sources = MediaSources(workspace, version, report)
                with gathered(workspace, snapshot, sources) as media:
                    _convert(snapshot, folder, wanted, version, media, report)
        _check(folder, version)
    return GetResult(version.pin.fingerprint, wanted, converted=stored is None)


def _copy(files: StoredFiles, stored: StoredDataset, folder: Path, formats: Sequence[str]) -> None:
    names = sorted(stored.source.names())
    wanted = [name for name in names if name.partition("/")[0] in formats]
    files.bring(wanted)
    for name in wanted:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        files.place(name, folder / name)
    manifest = stored.manifest
    if set(formats) != manifest.formats.keys():  # the settings ask for others
        summaries = {name: manifest.formats[name] for name in formats}
        manifest = DatasetManifest(manifest.fingerprint, summaries)
    dataset_folder.write_manifest(folder, manifest, _card(stored, formats))


def _card(stored: StoredDataset, formats: Sequence[str]) -> bytes:
    """The card of the data set, if the format whose files it names is copied; else empty."""
    if stored.manifest.card is None:
        return b""
    card = stored.source.read(dataset_folder.CARD)
    return card if any(f'"{name}/'.encode() in card for name in formats) else b""


def _convert(
    snapshot: SnapshotFolder,
    folder: Path,
    formats: tuple[str, ...],
    version: Version,
    media: MediaFolder | None,
    report: Reporter,
) -> None:
    settings = params.of(version.settings, Path(f"{params.NAME} of {version.name}"))
    by_server = {name: may for name, may in settings.served.items() if name in formats}
    for name in formats:
        rules.require_format(name, served=name in by_server)
    served = server_formats.served(snapshot, by_server)
    options = build.BuildOptions(
        formats,
        settings.policy,
        layout=settings.layout,
        served=served,
        media=media,
        settings=settings.converting if set(formats) == set(settings.formats) else None,
    )
    build.build(folder, snapshot, options, report)


def _check(folder: Path, version: Version) -> None:
    problems = dataset_folder.problems(folder, version.pin.fingerprint)
    if problems:
        raise LsDvcError(
            f"the data set of {version.name} is damaged where DVC holds it: {problems[0]}",
            f"run `ls-dvc verify {version.rev[:7]}` to see what else is",
        )
