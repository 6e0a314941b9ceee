"""The data set folder: a folder for each format, and a manifest of them. `dataset_writer` fills it.

data/dataset/
  manifest.json            the labels and settings it was made from, digests of formats and reports
  README.md                the card for Hugging Face's `load_dataset`, where a format is a table
  COCO/result.json
  YOLO/labels/…
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.io import canonical_json
from ls_dvc.io.strict_values import FORMAT, matching

MANIFEST = "manifest.json"
CARD = "README.md"
CACHE = ".cache"  # how the files end that training writes next to labels; DVC ignores them


@dataclass(frozen=True)
class FormatSummary:
    """What a format's folder holds. `sha256` covers the paths and contents of all files.

    It is the sum of one digest per file, so files can come in any order. `writer` is the version
    of ls-dvc's writer of the format; None where the server wrote it, and in data sets made before
    writers had versions.
    """

    files: int
    bytes: int
    sha256: str
    writer: int | None = None

    def document(self) -> dict[str, object]:
        """The entry in the manifest."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass(frozen=True)
class DatasetManifest:
    """The labels that a data set was made from, and what each format's folder holds.

    `settings` is the digest of those that `convert` depends on, `reports` the SHA-256 of each that
    was made with it. Earlier ones have neither.
    """

    fingerprint: str
    formats: Mapping[str, FormatSummary]
    card: str | None = None  # the SHA-256 of README.md
    settings: str | None = None
    reports: Mapping[str, str] = field(default_factory=dict)


def write_manifest(folder: Path, manifest: DatasetManifest, card: bytes = b"") -> None:
    """Write the manifest of a data set, and its card if any."""
    document: dict[str, object] = {
        "fingerprint": manifest.fingerprint,
        "formats": {name: summary.document() for name, summary in manifest.formats.items()},
    }
    if card:
        (folder / CARD).write_bytes(card)
        document["card"] = hashlib.sha256(card).hexdigest()
    if manifest.settings is not None:
        document |= {"settings": manifest.settings, "reports": dict(manifest.reports)}
    (folder / MANIFEST).write_bytes(canonical_json.document(document))


def parse_manifest(content: bytes, where: str) -> DatasetManifest:
    """The manifest in `content`; `LsDvcError` names `where` when it is none."""
    try:
        document = json.loads(content)
        formats = {
            matching(FORMAT, name): _summary(entry) for name, entry in document["formats"].items()
        }
        reports = {str(name): str(sha256) for name, sha256 in document.get("reports", {}).items()}
        card, settings = document.get("card"), document.get("settings")
        return DatasetManifest(str(document["fingerprint"]), formats, card, settings, reports)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LsDvcError(f"{where} cannot be read: {error}", "run `dvc repro`") from error


def _summary(entry: Mapping[str, Any]) -> FormatSummary:
    writer = entry.get("writer")
    if not isinstance(entry["sha256"], str) or not isinstance(writer, int | None):
        raise TypeError("an entry of a format has values of other types")
    return FormatSummary(int(entry["files"]), int(entry["bytes"]), entry["sha256"], writer)


def problems(folder: Path, fingerprint: str) -> list[str]:
    """What is wrong with a data set, by reading every byte of it; empty when it is whole."""
    try:
        manifest = read_manifest(folder)
    except LsDvcError as error:
        return [str(error)]
    made_from = manifest.fingerprint
    wrong = [] if made_from == fingerprint else [_other_labels(folder, made_from, fingerprint)]
    for name, summary in manifest.formats.items():
        if replace(reread(folder / name), writer=summary.writer) != summary:
            wrong.append(f"{folder / name} was changed since it was converted")
    if _card_digest(folder) != manifest.card:
        wrong.append(f"{folder / CARD} was changed since it was converted")
    return wrong


def _card_digest(folder: Path) -> str | None:
    path = folder / CARD
    return _sha256(path).hex() if path.is_file() else None


def read_manifest(folder: Path) -> DatasetManifest:
    """The manifest of the data set in `folder`."""
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LsDvcError(f"{path} cannot be read: {error.strerror}", "run `dvc repro`") from error
    return parse_manifest(content, str(path))


def reread(folder: Path) -> FormatSummary:
    """What a format's folder holds, from its bytes, without the caches of training."""
    paths = [each for each in folder.rglob("*") if each.is_file() and each.suffix != CACHE]
    found = [file_digest(each.relative_to(folder).as_posix(), _sha256(each)) for each in paths]
    return FormatSummary(
        len(paths), sum(each.stat().st_size for each in paths), digest_of_all(sum(found))
    )


def _other_labels(folder: Path, made_from: str, fingerprint: str) -> str:
    return f"{folder} was made from the labels {made_from[:12]}, the pin is {fingerprint[:12]}"


def file_digest(path: str, content: bytes) -> int:
    """Of a file at `path` whose content has this SHA-256."""
    named = path.encode(errors="surrogateescape") + b"\0" + content
    return int.from_bytes(hashlib.sha256(named).digest(), "big")


def digest_of_all(digests: int) -> str:
    """Of a folder whose files' digests have this sum."""
    return f"{digests % 2**256:064x}"


def _sha256(path: Path) -> bytes:
    seen = hashlib.sha256()
    with path.open("rb") as content:
        while block := content.read(1 << 20):
            seen.update(block)
    return seen.digest()
