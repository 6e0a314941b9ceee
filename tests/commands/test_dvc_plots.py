"""Plots and metrics of real DVC say the same as the page of a version."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support.fake_server import FakeServer
from support.offline import data_set, pin
from support.projects import annotation, box, choice
from support.workspace import Workspace

from ls_dvc.convert import plot_files
from ls_dvc.convert.label_counts import LabelCounts
from ls_dvc.labels import label_config as configs
from ls_dvc.labels.histogram import Bin
from ls_dvc.pages.survey import Survey, survey
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.workspace import open_workspace

LATER = "2026-02-01T00:00:00Z"
OWN_PROCESS = {"LC_ALL": "C.UTF-8"}  # `dvc plots` needs streams that are files of the system
Rows = list[dict[str, str]]


def labels_of(number: int) -> list[str]:
    return [f"class {each:03}" for each in range(number)]


def label_config(number: int) -> str:
    """Two controls that have a label in common, and a text."""
    labels = "".join(f'<Label value="{each}"/>' for each in labels_of(number))
    choices = '<Choice value="class 000"/><Choice value="Rain"/>'
    return (
        '<View><Image name="image" value="$image"/><Text name="text" value="$text"/>'
        f'<RectangleLabels name="box" toName="image">{labels}</RectangleLabels>'
        f'<Choices name="weather" toName="image">{choices}</Choices></View>'
    )


def filled(server: FakeServer, classes: int, chance: random.Random) -> None:
    server.label_config = label_config(classes)
    server.put(*range(1, 81))
    for number, task in server.tasks.items():
        task["data"] = {"image": f"http://h/{number}.jpg", "text": "x" * chance.randrange(300)}
        sides = [(chance.uniform(0.01, 60), chance.uniform(1, 40)) for _ in range(number % 5)]
        boxes = [
            box(
                1,
                1,
                *each,
                chance.choice([*labels_of(classes), *["class 000"] * (classes // 9)]),
                id=f"r{n}",
            )
            for n, each in enumerate(sides)
        ]
        answers = [choice(chance.choice(["class 000", "Rain"]))] if number % 3 else []
        made = annotation(*boxes, *answers, id=number)
        task["annotations"] = [{**made, "was_cancelled": number == 7}] if number % 8 else []


def counted(space: Workspace) -> Survey:
    """What the page of a version says."""
    workspace = open_workspace(space.path)
    folder = snapshot_folder.read(workspace.snapshot)
    config = configs.parse(folder.config(), "test")
    return survey(folder.tasks(), config, workspace.params.policy)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Survey, Survey]:
    """A version with three classes of boxes in its commit, and one with 300 in the workspace."""
    space = data_set(tmp_path_factory.mktemp("plots"), ".", "COCO")
    space.edit("params.yaml", "split:", "split: {by: id, train: 0.7, val: 0.3} #")
    server, chance = FakeServer(), random.Random(5)
    space.ls("init")
    for classes, now in ((3, "2026-01-01T00:00:00Z"), (300, LATER)):
        filled(server, classes, chance)
        pin(space, server, now)
        space.dvc("repro")
        if classes == 3:
            few = counted(space)
            space.commit("three classes")
    return space, few, counted(space)


def values(shown: Mapping[str, Any], name: str) -> dict[str, Rows]:
    """What DVC draws of a table, by revision."""
    rows = dict[str, Rows]()
    for plot in shown["data"][f"reports/{name}"]:
        for row in plot["content"]["data"]["values"]:
            rows.setdefault(row["rev"], []).append(row)
    return rows


def sizes(rows: Rows, name: str, size: str) -> list[tuple[str, int]]:
    return [(" ".join(row[name].split()), int(row[size])) for row in rows]


def named(prefix: str, bins: list[Bin]) -> list[tuple[str, int]]:
    return [(f"{prefix}{each.name}", each.size) for each in bins]


def test_plots_are_those_of_the_page(versions: tuple[Workspace, Survey, Survey]) -> None:
    space, few, many = versions
    shown = json.loads(space.dvc("plots", "diff", "HEAD", "--json", **OWN_PROCESS).out)
    assert not shown.get("errors")
    names = ("classes.csv", "agreement.csv", *plot_files.PLOTS)
    assert set(shown["data"]) == {f"reports/{name}" for name in names}
    for rev, page in (("HEAD", few), ("workspace", many)):
        rows = {name: values(shown, name)[rev] for name in plot_files.PLOTS}
        totals = {" / ".join(pair): each.total() for pair, each in page.labels.items()}
        frequent = dict(sizes(rows["frequent_classes.csv"], "class", "regions"))
        assert frequent.items() <= totals.items()
        assert frequent["box / class 000"] != frequent["weather / class 000"]
        assert sorted(frequent.values()) == sorted(totals.values())[-len(frequent) :]
        assert len(frequent) == min(len(totals), plot_files.FREQUENT)
        ranks = rows["class_ranks.csv"]
        assert dict(sizes(ranks[1:], "class", "regions")) == totals
        assert (ranks[0]["share"], ranks[-1]["share"]) == ("0.0", "100.0")
        in_splits = {row["class"]: int(row["regions"]) for row in rows["classes_by_split.csv"]}
        assert in_splits["weather / Rain: val"] == page.labels["weather", "Rain"]["val"]
        states, measures = dict(sizes(rows["tasks.csv"], "group", "tasks")), page.measures
        assert states["split: train"] == page.splits["train"]
        assert states["state: labeled"] == page.states["labeled"]
        per_task = sizes(rows["regions_per_task.csv"], "regions", "tasks")
        assert per_task == named("", measures.per_task.bins())
        assert sizes(rows["sizes.csv"], "size", "count") == [
            *named("aspect ", measures.aspects.bins()),
            *named("box ", measures.box_sizes.bins()),
            *named("text ", measures.text_lengths.bins()),
        ]


def test_no_two_bars_have_one_name(versions: tuple[Workspace, Survey, Survey]) -> None:
    """DVC adds up bars of one name, and sorts the others by it."""
    shown = json.loads(versions[0].dvc("plots", "show", "--json", **OWN_PROCESS).out)
    for name, plot in plot_files.PLOTS.items():
        if plot.template.startswith("bar"):
            names = [row[plot.y] for row in values(shown, name)["workspace"]]
            assert len(set(names)) == len(names) <= 40, name
    for name in ("regions_per_task.csv", "sizes.csv"):
        names = [row[plot_files.PLOTS[name].y] for row in values(shown, name)["workspace"]]
        assert names == sorted(names)


def test_metrics_are_those_of_the_page(versions: tuple[Workspace, Survey, Survey]) -> None:
    space, few, many = versions
    changed = json.loads(space.dvc("metrics", "diff", "--json", **OWN_PROCESS).out)[
        "reports/labels.json"
    ]
    both = changed["labels.box.class 000"]
    totals = (few.labels["box", "class 000"].total(), many.labels["box", "class 000"].total())
    assert (both["old"], both["new"]) == totals
    report = json.loads(space.read("reports/labels.json"))
    labeled = {pair: each.total() for pair, each in many.labels.items() if each}
    assert labeled == {
        (control, label): size
        for control, labels in report["labels"].items()
        for label, size in labels.items()
    }


def test_verify_notices_a_table_of_another_data_set(
    versions: tuple[Workspace, Survey, Survey],
) -> None:
    space = versions[0]
    space.ls("verify")
    table = space.path / "reports/sizes.csv"
    content = table.read_bytes()
    table.write_bytes(content + b"box,1\n")
    told = space.ls("verify", code=1).out
    table.write_bytes(content)
    assert "sizes.csv is not the one that dvc.lock names" in told


def test_a_table_that_is_not_ours_stays(versions: tuple[Workspace, Survey, Survey]) -> None:
    space = versions[0]
    table = space.path / "reports/tasks.csv"
    content = table.read_bytes()
    table.write_text("name,done\nAnna,3\n")
    told = space.ls("convert", code=1).err
    table.write_bytes(content)
    assert "tasks.csv is no report of ls-dvc" in told
    assert plot_files.is_own("tasks.csv", b"<<<<<<< HEAD\n" + content)


def test_dvc_yaml_of_earlier_versions_gets_no_new_files_until_init(tmp_path: Path) -> None:
    space, server = data_set(tmp_path), FakeServer()
    text = space.read("dvc.yaml")
    first = text.index("    - reports/frequent_classes.csv")
    (space.path / "dvc.yaml").write_text(text[:first])
    space.edit("dvc.yaml", "x: tasks\n        y: regions", "x: regions\n        y: label")
    space.edit("dvc.yaml", "template: scatter", "template: bar_horizontal")
    space.edit("dvc.yaml", "Classes by their tasks and regions", "Regions by label")
    filled(server, 3, random.Random(1))
    pin(space, server)
    space.dvc("repro")
    names = {path.name for path in (space.path / "reports").iterdir()}
    assert names == {".gitignore", "labels.json", "classes.csv", "ledger.json"}
    space.ls("init")
    assert space.read("dvc.yaml") == text
    space.dvc("repro")
    assert (space.path / "reports/sizes.csv").is_file()
    space.ls("verify")


def test_tables_of_nothing_have_a_row_that_dvc_can_draw() -> None:
    for content in plot_files.all_of(LabelCounts(), ()).values():
        assert len(content.splitlines()) > 1
