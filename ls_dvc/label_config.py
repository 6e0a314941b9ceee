"""The label config: which controls label which objects, with which labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from ls_dvc.canonical import Region
from ls_dvc.errors import UserError

# What a control's choices are called in the config; any other child is layout.
_CHOICE_TAGS = ("Label", "Choice")


@dataclass(frozen=True)
class LabeledObject:
    """A thing that is labeled, such as an Image. `keys` are the task's data keys it shows."""

    name: str
    tag: str
    value: str

    @property
    def space(self) -> str:
        """The class space of its regions: `image`, `text`, `video` …"""
        return self.tag.lower()

    @property
    def key(self) -> str:
        """The task's data key that it shows; empty when the value is no plain `$key`."""
        return self.value[1:] if self.value.startswith("$") else ""


@dataclass(frozen=True)
class Control:
    """A tool that labels, such as RectangleLabels. `labels` in the order of the config."""

    name: str
    tag: str
    objects: tuple[str, ...]
    labels: tuple[str, ...]
    dynamic: bool

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
        return tuple(each for each in self.objects.values() if each.tag == tag)

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

    def classes(self) -> dict[str, list[str]]:
        """The labels of all region controls by class space, in document order."""
        found: dict[str, list[str]] = {}
        for control in self.controls.values():
            if control.draws_regions:
                found.setdefault(self.space_of(control), []).extend(control.labels)
        return found


def parse(xml: str, where: str) -> LabelConfig:
    """The config that `xml` holds; `UserError`, naming `where`, when it is broken.

    A document type is refused: it can make a small file huge, or read others.
    """
    if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        raise UserError(f"{where} holds a document type definition, which is not allowed")
    try:
        root = ET.fromstring(xml)  # noqa: S314  (no DTD gets here)
    except ET.ParseError as error:
        raise UserError(
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


def named_labels(region: Region) -> list[tuple[str, str]]:
    """The (control, label) pairs of a region: classes, or the choices made."""
    value, kind = region.get("value"), region.get("type")
    if not isinstance(value, dict) or not isinstance(kind, str):
        return []
    named = value.get(kind)
    if not (kind.endswith("labels") or kind == "choices") or not isinstance(named, list):
        return []
    return [(str(region.get("from_name", "")), each) for each in named if isinstance(each, str)]


def _shows_data(element: ET.Element) -> bool:
    has_value = element.get("value") is not None or element.get("valueList") is not None
    return has_value and element.get("toName") is None and element.tag not in _CHOICE_TAGS


def _object(element: ET.Element) -> LabeledObject:
    value = element.get("value") or element.get("valueList") or ""
    return LabeledObject(element.get("name", ""), element.tag, value)


def _control(element: ET.Element) -> Control:
    choices = [each for each in element.iter() if each.tag in _CHOICE_TAGS]
    return Control(
        name=element.get("name", ""),
        tag=element.tag,
        objects=tuple(element.get("toName", "").split(",")),
        labels=tuple(dict.fromkeys(filter(None, map(_label, choices)))),
        dynamic=(element.get("value") or "").startswith("$"),
    )


def _label(element: ET.Element) -> str:
    return element.get("alias") or element.get("value") or ""
