"""Answers about whole images: which control asks, and what a region answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from ls_dvc.formats.image.shapes import SPACE, ImageKey, image_of
from ls_dvc.formats.interface import ColumnType, FormatContext
from ls_dvc.formats.media import IsRead, is_image, media_outcome
from ls_dvc.formats.outcomes import Outcome, Reason, with_unresolved
from ls_dvc.formats.records.answers import ANSWER_KEYS, has_shape
from ls_dvc.labels.label_config import Control, LabelConfig
from ls_dvc.labels.policy import Selection
from ls_dvc.labels.regions import control_of

_TEXTS = ["string"]
# The column of each control that answers, and the type of its regions.
_TYPES: Mapping[str, tuple[str, ColumnType]] = {
    "Choices": ("choices", "string"),
    "Taxonomy": ("taxonomy", [_TEXTS]),
    "Rating": ("rating", "int64"),
    "Number": ("number", "float64"),
    "DateTime": ("datetime", "string"),
    "TextArea": ("textarea", _TEXTS),
}


class AnswerColumn(NamedTuple):
    """The column of a control: its name, the type of the control's regions, that of its cells.

    `known`: the only answers that it can hold; None for any.
    """

    name: str
    region_type: str
    cell: ColumnType
    known: tuple[str, ...] | None = None


class AnsweredImages(NamedTuple):
    """The cells of each image that can be written, in the order of the config, by column.

    `outcomes` and `in_part` as in `Encoded`; `absent`: why other images cannot be written.
    """

    cells: Mapping[ImageKey, dict[str, Any]]
    absent: Mapping[ImageKey, Reason]
    outcomes: list[Outcome]
    in_part: Sequence[tuple[int, Reason]]


def is_read(mime_type: str) -> bool:
    """Whether Pillow reads images of the type, as readers of folders of images do."""
    return is_image(mime_type) and mime_type != "image/heic"


def answered(
    selection: Selection,
    columns: Mapping[str, AnswerColumn],
    addresses: Mapping[ImageKey, str],
    context: FormatContext,
    is_read: IsRead = is_read,
    *,
    is_needed: bool = False,
) -> AnsweredImages:
    """The answers about the images of a task. `is_needed`: no image without its file.

    Of several answers to one question the latest is written, except where a cell is a list.
    """
    found = {key: media_outcome(context.media_of(at), is_read) for key, at in addresses.items()}
    if is_needed:
        unknown = (key for key, at in addresses.items() if context.media_of(at) is None)
        found |= dict.fromkeys(unknown, Reason.MEDIA_MISSING)
    cells = {key: _empty_cells(columns) for key, reason in found.items() if reason is None}
    absent = {key: reason for key, reason in found.items() if reason is not None}
    outcomes: list[Outcome] = [None] * len(selection.regions)
    in_part = []
    for index in reversed(range(len(selection.regions))):
        region = selection.regions[index]
        outcome = _answer(region, cells, columns, context) if isinstance(region, dict) else _BAD
        if outcome is Reason.NO_MEDIA and isinstance(region, dict):
            outcome = absent.get(_image_of(region, context), outcome)
        if outcome is Reason.SEVERAL_LABELS:
            in_part.append((index, outcome))
            outcome = None
        outcomes[index] = outcome
    outcomes = with_unresolved(outcomes, selection.regions, selection, context.config)
    return AnsweredImages(cells, absent, outcomes, tuple(sorted(in_part)))


_BAD = Reason.MALFORMED


def _image_of(region: Mapping[str, Any], context: FormatContext) -> ImageKey:
    return image_of(region, context.config) or ("", 0)


def _empty_cells(columns: Mapping[str, AnswerColumn]) -> dict[str, Any]:
    return {
        column.name: [] if isinstance(column.cell, list) else None for column in columns.values()
    }


def _answer(
    region: Mapping[str, Any],
    cells: Mapping[ImageKey, dict[str, Any]],
    columns: Mapping[str, AnswerColumn],
    context: FormatContext,
) -> Outcome:
    """Put the answer of a region into its cell; `SEVERAL_LABELS` when only its first is in it."""
    answer = read(region, columns, context.config)
    if isinstance(answer, Reason):
        return answer
    column, answers = answer
    row = cells.get(_image_of(region, context))
    if row is None:
        return Reason.NO_MEDIA
    if isinstance(column.cell, list):
        row[column.name] = [*answers, *row[column.name]]
        return None
    if column.known is not None and answers[0] not in column.known:
        return Reason.UNKNOWN_LABEL
    if row[column.name] is not None:
        return Reason.DUPLICATE
    row[column.name] = answers[0]
    return Reason.SEVERAL_LABELS if len(answers) > 1 else None


def columns(context: FormatContext, fixed: Collection[str]) -> Mapping[str, AnswerColumn]:
    """The column of each control of the config that asks about images, by the control's name.

    `fixed`: names that columns cannot have.
    """
    config, taken = context.config, {*fixed}
    by_control = {}
    for name, control in config.controls.items():
        if control.tag in _TYPES and config.space_of(control) == SPACE:
            column = name
            while column in taken:
                column = f"control.{column}"
            taken.add(column)
            region_type, cell = _TYPES[control.tag]
            cell = _TEXTS if _is_list(control) else cell
            by_control[name] = AnswerColumn(column, region_type, cell)
    return by_control


def _is_list(control: Control) -> bool:
    return control.tag == "Choices" and control.takes_several


def read(
    region: Mapping[str, Any], columns: Mapping[str, AnswerColumn], config: LabelConfig
) -> tuple[AnswerColumn, list[Any]] | Reason:
    """The column of a region and its answers, of which there is at least one."""
    kind, value = region.get("type"), region.get("value")
    if kind == "relation":
        return Reason.RELATION
    column = columns.get(config.declared_control(control_of(region)))
    if column is None or kind != column.region_type:
        return Reason.UNSUPPORTED_TYPE
    if not isinstance(value, dict):
        return Reason.MALFORMED
    if has_shape(value):
        return Reason.UNSUPPORTED_TYPE  # an answer about a region on the image
    answers = _answers(value.get(ANSWER_KEYS[column.region_type]), column)
    return (column, answers) if answers else Reason.MALFORMED


def _answers(value: Any, column: AnswerColumn) -> list[Any]:
    """The answers in a value as items of the column's cell type; empty when it is none."""
    item = column.cell[0] if isinstance(column.cell, list) else column.cell
    listed = value if isinstance(value, list) else [value]
    if column.region_type == "taxonomy" and listed and all(isinstance(x, str) for x in listed):
        listed = [listed]  # older versions stored a single path as it is
    read = [_READERS[str(item) if isinstance(item, str) else "texts"](each) for each in listed]
    return [] if any(each is None for each in read) else read


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    return value if type(value) is int and abs(value) < 2**63 else None


def _number(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and abs(value) < 1e300 else None


def _texts(value: Any) -> list[str] | None:
    is_texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return value if is_texts else None


_READERS = {"string": _text, "int64": _whole, "float64": _number, "texts": _texts}
