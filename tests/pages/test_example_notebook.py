"""The example notebook runs on a data set with two versions, and shows what it says."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path

import pytest
from pandas import DataFrame
from support import notebook
from support.reference import ROOT
from support.workspace import Workspace

import ls_dvc
from ls_dvc.api.views import ShownTask, VersionDiff, VersionList, VersionTasks
from ls_dvc.workspace import open_workspace

NOTEBOOK = ROOT / "examples/notebook/versions.ipynb"


def test_it_runs(two_versions: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = Workspace(tmp_path / "project", two_versions.env)
    shutil.copytree(two_versions.path, space.path)
    space.commit("Second labels")
    monkeypatch.chdir(space.path)
    shown = [value for _, value in notebook.results(NOTEBOOK)]
    assert [type(each) for each in shown] == [
        *(VersionList, VersionDiff, ShownTask, VersionTasks, DataFrame, ShownTask, str)
    ]
    assert all(each._repr_html_() for each in shown[:-1])
    versions, diff, change, _, classes, example, fingerprint = shown
    assert [each.subject for each in versions] == ["Second labels", "First labels"]
    assert fingerprint == versions[0].fingerprint == diff.after.fingerprint
    assert repr(change).startswith("<task 1 (street-01.png)")
    assert classes.loc[("object", "Car"), "regions"] == diff.classes["object"]["Car"][1]
    assert "<img src=" in example.html
    assert space.git("status", "--porcelain").out == ""


def test_pictures_that_are_not_here_are_left_blank(two_versions: Workspace, tmp_path: Path) -> None:
    """Those of DVC's remote are not downloaded for it."""
    remote, folder = tmp_path / "remote", tmp_path / "project"
    shutil.copytree(two_versions.path, folder)
    space = Workspace(folder, two_versions.env)
    space.store(remote)
    space.dvc("push", "-q")
    assert "<image " in svg_of(ls_dvc.show(1, folder=folder))
    shutil.rmtree(folder / ".dvc/cache")
    shutil.rmtree(folder / "data/media")
    shutil.rmtree(open_workspace(folder).media_store.root)
    assert "<image " not in svg_of(ls_dvc.show(1, folder=folder))
    assert not (folder / ".dvc/cache").exists()


def svg_of(view: ShownTask) -> str:
    source = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', view.html)
    assert source is not None
    return base64.b64decode(source[1]).decode()


def test_it_is_committed_as_it_is_before_a_run() -> None:
    document = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert json.dumps(document, indent=1, ensure_ascii=False) + "\n" == NOTEBOOK.read_text("utf-8")
    cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    assert {(cell["execution_count"], len(cell["outputs"])) for cell in cells} == {(None, 0)}
