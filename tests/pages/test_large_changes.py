"""Pages of large changes: ten thousand changed tasks in a browser, and fifty thousand compared."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.browser_page import opened
from support.fake_server import FakeServer
from support.offline import data_set, pin
from support.projects import box
from support.workspace import BIN

from ls_dvc import labeldiff
from ls_dvc.history.open_snapshot import EMPTY
from ls_dvc.labels import canonical, label_config
from ls_dvc.pages.change_page import ChangePage, render
from ls_dvc.pages.task_scenes import ScenePlan, task_scene

CONFIG = (
    '<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">'
    '<Label value="Car"/><Label value="Dog"/></RectangleLabels></View>'
)
PLAN = ScenePlan(label_config.parse(CONFIG, "test"), lambda _: "train")
MB = 1_000_000
LAUNCHER = Path(__file__).parents[2] / "bench" / "launcher.py"


def raw(number: int, shift: float = 0) -> dict[str, Any]:
    boxes = [
        box(5 * n + shift * (n < 5), (number * (n + 1)) % 80, 12, 9, "Car" if n % 2 else "Dog")
        for n in range(10)
    ]
    result = [{**each, "id": f"r{n}"} for n, each in enumerate(boxes)]
    done = {"id": number, "completed_by": number % 9, "was_cancelled": False, "result": result}
    return {"data": {"image": f"s3://b/frame-{number:06}.jpg"}, "annotations": [done]}


def large_page(tasks: int) -> bytes:
    """The page of a change of five boxes of ten in each task."""
    old, new = (
        json.loads(json.dumps(canonical.task({"id": 1, **raw(1, shift)}))) for shift in (0, 2)
    )
    change = labeldiff.task_changes(old, new)
    assert change is not None
    one = task_scene(change, old, new, {}, PLAN)
    scenes = [
        one._replace(task=number, title=f"frame-{number:06}.jpg") for number in range(1, tasks + 1)
    ]
    diff = replace(labeldiff.compare(EMPTY, EMPTY), tasks=(change,))
    return render(ChangePage(diff, ("a", "b"), scenes), 25 * MB, lambda *_: {}).content


def test_a_thousand_changed_tasks_are_a_small_page(browser: Any, tmp_path: Path) -> None:
    """Where one stands is drawn, and no more; a task far away is found, and drawn when shown."""
    path = tmp_path / "large.html"
    path.write_bytes(large_page(1000))
    assert path.stat().st_size < 2 * MB
    with opened(browser, path) as found:
        assert found.page.locator("article").count() == 1000
        assert 1 <= found.page.locator("article[data-drawn]").count() < 20
        assert found.page.evaluate("document.getElementsByTagName('*').length") < 12_000
        found.page.evaluate("location.hash = '#t900'")
        found.page.wait_for_selector("#t900[data-drawn] path.shape")
        assert found.page.locator("article[data-drawn]").count() < 40
        found.page.fill("#search", "frame-000777")
        found.page.wait_for_selector("#t777[data-drawn] path.shape")
        assert found.problems == []


@pytest.mark.soak
def test_ten_thousand_changed_tasks_open_and_scroll(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_bytes(large_page(10_000))
    start = time.monotonic()
    with opened(browser, path) as found:
        found.page.wait_for_selector("article[data-drawn] path.shape")
        assert time.monotonic() - start < 3
        frames = found.page.evaluate(
            """() => new Promise((done) => {
              const times = []; let last = performance.now(); const end = last + 3000;
              const step = (now) => {
                times.push(now - last); last = now; scrollBy(0, 100);
                if (now < end) requestAnimationFrame(step); else done(times.sort((a, b) => a - b));
              };
              requestAnimationFrame(step);
            })"""
        )
        assert frames[len(frames) // 2] < 40


@pytest.mark.soak
def test_500_changes_in_50_000_tasks(tmp_path: Path) -> None:
    """In five seconds, of CPU so that others on the machine do not count, and 300 MB."""
    space, server = data_set(tmp_path), FakeServer(label_config=CONFIG)
    server.put(*range(1, 50_001))
    for number in server.tasks:
        server.tasks[number] |= raw(number)
    pin(space, server)
    space.dvc("repro", "-q")
    space.commit("First labels")
    changed = range(1, 50_001, 100)
    server.put(*changed)
    for number in changed:
        server.tasks[number] |= raw(number, 2)
    pin(space, server, now="2026-02-01T00:00:00Z")
    space.dvc("repro", "-q")
    command = (str(BIN / "ls-dvc"), "diff", "--html", "change.html")
    space.run(sys.executable, str(LAUNCHER), "note", *command)
    _, _, size, seconds = map(float, space.read("note").split())
    assert space.read("change.html").count("<article ") == 500
    assert (seconds < 5, size < 300 * MB) == (True, True), (seconds, size)
