"""A label diff as a comment on a pull request, in the Markdown of GitHub and GitLab.

GitHub allows 65,536 characters, and a push option, which is how GitLab gets the text, as many bytes
in one line. Every part has its share, and what does not fit is only counted: whole lines are left
out, so no markup is cut, and the comment of any diff can be posted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ls_dvc.io import comment_parts
from ls_dvc.io.printable import in_markdown
from ls_dvc.labeldiff.change_groups import ChangeGroup, change_groups
from ls_dvc.labeldiff.class_changes import ClassChange, class_changes
from ls_dvc.labeldiff.config_changes import ConfigChange
from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.render import review, wording
from ls_dvc.labeldiff.render.review import STYLE, TaskLink
from ls_dvc.labeldiff.render.wording import plain

# Most bytes of each part of a comment, with two for the end of a line; together 52,000; what
# others add (`more`) has 6,000.
_HEAD, _CHANGES, _CLASSES, _PHRASES, _XML, _TASKS = 5_000, 8_000, 9_000, 4_000, 6_000, 16_000
_IN_SIGHT = 8  # classes that are not folded
_FEW = 10  # tasks of a diff whose lists are open
_ALL = "The page that `ls-dvc diff --html` writes shows all of it."


def pull_request_comment(
    diff: LabelDiff,
    names: tuple[str, str],
    link: TaskLink | None = None,
    limit: int = 20,
    more: Sequence[str] = (),
) -> str:
    """The diff for a pull request: what changed in one line, then in more and more detail.

    `link` returns the address of a task; `limit` is how many tasks are listed of each kind of
    change, `more` are parts about the same versions that stand before these lists. The text is
    below GitHub's limit whatever the diff.
    """
    groups = change_groups(diff)
    phrases = wording.registry(diff.registry, STYLE)
    parts = [
        _headline(diff, names),
        *_overview(groups),
        *(["**Class ids**\n\n" + _items(phrases, _PHRASES)] if phrases else []),
        *_config(diff.label_config),
        *_classes(class_changes(diff)),
        *more,
    ]
    is_open = len(diff.tasks) <= _FEW
    lists, hidden = _lists(groups, link, limit, is_open) if limit > 0 else ([], 0)
    return "\n\n".join([*parts, *lists, *([_ALL] if hidden else [])]) + "\n"


def _headline(diff: LabelDiff, names: tuple[str, str]) -> str:
    between = f"{in_markdown(names[0])} → {in_markdown(names[1])}"
    if not diff:
        return f"**No labels changed** ({between})"
    config = "label config changed" if diff.label_config.changed else ""
    counts = ", ".join(filter(None, (wording.task_counts(diff), config))) or "class ids changed"
    annotators = wording.annotators(diff, STYLE)
    return f"**{counts[:1].upper()}{counts[1:]}** ({between})" + (
        f", by {annotators}" if annotators and comment_parts.size_of(annotators) < _HEAD else ""
    )


def _overview(groups: Sequence[ChangeGroup]) -> list[str]:
    shown, more = comment_parts.counted([review.row(group) for group in groups], _CHANGES)
    head = "| what happened | regions | tasks | mostly |\n|---|--:|--:|---|\n"
    return [head + "\n".join(shown), *more] if shown else []


def _classes(changes: Sequence[ClassChange]) -> list[str]:
    """The most changed classes in sight, the others folded."""
    rows = [
        f"| {in_markdown(row.label)} | {row.before:,} | {row.after:,} | {_signed('+', row.gained)}"
        f" | {_signed('−', row.lost)} | {in_markdown(row.control)} |"
        for row in changes
    ]
    head = "| class | before | after | gained | lost | control |\n|---|--:|--:|--:|--:|---|\n"
    rest = rows[_IN_SIGHT:]
    shown, more = comment_parts.counted(rows[:_IN_SIGHT], _CLASSES // 2)
    parts = [head + "\n".join(shown), *more] if rows else []
    shown, more = comment_parts.counted(rest, _CLASSES // 2)
    body = "\n\n".join([head + "\n".join(shown), *more])
    return [*parts, *([comment_parts.folded(f"{len(rest):,} more classes", body)] if rest else [])]


def _signed(sign: str, count: int) -> str:
    return f"{sign}{count:,}" if count else ""


def _config(change: ConfigChange) -> list[str]:
    if not change.changed:
        return []
    phrases = wording.config(change, STYLE)
    return [
        "**Label config**" + ("\n\n" + _items(phrases, _PHRASES) if phrases else ""),
        comment_parts.folded("Label config, line by line", _code(change.lines())),
    ]


def _code(lines: Sequence[str]) -> str:
    """Lines of a diff in a fence that none of them can close."""
    shown, more = comment_parts.counted([plain(line, 300) for line in lines], _XML)
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n\n".join(["\n".join([f"{fence}diff", *shown, fence]), *more])


def _lists(
    groups: Sequence[ChangeGroup], link: TaskLink | None, limit: int, is_open: bool
) -> tuple[list[str], int]:
    """A list for each group, and how many tasks are not listed."""
    parts, room, hidden = list[str](), _TASKS, 0
    for number, group in enumerate(groups):
        lines = (review.line(group, task, link) for task in group.tasks[:limit])
        shown = comment_parts.fitting(lines, room // (len(groups) - number))
        room -= sum(map(comment_parts.size_of, shown))
        left_out = len(group.tasks) - len(shown)
        body = "\n\n".join(filter(None, ["\n".join(shown), *comment_parts.more(left_out)]))
        parts.append(comment_parts.folded(review.title(group), body, is_open=is_open))
        hidden += left_out
    return parts, hidden


def _items(lines: Iterable[str], room: int) -> str:
    shown, more = comment_parts.counted([f"- {line}" for line in lines], room)
    return "\n".join([*shown, *(f"- {line}" for line in more)])
