"""Two labels of a control differ only in letter case, white space, `_`, `-`, or a plural s.

They are one class that was written in two ways, and each has a part of its regions. Both are
compared that the label config has and that regions use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ls_dvc.check.families import TASK
from ls_dvc.check.faults import WHOLE, Level, Quote, RuleFinding
from ls_dvc.check.interface import Groups, NoOptions, Observation
from ls_dvc.check.views import CheckContext, TaskView

LEVEL = Level.WARNING
REVISION = 1
LOOKS_AT = (TASK,)
OPTIONS = NoOptions

SHORTEST = 4  # letters of a name whose last s may be a plural

# Between two digits a separator has a meaning: 1-2 is not 12. At an end it has, too: A-.
_SEPARATORS = re.compile(r"(?<=[^\W_])[\s_-]+(?=[^\W\d_])|(?<=[^\W\d_])[\s_-]+(?=\d)")


def observe(task: TaskView, options: NoOptions) -> Iterator[Observation]:  # noqa: ARG001
    """Nothing: the counts of the snapshot say which labels there are."""
    yield from ()


def faults(groups: Groups, context: CheckContext, options: NoOptions) -> Iterator[RuleFinding]:  # noqa: ARG001
    """Each label that is written nearly as one that more regions have."""
    for control, counts in sorted(context.labels().items()):
        for alike in _alike(counts):
            usual, *others = sorted(alike, key=lambda label: (-counts[label], label))
            for label in others:
                words = (
                    Quote(label),
                    f" ({counts[label]} regions) is nearly the same name as ",
                    Quote(usual),
                    f" ({counts[usual]})",
                )
                yield RuleFinding(WHOLE, words, control, subject=" ".join(sorted((label, usual))))


def _alike(counts: Mapping[str, int]) -> Iterator[list[str]]:
    names = dict[str, list[str]]()
    for label in sorted(counts):
        names.setdefault(plain_name(label), []).append(label)
    yield from (labels for _, labels in sorted(names.items()) if len(labels) > 1)


def plain_name(label: str) -> str:
    """What is left of a label without that in which two may differ."""
    name = _SEPARATORS.sub("", " ".join(label.split()).casefold())
    is_plural = len(name) >= SHORTEST and name.endswith("s") and not name.endswith("ss")
    return name[:-1] if is_plural else name
