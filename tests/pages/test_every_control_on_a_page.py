"""Every control of Label Studio on the page of a change: drawn, or said in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from support.browser_page import Opened, opened

from ls_dvc import labeldiff
from ls_dvc.formats import sample_regions
from ls_dvc.formats.sample_regions import SampleRegion
from ls_dvc.history.open_snapshot import EMPTY
from ls_dvc.labeldiff.task_changes import TaskChange
from ls_dvc.labels import canonical, label_config
from ls_dvc.pages.change_page import ChangePage, render
from ls_dvc.pages.scenes import TaskScene
from ls_dvc.pages.task_scenes import ScenePlan, task_scene

SAMPLES = list(sample_regions.every_control())
DRAWN = {
    "Image": "path.shape",
    "Text": "mark",
    "HyperText": "mark",
    "Paragraphs": "mark",
    "Audio": ".segment",
    "TimeSeries": ".segment",
    "Video": ".segment",
}
ANSWERS = {
    "Choices": "Person",
    "Taxonomy": "Person",
    "TextArea": "Hello",
    "Rating": "4",
    "Number": "7",
    "DateTime": "2026-03-01",
    "Ranker": "a, b",
    "Pairwise": "left",
}
WORDS = {
    "BitmaskLabels": "Person mask",
    "Bitmask": "mask",
}  # what is not drawn


def changes(number: int, sample: SampleRegion) -> Iterator[tuple[TaskChange, TaskScene]]:
    """The task with the region of the control that came; then one with that which went."""
    config = label_config.parse(sample.config, "the sample")
    if sample.control == sample_regions.RELATION:
        regions = sample_regions.relation(config)
    else:
        regions = sample_regions.regions(config.controls[sample.control], config)
    whole, empty = (
        json.loads(json.dumps(canonical.task(sample_regions.task(each, config))))
        for each in (_apart(regions), [])
    )
    for task, versions in ((number, (empty, whole)), (number + 1, (whole, empty))):
        old, new = ({**each, "id": task} for each in versions)
        change = labeldiff.task_changes(old, new)
        assert change is not None
        plan = ScenePlan(config, lambda _: "")
        yield change, task_scene(change, old, new, sample_regions.MEDIA, plan)


def _apart(regions: list[Any]) -> list[Any]:
    """The two ends of a relation are not in one place."""
    moved = json.loads(json.dumps(regions))
    for region in moved:
        if region.get("id") == "two" and "x" in region["value"]:
            region["value"]["x"] += 20
    return moved


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    made = [each for n, sample in enumerate(SAMPLES) for each in changes(2 * n + 1, sample)]
    tasks, scenes = zip(*made, strict=True)
    diff = replace(labeldiff.compare(EMPTY, EMPTY), tasks=tasks)
    path: Path = tmp_path_factory.mktemp("controls") / "page.html"
    path.write_bytes(render(ChangePage(diff, ("a", "b"), scenes), 10**8, lambda *_: {}).content)
    with opened(browser, path) as found:
        found.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        yield found


@pytest.mark.parametrize(
    ("number", "sample"), list(enumerate(SAMPLES)), ids=[each.control for each in SAMPLES]
)
def test_it_is_drawn_or_said(page: Opened, number: int, sample: SampleRegion) -> None:
    shown = next(iter(label_config.parse(sample.config, "the sample").objects.values())).tag
    came, went = (page.page.locator(f"#t{2 * number + side}") for side in (1, 2))
    if sample.control in ANSWERS:
        answer = ANSWERS[sample.control]
        assert answer in came.locator("ins").inner_text()
        assert answer in went.locator("del").inner_text()
    elif sample.control in WORDS:
        words = WORDS[sample.control]
        assert words in came.inner_text()
        assert words.replace("added", "removed") in went.inner_text()
    elif sample.control == sample_regions.RELATION:
        assert "relation added: " in came.locator(".lines").inner_text()
        assert "relation removed: " in went.locator(".lines").inner_text()
        assert came.locator("path.relation").count() == (1 if shown == "Image" else 0)
    else:
        assert came.locator(f"{DRAWN[shown]}.s-after").count() > 0
        assert went.locator(f"{DRAWN[shown]}.s-before").count() > 0
        label = sample_regions._LABELS.get(sample.control, "Person")
        assert label in came.locator(".lines").inner_text()


def test_nobody_complains(page: Opened) -> None:
    assert page.problems == []
    assert len(page.requests) == 1
    serious = [
        (each["id"], each["nodes"][0]["html"])
        for each in Axe().run(page.page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert not serious
