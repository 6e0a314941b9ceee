"""What `init` writes: the same twice, merged with what is there, never over it unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from ls_dvc.commands import init as scaffold
from ls_dvc.commands.init import InitOptions
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.settings import params

ROOT = Path(__file__).parents[2]


def never(question: str) -> bool:
    return False


def always(question: str) -> bool:
    return True


def init(
    folder: Path, settings: InitOptions = InitOptions(), confirm: scaffold.Confirm = never
) -> int:
    return sum(each.changed for each in scaffold.init(folder, settings, confirm))


def test_the_project_holds_exactly_what_init_writes(tmp_path: Path) -> None:
    init(tmp_path)
    for name in ("dvc.yaml", "params.yaml", "labels.lock"):
        assert (ROOT / name).read_text() == (tmp_path / name).read_text()


def test_what_it_writes_is_valid(tmp_path: Path) -> None:
    init(tmp_path, InitOptions("http://h:1", 7, ("COCO", "CSV")))
    read = params.read(tmp_path / "params.yaml")
    assert (read.url, read.project_id, read.formats) == ("http://h:1", 7, ["COCO", "CSV"])
    assert all(len(line) <= 100 for line in (tmp_path / "params.yaml").read_text().splitlines())


def test_only_the_project_id_is_left_to_fill_in(tmp_path: Path) -> None:
    init(tmp_path)
    with pytest.raises(LsDvcError, match=r"label_studio\.project_id .* is not set"):
        params.read(tmp_path / "params.yaml")


def test_again_changes_nothing(tmp_path: Path) -> None:
    assert init(tmp_path) == 8
    assert init(tmp_path) == 0


def test_it_merges_and_keeps_comments(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("# mine\ntrain:  # learning\n  lr: 1e-3\n")
    (tmp_path / "dvc.yaml").write_text(
        "# my pipeline\nvars: [a: 1]\nstages:\n  train:   # slow\n    cmd: python train.py\n"
    )
    (tmp_path / ".gitignore").write_text("*.pt")
    init(tmp_path)
    params_text = (tmp_path / "params.yaml").read_text()
    dvc_text = (tmp_path / "dvc.yaml").read_text()
    assert params_text.startswith("# mine\ntrain:  # learning\n  lr: 1e-3\n")
    assert "label_studio:" in params_text
    assert "# my pipeline" in dvc_text
    assert "# slow" in dvc_text
    stages = yaml_files.load(tmp_path / "dvc.yaml")["stages"]
    assert list(stages) == ["train", "export", "convert"]
    assert (tmp_path / ".gitignore").read_text() == "*.pt\n.env\n.ls-dvc-tmp-*\n"
    assert init(tmp_path) == 0


def test_an_incomplete_block_is_completed(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("label_studio:\n  url: http://h  # ours\n")
    init(tmp_path, InitOptions(project_id=3))
    text = (tmp_path / "params.yaml").read_text()
    assert "url: http://h  # ours" in text
    assert params.read(tmp_path / "params.yaml").project_id == 3


def test_settings_are_not_overwritten_unasked(tmp_path: Path) -> None:
    init(tmp_path, InitOptions("http://a", 1))
    init(tmp_path, InitOptions("http://b", 2))
    assert params.read(tmp_path / "params.yaml").project_id == 1
    asked: list[str] = []

    def ask(question: str) -> bool:
        asked.append(question)
        return "project_id" in question

    init(tmp_path, InitOptions("http://b", 2), ask)
    read = params.read(tmp_path / "params.yaml")
    assert (read.url, read.project_id) == ("http://a", 2)
    assert asked == [
        "label_studio.url is 'http://a'; make it 'http://b'?",
        "label_studio.project_id is 1; make it 2?",
    ]


def test_anothers_stage_is_not_overwritten_unasked(tmp_path: Path) -> None:
    theirs = "stages:\n  export:\n    cmd: python export.py\n"
    (tmp_path / "dvc.yaml").write_text(theirs)
    with pytest.raises(LsDvcError, match="another stage 'export'") as caught:
        init(tmp_path)
    assert "--prefix" in caught.value.hint
    assert (tmp_path / "dvc.yaml").read_text() == theirs
    assert not (tmp_path / "params.yaml").exists(), "all or nothing"
    init(tmp_path, InitOptions(prefix="labels-"))
    stages = yaml_files.load(tmp_path / "dvc.yaml")["stages"]
    assert list(stages) == ["export", "labels-export", "labels-convert"]
    init(tmp_path, InitOptions(), always)
    assert yaml_files.load(tmp_path / "dvc.yaml")["stages"]["export"]["cmd"] == "ls-dvc export"


def test_other_folders_reach_the_stages(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("label_studio: {data: labels/v, reports: out}\n")
    init(tmp_path)
    stages = yaml_files.load(tmp_path / "dvc.yaml")["stages"]
    assert stages["export"]["outs"] == ["labels/v/snapshot"]
    assert stages["convert"]["outs"] == ["labels/v/dataset", "out/ledger.json"]


@pytest.mark.parametrize("name", ["dvc.yaml", "params.yaml"])
@pytest.mark.parametrize("text", ["- 1\n", "a: [\n", "just words\n"])
def test_files_that_cannot_be_merged(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(LsDvcError, match=name.replace(".", r"\.")):
        init(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [name]
