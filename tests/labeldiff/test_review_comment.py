"""The comment on a pull request: grouped for a reviewer, and all text from labels stays text."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support import history
from support.effort import examples
from support.history import difference
from support.projects import Raw, annotation, box, boxed, choice, polygon, region, relation, task

from ls_dvc.labeldiff.change_groups import ChangeGroup, Happening, change_groups
from ls_dvc.labeldiff.render.markdown import pull_request_comment

SMALL = settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
LINK = "https://ls.example.com/projects/42/data?task="
GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = (
    *("`", "```\n", "|", "\n", "\r\n", "\u2028", "\\", "*", "_", "~~", "#1", "@someone", "!12"),
    *("<!--", "-->", "</details>", "</b>", "<script>", "<img src=x onerror=y>", "&lt;", "&#60;"),
    *("[a](https://evil.example)", "https://evil.example", "www.evil.example", "\u202e", "\x1b[2J"),
    *("- [ ] x", "# head", "\n\n---\n", "$x$", "::error::", "GH-1", "a@b.example", "\ud800", "x"),
)
hostile = st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=6).map("".join)


def groups_of(old: list[Any], new: list[Any]) -> dict[Happening, ChangeGroup]:
    found = change_groups(difference([boxed(1, *old)], [boxed(1, *new)]))
    return {group.happening: group for group in found}


def lines(old: list[Raw], new: list[Raw]) -> list[str]:
    """The lines of all lists, without what they say of the task."""
    shown = pull_request_comment(difference(old, new), ("a", "b"))
    return re.findall(r"(?m)^- (?:<b>.*</b> \()?task 1(?:, user 7)?\)?: (.*)$", shown)


def test_a_region_is_in_the_group_of_what_happened_to_it() -> None:
    old = [box(0, 0, 9, 9, id=name) for name in "abcde"]
    new = [
        box(0, 0, 9, 9, "Dog", id="a"),
        box(1, 0, 9, 9, id="b"),
        box(0, 0, 9, 9, id="c", score=1),
        box(0, 0, 9, 9, id="d"),
        box(0, 0, 9, 9, "Dog", id="f"),
        choice("Rain", id="w"),
    ]
    assert {happening: group.region_count for happening, group in groups_of(old, new).items()} == {
        Happening.RELABELED: 1,
        Happening.REMOVED: 1,
        Happening.ADDED: 1,
        Happening.MOVED: 1,
        Happening.ANSWERED: 1,
        Happening.EDITED: 1,
    }


def test_what_a_reviewer_reads() -> None:
    old = [box(0, 0, 10, 10, id="a"), box(0, 0, 9, 9, id="b"), choice("Sun", id="c")]
    new = [
        box(0, 0, 5, 10, "Dog", id="a"),
        *(box(2, 2, 3, 3, id=name) for name in "xyz"),
        relation("a", "x"),
        choice("Rain", id="c"),
    ]
    assert lines([boxed(1, *old)], [boxed(1, *new)]) == [
        "Car → Dog IoU 0.50",
        "Car",
        "Car ×3, a -&#62; x",
        "weather: Sun → Rain",
    ]
    skipped = [task(1, annotation(was_cancelled=True))]
    assert lines([task(1, annotation())], skipped) == ["annotation 10 by user 7: skipped"]
    assert lines([], [task(1)]) == ["no annotations"]


def test_answers_are_told_before_and_after() -> None:
    def caption(text: str) -> Raw:
        return region("textarea", {"text": [text]}, from_name="caption", id="t")

    old, new = [boxed(1, caption("a dog"))], [boxed(1, caption("two <dogs>"))]
    assert lines(old, new) == ["caption: “a dog” → “two &#60;dogs&#62;”"]
    assert lines(old, [boxed(1)]) == ["caption: “a dog” → no answer"]
    comment = pull_request_comment(difference(old, new), ("a", "b"))
    assert "| **Answered differently** | 1 | 1 | caption ×1 |" in comment


def test_moved_and_resized_are_told_apart() -> None:
    old = [box(0, 0, 10, 10, id="a"), box(0, 0, 10, 10, id="b"), polygon([[1, 1], [5, 1], [5, 5]])]
    new = [box(1, 0, 10, 10, id="a"), box(0, 0, 5, 10, id="b"), polygon([[1, 1], [5, 1], [5, 9]])]
    comment = pull_request_comment(difference([boxed(1, *old)], [boxed(1, *new)]), ("a", "b"))
    assert "| **Moved** | 1 | 1 | Car ×1, least IoU 0.82 |" in comment
    assert "| **Resized or reshaped** | 2 | 1 | Car ×1, Road ×1, least IoU 0.50 |" in comment


def test_the_least_overlap_comes_first() -> None:
    old = [boxed(number, box(0, 0, 10, 10)) for number in (1, 2, 3)]
    new = [boxed(number, box(x, 0, 10, 10)) for number, x in ((1, 1), (2, 8), (3, 2))]
    (group,) = change_groups(difference(old, new))
    assert [each.task.task for each in group.tasks] == [2, 3, 1]
    assert "| **Moved** | 3 | 3 | Car ×3, least IoU 0.11 |" in pull_request_comment(
        difference(old, new), ("a", "b")
    )


@SMALL
@given(pair=history.histories())
def test_every_task_that_differs_is_in_a_group(pair: tuple[list[Raw], list[Raw]]) -> None:
    diff = difference(*pair)
    found = {each.task.task for group in change_groups(diff) for each in group.tasks}
    assert found == {change.task for change in diff.tasks}


class Shown(HTMLParser):
    """What a reader sees: the tags, where links lead, and the text."""

    def __init__(self, markdown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.links, self.text = Counter[str](), list[str](), list[str]()
        self.open, self.comments = 0, list[str]()
        self.feed(GFM.render(markdown))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.open += tag == "details"
        self.links += [value or "" for name, value in attributes if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self.open -= tag == "details"
        assert self.open in (0, 1), "folds are neither in each other nor closed twice"

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@SMALL
@given(name=hostile, label=hostile, other=hostile, limit=st.integers(1, 4))
def test_hostile_labels_stay_text(name: str, label: str, other: str, limit: int) -> None:
    old = [boxed(n, box(0, 0, 9, 9, label), data={"image": name}) for n in range(1, 7)]
    new = [
        boxed(n, box(n, 0, 9, 9, other), polygon([[1, 1], [5, 1], [5, 5]], label), {}, "junk")
        for n in range(2, 8)
    ]
    diff = difference(old, new)
    markdown = pull_request_comment(diff, (name, other), lambda n: f"{LINK}{n}", limit)
    shown = Shown(markdown)
    expected = {"p", "strong", "b", "a", "ul", "li", "details", "summary", "code"}
    tables = {"table", "thead", "tbody", "tr", "th", "td"}
    assert set(shown.tags) <= expected | tables, shown.tags
    assert shown.open == 0
    assert not shown.comments
    assert all(re.fullmatch(re.escape(LINK) + r"\d", link) for link in shown.links)
    groups = len(change_groups(diff))
    assert (shown.tags["details"], shown.tags["table"]) == (groups, 2)
    assert shown.tags["td"] == 4 * groups + 6 * (shown.tags["tr"] - groups - 2)
    assert shown.tags["code"] == markdown.count("`ls-dvc diff --html`")
    assert not re.search(r"@|(?<!&)#|GH-\d|\bwww\.|://(?!ls\.example)", markdown)
    text = "".join(shown.text)
    assert not re.search(r"[@#!~%$&]\w|GH-\d", text), "no mention, no reference"
    assert not re.search("[\u202a-\u202e\u2028\x00-\x09\x0b-\x1f\ud800]", text)
