"""CONLL2003 and SPACY: golden bytes by hand, NLTK's reader, and the SDK's own converter.

spaCy itself is too heavy to load here: SPACY's lines are read back by a few lines of Python, which
is how the recipe in the format's docstring reads them too.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import projects
from support.effort import examples
from support.projects import JUNK, Raw, annotation, boxed, choice, region, relation, task

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.text import tokens
from ls_dvc.formats.text.tokens import tokenize
from ls_dvc.io import canonical_json
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import Policy, Split

pytestmark = pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:::nltk")

BOTH = ("CONLL2003", "SPACY")
FILES = {"CONLL2003": "result.conll", "SPACY": "result.jsonl"}
NER = projects.TEXT  # PER and ORG on $text, Good and Bad for the whole of it
TWO_TEXTS = """<View><Text name="title" value="$title"/><Text name="body" value="$body"/>
<Text name="hint" value="$hint"/><Image name="image" value="$image"/>
<HyperText name="page" value="$page"/><Paragraphs name="talk" value="$talk"/>
<Labels name="ner" toName="title,body,page"><Label value="PER"/><Label value="ORG"/></Labels>
<ParagraphLabels name="said" toName="talk"><Label value="Q"/></ParagraphLabels>
<RectangleLabels name="box" toName="image"><Label value="Car"/></RectangleLabels></View>"""
MARIA = "Maria Lopez sings at Acme Corp., doesn't she?"


def on_text(kind: str, value: Any, **fields: Any) -> Raw:
    bare = dict.fromkeys(("original_width", "original_height", "image_rotation"), ...)
    return region(kind, value, **{**bare, "from_name": "ner", "to_name": "text", **fields})


def span(start: Any, end: Any, *labels: Any, text: Any = ..., **fields: Any) -> Raw:
    value = {"start": start, "end": end, "text": text, "labels": list(labels or ("PER",))}
    kept = {key: each for key, each in value.items() if each is not ...}
    return on_text("labels", kept, **fields)


def tone(*names: Any, **fields: Any) -> Raw:
    return on_text("choices", {"choices": list(names)}, from_name="tone", id="c1", **fields)


def told(text: str, *regions: Any, number: int = 1, **data: Any) -> Raw:
    return boxed(number, *regions, data={"text": text, **data})


def lines(*raw: Raw, config: str = NER, policy: Policy = Policy()) -> list[Any]:
    out = projects.convert("SPACY", raw, config, policy=policy)
    return read(out.text("result.jsonl"))


def ends(line: Any) -> list[tuple[int, int, str]]:
    """The spans of a line of SPACY."""
    return [(span["start"], span["end"], span["label"]) for span in line["spans"]]


def read(written: str) -> list[Any]:
    return [json.loads(each) for each in written.splitlines()]


def test_every_line_is_a_line_to_every_reader() -> None:
    (found,) = lines(told("a\x85b\u2028c\u2029d"))
    assert found["text"] == "a\x85b\u2028c\u2029d"


def tags(text: str, *regions: Any, classes: Classes | None = None) -> list[str]:
    out = projects.convert("CONLL2003", [told(text, *regions)], NER, classes)
    return [each.split(" -X- _ ")[1] for each in out.text("result.conll").split("\n")[1:] if each]


def rows(text: str, *regions: Any) -> list[str]:
    """The tokens, each with its tag."""
    out = projects.convert("CONLL2003", [told(text, *regions)], NER)
    return [each.replace(" -X- _", "") for each in out.text("result.conll").split("\n")[1:] if each]


def reasons(fmt: str, *regions: Any, text: str = MARIA, config: str = NER) -> list[str]:
    return [r for _, _, r in projects.convert(fmt, [told(text, *regions)], config).reasons]


# --- golden bytes

SHOW = [
    told(
        MARIA,
        span(0, 11, text="Maria Lopez"),
        span(21, 30, "ORG", text="Acme Corp", id="r2"),
        tone("Good"),
        number=4,
    ),
    told("Nothing.\nAt all.", number=9),
]
CONLL = """-DOCSTART- -X- O
Maria -X- _ B-PER
Lopez -X- _ I-PER
sings -X- _ O
at -X- _ O
Acme -X- _ B-ORG
Corp -X- _ I-ORG
. -X- _ O
, -X- _ O
does -X- _ O
n't -X- _ O
she -X- _ O
? -X- _ O

Nothing. -X- _ O
At -X- _ O
all -X- _ O
. -X- _ O

"""
SPACY = r"""{"cats":{"Bad":0.0,"Good":1.0},"id":4,"spans":[{"end":11,"label":"PER","start":0},\
{"end":30,"label":"ORG","start":21}],"text":"Maria Lopez sings at Acme Corp., doesn't she?"}
{"id":9,"spans":[],"text":"Nothing.\nAt all."}
""".replace("\\\n", "")


def test_golden_conll() -> None:
    out = projects.convert("CONLL2003", SHOW, NER)
    assert out.text("result.conll") == CONLL
    assert out.reasons == [(4, "c1", "unsupported-type")]


def test_golden_spacy() -> None:
    out = projects.convert("SPACY", SHOW, NER)
    assert out.text("result.jsonl") == SPACY
    assert out.ledger.entries == []


@pytest.mark.parametrize("fmt", BOTH)
def test_a_file_for_each_split(fmt: str) -> None:
    raw = [told(f"Number {each}", span(0, 6), number=each) for each in range(1, 21)]
    split = Split((("train", 0.5), ("val", 0.5)))
    whole = projects.convert(fmt, raw, NER)
    parts = projects.convert(fmt, raw, NER, policy=Policy(split=split))
    suffix = FILES[fmt].partition(".")[2]
    assert sorted(parts.files) == [f"train.{suffix}", f"val.{suffix}"]
    train, val = (parts.text(f"{name}.{suffix}") for name in ("train", "val"))
    assert train.count("Number") > 0 < val.count("Number")
    assert len(train.splitlines() + val.splitlines()) in (
        len(whole.text(FILES[fmt]).splitlines()) + each
        for each in (0, 1)  # one more head
    )


@pytest.mark.parametrize("fmt", BOTH)
def test_nothing_to_write_is_a_file_still(fmt: str) -> None:
    assert list(projects.convert(fmt, [], NER).files) == [FILES[fmt]]


# --- where two spans want one token


def test_the_longest_of_overlapping_spans_wins_then_the_first() -> None:
    """The SDK's converter drops nested spans without a word, and cuts others."""
    nested = [span(0, 5, id="in"), span(0, 11, "ORG", id="out"), span(6, 17, id="late")]
    raw = [told(MARIA, *nested)]
    assert tags(MARIA, *nested)[:3] == ["B-ORG", "I-ORG", "O"]
    assert projects.convert("CONLL2003", raw, NER).reasons == [
        (1, "in", "overlap"),
        (1, "late", "overlap"),
    ]
    assert ends(lines(*raw)[0]) == [(0, 11, "ORG"), (0, 5, "PER"), (6, 17, "PER")]
    assert projects.convert("SPACY", raw, NER).ledger.entries == []


def test_tokens_are_cut_where_spans_begin_and_end() -> None:
    """The SDK's converter tags every token that a span has part of: the span comes out wider."""
    assert rows("a-b c", span(0, 1, "ORG"), span(2, 3, id="r2")) == [
        *("a B-ORG", "- O", "b B-PER", "c O")
    ]
    assert rows("sub-Saharan Africa's", span(4, 18, "ORG")) == [
        *("sub- O", "Saharan B-ORG", "Africa I-ORG", "'s O")
    ]
    assert rows("pre-war", span(1, 2), span(2, 6, "ORG", id="r2")) == [
        *("p O", "r B-PER", "e-wa B-ORG", "r O")
    ]


def test_spans_that_share_nothing_but_a_blank_do_not_overlap() -> None:
    assert rows("one two", span(0, 4), span(3, 7, "ORG", id="r2")) == ["one B-PER", "two B-ORG"]


def test_a_span_that_lost_its_place_cuts_no_token() -> None:
    assert rows("abc def", span(0, 7), span(1, 2, "ORG", id="r2")) == ["abc B-PER", "def I-PER"]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_span_written_is_exactly_the_span(data: st.DataObject) -> None:
    text = data.draw(SENTENCES.filter(str.strip))
    places = st.tuples(*[st.integers(0, len(text))] * 2).filter(lambda e: e[0] < e[1])
    drawn = data.draw(st.lists(places, max_size=4))
    regions = [span(*each, id=f"r{number}") for number, each in enumerate(drawn)]
    out = projects.convert("CONLL2003", [told(text, *regions)], NER)
    lost = {region for _, region, _ in out.reasons}
    kept = [each for number, each in enumerate(drawn) if f"r{number}" not in lost]
    expected = sorted("".join(text[slice(*each)].split()) for each in kept)
    tagged = [each.split(" -X- _ ") for each in out.text("result.conll").split("\n")[1:] if each]
    found = list[str]()
    for token, tag in tagged:
        if tag.startswith("B-"):
            found.append("")
        if tag != "O":
            found[-1] += token
    assert sorted(found) == expected


def test_neighbours_begin_anew() -> None:
    assert tags("a b c", span(0, 1), span(2, 5, id="r2")) == ["B-PER", "B-PER", "I-PER"]


def test_every_label_of_a_span() -> None:
    """The SDK's converter writes the first."""
    (line,) = lines(told("a b", span(0, 3, "PER", "ORG", "PER")))
    assert ends(line) == [(0, 3, "PER"), (0, 3, "ORG")]


def test_the_first_label_of_a_span_where_there_is_room_for_one() -> None:
    both = told("a b", span(0, 3, "ORG", "PER"), number=7)
    assert tags("a b", span(0, 3, "ORG", "PER")) == ["B-ORG", "I-ORG"]
    ledger = projects.convert("CONLL2003", [told(MARIA, span(9, 3)), both], NER).ledger
    assert [entry.document() for entry in ledger.in_part] == [
        {
            "task": 7,
            "annotation": 70,
            "region": "r1",
            "detail": "labels",
            "reason": "several-labels",
            "written": True,
        }
    ]
    assert ledger.totals()["regions_in_part"] == {"several-labels": 1}
    assert ledger.totals()["regions_written"] == 1
    assert not projects.convert("SPACY", [both], NER).ledger.in_part


def test_blanks_in_labels_do_not_make_columns() -> None:
    config = NER.replace(
        '<Label value="ORG"/>', '<Label value="First Name"/><Label value="First_Name"/>'
    )
    raw = told("a b c", span(0, 1, "First Name"), span(4, 5, "First_Name", id="r2"))
    out = projects.convert("CONLL2003", [raw], config)
    assert out.text("result.conll").splitlines()[1:4] == [
        *("a -X- _ B-First_Name-1", "b -X- _ O", "c -X- _ B-First_Name")
    ]


# --- characters


EMOJI = "\U0001f600 Zo\u00eb \U0001f469\u200d\U0001f680 met Zo\u00eb"  # 2, 1 and 2 beyond 16 bits


def utf16(text: str, place: int) -> int:
    return len(text[:place].encode("utf-16-le", "surrogatepass")) // 2


FIRST, SECOND = EMOJI.index("Zo\u00eb"), EMOJI.rindex("Zo\u00eb")
WIDE = utf16(EMOJI, SECOND)


@pytest.mark.parametrize("named", [True, False])
def test_offsets_are_code_points(named: bool) -> None:
    """As the editor stores them since the end of 2021."""
    text = {"text": "Zo\u00eb"} if named else {}
    (line,) = lines(told(EMOJI, span(SECOND, SECOND + 3, **text)))
    assert ends(line) == [(14, 17, "PER")]
    assert line["text"][14:17] == "Zo\u00eb"


def test_offsets_in_utf16_are_known_by_their_text() -> None:
    (line,) = lines(told(EMOJI, span(WIDE, WIDE + 3, text="Zo\u00eb")))
    assert WIDE == 17
    assert ends(line) == [(14, 17, "PER")]


def test_a_span_without_its_text_is_read_like_the_others() -> None:
    """3 to 6 in UTF-16 is "Zoë"; in code points it is "oë "."""
    quoted = span(WIDE, WIDE + 3, text="Zo\u00eb", id="r2")
    both = ends(lines(told(EMOJI, span(3, 6), quoted))[0])
    assert both == [(FIRST, FIRST + 3, "PER"), (SECOND, SECOND + 3, "PER")]
    assert ends(lines(told(EMOJI, span(3, 6)))[0]) == [(3, 6, "PER")]


def test_one_tool_counted_otherwise() -> None:
    points = [span(SECOND, SECOND + 3, text="Zo\u00eb", id=each) for each in ("r1", "r2")]
    strange = span(WIDE, WIDE + 3, text="Zo\u00eb", id="r3")
    assert ends(lines(told(EMOJI, *points, strange))[0]) == [(14, 17, "PER")] * 3


@pytest.mark.parametrize(
    ("quote", "start", "end", "counts"),
    [
        ("ari", 0, 5, True),
        ("aria Lop", 0, 11, True),
        ("Maria", 0, 11, True),
        ("sing", 12, 17, True),
        ("Acme Cor", 21, 30, True),
        ("e Corp.", 21, 31, True),
        ("ari", 0, 4, False),  # no whole words
        ("ari", 1, 5, False),
        ("Lope", 5, 11, False),  # begins with a blank
        ("Lopes", 0, 11, False),
        ("Maria sings", 0, 17, False),
    ],
)
@pytest.mark.parametrize("fmt", BOTH)
def test_a_span_that_the_editor_widened_to_words(
    fmt: str, quote: str, start: int, end: int, counts: bool
) -> None:
    """58 of 1,831 spans of a real project have the text that was selected, not the words."""
    found = reasons(fmt, span(start, end, text=quote))
    assert found == ([] if counts else ["nothing-left", "text-differs"])


def test_a_widened_span_in_utf16() -> None:
    """Its own words tell how the offsets are meant: 17 to 20 is nothing in code points."""
    (line,) = lines(told(EMOJI, span(WIDE, WIDE + 3, text="o\u00eb")))
    assert ends(line) == [(14, 17, "PER")]


def test_an_exact_text_goes_before_a_widened_one() -> None:
    text = "\U0001f600 ab abc"
    (line,) = lines(told(text, span(5, 7, text="ab"), span(3, 5, text="ab", id="r2")))
    assert ends(line)[0] == (2, 4, "PER")


def test_half_an_emoji_is_nothing() -> None:
    assert reasons("SPACY", span(1, 5, text="Zo"), text=EMOJI) == ["nothing-left", "text-differs"]


@pytest.mark.parametrize(
    ("text", "start", "end", "quote"),
    [
        ("one\ntwo", 0, 7, "one\\ntwo"),  # as the editor writes line ends
        ("one\r\ntwo", 0, 8, "one\\n\\ntwo"),
        ("one   two", 0, 9, "one two"),  # as a page shows blanks
        ("one two ", 0, 8, "one two"),
        ("one", 0, 3, ""),
        ("one", 0, 3, None),
        ("one", 0, 3, ["one"]),
    ],
)
def test_a_quote_as_the_editor_makes_it(text: str, start: int, end: int, quote: Any) -> None:
    assert ends(lines(told(text, span(start, end, text=quote)))[0]) == [(start, end, "PER")]


TEXTS = st.text(st.sampled_from("ab \n.é😀\U0010ffff\u0301") | st.characters(), min_size=1)


@settings(max_examples=examples(150), deadline=None)
@given(text=TEXTS, data=st.data(), wide=st.booleans())
def test_the_text_at_the_offsets_is_the_text_that_was_labeled(
    text: str, data: st.DataObject, wide: bool
) -> None:
    """Whichever way a tool counts, as long as it says what it labeled."""
    places = st.tuples(*[st.integers(0, len(text))] * 2).filter(lambda e: e[0] < e[1])
    drawn = data.draw(st.lists(places, max_size=3))
    regions = [
        span(*((utf16(text, e) for e in each) if wide else each), text=text[slice(*each)])
        for each in drawn
    ]
    for line in lines(told(text, *regions)):
        found = [line["text"][start:end] for start, end, _ in ends(line)]
        quotes = [text[start:end] for start, end in sorted(drawn, key=lambda e: (e[0], -e[1]))]
        assert ["".join(each.split()) for each in found] == ["".join(e.split()) for e in quotes]


# --- what is not written


@pytest.mark.parametrize(
    ("dropped", "reason"),
    [
        (span(0, 5, "Gone"), "unknown-label"),
        (span(0, 5, "PER", "Gone"), "unknown-label"),
        (span(0, 5, "PER", 5), "malformed"),
        (on_text("labels", {"start": 0, "end": 5}), "no-label"),
        (on_text("labels", {"start": 0, "end": 5, "labels": []}), "no-label"),
        (span(5, 5), "bad-geometry"),
        (span(5, 0), "bad-geometry"),
        (span(-1, 5), "bad-geometry"),
        (span(0, 46), "bad-geometry"),
        (span(0.0, 5), "bad-geometry"),
        (span("0", "5"), "bad-geometry"),
        (span(False, True), "bad-geometry"),
        (span(None, 5), "bad-geometry"),
        (span(0, 2**63), "bad-geometry"),
        (span(0, 5, text="Lopez"), "text-differs"),
        (on_text("hypertextlabels", {"start": 0, "end": 5}), "unsupported-type"),
        (on_text("who knows", {}), "unsupported-type"),
        (on_text("labels", None), "malformed"),
        ({"value": {}}, "malformed"),
        ({"type": 5, "value": {}}, "malformed"),
        ("text", "malformed"),
        (None, "malformed"),
    ],
)
@pytest.mark.parametrize("fmt", BOTH)
def test_what_is_not_written_is_listed_and_never_looks_empty(
    fmt: str, dropped: Any, reason: str
) -> None:
    out = projects.convert(fmt, [told(MARIA, dropped)], NER)
    assert [each for _, _, each in out.reasons] == ["nothing-left", reason]
    assert "Maria" not in out.text(FILES[fmt])


def test_a_span_of_blanks_has_no_token() -> None:
    assert reasons("CONLL2003", span(5, 6)) == ["nothing-left", "bad-geometry"]
    assert reasons("SPACY", span(5, 6)) == []


@pytest.mark.parametrize("fmt", BOTH)
def test_one_bad_span_leaves_the_others(fmt: str) -> None:
    raw = told(MARIA, span(0, 5), span(9, 3, id="bad"), relation("r1", "bad"))
    out = projects.convert(fmt, [raw], NER)
    assert out.reasons == [(1, "bad", "bad-geometry"), (1, "#2", "relation")]
    assert "PER" in out.text(FILES[fmt])


@pytest.mark.parametrize("fmt", BOTH)
def test_a_text_with_choices_alone_was_looked_at(fmt: str) -> None:
    others = [
        on_text("textarea", {"text": ["hm"]}, from_name="note"),
        on_text("rating", {"rating": 3}, from_name="stars", id="r2"),
        on_text("choices", {"start": 0, "end": 5, "choices": ["Good"]}, id="r3"),  # perRegion
        on_text("choices", {"choices": [["Good", "Very"]]}, id="r4"),
    ]
    out = projects.convert(fmt, [told(MARIA, *others)], NER)
    assert [each for _, _, each in out.reasons] == ["unsupported-type"] * 4
    assert "Maria" in out.text(FILES[fmt])


@pytest.mark.parametrize("held", [None, "", " \n", 5, ["a"], {"a": 1}])
@pytest.mark.parametrize("fmt", BOTH)
def test_a_task_without_a_text(fmt: str, held: Any) -> None:
    """It aborts the whole export of the SDK's converter."""
    raw = [told(held, span(0, 1)), told("a", span(0, 1), number=2)]
    out = projects.convert(fmt, raw, NER)
    assert out.reasons == [(1, None, "no-media"), (1, "r1", "no-media")]
    assert out.ledger.tasks_written == 1


@pytest.mark.parametrize("address", ["https://e.com/a.txt", "s3://b/a b.txt", "/data/upload/1/a"])
def test_a_text_that_is_elsewhere(address: str) -> None:
    """valueType="url": the task holds an address, which nobody labeled."""
    config = NER.replace('value="$text"', 'value="$text" valueType="url"')
    address = address.replace(" ", "%20")
    assert reasons("CONLL2003", span(0, 5), text=address, config=config) == ["no-media"] * 2
    assert reasons("CONLL2003", text=address, config=config) == ["no-media"]


def test_an_address_that_was_labeled_as_a_text() -> None:
    raw = told("https://e.com/a.txt", span(8, 13, text="e.com"))
    assert ends(lines(raw)[0]) == [(8, 13, "PER")]


# --- several texts, and other things


def several(*regions: Any, **data: Any) -> Raw:
    held = {"title": "Maria", "body": "She sings", "hint": "no", "image": "a.jpg", **data}
    return boxed(1, *regions, data=held)


def test_every_text_that_is_labeled() -> None:
    """The SDK's converter takes one of the data keys, another one on another day."""
    raw = several(span(0, 5, to_name="title"), span(0, 3, "ORG", to_name="body", id="r2"))
    assert [(e["object"], ends(e)) for e in lines(raw, config=TWO_TEXTS)] == [
        ("title", [(0, 5, "PER")]),
        ("body", [(0, 3, "ORG")]),
    ]
    out = projects.convert("CONLL2003", [raw], TWO_TEXTS)
    assert out.text("result.conll") == (
        "-DOCSTART- -X- O\nMaria -X- _ B-PER\n\nShe -X- _ B-ORG\nsings -X- _ O\n\n"
    )


@pytest.mark.parametrize("fmt", BOTH)
def test_regions_on_other_things_than_texts(fmt: str) -> None:
    xpath = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": 3}
    spoken = {"start": "0", "end": "1", "startOffset": 0, "endOffset": 3}
    raw = several(
        span(0, 5, to_name="title"),
        on_text("hypertextlabels", {**xpath, "hypertextlabels": ["PER"]}, to_name="page", id="h"),
        on_text("labels", {**xpath, "labels": ["PER"]}, to_name="page", id="l"),
        on_text("paragraphlabels", {**spoken, "paragraphlabels": ["Q"]}, to_name="talk", id="p"),
        projects.box(1, 1, 2, 2, id="b"),
        span(0, 2, to_name="hint", id="n"),
    )
    out = projects.convert(fmt, [raw], TWO_TEXTS)
    assert out.reasons == [(1, each, "unsupported-type") for each in "hlpbn"]
    assert "sings" in out.text(FILES[fmt]), "none of those was on the body"


def test_a_text_that_lost_its_spans_is_not_an_empty_text() -> None:
    raw = several(span(0, 5, to_name="title"), span(3, 0, to_name="body", id="bad"))
    assert [each["object"] for each in lines(raw, config=TWO_TEXTS)] == ["title"]
    raw = several(span(0, 5, to_name="title"), "junk")
    assert [each["object"] for each in lines(raw, config=TWO_TEXTS)] == ["title"]
    raw = several(span(0, 5, to_name="title"), span(0, 3, to_name="body", id="r2"), body=None)
    out = projects.convert("SPACY", [raw], TWO_TEXTS)
    assert out.reasons == [(1, "r2", "no-media")]


def test_a_renamed_text_is_still_the_only_one() -> None:
    """The SDK's converter drops regions of a renamed control."""
    renamed = span(0, 5, to_name="txt", from_name="entities")
    assert ends(lines(told(MARIA, renamed))[0]) == [(0, 5, "PER")]


def test_a_label_that_left_the_config_is_written() -> None:
    known = Classes.of({"text": ["Old", "PER"]})
    assert tags("a", span(0, 1, "Old"), classes=known) == ["B-Old"]


def test_a_renamed_label_is_called_by_its_new_name() -> None:
    known = Classes.of({"text": ["New", "PER"], "renamed": {"text": {"Old": "New"}}})
    assert tags("a b", span(0, 3, "Old", "New"), classes=known) == ["B-New", "I-New"]


def test_labels_for_several_kinds_of_objects() -> None:
    """Its classes are in the space of the first; the Text that comes second has them too."""
    config = NER.replace('toName="text"', 'toName="sound,text"').replace(
        "<View>", '<View><Audio name="sound" value="$sound"/>'
    )
    raw = told(MARIA, span(0, 5), on_text("labels", {"start": 0.5, "end": 1}, to_name="sound"))
    assert ends(lines(raw, config=config)[0]) == [(0, 5, "PER")]


@pytest.mark.parametrize("fmt", BOTH)
def test_a_project_without_texts(fmt: str) -> None:
    with pytest.raises(LsDvcError, match=f"{fmt} needs a <Text> with <Labels>") as caught:
        projects.convert(fmt, [], projects.SHAPES)
    assert "label_studio.formats in params.yaml" in caught.value.hint


# --- choices


def test_choices() -> None:
    config = NER.replace(
        "</View>",
        '<Choices name="topic" toName="text"><Choice value="Good"/><Choice value="Law"/></Choices>'
        '<Choices name="more" toName="text" value="$more"/></View>',
    )

    def cats(*regions: Any) -> Any:
        return lines(told("a", *regions), config=config)[0].get("cats")

    assert cats() is None
    assert cats(tone("Bad")) == {"Bad": 1.0, "tone.Good": 0.0}
    law = on_text("choices", {"choices": ["Law", "Good"]}, from_name="topic")
    assert cats(law) == {"Law": 1.0, "topic.Good": 1.0}
    assert cats(on_text("choices", {"choices": ["new"]}, from_name="more")) == {"new": 1.0}


def test_choices_without_labels() -> None:
    config = NER[: NER.index("<Labels")] + NER[NER.index("<Choices") :]
    assert lines(told("a", tone("Good")), config=config)[0]["cats"] == {"Bad": 0.0, "Good": 1.0}
    with pytest.raises(LsDvcError):
        projects.convert("CONLL2003", [], config)


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        (tone(), "no-label"),
        (tone(5), "malformed"),
        (on_text("choices", {"choices": "Good"}), "malformed"),
        (tone("Good", to_name="other"), None),  # the only text there is
        (choice("Good"), None),
    ],
)
def test_bad_choices(chosen: Any, reason: str | None) -> None:
    assert reasons("SPACY", chosen) == ([reason] if reason else [])


def test_the_choices_of_a_text_that_is_left_out() -> None:
    assert reasons("SPACY", span(5, 0), tone("Good")) == [
        *("nothing-left", "bad-geometry", "nothing-left")
    ]


# --- what the SDK's converter loses, or breaks at


@pytest.mark.parametrize("fmt", BOTH)
def test_predictions_are_labels_of_nobody(fmt: str) -> None:
    guess = [{"id": 1, "result": [span(0, 5, id="guess")]}]
    guessed = {**told(MARIA), "predictions": guess}
    assert projects.convert(fmt, [guessed], NER).files == (
        projects.convert(fmt, [told(MARIA)], NER).files
    )
    alone = task(1, data={"text": MARIA}, predictions=guess)
    assert projects.convert(fmt, [alone], NER).reasons == [(1, None, "unlabeled")]


@pytest.mark.parametrize("fmt", BOTH)
def test_one_odd_task_leaves_the_others_alone(fmt: str) -> None:
    """It aborts the whole export of the SDK's converter."""
    odd = task(1, annotation(span(0, 1), created_at=None), data={"text": "a", "big": 2**63})
    out = projects.convert(fmt, [odd, told("\ud800 b", span(2, 3), number=2)], NER)
    assert out.ledger.entries == []
    assert out.text(FILES[fmt]).count("PER") == 2


# --- several annotations


@pytest.mark.parametrize("fmt", BOTH)
def test_annotations_that_stand_for_themselves(fmt: str) -> None:
    """Under `all`, a text is written once for each annotation, with its own spans."""
    both = [annotation(span(0, end, id="same"), number=10 + end) for end in (5, 11)]
    raw = [task(1, *both, annotation(number=29), data={"text": MARIA})]
    out = projects.convert(fmt, raw, NER, policy=Policy(annotations="all"))
    assert out.ledger.entries == []
    assert out.text(FILES[fmt]).count("Maria") == 3
    if fmt == "SPACY":
        found = lines(*raw, policy=Policy(annotations="all"))
        assert [(e["annotation"], [s["end"] for s in e["spans"]]) for e in found] == [
            (15, [5]),
            (21, [11]),
            (29, []),
        ]


# --- whatever comes in

VALUES = st.fixed_dictionaries(
    {},
    optional={
        "start": st.integers(-1, 12) | JUNK,
        "end": st.integers(-1, 12) | JUNK,
        "text": st.sampled_from(["a", "ab", "😀"]) | JUNK,
        "labels": st.lists(st.sampled_from(["PER", "ORG", "Gone"]) | JUNK, max_size=3) | JUNK,
        "choices": st.lists(st.sampled_from(["Good", "Odd"]) | JUNK, max_size=3) | JUNK,
    },
)
REGIONS = (
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.sampled_from(["r1", "r2"]) | JUNK,
            "type": st.sampled_from(["labels"] * 4 + ["choices", "textarea", "relation"]) | JUNK,
            "from_name": st.sampled_from(["ner", "tone", "gone"]) | JUNK,
            "to_name": st.sampled_from(["text", "title", "body", "page", "image"]) | JUNK,
            "value": VALUES | JUNK,
        },
    )
    | JUNK
)
TASKS = st.fixed_dictionaries(
    {},
    optional={
        key: st.sampled_from(["ab ab", "a😀b a", "\ud800 a", "'a' \"b\"."]) | JUNK
        for key in ("text", "title", "body")
    },
)


@settings(
    max_examples=examples(250),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    results=st.lists(st.lists(REGIONS, max_size=4), max_size=3),
    data=TASKS | JUNK,
    config=st.sampled_from([NER, TWO_TEXTS]),
    policy=st.sampled_from(["latest", "all", "majority"]),
)
def test_garbage_is_accounted_for(
    results: list[list[Any]], data: Any, config: str, policy: str
) -> None:
    annotations = [annotation(result=each, number=n) for n, each in enumerate(results, start=1)]
    raw = [task(1, *annotations, data=data)]
    for fmt in BOTH:
        out = projects.convert(fmt, raw, config, policy=Policy(annotations=policy))
        written = out.text(FILES[fmt])  # UTF-8, whatever came in
        if fmt == "SPACY":
            found = read(written)
            assert bool(found) == bool(out.ledger.tasks_written)
            for line in found:
                for start, end, label in ends(line):
                    assert 0 <= start < end <= len(line["text"])
                    assert label in ("PER", "ORG")
        else:
            rows = [each.split(" ") for each in written.split("\n") if each]
            assert {len(each) for each in rows} <= {3, 4}
            assert bool(rows[1:]) == bool(out.ledger.tasks_written)


# --- a reader that nobody here wrote


def test_nltk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nltk
    from nltk.corpus.reader import ConllCorpusReader

    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])  # it reads nowhere else
    out = projects.convert("CONLL2003", SHOW, NER)
    (tmp_path / "result.conll").write_bytes(out.files["result.conll"])
    columns = ("words", "ignore", "pos", "chunk")
    reader = ConllCorpusReader(str(tmp_path), ["result.conll"], columns)
    first, second = reader.iob_sents()
    assert [(word, tag) for word, _, tag in first][:6] == [
        ("Maria", "B-PER"),
        ("Lopez", "I-PER"),
        ("sings", "O"),
        ("at", "O"),
        ("Acme", "B-ORG"),
        ("Corp", "I-ORG"),
    ]
    assert [word for word, _, _ in second] == ["Nothing.", "At", "all", "."]


# --- the SDK's converter, where it loses nothing


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def sdk_conll(raw: list[Raw], config: str = NER) -> str:
    from label_studio_sdk.converter import Converter

    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "export.json", Path(name) / "out"
        source.write_text(json.dumps(raw))
        converter = Converter(config, name, download_resources=False)
        converter.convert(str(source), str(target), "CONLL2003", is_dir=False)
        return (target / "result.conll").read_text(encoding="utf-8")


# What is cut, and what is not; made into texts at random.
PARTS = (
    *("a", "b", "word", "Word", "it's", "I'm", "they'd", "we'll", "you're", "I've", "doesn't"),
    *("DON'T", "dogs'", "can't", "cannot", "gimme", "gonna", "gotta", "wanna", "lemme", "more'n"),
    *("d'ye", "'tis", "'twas", ".", "..", "...", "....", ",", ":", ";", "?", "!", "'", "''"),
    *("'''", '"', "``", "`", "(", ")", "[", "]", "{", "}", "<", ">", "-", "--", "—", "$", "%"),
    *("&", "#", "@", "/", "5", "3.88", "3,000", "10:30", "U.S.", "Mr.", "e.g.", "é", "ß", "中文"),
    *("😀", "ſ", "ı", "²", "a.b", "a,b", "a:b", "x's'", '").', "?'"),
)
PIECES = st.sampled_from([*PARTS, *[" "] * len(PARTS), "\n", "\t", "\r\n", "\u00a0", "  "])
SENTENCES = st.lists(PIECES, max_size=25).map("".join)


@settings(max_examples=examples(1500), deadline=None)
@given(text=SENTENCES | st.text(max_size=12))
def test_tokens_are_those_of_the_sdk(text: str) -> None:
    """Where scripts put blanks between words; of the others it makes one token a sentence."""
    from label_studio_sdk.converter import utils  # it alters the tokenizer that it imports

    theirs = list(utils.TreebankWordTokenizer().span_tokenize(text))
    by_character = {place for place, each in enumerate(text) if tokens._IS_ONE_TOKEN.match(each)}
    cuts = {each for place in by_character for each in (place, place + 1)}
    both = [*theirs], tokenize(text)
    for each in both:
        for position in cuts:
            tokens.cut_at(each, position)
    assert both[0] == both[1]
    assert by_character or tokenize(text) == theirs


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("马云在杭州。", "马 云 在 杭 州 。"),
        ("東京タワーへ行く", "東 京 タ ワ ー へ 行 く"),
        ("が\u304b\u3099", "が か\u3099"),  # a mark stays with its character
        ("GPT-4は2023年", "GPT-4 は 2023 年"),
        ("서울에서 만나요", "서울에서 만나요"),  # has blanks
        ("\u0e17\u0e35\u0e48\u0e19\u0e35\u0e48", "\u0e17\u0e35\u0e48 \u0e19\u0e35\u0e48"),
        ("\U00020000\u9999ab", "\U00020000 \u9999 ab"),
        ("Привет мир", "Привет мир"),
    ],
)
def test_scripts_without_blanks_are_cut_by_character(text: str, tokens: str) -> None:
    assert " ".join(text[start:end] for start, end in tokenize(text)) == tokens


def test_a_span_of_a_chinese_sentence() -> None:
    """The whole sentence was one token: of 140 spans in a real project 138 came out wider."""
    assert rows("马云在杭州。", span(0, 2), span(3, 5, "ORG", id="r2")) == [
        *("马 B-PER", "云 I-PER", "在 O", "杭 B-ORG", "州 I-ORG", "。 O")
    ]


def test_long_words_are_cut_too() -> None:
    assert tokenize("x" * 99 + ",") == [(0, 99), (99, 100)]


@st.composite
def entities(draw: st.DrawFn) -> list[Raw]:
    """Texts with spans that share no token, in the order of the text: else the SDK loses some."""
    raw = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        text = draw(SENTENCES.map(lambda text: text.replace("中文", "")).filter(str.strip))
        tokens = tokenize(text)
        cuts = sorted(draw(st.sets(st.integers(0, len(tokens)), max_size=6)))
        regions = []
        for place, (first, last) in enumerate(zip(cuts[::2], cuts[1::2], strict=False)):
            start, end = tokens[first][0], tokens[last - 1][1]
            label = draw(st.sampled_from(["PER", "ORG"]))
            regions.append(span(start, end, label, text=text[start:end], id=f"r{place}"))
        raw.append(
            told(text, *regions, *draw(st.sampled_from([[], [tone("Good")]])), number=number)
        )
    return raw


@settings(max_examples=examples(100), deadline=None)
@given(raw=entities())
def test_the_same_bytes_as_the_sdk(raw: list[Raw]) -> None:
    assert projects.convert("CONLL2003", raw, NER).text("result.conll") == sdk_conll(raw)


def test_the_comparison_sees_what_the_sdk_loses() -> None:
    nested = [told(MARIA, span(0, 5), span(0, 11, "ORG", id="r2"))]
    part = [told(MARIA, span(0, 3))]
    skipped = [task(1, data={"text": MARIA})]  # never labeled, and written as if it were
    for raw in (nested, part, skipped):
        assert projects.convert("CONLL2003", raw, NER).text("result.conll") != sdk_conll(raw)


def test_reviewed_and_empty_is_not_never_labeled() -> None:
    """They look the same in the SDK's converter."""
    reviewed, never = told(MARIA), task(2, data={"text": "Nobody came."})
    assert sdk_conll([reviewed, never]).count(" O\n") > 12
    for fmt in BOTH:
        out = projects.convert(fmt, [reviewed, never], NER)
        assert out.reasons == [(2, None, "unlabeled")]
        assert "Maria" in out.text(FILES[fmt])
        assert "Nobody" not in out.text(FILES[fmt])


@pytest.mark.parametrize("fmt", BOTH)
def test_bytes_do_not_depend_on_the_order_of_keys(fmt: str) -> None:
    turned = [json.loads(canonical_json.text(each)) for each in SHOW[::-1]]
    assert projects.convert(fmt, turned, NER).files == projects.convert(fmt, SHOW, NER).files
