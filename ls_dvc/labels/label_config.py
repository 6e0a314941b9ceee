"""The label config: which controls label which objects, with which labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree as ET

from ls_dvc.errors import LsDvcError

# What a control's choices are called in the config; any other child is layout.
_CHOICE_TAGS = ("Label", "Choice")
LARGEST_ID = 10_000  # of a class; all ids up to it are listed


@dataclass(frozen=True)
class LabeledObject:
    """A thing that is labeled, such as an Image; `value` is the data key it shows, as `$key`."""

    name: str
    tag: str
    value: str
    is_list: bool = False

    @property
    def space(self) -> str:
        """The class space of its regions: `image`, `text`, `video` …"""
        return self.tag.lower()

    @cached_property
    def key(self) -> str:
        """The task's data key that it shows; empty when the value is no plain `$key`."""
        return self.value[1:] if self.value.startswith("$") else ""


@dataclass(frozen=True)
class Control:
    """A tool that labels, such as RectangleLabels. `labels` in the order of the config.

    `class_ids` are those that labels ask for (`category`).
    """

    name: str
    tag: str
    objects: tuple[str, ...]
    labels: tuple[str, ...]
    dynamic: bool
    class_ids: tuple[tuple[str, int], ...] = ()

    @property
    def draws_regions(self) -> bool:
        """True when its labels are classes of regions (Choices, say, label the task as a whole)."""
        return self.tag.endswith("Labels")


@dataclass(frozen=True)
class LabelConfig:
    """A parsed config; both mappings are keyed by the tag's `name`, in document order."""

    controls: Mapping[str, Control]
    objects: Mapping[str, LabeledObject]

    def objects_of(self, tag: str) -> tuple[LabeledObject, ...]:
        """The objects with this tag, in document order."""
        return self._by_tag.get(tag, ())

    @cached_property
    def _by_tag(self) -> Mapping[str, tuple[LabeledObject, ...]]:
        found: dict[str, tuple[LabeledObject, ...]] = {}
        for each in self.objects.values():
            found[each.tag] = (*found.get(each.tag, ()), each)
        return found

    @cached_property
    def joints(self) -> frozenset[str]:
        """The labels of key points on images, whether of KeyPointLabels or of KeyPoint and Labels.

        As for `Labels`, all of them: the config does not say for which tool a label is meant.
        """
        tags = {each.tag for each in self.controls.values()}
        naming = {"KeyPointLabels"} | ({"Labels"} if "KeyPoint" in tags else set())
        return frozenset(
            label
            for control in self.controls.values()
            if control.tag in naming and self.space_of(control) == "image"
            for label in control.labels
        )

    def space_of(self, control: Control) -> str:
        """The class space of a control's labels: that of the first object it labels."""
        for name in control.objects:
            if name in self.objects:
                return self.objects[name].space
        return ""

    def labels(self) -> list[tuple[str, str]]:
        """Every (control, label) that annotators can choose, in document order."""
        return [
            (control.name, each) for control in self.controls.values() for each in control.labels
        ]

    def class_ids(self) -> dict[str, dict[str, int]]:
        """The ids that labels of region controls ask for, by class space."""
        found: dict[str, dict[str, int]] = {}
        for control in self.controls.values():
            if control.draws_regions and control.class_ids:
                found.setdefault(self.space_of(control), {}).update(control.class_ids)
        return found

    def classes(self) -> dict[str, list[str]]:
        """The labels of all region controls by class space, in document order."""
        found: dict[str, list[str]] = {}
        for control in self.controls.values():
            if control.draws_regions:
                found.setdefault(self.space_of(control), []).extend(control.labels)
        return found


def parse(xml: str, where: str) -> LabelConfig:
    """The config that `xml` holds; `LsDvcError`, naming `where`, when it is broken.

    A document type is refused: it can make a small file huge, or read others.
    """
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise LsDvcError(f"{where} holds a document type definition, which is not allowed")
    try:
        root = ET.fromstring(xml)  # noqa: S314  (no DTD gets here)
    except ET.ParseError as error:
        raise LsDvcError(
            f"{where} is not well-formed XML: {error}",
            "open the project's Settings > Labeling Interface > Code and mend it",
        ) from error
    named = [each for each in root.iter() if each.get("name")]
    controls = [_control(each) for each in named if each.get("toName")]
    objects = [_object(each) for each in named if _shows_data(each)]
    return LabelConfig(
        {each.name: each for each in controls},
        {each.name: each for each in objects},
    )


def _shows_data(element: ET.Element) -> bool:
    has_value = element.get("value") is not None or element.get("valueList") is not None
    return has_value and element.get("toName") is None and element.tag not in _CHOICE_TAGS


def _object(element: ET.Element) -> LabeledObject:
    listed = element.get("valueList")
    value = element.get("value") or listed or ""
    return LabeledObject(element.get("name", ""), element.tag, value, listed is not None)


def _control(element: ET.Element) -> Control:
    choices = [each for each in element.iter() if each.tag in _CHOICE_TAGS]
    return Control(
        name=element.get("name", ""),
        tag=element.tag,
        objects=tuple(element.get("toName", "").split(",")),
        labels=tuple(dict.fromkeys(filter(None, map(_label, choices)))),
        dynamic=(element.get("value") or "").startswith("$"),
        class_ids=tuple((_label(e), int(e.get("category", ""))) for e in choices if _has_id(e)),
    )


def _has_id(element: ET.Element) -> bool:
    wanted = element.get("category", "")
    return wanted.isdecimal() and int(wanted) <= LARGEST_ID and bool(_label(element))


def _label(element: ET.Element) -> str:
    return element.get("alias") or element.get("value") or ""
