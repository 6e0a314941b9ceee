"""What differs between two label configs, and between two registries of class ids."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ls_dvc.errors import LsDvcError
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes, placeholder
from ls_dvc.labels.label_config import Control

Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ConfigChange:
    """Two label configs and what differs. `parsed` is False when one of them is not valid.

    `controls_changed` have another tag, or label another object. Labels are by control, those of
    added and removed controls included. All other changes are in `lines` only.
    """

    before: str
    after: str
    parsed: bool = True
    controls_added: tuple[str, ...] = ()
    controls_removed: tuple[str, ...] = ()
    controls_changed: tuple[str, ...] = ()
    labels_added: Names = field(default_factory=dict)
    labels_removed: Names = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether the texts differ."""
        return self.before != self.after

    def lines(self, names: tuple[str, str] = ("before", "after")) -> list[str]:
        """A unified diff of the texts, without line ends. A lone CR is content."""
        before, after = self.before.split("\n"), self.after.split("\n")
        return list(difflib.unified_diff(before, after, *names, lineterm="", n=2))

    def document(self) -> dict[str, Any]:
        """The JSON of this change."""
        return {
            "changed": self.changed,
            "parsed": self.parsed,
            "controls": {
                "added": [*self.controls_added],
                "removed": [*self.controls_removed],
                "changed": [*self.controls_changed],
            },
            "labels": {"added": _lists(self.labels_added), "removed": _lists(self.labels_removed)},
            "before": self.before,
            "after": self.after,
            "diff": self.lines(),
        }


class ReusedId(NamedTuple):
    """A class id that has another name than before."""

    id: int
    before: str
    after: str


@dataclass(frozen=True)
class RegistryChange:
    """What differs between two registries, by class space.

    From an older to a newer version names are only `appended`. `withdrawn` are names at the end
    that the other side does not have yet; `renamed` are ids that the settings gave another name,
    or that were unused; `reused` are ids that changed their meaning, which must never happen.
    """

    appended: Names = field(default_factory=dict)
    withdrawn: Names = field(default_factory=dict)
    reused: Mapping[str, tuple[ReusedId, ...]] = field(default_factory=dict)
    renamed: Mapping[str, tuple[ReusedId, ...]] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether any id differs."""
        return bool(self.appended or self.withdrawn or self.reused or self.renamed)

    def document(self) -> dict[str, Any]:
        """The JSON of this change."""
        return {
            "appended": _lists(self.appended),
            "withdrawn": _lists(self.withdrawn),
            "reused": _documents(self.reused),
            "renamed": _documents(self.renamed),
        }


def config_change(before: str, after: str) -> ConfigChange:
    """What differs between two label configs, XML."""
    if before == after:
        return ConfigChange(before, after)
    try:
        old = label_config.parse(before, "the old label config").controls
        new = label_config.parse(after, "the new label config").controls
    except LsDvcError:
        return ConfigChange(before, after, parsed=False)
    return ConfigChange(
        before,
        after,
        controls_added=tuple(name for name in new if name not in old),
        controls_removed=tuple(name for name in old if name not in new),
        controls_changed=tuple(
            name
            for name in new
            if name in old and _without_labels(new[name]) != _without_labels(old[name])
        ),
        labels_added=_labels_only_in(new, old),
        labels_removed=_labels_only_in(old, new),
    )


def registry_change(before: Classes, after: Classes) -> RegistryChange:
    """What differs between two registries of class ids."""
    reused, renamed = dict[str, list[ReusedId]](), dict[str, list[ReusedId]]()
    for space, names in after.spaces.items():
        for entry in _reused(before.names(space), names):
            target = renamed if _is_intended(entry, space, before, after) else reused
            target.setdefault(space, []).append(entry)
    return RegistryChange(
        appended=_tails(before, after),
        withdrawn=_tails(after, before),
        reused={space: tuple(entries) for space, entries in reused.items()},
        renamed={space: tuple(entries) for space, entries in renamed.items()},
    )


def _is_intended(reuse: ReusedId, space: str, before: Classes, after: Classes) -> bool:
    """Whether an id was renamed by the settings, or was unused; in either direction."""
    pairs = ((reuse.before, reuse.after, after), (reuse.after, reuse.before, before))
    renamed = any(side.renamed.get(space, {}).get(old) == new for old, new, side in pairs)
    return renamed or placeholder(reuse.id) in (reuse.before, reuse.after)


def _documents(changes: Mapping[str, Sequence[ReusedId]]) -> dict[str, list[dict[str, Any]]]:
    return {space: [entry._asdict() for entry in entries] for space, entries in changes.items()}


def _without_labels(control: Control) -> Control:
    return replace(control, labels=())


def _labels_only_in(controls: Mapping[str, Control], others: Mapping[str, Control]) -> Names:
    labels_by_control = {}
    for name, control in controls.items():
        known = others[name].labels if name in others else ()
        labels_by_control[name] = tuple(label for label in control.labels if label not in known)
    return {name: labels for name, labels in labels_by_control.items() if labels}


def _tails(short: Classes, long: Classes) -> Names:
    """The names in `long` after the last id of `short`. A space without names can be new."""
    tails = {space: names[len(short.names(space)) :] for space, names in long.spaces.items()}
    return {space: names for space, names in tails.items() if names or space not in short.spaces}


def _reused(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[ReusedId, ...]:
    both = enumerate(zip(before, after, strict=False))
    return tuple(ReusedId(number, old, new) for number, (old, new) in both if old != new)


def _lists(names: Names) -> dict[str, list[str]]:
    return {key: list(items) for key, items in names.items()}
