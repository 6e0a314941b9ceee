"""What each format can hold of each control: tried out on samples, not declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import sample_regions
from ls_dvc.formats.interface import Format, FormatContext, Pieces
from ls_dvc.formats.registry import FORMATS
from ls_dvc.labels import label_config
from ls_dvc.labels.canonical import Region
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.label_config import Control, LabelConfig
from ls_dvc.labels.selection import select

REFUSED = "refused"  # the format has no use for such a project
_LINES, _WIDTH = 20, 300  # of what was written, to show


@dataclass(frozen=True)
class Support:
    """What a format makes of a region: written, where `reason` is empty, or dropped, or refused.

    `wrote` has the lines that the region brought, by path; none of a file that is no text.
    """

    reason: str = ""
    wrote: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True)
class ControlSupport:
    """A control, what it is and labels, and by the name of each format what becomes of it."""

    control: str
    title: str
    by_format: Mapping[str, Support]


@dataclass(frozen=True)
class SupportMatrix:
    """The controls of a label config; `refused` has what formats say that cannot be used at all."""

    rows: Sequence[ControlSupport]
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


def of(xml: str, where: str, classes: Classes | None = None) -> SupportMatrix:
    """What becomes of the controls of a label config; `LsDvcError`, naming `where`, when broken.

    `classes` are the class ids that are pinned; without, those that a first pin would give.
    """
    config = label_config.parse(xml, where)
    known = classes or Classes().extended(config.classes())
    sample = sample_regions.task((), config)
    controls = sample_regions.names_of_controls(config)
    project = FormatContext(config, known, tuple(sorted(sample["data"])), tuple(sorted(controls)))
    refused = {name: str(why) for name, each in FORMATS.items() if (why := _refusal(each, project))}
    rows = [_supports(name, title, some, project, refused) for name, title, some in _asked(config)]
    return SupportMatrix(rows, refused)


def everything() -> SupportMatrix:
    """Every control of Label Studio, each in a project that has what goes with it."""
    tables: dict[str, SupportMatrix] = {}
    rows = []
    for sample in sample_regions.everything():
        if sample.config not in tables:
            tables[sample.config] = of(sample.config, "the sample")
        rows += [row for row in tables[sample.config].rows if row.control == sample.control]
    return SupportMatrix(rows, {})


def alike(rows: Sequence[ControlSupport]) -> list[tuple[str, ...]]:
    """The formats in groups: one group for those that agree on every control."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name in FORMATS:
        found.setdefault(tuple(row.by_format[name].reason for row in rows), []).append(name)
    return [tuple(each) for each in found.values()]


def _asked(config: LabelConfig) -> Iterator[tuple[str, str, list[Region]]]:
    """Controls by name, what they are, and the regions to ask about."""
    for control in config.controls.values():
        if some := sample_regions.regions(control, config):
            yield control.name, _title(control, config, some), some
    if arrow := sample_regions.relation(config):
        shown = config.object_named(arrow[1]["to_name"])
        yield (
            sample_regions.RELATION,
            f"relation of regions on {shown.tag if shown else 'nothing'}",
            arrow,
        )


def _title(control: Control, config: LabelConfig, some: Sequence[Region]) -> str:
    tags = [shown.tag for shown in map(config.object_named, control.objects) if shown]
    typed = any(each["type"] == "textarea" for each in some[1:])
    named = any(each["id"] == some[0]["id"] and "labels" in each["value"] for each in some)
    partner = (
        " with TextArea" if typed else "" if control.draws_regions or not named else " with Labels"
    )
    return f"{control.tag}{partner} on {' and '.join(tags) or 'nothing'}"


def _refusal(fmt: Format, context: FormatContext) -> LsDvcError | None:
    try:
        fmt.check(context)
    except LsDvcError as error:
        return error
    return None


def _supports(
    name: str, title: str, some: Sequence[Region], context: FormatContext, refused: Iterable[str]
) -> ControlSupport:
    verdicts = {
        each: Support(REFUSED) if each in refused else _verdict(fmt, some, context)
        for each, fmt in FORMATS.items()
    }
    return ControlSupport(name, title, verdicts)


def _verdict(fmt: Format, some: Sequence[Region], context: FormatContext) -> Support:
    """What became of the first of these regions."""
    labels = select(sample_regions.task(some, context.config))
    encoded = fmt.encode(labels, context)
    reason = None if encoded.all_annotations else encoded.regions[0]
    if reason is not None:
        return Support(reason.value)
    rest = [each for each in some[1:] if each["id"] != some[0].get("id")]
    before, after = _files(fmt, rest, context), _files(fmt, some, context)
    moved = [path for path in after if after[path] != before.get(path)]
    return Support("", {path: _new(after[path], before.get(path, b"")) for path in moved})


def _files(fmt: Format, some: Sequence[Region], context: FormatContext) -> dict[str, bytes]:
    """The files of a data set of one task with these regions."""
    labels = select(sample_regions.task(some, context.config))
    encoded = fmt.encode(labels, context)
    pieces = [(labels.task["id"], encoded.content)] if encoded.task is None else []
    files: dict[str, bytes] = {}
    for chunk in fmt.assemble(Pieces(pieces), context):
        files[chunk.path] = files.get(chunk.path, b"") + chunk.data
    return files


def _new(after: bytes, before: bytes) -> tuple[str, ...]:
    try:
        lines, known = after.decode().splitlines(), set(before.decode().splitlines())
    except UnicodeDecodeError:
        return ()
    return tuple(each[:_WIDTH] for each in lines if each not in known)[:_LINES]


def _document(verdict: Support) -> dict[str, Any]:
    if verdict.reason:
        return {"written": False, "reason": verdict.reason}
    return {
        "written": True,
        "lines": {path: [*some] for path, some in (verdict.wrote or {}).items()},
    }
