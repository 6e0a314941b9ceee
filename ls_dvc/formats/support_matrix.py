"""What each format can carry of each control: tried out on samples, not declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ls_dvc.labels import label_config
from ls_dvc.formats import sample_regions as samples
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.class_ids import Classes
from ls_dvc.errors import UserError
from ls_dvc.formats import FORMATS
from ls_dvc.formats.interface import (Format, Pieces, Project)
from ls_dvc.labels.label_config import (Control, LabelConfig)
from ls_dvc.labels.selection import choose

REFUSED = "refused"  # the format has no use for such a project
_LINES, _WIDTH = 20, 300  # of what was written, to show


@dataclass(frozen=True)
class Verdict:
    """What a format makes of a region: written, where `reason` is empty, or dropped, or refused.

    `wrote` has the lines that the region brought, by path; none of a file that is no text.
    """

    reason: str = ""
    wrote: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True)
class Carried:
    """A control, what it is and labels, and by the name of each format what becomes of it."""

    control: str
    title: str
    by_format: Mapping[str, Verdict]


@dataclass(frozen=True)
class Table:
    """The controls of a label config; `refused` has what formats say that cannot be used at all."""

    rows: Sequence[Carried]
    refused: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """The JSON of this table."""
        return {
            "controls": [
                {
                    "control": row.control,
                    "kind": row.title,
                    "formats": {name: _document(each) for name, each in row.by_format.items()},
                }
                for row in self.rows
            ],
            "refused": dict(self.refused),
        }


def of(xml: str, where: str, classes: Classes | None = None) -> Table:
    """What becomes of the controls of a label config; `UserError`, naming `where`, when broken.

    `classes` are the class ids that are pinned; without, those that a first pin would give.
    """
    config = label_config.parse(xml, where)
    known = classes or Classes().extended(config.classes())
    project = Project(config, known, tuple(sorted(_keys(config))), tuple(sorted(config.controls)))
    refused = {name: str(why) for name, each in FORMATS.items() if (why := _refusal(each, project))}
    rows = [_carried(name, title, some, project, refused) for name, title, some in _asked(config)]
    return Table(rows, refused)


def everything() -> Table:
    """Every control of Label Studio, each in a project that has what goes with it."""
    tables: dict[str, Table] = {}
    rows = []
    for sample in samples.everything():
        if sample.config not in tables:
            tables[sample.config] = of(sample.config, "the sample")
        rows += [row for row in tables[sample.config].rows if row.control == sample.control]
    return Table(rows, {})


def alike(rows: Sequence[Carried]) -> list[tuple[str, ...]]:
    """The formats in groups: one group for those that agree on every control."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name in FORMATS:
        found.setdefault(tuple(row.by_format[name].reason for row in rows), []).append(name)
    return [tuple(each) for each in found.values()]


def _asked(config: LabelConfig) -> Iterator[tuple[str, str, list[Region]]]:
    """Controls by name, what they are, and the regions to ask about."""
    for control in config.controls.values():
        if some := samples.regions(control, config):
            yield control.name, _title(control, config, some), some
    if arrow := samples.relation(config):
        shown = config.objects.get(arrow[1]["to_name"])
        yield samples.RELATION, f"relation of regions on {shown.tag if shown else 'nothing'}", arrow


def _title(control: Control, config: LabelConfig, some: Sequence[Region]) -> str:
    tags = [config.objects[name].tag for name in control.objects if name in config.objects]
    typed = any(each["type"] == "textarea" for each in some[1:])
    named = any(each["id"] == some[0]["id"] and "labels" in each["value"] for each in some)
    beside = (
        " with TextArea" if typed else "" if control.draws_regions or not named else " with Labels"
    )
    return f"{control.tag}{beside} on {' and '.join(tags) or 'nothing'}"


def _refusal(fmt: Format, project: Project) -> UserError | None:
    try:
        fmt.check(project)
    except UserError as error:
        return error
    return None


def _carried(
    name: str, title: str, some: Sequence[Region], project: Project, refused: Iterable[str]
) -> Carried:
    verdicts = {
        each: Verdict(REFUSED) if each in refused else _verdict(fmt, some, project)
        for each, fmt in FORMATS.items()
    }
    return Carried(name, title, verdicts)


def _verdict(fmt: Format, some: Sequence[Region], project: Project) -> Verdict:
    """What became of the first of these regions."""
    labels = choose(samples.task(some, project.config))
    encoded = fmt.encode(labels, project)
    fate = None if encoded.whole else encoded.regions[0]
    if fate is not None:
        return Verdict(fate.value)
    rest = [each for each in some[1:] if each["id"] != some[0].get("id")]
    before, after = _files(fmt, rest, project), _files(fmt, some, project)
    moved = [path for path in after if after[path] != before.get(path)]
    return Verdict("", {path: _new(after[path], before.get(path, b"")) for path in moved})


def _files(fmt: Format, some: Sequence[Region], project: Project) -> dict[str, bytes]:
    """The files of a data set of one task with these regions."""
    labels = choose(samples.task(some, project.config))
    encoded = fmt.encode(labels, project)
    pieces = [(labels.task["id"], encoded.content)] if encoded.task is None else []
    files: dict[str, bytes] = {}
    for chunk in fmt.assemble(Pieces(pieces), project):
        files[chunk.path] = files.get(chunk.path, b"") + chunk.data
    return files


def _new(after: bytes, before: bytes) -> tuple[str, ...]:
    try:
        lines, known = after.decode().splitlines(), set(before.decode().splitlines())
    except UnicodeDecodeError:
        return ()
    return tuple(each[:_WIDTH] for each in lines if each not in known)[:_LINES]


def _keys(config: LabelConfig) -> Iterable[str]:
    return {each.key for each in config.objects.values()}


def _document(verdict: Verdict) -> dict[str, Any]:
    if verdict.reason:
        return {"written": False, "reason": verdict.reason}
    return {
        "written": True,
        "lines": {path: [*some] for path, some in (verdict.wrote or {}).items()},
    }
