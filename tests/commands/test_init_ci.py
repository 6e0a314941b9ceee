"""The workflows that `init --ci` writes: valid, careful, and run step by step in real clones.

Label Studio, git, DVC and the remotes are real. What only GitHub can do is skipped (`uses:`) or
made by a fake `gh`; GitLab's half is what a hook of the bare repository sees of the push options.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.workspace import BIN, Ran, Workspace, clean_environment

from ls_dvc import cli
from ls_dvc.commands import init as scaffold
from ls_dvc.commands import init_ci, installed_version
from ls_dvc.commands.init_settings import InitOptions
from ls_dvc.commands.init_stages import Confirm
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.pin import lockfile
from ls_dvc.server.admin import Admin

ROOT = Path(__file__).parents[2]
KINDS = ("github", "gitlab")
FILES = {"github": ".github/workflows/{}.yml", "gitlab": ".gitlab/{}.yml"}
SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}
GH = '''\
#!{python}
"""Pull requests in a file, as far as the workflow asks. `jq` is real where there is one."""
import json, os, pathlib, shutil, subprocess, sys

state, remote = pathlib.Path({state!r}), {remote!r}
pulls = json.loads(state.read_text()) if state.exists() else []
words = sys.argv[1:]
assert words[0] == "pr" and os.environ["GH_TOKEN"], words
given = dict(zip(words, words[1:]))
if words[1] == "list":
    for each in pulls:
        tip = ["git", "-C", remote, "rev-parse", "--verify", "-q", "refs/heads/" + each["head"]]
        if each["state"] == "open" and not each["isCrossRepository"]:
            each["headRefOid"] = subprocess.run(tip, capture_output=True, text=True).stdout.strip()
    wanted = (given.get("--state", "open"), "all")
    fields = given["--json"].split(",")
    found = [
        {{name: each[name] for name in fields}}
        for each in pulls
        if each["head"] == given["--head"] and (each["state"] in wanted or "all" in wanted[:1])
    ]
    if shutil.which("jq"):
        command = ["jq", "-r", given["--jq"]]
        subprocess.run(command, input=json.dumps(found), text=True, check=True)
    else:
        ours = [each for each in found if not each.get("isCrossRepository")]
        print("\\n".join(str(each[fields[0]]) for each in ours))
else:
    text = pathlib.Path(given["--body-file"]).read_text()
    new = {{"title": given["--title"], "body": text}}
    if words[1] == "edit":
        (one,) = [each for each in pulls if str(each["number"]) == words[2]]
        one.update(new, edits=one["edits"] + 1)
    else:
        assert words[1] == "create", words
        base = {{"base": given["--base"], "head": given["--head"], "state": "open", "edits": 0}}
        pulls.append({{**new, **base, "number": len(pulls) + 1, "isCrossRepository": False}})
state.write_text(json.dumps(pulls))
'''
DVC = """\
[core]
    remote = store
['remote "store"']
    url = {}
"""
HOOK = '''\
#!{python}
"""What a push brought, and how much of the data was in DVC's remote by then."""
import json, os, pathlib, sys

count = int(os.environ.get("GIT_PUSH_OPTION_COUNT", 0))
options = [os.environ["GIT_PUSH_OPTION_%d" % n] for n in range(count)]
stored = sum(each.is_file() for each in pathlib.Path({store!r}).rglob("*"))
with open({log!r}, "a") as out:
    for line in sys.stdin:
        ref = line.split()[2]
        out.write(json.dumps({{"ref": ref, "options": options, "stored": stored}}) + "\\n")
'''


@dataclass
class Hub:
    """A bare repository with hooks, DVC's remote, a fake `gh`, and the author's clone.

    `folder` is the data set's folder in the repository.
    """

    base: Path
    folder: str
    author: Workspace
    values: dict[str, str] = field(default_factory=dict)

    @property
    def remote(self) -> Path:
        return self.base / "remote.git"

    @property
    def store(self) -> Path:
        return self.base / "store"

    def stored(self) -> int:
        return sum(each.is_file() for each in self.store.rglob("*"))

    def pushes(self) -> list[dict[str, Any]]:
        """Those to other branches than main."""
        log = self.base / "pushes"
        lines = log.read_text().splitlines() if log.exists() else []
        return [each for each in map(json.loads, lines) if each["ref"] != "refs/heads/main"]

    def pulls(self) -> list[dict[str, Any]]:
        state = self.base / "pulls"
        found = json.loads(state.read_text()) if state.exists() else []
        return [{key: each[key] for key in each if key != "headRefOid"} for each in found]

    def checkout(self, rev: str = "origin/main") -> Workspace:
        """A fresh clone as CI makes it: fetched into an empty repository."""
        path = self.base / f"run{len(list(self.base.glob('run*')))}"
        path.mkdir()
        clone = Workspace(path)
        clone.git("init", "-q", "-b", "work")
        clone.git("remote", "add", "origin", str(self.remote))
        clone.git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
        clone.git("checkout", "-q", "--detach", rev)
        return clone


def make_hub(base: Path, studio: LocalServer, project: int, kind: str, folder: str) -> Hub:
    author = Workspace(base / "author", {"LABEL_STUDIO_API_KEY": studio.api_key})
    hub = Hub(base, folder, author, {"secrets.LABEL_STUDIO_API_KEY": studio.api_key})
    (author.path / folder).mkdir(parents=True)
    author.run("git", "init", "-q", "--bare", "-b", "main", str(hub.remote))
    author.run("git", "-C", str(hub.remote), "config", "receive.advertisePushOptions", "true")
    fill = {"python": sys.executable, "store": str(hub.store), "log": str(base / "pushes")}
    write_program(hub.remote / "hooks" / "pre-receive", HOOK.format(**fill))
    fill |= {"state": str(base / "pulls"), "remote": str(hub.remote)}
    write_program(base / "bin" / "gh", GH.format(**fill))
    author.git("init", "-q", "-b", "main")
    author.git("remote", "add", "origin", str(hub.remote))
    (author.path / ".dvc").mkdir()  # as `dvc init` and `dvc remote add` do, in no time
    (author.path / ".dvc" / "config").write_text(DVC.format(hub.store))
    (author.path / ".dvc" / ".gitignore").write_text("/config.local\n/tmp\n/cache\n")
    given = ("--url", studio.url, "--project-id", str(project), "-f", "JSON", "--ci", kind)
    author.ls("-C", folder, "init", "--no-media", *given)
    author.dvc("--cd", folder, "repro")
    author.commit("Labels, pinned")
    author.dvc("push")
    author.git("push", "-q", "origin", "main")
    return hub


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def run_bash(hub: Hub, shell: str, script: str, cwd: Path, env: dict[str, str]) -> Ran:
    """As a runner does: without the identity and the settings of whoever runs the tests."""
    file = hub.base / "script.sh"
    file.write_text(script)
    ours = {name: value for name, value in clean_environment().items() if "GIT_A" not in name}
    ours = {name: value for name, value in ours.items() if "GIT_COMMITTER" not in name}
    ours["PATH"] = f"{hub.base / 'bin'}{os.pathsep}{ours['PATH']}"
    command = [each.replace("{0}", str(file)) for each in shlex.split(shell)]
    ran = subprocess.run(
        command, cwd=cwd, env={**ours, **env}, capture_output=True, text=True, timeout=120
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


# GitHub's runner, as far as our workflow needs one.


@dataclass
class Job:
    code: int = 0
    told: str = ""
    summary: str = ""
    steps: list[str] = field(default_factory=list)


def run_github(hub: Hub, name: str, event: str, clone: Workspace, repo: str = "o/r") -> Job:
    values = {
        **hub.values,
        "github.event_name": event,
        "github.repository": "o/r",
        "github.event.pull_request.head.repo.full_name": repo,
        "github.token": "token-of-the-job",
        "github.server_url": "https://github.com",
        "runner.temp": str(hub.base),
    }
    (path,) = (clone.path / ".github" / "workflows").iterdir()
    workflow = yaml_files.load(path)
    job, done = workflow["jobs"][name], Job()
    assert holds(job["if"], values)
    defaults = workflow["defaults"]["run"]
    for step in job["steps"]:
        if not holds(step.get("if", "'' == ''"), values):
            continue
        if "actions/upload-artifact" in step.get("uses", ""):
            values |= uploaded(step, filled(step["with"]["path"], values))
            continue
        if "uses" in step or step["run"].startswith("pip install"):
            continue
        files = {each: hub.base / each for each in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for each in files.values():
            each.write_text("")
        own = {**workflow.get("env", {}), **job.get("env", {}), **step.get("env", {})}
        env = {key: filled(str(value), values) for key, value in own.items()}
        env |= {key: str(value) for key, value in files.items()} | {"RUNNER_TEMP": str(hub.base)}
        cwd = clone.path / step.get("working-directory", defaults["working-directory"])
        ran = run_bash(hub, defaults["shell"], step["run"], cwd, env)
        done.steps.append(step["name"])
        done.told += ran.told
        done.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        for line in files["GITHUB_OUTPUT"].read_text().splitlines():
            key, _, value = line.partition("=")
            values[f"steps.{step['id']}.outputs.{key}"] = value
        values[f"steps.{step.get('id')}.outcome"] = "failure" if ran.code else "success"
        if ran.code and not step.get("continue-on-error"):
            done.code = ran.code
            break
    assert hub.values["secrets.LABEL_STUDIO_API_KEY"] not in done.told
    assert "token-of-the-job" not in (clone.path / ".git" / "config").read_text()
    return done


def uploaded(step: dict[str, Any], path: str) -> dict[str, str]:
    """What a step knows of a file that was uploaded as it is."""
    assert Path(path).read_bytes().startswith(b"<")
    assert step["with"]["archive"] is False
    address = f"https://github.com/o/r/actions/runs/1/artifacts/{Path(path).suffix[1:]}"
    name = f"steps.{step['id']}"
    return {f"{name}.outcome": "success", f"{name}.outputs.artifact-url": address}


def term(text: str, values: dict[str, str]) -> str:
    text = text.strip()
    return text[1:-1] if text.startswith("'") else values.get(text, "")


def holds(condition: str, values: dict[str, str]) -> bool:
    left, sign, right = re.split(r" (==|!=) ", condition)
    return (term(left, values) == term(right, values)) == (sign == "==")


def filled(text: str, values: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return next(filter(None, (term(each, values) for each in found[1].split("||"))), "")

    return re.sub(r"\$\{\{(.*?)\}\}", value, text)


# GitLab's runner, likewise.


def run_gitlab(hub: Hub, name: str, source: str, clone: Workspace) -> Ran:
    (path,) = (clone.path / ".gitlab").iterdir()
    jobs = yaml_files.load(path)
    job = {**jobs[jobs[name]["extends"]], **jobs[name]}
    assert any(f'"{source}"' in each["if"] for each in job["rules"])
    env = {
        **job["variables"],
        "CI_DEFAULT_BRANCH": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": clone.git("rev-parse", "origin/main").out.strip(),
        "CI_PROJECT_DIR": str(clone.path),
        "CI_JOB_URL": "https://gitlab.example.com/o/r/-/jobs/17",
        "CI_PROJECT_URL": str(hub.remote).removesuffix(".git"),
        "LABEL_STUDIO_API_KEY": hub.values["secrets.LABEL_STUDIO_API_KEY"],
        "LABELS_PUSH_TOKEN": "token-of-the-project",
    }
    ran = run_bash(hub, "bash -e {0}", "\n".join(job["script"]), clone.path, env)
    for secret in (env["LABEL_STUDIO_API_KEY"], env["LABELS_PUSH_TOKEN"]):
        assert secret not in ran.told
        assert secret not in (clone.path / ".git" / "config").read_text()
    return ran


@pytest.fixture
def project(make_project: Callable[..., int]) -> int:
    kind = {"from_name": "kind", "to_name": "text", "type": "choices", "id": "r"}
    labeled = [{"result": [{**kind, "value": {"choices": ["A"]}}]}]
    return make_project(
        title="Words `x` $(touch oops)",
        tasks=[{"data": {"text": "a"}, "annotations": labeled}, *[{"data": {"text": "b"}}] * 3],
    )


@pytest.fixture
def annotate(admin: Admin, project: int) -> Callable[[], None]:
    """Label one more task."""
    found = admin.call("GET", "/api/tasks/", project=project, page_size=100)
    tasks = iter(sorted(each["id"] for each in found["tasks"])[1:])
    kind = {"from_name": "kind", "to_name": "text", "type": "choices", "id": "r"}
    result: list[Any] = [{**kind, "value": {"choices": ["B"]}}]

    def one_more() -> None:
        admin.create_annotation(next(tasks), result)

    return one_more


def test_github_from_moved_labels_to_a_checked_pull_request(
    tmp_path: Path, studio: LocalServer, project: int, annotate: Callable[[], None]
) -> None:
    hub = make_hub(tmp_path, studio, project, "github", ".")

    quiet = run_github(hub, "refresh", "schedule", hub.checkout())
    assert (quiet.code, quiet.steps) == (0, ["Base", "Refresh"]), quiet.told
    assert quiet.summary == "No labels changed.\n"
    assert (hub.pushes(), hub.pulls()) == ([], [])

    annotate()
    first = run_github(hub, "refresh", "repository_dispatch", hub.checkout())
    assert (first.code, first.steps) == (0, ["Base", "Refresh", "Look", "Propose"]), first.told
    (push,) = hub.pushes()
    assert push["ref"] == "refs/heads/labels/refresh"
    assert push["stored"] == hub.stored(), "the data is there before the commit is"
    (pull,) = hub.pulls()
    assert (pull["base"], pull["head"], pull["edits"]) == ("main", "labels/refresh", 0)
    assert pull["title"].startswith("Labels of Words `x` $(touch oops): ")
    assert pull["body"].startswith(
        "**[See the changed labels](https://github.com/o/r/actions/runs/1/artifacts/html)**\n\n"
        "[The largest changes at a glance](https://github.com/o/r/actions/runs/1/artifacts/svg)\n\n"
        "**1 task changed** (origin&#47;main → labels&#47;refresh)"
    )
    assert "| B | 0 | 1 | +1 |  | kind |" in pull["body"]
    assert first.summary == pull["body"]
    rerun = run_github(hub, "refresh", "schedule", hub.checkout())
    assert (rerun.code, hub.pushes(), hub.pulls()) == (0, [push], [pull]), rerun.told

    verified = hub.checkout("origin/labels/refresh")
    assert not list(verified.path.rglob("oops"))
    assert verified.git("log", "-1", "--format=%an").out == "github-actions[bot]\n"
    good = run_github(hub, "verify", "pull_request", verified)
    assert (good.code, good.steps) == (0, ["Verify", "Look", "Link", "Check"]), good.told
    assert "all as pinned" in good.told
    assert "0 new, 0 known since HEAD^1" in good.told
    assert "**Faults +0 −0** (0 known)" in good.summary
    assert good.summary.startswith("**1 task changed** (HEAD&#94;1 → HEAD)")
    assert good.summary.endswith("/artifacts/html)**\n")
    (hook,) = yaml_files.load(ROOT / ".pre-commit-hooks.yaml")
    program, *arguments = shlex.split(hook["entry"])
    verified.run(str(BIN / program), *arguments)
    pin = lockfile.read(verified.path / "labels.lock")
    verified.edit("labels.lock", pin.fingerprint, "0" * len(pin.fingerprint))
    assert run_github(hub, "verify", "pull_request", verified).code != 0
    verified.run(str(BIN / program), *arguments, code=1)
    forked = run_github(hub, "verify", "pull_request", verified, repo="somebody/r")
    assert (forked.code, forked.steps) == (1, ["Forks"])
    assert "GitHub gives no secrets to pull requests from forks" in forked.told

    state = hub.base / "pulls"
    tip = verified.git("rev-parse", "HEAD").out.strip()
    state.write_text(json.dumps([{**pull, "state": "closed", "headRefOid": tip}]))
    again = run_github(hub, "refresh", "schedule", hub.checkout())
    assert (again.code, again.steps) == (0, ["Base", "Refresh", "Look", "Propose"]), again.told
    assert hub.pushes() == [push]
    assert hub.pulls() == [{**pull, "state": "closed"}], "nothing new, nothing told"

    annotate()
    fork = {**pull, "number": 7, "isCrossRepository": True}
    state.write_text(json.dumps([{**fork, "headRefOid": "f" * 40}, pull]))
    second = run_github(hub, "refresh", "workflow_dispatch", hub.checkout())
    assert second.code == 0, second.told
    assert [each["ref"] for each in hub.pushes()] == [push["ref"]] * 2
    theirs, ours = hub.pulls()
    assert theirs == fork, "a fork's branch of the same name is not ours"
    assert (ours["number"], ours["edits"]) == (1, 1)
    assert "\n**2 tasks changed" in ours["body"]
    commits = hub.checkout().git("rev-list", "origin/main..origin/labels/refresh").out
    assert len(commits.split()) == 1, "the branch starts anew from main"

    state.write_text("[]")
    killed = run_github(hub, "refresh", "schedule", hub.checkout())
    assert killed.code == 0, killed.told
    assert len(hub.pushes()) == 2
    assert [each["body"] for each in hub.pulls()] == [ours["body"]], "what a killed run left open"


def test_gitlab_in_a_folder_from_moved_labels_to_a_checked_merge_request(
    tmp_path: Path, studio: LocalServer, project: int, annotate: Callable[[], None]
) -> None:
    hub = make_hub(tmp_path, studio, project, "gitlab", "data sets/words")
    name = "labels-data-sets-words"
    quiet = run_gitlab(hub, f"{name}-refresh", "schedule", hub.checkout())
    assert (quiet.code, hub.pushes()) == (0, []), quiet.told

    annotate()
    clone = hub.checkout()
    first = run_gitlab(hub, f"{name}-refresh", "trigger", clone)
    assert first.code == 0, first.told
    assert clone.git("log", "-1", "--format=%an").out == "ls-dvc\n"
    (push,) = hub.pushes()
    assert push["ref"] == "refs/heads/labels/refresh-data-sets-words"
    assert push["stored"] == hub.stored(), "the data is there before the commit is"
    options = dict(each.partition("=")[::2] for each in push["options"])
    text = options.pop("merge_request.description").replace(r"\n", "\n")
    assert text.startswith(
        f"**[See the changed labels](https://gitlab.example.com/o/r/-/jobs/17/artifacts/file/{name}"
        "-changes.html)**\n\n[The largest changes at a glance]("
    )
    assert "\n**1 task changed" in text
    paths = yaml_files.load(clone.path / ".gitlab" / f"{name}.yml")[f"{name}-refresh"]["artifacts"]
    assert all((clone.path / path).read_bytes()[:1] == b"<" for path in paths["paths"])
    assert "\n| B | 0 | 1 | +1 |  | kind |\n" in text
    assert text in first.out
    subject = options.pop("merge_request.title")
    assert subject.startswith("Labels of Words `x` $(touch oops): ")
    assert options == {"merge_request.create": "", "merge_request.target": "main"}

    again = run_gitlab(hub, f"{name}-refresh", "web", hub.checkout())
    assert (again.code, hub.pushes()) == (0, [push]), again.told
    assert "holds these labels already" in again.out

    verified = hub.checkout("origin/labels/refresh-data-sets-words")
    good = run_gitlab(hub, f"{name}-verify", "merge_request_event", verified)
    assert good.code == 0, good.told
    assert "0 new, 0 known since" in good.told
    assert json.loads((verified.path / f"{name}-faults.json").read_text()) == []
    pin = lockfile.read(verified.path / hub.folder / "labels.lock")
    verified.edit(f"{hub.folder}/labels.lock", pin.fingerprint, "0" * len(pin.fingerprint))
    assert run_gitlab(hub, f"{name}-verify", "merge_request_event", verified).code == 1


def test_gitlab_gets_the_token_from_git_and_from_nowhere_else(tmp_path: Path) -> None:
    init(tmp_path, "gitlab")
    script = (tmp_path / ".gitlab" / "labels.yml").read_text()
    assert script.count("$LABELS_PUSH_TOKEN") == 1
    found = re.search(r"-c credential\.helper='(!.*)' \\\n", script)
    assert found
    helper = ("-c", "credential.helper=", "-c", f"credential.helper={found[1]}")
    ran = subprocess.run(
        ["git", *helper, "credential", "fill"],
        input="protocol=https\nhost=gitlab.example.com\n\n",
        env={**clean_environment(), "LABELS_PUSH_TOKEN": "s p%s\\n$x"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.endswith("username=oauth2\npassword=s p%s\\n$x\n")


# What `init --ci` writes, without a server.


def never(question: str) -> bool:
    return False


def init(
    top: Path, kind: str, folder: str = ".", confirm: Confirm = never, prefix: str = ""
) -> list[str]:
    """The files that changed."""
    if not (top / ".git").exists():
        subprocess.run(["git", "init", "-q", str(top)], check=True)
        (top / ".dvc").mkdir()
    (top / folder).mkdir(parents=True, exist_ok=True)
    if not (top / folder / "dvc.yaml").exists():
        scaffold.init(top / folder, InitOptions(prefix=prefix), never)
    changes = init_ci.init_ci(top / folder, kind, confirm)
    return [str(each.path.relative_to(top)) for each in changes if each.changed]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("folder", [".", "data sets/cats"])
def test_what_it_writes_is_valid(tmp_path: Path, kind: str, folder: str) -> None:
    name = "labels" if folder == "." else "labels-data-sets-cats"
    written = init(tmp_path, kind, folder)
    assert written[0] == FILES[kind].format(name)
    text = (tmp_path / written[0]).read_text()
    assert "<<" not in text
    assert all(len(line) <= 100 or "::error::" in line for line in text.splitlines())
    files = [str(tmp_path / each) for each in written]
    check = ["check-jsonschema", "--builtin-schema", SCHEMAS[kind], *files]
    ran = subprocess.run([BIN / check[0], *check[1:]], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_again_changes_nothing_and_what_was_edited_is_asked_for(tmp_path: Path, kind: str) -> None:
    written = init(tmp_path, kind)
    assert written
    assert init(tmp_path, kind) == []
    path = tmp_path / written[0]
    ours = path.read_text()
    path.write_text(ours + "# mine\n")
    with pytest.raises(LsDvcError, match=rf"{written[0]} exists and was changed") as caught:
        init(tmp_path, kind)
    assert "--force" in caught.value.hint
    assert path.read_text().endswith("# mine\n")
    asked: list[str] = []

    def agree(question: str) -> bool:
        asked.append(question)
        return True

    assert init(tmp_path, kind, confirm=agree) == written[:1]
    assert path.read_text() == ours
    assert asked == [f"{written[0]} was not written by ls-dvc, or was changed; replace it?"]


@pytest.mark.parametrize("kind", KINDS)
def test_two_data_sets_do_not_get_into_each_others_way(tmp_path: Path, kind: str) -> None:
    some, others = init(tmp_path, kind, "cats"), init(tmp_path, kind, "dogs", prefix="labels-")
    assert some[0] == FILES[kind].format("labels-cats")
    assert others[0] == FILES[kind].format("labels-dogs")
    cats, dogs = ((tmp_path / each[0]).read_text() for each in (some, others))
    assert "dvc push export media convert check " in cats
    assert "dvc push labels-export labels-media labels-convert labels-check " in dogs
    for word in ("labels/refresh-{}", '"{}"', "{}/labels.lock", "{}/dvc.lock"):
        assert word.format("cats") in cats
        assert word.format("dogs") in dogs
    if kind == "gitlab":
        assert not set(yaml_files.parse(cats, "")) & set(yaml_files.parse(dogs, ""))
        included = yaml_files.load(tmp_path / ".gitlab-ci.yml")["include"]
        assert included == [{"local": each[0]} for each in (some, others)]
    else:
        groups = [
            yaml_files.parse(each, "")["jobs"]["refresh"]["concurrency"] for each in (cats, dogs)
        ]
        assert groups[0] != groups[1]


@pytest.mark.parametrize("folder", ['a"b', "a;b", "a${{ github.event }}", "a\nb"])
def test_a_folder_that_yaml_or_a_runner_would_expand(tmp_path: Path, folder: str) -> None:
    with pytest.raises(LsDvcError, match="characters in its name"):
        init(tmp_path, "github", folder)
    assert not (tmp_path / ".github").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "include:\n  - local: .gitlab/labels.yml\n"),
        ("# mine\n", "# mine\n\ninclude:\n  - local: .gitlab/labels.yml\n"),
        (
            "test:  # slow\n    script: [make]\n",
            "test:  # slow\n    script: [make]\n\ninclude:\n  - local: .gitlab/labels.yml\n",
        ),
        (
            "include:\n- local: a.yml  # ours\ntest:\n  script: !reference [.x, script]\n",
            "include:\n- local: a.yml  # ours\n- local: .gitlab/labels.yml\n"
            "test:\n  script: !reference [.x, script]\n",
        ),
        ("include: a.yml\n", "include:\n- a.yml\n- local: .gitlab/labels.yml\n"),
        (
            "include:\n  local: a.yml\n",
            "include:\n  - local: a.yml\n  - local: .gitlab/labels.yml\n",
        ),
        (
            "test:\n    script:   ['a']  # x\ninclude: [ a.yml ]\r\n",
            "test:\n    script:   ['a']  # x\ninclude: [ a.yml, {local: .gitlab/labels.yml} ]\r\n",
        ),
        ("include: /.gitlab/labels.yml  # x\n", "include: /.gitlab/labels.yml  # x\n"),
    ],
)
def test_gitlab_ci_yml_keeps_what_is_in_it(text: str, expected: str) -> None:
    once = init_ci.included(text, ".gitlab/labels.yml")
    assert once == expected
    assert init_ci.included(once, ".gitlab/labels.yml") == once


@pytest.mark.parametrize("text", ["- 1\n", "a: [\n", "just words\n"])
def test_a_gitlab_ci_yml_that_cannot_be_merged(tmp_path: Path, text: str) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(text)
    with pytest.raises(LsDvcError, match=r"\.gitlab-ci\.yml"):
        init(tmp_path, "gitlab")
    assert not (tmp_path / ".gitlab").exists(), "all or nothing"


def jobs_of(top: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The workflow for GitHub, and its two jobs."""
    workflow = yaml_files.load(top / ".github" / "workflows" / "labels.yml")
    return workflow, workflow["jobs"]["refresh"], workflow["jobs"]["verify"]


def test_secrets_stand_by_name_and_events_reach_no_shell(tmp_path: Path) -> None:
    init(tmp_path, "github")
    workflow, refresh, _ = jobs_of(tmp_path)
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
            for value in {**step.get("env", {}), **step.get("with", {})}.values():
                assert "github.event" not in str(value)
    with_key = [each["name"] for each in refresh["steps"] if "LABEL_STUDIO_API_KEY" in str(each)]
    assert with_key == ["Refresh"]
    with_token = [each["name"] for each in refresh["steps"] if "github.token" in str(each)]
    assert with_token == ["Base", "Propose"], "what the labels' stages run sees no token"


def test_a_pull_request_gets_no_secret_and_may_write_nothing(tmp_path: Path) -> None:
    init(tmp_path, "github")
    workflow, refresh, verify = jobs_of(tmp_path)
    assert set(workflow["on"]) & {"pull_request_target", "workflow_run", "issue_comment"} == set()
    assert workflow["permissions"] == {"contents": "read"}
    assert refresh["if"] == "github.event_name != 'pull_request'"
    assert refresh["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert refresh["environment"] == "labels"
    assert not {"permissions", "environment"} & set(verify)
    assert "secrets." not in json.dumps([verify, workflow["env"]])
    assert verify["steps"][0]["name"] == "Forks", "before anything of the fork is there"
    for job in (refresh, verify):
        checkouts = [each for each in job["steps"] if "checkout@" in each.get("uses", "")]
        assert [each["with"]["persist-credentials"] for each in checkouts] == [False]
        assert all(re.search(r"@[0-9a-f]{40}$", s["uses"]) for s in job["steps"] if "uses" in s)


def test_gits_token_is_for_the_server_of_the_repository_alone(tmp_path: Path) -> None:
    init(tmp_path, "github")
    _, refresh, _ = jobs_of(tmp_path)
    values = {"github.server_url": "https://github.com"}
    env = {name: filled(str(value), values) for name, value in refresh["env"].items()}
    answers = []
    for host in ("github.com", "evil.example.com"):
        ran = subprocess.run(
            ["git", "-c", "core.askPass=false", "credential", "fill"],
            input=f"protocol=https\nhost={host}\n\n",
            env={**clean_environment(), **env, "GH_TOKEN": "to%sken", "GIT_TERMINAL_PROMPT": "0"},
            capture_output=True,
            text=True,
        )
        answers.append("password=to%sken\n" in ran.stdout)
    assert answers == [True, False]


def test_gitlab_refreshes_the_default_branch_alone(tmp_path: Path) -> None:
    init(tmp_path, "gitlab")
    jobs = yaml_files.load(tmp_path / ".gitlab" / "labels.yml")
    first, *others = jobs["labels-refresh"]["rules"]
    assert first == {"if": "$CI_COMMIT_BRANCH != $CI_DEFAULT_BRANCH", "when": "never"}
    assert "merge_request_event" not in json.dumps(others)


@pytest.mark.parametrize("folder", [".", "data sets/cats"])
def test_gitlab_links_the_page_in_the_merge_request(tmp_path: Path, folder: str) -> None:
    """Only letters, digits, - _ and spaces are allowed, and a path without patterns."""
    path = tmp_path / init(tmp_path, "gitlab", folder)[0]
    (artifacts,) = [
        job["artifacts"] for name, job in yaml_files.load(path).items() if name.endswith("-verify")
    ]
    assert re.fullmatch(r"\w[-\w ]*", artifacts["expose_as"])
    (page,) = artifacts["paths"]
    assert re.fullmatch(r"[\w-]+\.html", page)
    assert f'page="$CI_PROJECT_DIR/{page}"' in path.read_text()


@pytest.mark.skipif(not (BIN / "zizmor").exists(), reason="zizmor is not installed")
@pytest.mark.parametrize("folder", [".", "data sets/cats"])
def test_zizmor_finds_nothing(tmp_path: Path, folder: str) -> None:
    init(tmp_path, "github", folder)
    command = [BIN / "zizmor", "--offline", "--no-progress", "--persona=auditor", tmp_path]
    ran = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_the_workflow_installs_the_ls_dvc_that_wrote_it(tmp_path: Path, kind: str) -> None:
    written = init(tmp_path, kind)[0]
    text = (tmp_path / written).read_text()
    assert text.count(f'LS_DVC: "{installed_version.requirement()}"') == 1
    installs = re.findall("pip install .*", text)
    assert installs
    assert all(each.startswith('pip install "$LS_DVC"') for each in installs)
    older = re.sub("LS_DVC: .*", 'LS_DVC: "git+https://example.com/ls-dvc@0000000"', text)
    (tmp_path / written).write_text(older)
    assert init(tmp_path, kind) == [written], "unasked: users did not write that line"
    assert (tmp_path / written).read_text() == text


def test_the_options_are_the_templates() -> None:
    (option,) = [each for each in cli.cli.commands["init"].params if each.name == "ci"]
    assert sorted(option.type.to_info_dict()["choices"]) == sorted(KINDS)
    templates = (ROOT / "ls_dvc" / "templates").iterdir()
    assert sorted(each.stem for each in templates) == sorted(KINDS)


def test_the_pre_commit_hook_looks_at_the_right_files() -> None:
    (hook,) = yaml_files.load(ROOT / ".pre-commit-hooks.yaml")
    assert hook["pass_filenames"] is False
    for name, wanted in {
        "labels.lock": True,
        "cats/dvc.lock": True,
        "poetry.lock": False,
        "mylabels.lock": False,
        "labels.lock.md": False,
    }.items():
        assert bool(re.search(hook["files"], name)) is wanted


@pytest.mark.parametrize("kind", KINDS)
def test_the_guide_names_every_secret(tmp_path: Path, kind: str) -> None:
    guide = (ROOT / "docs" / "ci.md").read_text()
    text = (tmp_path / init(tmp_path, kind)[0]).read_text()
    names = set(re.findall(r"\b(?:LABEL_STUDIO|LABELS)_(?:URL|API_KEY|PUSH_TOKEN)\b", text))
    assert len(names) == 3
    assert all(f"`{name}`" in guide for name in names)
