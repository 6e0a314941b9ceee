"""The data set of a version as DVC holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ls_dvc.convert.dataset_folder import MANIFEST, DatasetManifest, parse_manifest
from ls_dvc.history.snapshot_sources import dvc_store
from ls_dvc.history.sources import AbsentError
from ls_dvc.history.version import Version
from ls_dvc.repo.dvc import DvcStore, StoredFolder
from ls_dvc.workspace import Workspace


@dataclass(frozen=True)
class StoredDataset:
    """A data set in DVC's cache or remote; its files are not checked yet."""

    source: StoredFolder
    manifest: DatasetManifest


def stored_dataset(
    workspace: Workspace, version: Version, formats: Iterable[str] = ()
) -> StoredDataset:
    """The data set that DVC holds for a version, made from its pin and with all `formats`.

    `AbsentError` says why there is none; `RemoteError` when DVC's remote cannot be asked.
    """
    stored = read_stored(dvc_store(workspace), version)
    if stored.manifest.fingerprint != version.pin.fingerprint:
        labels = stored.manifest.fingerprint[:12]
        raise AbsentError(f"{stored.source} was made from the labels {labels}")
    missing = sorted(set(formats) - stored.manifest.formats.keys())
    if missing:
        raise AbsentError(f"{stored.source} has no {', '.join(missing)}")
    return stored


def read_stored(store: DvcStore, version: Version) -> StoredDataset:
    """The data set that DVC recorded for a version, whatever labels it was made from."""
    if version.dataset is None:
        raise AbsentError(f"dvc.lock of {version.name} does not name the data set")
    name = f"{version.dataset.path} of {version.name}"
    source = StoredFolder(store, version.dataset.md5, name)
    try:
        content = source.read(MANIFEST)
    except FileNotFoundError as error:
        raise AbsentError(f"{name} is not in DVC's cache or remote") from error
    return StoredDataset(source, parse_manifest(content, f"{name}/{MANIFEST}"))
