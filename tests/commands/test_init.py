"""What `init` writes: the same twice, merged with what is there, never over it unasked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.workspace import Workspace, repository

from ls_dvc.commands import init as scaffold
from ls_dvc.commands.init_settings import InitOptions
from ls_dvc.commands.init_stages import Confirm
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.settings import params

ROOT = Path(__file__).parents[2]


def never(question: str) -> bool:
    return False


def always(question: str) -> bool:
    return True


def init(folder: Path, settings: InitOptions = InitOptions(), confirm: Confirm = never) -> int:
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
    assert list(stages) == ["train", "export", "media", "convert", "check"]
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
    labels = [f"labels-{name}" for name in ("export", "media", "convert", "check")]
    assert list(stages) == ["export", *labels]
    init(tmp_path, InitOptions(), always)
    assert yaml_files.load(tmp_path / "dvc.yaml")["stages"]["export"]["cmd"] == "ls-dvc export"


def test_other_folders_reach_the_stages(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("label_studio: {data: labels/v, reports: out}\n")
    init(tmp_path)
    stages = yaml_files.load(tmp_path / "dvc.yaml")["stages"]
    kept = {"persist": True}
    assert stages["export"]["outs"] == [{"labels/v/snapshot": kept}]
    assert stages["convert"]["outs"] == [{"labels/v/dataset": kept}, {"out/ledger.json": kept}]


@pytest.mark.parametrize("name", ["dvc.yaml", "params.yaml"])
@pytest.mark.parametrize("text", ["- 1\n", "a: [\n", "just words\n"])
def test_files_that_cannot_be_merged(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(LsDvcError, match=name.replace(".", r"\.")):
        init(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [name]


# --- media

LABELS_ALONE = InitOptions("http://h", 1, media=False)


def stages_in(folder: Path) -> dict[str, Any]:
    stages: dict[str, Any] = yaml_files.load(folder / "dvc.yaml")["stages"]
    return stages


def without(folder: Path, line: str) -> None:
    path = folder / "params.yaml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(each for each in lines if line not in each))


def test_new_settings_ask_for_media_with_a_bound(tmp_path: Path) -> None:
    init(tmp_path, InitOptions("http://h", 1))
    fetched = params.read(tmp_path / "params.yaml").fetched_media
    assert fetched is not None
    assert (fetched.tasks, fetched.max_total) == ("labeled", "20 GB")
    stages = stages_in(tmp_path)
    assert list(stages) == ["export", "media", "convert", "check"]
    assert stages["media"]["deps"] == ["data/snapshot/media"]
    assert stages["media"]["outs"] == [{"data/media": {"persist": True}}]
    assert stages["media"]["params"] == ["label_studio.media"]
    assert stages["convert"]["deps"] == ["data/snapshot", "data/media"]


def test_without_media_nothing_speaks_of_them(tmp_path: Path) -> None:
    init(tmp_path, LABELS_ALONE)
    assert params.read(tmp_path / "params.yaml").fetched_media is None
    assert "media" not in (tmp_path / "dvc.yaml").read_text()
    assert init(tmp_path, InitOptions()) == 0, "a block that is there gets no media"


@pytest.mark.parametrize("off", ["  media: {tasks: none}\n", ""])
def test_the_stage_comes_and_goes_with_the_setting(tmp_path: Path, off: str) -> None:
    init(tmp_path, LABELS_ALONE)
    at_first = stages_in(tmp_path)
    with (tmp_path / "dvc.yaml").open("a") as out:
        out.write("  train:  # slow\n    cmd: python train.py\n")
    with (tmp_path / "params.yaml").open("a") as out:
        out.write("  media: {}\n")
    assert init(tmp_path) == 1
    assert list(stages_in(tmp_path)) == ["export", "media", "convert", "check", "train"]
    assert "data/media" in stages_in(tmp_path)["convert"]["deps"]
    assert init(tmp_path) == 0
    without(tmp_path, "media")
    with (tmp_path / "params.yaml").open("a") as out:
        out.write(off)
    assert init(tmp_path) == 1
    assert stages_in(tmp_path) == {**at_first, "train": {"cmd": "python train.py"}}
    assert "# slow" in (tmp_path / "dvc.yaml").read_text()


def test_a_stage_media_that_is_not_ours_stays(tmp_path: Path) -> None:
    theirs = "stages:\n  media:\n    cmd: python media.py\n"
    (tmp_path / "dvc.yaml").write_text(theirs)
    init(tmp_path, LABELS_ALONE)
    assert stages_in(tmp_path)["media"] == {"cmd": "python media.py"}


def test_a_stage_media_that_was_edited_goes_when_it_may(tmp_path: Path) -> None:
    init(tmp_path, InitOptions("http://h", 1))
    without(tmp_path, "  media:")
    text = (tmp_path / "dvc.yaml").read_text().replace("cmd: ls-dvc media", "{}\n    frozen: true")
    (tmp_path / "dvc.yaml").write_text(text.replace("{}", "cmd: ls-dvc media"))
    init(tmp_path)
    assert "media" in stages_in(tmp_path)
    init(tmp_path, confirm=always)
    assert "media" not in stages_in(tmp_path)


# --- from earlier versions

EARLIER = """\
stages:
  export:  # first
    desc: The labels that labels.lock pins, in canonical form
    cmd: ls-dvc export
    params:
    - label_studio.project_id
    - labels.lock:
      - fingerprint
    outs:
    - data/snapshot
  convert:
    desc: The same labels in the formats that training wants
    cmd: ls-dvc convert
    deps:
    - data/snapshot
    params:
    - label_studio.annotations
    - label_studio.formats
    outs:
    - data/dataset
    - reports/ledger.json
    metrics:
    - reports/labels.json:
        cache: false
    plots:
    - reports/classes.csv:
        cache: false
        x: regions
        y: label
        template: bar_horizontal
        title: Regions by label
"""


def test_stages_of_earlier_versions_are_brought_up_to_date_unasked(tmp_path: Path) -> None:
    init(tmp_path, LABELS_ALONE)
    now = stages_in(tmp_path)
    (tmp_path / "dvc.yaml").write_text(EARLIER)
    assert init(tmp_path) == 1
    assert stages_in(tmp_path) == now


# --- DVC's cache

LINKS = "reflink,hardlink,copy"


def cache_type(space: Workspace) -> str:
    return space.dvc("config", "cache.type", code=None).out.strip()


def test_links_are_proposed_and_set_only_when_asked_for(tmp_path: Path) -> None:
    space = repository(tmp_path)
    said = space.ls("init").err
    assert "what the Label Studio server itself serves comes with the labels" in said
    assert f"`dvc config cache.type {LINKS}`" in said
    assert cache_type(space) == ""
    assert LINKS not in space.ls("init", "--no-link-cache").err
    assert cache_type(space) == ""
    linked = space.ls("init", "--link-cache")
    assert "wrote  .dvc/config" in linked.out
    assert "commit .dvc/config as well" in linked.err
    assert cache_type(space) == LINKS
    assert LINKS not in space.ls("init").err


def test_no_links_are_proposed_where_there_are_no_media_or_others_are_set(tmp_path: Path) -> None:
    space = repository(tmp_path)
    assert "media" not in space.ls("init", "--no-media").told.replace("data/.gitignore", "")
    (space.path / "params.yaml").write_text("label_studio: {media: {}}\n")
    space.dvc("config", "cache.type", "symlink")
    assert LINKS not in space.ls("init").err
    assert cache_type(space) == "symlink"
