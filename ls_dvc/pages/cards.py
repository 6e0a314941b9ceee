"""The cards of a page of a change: a part of HTML for each task, and what its script draws there.

A browser must take ten thousand of them: a card has few elements, and the script makes the others
when it comes into view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ls_dvc.pages import document
from ls_dvc.pages.scenes import DrawnShape, ImageScene, RegionLine, TaskScene

MOST = 60  # lines of words, and answers, of a task
GROUP = 50  # cards
LARGEST = 1_000_000  # bytes that the drawing of a task may have
NOT_DRAWN = "not drawn: too large for this page"
_SIDES = {"before": 0, "after": 1, "both": 2}
_REST = 200  # bytes that are kept for the line about the tasks that do not fit


class Card(NamedTuple):
    """The HTML of a task, and the JSON of what the script draws in it."""

    html: bytes
    data: bytes


@dataclass
class FittingCards:
    """Cards in the order of the page; `room` is how many bytes are left."""

    room: int
    html: list[bytes] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)

    def add(self, card: Card) -> bool:
        """Whether the card fits; then it is one of them."""
        size = len(card.html) + len(card.data) + 2  # a comma, and its part of the group's tags
        if size > self.room:
            return False
        self.room -= size
        self.html.append(card.html)
        self.data.append(card.data)
        return True


def fitting(
    scenes: Sequence[TaskScene],
    labels: Mapping[str, int],
    link: Callable[[int], str] | None,
    room: int,
) -> FittingCards:
    """The cards of the first scenes, as many as have room. `labels` have numbers."""
    found = FittingCards(room - _REST)
    for number, scene in enumerate(scenes):
        address = link(scene.task) if link else ""
        made = card(scene, number, labels, address)
        is_drawn = len(made.data) <= LARGEST and found.add(made)
        if not is_drawn and not found.add(card(_without_drawing(scene), number, labels, address)):
            break
    return found


def grouped(html: Sequence[bytes]) -> Iterator[bytes]:
    """Cards in groups, so that one that grows moves only its group and the groups behind it."""
    for start in range(0, len(html), GROUP):
        yield b'<div class="group">\n'
        yield from html[start : start + GROUP]
        yield b"</div>\n"


def rest(count: int) -> bytes:
    """A line about the tasks that are not on the page; empty if all are."""
    text = f"{count:,} more tasks differ; they do not fit on this page (--max-size)."
    return f'<p class="empty">{text}</p>\n'.encode() if count else b""


def card(scene: TaskScene, number: int, labels: Mapping[str, int], link: str) -> Card:
    """The card of the task that is the `number`th of the page; `link` may be empty."""
    values = {
        "scene": scene,
        "number": number,
        "labels": labels,
        "facts": " · ".join([*scene.kinds, *filter(None, [scene.split]), *_users(scene)]),
        "lines": _lines(scene),
        "most": MOST,
    }
    data = document.json_in_script(_drawn(scene, labels, link))
    return Card(document.part("card.html.jinja", values), data.encode())


def _users(scene: TaskScene) -> list[str]:
    return [f"user {each}" for each in scene.annotators]


def _lines(scene: TaskScene) -> list[str]:
    """What changed in words, a line for each region; the script knows the labels at their start."""
    several = len(scene.annotators) > 1
    lines = [_with_user(each, several=several) for each in scene.lines[:MOST]]
    more = len(scene.lines) - len(lines)
    return [*lines, f"… and {more:,} more"] if more else lines


def _with_user(line: RegionLine, *, several: bool) -> str:
    user = f" · user {line.annotator}" if several and line.annotator else ""
    return f"{line_in_words(line)}{user}"


def line_in_words(line: RegionLine) -> str:
    """Such as `Car → Bicycle box relabeled`."""
    old, new = line.label_before, line.label_after
    label = f"{old} → {new}" if old and new and old != new else new or old
    return " ".join(f"{label} {line.words}".split())


def _without_drawing(scene: TaskScene) -> TaskScene:
    images = tuple(each._replace(shapes=()) for each in scene.images)
    return scene._replace(images=images, notes=(*scene.notes, NOT_DRAWN))


def _caption(image: ImageScene) -> str:
    size = f"{image.width:.0f} × {image.height:.0f}" if image.is_size_known else "size not known"
    return " · ".join([image.name, size, *([] if image.file else ["not pinned"])])


def _shape(shape: DrawnShape, labels: Mapping[str, int]) -> list[Any]:
    kind = ["relation"] if shape.is_relation else []
    return [_SIDES[shape.side], shape.path, labels[shape.label], shape.pair, *kind]


def _drawn(scene: TaskScene, labels: Mapping[str, int], link: str) -> dict[str, Any]:
    """What the script needs of a scene; short names, and labels as numbers, as there are many."""
    return {
        "i": [
            [
                image.width,
                image.height,
                image.file.md5 if image.file else "",
                _caption(image),
                [_shape(each, labels) for each in image.shapes],
            ]
            for image in scene.images
        ],
        "t": [
            [
                line.length,
                line.unit,
                line.name,
                [
                    [_SIDES[each.side], each.start, each.end, labels[each.label], each.pair]
                    for each in line.segments
                ],
            ]
            for line in scene.timelines
        ],
        "u": link,
        "x": [
            [each.pair, " ".join(each.kinds), labels[each.label_before], labels[each.label_after]]
            for each in scene.lines
        ],
        "k": scene.kinds,
        "l": [labels[each] for each in scene.labels],
        "a": scene.annotators,
        "p": scene.split,
    }
