"""What the rules find in the tasks of a shard: a value that is kept until the shard changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ls_dvc.check.agreed import AgreementRow, AgreementRows
from ls_dvc.check.families import TASK
from ls_dvc.check.faults import RuleFinding
from ls_dvc.check.interface import DataSetRule, TaskRule
from ls_dvc.check.selection import SelectedRule
from ls_dvc.check.views import CheckContext, TaskView
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical
from ls_dvc.labels.media import TaskMedia


@dataclass(frozen=True)
class ShardFindings:
    """The part of the result that comes from one shard.

    `tasks` are those that somebody annotated, `regions` those of live annotations. `cases` are the
    regions by family, `findings` what rules found by their numbers, `observations` what the rules
    over the data set need to know, by their numbers and their keys. `agreement` are the rows of
    what annotators agree about.
    """

    tasks: int = 0
    regions: int = 0
    cases: Mapping[str, int] = field(default_factory=dict)
    findings: Mapping[str, Sequence[RuleFinding]] = field(default_factory=dict)
    observations: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    agreement: AgreementRows = field(default_factory=dict)

    def encoded(self) -> bytes:
        """As it is kept."""
        findings = {
            rule: [each.document() for each in found] for rule, found in self.findings.items()
        }
        return canonical_json.line({**vars(self), "findings": findings})

    @classmethod
    def decoded(cls, content: bytes) -> ShardFindings:
        """The part that was kept as `content`."""
        document = canonical_json.parse(content)
        findings = {
            rule: [*map(RuleFinding.of, found)] for rule, found in document.pop("findings").items()
        }
        return cls(**document, findings=findings)


ObserveAgreement = Callable[[TaskView], Iterable[tuple[str, str, AgreementRow]]]
"""The measure, the control and the row of each thing in which somebody can agree."""


def check_shard(
    lines: Iterable[bytes],
    rules: Sequence[SelectedRule],
    context: CheckContext,
    media: TaskMedia,
    agreed: ObserveAgreement,
) -> ShardFindings:
    """What the rules find in these tasks, a JSON line each, in the order of their ids.

    `agreed` gives what the annotators of a task agree about.
    """
    run, cases, tasks = _RunningRules(rules), Counter[str](), 0
    agreement = dict[str, dict[str, list[AgreementRow]]]()
    for line in lines:
        view = TaskView(canonical.parse(line), context, media)
        tasks += bool(view.annotations)
        for family, regions in view.families.items():
            cases[family] += len(regions)
        run.look_at(view)
        for measure, control, row in agreed(view):
            agreement.setdefault(measure, {}).setdefault(control, []).append(row)
    total = sum(cases.values())
    cases[TASK] = tasks
    return ShardFindings(tasks, total, dict(cases), run.findings, run.observations, agreement)


class _RunningRules:
    """The rules at work on a shard, and what they found so far."""

    def __init__(self, rules: Sequence[SelectedRule]) -> None:
        self.findings = dict[str, list[RuleFinding]]()
        self.observations = dict[str, dict[str, list[Any]]]()
        self._rules = rules
        self._concerned = dict[tuple[str, ...], list[Callable[[TaskView], None]]]()

    def look_at(self, task: TaskView) -> None:
        """Have each rule look at a task that concerns it."""
        families = tuple(task.families)
        concerned = self._concerned.get(families)
        if concerned is None:
            concerned = [
                self._looking(rule)
                for rule in self._rules
                if not set(rule.module.LOOKS_AT).isdisjoint(families)
            ]
            self._concerned[families] = concerned
        for look in concerned:
            look(task)

    def _looking(self, rule: SelectedRule) -> Callable[[TaskView], None]:
        module, options = rule.module, rule.options
        if isinstance(module, TaskRule):
            return _checking(module, options, self.findings.setdefault(rule.number, []))
        return _observing(module, options, self.observations.setdefault(rule.number, {}))


def _checking(rule: TaskRule, options: Any, found: list[RuleFinding]) -> Callable[[TaskView], None]:
    check, extend = rule.check, found.extend

    def look(task: TaskView) -> None:
        extend(check(task, options))

    return look


def _observing(
    rule: DataSetRule, options: Any, groups: dict[str, list[Any]]
) -> Callable[[TaskView], None]:
    observe = rule.observe

    def look(task: TaskView) -> None:
        for key, observation in observe(task, options):
            groups.setdefault(key, []).append(observation)

    return look
