"""A label diff as text: for a terminal, and for a commit message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ls_dvc.io.printable import in_commit
from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.render import wording
from ls_dvc.labeldiff.render.wording import SIGNS, Style, plain
from ls_dvc.labeldiff.task_changes import AnnotationChange, TaskChange

NOTHING = "no labels changed"
_ALL, _SHORT = Style(), Style(longest_list=12)
_COMMITTED = Style(in_commit, 12)


def text(
    diff: LabelDiff,
    names: tuple[str, str],
    link: Callable[[int], str] | None = None,
    longest: int | None = None,
) -> str:
    """The diff, for a terminal: all of it, or the first `longest` tasks.

    `link` returns the address of a task.
    """
    sides = (plain(names[0]), plain(names[1]))
    title = f"labels {sides[0]} -> {sides[1]}"
    if not diff:
        return f"{title}: {'; '.join(filter(None, (NOTHING, _other_media(diff))))}\n"
    sections = {
        "classes": list(_classes(diff)),
        "label config": list(_config(diff, sides)),
        "class ids": wording.registry(diff.registry, _ALL),
        "annotators": [wording.annotators(diff, _ALL)] if diff.annotators else [],
        wording.task_counts(diff): [*_tasks(diff.tasks, link, longest)],
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


def task_lines(change: TaskChange) -> Iterator[str]:
    """What differs in a task; a line for each region, with its sign and below its annotation."""
    yield from wording.task_fields(change, _ALL)
    for annotation in change.annotations:
        yield from _annotation(annotation)
    if not (change.annotations or wording.task_fields(change, _ALL)):
        yield wording.NO_ANNOTATIONS


def _annotation(change: AnnotationChange) -> Iterator[str]:
    fields = wording.annotation_fields(change, _ALL)
    head = wording.annotation_head(change, _ALL)
    yield f"{head}: {'; '.join(fields)}" if fields else head
    if change.kind is ChangeKind.CHANGED:
        for control, region in wording.listed_regions(change):
            yield f"  {SIGNS[region.kind]} {wording.owned_region(control, region, _ALL)}"


def _tasks(
    tasks: Sequence[TaskChange], link: Callable[[int], str] | None, longest: int | None
) -> Iterator[str]:
    for task in tasks[:longest]:
        yield from _task(task, link)
    if more := len(tasks[longest:]) if longest is not None else 0:
        yield f"… and {more:,} more: `ls-dvc diff` lists all"


def _task(change: TaskChange, link: Callable[[int], str] | None) -> Iterator[str]:
    """A task by its name; by what differs first, if it has none."""
    first, *more = [plain(change.name), *task_lines(change)] if change.name else task_lines(change)
    yield f"{SIGNS[change.kind]} task {change.task}  {first}"
    yield from (f"    {line}" for line in more)
    if link:
        yield f"    {plain(link(change.task), 1000)}"


def _classes(diff: LabelDiff) -> Iterator[str]:
    """A row for each label whose number of regions differs, in columns."""
    rows = [
        (wording.owned_label(diff, control, label, _ALL), before, after)
        for control, counts in diff.classes_changed.items()
        for label, (before, after) in counts.items()
    ]
    widths = [max(len(f"{row[column]:,}") for row in rows) for column in (1, 2)] if rows else ()
    longest = max((len(name) for name, _, _ in rows), default=0)
    for name, *counts in rows:
        before, after = (f"{n:,}".rjust(width) for n, width in zip(counts, widths, strict=True))
        more = counts[1] - counts[0]
        yield f"{'+' if more > 0 else '-'} {name.ljust(longest)}  {before} -> {after}  {more:+,}"
