"""Phrases for changes of tasks, classes and the label config; in plain text or Markdown.

Text from labels gets into a phrase only through `Style.quote`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ls_dvc.io.printable import cut, printable
from ls_dvc.labeldiff.config_changes import ConfigChange, RegistryChange, ReusedId
from ls_dvc.labeldiff.diff import LabelDiff
from ls_dvc.labeldiff.matching import ChangeKind
from ls_dvc.labeldiff.region_changes import RegionChange, independent
from ls_dvc.labeldiff.task_changes import AnnotationChange, TaskChange
from ls_dvc.snapshot.media_map import MediaTotals

T = TypeVar("T")

SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~"}
LONGEST = 80  # characters of a name; longer ones are cut
ANSWERS_LISTED = 4  # of a whole annotation


def plain(value: object, longest: int = LONGEST) -> str:
    """Text on one line without control characters, cut to `longest` characters."""
    return cut(printable(str(value)), longest)


@dataclass(frozen=True)
class Style:
    """How phrases are written: `quote` escapes text from labels, `longest_list` limits lists."""

    quote: Callable[[object], str] = plain
    longest_list: int | None = None

    def phrases(self, items: Sequence[T], phrase: Callable[[T], str]) -> list[str]:
        """A phrase for each item; those beyond `longest_list` are only counted."""
        shown = [phrase(item) for item in items[: self.longest_list]]
        more = len(items) - len(shown)
        return [*shown, f"… and {more:,} more"] if more else shown

    def joined(self, items: Sequence[T], phrase: Callable[[T], str]) -> str:
        """The phrases in one line."""
        return ", ".join(self.phrases(items, phrase))

    def quoted(self, names: Sequence[object]) -> str:
        """Names from labels in one line."""
        return self.joined(names, self.quote)


def task_counts(diff: LabelDiff) -> str:
    """Such as `3 tasks added, 1 removed, 2 changed`; empty when no task differs."""
    counts = {"added": len(diff.added), "removed": len(diff.removed), "changed": len(diff.changed)}
    parts = [(count, verb) for verb, count in counts.items() if count]
    phrases = [f"{count:,} {verb}" for count, verb in parts]
    if parts:
        count, verb = parts[0]
        phrases[0] = f"{count:,} {_tasks(count)} {verb}"
    return ", ".join(phrases)


def step(before: int, after: int) -> str:
    """Such as `9 -> 13 (+4)`."""
    return f"{before:,} -> {after:,}" + (f" ({after - before:+,})" if before != after else "")


def media(diff: LabelDiff) -> str:
    """Such as `media 6 -> 8 (+2), missing 0 -> 1 (+1)`; empty when no version has any."""
    sides = (diff.before.media, diff.after.media)
    if sides == (None, None):
        return ""
    before, after = (each or MediaTotals(0, 0, 0) for each in sides)
    missing = f", missing {step(before.missing, after.missing)}"
    lacking = before.missing or after.missing
    return f"media {step(before.files, after.files)}{missing if lacking else ''}"


def classes(diff: LabelDiff, style: Style) -> list[str]:
    """Such as `Car 9 -> 13 (+4)`; with the control if two controls have the label."""
    changes = [
        (control, label, counts)
        for control, by_label in diff.classes_changed.items()
        for label, counts in by_label.items()
    ]
    return style.phrases(
        changes, lambda each: f"{owned_label(diff, each[0], each[1], style)} {step(*each[2])}"
    )


def owned_label(diff: LabelDiff, control: str, label: str, style: Style) -> str:
    """A label, with its control if two controls have it."""
    controls = sum(label in counts for counts in diff.classes.values())
    owner = f"{style.quote(control)}/" if controls > 1 else ""
    return f"{owner}{style.quote(label)}"


def config(change: ConfigChange, style: Style) -> list[str]:
    """What differs in the label config, a line each; none when only its text differs."""
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
    changes = [(what, names) for what, names in [*controls, *labels] if names]
    return style.phrases(changes, lambda each: f"{each[0]}: {style.quoted(each[1])}")


def registry(change: RegistryChange, style: Style) -> list[str]:
    """What differs in the class ids, a line each; reused ids come first."""
    quote = style.quote
    reused = [(space, entry) for space, entries in change.reused.items() for entry in entries]
    renamed = [(space, entry) for space, entries in change.renamed.items() for entry in entries]
    names = [
        (space, sign, names)
        for sign, spaces in (("+", change.appended), ("-", change.withdrawn))
        for space, names in spaces.items()
    ]
    return [
        *style.phrases(reused, lambda each: f"WARNING: {quote(each[0])}: {_reuse(each[1], style)}"),
        *style.phrases(renamed, lambda each: f"{quote(each[0])}: {_rename(each[1], style)}"),
        *style.phrases(names, lambda each: f"{quote(each[0])}: {each[1]} {_names(each[2], style)}"),
    ]


def annotators(diff: LabelDiff, style: Style) -> str:
    """Such as `user 7 (3 tasks), user 9 (1 task)`."""
    return style.joined(
        list(diff.annotators.items()),
        lambda item: f"user {style.quote(item[0])} ({item[1]:,} {_tasks(item[1])})",
    )


def _tasks(count: int) -> str:
    return "task" if count == 1 else "tasks"


def task(change: TaskChange, style: Style) -> list[str]:
    """The changes of a task: its own fields, then a line for each annotation."""
    annotations = style.phrases(change.annotations, lambda each: annotation(each, style))
    return [*task_fields(change, style), *annotations] or [NO_ANNOTATIONS]


NO_ANNOTATIONS = "no annotations"


def task_fields(change: TaskChange, style: Style) -> list[str]:
    """What differs in a task besides its annotations, a line each."""
    keys_by_field = {"data": change.data, "meta": change.meta, "task": change.fields}
    fields = [
        f"{name}: {style.quoted(keys)} changed" for name, keys in keys_by_field.items() if keys
    ]
    if change.media:
        fields.append(
            f"{style.quoted(change.media)} changed: another file, or none, at the same address"
        )
    return [*fields, *(["predictions changed"] if change.predictions_changed else [])]


def annotation(change: AnnotationChange, style: Style) -> str:
    """Such as `annotation 23 by user 7: box Car at 2,3 4×5 px moved, IoU 0.83 (r1)`."""
    head = annotation_head(change, style)
    if change.kind is not ChangeKind.CHANGED:
        return head
    regions = style.phrases(listed_regions(change), lambda each: owned_region(*each, style))
    return f"{head}: {'; '.join([*annotation_fields(change, style), *regions])}"


def annotation_head(change: AnnotationChange, style: Style) -> str:
    """Such as `annotation 23 by user 7`, with its content where all of it was added or removed."""
    by = f" by user {style.quote(change.annotator)}" if change.annotator is not None else ""
    head = f"annotation {style.quote(change.annotation)}{by}"
    if change.kind is ChangeKind.CHANGED:
        return head
    skipped = " (skipped)" if change.skipped else ""
    inside = f": {content(change.regions, style)}" if change.regions or not skipped else ""
    return f"{head} {change.kind.value}{skipped}{inside}"


def region(change: RegionChange, style: Style) -> str:
    """Such as `Car at 120,80 60×40 px moved, IoU 0.83 (r1)` or `Car -> Person (r1)`."""
    what, happened = _subject(change, style), _happened(change)
    name = style.quote(change.region)
    if any(change.answers):
        return f"{_answers(change, style)} ({name})"
    return f"{what}{happened} ({name})" if what else f"{name}{happened}"


def _subject(change: RegionChange, style: Style) -> str:
    """A region by its labels, its words and its place; empty without labels."""
    labels = _labels(change, style)
    words = f"“{style.quote(change.words)}”" if change.words else ""
    return " ".join(filter(None, (labels, words, change.place))) if labels else ""


def _answers(change: RegionChange, style: Style) -> str:
    """Such as `“a dog” -> “two dogs”`, `4 added` or `4 changed` where that is the same."""
    if change.kind is not ChangeKind.CHANGED:
        return f"{_side(change, style)} {change.kind.value}"
    before, after = (answer_text(change, each, style) for each in change.answers)
    return f"{before} changed" if before == after else f"{before} -> {after}"


def answer_text(change: RegionChange, answer: str, style: Style) -> str:
    """An answer, in quotes if it is a text of the annotator's own."""
    if not answer:
        return "no answer"
    return f"“{style.quote(answer)}”" if change.type == "textarea" else style.quote(answer)


def _happened(change: RegionChange) -> str:
    """What happened to a region, with a blank in front; empty for one that was only relabeled."""
    if change.kind is not ChangeKind.CHANGED:
        return f" {change.kind.value}"
    if not change.moved and not change.relabeled:
        return " changed"
    moved = f" {change.movement or 'moved'}" if change.moved else ""
    iou = f", IoU {change.iou:.2f}" if change.iou is not None else ""
    return f"{moved}{iou}{', other changes' if change.changed else ''}"


def _labels(change: RegionChange, style: Style) -> str:
    """The labels of a region, before and after when they differ; empty when it has none."""
    if not change.relabeled:
        return style.quoted(change.labels_after or change.labels_before)
    before, after = (
        style.quoted(labels) if labels else "no label"
        for labels in (change.labels_before, change.labels_after)
    )
    return f"{before} -> {after}"


def listed_regions(change: AnnotationChange) -> list[tuple[str, RegionChange]]:
    """The regions to list, each with its control where that differs from the one before."""
    listed, control = list[tuple[str, RegionChange]](), ""
    for region_change in independent(change.regions):
        name = region_change.control or region_change.type
        listed.append((name if name != control else "", region_change))
        control = name
    return listed


def owned_region(control: str, change: RegionChange, style: Style) -> str:
    """A region, with its control if that has to be said."""
    return (f"{style.quote(control)} " if control else "") + region(change, style)


def annotation_fields(change: AnnotationChange, style: Style) -> list[str]:
    """What differs in an annotation besides its regions."""
    others = [name for name in change.fields if name != "was_cancelled"]
    skipped = ["skipped" if change.skipped else "no longer skipped"]
    return [
        *(skipped if "was_cancelled" in change.fields else []),
        *([f"{style.quoted(others)} changed"] if others else []),
        *(["regions reordered"] if change.reordered else []),
    ]


def content(regions: Sequence[RegionChange], style: Style) -> str:
    """What is in a whole annotation, such as `3 regions (Car 2, Dog 1), caption “a dog”`."""
    listed = [each for each in regions if _is_in_words(each)]
    counted = [each for each in regions if not _is_in_words(each)]
    return ", ".join([*_counted(counted, style), *_in_words(listed, style)]) or "empty"


def _counted(regions: Sequence[RegionChange], style: Style) -> list[str]:
    if not regions:
        return []
    counts = Counter(label for each in regions for label in each.labels_before + each.labels_after)
    labels = style.joined(counts.most_common(), lambda each: f"{style.quote(each[0])} {each[1]:,}")
    count = len({each.region for each in regions})
    noun = "region" if count == 1 else "regions"
    return [f"{count:,} {noun}" + (f" ({labels})" if labels else "")]


def _in_words(answers: Sequence[RegionChange], style: Style) -> list[str]:
    """The first answers without labels, each as `caption “a dog”`."""
    return replace(style, longest_list=ANSWERS_LISTED).phrases(
        answers, lambda each: f"{style.quote(each.control)} {_side(each, style)}"
    )


def _side(change: RegionChange, style: Style) -> str:
    return answer_text(change, change.answers[1] or change.answers[0], style)


def _is_in_words(change: RegionChange) -> bool:
    return any(change.answers) and not (change.labels_before or change.labels_after)


def _rename(entry: ReusedId, style: Style) -> str:
    return f"{style.quote(entry.before)} is now called {style.quote(entry.after)}"


def _reuse(entry: ReusedId, style: Style) -> str:
    return f"id {entry.id} was {style.quote(entry.before)} and is now {style.quote(entry.after)}"


def _names(names: Sequence[str], style: Style) -> str:
    return style.quoted(names) if names else "(no names)"
