"""What each format writes of each control of a label config, tried out on samples."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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

REFUSED = "refused"  # the format cannot be used in this project
LINES, WIDTH = 20, 300  # of the example: lines of a file, characters of a line


@dataclass(frozen=True)
class Support:
    """What a format does with a sample region of a control.

    `reason`: why it is not written, REFUSED, or empty. `lines`: what it adds to each file; none for
    binary files.
    """

    reason: str = ""
    lines: Mapping[str, Sequence[str]] | None = None

    def document(self) -> dict[str, Any]:
        """The JSON of this cell."""
        if self.reason:
            return {"written": False, "reason": self.reason}
        lines = {path: [*added] for path, added in (self.lines or {}).items()}
        return {"written": True, "lines": lines}


@dataclass(frozen=True)
class ControlSupport:
    """A control with its title, such as `RectangleLabels on Image`, and the support by format."""

    control: str
    title: str
    by_format: Mapping[str, Support]


@dataclass(frozen=True)
class SupportMatrix:
    """The controls of a label config; `refused`: why formats cannot be used in this project."""

    rows: Sequence[ControlSupport]
    refused: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """The JSON of this table."""
        return {
            "controls": [
                {
                    "control": row.control,
                    "kind": row.title,
                    "formats": {name: each.document() for name, each in row.by_format.items()},
                }
                for row in self.rows
            ],
            "refused": dict(self.refused),
        }


def of_config(
    xml: str, where: str, classes: Classes | None = None, *, with_media: bool = False
) -> SupportMatrix:
    """The support for each control of a label config; `LsDvcError`, naming `where`, if broken.

    `classes`: the pinned class ids; without them those of a first pin. `with_media`: media come
    along.
    """
    config = label_config.parse(xml, where)
    known = classes or Classes().extended(config.classes())
    context = _context(config, known, with_media=with_media)
    refused = {
        name: str(error) for name, fmt in FORMATS.items() if (error := _refusal(fmt, context))
    }
    rows = [
        ControlSupport(control, title, _supports(regions, context, refused))
        for control, title, regions in _samples(config)
    ]
    return SupportMatrix(rows, refused)


def of_every_control() -> SupportMatrix:
    """Every control of Label Studio, each in a project that has what goes with it."""
    matrices: dict[str, SupportMatrix] = {}
    rows = []
    for sample in sample_regions.every_control():
        if sample.config not in matrices:
            matrices[sample.config] = of_config(sample.config, "the sample", with_media=True)
        rows += [row for row in matrices[sample.config].rows if row.control == sample.control]
    return SupportMatrix(rows, {})


def groups_of_formats(rows: Sequence[ControlSupport]) -> list[tuple[str, ...]]:
    """The formats in groups that support the same controls."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in FORMATS:
        groups.setdefault(tuple(row.by_format[name].reason for row in rows), []).append(name)
    return [tuple(names) for names in groups.values()]


def _context(config: LabelConfig, classes: Classes, *, with_media: bool) -> FormatContext:
    columns = sample_regions.task((), config)["data"]
    controls = sample_regions.names_of_controls(config)
    return FormatContext(
        config,
        classes,
        tuple(sorted(columns)),
        tuple(sorted(controls)),
        media=sample_regions.MEDIA if with_media else None,
        with_media=with_media,
    )


def _samples(config: LabelConfig) -> Iterator[tuple[str, str, list[Region]]]:
    """Each control with its title, its sample region, and the regions that this one needs."""
    for control in config.controls.values():
        if regions := sample_regions.regions(control, config):
            yield control.name, _title(control, config, regions), regions
    if regions := sample_regions.relation(config):
        labeled = config.object_named(regions[1]["to_name"])
        title = f"relation of regions on {labeled.tag if labeled else 'nothing'}"
        yield sample_regions.RELATION, title, regions


def _title(control: Control, config: LabelConfig, regions: Sequence[Region]) -> str:
    tags = [labeled.tag for labeled in map(config.object_named, control.objects) if labeled]
    first, *others = regions
    has_text = any(region["type"] == "textarea" for region in others)
    has_labels = any(
        region["id"] == first["id"] and "labels" in region["value"] for region in regions
    )
    companion = ""
    if has_text:
        companion = " with TextArea"
    elif has_labels and not control.draws_regions:
        companion = " with Labels"
    return f"{control.tag}{companion} on {' and '.join(tags) or 'nothing'}"


def _refusal(fmt: Format, context: FormatContext) -> LsDvcError | None:
    try:
        fmt.check(context)
    except LsDvcError as error:
        return error
    return None


def _supports(
    regions: Sequence[Region], context: FormatContext, refused: Collection[str]
) -> dict[str, Support]:
    return {
        name: Support(REFUSED) if name in refused else _of_sample(fmt, regions, context)
        for name, fmt in FORMATS.items()
    }


def _of_sample(fmt: Format, regions: Sequence[Region], context: FormatContext) -> Support:
    """What becomes of the first of these regions."""
    encoded = fmt.encode(select(sample_regions.task(regions, context.config)), context)
    outcome = None if encoded.all_annotations else encoded.regions[0]
    if outcome is not None:
        return Support(outcome.value)
    others = [region for region in regions[1:] if region["id"] != regions[0].get("id")]
    before, after = _files(fmt, others, context), _files(fmt, regions, context)
    changed = [path for path in after if after[path] != before.get(path)]
    return Support("", {path: _added(before.get(path, b""), after[path]) for path in changed})


def _files(fmt: Format, regions: Sequence[Region], context: FormatContext) -> dict[str, bytes]:
    """The files of a data set of one task with these regions."""
    selection = select(sample_regions.task(regions, context.config))
    encoded = fmt.encode(selection, context)
    pieces = [(selection.task["id"], encoded.content)] if encoded.task is None else []
    files: dict[str, bytes] = {}
    for chunk in fmt.assemble(Pieces(pieces), context):
        path = f"{chunk.archive}/{chunk.path}" if chunk.archive else chunk.path
        files[path] = files.get(path, b"") + chunk.data
    return files


def _added(before: bytes, after: bytes) -> tuple[str, ...]:
    """The lines of `after` that `before` does not have, shortened; none for binary content."""
    try:
        lines, known = after.decode().splitlines(), set(before.decode().splitlines())
    except UnicodeDecodeError:
        return ()
    return tuple(line[:WIDTH] for line in lines if line not in known)[:LINES]
