"""Which tasks show the same: a digest of all that the label config shows of a task."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ls_dvc.io import canonical_json
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import TaskMedia
from ls_dvc.labels.shown_objects import shown_objects

SHORTEST = 20  # characters of a text: many tasks may say "ok"

_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|/)\S+")
_SIGNING = re.compile(
    r"X-(?:Amz|Goog)-.*|Signature|Expires|(?:AWS|Google)Access(?:Key)?Id|Key-Pair-Id"
    r"|Policy|sig|se|sv|sp|sr|st|spr|ske|skoid|sks|skt|sktid|skv",
    re.IGNORECASE,
)


def shown_digest(config: LabelConfig, data: Any, media: TaskMedia) -> str | None:
    """A digest of what is shown; None where nothing is, or a text too short to tell tasks apart.

    The same file is the same, whatever its address, where media come with the labels; else
    addresses are compared, without the parameters that sign them.
    """
    found, length = list[str](), 0
    for shown in shown_objects(config, data):
        for item, value in shown.items:
            kind, content = _content(value, media)
            length += len(content) if kind == "text" else SHORTEST
            found.append(f"{shown.name}\0{item}\0{kind}\0{len(content)}\0{content}")
    if length < SHORTEST:
        return None
    return canonical_json.digest("".join(found).encode(errors="surrogatepass"))[:32]


def _content(value: Any, media: TaskMedia) -> tuple[str, str]:
    """What kind of thing is shown, and what tells it apart."""
    if not isinstance(value, str):
        return "text", canonical_json.text(value)
    entry = media.get(value)
    if entry is not None and entry.file is not None:
        return "file", entry.file.sha256
    if _ADDRESS.fullmatch(value):
        return "address", unsigned(value)
    return "text", " ".join(value.split()).casefold()


def unsigned(address: str) -> str:
    """An address without the parameters that sign it; all other ones stay."""
    start, separator, query = address.partition("?")
    if not separator:
        return address
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [pair for pair in pairs if not _SIGNING.fullmatch(pair[0])]
    return address if len(kept) == len(pairs) else f"{start}?{urlencode(kept)}"
