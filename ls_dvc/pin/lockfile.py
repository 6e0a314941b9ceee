"""The pin: which labels this commit means. A value, and its form in `labels.lock`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Literal, get_args

from ls_dvc.errors import BugError, LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.files import write_atomically
from ls_dvc.labels.class_ids import Classes

NAME = "labels.lock"
VERSION = 1
HEADER = "# The labels of this commit. Moved by `ls-dvc update`, read by `dvc repro`; commit it.\n"

EMPTY = (
    f"{HEADER}version: {VERSION}\nfingerprint: null  # nothing yet: the first `dvc repro` pins\n"
)

SnapshotKind = Literal["range", "delta", "view", "adopted", "bulk"]


@dataclass(frozen=True)
class ExportSnapshot:
    """One export snapshot on the server; immutable there, checked by the MD5 of its raw JSON.

    A `range` holds every task with first <= id <= last. A `delta` holds the tasks that changed
    since the snapshots before it, and `removed` names those that went. One of another kind is the
    only one of its pin: of a `view`, `adopted` from whoever made it, or `bulk`, which was sent
    once, has no id (0), and is not on the server.
    """

    id: int
    kind: SnapshotKind
    md5: str
    tasks: int
    first: int = 0
    last: int = 0
    removed: tuple[int, ...] = ()

    @property
    def is_ours(self) -> bool:
        """Whether it is on the server because an update made it."""
        return bool(self.id) and self.kind != "adopted"


LARGEST_ID = 2**53 - 1  # no id is larger


@dataclass(frozen=True)
class TaskRange:
    """The tasks with first <= id <= last; only those changed after `since`, if it says anything.

    `since` is the server's clock, UTC, as `2026-11-23T17:00:00.000000Z`.
    """

    first: int
    last: int
    since: str = ""


@dataclass(frozen=True)
class Probe:
    """What the server said about the project when asked cheaply; equal probes, equal labels.

    `updated_at` is the newest of any task, by the server's clock, ISO 8601 with zone, and `newest`
    the digest of the newest few. `columns` counts tasks by the keys of their data, as the server
    keeps count. `counted` are `annotations`, `predictions` and annotations that were `skipped`, as
    the project tells them: `annotations` and `predictions` are sums over tasks, which a few actions
    leave wrong. `models` counts predictions by what made them, and `predicted_at` is when the
    newest was made, if there is any. `label_config`, `summary` and `newest` are SHA-256 digests.
    With a `view` the totals are those of its tasks, and what the project tells is left out.
    """

    tasks: int
    annotations: int
    predictions: int
    updated_at: str
    label_config: str
    summary: str
    newest: str = ""
    columns: Mapping[str, int] = field(default_factory=dict)
    view: int | None = None
    counted: Mapping[str, int] = field(default_factory=dict)
    models: Mapping[str, int] = field(default_factory=dict)
    predicted_at: str = ""


@dataclass(frozen=True)
class ServerState:
    """A project as the server describes it at one moment; `label_config` with LF line ends."""

    project_id: int
    title: str
    label_config: str
    probe: Probe


@dataclass(frozen=True)
class ServerConversion:
    """What became of a format that the server was to write.

    `sha256` is that of the archive of what it wrote. Where that is empty, our own converter stands
    in, and `why` says what became of the server's conversion: it `failed`, or was `stuck`.
    """

    format: str
    sha256: str = ""
    why: str = ""


@dataclass(frozen=True)
class TaskChangeCounts:
    """How many tasks differ from those of the version with the fingerprint `since`."""

    since: str
    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class Pin:
    """One version of the labels. `fingerprint` is the digest of the content, and of nothing else.

    `pinned_at` is this machine's clock, UTC, ISO 8601. `changes` are against the version that
    was committed then; None where there was none, or where it could not be read.

    `converted`, by format, is what the server was to write of the one snapshot of the pin. That is
    content too, so that `labels` is then the digest without it.
    """

    fingerprint: str
    project_id: int
    title: str
    url: str
    tasks: int
    annotations: int
    label_config: str
    snapshots: tuple[ExportSnapshot, ...]
    probe: Probe
    classes: Classes = field(default_factory=Classes)
    pinned_at: str = ""
    changes: TaskChangeCounts | None = None
    converted: tuple[ServerConversion, ...] = ()
    labels: str = ""

    @property
    def labels_alone(self) -> str:
        """The digest of the labels, whatever a server wrote of them."""
        return self.labels or self.fingerprint

    def has_converted(self, served: Mapping[str, bool]) -> bool:
        """Whether these formats, and no others, are the server's; True: ours may stand in."""
        if [each.format for each in self.converted] != sorted(served):
            return False
        return all(each.sha256 or served[each.format] for each in self.converted)

    @property
    def is_repeatable(self) -> bool:
        """Whether the server can give the labels again, while it has the snapshots."""
        return all(each.kind != "bulk" for each in self.snapshots)

    @property
    def snapshot_ids(self) -> tuple[int, ...]:
        """The numbers of those snapshots that are on the server."""
        return tuple(each.id for each in self.snapshots if each.id)

    def link(self, task: int) -> str:
        """Where a task of the project is looked at."""
        return f"{self.url}/projects/{self.project_id}/data?task={task}"


def read(path: Path) -> Pin:
    """The pin in `path`; `LsDvcError` says which part of the file cannot be understood."""
    return parse(yaml_files.read_text(path), str(path))


def find(path: Path) -> Pin | None:
    """The pin in `path`; None when the file is not there, or nothing is pinned in it yet.

    DVC wants to see the file before the first pin is taken, so `ls-dvc init` writes an empty one.
    """
    if not path.exists():
        return None
    content = yaml_files.read_text(path)
    return None if is_empty(content, str(path)) else parse(content, str(path))


def is_empty(content: str, where: str) -> bool:
    """Whether `content` is that of a pin file in which nothing is pinned yet."""
    if _summed(content):
        return False
    document = yaml_files.parse(content, where)
    if not isinstance(document, Mapping):
        return False
    return document.keys() <= {"version", "fingerprint"} and document.get("fingerprint", 0) is None


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
            "snapshots": [_snapshot_to_yaml(each) for each in pin.snapshots],
            **_converted_to_yaml(pin),
            "probe": _probe_to_yaml(pin.probe),
            "classes": pin.classes.document(),
            "pinned_at": pin.pinned_at,
            "label_config": pin.label_config,
        }
    )


@dataclass(frozen=True)
class PinSummary:
    """What a log says of a pin."""

    fingerprint: str
    tasks: int
    annotations: int
    changes: TaskChangeCounts | None


_SUMMARY = re.compile(
    r"^fingerprint: '?([0-9a-f]{64})'?$.*?^tasks: (\d+)$.*?^annotations: (\d+)$"
    r"(?:\nchanges: \{since: '?([0-9a-f]{64})'?, added: (\d+), changed: (\d+), removed: (\d+)\}$)?",
    re.MULTILINE | re.DOTALL,
)


def _summed(content: str) -> re.Match[str] | None:
    return _SUMMARY.match(content.removeprefix(f"{HEADER}version: {VERSION}\n"))


def summary(content: str, where: str) -> PinSummary | None:
    """The summary of a pin file; None when nothing is pinned in it yet.

    A file as `dump` writes it is read without parsing the YAML: a history may have thousands.
    """
    if found := _summed(content):
        fingerprint, tasks, annotations, since, *numbers = found.groups()
        changes = TaskChangeCounts(since, *map(int, numbers)) if since else None
        return PinSummary(fingerprint, int(tasks), int(annotations), changes)
    if is_empty(content, where):
        return None
    pin = parse(content, where)
    return PinSummary(pin.fingerprint, pin.tasks, pin.annotations, pin.changes)


@dataclass(frozen=True)
class References:
    """The snapshots that pins name: by their id on the server, and by the MD5 of their JSON.

    `sha256s` are those of the archives of what the server wrote of them.
    """

    ids: frozenset[int] = frozenset()
    md5s: frozenset[str] = frozenset()
    sha256s: frozenset[str] = frozenset()

    @classmethod
    def union(cls, some: Iterable[References]) -> References:
        """All that any of them names."""
        found = list(some)
        ids = chain.from_iterable(each.ids for each in found)
        md5s = chain.from_iterable(each.md5s for each in found)
        sha256s = chain.from_iterable(each.sha256s for each in found)
        return cls(frozenset(ids), frozenset(md5s), frozenset(sha256s))


_SNAPSHOTS = re.compile(r"^snapshots:\n((?:[- ] .*\n)+)", re.MULTILINE)
_ENTRY = re.compile(
    r"^- \{?id: (\d+)(?:, |\n  )kind: \w+(?:, |\n  )md5: '?([0-9a-f]{32})'?(?=,|\n)", re.MULTILINE
)


_ARCHIVE = re.compile(r"\bsha256\W{1,6}([0-9a-f]{64})\b")


def references(content: str) -> References:
    """The snapshots that a pin file names; never fewer, whatever its version or state.

    A file as `dump` writes it is read without parsing the YAML. Of any other one, as of a merge in
    conflict, every MD5 and every number count: one too many keeps a file, one too few loses labels.
    """
    md5s = frozenset(re.findall(r"\b[0-9a-f]{32}\b", content))
    sha256s = frozenset(_ARCHIVE.findall(content))
    section = _SNAPSHOTS.search(content)
    entries = _ENTRY.findall(section[1]) if section and "<<<<<<<" not in content else []
    if entries and {md5 for _, md5 in entries} == md5s:
        return References(frozenset(int(each) for each, _ in entries), md5s, sha256s)
    numbers = re.findall(r"\b\d+\b", content) if md5s else ()
    return References(frozenset(map(int, numbers)), md5s, sha256s)


def parse(content: str, where: str) -> Pin:
    """The pin that `content` holds; `where` names it in errors."""
    document = yaml_files.parse(content, where)
    if not isinstance(document, Mapping):
        raise LsDvcError(f"{where} does not hold a pin", _hint())
    if document.get("version") != VERSION:
        raise LsDvcError(
            f"{where} has version {document.get('version')!r}; this ls-dvc reads {VERSION}",
            "upgrade ls-dvc, or run `ls-dvc update`",
        )
    try:
        return _pin_from_yaml(document)
    except KeyError as error:
        raise LsDvcError(f"{where}: the key {error.args[0]!r} is missing", _hint()) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise LsDvcError(f"{where} does not hold a pin: {error}", _hint()) from error


def _hint() -> str:
    return f"restore it with `git checkout -- {NAME}`, or run `ls-dvc update` for a new pin"


def _snapshot_to_yaml(each: ExportSnapshot) -> dict[str, Any]:
    entry = {"id": each.id, "kind": each.kind, "md5": each.md5, "tasks": each.tasks}
    if each.kind == "range":
        return {**entry, "from": each.first, "to": each.last}
    return {**entry, "removed": list(each.removed)} if each.kind == "delta" else entry


def _converted_to_yaml(pin: Pin) -> dict[str, Any]:
    if not pin.converted:
        return {}
    formats = [{key: value for key, value in vars(each).items() if value} for each in pin.converted]
    return {"converted": {"labels": pin.labels, "formats": formats}}


def _converted_from_yaml(entry: Mapping[str, Any]) -> ServerConversion:
    names = {key: _text(entry, key) for key in ("format", "sha256", "why") if key in entry}
    found = ServerConversion(**names)
    if bool(found.sha256) == bool(found.why):
        raise ValueError(f"of {found.format} it must say either sha256 or why")
    return found


def _probe_to_yaml(probe: Probe) -> dict[str, Any]:
    return {name: value for name, value in vars(probe).items() if value is not None}


def _snapshot_from_yaml(entry: Mapping[str, Any]) -> ExportSnapshot:
    if entry["kind"] not in get_args(SnapshotKind):
        raise ValueError(f"a snapshot of the unknown kind {entry['kind']!r}")
    return ExportSnapshot(
        id=int(entry["id"]),
        kind=entry["kind"],
        md5=str(entry["md5"]),
        tasks=int(entry["tasks"]),
        first=int(entry.get("from", 0)),
        last=int(entry.get("to", 0)),
        removed=tuple(int(each) for each in entry.get("removed", ())),
    )


def _pin_from_yaml(document: Mapping[str, Any]) -> Pin:
    project = document["project"]
    made = document.get("converted")
    if made and len(document["snapshots"]) != 1:
        raise ValueError("what a server converted is of one snapshot, and it names others")
    return Pin(
        fingerprint=_text(document, "fingerprint"),
        project_id=int(project["id"]),
        title=str(project["title"]),
        url=str(project["url"]),
        tasks=int(document["tasks"]),
        annotations=int(document["annotations"]),
        label_config=str(document["label_config"]),
        snapshots=tuple(_snapshot_from_yaml(each) for each in document["snapshots"]),
        probe=Probe(**document["probe"]),
        classes=Classes.of(document["classes"]),
        pinned_at=str(document["pinned_at"]),
        changes=TaskChangeCounts(**document["changes"]) if "changes" in document else None,
        converted=tuple(map(_converted_from_yaml, made["formats"])) if made else (),
        labels=_text(made, "labels") if made else "",
    )


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is {value!r}")
    return value
