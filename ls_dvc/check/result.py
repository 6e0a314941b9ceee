"""What all shards together show: faults, and habits that are reported once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ls_dvc.check.agreed import AgreedLabels
from ls_dvc.check.faults import Fault, Level, RuleFinding, counted, fingerprint
from ls_dvc.check.interface import TaskRule
from ls_dvc.check.selection import SelectedRule
from ls_dvc.check.shard import ShardFindings
from ls_dvc.check.views import CheckContext

SHARE = 0.1  # of its cases: what a rule finds more often is a habit
FEWEST = 5  # findings that make a habit


@dataclass(frozen=True)
class Convention:
    """A rule that found a fault in so many of its cases that these follow a habit."""

    rule: str
    name: str
    found: int
    cases: int


@dataclass(frozen=True)
class CheckedLabels:
    """The faults of a data set, in order.

    `rules` are the numbers of those that ran, with their revisions. `tasks` are those that
    somebody annotated, `regions` those of live annotations.
    """

    faults: tuple[Fault, ...]
    conventions: tuple[Convention, ...]
    rules: Mapping[str, int]
    tasks: int
    regions: int
    agreed: AgreedLabels = field(default_factory=AgreedLabels)


def checked_labels(
    parts: Iterable[ShardFindings],
    rules: Sequence[SelectedRule],
    context: CheckContext,
    data_set: str,
) -> CheckedLabels:
    """What the parts of all shards, in the order of task ids, show together.

    `data_set` tells the data sets of a repository apart: it is part of each fault's identity.
    """
    whole = _joined(parts)
    faults, conventions = list[Fault](), list[Convention]()
    for rule in rules:
        findings = [*_findings(rule, whole, context)]
        cases = sum(whole.cases.get(family, 0) for family in rule.module.LOOKS_AT)
        if _is_convention(rule, len(findings), cases):
            conventions.append(Convention(rule.number, rule.name, len(findings), cases))
        else:
            faults += (_fault(rule, finding, data_set) for finding in findings)
    revisions = {rule.number: rule.module.REVISION for rule in rules}
    return CheckedLabels(
        tuple(counted(faults)),
        tuple(conventions),
        revisions,
        whole.tasks,
        whole.regions,
        context.agreed,
    )


def _joined(parts: Iterable[ShardFindings]) -> ShardFindings:
    tasks, regions, cases = 0, 0, Counter[str]()
    findings = dict[str, list[RuleFinding]]()
    observations = dict[str, dict[str, list[Any]]]()
    for part in parts:
        tasks, regions = tasks + part.tasks, regions + part.regions
        cases.update(part.cases)
        for rule, found in part.findings.items():
            findings.setdefault(rule, []).extend(found)
        for rule, groups in part.observations.items():
            whole = observations.setdefault(rule, {})
            for key, observed in groups.items():
                whole.setdefault(key, []).extend(observed)
    return ShardFindings(tasks, regions, cases, findings, observations)


def _findings(
    rule: SelectedRule, whole: ShardFindings, context: CheckContext
) -> Iterator[RuleFinding]:
    module = rule.module
    if isinstance(module, TaskRule):
        yield from whole.findings.get(rule.number, ())
        return
    groups = whole.observations.get(rule.number, {})
    yield from module.faults(dict(sorted(groups.items())), context, rule.options)


def _is_convention(rule: SelectedRule, found: int, cases: int) -> bool:
    is_often = found >= FEWEST and found > SHARE * cases
    return is_often and rule.module.LEVEL is not Level.ERROR


def _fault(rule: SelectedRule, finding: RuleFinding, data_set: str) -> Fault:
    identity = fingerprint(rule.number, rule.module.REVISION, data_set, finding)
    return Fault(identity, rule.number, rule.name, rule.module.LEVEL, finding)
