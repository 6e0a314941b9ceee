"""CSV and TSV: golden bytes by hand, and two readers that nobody here wrote."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import projects
from support.effort import examples
from support.projects import Raw, annotation, box, boxed, choice, polygon, region, relation, task

from ls_dvc.labels.policy import Policy, Split

DELIMITERS = {"CSV": ",", "TSV": "\t"}
PATHS = {"CSV": "result.csv", "TSV": "result.tsv"}
FIXED = ["id", "annotation_id", "annotator", "created_at", "lead_time"]
AT = "2026-03-01T10:00:00.123456Z"

CSV = f"""\
id,annotation_id,annotator,created_at,lead_time,image,n,area,box,mask,note,weather
2,20,7,{AT},4.5,"a,b.jpg",1.0,,"[{{""height"":40,""original_height"":480,""original_width"":640,\
""rectanglelabels"":[""Car""],""rotation"":0,""width"":30,""x"":10,""y"":20}}]",,"say ""é"" 😀",Sun
3,30,7,{AT},,/data/upload/1/00000003-pic3.jpg,,,,,,
"""
TSV = f"""\
id|annotation_id|annotator|created_at|lead_time|image|n|area|box|mask|note|weather
2|20|7|{AT}|4.5|a,b.jpg|1.0||"[{{""height"":40,""original_height"":480,""original_width"":640,\
""rectanglelabels"":[""Car""],""rotation"":0,""width"":30,""x"":10,""y"":20}}]"||"say ""é"" 😀"|Sun
3|30|7|{AT}||/data/upload/1/00000003-pic3.jpg||||||
""".replace("|", "\t")
SMALL = [
    task(3, annotation(lead_time=None)),
    boxed(
        2,
        choice("Sun"),
        box(10, 20, 30, 40),
        region("textarea", {"text": ['say "é" 😀']}, from_name="note"),
        data={"image": "a,b.jpg", "n": 1.0},
    ),
    task(4),
]

both = pytest.mark.parametrize("fmt", ["CSV", "TSV"])


def text(fmt: str, raw: Sequence[Raw], config: str = projects.SHAPES) -> str:
    return projects.convert(fmt, raw, config).text(PATHS[fmt])


def by_csv(fmt: str, raw: Sequence[Raw], config: str = projects.SHAPES) -> list[dict[str, str]]:
    """The rows as Python's csv reads them."""
    source = io.StringIO(text(fmt, raw, config), newline="")
    return list(csv.DictReader(source, delimiter=DELIMITERS[fmt]))


def by_pandas(fmt: str, raw: Sequence[Raw]) -> list[dict[str, str]]:
    content = projects.convert(fmt, raw).files[PATHS[fmt]]
    frame = pd.read_csv(
        io.BytesIO(content), sep=DELIMITERS[fmt], dtype=str, keep_default_na=False, na_filter=False
    )
    return list(frame.to_dict("records"))


# --- bytes


def test_golden_csv() -> None:
    out = projects.convert("CSV", SMALL)
    assert {path: content.decode() for path, content in out.files.items()} == {"result.csv": CSV}
    assert out.reasons == [(4, None, "unlabeled")]


def test_golden_tsv() -> None:
    """It has a name of its own: the SDK's converter calls TSV result.csv."""
    out = projects.convert("TSV", SMALL)
    assert {path: content.decode() for path, content in out.files.items()} == {"result.tsv": TSV}


@both
def test_no_tasks(fmt: str) -> None:
    names = [*FIXED, "area", "box", "mask", "note", "weather"]
    assert text(fmt, []) == DELIMITERS[fmt].join(names) + "\n"


@both
def test_the_header_is_the_same_for_every_row(fmt: str) -> None:
    """Whatever the first task has: data keys of all tasks, controls of the config and of old ones.

    A column without a value in any labeled task is there too: columns do not come and go.
    """
    raw = [
        boxed(1, data={"b": "1"}),
        boxed(2, choice("Sun", control="old"), data={"a": "2"}),
        task(3, data={"c": "3"}),
    ]
    rows = by_csv(fmt, raw)
    controls = ["area", "box", "mask", "note", "old", "weather"]
    assert [list(each) for each in rows] == [[*FIXED, "a", "b", "c", *controls]] * 2
    assert [(each["a"], each["b"], each["c"], each["old"]) for each in rows] == [
        ("", "1", "", ""),
        ("2", "", "", "Sun"),
    ]


@pytest.mark.parametrize(
    ("value", "in_csv", "in_tsv"),
    [
        ("plain", "plain", "plain"),
        ("a,b", '"a,b"', "a,b"),
        ("a\tb", "a\tb", '"a\tb"'),
        ('a"b', '"a""b"', '"a""b"'),
        ('"', '""""', '""""'),
        ("a\nb", '"a\nb"', '"a\nb"'),
        ("a\r\nb", '"a\r\nb"', '"a\r\nb"'),
        ("a\rb", '"a\rb"', '"a\rb"'),
        ("a;b'c", "a;b'c", "a;b'c"),
        (" blanks ", " blanks ", " blanks "),
        ("\u2028\x85", "\u2028\x85", "\u2028\x85"),
        ("", "", ""),
        (None, "", ""),
        (True, "true", "true"),
        (0, "0", "0"),
        (1.50, "1.5", "1.5"),
        (2**63, "9223372036854775808", "9223372036854775808"),
        ([], "[]", "[]"),
        ({"k": ["é", None]}, '"{""k"":[""é"",null]}"', '"{""k"":[""é"",null]}"'),
        ("\ud800", "\\ud800", "\\ud800"),  # half a character, which UTF-8 cannot hold
    ],
)
def test_only_what_needs_quotes_is_quoted(value: Any, in_csv: str, in_tsv: str) -> None:
    """As RFC 4180 has it. A lone carriage return needs them: readers end the row there."""
    raw = [task(1, annotation(lead_time=None), data={"v": value})]
    (_, rest) = text("CSV", raw).split("\n", 1)
    assert rest == f"1,10,7,{AT},,{in_csv},,,,,\n"
    (_, rest) = text("TSV", raw).split("\n", 1)
    assert rest == f"1\t10\t7\t{AT}\t\t{in_tsv}\t\t\t\t\t\n"


# --- columns


@both
def test_data_with_the_names_of_our_columns_is_not_overwritten(fmt: str) -> None:
    """It is in the SDK's converter."""
    mine = {name: f"my {name}" for name in FIXED}
    (row,) = by_csv(fmt, [boxed(1, data=mine)])
    assert [row[each] for each in FIXED] == ["1", "10", "7", AT, "4.5"]
    assert {name: row[f"data.{name}"] for name in FIXED} == mine


@both
def test_other_bookkeeping_of_a_server_is_a_name_like_any_other(fmt: str) -> None:
    mine = {"updated_at": "a", "agreement": "b", "history": "c", "completed_by": "d"}
    (row,) = by_csv(fmt, [boxed(1, data=mine)])
    assert {name: row[name] for name in mine} == mine


@both
def test_a_control_with_the_name_of_a_data_key(fmt: str) -> None:
    (row,) = by_csv(fmt, [boxed(1, choice("Sun"), data={"weather": "foggy", "box": "of wood"})])
    assert (row["weather"], row["data.weather"]) == ("Sun", "foggy")
    assert (row["box"], row["data.box"]) == ("", "of wood")


@both
def test_a_control_with_the_name_of_one_of_our_columns(fmt: str) -> None:
    config = projects.SHAPES.replace('name="weather"', 'name="id"')
    raw = [boxed(1, choice("Sun", control="id"), data={"id": "mine", "control.id": "too"})]
    (row,) = by_csv(fmt, raw, config)
    assert (row["id"], row["control.id"]) == ("1", "Sun")
    assert (row["data.id"], row["data.control.id"]) == ("mine", "too")


@both
def test_names_that_were_moved_aside_do_not_meet(fmt: str) -> None:
    mine = {"id": "a", "data.id": "b", "data.data.id": "c"}
    (row,) = by_csv(fmt, [boxed(1, data=mine)])
    assert sorted(row[each] for each in row if each.endswith("id") and each.startswith("data")) == [
        *("a", "b", "c")
    ]
    assert (row["data.id"], row["data.data.id"]) == ("b", "c"), "a free name stays"


@both
def test_labels_of_a_control_that_left_the_config(fmt: str) -> None:
    """The SDK's converter drops them."""
    (row,) = by_csv(fmt, [boxed(1, choice("Sun", control="sky"))])
    assert row["sky"] == "Sun"


@both
def test_an_annotation_without_a_date(fmt: str) -> None:
    """It aborts the whole export of the SDK's converter."""
    bare = annotation(choice("Sun"), created_at=None, lead_time=None, completed_by=None)
    first, second = by_csv(fmt, [task(1, bare), boxed(2)])
    assert [first[each] for each in FIXED] == ["1", "10", "", "", ""]
    assert (first["weather"], second["id"]) == ("Sun", "2")


@both
def test_relations_are_listed(fmt: str) -> None:
    out = projects.convert(fmt, [boxed(1, box(1, 1, 2, 2), relation("r1", "r2"))])
    assert out.reasons == [(1, "#1", "relation")]


@both
def test_more_rows_than_fit_in_one_chunk(fmt: str) -> None:
    rows = by_csv(fmt, [boxed(each) for each in range(1, 2502)])
    assert [each["id"] for each in rows] == [str(each) for each in range(1, 2502)]


# --- readers that nobody here wrote

# Not \x00, which Python's csv refuses before 3.11, and no half characters, which are escaped.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
TEXTS |= st.text('",\t\r\n ab', max_size=6)
VALUES = st.one_of(
    *(
        TEXTS,
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    st.lists(TEXTS, max_size=2),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
)
NAMES = TEXTS.filter(bool)  # pandas gives a column without a name one


@both
@settings(max_examples=examples(60), deadline=None)
@given(rows=st.lists(st.dictionaries(NAMES, VALUES, max_size=4), min_size=1, max_size=3))
@example(rows=[{"a\rb": "\r", "\n": '"\r\n"'}, {"#": "NA", "a": "nan"}, {"'": "'", "a": None}])
def test_readers_get_the_same_values(fmt: str, rows: list[dict[str, Any]]) -> None:
    raw = [boxed(number, data=row) for number, row in enumerate(rows, start=1)]
    read = by_csv(fmt, raw)
    assert read == by_pandas(fmt, raw)
    assert len(read) == len(rows)
    taken = {*FIXED, "area", "box", "mask", "note", "weather"}
    for found, row in zip(read, rows, strict=True):
        for key, value in row.items():
            cell = found[key] if key not in taken else found[f"data.{key}"]
            if value is None or isinstance(value, str):
                assert cell == (value or "")
            else:
                assert json.loads(cell) == value


@both
def test_labels_are_read_back_as_they_are(fmt: str) -> None:
    """Nested values are JSON in their cell: the same as JSON_MIN has for them."""
    raw = [
        boxed(
            1,
            box(10, 20, 30, 40, "Dog", rotation=33.3),
            polygon([[1, 1], [2, 2.5], [3, 1]], id="p"),
            choice("Sun", "Rain", id="c"),
            region("textarea", {"text": ['"é"\r', "b"]}, from_name="note", id="n"),
            region("textarea", {"x": 10, "y": 20, "text": ["c"]}, from_name="note", id="p"),
        )
    ]
    (flat,) = projects.convert("JSON_MIN", raw).json()
    for rows in (by_csv(fmt, raw), by_pandas(fmt, raw)):
        (row,) = rows
        for control in ("area", "box", "weather", "note"):
            assert json.loads(row[control]) == flat[control]


@both
def test_pandas_reads_numbers_as_numbers(fmt: str) -> None:
    raw = [task(each, annotation(lead_time=each / 4)) for each in (1, 2)]
    content = projects.convert(fmt, raw).files[PATHS[fmt]]
    frame = pd.read_csv(io.BytesIO(content), sep=DELIMITERS[fmt], index_col="id")
    assert list(frame.index) == [1, 2]
    assert list(frame["lead_time"]) == [0.25, 0.5]
    assert list(frame["annotation_id"]) == [10, 20]


# --- segments in time

IN_TIME = """<View><Audio name="sound" value="$sound"/><Video name="film" value="$film"/>
<TimeSeries name="series" value="$series"/><Text name="text" value="$text"/>
<Labels name="kind" toName="sound"><Label value="Speech"/></Labels>
<TimelineLabels name="act" toName="film"><Label value="Run"/></TimelineLabels>
<TimeSeriesLabels name="phase" toName="series"><Label value="Rest"/></TimeSeriesLabels>
<Labels name="ner" toName="text"><Label value="PER"/></Labels></View>"""


def in_time(kind: str, control: str, shown: str, number: str, **value: Any) -> Raw:
    return region(kind, value, from_name=control, to_name=shown, id=number)


MOMENTS = boxed(
    4,
    in_time("labels", "kind", "sound", "a", start=0.5, end=2, channel=1, labels=["Speech"]),
    in_time(
        "timelinelabels",
        "act",
        "film",
        "b",
        ranges=[{"start": 1, "end": 9}, {"start": 12, "end": 12}],
        timelinelabels=["Run"],
    ),
    in_time(
        "timeserieslabels", "phase", "series", "c", start=1.5, end=3, timeserieslabels=["Rest"]
    ),
    in_time("labels", "ner", "text", "d", start=0, end=4, labels=["PER"]),
    in_time("labels", "kind", "sound", "e", start=3, end=4, labels=["Speech", "Loud"]),
    in_time("labels", "kind", "sound", "f", start=5, end=6, labels=[]),
    data={"sound": "a.wav", "film": "a.mp4", "series": "a.csv", "text": "Anna"},
)
SEGMENTS = """\
task,annotation,region,control,object,label,start,end,unit,channel
4,40,a,kind,sound,Speech,0.5,2,seconds,1
4,40,b,act,film,Run,1,9,frames,
4,40,b,act,film,Run,12,12,frames,
4,40,c,phase,series,Rest,1.5,3,time column,
4,40,e,kind,sound,Speech,3,4,seconds,
4,40,e,kind,sound,Loud,3,4,seconds,
4,40,f,kind,sound,,5,6,seconds,
"""


def test_segments_in_time_have_rows_of_their_own() -> None:
    out = projects.convert("CSV", [MOMENTS], IN_TIME)
    assert list(out.files) == ["result.csv", "segments/result.csv"]
    assert out.text("segments/result.csv") == SEGMENTS
    tabs = projects.convert("TSV", [MOMENTS], IN_TIME).text("segments/result.tsv")
    assert tabs == SEGMENTS.replace(",", "\t")
    assert out.reasons == []


def test_segments_of_splits_and_shards() -> None:
    raw = [{**MOMENTS, "id": number} for number in (1, 1001)]
    policy = Policy(split=Split((("segments", 1.0),)))
    out = projects.convert("CSV", raw, IN_TIME, policy=policy, sharded=True)
    assert list(out.files) == [
        *("segments/0000000000.csv", "segments/segments/0000000000.csv"),
        *("segments/0000001000.csv", "segments/segments/0000001000.csv"),
    ]


@pytest.mark.parametrize(
    "junk",
    [
        None,
        {"type": "labels"},
        {"type": [], "value": {}},
        in_time("labels", "kind", "gone", "a", start=1, labels=["Speech"]),
        in_time("timelinelabels", "act", "film", "a", ranges=5),
        in_time("timelinelabels", "act", "film", "a", ranges=[None, {"end": 3}]),
    ],
)
def test_what_is_no_segment_has_no_row(junk: Any) -> None:
    raw = boxed(4, junk, data={"sound": "a.wav"})
    out = projects.convert("CSV", [raw], IN_TIME)
    assert out.text("segments/result.csv").count("\n") == 1


def test_without_time_there_is_no_table_of_segments() -> None:
    assert list(projects.convert("CSV", SMALL).files) == ["result.csv"]
