"""Text that may be pasted into an issue: without secrets, and without what names a person."""

from __future__ import annotations

import re
from pathlib import Path

from ls_dvc.io.printable import printable_lines


def shareable(text: str) -> str:
    """The home folder as `~`; addresses without credentials and query; no e-mail addresses."""
    text = printable_lines(text)
    for home in {str(Path.home()), str(Path.home().resolve())} - {"/"}:
        text = text.replace(f"'{home}/", "~/'")  # a shell takes no ~ in quotes for the folder
        text = re.sub(rf"{re.escape(home)}(?=/|\W|$)", "~", text)
    text = _HOMES.sub(r"\1[user]", text)
    text = _CREDENTIALS.sub(r"\1", text)
    text = _QUERY.sub(r"\1?[…]", text)
    return _EMAIL.sub("[e-mail]", text)


_HOMES = re.compile(r"(/(?:home|Users)/)[^/\s:'\"`]+")
_CREDENTIALS = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@'\"`]*@", re.IGNORECASE)
_QUERY = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?'\"`]*)\?[^\s'\"`]+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
