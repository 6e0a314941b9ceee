"""Markdown: tables, anchors of headings, generated parts of a page."""

from __future__ import annotations

import re
from collections.abc import Mapping


def filled(text: str, parts: Mapping[str, str]) -> str:
    """`text` with its generated parts as they should be."""
    for name, content in parts.items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(start)
        _, found, after = rest.partition(end)
        assert found, f"there is no {start} … {end}"
        text = f"{before}{start}\n{content}\n{end}{after}"
    return text


def table(rows: list[list[str]]) -> str:
    """A table in Markdown; the first row is its head."""
    lines = [f"| {' | '.join(row)} |".replace("  ", " ") for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def anchor(heading: str) -> str:
    """Where a link finds a heading, as GitHub makes it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
