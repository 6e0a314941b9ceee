"""The examples: their stages are those of `init`, and they train on what ls-dvc writes."""

from __future__ import annotations

import json
import runpy
import shutil
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import datasets
import pytest
from PIL import Image, ImageDraw
from support.every_control import snapshot
from support.media_files import InMemory, at, media_file
from support.projects import SHAPES, Raw, box, boxed, choice
from support.reference import ROOT
from support.workspace import Workspace, repository

from ls_dvc.commands import init_settings
from ls_dvc.commands.init import init
from ls_dvc.convert.build import BuildOptions, build
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.io import yaml_files
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import Policy, Split
from ls_dvc.progress import Silent
from ls_dvc.server.admin import Admin

EXAMPLES = {"yolo": "YOLO", "coco": "COCO", "huggingface": "IMAGE_FOLDER"}
WIDTH, HEIGHT = 40, 30  # pixels
COLORS = {"Car": (200, 30, 30), "Dog": (30, 30, 200)}
SKIES = {"Sun": (150, 220, 250), "Rain": (90, 90, 90)}
# What the shares of the examples do with the tasks 1 to 12.
VAL = [2, 5, 6]
TURNED = 5  # by its camera, as its EXIF says
WRONG = 2  # someone called this one's dog a car, and its sunshine rain


def picture(number: int) -> bytes:
    """A car or a dog before a sky; no two are equal."""
    image = Image.new("RGB", (WIDTH, HEIGHT), SKIES[sky(number)])
    ImageDraw.Draw(image).rectangle((4, 6, 19, 23), fill=COLORS[kind(number)])
    image.putpixel((0, 0), (number, 0, 0))
    content, exif = BytesIO(), Image.Exif()
    if number == TURNED:
        image, exif[0x0112] = image.transpose(Image.Transpose.ROTATE_180), 3
    image.save(content, "PNG", exif=exif)
    return content.getvalue()


def kind(number: int) -> str:
    return "Dog" if number % 2 == 0 else "Car"


def sky(number: int) -> str:
    return "Rain" if number % 3 == 0 else "Sun"


def regions(number: int, label: str, answer: str) -> list[Any]:
    size = {"original_width": WIDTH, "original_height": HEIGHT}
    return [box(10, 20, 40, 60, label, id=f"b{number}", **size), choice(answer, id=f"c{number}")]


def raw(number: int) -> Raw:
    labels = ("Car", "Rain") if number == WRONG else (kind(number), sky(number))
    data = {"image": f"/data/upload/1/{number}.png"}
    return boxed(number, *regions(number, *labels), data=data)


def made(folder: Path, numbers: Sequence[int]) -> Path:
    """The three data sets of these tasks, in the splits of the examples."""
    contents = {f"/data/upload/1/{number}.png": picture(number) for number in numbers}
    files = {
        address: at(address, media_file(content, "image/png", (WIDTH, HEIGHT)))
        for address, content in contents.items()
    }
    classes = Classes().extended(label_config.parse(SHAPES, "the config").classes())
    held = snapshot(folder / "snapshot", SHAPES, classes, map(raw, numbers), files)
    shares = yaml_files.load(ROOT / "examples/yolo/params.yaml")["label_studio"]["split"]
    options = BuildOptions(
        tuple(EXAMPLES.values()),
        Policy(split=Split(tuple(shares.items()))),
        media=InMemory(*contents.values()),
    )
    (folder / "dataset").mkdir()
    build(folder / "dataset", held, options, Silent())
    return folder / "dataset"


@pytest.fixture(scope="module")
def datasets_of(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Of a project, and of one of which all is in one split: much of a small one, at the start."""
    tasks = {"both": range(1, 13), "train": [1, 3], "val": VAL}
    return {name: made(tmp_path_factory.mktemp(name), numbers) for name, numbers in tasks.items()}


@pytest.fixture
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A copy of an example, as the current folder."""
    shutil.copytree(ROOT / "examples" / request.param, tmp_path, dirs_exist_ok=True)
    (tmp_path / "data").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        patch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
        datasets.disable_progress_bars()
        yield tmp_path


def train(folder: Path, dataset: Path) -> Any:
    shutil.rmtree(folder / "data/dataset", ignore_errors=True)
    shutil.copytree(dataset, folder / "data/dataset")
    runpy.run_path(str(folder / "train.py"), run_name="__main__")
    return json.loads((folder / "metrics.json").read_bytes())


@pytest.mark.parametrize(
    ("example", "counted", "more"),
    [
        ("yolo", "boxes", {"classes": 4}),
        ("coco", "boxes", {"categories": 2}),
        ("huggingface", "images", {"answers": ["Rain", "Sun"]}),
    ],
    indirect=["example"],
)
def test_it_trains_on_the_pictures_and_the_labels(
    example: Path, counted: str, more: dict[str, Any], datasets_of: Mapping[str, Path]
) -> None:
    found = train(example, datasets_of["both"])
    assert found == {"accuracy": 0.6667, counted: {"train": 9, "val": len(VAL)}, **more}
    before = (example / "metrics.json").read_bytes()
    (example / "metrics.json").unlink()
    train(example, datasets_of["both"])
    assert (example / "metrics.json").read_bytes() == before


@pytest.mark.parametrize("example", EXAMPLES, indirect=True)
def test_a_split_may_be_empty(example: Path, datasets_of: Mapping[str, Path]) -> None:
    """As when very few images are labeled; with nothing to train on it says so."""
    assert train(example, datasets_of["train"])["accuracy"] is None
    with pytest.raises(SystemExit, match="to train on"):
        train(example, datasets_of["val"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_stages_and_settings_are_those_of_init(name: str, tmp_path: Path) -> None:
    folder = ROOT / "examples" / name
    init(tmp_path, init_settings.InitOptions(formats=(EXAMPLES[name],)), lambda asked: False)
    fresh = (tmp_path / "params.yaml").read_text().splitlines()
    block = (folder / "params.yaml").read_text().partition("\ntrain:\n")[0].splitlines()
    (other,) = (line for line in block if line not in fresh)
    assert other.startswith("  split: {train: 0.75, val: 0.25}")
    (tmp_path / "dvc.yaml").unlink()
    shutil.copy(folder / "params.yaml", tmp_path)
    init(tmp_path, init_settings.InitOptions(), lambda asked: False)
    ours, own = (folder / "dvc.yaml").read_text().split("  train:\n")
    assert ours == (tmp_path / "dvc.yaml").read_text(), "write it again by `ls-dvc init`"
    assert f"- data/dataset/{EXAMPLES[name]}\n" in own
    before = {each: (folder / each).read_text() for each in ("dvc.yaml", "params.yaml")}
    shutil.copytree(folder, tmp_path / "copy")
    init(tmp_path / "copy", init_settings.InitOptions(), lambda asked: False)
    assert {each: (tmp_path / "copy" / each).read_text() for each in before} == before


def test_the_demo_trains_as_the_example_does() -> None:
    example = ROOT / "examples/yolo/train.py"
    assert (ROOT / "ls_dvc/demo/train.py").read_text() == example.read_text()


def test_a_version_is_trained_on_again(studio: LocalServer, admin: Admin, tmp_path: Path) -> None:
    """New labels give other numbers, and the old commit the old ones, byte for byte.

    DVC remembers what a stage made: only with `--force` it runs again.
    """
    project = admin.create_project("Example", SHAPES)
    addresses = admin.upload(project, {f"{n}.png": picture(n) for n in range(1, 9)})
    tasks = [
        {"data": {"image": address, "part": "d" if n < 6 else "a"}}
        for n, address in enumerate(addresses.values(), 1)
    ]
    ids = admin.import_tasks(project, tasks)
    made = [
        admin.create_annotation(task, regions(n, kind(n), sky(n))) for n, task in enumerate(ids, 1)
    ]
    space = repository(tmp_path, LABEL_STUDIO_API_KEY=studio.api_key)
    shutil.copytree(ROOT / "examples/yolo", tmp_path, dirs_exist_ok=True)
    space.edit("params.yaml", "http://localhost:8080", studio.url)
    space.edit("params.yaml", "project_id: null", f"project_id: {project}")
    space.edit("params.yaml", "0.75, val: 0.25}", "0.5, val: 0.5, by: part}")
    space.ls("init")
    space.dvc("repro")
    first, old = space.commit("first"), metrics(space)
    assert json.loads(old)["accuracy"] == 1.0
    assert json.loads(old)["boxes"] == {"train": 5, "val": 3}

    admin.update_annotation(made[7], regions(8, "Car", "Rain"))
    space.ls("refresh")
    assert metrics(space) == old, "refresh has trained"
    space.dvc("repro")
    assert json.loads(metrics(space))["accuracy"] == 0.6667
    space.commit("second")

    space.git("checkout", "-q", first)
    space.dvc("repro", LABEL_STUDIO_URL="http://127.0.0.1:9")
    (tmp_path / "metrics.json").unlink()
    assert "python train.py" in space.dvc("repro", "--force", "--single-item", "train").out
    assert metrics(space) == old


def metrics(space: Workspace) -> bytes:
    return (space.path / "metrics.json").read_bytes()
