"""labels.lock: the file that holds the pin; read, written, summarised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import is_there, write_atomically
from ls_dvc.io.strict_values import FORMAT, SHA256, count, mapping, matching, numbers, sequence
from ls_dvc.labels.class_ids import Classes
from ls_dvc.pin import id_ranges, plain_values
from ls_dvc.pin.pin import (
    ExportSnapshot,
    Pin,
    PinnedMedia,
    Probe,
    ServerConversion,
    TaskChangeCounts,
)

NAME = "labels.lock"
VERSION = 1
HEADER = "# The labels of this commit. Moved by `ls-dvc update`, read by `dvc repro`; commit it.\n"

EMPTY = (
    f"{HEADER}version: {VERSION}\nfingerprint: null  # nothing yet: the first `dvc repro` pins\n"
    "writers: null\n"
)


def read(path: Path) -> Pin:
    """The pin in `path`; `LsDvcError` says which part of the file cannot be understood."""
    return parse(yaml_files.read_text(path), str(path))


def find(path: Path) -> Pin | None:
    """The pin in `path`; None when there is no file, or nothing is pinned in it yet.

    DVC wants to see the file before the first pin is taken, so `ls-dvc init` writes an empty one.
    """
    if not is_there(path):
        return None
    content = yaml_files.read_text(path)
    return None if is_empty(content, str(path)) else parse(content, str(path))


def require(path: Path) -> Pin:
    """The pin in `path`; `LsDvcError` also when nothing is pinned in it yet."""
    pin = find(path)
    if pin is None:
        raise LsDvcError(
            f"no labels are pinned in {path}", "run `ls-dvc update` to pin the current labels"
        )
    return pin


def is_empty(content: str, where: str) -> bool:
    """Whether `content` is that of a pin file in which nothing is pinned yet."""
    if _match_summary(content):
        return False
    document = yaml_files.parse(content, where)
    if not isinstance(document, Mapping):
        return False
    known = document.keys() <= {"version", "fingerprint", "writers"}
    return known and document.get("fingerprint", 0) is None


def write(path: Path, pin: Pin) -> None:
    """Replace `path` by `pin`, at once or not at all."""
    content = dump(pin)
    if parse(content, str(path)) != pin:
        raise BugError(f"{path} would not read back as the pin that was written")
    write_atomically(path, content.encode())


def dump(pin: Pin) -> str:
    """The text of `labels.lock`."""
    changes = {"changes": vars(pin.changes)} if pin.changes else {}
    return HEADER + yaml_files.dump(
        {
            "version": VERSION,
            "fingerprint": pin.fingerprint,
            "project": {"id": pin.project_id, "title": pin.title, "url": pin.url},
            "tasks": pin.tasks,
            "annotations": pin.annotations,
            **changes,
            "snapshots": list(map(_snapshot_to_yaml, pin.snapshots)),
            **_converted_to_yaml(pin),
            **({"media": vars(pin.media)} if pin.media else {}),
            "probe": _probe_to_yaml(pin.probe),
            "classes": pin.classes.document(),
            "pinned_at": pin.pinned_at,
            **({"ls_dvc": pin.ls_dvc} if pin.ls_dvc else {}),
            **({"writers": dict(pin.writers)} if pin.writers else {}),
            "label_config": pin.label_config,
        }
    )


@dataclass(frozen=True)
class PinSummary:
    """What `ls-dvc log` shows of a pin."""

    fingerprint: str
    tasks: int
    annotations: int
    changes: TaskChangeCounts | None
    media: PinnedMedia | None = None


_MEDIA = re.compile(
    r"^media: \{files: (\d+), bytes: (\d+), missing: (\d+), map: '?([0-9a-f]{64})'?, "
    r"settings: '?([0-9a-f]{64})'?\}$",
    re.MULTILINE,
)
_SUMMARY = re.compile(
    r"^fingerprint: '?([0-9a-f]{64})'?$.*?^tasks: (\d+)$.*?^annotations: (\d+)$"
    r"(?:\nchanges: \{since: '?([0-9a-f]{64})'?, added: (\d+), changed: (\d+), removed: (\d+)\}$)?",
    re.MULTILINE | re.DOTALL,
)


def _match_summary(content: str) -> re.Match[str] | None:
    return _SUMMARY.match(content.removeprefix(f"{HEADER}version: {VERSION}\n"))


def summary(content: str, where: str) -> PinSummary | None:
    """The summary of a pin file; None when nothing is pinned in it yet.

    A file as `dump` writes it is read without parsing the YAML: a history may have thousands.
    """
    if match := _match_summary(content):
        fingerprint, tasks, annotations, since, *numbers = match.groups()
        changes = TaskChangeCounts(since, *map(int, numbers)) if since else None
        return PinSummary(fingerprint, int(tasks), int(annotations), changes, _media_in(content))
    if is_empty(content, where):
        return None
    pin = parse(content, where)
    return PinSummary(pin.fingerprint, pin.tasks, pin.annotations, pin.changes, pin.media)


def _media_in(content: str) -> PinnedMedia | None:
    match = _MEDIA.search(content)
    if match is None:
        return None
    files, size, missing = map(int, match.groups()[:3])
    return PinnedMedia(files, size, missing, match[4], match[5])


def parse(content: str, where: str) -> Pin:
    """The pin that `content` holds; `where` names it in errors."""
    document = yaml_files.parse(content, where)
    if not isinstance(document, Mapping):
        raise LsDvcError(f"{where} does not hold a pin", _hint())
    if document.get("version") != VERSION:
        raise LsDvcError(
            f"{where} has version {document.get('version')!r}; this ls-dvc reads {VERSION}",
            "upgrade ls-dvc",
        )
    try:
        return _pin_from_yaml(document)
    except KeyError as error:
        raise LsDvcError(f"{where}: the key {error.args[0]!r} is missing", _hint()) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise LsDvcError(f"{where} does not hold a pin: {error}", _hint()) from error


def _hint() -> str:
    return f"run `git checkout -- {NAME}` to restore the committed pin"


def _snapshot_to_yaml(snapshot: ExportSnapshot) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": snapshot.id,
        "kind": snapshot.kind,
        "md5": snapshot.md5,
        "tasks": snapshot.tasks,
    }
    if snapshot.kind == "range":
        return {**entry, "from": snapshot.first, "to": snapshot.last}
    return (
        {**entry, "removed": id_ranges.folded(snapshot.removed)}
        if snapshot.kind == "delta"
        else entry
    )


def _converted_to_yaml(pin: Pin) -> dict[str, Any]:
    if not pin.converted:
        return {"labels": pin.labels} if pin.labels else {}
    formats = [
        {key: value for key, value in vars(conversion).items() if value}
        for conversion in pin.converted
    ]
    return {"converted": {"labels": pin.labels, "formats": formats}}


def _labels(document: Mapping[str, Any]) -> str:
    """Where the server converted, the digest stands there; pins of labels alone have none."""
    if converted := document.get("converted"):
        return _text(converted, "labels")
    return _text(document, "labels") if "media" in document else ""


def _media_from_yaml(entry: Mapping[str, Any]) -> PinnedMedia:
    return PinnedMedia(
        files=count(entry["files"]),
        bytes=count(entry["bytes"]),
        missing=count(entry["missing"]),
        map=matching(SHA256, entry["map"]),
        settings=matching(SHA256, entry["settings"]),
    )


def _converted_from_yaml(entry: Mapping[str, Any]) -> ServerConversion:
    texts = {key: _text(entry, key) for key in ("format", "sha256", "why") if key in entry}
    conversion = ServerConversion(**texts)
    matching(FORMAT, conversion.format)
    if bool(conversion.sha256) == bool(conversion.why):
        raise ValueError(f"{conversion.format} must have either sha256 or why")
    if conversion.sha256:
        matching(SHA256, conversion.sha256)
    return conversion


def _probe_to_yaml(probe: Probe) -> dict[str, Any]:
    return {name: value for name, value in vars(probe).items() if value is not None}


def _changes(entry: Any) -> TaskChangeCounts:
    given = mapping(entry)
    added, changed, removed = (count(given[name]) for name in ("added", "changed", "removed"))
    return TaskChangeCounts(matching(SHA256, given["since"]), added, changed, removed)


def _pin_from_yaml(document: Mapping[str, Any]) -> Pin:
    project = document["project"]
    converted = document.get("converted")
    if converted and len(document["snapshots"]) != 1:
        raise ValueError("formats of the server need exactly one snapshot")
    return Pin(
        fingerprint=matching(SHA256, document["fingerprint"]),
        project_id=count(project["id"]),
        title=str(project["title"]),
        url=str(project["url"]),
        tasks=count(document["tasks"]),
        annotations=count(document["annotations"]),
        label_config=str(document["label_config"]),
        snapshots=tuple(
            plain_values.export_snapshot(each, "from", "to")
            for each in sequence(document["snapshots"])
        ),
        probe=plain_values.probe(document["probe"]),
        classes=Classes.of(document["classes"]),
        pinned_at=str(document["pinned_at"]),
        changes=_changes(document["changes"]) if "changes" in document else None,
        converted=tuple(map(_converted_from_yaml, converted["formats"])) if converted else (),
        labels=_labels(document),
        media=_media_from_yaml(document["media"]) if "media" in document else None,
        writers=numbers(document.get("writers") or {}),
        ls_dvc=str(document.get("ls_dvc", "")),
    )


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is {value!r}")
    return value
