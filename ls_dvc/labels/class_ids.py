"""Class ids that never move: an append-only list of names for each kind of labeled object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ls_dvc.errors import LsDvcError

RENAMED = "renamed"  # a key next to the spaces, which are tags in lower case
HINT = "ids never move, so one of the two has to give way: in the label config, or in params.yaml"


@dataclass(frozen=True)
class Classes:
    """Class names by space; the place of a name in its list is its id, for ever.

    A space is the kind of object that is labeled: `image`, `text`, `audio` … Controls that label
    the same kind of object share it, so a box and a polygon both called Car are one class, and
    one COCO or YOLO data set has one numbering.

    `renamed` leads from the names that classes once had to the ones they have now, by space.
    """

    spaces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    renamed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Classes:
        """The registry that `document` gave."""
        spaces = {str(k): tuple(map(str, v)) for k, v in document.items() if k != RENAMED}
        renamed = document.get(RENAMED) or {}
        return cls(spaces, {str(space): dict(names) for space, names in renamed.items()})

    def document(self) -> dict[str, Any]:
        """Plain lists by space, and what was renamed if anything was."""
        spaces = {space: list(names) for space, names in self.spaces.items()}
        renamed = {space: dict(names) for space, names in self.renamed.items() if names}
        return {**spaces, **({RENAMED: renamed} if renamed else {})}

    def names(self, space: str) -> tuple[str, ...]:
        """The names of a space in the order of their ids, from 0; empty when there is none."""
        return self.spaces.get(space, ())

    def used(self, space: str) -> list[tuple[int, str]]:
        """The ids and names of a space, but for ids that the config skipped (`category`)."""
        numbered = enumerate(self.spaces.get(space, ()))
        return [(number, name) for number, name in numbered if name != placeholder(number)]

    def ids(self, space: str) -> Mapping[str, int]:
        """The id of each name of a space, the names that were renamed among them."""
        return self._ids.get(space, {})

    @cached_property
    def _ids(self) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for space in self.spaces:
            ids = {name: number for number, name in self.used(space)}
            old = {before: ids[now] for before, now in self.renamed.get(space, {}).items()}
            found[space] = {**old, **ids}
        return found

    def extended(
        self,
        found: Mapping[str, Iterable[str]],
        wanted: Mapping[str, Mapping[str, int]] | None = None,
    ) -> Classes:
        """With the names in `found` that are new put behind the old ones, in the given order.

        `wanted` are ids that the label config asks for. Names are never taken out: a label that
        left the config keeps its id. `LsDvcError` when an id is wanted that is another's.
        """
        spaces = {space: list(names) for space, names in self.spaces.items()}
        for space, names in found.items():
            ids, listed = (wanted or {}).get(space, {}), spaces.setdefault(space, [])
            for name, number in ids.items():
                _set_id(listed, name, number, space)
            gone = self.renamed.get(space, {})
            listed += [e for e in dict.fromkeys(names) if e not in listed and e not in gone]
        return Classes({space: tuple(spaces[space]) for space in sorted(spaces)}, self.renamed)

    def renaming(self, renames: Mapping[str, str]) -> Classes:
        """With the class of each old name called by its new one, at the same id.

        `LsDvcError` when the new name has got an id of its own by now.
        """
        spaces, renamed = dict(self.spaces), dict(self.renamed)
        for space, names in self.spaces.items():
            for old, new in renames.items():
                if old in spaces[space] and new in names:
                    raise _rename_clash(old, new, names.index(new), space)
                if old in spaces[space]:
                    spaces[space] = tuple(new if e == old else e for e in spaces[space])
                if new in spaces[space]:
                    chain = {k: new if v == old else v for k, v in renamed.get(space, {}).items()}
                    renamed[space] = dict(sorted({**chain, old: new}.items()))
        return Classes(spaces, renamed)


def placeholder(number: int) -> str:
    """What an id is called that nobody has: the config asked for a higher one."""
    return f"(unused {number})"


def _set_id(names: list[str], name: str, number: int, space: str) -> None:
    """Give `name` the id `number` in a list of names, filling up to it."""
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
