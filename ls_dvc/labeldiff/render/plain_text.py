"""A label diff as text: for a terminal, and for a commit message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.render import wording
from ls_dvc.labeldiff.render.wording import SIGNS, Style, plain
from ls_dvc.labeldiff.task_changes import TaskChange

NOTHING = "no labels changed"
_ALL, _SOME = Style(), Style(most=12)


def text(diff: LabelDiff, names: tuple[str, str], link: Callable[[int], str] | None = None) -> str:
    """The whole diff for a terminal, ending in a line end. `link` gives a task's address."""
    shown = (plain(names[0]), plain(names[1]))
    title = f"labels {shown[0]} -> {shown[1]}"
    if not diff:
        return f"{title}: {NOTHING}\n"
    sections = {
        "classes": wording.classes(diff, _ALL),
        "label config": list(_config(diff, shown)),
        "class ids": wording.registry(diff.registry, _ALL),
        "annotators": [wording.annotators(diff, _ALL)] if diff.annotators else [],
        wording.tally(diff): [line for each in diff.tasks for line in _task(each, link)],
    }
    told = [_section(head, lines) for head, lines in sections.items() if lines]
    return "\n".join([title, _totals(diff), *told]) + "\n"


def stat(diff: LabelDiff) -> str:
    """One short paragraph, such as `3 tasks added, 2 changed; Car 9 -> 13 (+4)`."""
    ids = "; ".join(wording.registry(diff.registry, _SOME))
    parts = [
        wording.tally(diff),
        ", ".join(wording.classes(diff, _SOME)),
        "label config changed" if diff.label_config.changed else "",
        f"class ids {ids}" if ids else "",
    ]
    return "; ".join(filter(None, parts)) or NOTHING


def summary(diff: LabelDiff) -> str:
    """What a subject line has room for, such as `+3 ~2 -1 tasks, label config`."""
    ids = {
        ChangeKind.ADDED: diff.added,
        ChangeKind.CHANGED: diff.changed,
        ChangeKind.REMOVED: diff.removed,
    }
    counts = [f"{SIGNS[kind]}{len(some)}" for kind, some in ids.items() if some]
    tasks = f"{' '.join(counts)} {'task' if len(diff.tasks) == 1 else 'tasks'}" if counts else ""
    config = "label config" if diff.label_config.changed else ""
    registry = "class ids" if diff.registry.changed and not config else ""
    return ", ".join(filter(None, (tasks, config, registry))) or NOTHING


def commit_body(diff: LabelDiff) -> str:
    """A few lines for a commit message; empty when nothing changed."""
    if not diff:
        return ""
    told = {
        "classes": wording.classes(diff, _SOME),
        "label config": wording.config(diff.label_config, _SOME) or _whole(diff),
        "class ids": wording.registry(diff.registry, _SOME),
        "annotators": [wording.annotators(diff, _SOME)] if diff.annotators else [],
    }
    lines = [f"{title}: {', '.join(some)}" for title, some in told.items() if some]
    return "\n".join([_totals(diff), *map(_inert, lines)]) + "\n"


def _section(head: str, lines: Sequence[str]) -> str:
    return "\n".join(["", f"{head}:", *(f"  {each}" for each in lines)])


def _totals(diff: LabelDiff) -> str:
    old, new = diff.before.counts, diff.after.counts
    tasks = wording.step(old.tasks, new.tasks)
    return f"tasks {tasks}, annotations {wording.step(old.annotations, new.annotations)}"


def _whole(diff: LabelDiff) -> list[str]:
    return ["changed"] if diff.label_config.changed else []


def _config(diff: LabelDiff, names: tuple[str, str]) -> Iterator[str]:
    """What differs in the label config, then how; lines are not cut."""
    yield from wording.config(diff.label_config, _ALL)
    for each in diff.label_config.lines(names):
        yield plain(each, len(each) + 1)


def _task(change: TaskChange, link: Callable[[int], str] | None) -> Iterator[str]:
    head = f"{SIGNS[change.kind]} task {change.task}  "
    address = [plain(link(change.task), 1000)] if link else []
    first, *others = [*wording.task(change, _ALL), *address]
    yield head + first
    yield from (" " * len(head) + each for each in others)


def _inert(line: str) -> str:
    """Without mentions and `closes #1`, which a server would act on: U+200B comes between."""
    return re.sub("[@#]", "\\g<0>\u200b", line)
