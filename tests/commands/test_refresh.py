"""refresh: a commit of exactly the right paths, or everything as it was; also with others about."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.proxy import Reply, Request, proxied
from support.traffic import CONFIG, box, task_ids
from support.workspace import BIN, Workspace, clean_environment, make, repository

from ls_dvc.commands.refresh_checks import next_tag
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.server.admin import Admin

Forward = Callable[[Request], Reply]


@dataclass(frozen=True)
class Team:
    """A project, its repository with a first version, a git remote and a DVC remote."""

    space: Workspace
    remote: Path
    project: int


@pytest.fixture(scope="module")
def template(
    tmp_path_factory: pytest.TempPathFactory, studio: LocalServer, make_project: Callable[..., int]
) -> Workspace:
    """The scaffold, committed; its project id is replaced by each test's."""
    folder = tmp_path_factory.mktemp("template")
    space = make(folder / "repo", studio.url, studio.api_key, 1, "CSV")
    space.commit("scaffold")
    return space


@pytest.fixture
def team(
    tmp_path: Path, template: Workspace, admin: Admin, make_project: Callable[..., int]
) -> Team:
    tasks = [
        {"data": {"image": f"/x/{n}.jpg"}, "annotations": [{"result": [box(n)]}]} for n in range(3)
    ]
    project = make_project(label_config=CONFIG, tasks=tasks)
    shutil.copytree(template.path, tmp_path / "repo", symlinks=True)
    space = Workspace(tmp_path / "repo", dict(template.env))
    space.edit("params.yaml", "project_id: 1", f"project_id: {project}")
    space.run("git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "remote.git"))
    space.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    space.store(tmp_path / "store")
    space.commit("settings")
    space.git("push", "-qu", "origin", "main")
    return Team(space, tmp_path / "remote.git", project)


def annotate(admin: Admin, project: int, place: int = 0, x: float = 40) -> None:
    admin.create_annotation(task_ids(admin, project)[place], [box(x, "Person")])


def files_of(space: Workspace, rev: str = "HEAD") -> set[str]:
    return set(space.git("show", "--name-only", "--format=", rev).out.split())


CHANGED = {"labels.lock", "dvc.lock", "reports/labels.json", "reports/classes.csv"}
FIRST = {
    *CHANGED,
    "reports/frequent_classes.csv",
    "reports/class_ranks.csv",
    "reports/tasks.csv",
    "reports/regions_per_task.csv",
    "reports/sizes.csv",
    "reports/faults.jsonl",
    "reports/check.json",
    "reports/agreement.csv",
}


def test_a_version_in_one_command(team: Team, admin: Admin) -> None:
    space = team.space
    space.ls("update")
    first = json.loads(space.ls("diff", "--json").out)["tasks"]
    assert len(first["added"]) == 3, "against a commit that pins nothing all is new"
    assert "3 tasks" in space.ls("refresh").out
    assert files_of(space) == FIRST
    assert space.git("status", "--porcelain").out == ""
    assert space.ls("verify").out.startswith("all as pinned")

    head = space.git("rev-parse", "HEAD").out
    ran = space.ls("refresh")
    assert ran.out.startswith("no labels changed")
    assert space.git("rev-parse", "HEAD").out == head

    annotate(admin, team.project)
    done = json.loads(space.ls("refresh", "--json", "--tag").out)
    assert done["changed"] is True
    assert done["tag"] == "labels/v1"
    assert files_of(space) >= CHANGED
    assert files_of(space) <= FIRST
    message = space.git("log", "-1", "--format=%B").out
    subject, _, rest = message.partition("\n")
    assert "~1" in subject
    pin = json.loads(space.ls("show", "--json").out)
    trailers = space.run("git", "log", "-1", "--format=%(trailers:only)").out.splitlines()
    assert f"Labels-Fingerprint: {pin['fingerprint']}" in trailers
    assert f"/projects/{team.project}" in trailers[1]
    assert f"Label-Studio-Snapshot: {', '.join(map(str, pin['snapshots']))}" in trailers
    assert "Person" in rest
    assert space.git("cat-file", "-t", "labels/v1").out.strip() == "tag"


def test_new_faults_are_said_and_stop_nothing(team: Team, admin: Admin) -> None:
    space = team.space
    assert "new fault" not in space.ls("refresh").err, "there is nothing to compare with"
    task = task_ids(admin, team.project)[0]
    admin.create_annotation(task, [box(40, "Person"), box(40, "Person") | {"id": "again"}])
    ran = space.ls("refresh")
    known = "2 new faults in the labels: 1 LD111 duplicate-shape, 1 LD902 annotated-twice-by-one;"
    assert known in ran.err
    assert "ls-dvc check --against HEAD~1" in ran.err
    assert "reports/faults.jsonl" in files_of(space)
    assert "LD111" in space.ls("check", "--against", "HEAD~1", code=None).out
    assert "new fault" not in space.ls("refresh").err


def test_the_users_own_work_is_left_alone(team: Team, admin: Admin) -> None:
    space = team.space
    (space.path / "train.py").write_text("staged\n")
    space.git("add", "train.py")
    (space.path / "train.py").write_text("staged\nand more\n")
    (space.path / "notes").write_text("untracked\n")
    before = space.git("status", "--porcelain").out
    space.ls("refresh")
    assert files_of(space) == FIRST
    assert space.git("status", "--porcelain").out == before


def test_settings_that_git_does_not_know(team: Team) -> None:
    space = team.space
    space.edit("params.yaml", "annotations: latest", "update: {full_every: 9}")
    assert "label_studio in params.yaml has changes" in space.ls("refresh", code=1).err
    space.git("checkout", "-q", "params.yaml")
    with (space.path / "params.yaml").open("a") as out:
        out.write("train:\n  lr: 0.1\n")
    with (space.path / "dvc.yaml").open("a") as out:
        out.write("\n  train:\n    cmd: echo 1\n")
    assert "dvc.yaml has changes" in space.ls("refresh", code=1).err
    space.git("checkout", "-q", "dvc.yaml")
    (space.path / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n  train:\n    cmd: echo 1\n    outs: []\n"
    )
    assert "the stage train" in space.ls("refresh", code=1).err
    (space.path / "dvc.lock").unlink()
    space.ls("refresh")
    assert "params.yaml" not in files_of(space)


def test_a_failure_leaves_all_as_it_was(team: Team, studio: LocalServer, admin: Admin) -> None:
    space = team.space
    space.ls("refresh")
    before = {**space.hashes(), "pin": space.read("labels.lock"), "lock": space.read("dvc.lock")}
    head = space.git("rev-parse", "HEAD").out
    annotate(admin, team.project)
    hook = space.path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho 'the hook says no' >&2\nexit 1\n")
    hook.chmod(0o755)
    err = space.ls("refresh", code=1).err
    assert "the hook says no" in err
    after = {**space.hashes(), "pin": space.read("labels.lock"), "lock": space.read("dvc.lock")}
    assert after == before
    assert space.git("rev-parse", "HEAD").out == head
    assert space.git("status", "--porcelain").out == ""
    hook.unlink()
    with proxied(studio.url) as proxy:

        def broken(request: Request, forward: Forward) -> Reply:
            if "/exports/" in request.path:
                return Reply(500, [], b"{}")
            return forward(request)

        proxy.fault = broken
        space.ls("refresh", code=1, LABEL_STUDIO_URL=proxy.url)
    assert space.git("status", "--porcelain").out == ""
    assert "~1" in space.ls("refresh").out


def test_a_first_commit_that_a_hook_refuses_stages_nothing(team: Team) -> None:
    hook = team.space.path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    before = team.space.git("status", "--porcelain", "-uno").out
    team.space.ls("refresh", code=1)
    assert team.space.git("status", "--porcelain", "-uno").out == before
    assert not (team.space.path / "dvc.lock").exists()


def test_hooks_and_identity_as_in_a_shell(team: Team) -> None:
    space = team.space
    hook = space.path / ".git/hooks/commit-msg"
    hook.write_text('#!/bin/sh\necho "Reviewed-by: a hook" >> "$1"\n')
    hook.chmod(0o755)
    space.ls("refresh")
    assert "Reviewed-by: a hook" in space.git("log", "-1", "--format=%B").out
    assert space.git("log", "-1", "--format=%an <%ae>").out.strip() == "A <a@example.com>"


def test_signed_commits(team: Team, tmp_path: Path) -> None:
    space = team.space
    key = tmp_path / "key"
    made = subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], capture_output=True
    )
    if made.returncode:
        pytest.skip("no ssh-keygen here to make a signing key")
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingkey", f"{key}.pub"),
        ("commit.gpgsign", "true"),
    ):
        space.git("config", name, value)
    space.ls("refresh")
    assert "gpgsig" in space.git("cat-file", "commit", "HEAD").out


def test_detached(team: Team, admin: Admin) -> None:
    space = team.space
    space.git("checkout", "-q", "--detach")
    space.ls("refresh")
    assert "on no branch" in space.ls("refresh", "--push", code=1).err
    annotate(admin, team.project)
    space.ls("refresh", "--push", "--branch", "main")
    pushed = space.run("git", "-C", str(team.remote), "rev-parse", "main").out
    assert pushed == space.git("rev-parse", "HEAD").out
    assert "add --push" in space.ls("refresh", "--branch", "x", code=1).err


def test_a_push_carries_the_data_first(team: Team, tmp_path: Path) -> None:
    """When git refuses, the data is there and the commit is not; never the other way round."""
    space = team.space
    hook = team.remote / "hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\nls {tmp_path}/store > {tmp_path}/seen\n")
    hook.chmod(0o755)
    done = json.loads(space.ls("refresh", "--push", "--tag", "--json").out)
    assert done["pushed"] is True
    assert (tmp_path / "seen").read_text().strip() == "files"
    tags = space.run("git", "-C", str(team.remote), "tag").out.split()
    assert tags == ["labels/v1"]
    clone = Workspace(tmp_path / "clone", {"LABEL_STUDIO_URL": "http://127.0.0.1:9"})
    space.run("git", "clone", "-q", str(team.remote), str(clone.path))
    clone.dvc("pull", "-q")
    assert clone.hashes() == space.hashes()


def test_a_push_that_is_refused_for_good(team: Team) -> None:
    hook = team.remote / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'the branch is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    assert "the branch is protected" in team.space.ls("refresh", "--push", code=1).err


def test_a_lost_race_is_run_again(team: Team, admin: Admin, tmp_path: Path) -> None:
    space = team.space
    space.ls("refresh", "--push")
    other = Workspace(tmp_path / "other", dict(space.env))
    space.run("git", "clone", "-q", str(team.remote), str(other.path))
    annotate(admin, team.project)
    other.ls("refresh", "--push", "--tag")
    annotate(admin, team.project, place=1)
    (space.path / "mine").write_text("staged")
    space.git("add", "mine")
    ran = space.ls("refresh", "--push", "--tag")
    assert "has new commits" in ran.err
    assert "labels/v2" in ran.out
    assert space.git("status", "--porcelain").out == "A  mine\n"
    found = json.loads(space.ls("log", "--json").out)
    assert [each["changed"] for each in found[:2]] == [1, 1]
    assert len(found) == 3
    assert space.git("rev-parse", "HEAD").out == space.git("rev-parse", "origin/main").out

    assert other.ls("refresh", "--push").out.startswith("no labels changed"), (
        "one commit for one state"
    )
    assert len(json.loads(other.ls("log", "--json").out)) == 3


def test_two_at_once_in_two_clones(team: Team, admin: Admin, tmp_path: Path) -> None:
    space = team.space
    space.ls("refresh", "--push")
    clones = []
    for name in ("a", "b"):
        clones.append(Workspace(tmp_path / name, dict(space.env)))
        space.run("git", "clone", "-q", str(team.remote), str(tmp_path / name))
    annotate(admin, team.project)

    def refresh(clone: Workspace) -> int:
        return clone.ls("refresh", "--push", code=None).code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(refresh, clones)) == [0, 0]
    check = Workspace(tmp_path / "check", {"LABEL_STUDIO_URL": "http://127.0.0.1:9"})
    space.run("git", "clone", "-q", str(team.remote), str(check.path))
    found = json.loads(check.ls("verify", "--all", "--json").out)
    assert [each["state"] for each in found] == ["safe", "safe"], (
        "no lost version, no dangling data"
    )
    check.dvc("pull", "-q")
    check.ls("verify")


def test_two_at_once_in_one_clone(team: Team) -> None:
    space = team.space
    lock = space.path / ".dvc/tmp/ls-dvc/refresh.lock"
    code = (
        "import sys; from filelock import FileLock\n"
        "with FileLock(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
    )
    lock.parent.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [str(BIN / "python"), "-c", code, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean_environment(),
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        err = space.ls("refresh", code=1).err
        holder.communicate()
    assert "another `ls-dvc refresh` is at work" in err


def test_two_branches_that_both_refreshed(team: Team, admin: Admin, tmp_path: Path) -> None:
    space = team.space
    space.ls("refresh")
    first = space.git("rev-parse", "HEAD").out.strip()
    with_x, with_y = (
        CONFIG.replace("</RectangleLabels>", f'<Label value="{name}"/></RectangleLabels>')
        for name in "XY"
    )
    admin.patch_project(team.project, label_config=with_x)
    annotate(admin, team.project)
    space.ls("refresh")
    ours = space.hashes()
    space.git("checkout", "-qb", "side", first)
    admin.patch_project(team.project, label_config=with_y)
    annotate(admin, team.project, place=1)
    space.ls("refresh")
    theirs = space.hashes()
    space.git("checkout", "-q", "main")
    space.dvc("checkout", "-q")
    assert "is not in conflict" in space.ls("update", "--resolve", "ours", code=1).err
    space.git("merge", "-q", "side", code=1)
    shutil.copytree(space.path, tmp_path / "copy", symlinks=True)
    resolved(space, "ours", ours)
    resolved(Workspace(tmp_path / "copy", space.env), "newer", theirs)


def resolved(space: Workspace, side: str, expected: dict[str, str]) -> None:
    ran = space.ls("update", "--resolve", side)
    assert ran.out.startswith("took ours" if side == "ours" else "took theirs")
    lost, kept = ("Y", "X") if side == "ours" else ("X", "Y")
    assert f"image class 2 was '{lost}' on the other side, and is '{kept}' here" in ran.err
    space.git("commit", "-q", "--no-edit")
    assert space.git("status", "--porcelain").out == ""
    assert space.hashes() == expected
    space.ls("verify")
    assert space.ls("refresh").out.count("\n") == 1
    space.ls("verify")


# --- hostile surroundings


def test_a_failure_touches_nobody_elses_data(team: Team) -> None:
    """Neither before there is a dvc.lock, nor in folders whose names begin like ours."""
    space = team.space
    (space.path / "raw").mkdir()
    (space.path / "raw/a.txt").write_text("one")
    space.dvc("add", "-q", "raw")
    space.commit("raw data")
    (space.path / "raw/a.txt").write_text("edited")
    (space.path / "raw/b.txt").write_text("new")
    hook = space.path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    space.ls("refresh", code=1)
    assert (space.path / "raw/a.txt").read_text() == "edited"
    assert (space.path / "raw/b.txt").exists()
    assert space.git("status", "--porcelain", "-uno").out == ""


def test_what_a_hook_sweeps_in_survives_a_lost_race(team: Team, tmp_path: Path) -> None:
    space = team.space
    (space.path / "train.py").write_text("one\n")
    space.commit("a script")
    space.git("push", "-q")
    other = Workspace(tmp_path / "other")
    space.run("git", "clone", "-q", str(team.remote), str(other.path))
    (other.path / "notes").write_text("of somebody else\n")
    other.commit("notes")
    other.git("push", "-q")
    (space.path / "train.py").write_text("two\n")
    hook = space.path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\ngit add -u\n")
    hook.chmod(0o755)
    assert "has new commits" in space.ls("refresh", "--push").err
    assert (space.path / "train.py").read_text() == "two\n"


def test_a_feature_branch_does_not_reach_main(team: Team) -> None:
    space = team.space
    space.git("checkout", "-qb", "feature", "--track", "origin/main")
    (space.path / "wip").write_text("")
    space.commit("wip")
    assert "follows main, so it is not clear" in space.ls("refresh", "--push", code=1).err
    space.git("checkout", "-qb", "local", "--track", "main")
    assert "follows main, so it is not clear" in space.ls("refresh", "--push", code=1).err
    space.git("checkout", "-q", "feature")
    before = space.run("git", "-C", str(team.remote), "rev-parse", "main").out
    space.ls("refresh", "--push", "--branch", "feature")
    assert space.run("git", "-C", str(team.remote), "rev-parse", "main").out == before
    assert space.run("git", "-C", str(team.remote), "rev-parse", "feature").out


def test_a_push_that_failed_is_made_good(team: Team) -> None:
    space = team.space
    url = space.git("remote", "get-url", "origin").out.strip()
    space.git("remote", "set-url", "origin", "/nowhere")
    space.ls("refresh", "--push", code=1)
    space.git("remote", "set-url", "origin", url)
    assert "pushed the commits of an earlier run" in space.ls("refresh", "--push").out
    pushed = space.run("git", "-C", str(team.remote), "rev-parse", "main").out
    assert pushed == space.git("rev-parse", "HEAD").out
    assert json.loads(space.ls("refresh", "--push", "--json").out)["pushed"] is False


def test_a_tag_that_cannot_be_is_found_out_before_the_commit(team: Team) -> None:
    space = team.space
    head = space.git("rev-parse", "HEAD").out
    space.git("tag", "labels")
    assert "cannot be made: git has the tag labels" in space.ls("refresh", "--tag", code=1).err
    assert "is not a valid tag name" in space.ls("refresh", "--tag", "a b", code=1).err
    assert space.git("rev-parse", "HEAD").out == head


def test_whatever_users_set_for_their_own_eyes(team: Team, admin: Admin) -> None:
    space = team.space
    for name, value in (
        ("status.showUntrackedFiles", "no"),
        ("column.ui", "always"),
        ("color.ui", "always"),
        ("log.showSignature", "true"),
        ("core.quotePath", "true"),
    ):
        space.git("config", name, value)
    for number in range(1, 4):
        space.git("tag", f"labels/v{number}")
    space.ls("refresh", "--tag")
    space.git("config", "color.ui", "never")
    assert files_of(space) == FIRST
    assert "labels/v4" in space.ls("log").out
    space.git("commit", "-q", "--allow-empty", "-m", "a\u2028b\x0cc")
    annotate(admin, team.project)
    space.ls("refresh")
    assert len(json.loads(space.ls("log", "--json").out)) == 2


def test_what_git_ignores_is_told(team: Team) -> None:
    with (team.space.path / ".gitignore").open("a") as out:
        out.write("*.csv\n")
    team.space.commit("ignore tables")
    err = team.space.ls("refresh", code=1).err
    assert "classes.csv is ignored by git" in err
    assert team.space.git("status", "--porcelain", "-uno").out == ""


def test_stages_written_by_hand_and_settings_that_changed(team: Team) -> None:
    space = team.space
    space.edit("dvc.yaml", "cmd: ls-dvc export", "cmd: ls-dvc -q export")
    space.edit("dvc.yaml", "cmd: ls-dvc convert", "cmd: python -m ls_dvc convert")
    space.commit("commands of our own")
    space.ls("refresh", "--push")
    assert json.loads(space.ls("verify", "--all", "--json").out)[0]["state"] == "safe"
    space.edit("params.yaml", "formats: [CSV]", "formats: [CSV, JSON]")
    space.commit("one more format")
    assert json.loads(space.ls("refresh", "--json").out)["changed"] is True
    assert (space.path / "data/dataset/JSON/result.json").exists()
    assert space.ls("refresh").out.startswith("no labels changed")
    space.edit("params.yaml", "split: {}", "split: {train: 0.5, val: 0.5}")
    space.commit("a split")
    space.ls("refresh")
    assert sum(json.loads(space.ls("show", "HEAD", "--json").out)["splits"].values()) == 3
    assert (space.path / "data/dataset/CSV/train.csv").exists()


def test_verify_sees_what_was_committed_after_the_move(team: Team, admin: Admin) -> None:
    space = team.space
    space.ls("refresh")
    first = space.read("labels.lock")
    annotate(admin, team.project)
    space.ls("refresh")
    second = space.git("rev-parse", "HEAD").out.strip()[:7]
    (space.path / "labels.lock").write_text(first)
    space.git("commit", "-qam", "the old pin, the new data")
    wrong = space.git("rev-parse", "HEAD").out.strip()[:7]
    assert space.ls("verify", "HEAD", code=1).out.splitlines()[1].split()[:2] == ["wrong", wrong]
    assert space.ls("verify", second).out.splitlines()[1].startswith("at risk")
    assert f"wrong    {wrong}" in space.ls("verify", "--all", code=1).out


def test_replaced_predictions_are_labels_that_moved(team: Team, admin: Admin) -> None:
    """As many new ones in place of old ones: no total moves, and no task's updated_at."""
    space, ids = team.space, task_ids(admin, team.project)

    def predict(x: float) -> None:
        for each in ids:
            body = {"task": each, "result": [box(x)], "score": 0.5, "model_version": "m"}
            admin.call("POST", "/api/predictions/", body)

    predict(1)
    space.ls("update")
    assert space.ls("status", "--exit-code").out.startswith("as pinned")
    action = {"id": "delete_tasks_predictions", "project": team.project}
    body = {"selectedItems": {"all": True, "excluded": []}}
    admin.call("POST", "/api/dm/actions/", body, **action)
    predict(2)
    assert space.ls("status", "--exit-code", code=10)
    assert space.ls("update").out.startswith("pinned")


def test_brackets_in_the_name_of_a_folder(
    tmp_path: Path, studio: LocalServer, make_project: Callable[..., int]
) -> None:
    space = repository(tmp_path, LABEL_STUDIO_API_KEY=studio.api_key)
    for name in ("set [1]", "set 1"):
        project = make_project(tasks=[{"data": {"text": name}}])
        (tmp_path / name).mkdir()
        options = ["--url", studio.url, "--project-id", str(project), "-f", "CSV"]
        space.ls("-C", name, "init", "--no-media", *options)
    space.commit("scaffold")
    pin = space.read("set 1/labels.lock")
    (tmp_path / "set 1/labels.lock").write_text(f"# somebody is at it\n{pin}")
    space.ls("-C", "set [1]", "refresh")
    shown = space.git("show", "--name-only", "--format=", "HEAD").out.splitlines()
    assert shown
    assert all(each.startswith("set [1]/") for each in shown)


def test_other_stages_survive_a_merge(team: Team, admin: Admin) -> None:
    """Of dvc.lock only our stages are taken from one side."""
    space = team.space
    (space.path / "src.txt").write_text("1")
    stage = {"cmd": "cp src.txt prep.txt", "deps": ["src.txt"], "outs": ["prep.txt"]}
    with (space.path / "dvc.yaml").open("a") as out:
        out.write(f"  prepare: {json.dumps(stage)}\n")
    space.dvc("repro", "-q", "prepare")
    space.commit("prepare 1")
    space.ls("refresh")
    space.git("checkout", "-qb", "side")
    annotate(admin, team.project)
    space.ls("refresh")
    space.git("checkout", "-q", "main")
    space.dvc("checkout", "-q")
    (space.path / "src.txt").write_text("2")
    space.dvc("repro", "-q", "prepare")
    space.commit("prepare 2")
    annotate(admin, team.project, place=1)
    space.ls("refresh")
    space.git("merge", "-q", "side", code=1)
    space.ls("update", "--resolve", "theirs")
    space.git("commit", "-q", "--no-edit")
    space.ls("verify")
    assert space.dvc("status", "prepare").out.strip().endswith("up to date.")


def test_several_data_sets(
    tmp_path: Path, studio: LocalServer, admin: Admin, make_project: Callable[..., int]
) -> None:
    space = repository(tmp_path, LABEL_STUDIO_API_KEY=studio.api_key)
    projects = {}
    for name in ("cars", "dogs"):
        projects[name] = make_project(tasks=[{"data": {"text": name}}])
        (tmp_path / name).mkdir()
        options = ["--url", studio.url, "--project-id", str(projects[name]), "-f", "CSV"]
        space.ls("-C", name, "init", "--no-media", *options)
    assert "tracks no labels.lock" in space.ls("refresh", "--all", code=1).err
    space.commit("scaffold")
    told = space.ls("refresh", "--all").out
    assert [line.partition(":")[0] for line in told.splitlines()] == ["cars", "dogs"]
    assert len(space.git("log", "--format=%s", "--", "cars/labels.lock").out.splitlines()) == 2
    admin.import_tasks(projects["dogs"], [{"data": {"text": "more"}}])
    done = json.loads(space.ls("refresh", "--all", "--json").out)
    assert [each["changed"] for each in done] == [False, True]
    assert {each.partition("/")[0] for each in files_of(space)} == {"dogs"}
    assert space.git("status", "--porcelain").out == ""


@pytest.mark.parametrize(
    ("pattern", "names", "expected"),
    [
        ("labels/v{n}", [], "labels/v1"),
        ("labels/v{n}", ["labels/v9", "labels/v10", "v11", "labels/v12x"], "labels/v11"),
        ("data.{n}", ["dataX5"], "data.1"),
        ("fixed", ["fixed"], "fixed"),
    ],
)
def test_the_next_tag(pattern: str, names: list[str], expected: str) -> None:
    assert next_tag(pattern, names) == expected
