"""`make screenshot`: docs/changes.png, the page of a change as a browser shows it."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from support.browser_page import opened
from support.changed_labels import two_versions
from support.reference import ROOT

SIZE = (1280, 860)
SHOWN = "t1"


def main() -> None:
    program = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        space = two_versions(Path(folder))
        space.ls("diff", "--html", "changes.html")
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with opened(started, space.path / "changes.html", SIZE) as found:
            found.page.evaluate(f"document.getElementById('{SHOWN}').scrollIntoView()")
            found.page.wait_for_selector(f"#{SHOWN} path.shape")
            found.page.wait_for_timeout(300)
            taken = Image.open(io.BytesIO(found.page.screenshot()))
        started.close()
    path = ROOT / "docs/changes.png"
    taken.convert("RGB").quantize(256).save(path, optimize=True)
    print(f"wrote {path.relative_to(ROOT)}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
