"""What `pip install` takes to install the ls-dvc that runs, somewhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ls_dvc import __version__
from ls_dvc.errors import LsDvcError
from ls_dvc.repo import git


def requirement() -> str:
    """The commit that is installed; for a package without one, the tag of its version."""
    distribution = metadata.distribution("ls-dvc")
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    urls = distribution.metadata.get_all("Project-URL") or []
    named = dict(each.split(", ", 1) for each in urls)
    return f"git+{_repository(origin, named['Repository'])}@{_commit(origin) or f'v{__version__}'}"


def _repository(origin: Mapping[str, Any], ours: str) -> str:
    """A fork if it was installed from one that needs no credentials."""
    url = urlsplit(origin.get("url", ""))
    return url.geturl() if url.scheme == "https" and not url.username else ours


def _commit(origin: Mapping[str, Any]) -> str | None:
    if "vcs_info" in origin:
        return str(origin["vcs_info"]["commit_id"])
    url = urlsplit(str(origin.get("url", "")))
    try:
        return git.head(Path(unquote(url.path))) if url.scheme == "file" else None
    except LsDvcError:  # a folder that git does not read
        return None
