"""What happened to which regions, for a reviewer: rows of a table, and lines of lists.

Markdown, in which text from labels is inert.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from ls_dvc.io.printable import in_markdown
from ls_dvc.labeldiff.change_groups import ChangeGroup, GroupedTask, Happening
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.region_changes import RegionChange
from ls_dvc.labeldiff.render import wording
from ls_dvc.labeldiff.render.wording import Style
from ls_dvc.labeldiff.task_changes import TaskChange

TaskLink = Callable[[int], str]

STYLE = Style(in_markdown, 8)
_LONGEST_LINK = 500
_LONGEST_NAME = 50
_LONGEST_LINE = 3_000  # characters, so that one task leaves room for others
_COMMONEST = 3  # labels that a row of the table names
_WHOLE = (Happening.TASK_ADDED, Happening.TASK_REMOVED)


def row(group: ChangeGroup) -> str:
    """Such as `| **Relabeled** | 34 | 12 | Car → Truck ×20, Person → Rider ×14 |`."""
    regions = f"{group.region_count:,}" if group.region_count else ""
    of_these = _other_kinds(group) if group.happening is Happening.OTHER else _commonest(group)
    return f"| **{group.happening.value}** | {regions} | {len(group.tasks):,} | {of_these} |"


def title(group: ChangeGroup) -> str:
    """Such as `Relabeled: 34 regions in 12 tasks`."""
    tasks, regions = len(group.tasks), group.region_count
    in_tasks = f"{tasks:,} {'task' if tasks == 1 else 'tasks'}"
    if regions and group.happening not in _WHOLE:
        in_tasks = f"{regions:,} {_noun(group, regions)} in {in_tasks}"
    return f"<b>{group.happening.value}</b>: {in_tasks}"


def line(group: ChangeGroup, task: GroupedTask, link: TaskLink | None) -> str:
    """Such as `- **street-01.png** ([task 17](…), user 7): Car → Truck, Person → Rider`."""
    users = [f"user {STYLE.quote(user)}" for user in task.annotators[:5]]
    facts, name = ", ".join([_task(task.task.task, link), *users]), task.task.name
    head = f"- <b>{in_markdown(name, _LONGEST_NAME)}</b> ({facts})" if name else f"- {facts}"
    changes = _changes(group.happening, task)
    if len(head) + len(changes) > _LONGEST_LINE:
        changes = f"{len(task.regions):,} regions, too long to list"
    return f"{head}: {changes}"


def _task(number: int, link: TaskLink | None) -> str:
    address = quote(link(number), safe=":/?#[]@!$&'*+,;=%~") if link else ""
    name = f"task {number}"
    return f"[{name}]({address})" if 0 < len(address) <= _LONGEST_LINK else name


def _changes(happening: Happening, task: GroupedTask) -> str:
    if happening is Happening.OTHER:
        return "; ".join(wording.task(task.task, STYLE))
    if happening in _WHOLE:
        return wording.content(task.regions, STYLE) if task.task.annotations else "no annotations"
    phrases = Counter(_region(happening, region) for region in task.regions)
    return STYLE.joined(
        list(phrases.items()), lambda item: item[0] + (f" ×{item[1]:,}" if item[1] > 1 else "")
    )


def _region(happening: Happening, region: RegionChange) -> str:
    """Such as `Car → Truck`, `Car IoU 0.67`, `Person “Anna”` or `weather: Sunny → Rain`."""
    known = region.labels_after or region.labels_before
    name = STYLE.quoted(known) if known else in_markdown(region.region)
    if happening is Happening.ANSWERED:
        name = in_markdown(region.control) + _answer(region)
    elif happening is Happening.RELABELED:
        name = _step(region.labels_before, region.labels_after)
    words = f" “{in_markdown(region.words)}”" if region.words else ""
    iou = f" IoU {region.iou:.2f}" if region.moved and region.iou is not None else ""
    moved = f" {region.movement}" if happening is Happening.RELABELED and not iou else ""
    others = happening is not Happening.EDITED and region.changed and bool(known)
    return f"{name}{words}{moved.rstrip()}{iou}{' and more' if others else ''}"


def _answer(region: RegionChange) -> str:
    before, after = (wording.answer_text(region, each, STYLE) for each in region.answers)
    return f": {before} → {after}" if before != after else f": {after} edited"


def _step(before: Sequence[str], after: Sequence[str], empty: str = "no label") -> str:
    """Such as `Car → Truck`."""
    return " → ".join(STYLE.quoted(labels) if labels else empty for labels in (before, after))


def _commonest(group: ChangeGroup) -> str:
    """The commonest labels of a group, and the least overlap where places differ."""
    counts: Counter[str] = Counter()
    is_step = group.happening in (Happening.RELABELED, Happening.ANSWERED)
    for (before, after), count in group.labels.items():
        labels = (before, after) if before != after and is_step else (after or before,)
        counts[" → ".join(_labels(each) for each in labels)] += count
    del counts[""]
    regions = [region for task in group.tasks for region in task.regions]
    counts.update(in_markdown(each.control, 40) for each in regions if _is_in_words(group, each))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    overlaps = [region.iou for region in regions if region.iou]
    least = [f"least IoU {min(overlaps):.2f}"] if overlaps else []
    has_moved = group.happening in (Happening.MOVED, Happening.RESIZED)
    return ", ".join([*_counted(ranked), *(least if has_moved else [])])


def _is_in_words(group: ChangeGroup, region: RegionChange) -> bool:
    """Whether a region is an answer in words of its own, which can only be counted."""
    has_labels = region.labels_before or region.labels_after
    return group.happening is Happening.ANSWERED and not has_labels


def _labels(labels: Sequence[str]) -> str:
    return ", ".join(in_markdown(label, 40) for label in labels[:_COMMONEST])


def _other_kinds(group: ChangeGroup) -> str:
    counts = Counter(kind for task in group.tasks for kind in _kinds(task.task))
    return ", ".join(_counted(counts.most_common()))


def _kinds(change: TaskChange) -> Iterable[str]:
    annotations = change.annotations
    kinds = {
        "data": bool(change.data or change.meta or change.fields),
        "media": bool(change.media),
        "predictions": change.predictions_changed,
        "empty annotations": any(each.kind is not ChangeKind.CHANGED for each in annotations),
        "fields of annotations": any(each.fields for each in annotations),
        "order": any(each.reordered for each in annotations),
    }
    return (kind for kind, is_there in kinds.items() if is_there)


def _counted(ranked: Sequence[tuple[str, int]]) -> list[str]:
    shown = [f"{name} ×{count:,}" for name, count in ranked[:_COMMONEST]]
    return [*shown, *["…"] * (len(ranked) > _COMMONEST)]


def _noun(group: ChangeGroup, count: int) -> str:
    noun = "answer" if group.happening is Happening.ANSWERED else "region"
    return noun if count == 1 else f"{noun}s"
