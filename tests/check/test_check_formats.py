"""A check for other tools: SARIF, GitLab's Code Quality, annotations on GitHub, a comment."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checked import checked, span, task
from support.sarif_schema import SARIF

from ls_dvc.check import fault_changes, fault_report
from ls_dvc.check.comparison import CheckResult, FaultState, compared
from ls_dvc.check.fault_report import RecordedCheck
from ls_dvc.check.faults import Fault, Level, Quote, RuleFinding
from ls_dvc.check.registry import names
from ls_dvc.check.render import github, gitlab, markdown, report_place, sarif
from ls_dvc.check.result import CheckedLabels

TEXT = "The deputy sheriff, John Smith, has three dogs."
SARIF_MOST = 10_000_000  # bytes, compressed


def labels(*marked: str) -> CheckedLabels:
    """A task for each text that is marked."""
    tasks = [
        task(n, {"text": TEXT}, [span(f"r{n}", TEXT, each)]) for n, each in enumerate(marked, 1)
    ]
    return checked(tasks, "LD403", "LD404", "LD405")


def recorded(result: CheckedLabels) -> RecordedCheck:
    lines = fault_report.faults_jsonl(result.faults).decode()
    return fault_report.recorded(lines, fault_report.check_json(result).decode())


def against(now: CheckedLabels, base: CheckedLabels) -> CheckResult:
    return compared(now, recorded(base), "v1", (), "http://h/projects/1/data?task={}".format)


def place(result: CheckResult) -> report_place.ReportPlace:
    content = fault_report.faults_jsonl(result.checked.faults).decode()
    return report_place.of_report("reports/faults.jsonl", content)


def made(faults: list[Fault], *new: str) -> CheckResult:
    """A result of these faults, of which those with a fingerprint in `new` are."""
    states = {
        fault.fingerprint: FaultState.NEW if fault.fingerprint in new else FaultState.KNOWN
        for fault in faults
    }
    whole = CheckedLabels(tuple(faults), (), {"LD403": 1}, 1, 1)
    return CheckResult(whole, states, (), "v1", False, (), "http://h?task={}".format)


def fault(number: int, text: str = "", level: Level = Level.ERROR) -> Fault:
    finding = RuleFinding(number, (text, Quote("secret")), text, (text,) if text else ())
    return Fault(f"{number:016x}", "LD403", "edge-blank", level, finding)


def sarif_of(result: CheckResult) -> dict[str, Any]:
    document = sarif.document(result, result.faults(), place(result))
    jsonschema.validate(document, SARIF)
    return document


def test_sarif_points_at_lines_of_the_report() -> None:
    result = against(labels(" John", "Smith,", "ohn"), labels("John", "Smith,", "ohn"))
    (run,) = sarif_of(result)["runs"]
    lines = fault_report.faults_jsonl(result.checked.faults).splitlines()
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["LD403", "LD404", "LD405"]
    for found in run["results"]:
        where = found["locations"][0]["physicalLocation"]
        assert where["artifactLocation"]["uri"] == "reports/faults.jsonl"
        line = json.loads(lines[where["region"]["startLine"] - 1])
        assert line["fault"] == found["partialFingerprints"]["lsDvcFault/v1"]
        assert line["rule"] == found["ruleId"] == rules[found["ruleIndex"]]
    states = [found["baselineState"] for found in run["results"]]
    assert states == ["new", "unchanged", "unchanged"]
    assert [found["level"] for found in run["results"]] == ["error", "warning", "warning"]
    assert run["results"][0]["message"]["text"] == (
        "task 1, region r1: begins with white space (label) "
        "[Open the task](http://h/projects/1/data?task=1)"
    )


def test_sarif_knows_each_rule() -> None:
    faults = [
        replace(fault(number), rule=rule, name=name)
        for number, (rule, name) in enumerate(names().items(), 1)
    ]
    (run,) = sarif_of(made(faults))["runs"]
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["helpUri"].endswith(f"rules.md#{rule['id'].lower()}-{rule['name']}")
        assert rule["shortDescription"]["text"].endswith(".")


def test_sarif_keeps_the_new_and_the_worst_within_the_limits() -> None:
    known = [fault(number, "\u6f22" * 2_000, Level.NOTE) for number in range(1, 6_000)]
    last = fault(6_000, "\u6f22" * 2_000, Level.NOTE)
    result = made([*known, last], last.fingerprint)
    document = sarif.document(result, result.faults(), place(result))
    (run,) = document["runs"]
    assert len(run["results"]) == report_place.KEPT
    assert run["results"][-1]["baselineState"] == "new"
    content = json.dumps(document, ensure_ascii=False).encode()
    assert len(content) < SARIF_MOST
    assert len(gzip.compress(content, 1)) < SARIF_MOST


def test_files_of_other_tools_quote_no_label() -> None:
    result = made([fault(1, "rule says "), fault(2)])
    documents = [
        sarif_of(result),
        gitlab.document(result, result.faults(), place(result)),
        github.text(result, result.faults(), place(result)),
    ]
    assert "secret" not in str(documents)
    assert "rule says" in str(documents)


def test_gitlab_compares_by_fingerprint() -> None:
    result = against(labels(" John", "Smith,"), labels("John", "Smith,"))
    first, second = gitlab.document(result, result.faults(), place(result))
    assert first == {
        "check_name": "LD403 edge-blank",
        "description": "task 1, region r1: begins with white space (label)",
        "fingerprint": result.checked.faults[0].fingerprint,
        "severity": "major",
        "location": {"path": "reports/faults.jsonl", "lines": {"begin": 1}},
    }
    assert (second["severity"], second["location"]["lines"]["begin"]) == ("minor", 2)


def test_github_has_ten_annotations_the_worst_first() -> None:
    faults = [fault(1, level=Level.WARNING), *map(fault, range(2, 16))]
    result = made(faults)
    lines = github.text(result, faults, place(result)).splitlines()
    assert lines[0] == (
        "::error file=reports/faults.jsonl,line=2,title=LD403 edge-blank::task 2: …"
    )
    assert [line.startswith("::error ") for line in lines] == [True] * 10 + [False] * 2
    assert lines[10] == "… and 5 more"


@given(st.text(), st.sampled_from(["\n", "\r", "\r\n", "\x85", "\u2028", ""]))
def test_no_label_makes_a_command(text: str, end: str) -> None:
    hostile = f"{text}{end}::set-env name=A::b{end}##[add-path]/x%0A::error::y"
    result = made([fault(1, hostile)])
    lines = github.text(result, result.faults(), place(result)).split("\n")
    assert len(lines) == 3, "an annotation, totals, and the end"
    assert "\r" not in lines[0]
    assert "##[" not in lines[0]
    assert lines[0].startswith("::error file=reports/faults.jsonl,line=1,title=LD403 edge-blank::")
    assert "%0A" not in lines[0]


def test_a_comment_lists_what_came_and_went() -> None:
    result = against(labels(" John", "Smith,", "John"), labels("John", "Smith,", "ohn"))
    text = markdown.section(fault_changes.of_check(result), result.link)
    assert text == (
        "**Faults +1 −1** (1 known)\n\n"
        "| rule | new | fixed |\n|---|--:|--:|\n"
        "| LD403 edge-blank | 1 |  |\n| LD405 cuts-word |  | 1 |\n\n"
        "<details open><summary><b>New faults</b>: 1</summary>\n\n"
        "- LD403 edge-blank ([task 1](http://h/projects/1/data?task=1), region r1): "
        "begins with white space\n\n</details>"
    )


def test_reports_of_two_versions_give_the_same() -> None:
    before, after = labels("John", "Smith,", "ohn"), labels(" John", "Smith,", "John")
    result = against(after, before)
    changes = fault_changes.between(recorded(before), recorded(after))
    assert changes.by_rule() == fault_changes.of_check(result).by_rule()
    assert changes.known == 1
    accepted = [each.fingerprint for each in after.faults]
    assert not fault_changes.between(recorded(before), recorded(after), accepted).new


def test_another_revision_of_a_rule_brings_nothing_new() -> None:
    before, after = recorded(labels("John")), recorded(labels(" John"))
    other = replace(before, rules={"LD403": 2, "LD404": 1, "LD405": 1})
    changes = fault_changes.between(other, after)
    assert (changes.new, changes.unchecked) == ([], ("LD403",))


@pytest.mark.parametrize("text", ["x", "[a](b) | ` <b>", "@all", "\u6f22"])
def test_a_section_is_short(text: str) -> None:
    listed = [
        fault_changes.ListedFault(f"LD{n}", text * 300, n, (text * 300,), text * 300)
        for n in range(100, 999)
    ]
    section = markdown.section(fault_changes.FaultChanges(listed, listed, 7), lambda _: "h" * 501)
    assert len(section.encode()) + 2 * section.count("\n") < 6_000
    assert section.count("\n- ") < 21
