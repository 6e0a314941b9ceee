"""The page of a version: its counts, and the file."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from support import changed_labels
from support.browser_page import SIZES, opened
from support.media_pins import ServedFiles, upload_of, with_media
from support.offline import pin
from support.projects import annotation, box, choice, task
from support.workspace import Workspace

from ls_dvc.labels import canonical, label_config
from ls_dvc.labels.policy import LATEST, Policy, Split
from ls_dvc.pages.agreement import AgreementCounts, kappa, mean_overlap
from ls_dvc.pages.document import json_in_script, shown
from ls_dvc.pages.grid import Grid
from ls_dvc.pages.region_pairs import region_pairs
from ls_dvc.pages.survey import survey

CONFIG = label_config.parse(changed_labels.CONFIG, "test")


# --- counts


def test_a_grid_counts_what_is_on_the_image() -> None:
    grid = Grid()
    for point in ((0, 0), (1, 1), (1.2, 0.5), (0.999, 0.999)):
        grid.add(*point)
    assert grid.cells() == [(0, 0, 5), (23, 23, 9)]


def test_kappa_by_hand() -> None:
    """Both say A in half of the cases; they agree in 3 of 4: (0.75 - 0.5) / (1 - 0.5)."""
    assert kappa(Counter([("A", "A"), ("A", "A"), ("B", "B"), ("B", "A")])) == pytest.approx(0.5)
    assert kappa(Counter({("A", "A"): 3})) == 1.0
    assert kappa(Counter([("A", "B"), ("B", "A")])) == pytest.approx(-1)


def test_agreement_of_boxes_and_choices() -> None:
    counts = AgreementCounts()
    one = annotation(box(10, 10, 20, 20), choice("Sun"), completed_by=7)
    other = annotation(
        box(20, 10, 20, 20), box(60, 60, 9, 9, id="r2"), choice("Rain"), completed_by=9
    )
    skipped = annotation(box(1, 1, 2, 2), completed_by=8, was_cancelled=True)
    counts.add(canonical.task(task(1, one, other, skipped)))
    counts.add(canonical.task(task(2, one)))
    found = {(each.control, each.measure): (each.tasks, each.value) for each in counts.agreements()}
    assert found == {
        ("box", "IoU"): (1, pytest.approx((1 / 3) / 2, abs=1e-3)),
        ("weather", "kappa"): (1, 0.0),
    }
    assert {each.task for each in counts.worst} == {1}


def test_boxes_are_matched_from_the_best_pair_on() -> None:
    dice = random.Random(3)
    counts = AgreementCounts()
    boxes = [box(10 * n, 5, 8, 8, id=f"r{n}") for n in range(8)]
    shuffled = dice.sample(boxes, len(boxes))
    counts.add(
        canonical.task(
            task(1, annotation(*boxes, completed_by=1), annotation(*shuffled, completed_by=2))
        )
    )
    assert [each.value for each in counts.agreements()] == [1.0]
    assert mean_overlap([], []) == 1.0


def test_a_survey_counts_by_split_and_annotator() -> None:
    raw = [{"id": number, **each} for number, each in changed_labels.after().items()]
    tasks = [canonical.task(each) for each in raw]
    split = Split((("train", 0.5), ("val", 0.5)))
    found = survey(tasks, CONFIG, Policy(split=split))
    assert (found.tasks, found.states["labeled"], found.splits.total()) == (9, 9, 9)
    whole = survey(tasks, CONFIG, LATEST)
    assert found.labels["object", "Car"].total() == whole.labels["object", "Car"].total() == 10
    assert set(found.labels["object", "Car"]) <= {"train", "val"}
    assert found.annotators["9"].annotations == 2
    assert found.measures.text_lengths.total == 2
    assert found.measures.durations.total == 3


def test_pairs_of_what_is_no_region() -> None:
    """Tools store anything in a result; a page goes on."""
    old = {"id": 1, "annotations": [{"id": 1, "result": [None, "x", {"value": 3}]}]}
    new = {"id": 1, "annotations": [{"id": 1, "result": [["y"], {"value": {"x": "a"}}]}]}
    kinds = [pair.kinds for pair in region_pairs(old, new)]
    assert len(kinds) == 3


# --- documents


def test_no_text_turns_the_page_around() -> None:
    assert shown("a\u202eb\x1b]52;c\u2066") == "a\\u202eb\\x1b]52;c\\u2066"
    assert shown({"k\x00": ["\u2029", 7, None]}) == {"k\\x00": ["\\u2029", 7, None]}
    assert shown("שלום é 😀\tx\n") == "שלום é 😀\tx\n"
    assert "<" not in json_in_script({"</script>": "<!--"})


@pytest.fixture(scope="module")
def page(two_versions: Workspace) -> Path:
    two_versions.ls("report", "--html", "report.html")
    two_versions.ls("report", "--html", "again.html")
    assert two_versions.read("report.html") == two_versions.read("again.html")
    return two_versions.path / "report.html"


def test_a_version_of_a_commit(two_versions: Workspace) -> None:
    two_versions.ls("report", "HEAD", "--html", "head.html", "--max-size", "0")
    html = two_versions.read("head.html")
    assert 'Labels <span class="rev">HEAD</span>' in html
    assert "Wheel" in html
    assert "data:image/jpeg" not in html


@pytest.mark.parametrize("ledger", ["{", "[]", '{"CSV": [{}]}', '{"CSV": [3]}', "[" * 9000, None])
def test_a_ledger_that_cannot_be_read_is_told(two_versions: Workspace, ledger: str | None) -> None:
    path = two_versions.path / "reports/ledger.json"
    whole = path.read_bytes()
    try:
        path.unlink()
        if ledger is not None:
            path.write_text(ledger)
        ran = two_versions.ls("report", "--html", "told.html", "--max-size", "0")
    finally:
        path.unlink(missing_ok=True)
        path.write_bytes(whole)
    assert ("does not say what formats left out" in ran.err) == (ledger != "[]")


def test_a_version_without_a_label(tmp_path: Path) -> None:
    space = with_media(tmp_path / "repo")
    server = ServedFiles()
    server.put(1)
    server.tasks[1] |= {"data": {"image": upload_of(1)}, "annotations": []}
    pin(space, server, full=True)
    space.ls("export")
    space.ls("report", "--html", "report.html")
    assert "<b>0</b> classes in use" in space.read("report.html")


def test_it_names_what_formats_left_out(page: Path) -> None:
    html = page.read_text()
    assert "other-annotation" in html
    assert html.count("data:image/jpeg") > 10
    assert html.count(">a leak<") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_everywhere_without_a_complaint(
    browser: Any, page: Path, size: tuple[int, int], scheme: str
) -> None:
    with opened(browser, page, size, scheme) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert (found.problems, found.requests) == ([], [page.as_uri()])
        assert found.page.evaluate("window.hacked") is None
        serious = [
            (each["id"], each["nodes"][0]["html"])
            for each in Axe().run(found.page).response["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert not serious
