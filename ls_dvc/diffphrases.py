"""What became of tasks, classes and the label config, in words; for a terminal or a web page.

Nothing that comes from labels gets into a sentence but through `Style.quote`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ls_dvc.configdiff import ConfigChange, RegistryChange
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.matching import Kind
from ls_dvc.regiondiff import RegionChange
from ls_dvc.taskdiff import AnnotationChange, TaskChange

SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}
LONGEST = 80  # characters of a name; what is longer is cut


def plain(words: object, most: int = LONGEST) -> str:
    """Text on one line that no terminal takes for a command; cut to `most` characters."""
    shown = str(words)
    shown = shown if len(shown) <= most else shown[: most - 1] + "…"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in shown)


@dataclass(frozen=True)
class Style:
    """How to tell: `quote` makes text from labels harmless, `most` is how much of a list."""

    quote: Callable[[object], str] = plain
    most: int | None = None

    def listed(self, parts: Iterable[str], separator: str = ", ") -> str:
        """The parts in one line, the last of very many only counted."""
        return separator.join(self.cut(list(parts)))

    def quoted(self, names: Iterable[object]) -> str:
        """Names from labels in one line."""
        return self.listed(map(self.quote, names))

    def cut(self, parts: Sequence[str]) -> list[str]:
        """The parts, the last of very many only counted."""
        kept = list(parts[: self.most])
        left = len(parts) - len(kept)
        return [*kept, f"… and {left:,} more"] if left else kept


def tally(diff: LabelDiff) -> str:
    """Such as `3 tasks added, 1 removed, 2 changed`; empty when no task differs."""
    counts = {"added": len(diff.added), "removed": len(diff.removed), "changed": len(diff.changed)}
    told = [(count, what) for what, count in counts.items() if count]
    words = [f"{count:,} {what}" for count, what in told]
    if told:
        count, what = told[0]
        words[0] = f"{count:,} {'task' if count == 1 else 'tasks'} {what}"
    return ", ".join(words)


def step(before: int, after: int) -> str:
    """Such as `9 -> 13 (+4)`."""
    return f"{before:,} -> {after:,}" + (f" ({after - before:+,})" if before != after else "")


def classes(diff: LabelDiff, style: Style) -> list[str]:
    """Such as `Car 9 -> 13 (+4)`; with its control where two controls have the label."""
    changed = [
        (control, label, *counts)
        for control, some in diff.classes_changed.items()
        for label, counts in some.items()
    ]
    times = Counter(label for some in diff.classes.values() for label in some)
    return [
        (f"{style.quote(control)}/" if times[label] > 1 else "")
        + f"{style.quote(label)} {step(before, after)}"
        for control, label, before, after in changed
    ]


def config(change: ConfigChange, style: Style) -> list[str]:
    """What differs in the label config, a line each; none when only the text tells."""
    verbs = {
        "added": change.controls_added,
        "removed": change.controls_removed,
        "changed": change.controls_changed,
    }
    controls = [
        f"{'control' if len(names) == 1 else 'controls'} {verb}: {style.quoted(names)}"
        for verb, names in verbs.items()
        if names
    ]
    return [
        *controls,
        *_labels(change.labels_added, "added to", style),
        *_labels(change.labels_removed, "removed from", style),
    ]


def registry(change: RegistryChange, style: Style) -> list[str]:
    """What differs in the class ids, a line each; ids that moved come first."""
    quote = style.quote
    moved = [
        f"ATTENTION: {quote(space)} id {each.id} was {quote(each.before)}, is {quote(each.after)}"
        for space, some in change.moved.items()
        for each in some
    ]
    return [
        *style.cut(moved),
        *(f"{quote(space)}: + {_named(some, style)}" for space, some in change.appended.items()),
        *(f"{quote(space)}: - {_named(some, style)}" for space, some in change.withdrawn.items()),
    ]


def annotators(diff: LabelDiff, style: Style) -> str:
    """Such as `7 (3 tasks), 9 (1 task)`, by user id."""
    return style.listed(
        f"{style.quote(who)} ({count:,} {'task' if count == 1 else 'tasks'})"
        for who, count in diff.annotators.items()
    )


def task(change: TaskChange, style: Style) -> list[str]:
    """What became of a task: its own fields, then a line for each annotation."""
    own = {"data": change.data, "meta": change.meta, "task": change.fields}
    fields = [f"{name}: {style.quoted(keys)} changed" for name, keys in own.items() if keys]
    predictions = ["predictions changed"] if change.predictions_changed else []
    lines = [*fields, *predictions, *(annotation(each, style) for each in change.annotations)]
    return lines or ["no annotations"]


def annotation(change: AnnotationChange, style: Style) -> str:
    """Such as `annotation 23 by 7: box r1 moved (IoU 0.83); r2 Car -> Person`."""
    by = f" by {style.quote(change.annotator)}" if change.annotator is not None else ""
    head = f"annotation {style.quote(change.annotation)}{by}"
    if change.kind is Kind.CHANGED:
        parts = [*_fields(change, style), *style.cut(list(_regions(change.regions, style)))]
        return f"{head}: {'; '.join([*parts, *['regions reordered'] * change.reordered])}"
    skipped = " (skipped)" if change.skipped else ""
    holds = f": {_inventory(change.regions, style)}" if change.regions or not skipped else ""
    return f"{head} {change.kind.value}{skipped}{holds}"


def region(change: RegionChange, style: Style) -> str:
    """Such as `r1 moved (IoU 0.83), Car -> Person`."""
    name, labels = style.quote(change.region), change.labels_after or change.labels_before
    if change.kind is not Kind.CHANGED:
        shown = f" ({style.quoted(labels)})" if labels else ""
        return f"{name}{shown} {change.kind.value}"
    return f"{name} {', '.join(_facts(change, style))}"


def _facts(change: RegionChange, style: Style) -> Iterator[str]:
    if change.moved:
        yield "moved" if change.iou is None else f"moved (IoU {change.iou:.2f})"
    if change.relabeled:
        before, after = (
            style.quoted(each) if each else "no label"
            for each in (change.labels_before, change.labels_after)
        )
        yield f"{before} -> {after}"
    if change.changed:
        yield "changed otherwise" if change.moved or change.relabeled else "changed"


def _regions(changes: Iterable[RegionChange], style: Style) -> Iterator[str]:
    """The regions, with their control where it is another than before.

    What moves with a region that has moved, such as its own choices, is not told again.
    """
    control, moved = "", set[str]()
    for each in changes:
        only_moved = each.moved and not (each.relabeled or each.changed)
        if only_moved and each.region in moved:
            continue
        moved |= {each.region} if each.moved else set()
        name = each.control or each.type
        prefix = f"{style.quote(name)} " if name != control else ""
        control = name
        yield prefix + region(each, style)


def _fields(change: AnnotationChange, style: Style) -> list[str]:
    others = [each for each in change.fields if each != "was_cancelled"]
    skipped = ["skipped" if change.skipped else "not skipped any more"]
    return [
        *(skipped if "was_cancelled" in change.fields else []),
        *([f"{style.quoted(others)} changed"] if others else []),
    ]


def _inventory(regions: Sequence[RegionChange], style: Style) -> str:
    """What a whole annotation holds, such as `3 regions (Car 2, Dog 1)`."""
    if not regions:
        return "empty"
    found = Counter(label for each in regions for label in each.labels_before + each.labels_after)
    labels = style.listed(f"{style.quote(label)} {n:,}" for label, n in found.most_common())
    count = len({each.region for each in regions})
    return f"{count:,} {'region' if count == 1 else 'regions'}" + (f" ({labels})" if labels else "")


def _labels(labels: Mapping[str, tuple[str, ...]], verb: str, style: Style) -> list[str]:
    return [
        f"{'label' if len(names) == 1 else 'labels'} {verb} {style.quote(control)}: "
        f"{style.quoted(names)}"
        for control, names in labels.items()
    ]


def _named(names: Sequence[str], style: Style) -> str:
    return style.quoted(names) if names else "(no names)"
