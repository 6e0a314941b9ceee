"""The page of a change as a reviewer uses it: in Chromium, by mouse and keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from support.browser_page import SIZES, opened
from support.workspace import Workspace


@pytest.fixture(scope="module")
def page(two_versions: Workspace) -> Path:
    two_versions.ls("diff", "--html", "reviewed.html")
    return two_versions.path / "reviewed.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_everywhere_without_a_complaint(
    browser: Any, page: Path, size: tuple[int, int], scheme: str
) -> None:
    with opened(browser, page, size, scheme) as found:
        found.page.wait_for_selector("article path.shape")
        assert found.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert (found.problems, found.requests) == ([], [page.as_uri()])
        serious = [
            (each["id"], each["nodes"][0]["html"])
            for each in Axe().run(found.page).response["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert not serious


def test_filters_and_search(browser: Any, page: Path) -> None:
    with opened(browser, page) as found:
        shown = found.page.locator("article:visible")
        assert shown.count() == 10
        found.page.check("[value=moved]")
        assert [each.get_attribute("id") for each in shown.all()] == ["t1"]
        found.page.click("[type=reset]")
        found.page.fill("#search", "CALL.wav")
        expect(found.page.locator("#shown")).to_have_text("1 of 10 tasks")
        assert [each.get_attribute("id") for each in shown.all()] == ["t30"]
        found.page.fill("#search", "")
        found.page.click("[data-before=Car][data-after=Bicycle]")
        assert [each.get_attribute("id") for each in shown.all()] == ["t2"]
        found.page.click("[type=reset]")
        found.page.select_option("[name=annotator]", "9")
        expect(found.page.locator("#shown")).to_have_text("2 of 10 tasks")
        found.page.select_option("#order", "id")
        assert [each.get_attribute("id") for each in shown.all()] == ["t5", "t7"]


def test_the_keyboard(browser: Any, page: Path) -> None:
    with opened(browser, page) as found:
        press = found.page.keyboard.press
        first, second = (
            each.get_attribute("id") for each in found.page.locator("article").all()[:2]
        )
        press("j")
        assert found.page.locator("article.current").get_attribute("id") == first
        press("ArrowRight")
        press("k")
        press("j")
        assert found.page.locator("article.current").get_attribute("id") == second
        views = []
        for _ in range(4):
            press("v")
            views.append(found.page.evaluate("document.body.className"))
        assert views == ["view-before", "view-after", "view-both", "view-overlay"]
        press("Enter")
        assert found.page.locator("#large").is_visible()
        press("+")
        box = found.page.locator("#stage svg").get_attribute("viewBox").split()
        assert float(box[2]) < 640
        press("0")
        assert found.page.locator("#stage svg").get_attribute("viewBox") == "0 0 640 400"
        press("Escape")
        assert not found.page.locator("#large").is_visible()
        press("/")
        assert found.page.evaluate("document.activeElement.id") == "search"


def test_before_and_after_are_drawn_apart(browser: Any, page: Path) -> None:
    """Of the moved car: dashed before, solid after, each alone where one is asked for."""
    with opened(browser, Path(f"{page}"), SIZES[1]) as found:
        found.page.evaluate("document.getElementById('t1').scrollIntoView()")
        found.page.wait_for_selector("#t1 path.s-before", state="attached")
        visible = {
            view: tuple(
                found.page.locator(f"#t1 .one path.s-{side}").first.is_visible()
                for side in ("before", "after", "both")
            )
            for view in ("overlay", "before", "after")
            if found.page.click(f"[data-view={view}]") is None
        }
        assert visible == {
            "overlay": (True, True, True),
            "before": (True, False, True),
            "after": (False, True, True),
        }
        found.page.click("[data-view=overlay]")
        line = found.page.locator("#t1 .lines li").first
        line.hover()
        assert found.page.locator("#t1 .one path.lit").count() == 2


def test_a_script_in_labels_never_runs(browser: Any, page: Path) -> None:
    with opened(browser, page) as found:
        found.page.evaluate("document.getElementById('t40').scrollIntoView()")
        found.page.locator("#t40 .lines li").first.hover()
        assert found.page.evaluate("window.hacked") is None
        assert found.problems == []
        assert found.page.locator("#t40").get_by_text("window.hacked=1").count() > 0
