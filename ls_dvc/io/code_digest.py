"""Which ls-dvc this is: what another one makes may have other bytes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import ls_dvc
from ls_dvc.io import canonical_json


@cache
def code_digest() -> str:
    """The SHA-256 over the modules of this ls-dvc, in hexadecimal."""
    folder = Path(ls_dvc.__file__).parent
    listing = {
        path.relative_to(folder).as_posix(): canonical_json.digest(path.read_bytes())
        for path in folder.rglob("*.py")
    }
    return canonical_json.digest(canonical_json.line(listing))
