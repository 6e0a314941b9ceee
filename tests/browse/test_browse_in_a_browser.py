"""`ls-dvc browse` as people use it: search, scroll, open, zoom, by mouse and keyboard."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from support.browsed import browsed
from support.browser_page import SIZES, opened
from support.workspace import Workspace

# How far to the right anything reaches that can be seen: what is fixed makes no page wider.
WIDEST = (
    "Math.max(...['.body', '#view .top', '#shows', '#about'].map("
    "name => document.querySelector(name).getBoundingClientRect().right))"
)
LOADED = "#tiles a.tile .shape"


def serious(page: Any) -> list[tuple[str, str]]:
    """What a checker of accessibility finds."""
    return [
        (each["id"], each["nodes"][0]["html"])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_opens_everywhere_without_a_complaint(
    browser: Any, address: str, size: tuple[int, int], scheme: str
) -> None:
    with opened(browser, address, size, scheme) as found:
        found.page.wait_for_selector(LOADED, state="attached")
        assert serious(found.page) == []
        found.page.evaluate("location.hash = 't5'")
        found.page.wait_for_selector(".stage .shape", state="attached")
        assert serious(found.page) == []
        assert found.page.evaluate(WIDEST) <= size[0]
        found.page.evaluate("location.hash = 't40'")  # whose name and words are long
        found.page.wait_for_selector("#shows .card")
        assert found.page.evaluate(WIDEST) <= size[0]
        assert found.problems == []
        assert [each for each in found.requests if not each.startswith(address)] == []


def test_search_and_filters(browser: Any, address: str) -> None:
    with opened(browser, address) as found:
        shown = found.page.locator("#shown")
        expect(shown).to_have_text("511 tasks")
        found.page.fill("#search", "STREET-04")
        expect(shown).to_have_text("1 of 511 tasks")
        expect(found.page.locator("#tiles a.tile")).to_have_attribute("href", "#t4")
        found.page.fill("#search", "")
        found.page.click("[data-label=Wheel]")
        expect(shown).to_have_text("1 of 511 tasks")
        assert "label=Wheel" in found.page.url
        found.page.click("[type=reset]")
        expect(shown).to_have_text("511 tasks")
        found.page.select_option("[name=reason]", "other-annotation · COCO")
        expect(shown).to_have_text("1 of 511 tasks")
        found.page.fill("#search", "nowhere")
        expect(found.page.locator("#none")).to_be_visible()


def test_a_search_has_an_address(browser: Any, address: str) -> None:
    with opened(browser, f"{address}?q=user+9&label=Car#t7") as found:
        expect(found.page.locator("#view-title")).to_contain_text("street-07.png")
        expect(found.page.locator("#position")).to_have_text("2 of 2")
        found.page.click("#back")
        expect(found.page.locator("#shown")).to_have_text("2 of 511 tasks")
        assert found.page.input_value("#search") == "user 9"


def test_tasks_load_as_one_scrolls(browser: Any, address: str) -> None:
    with opened(browser, address) as found:
        found.page.wait_for_selector(LOADED, state="attached")
        asked = [each for each in found.requests if "/tiles" in each]
        assert len(asked) < 5
        found.page.evaluate("document.querySelector('#tasks').scrollTop = 1e9")
        found.page.wait_for_selector("#tiles a[href='#t5000']")
        assert found.page.locator("#tiles li").count() < 80
        found.page.click("[data-size=small]")
        found.page.wait_for_selector("#tiles a[href='#t1']")


def test_the_keyboard(browser: Any, address: str) -> None:
    with opened(browser, address) as found:
        found.page.wait_for_selector(LOADED, state="attached")
        press, tile = found.page.keyboard.press, "#tiles a[href='#t{}']"
        press("/")
        assert found.page.evaluate("document.activeElement.id") == "search"
        press("ArrowDown")
        expect(found.page.locator(tile.format(1))).to_be_focused()
        press("ArrowRight")
        expect(found.page.locator(tile.format(2))).to_be_focused()
        press("Enter")
        title = found.page.locator("#view-title")
        expect(title).to_contain_text("street-02.png")
        press("j")
        expect(title).to_contain_text("street-03.png")
        drawing = found.page.locator(".stage svg")
        press("+")
        assert float(drawing.get_attribute("viewBox").split()[2]) < 640
        press("0")
        expect(drawing).to_have_attribute("viewBox", "0 0 640 400")
        press("l")
        expect(found.page.locator(".stage .shape").first).to_be_hidden()
        press("l")
        press("k")
        expect(title).to_contain_text("street-02.png")
        press("Escape")
        expect(found.page.locator("#view")).to_be_hidden()
        expect(found.page.locator(tile.format(2))).to_be_focused()


def test_regions_light_up_and_annotators_can_be_hidden(browser: Any, address: str) -> None:
    with opened(browser, f"{address}#t5") as found:
        found.page.wait_for_selector(".stage .shape", state="attached")
        found.page.locator("#regions li").first.hover()
        assert found.page.locator(".stage path.lit").count() == 1
        found.page.locator("#regions li").first.click()
        drawing = found.page.locator(".stage svg")
        assert float(drawing.get_attribute("viewBox").split()[2]) < 640
        found.page.locator("#regions li").first.click()
        expect(drawing).to_have_attribute("viewBox", "0 0 640 400")
        shapes = found.page.locator(".stage path.shape:visible")
        before = shapes.count()
        found.page.uncheck(".person input >> nth=1")
        assert 0 < shapes.count() < before
        found.page.uncheck(".person input >> nth=0")
        assert shapes.count() == 0


def test_what_is_not_here_is_said_in_words(browser: Any, address: str) -> None:
    with opened(browser, f"{address}#t5000") as found:
        expect(found.page.locator(".stage .lack")).to_contain_text(
            "run `dvc pull`", ignore_case=True
        )
        found.page.evaluate("location.hash = 't50'")
        expect(found.page.locator(".stage .lack")).to_have_text("no picture of image/svg+xml")
        found.page.evaluate("location.hash = 't999'")
        expect(found.page.locator("#shows")).to_contain_text("workspace has no task 999")


def test_a_recording_plays(browser: Any, address: str) -> None:
    with opened(browser, f"{address}#t30") as found:
        found.page.wait_for_selector("audio")
        found.page.evaluate("document.querySelector('audio').load()")
        found.page.evaluate("document.querySelector('audio').preload = 'metadata'")
        expect(found.page.locator("audio")).to_have_js_property("duration", 1)
        assert found.problems == []


def test_a_script_in_labels_never_runs(browser: Any, address: str) -> None:
    with opened(browser, f"{address}?q=window.hacked") as found:
        expect(found.page.locator("#shown")).to_have_text("1 of 511 tasks")
        expect(found.page.locator(".snippet")).to_contain_text("window.hacked=1")
        found.page.locator("#tiles a").click()
        expect(found.page.locator("#regions li")).to_contain_text("window.hacked=1")
        found.page.locator("#regions li").hover()
        assert found.page.evaluate("window.hacked") is None
        assert found.page.locator("img, script:not([src])").count() == 0
        assert found.problems == []
        injected = "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=1>')"
        with pytest.raises(Exception, match="TrustedHTML"):
            found.page.evaluate(injected)


def test_a_server_that_has_ended_is_said_in_words(browser: Any, browsed_set: Workspace) -> None:
    with ExitStack() as stack:
        address = stack.enter_context(browsed(browsed_set))
        with opened(browser, address) as found:
            expect(found.page.locator("#shown")).to_have_text("511 tasks")
            stack.close()
            found.page.fill("#search", "car")
            expect(found.page.locator("#problem")).to_contain_text("Start it again")
