"""Gates: when a conversion stops rather than write, and what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support import projects
from support.pins import PIN
from support.projects import box, boxed, choice, task

from ls_dvc.convert import gates
from ls_dvc.errors import LsDvcError
from ls_dvc.pin.pin import Pin, TaskChangeCounts
from ls_dvc.settings.params import GateSettings

RAW = [
    *(boxed(number, box(1, 1, 2, 2), box(1, 1, 2, 2, "Gone", id="r2")) for number in range(1, 9)),
    task(9),
]


def check(pin: Pin | None = None, **settings: Any) -> None:
    ledgers = {"COCO": projects.convert("COCO", RAW).ledger}
    gates.check(GateSettings(**settings), ledgers, pin, PIN.link)


def test_no_gates() -> None:
    check()


def test_dropped_regions() -> None:
    check(max_dropped=0.5)
    with pytest.raises(LsDvcError) as caught:
        check(max_dropped=0.4)
    told = str(caught.value)
    assert "the gate max_dropped fails: COCO leaves out 8 regions, 50.0%" in told
    assert "unknown-label: https://ls.example.com/projects/42/data?task=1\n" in told
    assert told.count("https://") == 5
    assert "… and 3 more tasks" in told
    assert "label_studio.gates.max_dropped" in caught.value.hint


def test_what_the_settings_leave_out_is_not_dropped() -> None:
    ledger = projects.convert("COCO", [task(1), boxed(2, box(1, 1, 2, 2))]).ledger
    gates.check(GateSettings(max_dropped=0.0), {"COCO": ledger}, None, str)


def test_too_few_tasks() -> None:
    check(min_tasks=8)
    with pytest.raises(LsDvcError, match="min_tasks fails: COCO has 8 tasks"):
        check(min_tasks=9)


def test_unknown_labels() -> None:
    check(unknown_labels="list")
    with pytest.raises(LsDvcError, match="8 regions have labels that the label config never had"):
        check(unknown_labels="fail")


def test_a_shrunken_project() -> None:
    pin = replace(PIN, tasks=80, changes=TaskChangeCounts("0" * 64, added=0, changed=5, removed=20))
    check(pin, max_shrink=0.2)
    with pytest.raises(LsDvcError, match="the version before had 100 tasks, this one has 80"):
        check(pin, max_shrink=0.19)
    check(replace(pin, changes=None), max_shrink=0.0)
    check(None, max_shrink=0.0)


def test_a_format_without_any_region_of_a_labeled_project() -> None:
    """Two reasons, one of them for two regions: that one is named."""
    raw = [boxed(1, box(1, 1, 2, 2, "Unknown"), box(1, 1, 2, 2, "Unknown")), boxed(2, choice("a"))]
    ledgers = {"COCO": projects.convert("COCO", raw).ledger}
    with pytest.raises(LsDvcError) as caught:
        gates.check(GateSettings(), ledgers, None, str)
    assert "COCO would have none of the 3 regions selected; 2 of them" in str(caught.value)
    assert "unknown-label" in str(caught.value)
    assert "label_studio.gates.allow_empty" in caught.value.hint
    gates.check(GateSettings(allow_empty=True), ledgers, None, str)
    gates.check(GateSettings(allow_empty=["COCO"]), ledgers, None, str)
    with pytest.raises(LsDvcError):
        gates.check(GateSettings(allow_empty=["YOLO"]), ledgers, None, str)


def test_a_project_that_nobody_labeled_is_not_empty_by_mistake() -> None:
    for raw in ([task(1)], [boxed(1)]):
        gates.check(GateSettings(), {"COCO": projects.convert("COCO", raw).ledger}, None, str)
