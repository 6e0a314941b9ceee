"""`ls-dvc check`: the stage reports, the gate compares with a commit and exits with 11."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from support import offline
from support.checked import SPANS, span
from support.fake_server import FakeServer
from support.workspace import Workspace

from ls_dvc.check import shard
from ls_dvc.commands import check
from ls_dvc.commands.check import CheckOptions
from ls_dvc.progress import Silent
from ls_dvc.workspace import open_workspace

TEXT = "The deputy sheriff, John Smith, has three dogs."
NEW_FAULTS = 11


def put(server: FakeServer, number: int, *marked: str) -> None:
    """A task, of which somebody marked these parts."""
    server.put(number, text=f"{number}. {TEXT}")
    text = server.tasks[number]["data"]["text"]
    result = [span(f"r{number}_{index}", text, each) for index, each in enumerate(marked)]
    annotation = {"id": number, "completed_by": 1, "was_cancelled": False, "result": result}
    server.tasks[number]["annotations"] = [annotation]


def labels() -> FakeServer:
    """A server whose labels have one fault."""
    made = FakeServer(label_config=SPANS)
    for number, marked in ((1, "John"), (2, " John"), (1001, "John")):
        put(made, number, marked)
    return made


@pytest.fixture
def server() -> FakeServer:
    return labels()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of these labels, reproduced and committed."""
    made = offline.data_set(tmp_path_factory.mktemp("labels"), ".", "JSON")
    reproduced(made, labels())
    made.commit("labels")
    return made.path


@pytest.fixture
def space(tmp_path: Path, template: Path) -> Workspace:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return Workspace(tmp_path, {"LABEL_STUDIO_URL": "http://127.0.0.1:9"})


def reproduced(space: Workspace, server: FakeServer) -> None:
    offline.pin(space, server)
    for command in ("export", "convert"):
        space.ls(command)
    space.ls("check", "--write")


def document(space: Workspace, *options: str, code: int = 0, **env: str) -> dict[str, Any]:
    out = space.ls("check", "--format", "json", *options, code=code, **env).out
    found: dict[str, Any] = json.loads(out)
    return found


def new_one(space: Workspace) -> str:
    """The fingerprint of the first fault that is new."""
    found: str = document(space, code=NEW_FAULTS)["faults"][0]["fault"]
    return found


def test_new_faults_exit_with_11_and_only_they(space: Workspace, server: FakeServer) -> None:
    assert "0 new, 1 known since HEAD; 3 tasks, 3 regions" in space.ls("check").out
    put(server, 1001, "John ", "sherif")
    reproduced(space, server)
    out = space.ls("check", code=NEW_FAULTS).out
    assert "LD403 edge-blank  task 1001  region r1001_0  label: ends with white space" in out
    assert f"{new_one(space)}  http://fake/projects/1/data?task=1001" in out
    assert "2 new, 1 known since HEAD; 3 tasks, 4 regions" in out
    assert "task 2 " not in out
    assert "task 2 " in space.ls("check", "--all", code=NEW_FAULTS).out
    put(server, 1001, "sherif")
    reproduced(space, server)
    assert document(space)["new"] == 1, "a warning does not fail"
    put(server, 2, "John")
    put(server, 1001, "sheriff")
    reproduced(space, server)
    assert "0 new, 0 known, 1 fixed (LD403 ×1) since HEAD" in space.ls("check").out


def test_the_stage_of_dvc_reports_and_never_fails(tmp_path: Path, server: FakeServer) -> None:
    space = offline.data_set(tmp_path, ".", "JSON")
    offline.pin(space, server)
    space.dvc("repro")
    (line,) = space.read("reports/faults.jsonl").splitlines()
    assert json.loads(line)["rule"] == "LD403"
    space.commit("labels")
    assert "didn't change" in space.dvc("repro").told
    shown = json.loads(space.run("dvc", "metrics", "show", "--json", "reports/check.json").out)
    assert shown[""]["data"]["reports/check.json"]["data"]["rules"]["LD403"] == 1
    assert "all as pinned" in space.ls("verify").out
    space.edit("params.yaml", "check: {}", "check: {select: [-LD403]}")
    space.dvc("repro")
    assert space.read("reports/faults.jsonl") == ""
    (space.path / "reports/check.json").write_text("{}")
    assert "check.json is not the one that dvc.lock names" in space.ls("verify", code=1).out
    (space.path / "reports/check.json").unlink()
    assert "check.json is missing" in space.ls("verify", code=1).out


def test_the_base_is_any_commit(space: Workspace, server: FakeServer) -> None:
    first = space.git("rev-parse", "HEAD").out.strip()
    put(server, 1, " John")
    reproduced(space, server)
    space.commit("a fault")
    assert document(space)["new"] == 0
    found = document(space, "--against", "HEAD~1", code=NEW_FAULTS)
    assert (found["new"], found["base"]) == (1, "HEAD~1")
    assert document(space, "--against", first, code=NEW_FAULTS)["base"] == first[:7]
    assert (
        "there is no revision 'nonsense'" in space.ls("check", "--against", "nonsense", code=1).err
    )


def test_in_ci_the_base_is_where_the_branch_began(space: Workspace, server: FakeServer) -> None:
    space.git("update-ref", "refs/remotes/origin/main", "HEAD")
    for number in (1, 1001):
        put(server, number, " John")
        reproduced(space, server)
        space.commit(f"a fault in {number}")
    assert document(space)["new"] == 0
    assert document(space, code=NEW_FAULTS, CI="true")["new"] == 2
    before = space.git("rev-parse", "HEAD~1").out.strip()
    found = document(space, code=NEW_FAULTS, CI="true", CI_MERGE_REQUEST_DIFF_BASE_SHA=before)
    assert found["new"] == 1


def test_in_ci_a_merge_is_compared_with_its_first_parent(
    space: Workspace, server: FakeServer
) -> None:
    """As GitHub checks out a pull request: no branch of origin is known."""
    space.git("switch", "-qc", "topic")
    put(server, 1, " John")
    reproduced(space, server)
    space.commit("a fault")
    space.git("switch", "-q", "main")
    space.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert document(space, code=NEW_FAULTS, CI="true")["new"] == 1
    assert document(space)["new"] == 0


def test_a_commit_without_a_report_makes_all_known(space: Workspace) -> None:
    space.git("rm", "-q", "reports/faults.jsonl", "reports/check.json")
    space.commit("without")
    ran = space.ls("check")
    assert "HEAD has no report of faults, so all count as known" in ran.err
    assert "0 new, 1 known; 3 tasks" in ran.out


def test_before_the_first_commit_all_is_known(tmp_path: Path, server: FakeServer) -> None:
    space = offline.data_set(tmp_path, ".", "JSON")
    reproduced(space, server)
    assert "there is no commit" in space.ls("check").err


def test_a_damaged_report_is_an_error(space: Workspace) -> None:
    (space.path / "reports/faults.jsonl").write_text("<<<<<<< HEAD\n")
    space.commit("a conflict")
    ran = space.ls("check", code=1)
    assert "faults.jsonl or check.json in HEAD cannot be read: line 1 is no fault" in ran.err
    assert "--against" in ran.err


def test_a_fault_is_accepted_with_a_reason(space: Workspace, server: FakeServer) -> None:
    put(server, 1, " John")
    reproduced(space, server)
    (fault,) = document(space, code=NEW_FAULTS)["faults"]
    assert "belong together" in space.ls("check", "--accept", fault["fault"], code=2).err
    assert "too short" in space.ls("check", "--accept", "ab", "--reason", "x", code=1).err
    wrong = ("--accept", "0" * 16, "--reason", "x")
    assert "no fault is" in space.ls("check", *wrong, code=1).err
    space.ls("check", "--accept", fault["fault"][:8], "--reason", "a\nname \x1b[2J")
    line = space.read("labels.accepted").splitlines()[-1]
    assert line == f"{fault['fault']}  LD403  1     a\\nname \\x1b[2J"
    found = document(space, "--all")
    assert (found["new"], found["accepted"]) == (0, 1)
    (space.path / "labels.accepted").write_text("nonsense\n")
    assert "labels.accepted, line 1, is no accepted fault" in space.ls("check", code=1).err


def test_what_fails_is_a_setting(space: Workspace, server: FakeServer) -> None:
    def fail(value: str) -> None:
        space.edit("params.yaml", settings[0], f"check: {{fail: {value}}}")
        settings[0] = f"check: {{fail: {value}}}"

    settings = ["check: {}"]
    fail("all")
    space.ls("check", code=NEW_FAULTS)
    fail("none")
    put(server, 1, " John", "sherif")
    reproduced(space, server)
    space.ls("check")
    fail("{level: warning}")
    assert document(space, "--select", "LD405", code=NEW_FAULTS)["new"] == 1
    fail("{level: error}")
    assert document(space, "--select", "LD405")["new"] == 1


def test_wrong_settings_are_errors_for_every_command(space: Workspace) -> None:
    space.edit("params.yaml", "check: {}", "check: {select: [LD404, edge-blnk]}")
    for command in (("check",), ("verify",)):
        ran = space.ls(*command, code=1)
        assert "there is no rule 'edge-blnk'; did you mean 'edge-blank'?" in ran.err
    space.edit("params.yaml", "{select: [LD404, edge-blnk]}", "{LD421: {time: 3}}")
    assert "did you mean 'times'?" in space.ls("check", code=1).err


def test_rules_are_explained(space: Workspace) -> None:
    out = space.ls("check", "--explain", "edge-blank").out
    assert out.startswith("LD403 edge-blank (error)\n\nA span starts or ends with white space.\n")
    assert "did you mean 'edge-blank'" in space.ls("check", "--explain", "edge-blnk", code=1).err


def test_output_goes_to_a_file(space: Workspace) -> None:
    out = space.ls("check", "--all", "--format", "json", "-o", "out.json").out
    assert out == "0 new, 1 known since HEAD; 3 tasks, 3 regions\n"
    assert json.loads(space.read("out.json"))["known"] == 1
    assert "there is no folder" in space.ls("check", "-o", "no/out.json", code=1).err
    assert "LD403  edge-blank    0      1" in space.ls("check", "--statistics").out


def test_other_tools_read_it(space: Workspace, server: FakeServer) -> None:
    put(server, 1001, " John")
    reproduced(space, server)

    def printed(name: str) -> str:
        return space.ls("check", "--format", name, code=NEW_FAULTS).out

    (run,) = json.loads(printed("sarif"))["runs"]
    assert [found["baselineState"] for found in run["results"]] == ["unchanged", "new"]
    lines = [entry["location"]["lines"] for entry in json.loads(printed("gitlab"))]
    assert lines == [{"begin": 1}, {"begin": 2}]
    first, totals = printed("github").splitlines()
    assert first.startswith(
        "::error file=reports/faults.jsonl,line=2,title=LD403 edge-blank::task 1001,"
    )
    assert totals.startswith("1 new, 1 known since HEAD")
    assert printed("markdown").startswith("**Faults +1 −0** (1 known)\n\n| rule | new | fixed |")


def test_a_pull_request_says_which_faults_came(space: Workspace, server: FakeServer) -> None:
    put(server, 1001, " John")
    put(server, 2, "John")
    reproduced(space, server)
    assert "**Faults +1 −1** (0 known)" in space.ls("diff", "--markdown").out
    space.commit("labels")
    text = space.ls("diff", "HEAD~1", "HEAD", "--markdown").out
    assert (
        "- LD403 edge-blank ([task 1001](http://fake/projects/1/data?task=1001), "
        "region r1001&#95;0)" in text
    )
    fault = json.loads(space.read("reports/faults.jsonl"))["fault"]
    (space.path / "labels.accepted").write_text(f"{fault}  LD403  1001  so it is called\n")
    space.commit("accepted")
    assert "**Faults +0 −1** (1 known)" in space.ls("diff", "HEAD~2", "HEAD", "--markdown").out
    space.git("rm", "-q", "reports/faults.jsonl")
    space.commit("no report")
    assert "Faults" not in space.ls("diff", "HEAD~2", "HEAD", "--markdown").out


def test_versions_have_faults_and_a_fault_has_a_history(
    space: Workspace, server: FakeServer
) -> None:
    fault = json.loads(space.read("reports/faults.jsonl"))["fault"]
    put(server, 2, "John")
    reproduced(space, server)
    space.commit("better")
    counts = [entry["faults"] for entry in json.loads(space.ls("log", "--faults", "--json").out)]
    assert counts == [0, 1]
    head, first, second = space.ls("log", "--faults").out.splitlines()
    assert "faults" in head
    assert (first.split()[-1], second.split()[-1]) == ("0", "1")
    went, _, came, what = space.ls("blame", fault).out.splitlines()
    assert went.endswith("-  better")
    assert came.endswith("+  labels")
    assert what == "    LD403 edge-blank, task 2, region r2_0"
    (last, _) = json.loads(space.ls("blame", fault, "--json").out)
    assert (last["came"], last["fault"]["task"]) == (False, 2)
    assert "no commit reports a fault" in space.ls("blame", "abcdef0", code=1).err
    assert "is neither the id of a task nor a fault" in space.ls("blame", "x", code=2).err


def test_only_changed_shards_are_read_again(
    space: Workspace, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(server, 1, "John ")
    offline.pin(space, server)
    space.ls("export")
    read = list[int]()
    honest = check.check_shard

    def counted(lines: list[bytes], *more: Any) -> shard.ShardFindings:
        read.append(len(lines))
        return honest(lines, *more)

    monkeypatch.setattr(check, "check_shard", counted)
    opened = open_workspace(space.path)
    first = check.checked_snapshot(opened, Silent())
    assert read == [2], "tasks 1 and 2; the shard of task 1001 did not change"
    assert check.checked_snapshot(opened, Silent()) == first
    assert read == [2]
    check.checked_snapshot(opened, Silent(), ["LD403"])
    assert read == [2, 2, 1], "other rules"


def test_processes_find_the_same(space: Workspace, tmp_path: Path) -> None:
    opened = open_workspace(space.path)
    one = check.check(opened, CheckOptions(), Silent())
    for part in opened.cache.parts.all():
        part.path.unlink()
    assert check.check(opened, CheckOptions(jobs=2), Silent()).checked == one.checked


def test_a_file_of_somebody_else_is_not_overwritten(tmp_path: Path, server: FakeServer) -> None:
    space = offline.data_set(tmp_path, ".", "JSON")
    (space.path / "reports").mkdir(exist_ok=True)
    (space.path / "reports/check.json").write_text('{"mine": 1}')
    offline.pin(space, server)
    space.ls("export")
    assert "is no report of ls-dvc" in space.ls("check", "--write", code=1).err
    assert space.read("reports/check.json") == '{"mine": 1}'
    assert not (space.path / "reports/faults.jsonl").exists()


def test_labels_that_are_not_there_are_an_error(space: Workspace) -> None:
    space.forget()
    ran = space.ls("check", code=1)
    assert "there is no snapshot" in ran.err
    assert "dvc pull" in ran.err


def test_a_repository_without_the_stage_works_as_before(tmp_path: Path, server: FakeServer) -> None:
    space = offline.data_set(tmp_path, ".", "JSON")
    text = space.read("dvc.yaml")
    (space.path / "dvc.yaml").write_text(text[: text.index("  check:\n")])
    space.edit("params.yaml", "  check: {}", "  #")
    offline.pin(space, server)
    space.dvc("repro")
    assert not (space.path / "reports/faults.jsonl").exists()
    assert "all as pinned" in space.ls("verify").out
    assert "0 new, 1 known" in space.ls("check").out


def agreeing(server: FakeServer, tasks: int) -> None:
    """Tasks that two people labeled, every third of them differently."""
    for number in range(1, tasks + 1):
        put(server, number, "John")
        text = server.tasks[number]["data"]["text"]
        result = [span("other", text, "dogs" if number % 3 == 0 else "John")]
        second = {"id": 5000 + number, "completed_by": 2, "was_cancelled": False}
        server.tasks[number]["annotations"].append({**second, "result": result})


def test_agreement_is_in_all_reports(tmp_path: Path, server: FakeServer) -> None:
    agreeing(server, 30)
    space = offline.data_set(tmp_path, ".", "JSON")
    offline.pin(space, server)
    space.dvc("repro")
    out = space.ls("check").out
    assert re.search(r"agreement  label  F1@.5 0.67 \(0.4\d–0.8\d\), whatever the label 0.67", out)
    assert "(30 pairs in 30 tasks)" in out
    assert json.loads(space.read("reports/check.json"))["agreement"]["label"]["f1"] == 0.6667
    heads, f1, *_ = space.read("reports/agreement.csv").splitlines()
    assert heads == "what,control,measure,annotators,tasks,pairs,value,low,high"
    assert f1.startswith("label f1,label,f1,all,30,30,0.6667,0.")
    assert "1 and 2" not in space.read("reports/agreement.csv")
    space.commit("labels")
    plots = json.loads(space.run("dvc", "plots", "diff", "--json").out)
    assert "reports/agreement.csv" in str(plots)
    space.edit("params.yaml", "check: {}", "check: {agreement: {label: {f1: 0.7}, people: true}}")
    space.dvc("repro")
    assert "label f1: 1 and 2,label,f1,1 and 2,30" in space.read("reports/agreement.csv")
    found = document(space, "--select", "LD912", "--all")
    assert [fault["message"] for fault in found["faults"]] == [
        "f1 of annotators is 0.667, less than 0.7"
    ]


def test_agreement_of_few_tasks_is_not_shown(space: Workspace, server: FakeServer) -> None:
    agreeing(server, 3)
    reproduced(space, server)
    out = space.ls("check").out
    assert "agreement  label  F1@.5 –  (3 pairs in 3 tasks; 30 tasks needed)" in out
    assert "agreement" not in json.loads(space.read("reports/check.json"))
    assert len(space.read("reports/agreement.csv").splitlines()) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("labl: {f1: 0.5}", "'labl' is no control of the label config; did you mean 'label'?"),
        ("label: {f2: 0.5}", "'f2' is no measure of label"),
        ("label: 0.5", "must be settings by name, not 0.5"),
        ("min_task: 3", "must be settings by name, not 3"),
    ],
)
def test_a_limit_of_what_there_is_not(space: Workspace, given: str, words: str) -> None:
    space.edit("params.yaml", "check: {}", f"check: {{agreement: {{{given}}}}}")
    assert words in space.ls("check", code=1).err


def many(label: str, share: int) -> FakeServer:
    """A hundred spans, of which so many have this label."""
    made = FakeServer(label_config=SPANS)
    for number in range(1, 101):
        put(made, number, "John")
        region = made.tasks[number]["annotations"][0]["result"][0]
        region["value"]["labels"] = [label if number <= share else "Person"]
    return made


def test_a_share_that_moved_since_the_base(tmp_path: Path) -> None:
    space = offline.data_set(tmp_path, ".", "JSON")
    offline.pin(space, many("Age", 10))
    space.dvc("repro")
    space.commit("labels")
    assert "LD821" not in space.ls("check").out
    offline.pin(space, many("Age", 60), full=True)
    space.dvc("repro")
    out = space.ls("check").out
    assert "LD821 share-moved" in out
    assert "“Age” is 60.0 % of the regions, and was 10.0 %" in out
    assert "LD821" not in space.read("reports/faults.jsonl"), "a report does not depend on git"
    shutil.rmtree(tmp_path / ".dvc/cache")
    shutil.rmtree(tmp_path / ".dvc/tmp")
    assert "LD821" not in space.ls("check").out, "the labels of the base are not here"


@pytest.mark.parametrize("name", ["text", "json", "sarif", "gitlab", "github", "markdown"])
@pytest.mark.parametrize("all_faults", [(), ("--all",)])
def test_an_output_file_replaces_no_file_but_an_output(
    space: Workspace, name: str, all_faults: tuple[str, ...]
) -> None:
    space.ls("check", "--format", name, "-o", "out", *all_faults)
    space.ls("check", "--format", name, "-o", "out", *all_faults)
    before = space.read("params.yaml")
    told = space.ls("check", "--format", name, "-o", "params.yaml", code=1).err
    assert "params.yaml is there, and is no output of this command" in told
    assert space.read("params.yaml") == before
