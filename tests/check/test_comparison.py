"""What is new, known, accepted and fixed; and what the reports hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from support.checked import checked, span, task

from ls_dvc.check import accepted, fault_report
from ls_dvc.check.comparison import CheckResult, FaultState, compared
from ls_dvc.check.fault_report import RecordedCheck
from ls_dvc.check.faults import Level
from ls_dvc.check.render import json_document, plain_text
from ls_dvc.check.result import CheckedLabels
from ls_dvc.errors import LsDvcError

TEXT = "The deputy sheriff, John Smith, has three dogs."
SECRET = "Mx Example, 1 Private Road"


def labels(*marked: str, **more: Any) -> CheckedLabels:
    """A task for each text that is marked."""
    tasks = [
        task(n, {"text": TEXT}, [span(f"r{n}", TEXT, each)]) for n, each in enumerate(marked, 1)
    ]
    return checked(tasks, "LD403", "LD404", "LD405", **more)


def recorded(result: CheckedLabels) -> RecordedCheck:
    lines = fault_report.faults_jsonl(result.faults).decode()
    return fault_report.recorded(lines, fault_report.check_json(result).decode())


def against(now: CheckedLabels, base: RecordedCheck | None, *accepted_ones: str) -> CheckResult:
    return compared(now, base, "v1" if base else "", accepted_ones, "http://h?task={}".format)


def rules(result: CheckResult, state: FaultState) -> list[str]:
    return [fault.rule for fault in result.faults(state)]


def test_faults_are_new_known_and_fixed() -> None:
    before = labels("John", " John", "ohn Smith")
    result = against(labels(" John", " John", "John"), recorded(before))
    assert rules(result, FaultState.NEW) == ["LD403"]
    assert result.faults(FaultState.NEW)[0].finding.task == 1
    assert rules(result, FaultState.KNOWN) == ["LD403"]
    assert [fault.rule for fault in result.fixed] == ["LD405"]
    assert result.counts == {"new": 1, "known": 1, "accepted": 0, "fixed": 1}
    assert plain_text.totals(result) == (
        "1 new, 1 known, 1 fixed (LD405 ×1) since v1; 3 tasks, 3 regions"
    )


def test_without_a_report_all_is_known() -> None:
    result = against(labels(" John"), None)
    assert rules(result, FaultState.KNOWN) == ["LD403"]
    assert result.adopted


def test_an_accepted_fault_is_neither_new_nor_known() -> None:
    now = labels(" John")
    result = against(now, recorded(labels("John")), now.faults[0].fingerprint)
    assert rules(result, FaultState.ACCEPTED) == ["LD403"]
    assert result.failing("all", Level.NOTE) == []


def test_one_more_of_the_same_is_new() -> None:
    spans = [span("a", TEXT, " John")]
    one, two = (checked([task(1, {"text": TEXT}, *[spans] * n)], "LD403") for n in (1, 2))
    assert rules(against(two, recorded(one)), FaultState.NEW) == ["LD403"]
    assert rules(against(one, recorded(two)), FaultState.KNOWN) == ["LD403"]
    assert rules(against(two, recorded(two)), FaultState.KNOWN) == ["LD403"]


def test_what_the_base_did_not_check_is_known() -> None:
    now, base = labels(" John"), recorded(labels("John"))
    assert base.rules is not None
    without = replace(base, rules={"LD405": 1})
    other = replace(base, rules={**base.rules, "LD403": 2})
    for each in (without, other):
        result = against(now, each)
        assert rules(result, FaultState.KNOWN) == ["LD403"]
        assert result.unchecked == ("LD403",)
        assert "not checked in this way in v1" in plain_text.text(result, [])
    assert rules(against(now, replace(base, rules=None)), FaultState.NEW) == ["LD403"]


def test_a_habit_that_ends_brings_nothing_new() -> None:
    habit, few = labels(*["Smith,"] * 6), labels(*["Smith,"] * 2)
    assert rules(against(few, recorded(habit)), FaultState.KNOWN) == ["LD404"] * 2
    result = against(habit, recorded(few))
    assert result.fixed == ()
    assert "LD404 edge-punctuation is true of 6 of 6 cases" in plain_text.text(result, [])


def test_a_rule_that_does_not_run_has_fixed_nothing() -> None:
    tasks = [task(1, {"text": TEXT}, [span("a", TEXT, "John")])]
    assert against(checked(tasks, "LD405"), recorded(labels(" John"))).fixed == ()


def test_which_faults_fail() -> None:
    result = against(labels(" John", "Smith,", "Smith,"), recorded(labels("John", "Smith,")))
    assert [fault.rule for fault in result.failing("new", Level.ERROR)] == ["LD403"]
    assert [fault.rule for fault in result.failing("new", Level.WARNING)] == ["LD403", "LD404"]
    assert len(result.failing("all", Level.WARNING)) == 3
    assert result.failing("none", Level.NOTE) == []


def test_a_line_of_the_report() -> None:
    (line,) = fault_report.faults_jsonl(labels(" John").faults).splitlines()
    fingerprint = labels(" John").faults[0].fingerprint
    assert line.decode() == (
        f'{{"fault":"{fingerprint}","rule":"LD403","name":"edge-blank","task":1,'
        '"control":"label","regions":["r1"],"level":"error","at":{"end":24,"start":19}}'
    )


def test_the_summary() -> None:
    document = json.loads(fault_report.check_json(labels(" John", *["Smith,"] * 6)))
    assert document == {
        "checked": "LD403 LD404 LD405",
        "conventions": {"LD404": {"cases": 7, "found": 6}},
        "faults": 1,
        "levels": {"errors": 1, "notes": 0, "previews": 0, "warnings": 0},
        "regions": 7,
        "rules": {"LD403": 1, "LD404": 0, "LD405": 0},
        "tasks": 7,
    }


def test_the_reports_hold_nothing_of_the_labels() -> None:
    """Whatever the rules find: texts, labels, file names, ids that are texts, people."""
    text = f"{SECRET} is here. {SECRET} is there."
    region = {**span("a", text, f"{SECRET} ", SECRET), "id": SECRET}
    tasks = [task(n, {"text": text}, [region, region], [], by=[7_777_777] * 2) for n in range(1, 9)]
    tasks[-1]["annotations"][0]["result"] = [span("b", text, SECRET, "Other")]
    result = checked(tasks, LD421={"times": 2})
    assert len({fault.rule for fault in result.faults}) >= 3
    committed = fault_report.faults_jsonl(result.faults) + fault_report.check_json(result)
    for word in ("Private", "Example", "Other", "7777777"):
        assert word.encode() not in committed
    shown = plain_text.text(against(result, None), result.faults)
    assert "Private" in shown, "on the terminal labels are quoted"


def test_reports_are_known_by_their_beginnings() -> None:
    result = labels(" John")
    assert fault_report.is_faults(fault_report.faults_jsonl(result.faults))
    assert fault_report.is_faults(b"")
    assert not fault_report.is_faults(b'{"a":1}\n')
    assert fault_report.is_summary(fault_report.check_json(result))
    assert not fault_report.is_summary(b'{"checked": true}\n')


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        "x",
        '{"fault":"x","rule":"LD403","name":"a","task":1}',
        '{"fault":"0123456789abcdef","rule":"LD403","name":"a","task":"1"}',
        '{"fault":"0123456789abcdef","rule":"LD403","name":"a","task":1,"regions":7}',
    ],
)
def test_a_damaged_report_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="line 1 is no fault"):
        fault_report.recorded(line, None)


def test_json_has_all_of_it() -> None:
    now = labels(" John")
    result = against(now, recorded(labels("John", "Joh")))
    document = json.loads(json.dumps(json_document.document(result, now.faults)))
    assert (document["new"], document["fixed"], document["base"]) == (1, 1, "v1")
    (fault,) = document["faults"]
    assert (fault["rule"], fault["state"], fault["link"]) == ("LD403", "new", "http://h?task=1")
    assert fault["message"] == "begins with white space"
    assert document["fixed_faults"][0]["rule"] == "LD405"


def test_a_fault_of_the_data_set_leads_to_no_task() -> None:
    text = "Age and age"
    regions = [span("a", text, "Age", "Age"), span("b", text, "age", "age")]
    checked_names = checked([task(1, {"text": text}, regions)], "LD813")
    result = against(checked_names, RecordedCheck({}, checked_names.rules))
    (fault,) = json_document.document(result, result.faults())["faults"]
    assert (fault["task"], fault["link"]) == (0, "")
    shown = plain_text.text(result, result.faults())
    assert "LD813 names-alike  data set" in shown
    assert "http" not in shown
    (recorded_fault,) = fault_report.recorded(
        fault_report.faults_jsonl(result.faults()).decode(), None
    ).faults.values()
    assert recorded_fault.task == 0


def test_accepted_faults_are_a_file() -> None:
    (fault,) = labels(" John").faults
    content = accepted.with_fault("", fault, "so it is called")
    content = accepted.with_fault(content + "# mine\n\n", fault, "twice")
    found = accepted.parse(content, "labels.accepted")
    assert found[fault.fingerprint].reason == "twice"
    assert (found[fault.fingerprint].rule, found[fault.fingerprint].task) == ("LD403", 1)
    assert "# mine" in content
    with pytest.raises(LsDvcError, match=r"labels\.accepted, line 2, is no accepted fault"):
        accepted.parse("\n3f9a LD403 1 x\n", "labels.accepted")


def test_statistics_count_by_rule() -> None:
    result = against(labels(" John", "Smith,"), recorded(labels("John", "Smith,", "ohn")))
    assert plain_text.statistics(result).splitlines()[1:4] == [
        "LD403  edge-blank          1      0         0      0",
        "LD404  edge-punctuation    0      1         0      0",
        "LD405  cuts-word           0      0         0      1",
    ]
