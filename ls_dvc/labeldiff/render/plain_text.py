"""A label diff as text: for a terminal, and for a commit message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ls_dvc.io.printable import in_commit
from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.render import wording
from ls_dvc.labeldiff.render.wording import SIGNS, Style, plain
from ls_dvc.labeldiff.task_changes import TaskChange

NOTHING = "no labels changed"
_ALL, _SHORT = Style(), Style(longest_list=12)
_COMMITTED = Style(in_commit, 12)


def text(diff: LabelDiff, names: tuple[str, str], link: Callable[[int], str] | None = None) -> str:
    """The whole diff, for a terminal. `link` returns the address of a task."""
    sides = (plain(names[0]), plain(names[1]))
    title = f"labels {sides[0]} -> {sides[1]}"
    if not diff:
        return f"{title}: {'; '.join(filter(None, (NOTHING, _other_media(diff))))}\n"
    sections = {
        "classes": wording.classes(diff, _ALL),
        "label config": list(_config(diff, sides)),
        "class ids": wording.registry(diff.registry, _ALL),
        "annotators": [wording.annotators(diff, _ALL)] if diff.annotators else [],
        wording.task_counts(diff): [line for task in diff.tasks for line in _task(task, link)],
    }
    texts = [_section(head, lines) for head, lines in sections.items() if lines]
    return "\n".join([title, _totals(diff), *texts]) + "\n"


def stat(diff: LabelDiff) -> str:
    """One line, such as `3 tasks added, 2 changed; label config changed`."""
    ids = "; ".join(wording.registry(diff.registry, _SHORT))
    parts = [
        wording.task_counts(diff),
        "label config changed" if diff.label_config.changed else "",
        f"class ids {ids}" if ids else "",
    ]
    changed = "; ".join(filter(None, parts)) or NOTHING
    return "; ".join(filter(None, (changed, _other_media(diff))))


def summary(diff: LabelDiff) -> str:
    """A few words for a subject line, such as `+3 ~2 -1 tasks, label config`."""
    tasks_by_kind = {
        ChangeKind.ADDED: diff.added,
        ChangeKind.CHANGED: diff.changed,
        ChangeKind.REMOVED: diff.removed,
    }
    counts = [f"{SIGNS[kind]}{len(tasks)}" for kind, tasks in tasks_by_kind.items() if tasks]
    tasks = f"{' '.join(counts)} {'task' if len(diff.tasks) == 1 else 'tasks'}" if counts else ""
    config = "label config" if diff.label_config.changed else ""
    registry = "class ids" if diff.registry.changed and not config else ""
    return ", ".join(filter(None, (tasks, config, registry))) or NOTHING


def commit_body(diff: LabelDiff) -> str:
    """A few lines for a commit message; empty when nothing changed."""
    if not diff:
        return ""
    phrases = {
        "classes": wording.classes(diff, _COMMITTED),
        "label config": wording.config(diff.label_config, _COMMITTED) or _config_changed(diff),
        "class ids": wording.registry(diff.registry, _COMMITTED),
        "annotators": [wording.annotators(diff, _COMMITTED)] if diff.annotators else [],
    }
    lines = [f"{title}: {', '.join(items)}" for title, items in phrases.items() if items]
    return "\n".join([_totals(diff), *lines]) + "\n"


def _section(head: str, lines: Sequence[str]) -> str:
    return "\n".join(["", f"{head}:", *(f"  {line}" for line in lines)])


def _totals(diff: LabelDiff) -> str:
    old, new = diff.before.counts, diff.after.counts
    tasks = wording.step(old.tasks, new.tasks)
    labels = f"tasks {tasks}, annotations {wording.step(old.annotations, new.annotations)}"
    return ", ".join(filter(None, (labels, wording.media(diff))))


def _other_media(diff: LabelDiff) -> str:
    """How many media there are, if that differs."""
    return wording.media(diff) if diff.before.media != diff.after.media else ""


def _config_changed(diff: LabelDiff) -> list[str]:
    return ["changed"] if diff.label_config.changed else []


def _config(diff: LabelDiff, names: tuple[str, str]) -> Iterator[str]:
    """What differs in the label config, then a diff of its lines, which are not cut."""
    yield from wording.config(diff.label_config, _ALL)
    for line in diff.label_config.lines(names):
        yield plain(line, len(line))


def _task(change: TaskChange, link: Callable[[int], str] | None) -> Iterator[str]:
    head = f"{SIGNS[change.kind]} task {change.task}  "
    address = [plain(link(change.task), 1000)] if link else []
    lines = [*wording.task(change, _ALL), *address]
    if change.name:
        yield head + plain(change.name)
        yield from (f"    {line}" for line in lines)
        return
    yield head + lines[0]
    yield from (" " * len(head) + line for line in lines[1:])
