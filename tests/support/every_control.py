"""Random projects with every control, and data sets made of them."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

import pyarrow.parquet
from hypothesis import HealthCheck
from hypothesis import strategies as st

from ls_dvc.errors import LsDvcError
from ls_dvc.formats import sample_regions
from ls_dvc.formats.interface import FormatContext
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical, label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.label_config import Control, LabelConfig
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.labels.media import lines as media_lines
from ls_dvc.labels.policy import LATEST, Filter, Policy, Split
from ls_dvc.labels.shards import start_of
from ls_dvc.snapshot import media_map, snapshot_folder
from ls_dvc.snapshot.manifest import SnapshotFile, shard
from ls_dvc.snapshot.media_map import MediaTotals
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from support import media_files, projects
from support.projects import Raw, annotation, task

Files = Mapping[str, bytes]


class Tool(NamedTuple):
    """A control: its tag, name and labels."""

    tag: str
    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Screen:
    """An object, the data key that it shows (a list of it, where `listed`), and its controls."""

    tag: str
    name: str
    key: str
    listed: bool
    tools: tuple[Tool, ...]

    def xml(self) -> str:
        shows = f"{'valueList' if self.listed else 'value'}={quoteattr(f'${self.key}')}"
        tools = "".join(_control(each, self.name) for each in self.tools)
        return f"<{self.tag} name={quoteattr(self.name)} {shows}/>{tools}"


@dataclass(frozen=True)
class Case:
    """A label config and what becomes of it later, tasks as a server exports them, settings."""

    screens: tuple[Screen, ...]
    later: tuple[Screen, ...]
    raw: list[Raw]
    policy: Policy = LATEST
    media: Mapping[str, MediaEntry] | None = None  # by address; None where media are off

    @property
    def config(self) -> str:
        return view(self.screens)


def view(screens: Iterable[Screen]) -> str:
    """The label config; the first two texts are compared where there are two."""
    screens = list(screens)
    texts = [each.name for each in screens if each.tag == "Text"]
    pair = f'<Pairwise name="pair" toName={quoteattr(",".join(texts[:2]))}/>'
    shown = "".join(each.xml() for each in screens)
    return f"<View>{shown}{pair if len(texts) > 1 else ''}</View>"


def _control(tool: Tool, shown: str) -> str:
    child = "Label" if tool.tag.endswith("Labels") else "Choice"
    inside = "".join(f"<{child} value={quoteattr(each)}/>" for each in tool.labels)
    names = f"name={quoteattr(tool.name)} toName={quoteattr(shown)}"
    return f"<{tool.tag} {names}>{inside}</{tool.tag}>"


def tools() -> dict[str, list[str]]:
    """The tags of the controls that there are samples of, by the tag of what they label."""
    found: dict[str, list[str]] = {"Image": ["MagicWand"]}
    for sample in sample_regions.every_control():
        config = label_config.parse(sample.config, "the sample")
        for control in config.controls.values():
            tags = found.setdefault(config.objects[control.objects[0]].tag, [])
            tags += [control.tag] if control.tag not in (*tags, "Pairwise") else []
    return found


TOOLS = tools()


USUAL = {"Image": ("RectangleLabels", "Labels"), "Text": ("Labels",), "Audio": ("TextArea",)}


ODD_NAMES = ["id", "annotator", "data.id", "control.id", "Ünïcode", "two words", "e\u0301", "é"]


ODD_LABELS = [
    *("Car", "car", "CAR", "Ca r", "Ca  r", "a/b", "a-b", "..", "CON", "nul.txt", " ", "0", "-"),
    *("é", "e\u0301", "İ", "ß", "ss", "ΐ", "Ϊ\u0301", "😀", "𝔄\U000e0001", "\u2028", "\x85", "B|I"),
    *(
        "\"<&>'",
        "Line\nbreak",
        "Tab\there",
        "x" * 300,
        "名" * 100,
        "\u202e\ufeff",
        "{a: b}",
        "null",
    ),
]


IN_XML = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", max_codepoint=0x10FFFD
)


LABELS = st.sampled_from(ODD_LABELS) | st.text(IN_XML, min_size=1, max_size=5)


@st.composite
def screens(draw: st.DrawFn) -> tuple[Screen, ...]:
    """One to four objects with one to four controls each; names unique, as the server wants."""
    first = draw(st.sampled_from(["Image", "Image", "Text", "Audio", *TOOLS]))
    tags = [first, *draw(st.lists(st.sampled_from([*TOOLS]), max_size=3))]
    odd = draw(st.permutations(ODD_NAMES))
    names, keys = iter([*odd[:3], *(f"tool {n}" for n in range(32))]), odd[::-1]
    made = []
    for place, tag in enumerate(tags):
        some = draw(st.permutations(TOOLS[tag]))[: draw(st.sampled_from([4, 2, 1, 8]))]
        found = list(dict.fromkeys([*USUAL.get(tag, ()), *some]))
        listed = tag == "Image" and seldom(draw)
        controls = tuple(Tool(each, next(names), draw(labels_of(each))) for each in found)
        made.append(Screen(tag, f"shown {place}", keys[place], listed, controls))
    return tuple(made)


def labels_of(tag: str) -> st.SearchStrategy[tuple[str, ...]]:
    some = st.lists(LABELS, min_size=1, max_size=3, unique=True).map(tuple)
    return some if has_labels(tag) else st.just(())


def has_labels(tag: str) -> bool:
    return tag.endswith("Labels") or tag in ("Choices", "Taxonomy")


@st.composite
def grown(draw: st.DrawFn, before: tuple[Screen, ...]) -> tuple[Screen, ...]:
    """The same with new labels in front of the old ones, and some screens in another order."""
    more = st.lists(LABELS, max_size=2, unique=True)
    return tuple(
        replace(
            screen,
            tools=tuple(
                each._replace(labels=tuple(dict.fromkeys([*draw(more), *each.labels])))
                if each.labels
                else each
                for each in screen.tools
            ),
        )
        for screen in draw(st.permutations(before))
    )


def seldom(draw: st.DrawFn, odds: int = 5) -> bool:
    return draw(st.integers(0, odds)) == odds


TEXTS = st.sampled_from(
    [
        "Anna lives in Paris",
        "😀 Anna\r\nlives\tin 𝔄 Paris. Can't!",
        "e\u0301e\u0301 \u200b\u2028x \x85 -X- _ B-PER",
        " ",
        "https://example.com/a.txt",
        "half \ud800",
    ]
) | st.text(max_size=12)


ADDRESSES = projects.ADDRESSES | st.sampled_from(
    [
        *("s3://b/con.jpg", "ΐ.jpg", "Ϊ\u0301.jpg", "é.png", "e\u0301.png", "İ.jpg", "i\u0307.jpg"),
        *(
            "a-1.jpg",
            "a-1001.jpg",
            "a.txt",
            ".",
            "x/..",
            "😀" * 90,
            "\u202egpj.exe",
            "a\x7f\x00.jpg",
        ),
    ]
)


SHOWN: Mapping[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("Text", "HyperText"), TEXTS),
    "Paragraphs": st.lists(st.fixed_dictionaries({"author": TEXTS, "text": TEXTS}), max_size=2),
    "List": st.lists(st.fixed_dictionaries({"id": TEXTS, "title": TEXTS}), max_size=2),
}


ODD_IDS = ["", 'é"', "\n,", "😀", "#0", " "]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A project with up to four tasks, some of which one archive holds together."""
    before = draw(screens())
    config = label_config.parse(view(before), "the config")
    numbers = draw(st.permutations([1, 2, 999, 1000, 1001, 2**40]))[: draw(st.integers(0, 4))]
    raw = [_task(draw, number, before, config) for number in numbers]
    media = _media(draw, raw) if draw(st.booleans()) else None
    return Case(before, draw(grown(before)), raw, draw(policies(config, before)), media)


def _media(draw: st.DrawFn, raw: list[Raw]) -> Mapping[str, MediaEntry]:
    """What each address led to: mostly a file, sometimes nothing, and some are not in the map."""
    shown = [value for each in raw for value in each["data"].values()]
    items = [item for each in shown for item in (each if isinstance(each, list) else [each])]
    addresses = dict.fromkeys(item for item in items if isinstance(item, str))
    return {each: draw(ENTRIES).at(each) for each in addresses if not seldom(draw)}


class Led(NamedTuple):
    """What an address led to: a file, or the reason why there is none."""

    found: MediaFile | str

    def at(self, address: str) -> MediaEntry:
        return media_files.at(address, self.found)


MIMES = st.sampled_from(
    [
        *("image/jpeg", "image/png", "image/jpeg", "image/png", "image/jpeg", "image/gif"),
        *("image/webp", "image/svg+xml", "application/pdf", "text/plain", "audio/wav"),
        *("video/mp4", "application/octet-stream"),
    ]
)
PIXELS = st.sampled_from(
    [*[sample_regions.SIZE] * 4, projects.SIZE, (30, 40), (1, 1), (None, None)]
)
CONTENTS = st.sampled_from(media_files.CONTENTS)
ENTRIES = st.builds(
    Led, st.builds(media_files.media_file, CONTENTS, MIMES, PIXELS) | st.just("not-found")
)


def _task(draw: st.DrawFn, number: int, before: tuple[Screen, ...], config: LabelConfig) -> Raw:
    data = {each.key: _shown(draw, each) for each in before if not seldom(draw, 15)}
    data |= {"duration": 3.5} if seldom(draw) else {}
    ids = (f"{number}-{place}{draw(st.sampled_from(ODD_IDS))}" for place in itertools.count())
    first = number * 10
    annotations = [
        annotation(
            number=first + place,
            result=_result(draw, config, data, ids),
            was_cancelled=seldom(draw),
            ground_truth=seldom(draw, 3),
        )
        for place in range(draw(st.sampled_from([1, 1, 1, 1, 2, 3, 0])))
    ]
    predictions = [
        {"id": first + place, "score": place / 2, "result": _result(draw, config, data, ids)}
        for place in range(draw(st.sampled_from([0, 0, 1, 2])))
    ]
    return task(number, *annotations, data=data, predictions=predictions)


def _shown(draw: st.DrawFn, screen: Screen) -> Any:
    strategy = SHOWN.get(screen.tag, ADDRESSES)
    if seldom(draw, 15):
        return draw(projects.JUNK)
    return draw(st.lists(strategy, max_size=3) if screen.listed else strategy)


def _result(draw: st.DrawFn, config: LabelConfig, data: Raw, ids: Iterator[str]) -> list[Any]:
    """What an annotator may have made, an arrow between two of it, and what some tool left."""
    controls = [*config.controls.values()]
    count = draw(st.sampled_from([1, 2, 3, 4, 0]))
    chosen = [draw(st.sampled_from(controls)) for _ in range(count)]
    found = [each for control in chosen for each in _made(draw, control, config, data, ids)]
    if len(found) > 1 and seldom(draw, 3):
        found.append(projects.relation(found[0]["id"], found[-1]["id"]))
    if seldom(draw, 12):
        found.append(draw(projects.JUNK | st.just({"id": next(ids), "type": "choices"})))
    return found


def _made(
    draw: st.DrawFn, control: Control, config: LabelConfig, data: Raw, ids: Iterator[str]
) -> list[Raw]:
    """The sample of a control, with other labels, in another place, and what was said of it."""
    found: list[Raw] = json.loads(canonical_json.text(sample_regions.regions(control, config)))
    names = {each["id"]: next(ids) for each in found}
    edits = draw(EDITS) if seldom(draw, 1) else {}
    for each in found:
        each["id"] = names[each["id"]]
        each |= {"parentID": names["whole"]} if "parentID" in each else {}
        each["value"] |= {key: edits[key] for key in edits.keys() & each["value"].keys()}
        each |= {key: edits[key] for key in edits.keys() & FIELDS}
        _relabel(draw, each, config)
    _mark_text(draw, found, config, data)
    beside = [e for e in config.controls.values() if e.objects == control.objects]
    asked = [each for each in beside if each.tag in ("Choices", "TextArea", "Rating", "Taxonomy")]
    if found and asked and seldom(draw, 3):
        about = sample_regions.regions(draw(st.sampled_from(asked)), config)[0]
        held = found[0]["value"]
        where = {key: held[key] for key in held if not key.endswith("labels")}
        found.append({**about, "id": found[0]["id"], "value": {**where, **about["value"]}})
    return found


NUMBERS = st.floats(-20, 120) | st.sampled_from([0, 50, 100, 1e308, -1, 1e-9, None, "1", True])


FIELDS = {
    "original_width",
    "original_height",
    "item_index",
    "to_name",
    "from_name",
    "meta",
    "score",
}


EDITS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("x", "y", "width", "height", "radiusX", "start", "end"), NUMBERS),
        "rotation": st.floats(-400, 400) | st.sampled_from([90, None]),
        "points": st.lists(st.lists(NUMBERS, min_size=2, max_size=2), max_size=4),
        "text": TEXTS | st.lists(TEXTS, max_size=2),
        "rle": projects.MASKS,
        "original_width": st.sampled_from([None, 640, 1.5]),
        "item_index": st.integers(-1, 2),
        "to_name": st.sampled_from(["shown 0", "shown 1", "gone"]),
        "from_name": st.just("gone"),
        "meta": st.just({"text": ["why"]}),
        "score": st.just(0.5),
    },
)


def _relabel(draw: st.DrawFn, region: Raw, config: LabelConfig) -> None:
    control = config.controls.get(region["from_name"])
    held = [*(control.labels * 4 if control else ()), "Gone"]
    for key in {region["type"], "labels"} & region["value"].keys():
        if key.endswith("labels") or key == "choices":
            names = st.lists(st.sampled_from(held), min_size=1, max_size=2)
            region["value"][key] = draw(projects.JUNK if seldom(draw, 15) else names)


def _mark_text(draw: st.DrawFn, found: list[Raw], config: LabelConfig, data: Raw) -> None:
    """Spans of the text that is there, so that they overlap and lie in each other."""
    for each in found:
        shown = config.objects.get(str(each.get("to_name")))
        text = data.get(shown.key) if shown and shown.tag == "Text" else None
        if isinstance(text, str) and text and each["type"] == "labels" and not seldom(draw):
            start = draw(st.integers(0, len(text) - 1))
            end = draw(st.integers(start + 1, len(text)))
            each["value"] |= {"start": start, "end": end, "text": text[start:end]}


def policies(config: LabelConfig, before: tuple[Screen, ...]) -> st.SearchStrategy[Policy]:
    known = [label for _, label in config.labels()] or ["Gone"]
    some = st.frozensets(st.sampled_from(known), max_size=3)
    shares = (("train", 0.5), ("valid", 0.25), ("T_3", 0.25))
    return st.builds(
        Policy,
        annotations=st.sampled_from(["latest", "all", "majority", "first", "ground_truth"]),
        fallback=st.booleans(),
        skipped=st.booleans(),
        predictions=st.booleans(),
        filter=st.just(Filter())
        | st.just(Filter(drop=frozenset(known[:1])))
        | st.builds(
            Filter,
            tasks=st.sampled_from([None, "labeled", "finished", "ground_truth"]),
            keep=some,
            drop=some,
            data=st.sampled_from([{}, {"duration": 3.5}]),
        ),
        split=st.none() | st.builds(Split, st.just(shares), st.sampled_from([None, before[0].key])),
    )


def whole_house() -> Case:
    """Every object with every control that there is a sample of, each in a task of its own.

    So that nothing below holds only because a format had nothing to write.
    """
    number = itertools.count()
    rooms = tuple(
        Screen(
            tag,
            f"shown {place}",
            f"key {place}",
            listed=False,
            tools=tuple(
                Tool(each, f"tool {next(number)}", ("Car", "Dog") if has_labels(each) else ())
                for each in tags
            ),
        )
        for place, (tag, tags) in enumerate(TOOLS.items())
    )
    config = label_config.parse(view(rooms), "the config")
    data = sample_regions.task([], config)["data"]
    raw = [
        task(400 * place, annotation(*sample_regions.regions(control, config)), data=data)
        for place, control in enumerate(config.controls.values(), start=1)
    ]  # so few to a shard of 1,000 ids that every format has several
    return Case(rooms, rooms[::-1], raw)


def snapshot(
    folder: Path,
    config: str,
    classes: Classes,
    raw: Iterable[Raw],
    media: Mapping[str, MediaEntry] | None = None,
) -> SnapshotFolder:
    """A snapshot folder of these tasks; `media`: what each address led to, where media are on."""
    folder.mkdir()
    tasks = sorted(map(canonical.task, raw), key=lambda each: each["id"])
    by_start = itertools.groupby(tasks, key=lambda each: start_of(each["id"]))
    files = [shard(start, some) for start, some in by_start]
    if media is not None:
        files += media_map_of(media, [each["id"] for each in tasks])
    snapshot_folder.write(folder, [*files, *snapshot_folder.companions(config, classes)])
    return snapshot_folder.read(folder)


def media_map_of(media: Mapping[str, MediaEntry], tasks: Iterable[int]) -> list[SnapshotFile]:
    """The files of the map, as if every task showed every address."""
    starts = sorted({start_of(each) for each in tasks})
    lines = media_lines(media.values())
    totals = MediaTotals(1, 1, 0)
    shards = [SnapshotFile(media_map.shard_name(start), lines) for start in starts]
    return [media_map.summary(totals), *shards]


def refuses(name: str, about: FormatContext) -> bool:
    try:
        FORMATS[name].check(about)
    except LsDvcError:
        return True
    return False


def tree(folder: Path) -> Files:
    files = (each for each in folder.rglob("*") if each.is_file())
    content = {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}
    return {path: each for path, each in content.items() if not path.startswith("segments/")}


def documents(files: Files, suffix: str) -> list[str]:
    """The files of all splits with this ending."""
    return [content.decode() for path, content in files.items() if path.endswith(suffix)]


def rows(files: Files, delimiter: str) -> list[dict[str, str]]:
    texts = (each for suffix in (".csv", ".tsv") for each in documents(files, suffix))
    tables = (io.StringIO(each.replace("\0", "0"), newline="") for each in texts)
    return [row for table in tables for row in csv.DictReader(table, delimiter=delimiter)]


def ids(key: str, records: Iterable[Any]) -> set[int]:
    return {int(each[key]) for each in records}


Joined = Callable[[list[bytes]], Any]


def joined_lists(documents: list[bytes]) -> bytes:
    """Lists of one record a line, from their bytes: without brackets, a comma between two."""
    assert all(each.startswith(b"[") and each.endswith(b"]\n") for each in documents)
    return b",\n".join(filter(None, (each[1:-2].strip(b"\n") for each in documents)))


def joined_lines(documents: list[bytes]) -> bytes:
    return b"".join(documents)


def joined_manifests(documents: list[bytes]) -> bytes:
    """The recordings are as far up as the manifests are down."""
    return re.sub(rb'"audio_filepath":"(\.\./)+', b'"audio_filepath":"', joined_lines(documents))


def joined_tokens(documents: list[bytes]) -> bytes:
    head = b"-DOCSTART- -X- O\n"
    assert all(each.startswith(head) for each in documents)
    return b"".join(each.removeprefix(head) for each in documents)


def joined_rows(delimiter: str) -> Joined:
    def joined(documents: list[bytes]) -> tuple[set[str], str]:
        both = [_head_and_rows(each.decode(), delimiter) for each in documents]
        return {head for head, _ in both}, "".join(rows for _, rows in both)

    return joined


def _head_and_rows(text: str, delimiter: str) -> tuple[str, str]:
    """A name in the head may have line ends in it."""
    split = list(io.StringIO(text, newline=""))
    reader = csv.reader((each.replace("\0", "0") for each in split), delimiter=delimiter)
    next(reader)
    return "".join(split[: reader.line_num]), "".join(split[reader.line_num :])


def joined_tables(documents: list[bytes]) -> list[Any]:
    tables = [pyarrow.parquet.read_table(io.BytesIO(each)) for each in documents]
    assert len({str(each.schema) for each in tables}) == 1
    return [record for each in tables for record in each.to_pylist()]


def joined_coco(documents: list[bytes]) -> Any:
    """All but ids that count: an annotation names its image by its file."""
    heads, pictures, drawn = list[Any](), list[Any](), list[Any]()
    for document in map(json.loads, documents):
        names = {each.pop("id"): each["file_name"] for each in document["images"]}
        for each in document["annotations"]:
            drawn.append({**each, "id": None, "image_id": names[each["image_id"]]})
        pictures += document.pop("images")
        del document["annotations"]
        heads += [document] if document not in heads else []
    return heads, pictures, drawn


JOINED: Mapping[str, Joined] = {
    **dict.fromkeys(("JSON", "JSON_MIN"), joined_lists),
    **dict.fromkeys(("JSONL", "SPACY", "IMAGE_FOLDER"), joined_lines),
    "ASR_MANIFEST": joined_manifests,
    "CSV": joined_rows(","),
    "TSV": joined_rows("\t"),
    "CONLL2003": joined_tokens,
    "PARQUET": joined_tables,
    **dict.fromkeys(("COCO", "BRUSH_TO_COCO"), joined_coco),
}


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


EVERYTHING = whole_house()
PICTURED = replace(
    EVERYTHING,
    media={
        address: media_files.at(address, media_files.media_file(b"one", size=sample_regions.SIZE))
        for address in EVERYTHING.raw[0]["data"].values()
        if isinstance(address, str)
    },
)
