"""A well-formed region of every control of Label Studio: what formats are asked about beforehand.

On an image of SIZE pixels; geometry in percent of it, xywh, as Label Studio has it. A control that
is not listed here gets a region of its kind with nothing that anybody would know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ls_dvc.formats.sample_data import sample_data
from ls_dvc.labels.canonical import Region, Task
from ls_dvc.labels.label_config import Control, LabelConfig
from ls_dvc.labels.media import MediaEntry, MediaFile, TaskMedia

SIZE = (32, 24)
RELATION = "relation"

_BOX: Mapping[str, Any] = {"x": 25, "y": 25, "width": 37.5, "height": 25, "rotation": 0}
_CORNERS: list[list[float]] = [[25, 25], [62.5, 25], [62.5, 50]]
_VERTICES = [
    {"x": x, "y": y, "id": f"v{n}", "isBezier": False} for n, (x, y) in enumerate(_CORNERS)
]
_FRAME: Mapping[str, Any] = {**_BOX, "frame": 1, "time": 0.04, "enabled": True}
_MASK = [0, 0, 12, 0, 57, 27, 255, 3, 31, 0, 197, 255, 249, 60, 3, 23, 255, 228, 240, 12, 95, 255]
_MASK += [147, 192, 49, 127, 254, 79, 0, 197, 255, 249, 60, 3, 23, 255, 240, 98, 240, 0]
_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAYCAAAAAC+OKDoAAAAH0lEQVR42mNgGA6AEcb4j02QgYGBiZAJg0HBKBg8"
    "AABh0gEMTNvEpAAAAABJRU5ErkJggg=="
)

# What is drawn on an image. The mask and the PNG are the same 12 by 6 pixels as the box.
_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "Rectangle": _BOX,
    "Polygon": {"points": _CORNERS, "closed": True},
    "Ellipse": {"x": 50, "y": 50, "radiusX": 12.5, "radiusY": 12.5, "rotation": 0},
    "KeyPoint": {"x": 50, "y": 37.5, "width": 1},
    "Brush": {"format": "rle", "rle": _MASK},
    "MagicWand": {"format": "rle", "rle": _MASK},
    "Bitmask": {"imageDataURL": f"data:image/png;base64,{_PNG}"},
    "Vector": {"vertices": _VERTICES, "closed": False},
}

_GEOMETRY: Mapping[str, Mapping[str, Any]] = {
    **_SHAPES,
    "Ocr": _BOX,
    "HyperText": {
        "start": "/p[1]/text()[1]",
        "end": "/p[1]/text()[1]",
        "startOffset": 0,
        "endOffset": 4,
        "globalOffsets": {"start": 0, "end": 4},
        "text": "Anna",
    },
    "Paragraph": {"start": "0", "end": "0", "startOffset": 0, "endOffset": 5, "text": "Hello"},
    "TimeSeries": {"start": 1, "end": 2, "instant": False},
    "Timeline": {"ranges": [{"start": 1, "end": 5}]},
    "VideoRectangle": {"framesCount": 25, "duration": 1.0, "sequence": [_FRAME]},
    "VideoVector": {
        "framesCount": 25,
        "duration": 1.0,
        "sequence": [{"frame": 1, "time": 0.04, "enabled": True, "vertices": _VERTICES}],
    },
}

# What the tag Labels marks, by the object that it lies on.
_SPANS: Mapping[str, Mapping[str, Any]] = {
    "Text": {"start": 0, "end": 4, "text": "Anna"},
    "HyperText": _GEOMETRY["HyperText"],
    "Paragraphs": _GEOMETRY["Paragraph"],
    "Audio": {"start": 0.5, "end": 1.5, "channel": 0},
    "AudioPlus": {"start": 0.5, "end": 1.5, "channel": 0},
    "TimeSeries": _GEOMETRY["TimeSeries"],
}

_ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "TextArea": {"text": ["Hello"]},
    "Rating": {"rating": 4},
    "Number": {"number": 7},
    "DateTime": {"datetime": "2026-03-01"},
    "Pairwise": {"selected": "left"},
    "ChatMessage": {"chatmessage": {"role": "user", "content": "Hello"}},
}

_DATA: Mapping[str, Any] = {
    "Image": "https://example.com/picture.jpg",
    "Text": "Anna lives in Paris",
    "HyperText": "<p>Anna lives in Paris</p>",
    "Paragraphs": [{"author": "Anna", "text": "Hello"}],
    "Audio": "https://example.com/speech.wav",
    "AudioPlus": "https://example.com/speech.wav",
    "Video": "https://example.com/film.mp4",
    "TimeSeries": "https://example.com/series.csv",
    "List": [{"id": "a", "title": "First"}, {"id": "b", "title": "Second"}],
}

_FILES: Mapping[str, MediaFile] = {
    tag: MediaFile("0" * 32, "0" * 64, 1, kind, *(SIZE if tag == "Image" else ()))
    for tag, kind in {"Image": "image/jpeg", "Audio": "audio/wav", "Video": "video/mp4"}.items()
}
# What the addresses of the sample task lead to where media come along.
MEDIA: TaskMedia = {
    _DATA[tag]: MediaEntry(1, "", None, _DATA[tag], file) for tag, file in _FILES.items()
}


def regions(control: Control, config: LabelConfig) -> list[Region]:
    """A region of `control`, followed by those that belong to it; empty when it draws none.

    To a shape without labels belong its labels, if the config has Labels for it; to a key point the
    box that it is a part of; to a segment of a recording its transcript.
    """
    value = _value(control, config)
    if value is None:
        return []
    samples = [_region(control, config, value)]
    labels = _companion(control, config, ("Labels",))
    if control.tag in _SHAPES and labels:
        samples.append(_region(labels, config, {**value, "labels": [_label(labels)]}))
    text_area = _companion(control, config, ("TextArea",))
    if control.tag == "Labels" and text_area and config.space_of(control).startswith("audio"):
        samples.append(_region(text_area, config, {**_SPANS["Audio"], **_ANSWERS["TextArea"]}))
    rectangle = _companion(control, config, ("RectangleLabels",))
    if control.tag.startswith("KeyPoint") and rectangle:
        box = _region(rectangle, config, {**_BOX, "rectanglelabels": [_label(rectangle)]})
        samples = [{**sample, "parentID": "whole"} for sample in samples]
        samples.append({**box, "id": "whole"})
    return samples


def names_of_controls(config: LabelConfig) -> list[str]:
    """The controls as the regions call them; of a Repeater those for the first item."""
    return [_for_first_item(each, each.name) for each in config.controls.values()]


def relation(config: LabelConfig) -> list[Region]:
    """A relation, followed by the regions that it connects; empty when no control draws any."""
    for control in config.controls.values():
        if control.draws_regions and (samples := regions(control, config)):
            ends = [{**samples[0], "id": name} for name in ("one", "two")]
            arrow = {"type": RELATION, "from_id": "one", "to_id": "two", "direction": "right"}
            return [arrow, *ends]
    return []


def task(result: Sequence[Region], config: LabelConfig) -> Task:
    """A canonical task with one annotation that holds these regions."""
    data = sample_data(config, _DATA)
    created_at = "2026-03-01T10:00:00Z"
    annotation = {"id": 1, "completed_by": 1, "created_at": created_at, "result": [*result]}
    return {"id": 1, "data": data, "annotations": [annotation], "predictions": []}


def _region(control: Control, config: LabelConfig, value: Mapping[str, Any]) -> dict[str, Any]:
    name = _for_first_item(control, control.name)
    to_name = name if control.tag == "Pairwise" else _for_first_item(control, control.objects[0])
    has_size = config.space_of(control) in ("image", "video")
    size = {"original_width": SIZE[0], "original_height": SIZE[1]} if has_size else {}
    names = {"from_name": name, "to_name": to_name, "type": control.tag.lower()}
    return {"id": "sample", **names, **size, "origin": "manual", "value": dict(value)}


def _for_first_item(control: Control, name: str) -> str:
    """A name of a control or of its object, as it is for the first item of a Repeater."""
    return control.repetition.fill(name, (0,) * len(control.repetition.lists))


def _value(control: Control, config: LabelConfig) -> Mapping[str, Any] | None:
    """A value as `control` stores it; None for labels of shapes where no control draws shapes."""
    tag, kind, names = control.tag, control.tag.lower(), [_label(control)]
    if tag in ("Choices", "Taxonomy"):
        return {kind: names if tag == "Choices" else [names]}
    if tag == "Ranker":
        return {"ranker": {control.name: ["a", "b"]}}
    if tag == "Labels":
        geometry = _SPANS.get(_object_tag(control, config)) or _shape(control, config)
        return {**geometry, "labels": names} if geometry else None
    if tag.startswith("Video"):
        return {**_GEOMETRY[tag.removesuffix("Labels")], "labels": _video_labels(control, config)}
    if tag in _GEOMETRY or tag in _ANSWERS:
        return {**_GEOMETRY, **_ANSWERS}[tag]
    return {**_GEOMETRY.get(tag.removesuffix("Labels"), {}), kind: names}


def _shape(labels: Control, config: LabelConfig) -> Mapping[str, Any]:
    drawing = _companion(labels, config, tuple(_SHAPES))
    return _SHAPES[drawing.tag] if drawing else {}


def _video_labels(control: Control, config: LabelConfig) -> list[str]:
    naming = _companion(control, config, ("Labels",))
    return [_label(naming or control)]


def _companion(control: Control, config: LabelConfig, tags: Sequence[str]) -> Control | None:
    """The first control with one of `tags` that labels the same object."""
    for other in config.controls.values():
        if other is not control and other.tag in tags and other.objects == control.objects:
            return other
    return None


def _label(control: Control) -> str:
    return control.labels[0] if control.labels else "something"


def _object_tag(control: Control, config: LabelConfig) -> str:
    labeled = config.object_named(control.objects[0])
    return labeled.tag if labeled else ""


# --- the whole table


@dataclass(frozen=True)
class SampleRegion:
    """A control in a project that has what goes with it; `control` is its name, or RELATION."""

    control: str
    config: str


_ALSO = ("Choices", "TextArea")
_LABELING: Mapping[str, Sequence[str]] = {
    "Image": (
        *("RectangleLabels", "PolygonLabels", "EllipseLabels", "BrushLabels", "BitmaskLabels"),
        *("KeyPointLabels", "VectorLabels", "OcrLabels", *_ALSO),
    ),
    "Text": ("Labels", *_ALSO, "Taxonomy", "Rating", "Number", "DateTime"),
    "HyperText": ("HyperTextLabels",),
    "Paragraphs": ("ParagraphLabels",),
    "Audio": ("Labels", *_ALSO),
    "TimeSeries": ("TimeSeriesLabels",),
    "Video": ("TimelineLabels", "VideoVectorLabels"),
    "List": ("Ranker",),
}
_WITHOUT_LABELS = {
    "Image": tuple(each for each in _SHAPES if each != "MagicWand"),
    "Video": ("VideoRectangle", "VideoVector"),
}
_LABELS = {"KeyPointLabels": "Nose", "TimelineLabels": "Walking", "TimeSeriesLabels": "Walking"}


def every_control() -> Iterator[SampleRegion]:
    """Every control on the objects where it makes a difference."""
    for shown, tags in _LABELING.items():
        config = _config([(shown, "shown")], tags)
        yield from (SampleRegion(tag, config) for tag in tags)
        if shown in ("Image", "Text"):
            yield SampleRegion(RELATION, config)
        for tag in _WITHOUT_LABELS.get(shown, ()):
            body = ("RectangleLabels", "KeyPointLabels") if shown == "Image" else ()
            yield SampleRegion(tag, _config([(shown, "shown")], (*body, "Labels", tag)))
    yield SampleRegion("Pairwise", _config([("Text", "left"), ("Text", "right")], ("Pairwise",)))


def _config(objects: Sequence[tuple[str, str]], tags: Sequence[str]) -> str:
    shown = "".join(f'<{tag} name="{name}" value="${name}"/>' for tag, name in objects)
    names = ",".join(name for _, name in objects)
    return f"<View>{shown}{''.join(_tag(each, names) for each in tags)}</View>"


def _tag(tag: str, objects: str) -> str:
    child = "Label" if tag.endswith("Labels") else "Choice"
    has = tag.endswith("Labels") or tag in ("Choices", "Taxonomy")
    inside = f'<{child} value="{_LABELS.get(tag, "Person")}"/>' if has else ""
    return f'<{tag} name="{tag}" toName="{objects}">{inside}</{tag}>'
