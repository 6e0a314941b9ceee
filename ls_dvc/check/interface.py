"""What a rule is: a module in `check/rules`, named by its number and its name.

A module is called `ld403_edge_blank`: the rule LD403, edge-blank. Its docstring is its entry in
docs/rules.md and the answer to `ls-dvc check --explain`: a first line that says what is wrong,
without the number, then why that matters and what to do. It has the names

    LEVEL       how bad its faults are
    REVISION    1; raised when the same labels give other faults, so that these are no new ones
    LOOKS_AT    families of regions; it is asked about tasks that have one of them
    OPTIONS     its settings, `NoOptions` where it has none

and either, for what is seen in one task,

    check(task, options)      what it finds in a task

or, for what only the whole data set shows,

    observe(task, options)    observations of a task: a key, and JSON that is collected under it
    faults(groups, context, options)    what the observations of all tasks together show

`check` and `observe` must depend on the task, its media, the label config, the split and the
options alone, since what they give is kept for as long as a shard stays as it is.

What a rule looks at are its cases. A rule that is no error and that finds a fault in more than a
tenth of its cases found a habit of the data set, which is reported once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from ls_dvc.check.faults import Level, RuleFinding
from ls_dvc.check.views import CheckContext, TaskView
from ls_dvc.settings.schema import Settings

Observation = tuple[str, Any]
"""A key, and JSON."""

Groups = Mapping[str, Sequence[Any]]
"""The observations by key, keys sorted, those of a key in the order of the tasks."""


class NoOptions(Settings, frozen=True, kw_only=True):
    """A rule without options."""


class Rule(Protocol):
    """What all rules have; the docstring of this module describes each name."""

    @property
    def LEVEL(self) -> Level:  # noqa: N802
        """How bad its faults are."""

    @property
    def REVISION(self) -> int:  # noqa: N802
        """Raised when the same labels give other faults."""

    @property
    def LOOKS_AT(self) -> Sequence[str]:  # noqa: N802
        """Families of regions."""

    @property
    def OPTIONS(self) -> type[Settings]:  # noqa: N802
        """Its settings."""


@runtime_checkable
class TaskRule(Rule, Protocol):
    """A rule that sees one task at a time."""

    def check(self, task: TaskView, options: Any) -> Iterable[RuleFinding]:
        """What it finds in a task."""


@runtime_checkable
class DataSetRule(Rule, Protocol):
    """A rule over all tasks."""

    def observe(self, task: TaskView, options: Any) -> Iterable[Observation]:
        """What of a task it needs to know later."""

    def faults(self, groups: Groups, context: CheckContext, options: Any) -> Iterable[RuleFinding]:
        """What the observations of all tasks show."""


AnyRule = TaskRule | DataSetRule
