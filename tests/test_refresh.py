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
from proxy import Reply, Request, proxied
from test_story import CONFIG, box, task_ids
from workspace import BIN, Workspace, clean_environment, make

from ls_dvc.embedded import Studio
from ls_dvc.refresh import next_tag
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
    tmp_path_factory: pytest.TempPathFactory, studio: Studio, make_project: Callable[..., int]
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
    space.dvc("remote", "add", "-q", "-d", "store", str(tmp_path / "store"))
    space.commit("settings")
    space.git("push", "-qu", "origin", "main")
    return Team(space, tmp_path / "remote.git", project)


def annotate(admin: Admin, project: int, place: int = 0, x: float = 40) -> None:
    admin.create_annotation(task_ids(admin, project)[place], [box(x, "Person")])


def files_of(space: Workspace, rev: str = "HEAD") -> set[str]:
    return set(space.git("show", "--name-only", "--format=", rev).out.split())


FIRST = {
    "labels.lock",
    "dvc.lock",
    "reports/labels.json",
    "reports/classes.csv",
    "reports/.gitignore",
    "data/.gitignore",
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
    assert ran.out.startswith("nothing moved")
    assert space.git("rev-parse", "HEAD").out == head

    annotate(admin, team.project)
    done = json.loads(space.ls("refresh", "--json", "--tag").out)
    assert done["moved"] is True
    assert done["tag"] == "labels/v1"
    assert files_of(space) == {f for f in FIRST if not f.endswith(".gitignore")}
    message = space.git("log", "-1", "--format=%B").out
    subject, _, rest = message.partition("\n")
    assert "~1" in subject
    pin = json.loads(space.ls("show", "--json").out)
    trailers = space.run("git", "log", "-1", "--format=%(trailers:only)").out.splitlines()
    assert f"Labels-Fingerprint: {pin['fingerprint']}" in trailers
    assert f"/projects/{team.project}" in trailers[1]
    assert f"Label-Studio-Snapshot: {pin['snapshots'][0]}" in trailers
    assert "Person" in rest
    assert space.git("cat-file", "-t", "labels/v1").out.strip() == "tag"


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
    space.edit("params.yaml", "annotations: latest", "tasks_per_snapshot: 9")
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


def test_a_failure_leaves_all_as_it_was(team: Team, studio: Studio, admin: Admin) -> None:
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
    assert "moved on" in ran.err
    assert "labels/v2" in ran.out
    assert space.git("status", "--porcelain").out == "A  mine\n"
    found = json.loads(space.ls("log", "--json").out)
    assert [each["changed"] for each in found[:2]] == [1, 1]
    assert len(found) == 3
    assert space.git("rev-parse", "HEAD").out == space.git("rev-parse", "origin/main").out


def test_a_race_for_the_same_labels_ends_with_one_commit(
    team: Team, admin: Admin, tmp_path: Path
) -> None:
    space = team.space
    space.ls("refresh", "--push")
    other = Workspace(tmp_path / "other", dict(space.env))
    space.run("git", "clone", "-q", str(team.remote), str(other.path))
    annotate(admin, team.project)
    other.ls("refresh", "--push")
    assert space.ls("refresh", "--push").out.startswith("nothing moved")
    assert len(json.loads(space.ls("log", "--json").out)) == 2


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


@pytest.mark.parametrize("side", ["ours", "newer"])
def test_two_branches_that_both_refreshed(
    team: Team, admin: Admin, tmp_path: Path, side: str
) -> None:
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
    assert "is in no conflict" in space.ls("update", "--resolve", side, code=1).err
    space.git("merge", "-q", "side", code=1)
    ran = space.ls("update", "--resolve", side)
    assert ran.out.startswith("took ours" if side == "ours" else "took theirs")
    lost, kept = ("Y", "X") if side == "ours" else ("X", "Y")
    assert f"image class 2 was '{lost}' on the other side, and is '{kept}' here" in ran.err
    space.git("commit", "-q", "--no-edit")
    assert space.git("status", "--porcelain").out == ""
    assert space.hashes() == (ours if side == "ours" else theirs)
    space.ls("verify")
    assert space.ls("refresh").out.count("\n") == 1
    space.ls("verify")


def test_several_data_sets(
    tmp_path: Path, studio: Studio, admin: Admin, make_project: Callable[..., int]
) -> None:
    space = Workspace(tmp_path, {"LABEL_STUDIO_API_KEY": studio.api_key})
    space.git("init", "-q", "-b", "main")
    space.dvc("init", "-q")
    projects = {}
    for name in ("cars", "dogs"):
        projects[name] = make_project(tasks=[{"data": {"text": name}}])
        (tmp_path / name).mkdir()
        options = ["--url", studio.url, "--project-id", str(projects[name]), "-f", "CSV"]
        space.ls("-C", name, "init", *options)
    assert "tracks no labels.lock" in space.ls("refresh", "--all", code=1).err
    space.commit("scaffold")
    told = space.ls("refresh", "--all").out
    assert [line.partition(":")[0] for line in told.splitlines()] == ["cars", "dogs"]
    assert len(space.git("log", "--format=%s", "--", "cars/labels.lock").out.splitlines()) == 2
    admin.import_tasks(projects["dogs"], [{"data": {"text": "more"}}])
    done = json.loads(space.ls("refresh", "--all", "--json").out)
    assert [each["moved"] for each in done] == [False, True]
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
