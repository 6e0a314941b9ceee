"""Say which faults a refresh is about to commit that HEAD does not have; never a reason to stop."""

from __future__ import annotations

from ls_dvc.check.fault_changes import FaultChanges
from ls_dvc.commands.fault_history import fault_changes
from ls_dvc.errors import LsDvcError
from ls_dvc.progress import Reporter
from ls_dvc.workspace import Workspace

LISTED = 5  # rules, those with the most new faults


def tell(workspace: Workspace, report: Reporter) -> None:
    """One line if there are new faults, by the reports of HEAD and of the workspace."""
    try:
        changes = fault_changes(workspace, "HEAD", None)
    except LsDvcError as error:
        report.say(f"the faults in the labels are not compared with those of HEAD: {error}")
        return
    if changes and changes.new:
        report.say(_line(changes))


def _line(changes: FaultChanges) -> str:
    """`3 new faults in the labels: 2 LD405 cuts-word, 1 LD502 relation-to-self; …`."""
    rules = [(new, f"{rule} {name}") for rule, name, new, _ in changes.by_rule() if new]
    rules.sort(key=lambda each: -each[0])
    listed = [f"{new:,} {rule}" for new, rule in rules[:LISTED]]
    others = [f"{len(rules) - LISTED:,} rules more"] if len(rules) > LISTED else []
    count = len(changes.new)
    found = f"{count:,} new fault{'s' * (count != 1)} in the labels: {', '.join(listed + others)}"
    return f"{found}; `ls-dvc check --against HEAD~1` shows what and where"
