"""Fragments for notebooks in Chromium, on light and on dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from support.browser_page import opened

THEMES = {"light": ("#ffffff", "#212121"), "dark": ("#111111", "#e6e6e6")}


@pytest.mark.parametrize("scheme", THEMES)
def test_they_show_on_light_and_dark(
    browser: Any, all_fragments: list[str], tmp_path: Path, scheme: str
) -> None:
    """Images load, no script runs, nothing is asked for, and the text can be read."""
    ground, ink = THEMES[scheme]
    page = tmp_path / "cells.html"
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>cells</title>'
        f'<body style="background-color: {ground}; color: {ink}"><main>'
        + "<hr>".join(all_fragments),
        encoding="utf-8",
    )
    with opened(browser, page, (800, 600), scheme) as found:
        sizes = found.page.evaluate("[...document.images].map(i => [i.complete, i.naturalWidth])")
        assert len(sizes) == 15
        assert {tuple(each) for each in sizes} == {(True, 560)}
        assert found.page.evaluate("document.documentElement.scrollWidth") <= 800
        assert found.page.evaluate("window.hacked") is None
        asked = [each for each in found.requests if not each.startswith("data:")]
        assert (found.problems, asked) == ([], [page.as_uri()])
        violations = Axe().run(found.page).response["violations"]
        serious = [
            (each["id"], each["nodes"][0]["html"])
            for each in violations
            if each["impact"] in ("serious", "critical")
        ]
        assert not serious
