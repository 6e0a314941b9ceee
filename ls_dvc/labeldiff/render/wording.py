"""What became of tasks, classes and the label config, in words; for a terminal or a web page.

Nothing that comes from labels gets into a sentence but through `Style.quote`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ls_dvc.labeldiff.config_changes import ConfigChange, RegistryChange, ReusedId
from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.region_changes import RegionChange
from ls_dvc.labeldiff.task_changes import AnnotationChange, TaskChange

T = TypeVar("T")

SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~"}
LONGEST = 80  # characters of a name; what is longer is cut


def plain(words: object, most: int = LONGEST) -> str:
    """Text on one line that no terminal takes for a command; cut to `most` characters."""
    shown = str(words)
    shown = shown if len(shown) <= most else shown[: most - 1] + "…"
    if shown.isprintable():
        return shown
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in shown)


@dataclass(frozen=True)
class Style:
    """How to tell: `quote` makes text from labels harmless, `most` is how much of a list."""

    quote: Callable[[object], str] = plain
    most: int | None = None

    def told(self, items: Sequence[T], say: Callable[[T], str]) -> list[str]:
        """What there is to say of each item, the last of very many only counted."""
        said = [say(each) for each in items[: self.most]]
        left = len(items) - len(said)
        return [*said, f"… and {left:,} more"] if left else said

    def listed(self, items: Sequence[T], say: Callable[[T], str]) -> str:
        """The same in one line."""
        return ", ".join(self.told(items, say))

    def quoted(self, names: Sequence[object]) -> str:
        """Names from labels in one line."""
        return self.listed(names, self.quote)


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
    times = Counter(label for some in diff.classes.values() for label in some)

    def say(found: tuple[str, str, tuple[int, int]]) -> str:
        control, label, counts = found
        owner = f"{style.quote(control)}/" if times[label] > 1 else ""
        return f"{owner}{style.quote(label)} {step(*counts)}"

    changed = diff.classes_changed.items()
    return style.told([(c, label, n) for c, some in changed for label, n in some.items()], say)


def config(change: ConfigChange, style: Style) -> list[str]:
    """What differs in the label config, a line each; none when only the text tells."""
    controls = [
        ("control added", change.controls_added),
        ("control removed", change.controls_removed),
        ("control changed", change.controls_changed),
    ]
    labels = [
        (f"{verb} {style.quote(control)}", names)
        for verb, by_control in (
            ("label added to", change.labels_added),
            ("label removed from", change.labels_removed),
        )
        for control, names in by_control.items()
    ]
    found = [each for each in [*controls, *labels] if each[1]]
    return style.told(found, lambda each: f"{each[0]}: {style.quoted(each[1])}")


def registry(change: RegistryChange, style: Style) -> list[str]:
    """What differs in the class ids, a line each; ids that moved come first."""
    quote = style.quote
    moved = [(space, each) for space, some in change.moved.items() for each in some]
    renamed = [(space, each) for space, some in change.renamed.items() for each in some]
    others = [
        (space, sign, names)
        for sign, spaces in (("+", change.appended), ("-", change.withdrawn))
        for space, names in spaces.items()
    ]
    return [
        *style.told(moved, lambda each: f"ATTENTION: {quote(each[0])} {_reuse(each[1], style)}"),
        *style.told(renamed, lambda each: f"{quote(each[0])}: {_rename(each[1], style)}"),
        *style.told(others, lambda each: f"{quote(each[0])}: {each[1]} {_named(each[2], style)}"),
    ]


def annotators(diff: LabelDiff, style: Style) -> str:
    """Such as `7 (3 tasks), 9 (1 task)`, by user id."""
    return style.listed(
        list(diff.annotators.items()),
        lambda each: f"{style.quote(each[0])} ({each[1]:,} {'task' if each[1] == 1 else 'tasks'})",
    )


def task(change: TaskChange, style: Style) -> list[str]:
    """What became of a task: its own fields, then a line for each annotation."""
    own = {"data": change.data, "meta": change.meta, "task": change.fields}
    fields = [f"{name}: {style.quoted(keys)} changed" for name, keys in own.items() if keys]
    predictions = ["predictions changed"] if change.predictions_changed else []
    annotations = style.told(change.annotations, lambda each: annotation(each, style))
    return [*fields, *predictions, *annotations] or ["no annotations"]


def annotation(change: AnnotationChange, style: Style) -> str:
    """Such as `annotation 23 by 7: box r1 moved (IoU 0.83); r2 Car -> Person`."""
    by = f" by {style.quote(change.annotator)}" if change.annotator is not None else ""
    head = f"annotation {style.quote(change.annotation)}{by}"
    if change.kind is ChangeKind.CHANGED:
        regions = style.told(_with_control(change.regions), lambda each: _region(*each, style))
        parts = [*_fields(change, style), *regions]
        return f"{head}: {'; '.join([*parts, *['regions reordered'] * change.reordered])}"
    skipped = " (skipped)" if change.skipped else ""
    holds = f": {_inventory(change.regions, style)}" if change.regions or not skipped else ""
    return f"{head} {change.kind.value}{skipped}{holds}"


def region(change: RegionChange, style: Style) -> str:
    """Such as `r1 moved (IoU 0.83), Car -> Person`."""
    name, labels = style.quote(change.region), change.labels_after or change.labels_before
    if change.kind is not ChangeKind.CHANGED:
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


def _with_control(changes: Iterable[RegionChange]) -> list[tuple[str, RegionChange]]:
    """The regions to tell of, each with its control where that is another than before.

    What moves with a region that has moved, such as its own choices, is not told again.
    """
    found, control, moved = list[tuple[str, RegionChange]](), "", set[str]()
    for each in changes:
        if each.moved and not (each.relabeled or each.changed) and each.region in moved:
            continue
        moved |= {each.region} if each.moved else set()
        name = each.control or each.type
        found.append((name if name != control else "", each))
        control = name
    return found


def _region(control: str, change: RegionChange, style: Style) -> str:
    return (f"{style.quote(control)} " if control else "") + region(change, style)


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
    labels = style.listed(found.most_common(), lambda each: f"{style.quote(each[0])} {each[1]:,}")
    count = len({each.region for each in regions})
    return f"{count:,} {'region' if count == 1 else 'regions'}" + (f" ({labels})" if labels else "")


def _rename(reuse: ReusedId, style: Style) -> str:
    return f"{style.quote(reuse.before)} is called {style.quote(reuse.after)}"


def _reuse(each: ReusedId, style: Style) -> str:
    return f"id {each.id} was {style.quote(each.before)}, is {style.quote(each.after)}"


def _named(names: Sequence[str], style: Style) -> str:
    return style.quoted(names) if names else "(no names)"
