"""What tasks can be found by: an entry of some 100 bytes for each of them."""

from __future__ import annotations

import re
import threading
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.policy import Policy
from ls_dvc.labels.regions import labels_of
from ls_dvc.labels.selection import select
from ls_dvc.labels.splits import split_of
from ls_dvc.labels.task_names import shown_names

NAMES = 20  # of a task that shows many things
FACETS = ("label", "annotator", "state", "split", "reason")
_WORDS = re.compile(r'(\buser \d+\b)|"([^"]+)"|(\S+)')


class Profile(NamedTuple):
    """What many tasks have in common: labels, annotators, state, split, reasons of the ledger."""

    label: tuple[str, ...]
    annotator: tuple[str, ...]
    state: tuple[str, ...]
    split: tuple[str, ...]
    reason: tuple[str, ...]


class IndexEntry(NamedTuple):
    """A task in the index; `names` are its file names and the beginnings of its texts, folded."""

    task: int
    names: str
    profile: Profile


@dataclass(frozen=True)
class Query:
    """What to look for: every word, and the one value that is chosen of each facet, if any.

    `user 7` is one word, and so is what stands between quotation marks.
    """

    words: tuple[str, ...] = ()
    chosen: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Query:
        """The query in the parameters of an address: `q` and the facets."""
        chosen = ((name, parameters[name]) for name in FACETS if parameters.get(name))
        words = _WORDS.findall(parameters.get("q", "").casefold())
        return cls(tuple(user or quoted or word for user, quoted, word in words), tuple(chosen))


def index_entry(
    task: Task, config: LabelConfig, policy: Policy, reasons: Sequence[str]
) -> IndexEntry:
    """The entry of a task; `reasons` are those for which formats left some of it out."""
    results = task["annotations"] or task["predictions"]
    regions = (region for each in results for region in each.get("result", ()))
    labels = {label for region in regions for label in labels_of(region)}
    people = {each.get("completed_by") for each in task["annotations"]} - {None}
    names = [name for name, _ in zip(shown_names(task, config), range(NAMES), strict=False)]
    profile = Profile(
        label=tuple(sorted(labels)),
        annotator=tuple(sorted(map(str, people))),
        state=(select(task, policy).state.value,),
        split=(split_of(task, policy.split),) if policy.split is not None else (),
        reason=tuple(sorted(set(reasons))),
    )
    return IndexEntry(task["id"], "\n".join(names).casefold(), profile)


class TaskIndex:
    """Entries in the order of their ids; one thread adds them while others search."""

    def __init__(self) -> None:
        self.counts: Mapping[str, Counter[str]] = {name: Counter() for name in FACETS}
        self._ids, self._names, self._numbers = array("q"), list[str](), array("L")
        self._profiles: dict[Profile, int] = {}
        self._lock = threading.Lock()
        self._found = lru_cache(maxsize=16)(self._search)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, entries: Iterable[IndexEntry]) -> None:
        """Add tasks whose ids are higher than those before."""
        made = list(entries)
        with self._lock:
            for entry in made:
                number = self._profiles.setdefault(entry.profile, len(self._profiles))
                self._names.append(entry.names)
                self._numbers.append(number)
                self._ids.append(entry.task)
                for name, values in entry.profile._asdict().items():
                    self.counts[name].update(values)

    def find(self, query: Query) -> Sequence[int]:
        """The ids of the tasks that fit, in their order."""
        with self._lock:
            return self._found(query, len(self._ids))

    def facets(self) -> dict[str, list[tuple[str, int]]]:
        """How many tasks have each value of each facet."""
        with self._lock:
            return {name: sorted(counts.items()) for name, counts in self.counts.items()}

    def _search(self, query: Query, size: int) -> Sequence[int]:
        left = [_words_left(profile, query) for profile in self._profiles]
        found = array("q")
        for at in range(size):
            words = left[self._numbers[at]]
            if words is not None and (not words or self._has(at, words)):
                found.append(self._ids[at])
        return found

    def _has(self, at: int, words: Sequence[str]) -> bool:
        names, number = self._names[at], str(self._ids[at])
        return all(word in names or word.removeprefix("#") == number for word in words)


def _words_left(profile: Profile, query: Query) -> tuple[str, ...] | None:
    """The words that a profile has not got; None if it lacks what is chosen."""
    if any(value not in getattr(profile, name) for name, value in query.chosen):
        return None
    people = {f"user {each}" for each in profile.annotator}
    others = (*profile.label, *profile.state, *profile.split, *profile.reason)
    text = "\n".join([*others, *(["user"] if people else [])]).casefold()
    return tuple(word for word in query.words if word not in text and word not in people)
