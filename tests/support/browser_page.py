"""A page in a real browser, which notes what it logs and what it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SIZES = ((390, 844), (1024, 768), (1440, 900))


@dataclass
class Opened:
    """`page` is Playwright's; `problems` what its console and its scripts reported."""

    page: Any
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def opened(
    browser: Any, address: str | Path, size: tuple[int, int] = SIZES[-1], scheme: str = "light"
) -> Iterator[Opened]:
    """The page at an address or in a file, loaded."""
    where = address.as_uri() if isinstance(address, Path) else address
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    found = Opened(context.new_page())
    found.page.set_default_timeout(20_000)
    found.page.on("console", lambda message: found.problems.append(message.text))
    found.page.on("pageerror", lambda error: found.problems.append(str(error)))
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.goto(where)
    try:
        yield found
    finally:
        context.close()
