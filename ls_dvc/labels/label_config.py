"""The label config: which controls label which objects, with which labels.

Under a `<Repeater>` a control or an object is one entry here, by its name as it is written
(`box_{{idx}}`), and many in a task (`box_0`, `box_1`): `control_named` and `object_named` lead from
the names in regions to the entry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from ls_dvc.labels import config_xml
from ls_dvc.labels.config_xml import Tag, Tags
from ls_dvc.labels.regions import ANSWERS
from ls_dvc.labels.repeater import NOT_REPEATED, RepeatedName, Repetition
from ls_dvc.labels.value_expression import ValueExpression

# What a control's choices are called in the config; any other child is layout.
_CHOICE_TAGS = ("Label", "Choice")
LARGEST_ID = 10_000  # of a class; all ids up to it are listed


@dataclass(frozen=True)
class LabeledObject:
    """A thing that is labeled, such as an Image; `value` says which of the task's data it shows.

    `is_list`: the value is a list of items of their own (`valueList`). `value_type`: `url` where
    the value is the address of what is shown (`valueType`). `audio` says, as `value` does, where
    the recording of a dialogue is (`audioUrl`); its paragraphs have the speaker at `speaker_key`
    (`nameKey`) and what was said at `words_key` (`textKey`).
    """

    name: str
    tag: str
    value: str
    is_list: bool = False
    repetition: Repetition = NOT_REPEATED
    value_type: str = ""
    audio: str = ""
    speaker_key: str = "author"
    words_key: str = "text"

    @property
    def space(self) -> str:
        """The class space of its regions: `image`, `text`, `video` …"""
        return self.tag.lower()

    @cached_property
    def expression(self) -> ValueExpression:
        """Its value, taken apart."""
        return ValueExpression(self.value)

    @property
    def key(self) -> str:
        """The task's data key that it shows; empty when the value is no plain `$key`."""
        return self.expression.key


@dataclass(frozen=True)
class Control:
    """A tool that labels, such as RectangleLabels. `labels` in the order of the config.

    `dynamic`: it has labels that only the regions tell. `class_ids` are those that labels ask for
    (`category`), `model_indices` the places among key points that they ask for (`model_index`).
    `takes_several`: annotators can choose several of its choices at once (`choice="multiple"`).
    """

    name: str
    tag: str
    objects: tuple[str, ...]
    labels: tuple[str, ...]
    dynamic: bool
    class_ids: tuple[tuple[str, int], ...] = ()
    model_indices: tuple[tuple[str, int], ...] = ()
    takes_several: bool = False
    repetition: Repetition = NOT_REPEATED

    @cached_property
    def label_set(self) -> frozenset[str]:
        """Its labels, to look one up."""
        return frozenset(self.labels)

    @cached_property
    def is_open(self) -> bool:
        """Whether it may have labels that are not in the config, but in the data of tasks."""
        is_data = any(label.startswith("$") for label in self.labels)
        return self.dynamic or is_data or not self.labels

    @property
    def draws_regions(self) -> bool:
        """True when its labels are classes of regions (Choices, say, label the task as a whole)."""
        return self.tag.endswith("Labels")


Named = TypeVar("Named", LabeledObject, Control)


@dataclass(frozen=True)
class LabelConfig:
    """A parsed config; both mappings are keyed by the tag's `name`, in document order."""

    controls: Mapping[str, Control]
    objects: Mapping[str, LabeledObject]

    def control_named(self, name: str) -> Control | None:
        """The control that a region's `from_name` refers to."""
        return self.controls.get(name) or _repeated(name, self._repeated_controls)

    def object_named(self, name: str) -> LabeledObject | None:
        """The object that a region's `to_name` refers to."""
        found = self.objects.get(name)
        return _repeated(name, self._repeated_objects) if found is None else found

    def declared_control(self, name: str) -> str:
        """The name in the config of the control that regions call `name`; else `name` itself."""
        found = self.control_named(name) if self._repeated_controls else None
        return found.name if found else name

    def declared_labels(self, labels: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The same (control, label) pairs with the names that controls have in the config."""
        if not self._repeated_controls:
            return labels
        return [(self.declared_control(control), label) for control, label in labels]

    @property
    def fixed_controls(self) -> list[str]:
        """The names of controls that are the same in the config and in every region."""
        controls = self.controls.values()
        return [each.name for each in controls if not each.repetition.has_flag(each.name)]

    @cached_property
    def _repeated_controls(self) -> tuple[tuple[RepeatedName, Control], ...]:
        return _with_flags(self.controls.values())

    @cached_property
    def _repeated_objects(self) -> tuple[tuple[RepeatedName, LabeledObject], ...]:
        return _with_flags(self.objects.values())

    def controls_on(self, name: str) -> list[Control]:
        """The controls that label the object that regions call `name`, as regions call them."""
        shown = self.object_named(name)
        indices = RepeatedName(shown.name, shown.repetition).indices(name) if shown else ()
        controls = [_repeated_for(indices or (), each) for each in self.controls.values()]
        return [control for control in controls if name in control.objects]

    @cached_property
    def asks_questions(self) -> bool:
        """Whether there are controls whose results are answers, not regions."""
        return any(each.tag.lower() in ANSWERS for each in self.controls.values())

    @cached_property
    def labeled_objects(self) -> frozenset[str]:
        """The names in the config of the objects that any control labels."""
        return self.labeled_by({control.tag for control in self.controls.values()})

    def labeled_by(self, tags: Collection[str]) -> frozenset[str]:
        """The names in the config of the objects that controls with these tags label."""
        controls = [control for control in self.controls.values() if control.tag in tags]
        names = {name for control in controls for name in control.objects}
        return frozenset(shown.name for shown in map(self.object_named, names) if shown)

    def objects_of(self, tag: str) -> tuple[LabeledObject, ...]:
        """The objects with this tag, in document order."""
        return self._by_tag.get(tag, ())

    def objects_with(self, tags: tuple[str, ...]) -> Collection[LabeledObject]:
        """The objects with one of these tags in document order; all of them without any."""
        if len(tags) == 1:
            return self.objects_of(tags[0])
        return [each for each in self.objects.values() if not tags or each.tag in tags]

    @cached_property
    def _by_tag(self) -> Mapping[str, tuple[LabeledObject, ...]]:
        objects: dict[str, tuple[LabeledObject, ...]] = {}
        for labeled in self.objects.values():
            objects[labeled.tag] = (*objects.get(labeled.tag, ()), labeled)
        return objects

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
        labeled = filter(None, map(self.object_named, control.objects))
        return next((shown.space for shown in labeled), "")

    def labels(self) -> list[tuple[str, str]]:
        """Every (control, label) that annotators can choose, in document order."""
        return [
            (control.name, label) for control in self.controls.values() for label in control.labels
        ]

    def class_ids(self) -> dict[str, dict[str, int]]:
        """The ids that labels of region controls ask for, by class space."""
        ids: dict[str, dict[str, int]] = {}
        for control in self.controls.values():
            if control.draws_regions and control.class_ids:
                ids.setdefault(self.space_of(control), {}).update(control.class_ids)
        return ids

    def classes(self) -> dict[str, list[str]]:
        """The labels of all region controls by class space, in document order."""
        labels: dict[str, list[str]] = {}
        for control in self.controls.values():
            if control.draws_regions:
                labels.setdefault(self.space_of(control), []).extend(control.labels)
        return labels


def _with_flags(declared: Iterable[Named]) -> tuple[tuple[RepeatedName, Named], ...]:
    """What a Repeater makes several of, by their names."""
    repeated = [each for each in declared if each.repetition]
    return tuple((RepeatedName(each.name, each.repetition), each) for each in repeated)


def _repeated_for(indices: Sequence[int | str], control: Control) -> Control:
    """A control as it is called with an object with these indices, where it is one of those."""
    if not indices or len(control.repetition.lists) != len(indices):
        return control
    name, *objects = [
        control.repetition.fill(each, indices) for each in (control.name, *control.objects)
    ]
    return replace(control, name=name, objects=tuple(objects))


def _repeated(name: str, repeated: Iterable[tuple[RepeatedName, Named]]) -> Named | None:
    return next((each for pattern, each in repeated if pattern.indices(name) is not None), None)


def parse(xml: str, where: str) -> LabelConfig:
    """The config that `xml` holds; `LsDvcError`, naming `where`, when it is broken."""
    tags = config_xml.parse(xml, where)
    named = [tag for tag in tags if tag.attributes.get("name")]
    controls = [_control(tag, tags) for tag in named if tag.attributes.get("toname")]
    objects = [_object(tag) for tag in named if _shows_data(tag)]
    return LabelConfig(
        {control.name: control for control in controls},
        {shown.name: shown for shown in objects},
    )


def _shows_data(tag: Tag) -> bool:
    if "toname" in tag.attributes or tag.name in _CHOICE_TAGS:
        return False
    return "value" in tag.attributes or "valuelist" in tag.attributes


def _object(tag: Tag) -> LabeledObject:
    listed = tag.attributes.get("valuelist")
    value = tag.attributes.get("value", "") if listed is None else listed
    return LabeledObject(
        name=tag.attributes["name"],
        tag=tag.name,
        value=value,
        is_list=listed is not None,
        repetition=tag.repetition,
        value_type=tag.attributes.get("valuetype", ""),
        audio=tag.attributes.get("audiourl", ""),
        speaker_key=tag.attributes.get("namekey", "author"),
        words_key=tag.attributes.get("textkey", "text"),
    )


def _control(tag: Tag, tags: Tags) -> Control:
    choices = [each for each in tags.inside(tag) if each.name in _CHOICE_TAGS]
    fixed = [each for each in choices if not each.repetition.has_flag(_label(each))]
    return Control(
        name=tag.attributes["name"],
        tag=tag.name,
        objects=tuple(tag.attributes["toname"].split(",")),
        labels=tuple(dict.fromkeys(filter(None, map(_label, fixed)))),
        dynamic=tag.attributes.get("value", "").startswith("$") or len(fixed) < len(choices),
        class_ids=_numbers(fixed, "category"),
        model_indices=_numbers(fixed, "model_index"),
        takes_several=tag.attributes.get("choice") == "multiple",
        repetition=tag.repetition,
    )


def _numbers(choices: Iterable[Tag], attribute: str) -> tuple[tuple[str, int], ...]:
    """The labels that have a number in this attribute, with it."""
    numbered = [(_label(tag), tag.attributes.get(attribute, "")) for tag in choices]
    return tuple((label, int(number)) for label, number in numbered if label and _is_id(number))


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) <= len(str(LARGEST_ID)) and int(text) <= LARGEST_ID


def _label(tag: Tag) -> str:
    return tag.attributes.get("alias") or tag.attributes.get("value") or ""
