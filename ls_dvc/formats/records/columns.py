"""The columns of JSONL and PARQUET, and how values become cells of one type."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from ls_dvc.io import canonical_json

INTEGER, NUMBER, BOOLEAN, TEXT = "integer", "number", "boolean", "text"


TEXTS, NUMBERS, POINTS = "list of text", "list of numbers", "list of [x, y]"


# What `load_dataset` calls these types.
CARD_TYPES: Mapping[str, Any] = {
    INTEGER: "int64",
    NUMBER: "float64",
    BOOLEAN: "bool",
    TEXT: "string",
    TEXTS: ["string"],
    NUMBERS: ["float64"],
    POINTS: [["float64"]],
}


class Column(NamedTuple):
    """A column's name, the type of its values, and what they mean."""

    name: str
    kind: str
    meaning: str


COLUMNS = (
    Column("task", INTEGER, "id of the task"),
    Column("state", TEXT, "`labeled`; `empty`: looked at, nothing there; `predicted`"),
    Column("annotation", INTEGER, "id of the annotation; of the prediction when `predicted`"),
    Column("annotator", INTEGER, "user id of who made it"),
    Column("created_at", TEXT, "when, by the server's clock, ISO 8601"),
    Column("lead_time", NUMBER, "seconds that it took"),
    Column("ground_truth", BOOLEAN, "marked as ground truth"),
    Column("region", TEXT, "Label Studio's id of the region; null: there is none"),
    Column("position", INTEGER, "its place in the annotation, from 0; later ones lie on top"),
    Column("control", TEXT, "name of the control that made it"),
    Column("object", TEXT, "name of the object that it lies on"),
    Column("item", INTEGER, "which of its pictures, from 0, where an object shows a list"),
    Column("source", TEXT, "what the object shows: an address, or the text itself; else JSON"),
    Column("type", TEXT, "kind of region, such as `rectanglelabels` or `choices`"),
    Column("origin", TEXT, "`manual`, `prediction`, `prediction-changed`"),
    Column("score", NUMBER, "of the model that predicted the region"),
    Column("parent", TEXT, "id of the region that it belongs to"),
    Column("labels", TEXTS, "its labels; of a relation likewise"),
    Column("choices", TEXTS, "what was chosen; taxonomy paths joined by ` / `"),
    Column("text", TEXT, "what was typed (several: one a line), or what a span covers"),
    Column("number", NUMBER, "a number or a rating"),
    Column(
        "start",
        NUMBER,
        "of a segment: characters in a text, seconds in audio, frames from 1 on the timeline of a "
        "video, of a time series what its time column has",
    ),
    Column("end", NUMBER, "likewise; of characters the first behind it, of frames the last"),
    Column("x_percent", NUMBER, "from the left, percent of the width; of an ellipse the middle"),
    Column("y_percent", NUMBER, "from the top, percent of the height; likewise"),
    Column("width_percent", NUMBER, "before rotation"),
    Column("height_percent", NUMBER, "before rotation"),
    Column("radius_x_percent", NUMBER, "of an ellipse, percent of the width"),
    Column("radius_y_percent", NUMBER, "of an ellipse, percent of the height"),
    Column(
        "rotation_degrees",
        NUMBER,
        "clockwise, about x, y: the top left corner, the middle of an ellipse",
    ),
    Column("points_percent", POINTS, "corners of a polygon, percent of width and height"),
    Column("image_width", NUMBER, "pixels"),
    Column("image_height", NUMBER, "pixels"),
    Column(
        "bbox_pixels",
        NUMBERS,
        "[x, y, width, height] of the upright box around box, polygon, ellipse",
    ),
    Column("from_region", TEXT, "of a relation: the region that the arrow comes from"),
    Column("to_region", TEXT, "of a relation: the region that it goes to"),
    Column("meta", TEXT, "notes on the region, as JSON"),
    Column("value", TEXT, "as JSON: what of the region's value is in no other column"),
)


BLANK: Mapping[str, None] = {each.name: None for each in COLUMNS}


Columns = dict[str, Any]


LARGEST = 2**53  # of whole numbers that a float holds exactly


def whole(value: Any) -> int | None:
    """A whole number of 64 bits."""
    return value if type(value) is int and -(2**63) <= value < 2**63 else None


def number(value: Any) -> float | None:
    """A number that a float holds; NaN, the infinities and bools are none."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return float(value) if type(value) is int and abs(value) <= LARGEST else None


def text(value: Any) -> str | None:
    """Text as it is, all else but None as JSON; lone surrogates, which UTF-8 lacks, escaped."""
    if value is None:
        return None
    written = value if isinstance(value, str) else canonical_json.text(value)
    return written if written.isascii() else written.encode(errors="backslashreplace").decode()


def texts(value: Any) -> list[str] | None:
    """A list of nothing but text."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    return [text(each) or "" for each in value]


def only_text(value: Any) -> str | None:
    """Text, and nothing else."""
    return text(value) if isinstance(value, str) else None


def one_text(value: Any) -> list[str] | None:
    """A list with one text."""
    return texts([value])


def points(value: Any) -> list[list[float]] | None:
    """A list of points, each of two numbers."""
    if not isinstance(value, list):
        return None
    pairs = [[number(n) for n in point] if isinstance(point, list) else [] for point in value]
    is_good = all(len(pair) == 2 and None not in pair for pair in pairs)
    return [[n for n in pair if n is not None] for pair in pairs] if is_good else None
