"""A label diff as a comment on a pull request, in GitHub's Markdown.

GitHub allows 65,536 characters. Every part has its share of them, and what does not fit is only
counted, so that the comment of any diff can be posted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from ls_dvc.io.printable import in_markdown
from ls_dvc.labeldiff.config_changes import ConfigChange
from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.render import wording
from ls_dvc.labeldiff.render.wording import Style, plain
from ls_dvc.labeldiff.task_changes import TaskChange

# Most characters of each part; together far below GitHub's limit.
_CLASSES, _PHRASES, _XML, _TASKS = 12_000, 4_000, 8_000, 20_000
_ORDER = (
    ChangeKind.CHANGED,
    ChangeKind.ADDED,
    ChangeKind.REMOVED,
)  # the order in which a reviewer wants to see them
_LONGEST_LINK = 500
_LONGEST_TASK = 3_000  # characters, so that one task leaves room for others


def pull_request_comment(
    diff: LabelDiff,
    names: tuple[str, str],
    link: Callable[[int], str] | None = None,
    limit: int = 20,
) -> str:
    """The diff for a pull request: what changed in one line, then in more and more detail.

    `link` returns the address of a task; `limit` is how many tasks are listed. The text is below
    GitHub's limit whatever the diff.
    """
    parts = [_headline(diff, names), *_classes(diff), *_config(diff.label_config)]
    phrases = wording.registry(diff.registry, _STYLE)
    parts += ["**Class ids**\n\n" + _items(phrases, _PHRASES)] if phrases else []
    return "\n\n".join([*parts, *_tasks(diff, link, limit)]) + "\n"


_STYLE = Style(in_markdown, 8)


def _headline(diff: LabelDiff, names: tuple[str, str]) -> str:
    between = f"{in_markdown(names[0])} -> {in_markdown(names[1])}"
    if not diff:
        return f"**No labels changed** ({between})"
    config = "label config changed" if diff.label_config.changed else ""
    counts = ", ".join(filter(None, (wording.task_counts(diff), config))) or "class ids changed"
    annotators = wording.annotators(diff, _STYLE)
    return f"**{counts[:1].upper()}{counts[1:]}** ({between})" + (
        f", by {annotators}" if annotators else ""
    )


def _classes(diff: LabelDiff) -> list[str]:
    rows = [
        f"| {in_markdown(control)} | {in_markdown(label)} | {old:,} | {new:,} | {new - old:+,} |"
        for control, counts in diff.classes_changed.items()
        for label, (old, new) in counts.items()
    ]
    if not rows:
        return []
    shown, more = _fitting(rows, _CLASSES, "labels")
    head = "| control | label | before | after | change |\n|---|---|--:|--:|--:|\n"
    return [head + "\n".join(shown), *more]


def _config(change: ConfigChange) -> list[str]:
    if not change.changed:
        return []
    phrases = wording.config(change, _STYLE)
    return [
        "**Label config**" + ("\n\n" + _items(phrases, _PHRASES) if phrases else ""),
        _folded("Label config, line by line", _code(change.lines())),
    ]


def _code(lines: Sequence[str]) -> str:
    """Lines of a diff in a fence that none of them can close."""
    shown, more = _fitting([plain(line, 300) for line in lines], _XML, "lines")
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n\n".join(["\n".join([f"{fence}diff", *shown, fence]), *more])


def _tasks(diff: LabelDiff, link: Callable[[int], str] | None, limit: int) -> list[str]:
    ordered = sorted(diff.tasks, key=lambda task: _ORDER.index(task.kind))
    if not ordered or limit <= 0:
        return []
    shown, _ = _fitting([_task(task, link) for task in ordered[:limit]], _TASKS, "tasks")
    hidden = len(ordered) - len(shown)
    title = f"First {len(shown):,} of {len(ordered):,} tasks" if hidden else "Tasks"
    return [_folded(title, "\n\n".join(["\n".join(shown), *_more(hidden, "tasks")]))]


def _task(change: TaskChange, link: Callable[[int], str] | None) -> str:
    name = f"task {change.task}"
    address = quote(link(change.task), safe=":/?#[]@!$&'*+,;=%~") if link else ""
    if 0 < len(address) <= _LONGEST_LINK:
        name = f"[{name}]({address})"
    lines = wording.task(change, _STYLE)
    if sum(map(len, lines)) > _LONGEST_TASK:
        lines = [f"too many changes to list, in {len(change.annotations):,} annotations"]
    name += f" {_STYLE.quote(change.name)}" if change.name else ""
    return f"- {name} {change.kind.value}\n" + "\n".join(f"  - {line}" for line in lines)


def _items(lines: Iterable[str], room: int) -> str:
    shown, more = _fitting([f"- {line}" for line in lines], room, "lines")
    return "\n".join([*shown, *(f"- {line}" for line in more)])


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _more(hidden: int, what: str) -> list[str]:
    return [f"… and {hidden:,} more {what}"] if hidden else []


def _fitting(lines: Sequence[str], room: int, what: str) -> tuple[list[str], list[str]]:
    """The first lines, as many as fit, and how many there are more."""
    shown: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    return shown, _more(len(lines) - len(shown), what)
