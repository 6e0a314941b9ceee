"""`make screenshot`: the page of a change, a cell of a notebook and `browse`, in docs/."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

import ls_dvc
from support.browsed import browsed
from support.browser_page import opened
from support.changed_labels import two_versions
from support.reference import ROOT
from support.workspace import Workspace

SIZE = (1280, 860)
CELL = (640, 560)
TILES = (1180, 572)
SHOWN = "t1"


def main() -> None:
    program = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        space = two_versions(Path(folder))
        space.ls("diff", "--html", "changes.html")
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        keep("docs/changes.png", changes(started, space.path / "changes.html"))
        keep("docs/notebook.png", cell(started, space.path))
        keep("docs/browse.png", tiles(started, space))
        started.close()


def changes(browser: Any, page: Path) -> bytes:
    with opened(browser, page, SIZE) as found:
        found.page.evaluate(f"document.getElementById('{SHOWN}').scrollIntoView()")
        found.page.wait_for_selector(f"#{SHOWN} path.shape")
        found.page.wait_for_timeout(300)
        return found.page.screenshot()


def cell(browser: Any, folder: Path) -> bytes:
    page = folder / "cell.html"
    html = ls_dvc.show(1, since="HEAD", folder=folder).html
    page.write_text(f'<meta charset="utf-8"><body style="font: 14px sans-serif">{html}')
    with opened(browser, page, CELL) as found:
        return found.page.screenshot()


def tiles(browser: Any, space: Workspace) -> bytes:
    with browsed(space) as address, opened(browser, f"{address}?label=Road", TILES) as found:
        found.page.wait_for_selector("#tiles .shape", state="attached")
        found.page.wait_for_load_state("networkidle")
        return found.page.screenshot()


def keep(name: str, png: bytes) -> None:
    path = ROOT / name
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256).save(path, optimize=True)
    print(f"wrote {name}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
