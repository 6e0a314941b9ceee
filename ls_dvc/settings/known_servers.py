"""Servers that the default branch names: a checked out pull request cannot name another one.

The key is on the machine of whoever looks at a pull request, and would go wherever the request's
params.yaml says.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.repo import git
from ls_dvc.repo.git_command import Repository, find_repository
from ls_dvc.settings.params import BLOCK, NAME

_BRANCHES = ("origin/HEAD", "origin/main", "origin/master")


def require_known(url: str, folder: Path) -> None:
    """`LsDvcError` if the default branch of `origin` names servers in params.yaml, but not `url`.

    Where it names none, and where there is no such branch, every server is known.
    """
    repository = find_repository(folder)
    branch = default_branch(repository) if repository else None
    if repository is None or branch is None:
        return
    known = _named(repository, branch)
    if known and _server(url) not in known:
        raise LsDvcError(
            f"the API key is not sent to {url}: {branch} names {', '.join(sorted(known))} in "
            f"{NAME}, and no other server",
            f"if you trust that server, set LABEL_STUDIO_URL={url} in the environment or in .env",
        )


def default_branch(repository: Repository) -> str | None:
    """The default branch of `origin`, as far as this clone knows it."""
    for branch in _BRANCHES:
        if repository.holds("rev-parse", "--verify", "--quiet", f"refs/remotes/{branch}"):
            return branch
    return None


def _named(repository: Repository, branch: str) -> set[str]:
    listed = repository.text("ls-tree", "-r", "-z", "--name-only", branch).split("\0")
    places = [(branch, path) for path in listed if PurePosixPath(path).name == NAME]
    texts = git.contents(repository.root, places)
    return {_server(url) for url in map(_url, texts) if url}


def _url(text: str | None) -> str:
    try:
        document = yaml_files.parse(text or "", NAME)
    except LsDvcError:
        return ""
    block = document.get(BLOCK) if isinstance(document, Mapping) else None
    url = block.get("url") if isinstance(block, Mapping) else None
    return url if isinstance(url, str) else ""


def _server(url: str) -> str:
    """What the key is sent to: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
