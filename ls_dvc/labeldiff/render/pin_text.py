"""What pins alone tell, without the labels: for `git diff` and `git log -p`."""

from __future__ import annotations

from collections.abc import Iterator

from ls_dvc.io.byte_sizes import in_units
from ls_dvc.labeldiff.config_changes import config_change, registry_change
from ls_dvc.labeldiff.render import wording
from ls_dvc.labeldiff.render.wording import Style, plain
from ls_dvc.pin.pin import Pin, TaskChangeCounts

_ALL = Style()


def description(pin: Pin) -> str:
    """A pin in words, a fact on each line, so that git shows which facts differ.

    Digests are left out, but for the fingerprint, which differs whenever labels do.
    """
    return "".join(f"{line}\n" for line in _facts(pin))


def changes(before: Pin, after: Pin) -> list[str]:
    """What differs between two pins, as far as they know: all but tasks and regions."""
    config = config_change(before.label_config, after.label_config)
    registry = wording.registry(registry_change(before.classes, after.classes), _ALL)
    sections = {
        "label config": [
            *wording.config(config, _ALL),
            *(plain(e, len(e)) for e in config.lines()),
        ],
        "class ids": registry,
        "versions of writers": _writers(before, after),
    }
    lines = [_totals(before, after), *filter(None, [_counted(before, after)])]
    for head, items in sections.items():
        if items:
            lines += ["", f"{head}:", *(f"  {item}" for item in items)]
    return lines


def totals(pin: Pin) -> str:
    """Such as `41 tasks, 40 annotations, pinned 2026-01-08 00:00:00 UTC`."""
    return f"{pin.tasks:,} tasks, {pin.annotations:,} annotations, pinned {when(pin)}"


def when(pin: Pin) -> str:
    """The time of a pin, for people."""
    return plain(pin.pinned_at).replace("T", " ").replace("Z", " UTC")


def _facts(pin: Pin) -> Iterator[str]:
    yield f"labels {pin.fingerprint[:12]}"
    yield f"project {pin.project_id} ({plain(pin.title)}) on {plain(pin.url, 200)}"
    yield f"pinned {when(pin)}"
    yield f"tasks {pin.tasks:,}"
    yield f"annotations {pin.annotations:,}"
    if pin.changes is not None:
        yield f"since {pin.changes.since[:12]}: {_counts(pin.changes)}"
    if pin.media is not None:
        yield f"media files {pin.media.files:,} ({in_units(pin.media.bytes)})"
        yield f"media missing {pin.media.missing:,}"
    for space, names in pin.classes.spaces.items():
        yield from (
            f"class {number} of {plain(space)}: {plain(n)}" for number, n in enumerate(names)
        )
    yield "label config:"
    yield from (f"  {plain(line, len(line))}" for line in pin.label_config.split("\n"))
    if pin.writers:
        yield f"writers {', '.join(f'{plain(name)} {n}' for name, n in pin.writers.items())}"


def _totals(before: Pin, after: Pin) -> str:
    tasks = wording.step(before.tasks, after.tasks)
    return f"tasks {tasks}, annotations {wording.step(before.annotations, after.annotations)}"


def _counted(before: Pin, after: Pin) -> str:
    """The update's own counts, if they are against the other pin."""
    counts = after.changes
    if counts is None or counts.since != before.fingerprint:
        return ""
    return _counts(counts)


def _counts(counts: TaskChangeCounts) -> str:
    return f"{counts.added:,} tasks added, {counts.changed:,} changed, {counts.removed:,} removed"


def _writers(before: Pin, after: Pin) -> list[str]:
    names = sorted({*before.writers, *after.writers})
    pairs = [(name, before.writers.get(name), after.writers.get(name)) for name in names]
    return [
        f"{plain(name)} {old or 'none'} -> {new or 'none'}"
        for name, old, new in pairs
        if old != new
    ]
