"""Bad input: what, where, what next; exit code 1; nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.workspace import Workspace, make

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.server.admin import Admin


@pytest.fixture
def space(tmp_path: Path, studio: LocalServer, make_project: Callable[..., int]) -> Workspace:
    project = make_project(tasks=[{"data": {"text": "a"}}])
    return make(tmp_path / "repo", studio.url, studio.api_key, project, "JSON", "CSV")


@pytest.fixture
def bare(tmp_path: Path) -> Workspace:
    """A repository that speaks with nobody."""
    return make(tmp_path / "repo", "http://127.0.0.1:9", "k" * 40, 1, "JSON")


@pytest.mark.parametrize("command", ["update", "status", "export"])
@pytest.mark.parametrize(
    ("env", "params", "words"),
    [
        ({"LABEL_STUDIO_API_KEY": ""}, None, ["no API key", "LABEL_STUDIO_API_KEY"]),
        ({"LABEL_STUDIO_API_KEY": "0" * 40}, None, ["refuses the API key"]),
        ({"LABEL_STUDIO_URL": "http://127.0.0.1:9"}, None, ["cannot reach http://127.0.0.1:9"]),
        ({"LABEL_STUDIO_URL": "nonsense"}, None, ["LABEL_STUDIO_URL must begin with http"]),
        ({}, ("project_id: ", "project_id: 99999"), ["project 99999", "not found"]),
        ({}, ("project_id: ", "projectid: "), ["projectid", "'project_id'", "params.yaml"]),
        ({}, ("formats: [JSON", "formats: [JSN"), ["formats[0]", "'JSN'", "'JSON'"]),
    ],
)
def test_bad_input(
    space: Workspace,
    command: str,
    env: dict[str, str],
    params: tuple[str, str] | None,
    words: list[str],
) -> None:
    if params:
        space.edit("params.yaml", *params)
    before = sorted(space.path.rglob("*"))
    ran = space.ls(command, code=1, **env)
    for word in words:
        assert word in ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err
    assert ran.err.count("hint: ") == 1
    after = [each for each in sorted(space.path.rglob("*")) if "tmp" not in each.parts]
    assert after == [each for each in before if "tmp" not in each.parts]


def test_an_empty_project(space: Workspace, make_project: Callable[..., int]) -> None:
    project = make_project("Nothing yet")
    space.edit("params.yaml", "project_id: ", f"project_id: {project}  # ")
    assert "(Nothing yet)" in space.ls("update", code=1).err
    assert "has no tasks" in space.dvc("repro", code=255).told


def test_a_project_without_the_formats_objects(space: Workspace) -> None:
    space.edit("params.yaml", "formats: [JSON", "formats: [COCO")
    told = space.dvc("repro", code=255).told
    assert "COCO needs an <Image>" in told
    assert "take COCO out of label_studio.formats" in told
    assert not (space.path / "data" / "dataset").exists()
    assert not list(space.path.rglob(".ls-dvc-tmp-*"))


def test_a_broken_label_config(
    tmp_path: Path, studio: LocalServer, make_project: Callable[..., int]
) -> None:
    from support.proxy import Reply, proxied

    project = make_project(tasks=[{"data": {"text": "a"}}])
    with proxied(studio.url) as proxy:

        def broken(request: object, forward: Callable[[object], Reply]) -> Reply:
            reply = forward(request)
            path = request.path.partition("?")[0]  # type: ignore[attr-defined]
            if path.endswith(f"/api/projects/{project}/"):
                reply.body = reply.body.replace(b"</View>", b"")
            return reply

        proxy.fault = broken
        space = make(tmp_path / "repo", proxy.url, studio.api_key, project, "JSON")
        err = space.ls("update", code=1).err
    assert f"the label config of project {project} is not well-formed" in err


def test_not_a_repository(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    assert "git init" in space.ls("init", code=1).err
    space.git("init", "-q")
    assert "dvc init" in space.ls("init", code=1).err
    assert sorted(each.name for each in tmp_path.iterdir()) == [".git"]
    (tmp_path / "params.yaml").write_text("label_studio: {project_id: 1, formats: [JSON]}\n")
    assert "not in a DVC repository" in space.ls("export", code=1).err


def test_no_params(bare: Workspace) -> None:
    (bare.path / "params.yaml").unlink()
    assert "ls-dvc init" in bare.ls("update", code=1).err


def test_a_damaged_pin(bare: Workspace) -> None:
    (bare.path / "labels.lock").write_text("<<<<<<< HEAD\nversion: 1\n=======\n")
    for command in ("update", "status", "export", "verify"):
        assert "merge conflict" in bare.ls(command, code=1).err
    (bare.path / "labels.lock").write_text("version: 9\nfingerprint: x\n")
    assert "upgrade ls-dvc" in bare.ls("export", code=1).err


def test_another_project_than_the_pinned_one(
    space: Workspace, make_project: Callable[..., int]
) -> None:
    space.ls("update")
    other = make_project(tasks=[{"data": {"text": "b"}}])
    space.edit("params.yaml", "project_id: ", f"project_id: {other}  # ")
    err = space.ls("export", code=1).err
    assert f"params.yaml asks for {other}" in err
    assert "ls-dvc update" in err
    assert space.ls("status", "--exit-code", code=10)
    assert f"of project {other}" in space.ls("update").out
    space.ls("export")


def test_an_edited_pin(space: Workspace) -> None:
    space.ls("update")
    fingerprint = json.loads(space.ls("update", "--json").out)["fingerprint"]
    space.edit("labels.lock", fingerprint, fingerprint[::-1])
    err = space.ls("export", code=1).err
    assert "contradicts itself" in err
    assert "git checkout -- labels.lock" in err


def test_json_for_programs(space: Workspace) -> None:
    assert json.loads(space.ls("status", "--json").out)["pinned"] is None
    made = json.loads(space.ls("update", "--json").out)
    assert made["changed"] is True
    shown = json.loads(space.ls("status", "--json").out)
    assert shown["changed"] is False
    assert shown["pinned"]["fingerprint"] == made["fingerprint"]
    space.dvc("repro")
    assert json.loads(space.ls("verify", "--json").out)["ok"] is True


def test_usage_is_2_and_debug_shows_where(bare: Workspace) -> None:
    assert bare.ls("updat", code=2).err
    assert bare.ls("-C", "nowhere", "update", code=1).err.startswith("error: there is no folder")
    assert "Traceback" in bare.ls("--debug", "update", code=1).err


def test_quiet_and_another_folder(space: Workspace) -> None:
    ran = Workspace(space.path.parent, space.env).ls("-q", "-C", str(space.path), "update")
    assert ran.err == ""
    assert ran.out.startswith("pinned")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB, where we may mount one."""
    mount = tmp_path / "small"
    mount.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)]
    if os.geteuid() != 0 or subprocess.run(options, capture_output=True).returncode:
        pytest.skip("no right to mount a tmpfs here")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


def test_a_full_disk(
    space: Workspace, admin: Admin, small_disk: Path, make_project: Callable[..., int]
) -> None:
    project = make_project(tasks=[{"data": {"text": "x" * 3000}} for _ in range(500)])
    space.edit("params.yaml", "project_id: ", f"project_id: {project}  # ")
    space.edit("params.yaml", "data: data", "data: small")
    (space.path / "small").symlink_to(small_disk)
    space.ls("update")
    err = space.ls("export", code=1).err
    assert "No space left" in err
    assert "free some space" in err
    assert list(small_disk.iterdir()) == []
