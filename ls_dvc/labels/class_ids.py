"""Class ids that never change: an append-only list of names for each kind of labeled object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.io.strict_values import mapping, sequence, text

RENAMED = "renamed"  # a key next to the spaces, which are tags in lower case
HINT = "class ids never change: remove or change this `category` in the label config"


@dataclass(frozen=True)
class Classes:
    """Class names by space; the index of a name in its list is its id, and never changes.

    A space is the kind of labeled object: `image`, `text`, `audio` … Controls that label the same
    kind of object share it, so that a box and a polygon labeled Car are one class, and one COCO or
    YOLO data set has one numbering. `renamed`: from former to present names, by space.
    """

    spaces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    renamed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Classes:
        """The classes of a `document`; `ValueError` when it is none."""
        named = {space: names for space, names in mapping(document).items() if space != RENAMED}
        spaces = {space: tuple(map(text, sequence(names))) for space, names in named.items()}
        renamed = mapping(document.get(RENAMED) or {}).items()
        return cls(spaces, {space: _texts(names) for space, names in renamed})

    def document(self) -> dict[str, Any]:
        """Lists by space as plain values, and the renamed names if there are any."""
        spaces = {space: list(names) for space, names in self.spaces.items()}
        renamed = {space: dict(names) for space, names in self.renamed.items() if names}
        return {**spaces, **({RENAMED: renamed} if renamed else {})}

    def names(self, space: str) -> tuple[str, ...]:
        """The names of a space in the order of their ids, from 0; with placeholders for gaps."""
        return self.spaces.get(space, ())

    def used(self, space: str) -> list[tuple[int, str]]:
        """The ids and names of a space without placeholders: what is a class."""
        numbered = enumerate(self.spaces.get(space, ()))
        return [(number, name) for number, name in numbered if name != placeholder(number)]

    def ids(self, space: str) -> Mapping[str, int]:
        """The id of each name of a space; former names included, placeholders not."""
        return self._ids.get(space, {})

    @cached_property
    def _ids(self) -> Mapping[str, Mapping[str, int]]:
        ids_by_space: dict[str, dict[str, int]] = {}
        for space in self.spaces:
            ids = {name: number for number, name in self.used(space)}
            former = {before: ids[now] for before, now in self.renamed.get(space, {}).items()}
            ids_by_space[space] = {**former, **ids}
        return ids_by_space

    def extended(
        self,
        labels: Mapping[str, Iterable[str]],
        requested: Mapping[str, Mapping[str, int]] | None = None,
    ) -> Classes:
        """With the new ones of `labels` appended, in the given order.

        `requested`: ids that the label config asks for (`category`). Names are never removed: a
        label that left the config keeps its id. `LsDvcError` when another class has the id.
        """
        spaces = {space: list(names) for space, names in self.spaces.items()}
        for space, names in labels.items():
            ids, listed = (requested or {}).get(space, {}), spaces.setdefault(space, [])
            for name, number in ids.items():
                _set_id(listed, name, number, space)
            former = self.renamed.get(space, {})
            new = [name for name in dict.fromkeys(names) if name not in former]
            listed += [name for name in new if name not in listed]
        return Classes({space: tuple(spaces[space]) for space in sorted(spaces)}, self.renamed)

    def renaming(self, renames: Mapping[str, str]) -> Classes:
        """With new names for old ones, at the same ids.

        `LsDvcError` when the new name already has another id.
        """
        spaces, renamed = dict(self.spaces), dict(self.renamed)
        for space, names in self.spaces.items():
            for old, new in renames.items():
                if old in spaces[space] and new in names:
                    raise _rename_clash(old, new, names.index(new), space)
                if old in spaces[space]:
                    spaces[space] = tuple(new if name == old else name for name in spaces[space])
                if new in spaces[space]:
                    chain = {k: new if v == old else v for k, v in renamed.get(space, {}).items()}
                    renamed[space] = dict(sorted({**chain, old: new}.items()))
        return Classes(spaces, renamed)


def _texts(names: Any) -> dict[str, str]:
    return {name: text(value) for name, value in mapping(names).items()}


def placeholder(number: int) -> str:
    """The name of an id without a class: the config asks for a higher one."""
    return f"(unused {number})"


def _set_id(names: list[str], name: str, number: int, space: str) -> None:
    """Give `name` the id `number`, with placeholders below it."""
    while len(names) <= number:
        names.append(placeholder(len(names)))
    if names[number] == name:
        return
    if name in names or names[number] != placeholder(number):
        holder = f"{name} has {names.index(name)}" if name in names else f"{names[number]} has it"
        what = f"the label config asks for the {space} class id {number} for {name}"
        raise LsDvcError(f"{what}, but {holder}", HINT)
    names[number] = name


def _rename_clash(old: str, new: str, number: int, space: str) -> LsDvcError:
    return LsDvcError(
        f"classes.rename: {old} cannot become {new}, which has an id of its own by now "
        f"({number}, {space})",
        "declare a rename before the update that first sees the new name; "
        "`git checkout` an older labels.lock, declare it, and update from there",
    )
