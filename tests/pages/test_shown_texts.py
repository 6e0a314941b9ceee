"""Texts, pages of HTML and dialogues as people read them, and where spans are in each."""

from __future__ import annotations

from typing import Any

import pytest
from support.projects import region

from ls_dvc.labels import label_config
from ls_dvc.labels.shown_objects import shown_objects
from ls_dvc.pages.shown_texts import ShownText, shown_text


def text_of(tag: str, value: Any, **attributes: str) -> ShownText | None:
    written = " ".join(f'{name}="{each}"' for name, each in attributes.items())
    xml = f'<View><{tag} name="t" value="$t" {written}/></View>'
    (shown,) = shown_objects(label_config.parse(xml, "test"), {"t": value}, tag)
    return shown_text(shown)


def words_at(shown: ShownText | None, **value: Any) -> str | None:
    """The words that a region with this value is on."""
    assert shown is not None
    (ends,) = shown.ends_of([region("labels", value)])
    return ends and shown.text[ends[0] : ends[1]]


HTML = "<h1>News</h1><p>Anna &amp; <b>Ben</b></p><script>x()</script><p>live in Paris 🙂 now</p>"


def test_a_page_of_html_has_a_line_for_each_block() -> None:
    found = text_of("HyperText", HTML)
    assert found is not None
    assert found.text == "News\nAnna & Ben\nlive in Paris 🙂 now"


@pytest.mark.parametrize(
    ("start", "end", "words", "expected"),
    [
        (0, 4, "News", "News"),
        (4, 14, "Anna & Ben", "Anna & Ben"),
        (0, 8, "News\nAnna", "News\nAnna"),
        (22, 27, "Paris", "Paris"),
        (30, 33, "now", "now"),
        (31, 34, "now", "now"),  # as JavaScript counts the emoji
        (4, 14, "Other words", None),
        (4, 14, "", None),
        (4, 999, "Anna", None),
    ],
)
def test_spans_of_html_that_agree_with_their_words(
    start: int, end: int, words: str, expected: str | None
) -> None:
    offsets = {"start": start, "end": end}
    found = words_at(text_of("HyperText", HTML), text=words, globalOffsets=offsets)
    assert found == expected


def test_html_without_global_offsets_or_without_text_has_no_spans() -> None:
    found = text_of("HyperText", HTML)
    assert words_at(found, text="News", start="/h1[1]", end="/h1[1]") is None
    assert words_at(found, text="News", start=0, end=4) is None
    assert text_of("HyperText", "<p> </p>") is None
    assert text_of("HyperText", "https://a.example/x.html", valueType="url") is None


DIALOGUE = [
    {"author": "Anna", "text": "Hello Ben"},
    {"author": "", "text": "🙂 Hi"},
    "junk",
    {"author": "Anna", "text": "Bye"},
]


@pytest.mark.parametrize(
    ("at", "words", "expected"),
    [
        (("0", 6, "0", 9), "Ben", "Ben"),
        ((0, 0, 0, 5), "Hello", "Hello"),
        (("1", 2, "1", 4), "Hi", "Hi"),
        (("1", 3, "1", 5), "Hi", "Hi"),  # as JavaScript counts the emoji
        (("0", 6, "3", 3), "", "Ben\n🙂 Hi\n\nAnna: Bye"),
        (("0", 0, "0", 5), "Other", None),
        (("3", 0, "0", 5), "", None),
        (("4", 0, "4", 5), "", None),
        (("²", 0, "0", 5), "", None),
        (("0", 6, "3", 99), "", None),
        (("0", None, "3", 1), "", None),
    ],
)
def test_spans_of_a_dialogue(at: tuple[Any, ...], words: str, expected: str | None) -> None:
    found = text_of("Paragraphs", DIALOGUE)
    assert found is not None
    assert found.text == "Anna: Hello Ben\n🙂 Hi\n\nAnna: Bye"
    start, first, end, last = at
    assert (
        words_at(found, start=start, startOffset=first, end=end, endOffset=last, text=words)
        == expected
    )


def test_a_dialogue_has_the_keys_that_the_config_names() -> None:
    said = [{"who": "Ben", "said": "Hi", "text": "no"}]
    found = text_of("Paragraphs", said, nameKey="who", textKey="said")
    assert found is not None
    assert found.text == "Ben: Hi"
    assert text_of("Paragraphs", "https://a.example/x.json", valueType="url") is None
    assert text_of("Paragraphs", [{"who": "Ben"}]) is None
