"""Small labeled projects as a server exports them, made by hand, and ways to vary them.

Coordinates are Label Studio's: percent of the image, xywh, rotation clockwise in degrees.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from ls_dvc.convert import encode
from ls_dvc.convert.encode import EncodedShard
from ls_dvc.convert.label_counts import LabelCounts
from ls_dvc.convert.ledger import Ledger, LedgerEntry
from ls_dvc.formats.interface import FormatContext
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical, label_config
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.labels.policy import LATEST, Policy
from ls_dvc.snapshot.counts import SnapshotCounts
from support import trainer_rules

Raw = dict[str, Any]
Percent = float
SIZE = (640, 480)  # of the pictures, in pixels; not square, so that a mixed up axis shows

SHAPES = """<View><Image name="image" value="$image"/>
<RectangleLabels name="box" toName="image">
  <Label value="Car"/><Label value="Dog"/></RectangleLabels>
<PolygonLabels name="area" toName="image"><Label value="Road"/><Label value="Car"/></PolygonLabels>
<BrushLabels name="mask" toName="image"><Label value="Sky"/></BrushLabels>
<Choices name="weather" toName="image"><Choice value="Sun"/><Choice value="Rain"/></Choices>
<TextArea name="note" toName="image"/></View>"""

PAIRS = """<View><Image name="image" value="$image"/>
<Labels name="kind" toName="image"><Label value="Car"/><Label value="Road"/></Labels>
<Rectangle name="rect" toName="image"/><Polygon name="poly" toName="image"/>
<Ellipse name="oval" toName="image"/></View>"""

PAGES = """<View><Image name="image" valueList="$pages"/>
<RectangleLabels name="box" toName="image"><Label value="Car"/></RectangleLabels></View>"""

TWO_VIEWS = """<View><Image name="left" value="$left"/><Image name="right" value="$right"/>
<RectangleLabels name="a" toName="left"><Label value="Car"/></RectangleLabels>
<RectangleLabels name="b" toName="right"><Label value="Dog"/></RectangleLabels></View>"""

TEXT = """<View><Text name="text" value="$text"/>
<Labels name="ner" toName="text"><Label value="PER"/><Label value="ORG"/></Labels>
<Choices name="tone" toName="text"><Choice value="Good"/><Choice value="Bad"/></Choices></View>"""

PICTURES = ("COCO", "YOLO")
ROWS = ("JSON_MIN", "CSV", "TSV")
FLAT = ("JSONL", "PARQUET")
BOXES = (
    "JSON_MIN",
    "CSV",
    "TSV",
    "COCO",
    "YOLO",
    "YOLO_SEG",
    "YOLO_OBB",
    "VOC",
)  # a box is written, a relation is not


# --- making exports


def region(kind: str, value: Any, **fields: Any) -> Raw:
    """An entry of `result`, on an image of SIZE."""
    made = {
        "id": "r1",
        "type": kind,
        "from_name": "box",
        "to_name": "image",
        "original_width": SIZE[0],
        "original_height": SIZE[1],
        "image_rotation": 0,
        "origin": "manual",
        "value": value,
    }
    return {key: each for key, each in {**made, **fields}.items() if each is not ...}


def box(  # noqa: PLR0913, RUF100
    x: Any, y: Any, width: Any, height: Any, *labels: Any, rotation: Any = 0, **fields: Any
) -> Raw:
    value = {"x": x, "y": y, "width": width, "height": height, "rotation": rotation}
    return region(
        "rectanglelabels", {**value, "rectanglelabels": list(labels or ("Car",))}, **fields
    )


def polygon(points: Any, *labels: str, **fields: Any) -> Raw:
    value = {"points": points, "closed": True, "polygonlabels": list(labels or ("Road",))}
    return region("polygonlabels", value, **{"from_name": "area", **fields})


def rle(width: int, height: int, alpha: int = 255, blank: int = 0) -> list[int]:
    """The run-length code of a mask that is the same everywhere but in some `blank` at its end."""
    left, bits = width * height * 4, f"{width * height * 4:032b}001110010001101111111"
    while left:
        count = min(left, 2**16)
        value = alpha if left > blank else 0
        bits, left = f"{bits}111{count - 1:016b}{value:08b}", left - count
    return [int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8)]


def rle_of_all(pixels: Sequence[str]) -> list[int]:
    """The run-length code of a mask without runs; each of `pixels` is eight bits."""
    bits = [f"{4 * len(pixels):032b}001110010001101111111"]
    for at in range(0, len(pixels), 2**14):
        part = pixels[at : at + 2**14]
        bits.append(f"011{4 * len(part) - 1:016b}{''.join(4 * each for each in part)}")
    whole = "".join(bits)
    whole += "0" * (-len(whole) % 8)
    return list(int(whole, 2).to_bytes(len(whole) // 8, "big"))


def choice(*names: str, control: str = "weather", **fields: Any) -> Raw:
    return region("choices", {"choices": list(names)}, **{"from_name": control, **fields})


def relation(start: str, end: str) -> Raw:
    return {"type": "relation", "from_id": start, "to_id": end, "direction": "right", "labels": []}


def annotation(*regions: Any, number: int = 0, **fields: Any) -> Raw:
    return {
        "id": number,
        "completed_by": {"id": 7, "email": "someone@example.com"},
        "result": list(regions),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": f"2026-03-01T10:00:{number % 60:02d}.123456Z",
        "updated_at": "2026-03-02T00:00:00.000001Z",
        "draft_created_at": None,
        "lead_time": 4.5,
        "prediction": {},
        "result_count": len(regions),
        "unique_id": "00000000-0000-4000-8000-000000000000",
        "import_id": None,
        "last_action": None,
        **fields,
    }


def task(number: int, *annotations: Raw, data: Any = ..., **fields: Any) -> Raw:
    """A task as an export snapshot has it. Annotations without an id get one in order."""
    numbered = [
        {**each, "id": each["id"] or number * 10 + place} for place, each in enumerate(annotations)
    ]
    return {
        "id": number,
        "inner_id": number,
        "data": {"image": f"/data/upload/1/{number:08x}-pic{number}.jpg"} if data is ... else data,
        "meta": {},
        "created_at": "2026-02-28T09:00:00.000000Z",
        "updated_at": "2026-03-05T09:00:00.000000Z",
        "annotations": numbered,
        "predictions": [],
        "drafts": [],
        "total_annotations": len(annotations),
        "cancelled_annotations": 0,
        "comment_authors": [],
        "project": 1,
        "updated_by": 7,
        **fields,
    }


def boxed(number: int, *regions: Any, **fields: Any) -> Raw:
    """A task with one annotation."""
    return task(number, annotation(*regions), **fields)


def showcase() -> list[Raw]:
    """Tasks in every state, shapes of every kind, names that collide, text of all planes."""
    emoji = {
        "image": "https://e.com/a/caf%C3%A9%20%F0%9F%98%80.png?X-Sig=1#f",
        "note": 'é\t\n"x" 😀',
    }
    return [
        boxed(1, box(10, 20, 30, 40), box(50, 50, 10, 20, "Dog", rotation=33.3, id="r2")),
        boxed(2, polygon([[10, 10], [60.5, 12], [40, 70.25]]), choice("Sun", id="c1")),
        boxed(3, data={"image": "s3://bucket/x/same.jpg", "id": "mine", "weather": "told"}),
        boxed(4, box(1, 2, 3, 4), data={"image": "s3://bucket/y/same.jpg", "big": 2**63 + 1}),
        boxed(5, box(5, 5, 5, 5, "Car", "Dog"), data={"image": "s3://bucket/z/SAME.png"}),
        task(6),
        task(7, annotation(was_cancelled=True)),
        task(8, annotation(box(1, 1, 9, 9)), annotation(box(2, 2, 8, 8, "Dog"), number=85)),
        boxed(
            1009,
            box(0, 0, 100, 100),
            data=emoji,
            predictions=[{"id": 3, "result": [box(1, 1, 2, 2)]}],
        ),
        boxed(2010, box(10, 10, 5, 5), box(20, 20, 5, 5, id="r2"), relation("r1", "r2")),
        boxed(2011, region("brushlabels", {"format": "rle", "rle": [1], "brushlabels": ["Sky"]})),
    ]


# --- converting them


@dataclass(frozen=True)
class Output:
    """The files of a format by path, and the account of it."""

    files: Mapping[str, bytes]
    ledger: Ledger
    card: str = ""  # for `load_dataset`; not among the files
    pictures: Mapping[str, MediaFile] = field(default_factory=dict)  # not among the files, too

    def text(self, path: str) -> str:
        return self.files[path].decode()

    def json(self, path: str = "result.json") -> Any:
        return json.loads(self.files[path])

    @property
    def reasons(self) -> list[tuple[int, str | None, str]]:
        """(task, region or None for the task itself, reason) of everything not written."""
        return [(each.task, each.region, each.reason.value) for each in self.ledger.entries]


def about(
    config: str,
    tasks: Iterable[Task],
    classes: Classes | None = None,
    policy: Policy = LATEST,
    *,
    sharded: bool = False,
) -> FormatContext:
    parsed = label_config.parse(config, "the config")
    known = classes or Classes().extended(parsed.classes())
    return replace(
        encode.context_of(config, known, SnapshotCounts.of(tasks), policy), sharded=sharded
    )


def convert(
    fmt: str,
    raw: Sequence[Raw],
    config: str = SHAPES,
    classes: Classes | None = None,
    policy: Policy = LATEST,
    *,
    sharded: bool = False,
    media: Iterable[MediaEntry] | None = None,
) -> Output:
    """What `fmt` makes of an export; every task goes through the canonical form and its bytes.

    `media` are the entries of the map, None where media are off.
    """
    known = None if media is None else {each.address: each for each in media}
    lines = [canonical_json.line(canonical.task(each)) for each in raw]
    lines.sort(key=lambda each: json.loads(each)["id"])
    tasks = [json.loads(each) for each in lines]
    ledger, files = Ledger(), dict[str, bytes]()
    writer, project = FORMATS[fmt], about(config, tasks, classes, policy, sharded=sharded)

    def parts(here: FormatContext) -> list[EncodedShard]:
        some, quick = (lines[:2], lines[2:]), FORMATS[fmt].FAST_PATH
        here = replace(here, media=known)
        return [encode.encode_shard(each, policy, writer, here, quick) for each in some]

    chunks = encode.convert(parts, writer, project, LabelCounts(), ledger)
    pictures = dict[str, MediaFile]()
    for chunk in chunks:
        path = f"{chunk.archive}/{chunk.path}" if chunk.archive else chunk.path
        if chunk.file is not None:
            assert path not in {*pictures, *files}
            pictures[path] = chunk.file
            continue
        last = chunk.task is None or path not in list(files)[:-1]
        assert last, "the chunks of a task's file must follow each other"
        files[path] = files.get(path, b"") + chunk.data
    card = files.pop("README.md", b"").decode()
    if fmt in trainer_rules.TASKS:
        trainer_rules.hold(fmt, {**files, **dict.fromkeys(pictures, b"")})
    return Output(files, ledger, card, pictures)


def dropped(fmt: str, *regions: Any, config: str = SHAPES, **fields: Any) -> list[LedgerEntry]:
    """What is not written of a task with these regions."""
    return convert(fmt, [boxed(1, *regions, **fields)], config).ledger.entries


# --- strategies: what can be stored, and what should not have been

NUMBERS = st.one_of(
    st.floats(-50, 150),
    st.integers(-1, 101),
    st.sampled_from([0, 100, 1e-9, 1e308, -1e308, 2**63, 10**400, 5e-324]),
)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=4),
    st.sampled_from([float("nan"), float("inf"), "12", "\ud800", [], {}, [1], {"a": {}}, 2**64]),
    st.recursive(
        st.none(),
        lambda each: st.lists(each, max_size=2) | st.dictionaries(st.text(), each),
        max_leaves=4,
    ),
)
LABELS = st.lists(st.sampled_from(["Car", "Dog", "Road", "Sky", "Gone", ""]) | JUNK, max_size=3)
MASKS = st.sampled_from([rle(640, 480), rle(640, 480, 0), rle(1, 1), rle(1, 480)[:-2], [1, 2]])
KINDS = st.sampled_from(
    [
        *("rectanglelabels", "polygonlabels", "labels", "rectangle", "polygon") * 3,
        *("brushlabels", "choices", "textarea", "ellipselabels", "keypointlabels", "relation"),
        *("taxonomy", "rating", "who knows"),
    ]
)


def _mostly(strategy: st.SearchStrategy[Any], times: int = 9) -> st.SearchStrategy[Any]:
    """Junk once in a while. (`one_of` would see through JUNK and count each of its kinds.)"""
    return st.sampled_from([*[strategy] * times, JUNK]).flatmap(lambda each: each)


VALUES = st.fixed_dictionaries(
    {},
    optional={
        **{key: _mostly(NUMBERS) for key in ("x", "y", "width", "height", "rotation")},
        "points": _mostly(st.lists(_mostly(st.lists(_mostly(NUMBERS), max_size=3)), max_size=5)),
        **{
            key: _mostly(LABELS)
            for key in ("rectanglelabels", "polygonlabels", "labels", "choices", "text")
        },
        "brushlabels": _mostly(LABELS),
        "rle": _mostly(MASKS),
    },
)
REGIONS = _mostly(
    st.fixed_dictionaries(
        {},
        optional={
            "id": _mostly(st.sampled_from(["r1", "r2", "r3"])),
            "type": _mostly(KINDS),
            "from_name": _mostly(
                st.sampled_from(["box", "area", "weather", "id", "gone", "data.id"])
            ),
            "to_name": _mostly(st.sampled_from(["image", "left", "text", "gone"])),
            "original_width": _mostly(st.sampled_from([640, 1, 0, 33.5])),
            "original_height": _mostly(st.sampled_from([480, 1, -3])),
            "item_index": _mostly(st.integers(-1, 2)),
            "value": _mostly(VALUES),
        },
    )
)
GOOD_REGIONS = st.one_of(
    st.builds(
        box,
        *[st.floats(-20, 120), st.floats(-20, 120), st.floats(0.001, 90), st.floats(0.001, 90)],
        st.sampled_from(["Car", "Dog"]),
        rotation=st.sampled_from([0, 0, 90, 360]) | st.floats(-400, 400),
        id=st.sampled_from(["r1", "r2", "r3"]),
    ),
    st.builds(
        polygon,
        st.lists(st.lists(st.floats(-20, 120), min_size=2, max_size=2), min_size=3, max_size=6),
    ),
    st.builds(choice, st.sampled_from(["Sun", "Rain"])),
)
ADDRESSES = st.one_of(
    st.sampled_from(
        ["a.jpg", "/x/a.jpg", "A.png", "https://e.com/d/a.jpg?q=1", "data:image/png;base64,AA"]
    ),
    st.text(max_size=20),
    st.integers(250, 400).map(lambda size: "é" * size + ".jpeg"),
)
DATA = st.fixed_dictionaries(
    {key: _mostly(ADDRESSES) for key in ("image", "left")},
    optional={
        "pages": _mostly(st.lists(_mostly(st.sampled_from(["p1.jpg", "p2.jpg"])), max_size=3)),
        **{
            key: _mostly(ADDRESSES)
            for key in ("right", "id", "data.id", "data.data.id", "box", "control.id", "\ud800")
        },
    },
)


@st.composite
def exports(draw: st.DrawFn) -> list[Raw]:
    """Up to four tasks of any goodness, some with several annotations, some skipped."""
    regions = draw(st.sampled_from([REGIONS, GOOD_REGIONS, REGIONS | GOOD_REGIONS]))
    results = _mostly(st.lists(regions, max_size=4), 20)
    made = []
    for number in draw(st.lists(st.integers(1, 3000), max_size=4, unique=True)):
        annotations = [
            annotation(
                number=number * 10 + place,
                was_cancelled=draw(st.sampled_from([False, False, False, True])),
                result=result,
            )
            for place, result in enumerate(draw(st.lists(results, max_size=3)))
        ]
        predicted = draw(st.lists(st.builds(_prediction, results), max_size=1))
        data = draw(_mostly(DATA, 20))
        made.append(task(number, *annotations, data=data, predictions=predicted))
    return made


def _prediction(result: Any) -> Raw:
    return {"id": 1, "result": result}
