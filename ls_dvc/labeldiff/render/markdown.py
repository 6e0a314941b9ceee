"""A label diff as a comment on a pull request, in GitHub's Markdown.

GitHub takes 65,536 characters. Every part has its share of them, and whatever does not fit is
counted, so a comment of any diff can be posted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from ls_dvc.labeldiff.config_changes import ConfigChange
from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.render import wording
from ls_dvc.labeldiff.render.wording import Style, plain
from ls_dvc.labeldiff.task_changes import TaskChange

# Characters that each part may have; together far below GitHub's limit.
_CLASSES, _WORDS, _XML, _TASKS = 12_000, 4_000, 8_000, 20_000
_ORDER = (
    ChangeKind.CHANGED,
    ChangeKind.ADDED,
    ChangeKind.REMOVED,
)  # what a reviewer wants to see first
_LONGEST_LINK = 500
_LONGEST_TASK = 3_000  # so that a single task does not keep the others out

_MARKS = re.compile(r"[^\w\s,;→…-]|_", re.ASCII)


def markdown(
    diff: LabelDiff,
    names: tuple[str, str],
    link: Callable[[int], str] | None = None,
    limit: int = 20,
) -> str:
    """The diff for a pull request: what changed in one line, then in more and more detail.

    `link` gives a task's address; `limit` is how many tasks are told. Below GitHub's 65,536
    characters whatever the diff.
    """
    parts = [_headline(diff, names), *_classes(diff), *_config(diff.label_config)]
    words = wording.registry(diff.registry, _STYLE)
    parts += ["**Class ids**\n\n" + _items(words, _WORDS)] if words else []
    return "\n\n".join([*parts, *_tasks(diff, link, limit)]) + "\n"


def escaped(words: object) -> str:
    """Text that Markdown shows as it is: no markup, no cell border, no mention, no reference."""
    return _MARKS.sub(_entity, plain(words))


_STYLE = Style(escaped, 8)


def _entity(found: re.Match[str]) -> str:
    """U+200B behind @ and #: GitHub looks for mentions when the entities are resolved."""
    mark = found[0]
    if not mark.isascii():
        return mark
    return f"&#{ord(mark)};" + ("&#8203;" if mark in "@#" else "")


def _headline(diff: LabelDiff, names: tuple[str, str]) -> str:
    between = f"{escaped(names[0])} -> {escaped(names[1])}"
    if not diff:
        return f"**No labels changed** ({between})"
    config = "label config changed" if diff.label_config.changed else ""
    told = ", ".join(filter(None, (wording.tally(diff), config))) or "class ids changed"
    who = wording.annotators(diff, _STYLE)
    return f"**{told[:1].upper()}{told[1:]}** ({between})" + (
        f", by annotator {who}" if who else ""
    )


def _classes(diff: LabelDiff) -> list[str]:
    rows = [
        f"| {escaped(control)} | {escaped(label)} | {old:,} | {new:,} | {new - old:+,} |"
        for control, some in diff.classes_changed.items()
        for label, (old, new) in some.items()
    ]
    if not rows:
        return []
    kept, more = _fitting(rows, _CLASSES, "labels")
    head = "| control | label | before | after | change |\n|---|---|--:|--:|--:|\n"
    return [head + "\n".join(kept), *more]


def _config(change: ConfigChange) -> list[str]:
    if not change.changed:
        return []
    words = wording.config(change, _STYLE)
    return [
        "**Label config**" + ("\n\n" + _items(words, _WORDS) if words else ""),
        _folded("Label config, line by line", _code(change.lines())),
    ]


def _code(lines: Sequence[str]) -> str:
    """Lines of a diff in a fence that none of them can close."""
    kept, more = _fitting([plain(each, 300) for each in lines], _XML, "lines")
    longest = max((len(run) for each in kept for run in re.findall("`+", each)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n\n".join(["\n".join([f"{fence}diff", *kept, fence]), *more])


def _tasks(diff: LabelDiff, link: Callable[[int], str] | None, limit: int) -> list[str]:
    ordered = sorted(diff.tasks, key=lambda each: _ORDER.index(each.kind))
    if not ordered or limit <= 0:
        return []
    kept, _ = _fitting([_task(each, link) for each in ordered[:limit]], _TASKS, "tasks")
    left = len(ordered) - len(kept)
    title = f"First {len(kept):,} of {len(ordered):,} tasks" if left else "Tasks"
    return [_folded(title, "\n\n".join(["\n".join(kept), *_more(left, "tasks")]))]


def _task(change: TaskChange, link: Callable[[int], str] | None) -> str:
    name = f"task {change.task}"
    address = quote(link(change.task), safe=":/?#[]@!$&'*+,;=%~") if link else ""
    if 0 < len(address) <= _LONGEST_LINK:
        name = f"[{name}]({address})"
    lines = wording.task(change, _STYLE)
    if sum(map(len, lines)) > _LONGEST_TASK:
        lines = [f"too much to tell here, in {len(change.annotations):,} annotations"]
    return f"- {name} {change.kind.value}\n" + "\n".join(f"  - {each}" for each in lines)


def _items(lines: Iterable[str], room: int) -> str:
    kept, more = _fitting([f"- {each}" for each in lines], room, "lines")
    return "\n".join([*kept, *(f"- {each}" for each in more)])


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _more(left: int, what: str) -> list[str]:
    return [f"… and {left:,} more {what}"] if left else []


def _fitting(lines: Sequence[str], room: int, what: str) -> tuple[list[str], list[str]]:
    """The first lines that have room, and what to say of the others."""
    kept: list[str] = []
    for each in lines:
        room -= len(each) + 1
        if room < 0:
            break
        kept.append(each)
    return kept, _more(len(lines) - len(kept), what)
