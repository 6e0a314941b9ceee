"""`ls-dvc init` as users run it: copied addresses, a server that answers, true next steps."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.workspace import Workspace, repository

from ls_dvc.io import yaml_files
from ls_dvc.settings import params

KEY = "LABEL_STUDIO_API_KEY"
CONFIG = (
    '<View><Image name="i" value="$image"/><RectangleLabels name="l" toName="i">'
    '<Label value="A"/></RectangleLabels></View>'
)


class LabelStudio(http.server.BaseHTTPRequestHandler):
    """What `init` asks: project 42, for the key `good`."""

    def do_GET(self) -> None:
        answer, status = self._answer(self.path.partition("?")[0].removeprefix("/sub"))
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str) -> tuple[object, int]:
        if self.headers["Authorization"] != "Token good":
            return {"detail": "Invalid token."}, 401
        if path == "/api/projects/42/":
            return {"title": "Cars \x1b]52;c;AAAA\x07", "label_config": CONFIG}, 200
        if path == "/api/tasks/":
            totals = {"total_annotations": 1, "total_predictions": 0}
            return {"tasks": [], "total": 7, **totals}, 200
        if path in ("/api/projects/42/summary/", "/api/current-user/whoami"):
            return {}, 200
        if path == "/api/projects/42/model-versions/":
            return {"static": []}, 200
        return {"detail": "No Project matches the given query."}, 404

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), LabelStudio) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return repository(tmp_path)


def written(space: Workspace) -> list[str]:
    """The files that are there and were not before."""
    return space.git("status", "--porcelain", "-uall", "--ignored").out.split("\n")[:-1]


def test_a_copied_address_a_good_key_and_what_the_project_is(space: Workspace, server: str) -> None:
    ran = space.ls("init", "--url", f"{server}/sub/projects/42/data?tab=7&task=1", **{KEY: "good"})
    settings = params.read(space.path / "params.yaml")
    assert (settings.url, settings.project_id) == (f"{server}/sub", 42)
    assert settings.formats == ["JSON"], "the default stays"
    assert f"--url: server {server}/sub, project 42" in ran.err
    assert r"project 42 on " in ran.err
    assert r"'Cars \x1b]52;c;AAAA\x07', 7 tasks" in ran.err
    assert "\x1b" not in ran.told
    assert "formats that hold something of its labels: JSON, " in ran.err
    assert "COCO, YOLO, " in ran.err
    assert "CONLL2003" not in ran.err
    assert "\nnext: run\n  dvc repro\n" in ran.err


@pytest.mark.parametrize(
    ("page", "key", "message"),
    [
        ("/projects/42/data", "bad", "refuses the API key"),
        ("/projects/43/data", "good", "project 43 not found"),
        ("/projects/", "bad", "refuses the API key"),
    ],
)
def test_what_is_refused_is_an_error_and_nothing_is_written(
    space: Workspace, server: str, page: str, key: str, message: str
) -> None:
    before = written(space)
    ran = space.ls("-C", "new", "init", "--url", server + page, code=1, **{KEY: key})
    assert message in ran.err
    assert written(space) == before
    assert not (space.path / "new").exists()
    offline = ("init", "--offline", "--url", server + page)
    space.ls("-C", "new", *offline, **{KEY: key})
    assert (space.path / "new" / "params.yaml").exists()


def test_a_server_that_is_not_reached(space: Workspace) -> None:
    before = written(space)
    ran = space.ls("init", "--url", "http://127.0.0.1:9", code=1, **{KEY: "good"})
    assert "cannot reach http://127.0.0.1:9" in ran.err
    assert "`--offline`" in ran.err
    assert written(space) == before


def test_a_format_that_cannot_be_used_there_is_reported(space: Workspace, server: str) -> None:
    ran = space.ls("init", "--url", f"{server}/projects/42", "-f", "conll2003", **{KEY: "good"})
    assert "CONLL2003 cannot be used there: " in ran.err


def test_addresses_that_contradict_the_number(space: Workspace) -> None:
    ran = space.ls("init", "--url", "http://h/projects/3", "--project-id", "4", code=1)
    assert "--url is a page of project 3, and --project-id is 4" in ran.err
    space.ls("init", "--url", "http://h/projects/3", "--project-id", "3")
    assert "--url must begin" in space.ls("init", "--url", "h/projects/3", code=1).err


def test_formats_in_any_case_and_the_nearest_of_misspelt_ones(space: Workspace) -> None:
    ran = space.ls("init", "-f", "cocco", code=1)
    assert "there is no format 'COCCO'; did you mean 'COCO'?" in ran.err
    assert not (space.path / "params.yaml").exists()
    space.ls("init", "-f", "coco", "-f", "Yolo-Seg", "-f", "COCO")
    block = yaml_files.load(space.path / "params.yaml")["label_studio"]
    assert block["formats"] == ["COCO", "YOLO_SEG"]


def test_the_folder_is_made_inside_a_repository_only(space: Workspace, tmp_path: Path) -> None:
    space.ls("-C", "a/b", "init")
    assert (tmp_path / "a/b/dvc.yaml").exists()
    (tmp_path / "file").write_text("")
    assert "is a file" in space.ls("-C", "file/x", "init", code=1).err
    outside = Workspace(tmp_path.parent)
    ran = outside.ls("-C", f"{tmp_path.name}-elsewhere/x", "init", code=1)
    assert "is not in a git repository" in ran.err
    assert not (tmp_path.parent / f"{tmp_path.name}-elsewhere").exists()


def test_next_steps_are_those_that_are_left(space: Workspace) -> None:
    said = space.ls("init").err
    assert "next: fill in project_id of label_studio in params.yaml, put" in said
    assert f"put {KEY} into .env" in said
    (space.path / ".env").write_text(f"{KEY}=k\n")
    said = space.ls("init", "--offline", "--project-id", "3").err
    assert "next: run\n" in said
    assert "fill in" not in said
    steps = said.partition("git add ")[2].partition("git commit")[0]
    names = steps.replace("\\\n", " ").split()
    there = [name for name in names if (space.path / name).exists()]
    assert sorted({*names} - {*there}) == ["dvc.lock"], "which `dvc repro` makes"
    assert {".gitignore", "data/.gitignore", "reports", "labels.lock"} <= {*there}


def test_rules_that_swallow_what_belongs_into_git(space: Workspace, tmp_path: Path) -> None:
    assert "warning" not in space.ls("-C", "sub", "init").err
    (tmp_path / ".gitignore").write_text("# x\n*.lock\n!dvc.lock\n")
    (tmp_path / "sub/.gitignore").write_text("reports/\n")
    (tmp_path / ".git/info/exclude").write_text("dvc.yaml\n")
    everywhere = tmp_path / "everywhere"
    everywhere.write_text(".github/\n")
    space.git("config", "core.excludesFile", str(everywhere))
    said = space.ls("-C", "sub", "init", "--ci", "github").err
    rules = [line for line in said.split("\n") if line.startswith("warning: git ignores")]
    told = "\n".join(rules)
    assert len(rules) == 4
    assert "git ignores labels.lock: the pattern '*.lock' in .gitignore, line 2" in told
    reports = "reports/labels.json, reports/classes.csv, reports/faults.jsonl, reports/check.json"
    assert f"{reports}: the pattern 'reports/' in sub/.git" in told
    assert "git ignores dvc.yaml: the pattern 'dvc.yaml' in .git/info/exclude, line 1" in told
    assert f"labels-sub.yml: the pattern '.github/' in {everywhere}, line 1" in told
    space.git("add", "-f", "sub/labels.lock")
    assert "git ignores labels.lock" not in space.ls("-C", "sub", "init").err


def test_a_tracked_env_is_reported(space: Workspace) -> None:
    (space.path / ".env").write_text(f"{KEY}=k\n")
    space.git("add", "-f", ".env")
    said = space.ls("-C", "sub", "init").err
    assert "git tracks " in said
    assert "`git rm --cached`" in said


@pytest.mark.parametrize("name", ["data", "reports"])
def test_a_link_out_of_the_repository_gets_nothing(space: Workspace, name: str) -> None:
    outside = space.path.parent / f"{space.path.name}-outside"
    outside.mkdir()
    (space.path / name).symlink_to(outside if name == "data" else ".git/hooks")
    ran = space.ls("init", code=1)
    assert "is a link out of the files of the repository" in ran.err
    assert list(outside.iterdir()) == []
    assert not (space.path / "params.yaml").exists()
