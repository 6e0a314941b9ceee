"""Versions of a real project: what each holds, how they differ, and that none is lost."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.traffic import CONFIG, box, task_ids
from support.workspace import Workspace, make

import ls_dvc
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LsDvcError
from ls_dvc.server.admin import Admin

NOWHERE = "http://127.0.0.1:9"
WITH_DOG = CONFIG.replace('<Label value="Car"/>', '<Label value="Dog"/><Label value="Car"/>')


@dataclass(frozen=True)
class Story:
    """Three versions: as imported; a box moved, one relabeled, a task gone, two new; a new label.

    The first two are in the DVC remote, the third is not.
    """

    space: Workspace
    project: int
    tasks: list[int]
    revs: list[str]
    hashes: list[dict[str, str]]


@pytest.fixture(scope="module")
def story(
    tmp_path_factory: pytest.TempPathFactory,
    studio: LocalServer,
    admin: Admin,
    make_project: Callable[..., int],
) -> Story:
    folder = tmp_path_factory.mktemp("story")
    project = make_project(
        label_config=CONFIG,
        tasks=[
            {"data": {"image": f"/x/{n}.jpg"}, "annotations": [{"result": [box(n), *also]}]}
            for n, also in enumerate([[], [], [box(50, "Person", "r2")], [], []])
        ],
    )
    space = make(folder / "repo", studio.url, studio.api_key, project, "JSON", "CSV")
    (folder / "remote").mkdir()
    space.store(folder / "remote")
    tasks = task_ids(admin, project)
    revs, hashes = [], []

    def commit(message: str) -> None:
        space.ls("update")
        space.dvc("repro")
        revs.append(space.commit(message))
        hashes.append(space.hashes())

    commit("first")
    annotations = [
        admin.call("GET", f"/api/tasks/{each}/")["annotations"][0]["id"] for each in tasks
    ]
    admin.update_annotation(annotations[1], [box(3)])
    admin.update_annotation(annotations[2], [box(2), box(50, "Car", "r2")])
    admin.delete_task(tasks[3])
    tasks += admin.import_tasks(project, [{"data": {"image": f"/x/n{n}.jpg"}} for n in range(2)])
    commit("second")
    space.dvc("push", "--all-commits")
    admin.patch_project(project, label_config=WITH_DOG)
    commit("third")
    space.git("tag", "-a", "labels/v3", "-m", "x")
    return Story(space, project, tasks, revs, hashes)


@pytest.fixture
def space(story: Story, tmp_path: Path) -> Workspace:
    """A copy to spoil. Commands in it have no server and no key."""
    shutil.copytree(story.space.path, tmp_path / "repo", symlinks=True)
    return Workspace(tmp_path / "repo", {"LABEL_STUDIO_URL": NOWHERE})


@pytest.fixture
def clone(story: Story, tmp_path: Path) -> Workspace:
    """A fresh clone: git, and a DVC remote, and nothing else."""
    made = story.space.clone(tmp_path / "clone")
    made.env = {"LABEL_STUDIO_URL": NOWHERE}
    return made


def test_the_log_counts_what_moved(story: Story, space: Workspace) -> None:
    found = json.loads(space.ls("log", "--json").out)
    assert [each["rev"] for each in found] == story.revs[::-1]
    assert [(e["added"], e["changed"], e["removed"]) for e in found] == [
        (0, 0, 0),
        (2, 2, 1),
        (5, 0, 0),
    ]
    assert [each["tags"] for each in found] == [["labels/v3"], [], []]
    assert [each["tasks"] for each in found] == [6, 6, 5]


@pytest.mark.parametrize("where", ["space", "clone"])
def test_diff(story: Story, where: str, request: pytest.FixtureRequest) -> None:
    """Also in a clone that has nothing but the remote to read from."""
    place: Workspace = request.getfixturevalue(where)
    first, second, _ = story.revs
    found = json.loads(place.ls("diff", first, second, "--json").out)
    assert found["tasks"] == {
        "added": story.tasks[5:],
        "removed": [story.tasks[3]],
        "changed": story.tasks[1:3],
    }
    assert found["classes"]["box"]["Car"] == {"before": 5, "after": 5}
    assert found["classes"]["box"]["Person"] == {"before": 1, "after": 0}
    assert place.git("status", "--porcelain").out == ""
    told = place.ls("diff", first, second).out
    assert re.search(r"Car at \d+,48 128×144 px moved, IoU 0\.\d\d \(r1\)", told)
    assert "Person -> Car at 320,48 128×144 px (r2)" in told
    page = place.ls("diff", first, second, "--markdown").out
    assert f"/projects/{story.project}/data?task={story.tasks[1]}" in page
    assert "2 tasks added, 1 removed, 2 changed" in place.ls("diff", first, second, "--stat").out


def test_diff_of_config_and_of_nothing(story: Story, space: Workspace) -> None:
    found = json.loads(space.ls("diff", story.revs[1], "--json").out)
    assert found["tasks"] == {"added": [], "removed": [], "changed": []}
    assert "Dog" in json.dumps(found["label_config"])
    assert space.ls("diff").out.strip() != ""
    assert json.loads(space.ls("diff", "--json").out)["tasks"]["changed"] == []


def test_an_update_that_is_not_reproduced_yet_is_the_workspace(
    story: Story, space: Workspace
) -> None:
    """`labels.lock` has moved, data/snapshot not yet: the diff is against what is pinned."""
    space.git("checkout", "-q", story.revs[0], "--", "labels.lock")
    found = json.loads(space.ls("diff", "HEAD", "--json").out)
    assert found["tasks"]["removed"] == story.tasks[5:]
    assert found["tasks"]["added"] == [story.tasks[3]]


def test_show(story: Story, space: Workspace) -> None:
    found = json.loads(space.ls("show", story.revs[0], "--json").out)
    assert found["labels"] == {"box": {"Car": 5, "Person": 1}}
    assert sum(found["annotators"].values()) == 5
    assert found["formats"]["JSON"]["tasks_written"] == 5
    held = {each["path"]: each for each in found["data"]}
    assert held["data/snapshot"]["cache"] is True
    assert held["data/snapshot"]["remote"] is True
    assert held["data/snapshot"]["workspace"] is False
    newest = json.loads(space.ls("show", "HEAD", "--json").out)
    held = {each["path"]: each for each in newest["data"]}
    assert (held["data/snapshot"]["remote"], held["data/snapshot"]["workspace"]) == (False, True)
    told = space.ls("show").out
    for words in ("workspace  labels", "box  Car", "CSV", "snapshots", "data/dataset"):
        assert words in told


def test_blame(story: Story, space: Workspace) -> None:
    changed, gone, new = story.tasks[2], story.tasks[3], story.tasks[5]

    def found(task: int) -> list[tuple[str, str]]:
        listed = json.loads(space.ls("blame", str(task), "--json").out)
        return [(each["rev"], each["change"]["kind"]) for each in listed]

    first, second, _ = story.revs
    assert found(changed) == [(second, "changed"), (first, "added")]
    assert found(gone) == [(second, "removed"), (first, "added")]
    assert found(new) == [(second, "added")]
    assert "Person -> Car at 320,48 128×144 px (r2)" in space.ls("blame", str(changed)).out
    assert "no version has a task 999999" in space.ls("blame", "999999", code=1).err


def test_blame_goes_on_where_a_version_cannot_be_read(story: Story, clone: Workspace) -> None:
    told = clone.ls("blame", str(story.tasks[2])).out
    assert story.revs[2][:7] in told
    assert "its data is not available" in told
    assert "Person -> Car at 320,48 128×144 px (r2)" in told


def test_get(story: Story, clone: Workspace, tmp_path: Path) -> None:
    first = story.revs[0]
    clone.ls("get", first, str(tmp_path / "out"))
    got = Workspace(tmp_path).hashes("out")
    expected = {
        path.replace("data/dataset", "out"): digest
        for path, digest in story.hashes[0].items()
        if path.startswith("data/dataset")
    }
    assert got == expected
    assert not (clone.path / "data" / "dataset").exists(), "the workspace is untouched"
    assert "exists already" in clone.ls("get", first, str(tmp_path / "out"), code=1).err


def test_get_converts_what_the_version_did_not_have(
    story: Story, clone: Workspace, tmp_path: Path
) -> None:
    ran = clone.ls("get", story.revs[0], str(tmp_path / "out"), "-f", "COCO")
    assert ran.out.startswith("converted COCO")
    document = json.loads((tmp_path / "out/COCO/result.json").read_text())
    assert len(document["annotations"]) == 6
    assert "did you mean 'COCO'" in clone.ls("get", "HEAD", "x", "-f", "coco", code=1).err
    assert not (clone.path / "x").exists()


def test_get_what_is_nowhere(story: Story, clone: Workspace, tmp_path: Path) -> None:
    err = clone.ls("get", "HEAD", str(tmp_path / "out"), code=1).err
    assert "is not in DVC's cache or remote" in err
    assert "dvc repro`" in err
    assert not (tmp_path / "out").exists()
    assert "no revision 'nix'" in clone.ls("get", "nix", str(tmp_path / "out"), code=1).err


def test_get_does_not_put_damaged_data_in_place(
    story: Story, space: Workspace, tmp_path: Path
) -> None:
    table = json.loads(space.ls("show", "HEAD", "--json").out)
    assert table["rev"] == story.revs[2]
    damaged = 0
    for path in (space.path / ".dvc/cache/files/md5").rglob("*"):
        if path.is_file() and path.read_bytes().startswith(b"id,annotation_id"):
            path.chmod(0o644)
            path.write_bytes(path.read_bytes() + b"x")
            damaged += 1
    assert damaged
    err = space.ls("get", "HEAD", str(tmp_path / "out"), code=1).err
    assert "is damaged where DVC holds it" in err
    assert not (tmp_path / "out").exists()


def test_verify_all_says_what_could_be_lost(story: Story, space: Workspace) -> None:
    found = json.loads(space.ls("verify", "--all", "--json").out)
    assert [(each["rev"], each["state"]) for each in found] == list(
        zip(story.revs[::-1], ["at risk", "safe", "safe"], strict=True)
    )
    assert "`dvc push`" in found[0]["words"]
    assert space.ls("verify", "--all").out.splitlines()[1].startswith("at risk")
    assert space.ls("verify", story.revs[0]).out.splitlines()[1].startswith("safe")


def test_verify_all_in_a_clone_reads_the_remote(story: Story, clone: Workspace) -> None:
    found = json.loads(clone.ls("verify", "--all", "--json").out)
    assert [each["state"] for each in found] == ["at risk", "safe", "safe"]
    assert found[0]["words"] == "only the server has it"


def test_verify_all_finds_damage_and_poison(story: Story, space: Workspace) -> None:
    space.git("checkout", "-q", story.revs[0], "--", "labels.lock")
    space.edit("labels.lock", "pinned_at", "pinned_at")
    space.dvc("commit", "-f")
    poisoned = space.commit("by hand")
    ran = space.ls("verify", "--all", code=1)
    assert f"wrong    {poisoned[:7]}" in ran.out
    assert "dvc commit -f" in ran.out
    assert "1 of 4 versions" in ran.err
    for path in (space.path / ".dvc/cache/files/md5").rglob("*"):
        if path.is_file() and b'"annotations":[' in path.read_bytes():
            path.chmod(0o644)
            path.write_bytes(path.read_bytes().replace(b'"Car"', b'"Cat"'))
    assert "was changed since it was exported" in space.ls("verify", "--all", code=1).out


AWS = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture
def bucket() -> Iterator[str]:
    """The address of a server that speaks S3, with the bucket `labels`."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    httpx.put(f"http://{host}:{port}/labels").raise_for_status()
    yield f"http://{host}:{port}"
    server.stop()


def test_a_bucket_as_remote(story: Story, space: Workspace, bucket: str, tmp_path: Path) -> None:
    space.env |= AWS
    space.dvc("remote", "add", "-f", "-d", "store", "s3://labels/dvc")
    space.dvc("remote", "modify", "store", "endpointurl", bucket)
    space.commit("a bucket")
    for rev in story.revs:  # --all-commits would take each commit's own remote
        space.git("checkout", "-q", rev, "--", "dvc.lock")
        space.dvc("push", "-q")
    clone = space.clone(tmp_path / "clone")
    clone.env = dict(space.env)
    first, second, _ = story.revs
    found = json.loads(clone.ls("verify", "--all", "--json").out)
    assert [each["state"] for each in found] == ["safe"] * 3
    changed = json.loads(clone.ls("diff", first, second, "--json").out)["tasks"]["changed"]
    assert changed == story.tasks[1:3]
    clone.ls("get", first, "old")
    assert (clone.path / "old/CSV/result.csv").read_bytes()
    clone.git("checkout", "-q", first)
    clone.dvc("pull", "-q")
    clone.dvc("repro", "-q")
    assert clone.hashes() == story.hashes[0]

    bare = space.clone(tmp_path / "bare")
    bare.env = {**space.env, "AWS_MAX_ATTEMPTS": "1"}
    bare.dvc("remote", "modify", "--local", "store", "endpointurl", NOWHERE)
    err = bare.ls("diff", first, second, code=1).err
    assert "remote cannot be asked" in err, "not: the data is nowhere"


def test_from_python(story: Story, space: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    first, second, third = story.revs
    assert [each.rev for each in ls_dvc.versions(folder=space.path)] == [third, second, first]
    assert len(ls_dvc.versions([f"{first}..{second}"], folder=space.path)) == 1
    found = ls_dvc.diff(first, second, folder=space.path)
    assert (found.added, found.removed) == (tuple(story.tasks[5:]), (story.tasks[3],))
    tasks = list(ls_dvc.load(first, folder=space.path))
    assert [each["id"] for each in tasks] == story.tasks[:5]
    assert len(list(ls_dvc.load(folder=space.path))) == 6
    with pytest.raises(LsDvcError, match="no revision"):
        ls_dvc.load("nix", folder=space.path)
    with pytest.raises(AttributeError):
        _ = ls_dvc.nothing
    assert capfd.readouterr() == ("", "")


def test_a_renamed_folder(story: Story, space: Workspace) -> None:
    """The data set moves into a folder; its old versions are found under their old name."""
    (space.path / "labels").mkdir()
    tracked = ("dvc.yaml", "dvc.lock", "params.yaml", "labels.lock", "reports", "data/.gitignore")
    (space.path / "labels/data").mkdir()
    for each in tracked:
        space.git("mv", each, f"labels/{each}")
    for each in ("snapshot", "dataset"):
        (space.path / "data" / each).rename(space.path / "labels/data" / each)
    space.commit("a folder of its own")
    first, second, _ = story.revs
    found = json.loads(space.ls("-C", "labels", "diff", first, second, "--json").out)
    assert found["tasks"]["removed"] == [story.tasks[3]]
    assert len(json.loads(space.ls("-C", "labels", "log", "--json").out)) == 3
    assert json.loads(space.ls("-C", "labels", "show", first, "--json").out)["tasks"] == 5


MUTATIONS = ("annotate", "move", "delete", "import", "config")


def mutate(admin: Admin, project: int, dice: random.Random) -> None:
    """One step of what annotators do all day."""
    kind, ids = dice.choice(MUTATIONS), task_ids(admin, project)
    if kind == "annotate" or len(ids) < 3:
        admin.create_annotation(dice.choice(ids), [box(dice.randint(0, 80))])
    elif kind == "move":
        found = admin.call("GET", f"/api/tasks/{dice.choice(ids)}/")["annotations"]
        if found:
            admin.update_annotation(found[0]["id"], [box(dice.randint(0, 80), "Person")])
    elif kind == "delete":
        admin.delete_task(dice.choice(ids))
    elif kind == "import":
        admin.import_tasks(project, [{"data": {"image": f"/n/{dice.random()}.jpg"}}])
    else:
        label = f'<Label value="L{dice.randint(0, 99)}"/></RectangleLabels>'
        admin.patch_project(project, label_config=CONFIG.replace("</RectangleLabels>", label))


@pytest.mark.parametrize("count", [5, pytest.param(20, marks=pytest.mark.soak)])
def test_versions_come_back_in_any_order(
    count: int, tmp_path: Path, studio: LocalServer, admin: Admin, make_project: Callable[..., int]
) -> None:
    """In a fresh clone, with a remote and without a server: checkout, pull, repro, same bytes."""
    dice = random.Random(20261124)
    images = [{"data": {"image": f"/x/{n}.jpg"}} for n in range(6)]
    project = make_project(label_config=CONFIG, tasks=images)
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "COCO", "YOLO", "CSV")
    (tmp_path / "remote").mkdir()
    space.store(tmp_path / "remote")
    made: list[tuple[str, dict[str, str]]] = []
    while len(made) < count:
        for _ in range(dice.randint(1, 3)):
            mutate(admin, project, dice)
        if made and "no labels changed" in space.ls("update").out:
            continue
        space.dvc("repro")
        made.append((space.commit(f"version {len(made)}"), space.hashes()))
    space.dvc("push", "--all-commits")
    clone = space.clone(tmp_path / "clone")
    clone.env = {"LABEL_STUDIO_URL": NOWHERE}
    dice.shuffle(made)
    for rev, expected in made:
        clone.git("checkout", "-q", rev)
        clone.dvc("pull", "-q")
        clone.dvc("repro", "-q")
        assert clone.hashes() == expected
    assert clone.git("status", "--porcelain").out == ""
    assert {each["state"] for each in json.loads(clone.ls("verify", "--all", "--json").out)} == {
        "safe"
    }


def test_restore(story: Story, space: Workspace, studio: LocalServer, admin: Admin) -> None:
    """An old version as a project that one can label on; here with its own next version."""
    env = {"LABEL_STUDIO_URL": studio.url, "LABEL_STUDIO_API_KEY": studio.api_key}
    made = json.loads(space.ls("restore", story.revs[0], "--json", **env).out)
    assert (made["tasks"], made["annotations"]) == (5, 5)
    assert story.revs[0][:7] in made["title"]
    project = made["project_id"]
    assert len(task_ids(admin, project)) == 5
    space.edit("params.yaml", f"project_id: {story.project}", f"project_id: {project}")
    space.ls("update", **env)
    again = list(ls_dvc.load(folder=space.path))
    before = list(ls_dvc.load(story.revs[0], folder=space.path))
    assert [labels_of(each) for each in again] == [labels_of(each) for each in before]
    assert "title" in space.ls("restore", "HEAD", "--title", "x", code=1, **env).err


def labels_of(task: dict[str, Any]) -> Any:
    return task["data"], [each["result"] for each in task["annotations"]]
