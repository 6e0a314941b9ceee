"""Faults as a part of the comment on a pull request: counts, a table by rule, the new ones."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from ls_dvc.check.fault_changes import FaultChanges, ListedFault
from ls_dvc.check.faults import WHOLE
from ls_dvc.io import comment_parts
from ls_dvc.io.printable import in_markdown

# Most bytes of the table and of the list; with the rest below the 6,000 that a comment leaves.
_TABLE, _LIST = 2_000, 3_500
_LISTED = 20  # new faults
_FEW = 10  # of which the list is open
_LONGEST_LINK = 500


def section(changes: FaultChanges, link: Callable[[int], str] | None = None) -> str:
    """Such as `**Faults +6 −4** (89 known)`; `link` gives the address of a task."""
    rows = [
        f"| {number} {name} | {new or ''} | {fixed or ''} |"
        for number, name, new, fixed in changes.by_rule()
    ]
    shown, more = comment_parts.counted(rows, _TABLE)
    head = "| rule | new | fixed |\n|---|--:|--:|\n"
    table = ["\n\n".join([head + "\n".join(shown), *more])] if rows else []
    return "\n\n".join([_headline(changes), *table, *_unchecked(changes), *_new(changes, link)])


def _headline(changes: FaultChanges) -> str:
    signs = [f"+{len(changes.new):,}", f"−{len(changes.fixed):,}"]
    return f"**Faults {' '.join(signs)}** ({changes.known:,} known)"


def _unchecked(changes: FaultChanges) -> list[str]:
    rules = ", ".join(changes.unchecked)
    return [f"Not checked alike in both versions, so nothing is new: {rules}"] if rules else []


def _new(changes: FaultChanges, link: Callable[[int], str] | None) -> list[str]:
    lines = [_line(fault, link) for fault in changes.new[:_LISTED]]
    shown = comment_parts.fitting(lines, _LIST)
    more = comment_parts.more(len(changes.new) - len(shown))
    body = "\n\n".join(filter(None, ["\n".join(shown), *more]))
    title = f"<b>New faults</b>: {len(changes.new):,}"
    is_open = len(changes.new) <= _FEW
    return [comment_parts.folded(title, body, is_open=is_open)] if changes.new else []


def _line(fault: ListedFault, link: Callable[[int], str] | None) -> str:
    regions = ", region " + in_markdown(" ".join(fault.regions)) if fault.regions else ""
    words = f": {in_markdown(fault.words, 200)}" if fault.words else ""
    return f"- {fault.rule} {fault.name} ({_task(fault.task, link)}{regions}){words}"


def _task(number: int, link: Callable[[int], str] | None) -> str:
    if number == WHOLE:
        return "the data set"
    address = quote(link(number), safe=":/?#@!$&*+,;=%~") if link else ""
    name = f"task {number}"
    return f"[{name}]({address})" if 0 < len(address) <= _LONGEST_LINK else name
