"""A fault as a value: what a rule found, and the identity that it keeps from version to version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from ls_dvc.io import canonical_json
from ls_dvc.io.printable import cut, printable

LONGEST_QUOTE = 60  # characters of a label's text in a message

WHOLE = 0  # instead of a task: the fault is of the data set as a whole


class Level(str, Enum):
    """How bad a fault is, the worst first. A preview rule runs only where it is named."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    PREVIEW = "preview"

    def is_at_least(self, other: Level) -> bool:
        """Whether a fault of this level is as bad as one of the other."""
        order = [*Level]
        return order.index(self) <= order.index(other)


class Quote(NamedTuple):
    """A piece of a message that comes from labels or people: shown, and never committed."""

    text: str


Words = tuple[str | Quote, ...]
"""A message in pieces; what is no `Quote` comes from a rule and holds nothing of the labels."""

Place = Mapping[str, float]
"""Where in a region, or which other task, in numbers only: `{"start": 4, "end": 9}`."""


class RuleFinding(NamedTuple):
    """What a rule found.

    `task` is `WHOLE` where it is about no task. `regions` are the ids of those that it is about,
    and `control` the one that made them. Where it is about no region, `subject` says what makes it
    another fault than the others of its task: a class, a digest, the ends of a relation.
    """

    task: int
    words: Words
    control: str = ""
    regions: tuple[str, ...] = ()
    at: Place = MappingProxyType({})
    subject: str = ""

    def document(self) -> list[Any]:
        """Its JSON."""
        words = [[each.text] if isinstance(each, Quote) else each for each in self.words]
        return [self.task, words, self.control, [*self.regions], dict(self.at), self.subject]

    @classmethod
    def of(cls, document: list[Any]) -> RuleFinding:
        """The finding that was written as `document`."""
        task, words, control, regions, at, subject = document
        pieces = (each if isinstance(each, str) else Quote(*each) for each in words)
        return cls(task, tuple(pieces), control, tuple(regions), at, subject)


@dataclass(frozen=True)
class Fault:
    """A finding with its rule.

    `fingerprint` has 16 hexadecimal digits. Several findings with one fingerprint are one fault,
    and `count` says how many.
    """

    fingerprint: str
    rule: str
    name: str
    level: Level
    finding: RuleFinding
    count: int = 1

    def message(self, *, quotes: bool = True) -> str:
        """What is wrong, in words; without `quotes` nothing in it comes from the labels."""
        shown = (
            (_quoted(each.text) if quotes else "…") if isinstance(each, Quote) else each
            for each in self.finding.words
        )
        return "".join(shown)

    @property
    def order(self) -> tuple[Any, ...]:
        """Where it is listed: by rule, then by task."""
        finding = self.finding
        return self.rule, finding.task, finding.control, finding.regions, self.fingerprint


def _quoted(text: str) -> str:
    return f"“{cut(printable(text), LONGEST_QUOTE)}”"


def fingerprint(rule: str, revision: int, data_set: str, finding: RuleFinding) -> str:
    """The identity of a fault.

    Values, messages, thresholds and the ids of annotations are not in it: they change while a
    fault stays the same.
    """
    about = [*sorted(finding.regions), finding.subject]
    key = [rule, revision, data_set, finding.task, finding.control, *about]
    return canonical_json.digest(canonical_json.line(key))[:16]


def counted(faults: Iterable[Fault]) -> list[Fault]:
    """Faults with one fingerprint as one, in the order in which they are listed."""
    found = dict[str, Fault]()
    for fault in sorted(faults, key=lambda each: each.order):
        first = found.get(fault.fingerprint)
        count = fault.count + (first.count if first else 0)
        kept = first or fault
        found[fault.fingerprint] = Fault(
            kept.fingerprint, kept.rule, kept.name, kept.level, kept.finding, count
        )
    return list(found.values())
