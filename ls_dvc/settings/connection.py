"""The address of the server and the API key: from the environment, or from .env files.

The key comes from nowhere else, and goes nowhere but into the header of a request.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.io.secrets import KEY as KEY
from ls_dvc.io.secrets import remember_key
from ls_dvc.settings import env_files, known_servers
from ls_dvc.settings.addresses import server_address

URL = "LABEL_STUDIO_URL"


@dataclass(frozen=True)
class Connection:
    """An address and a key. The key is in no `repr`."""

    url: str
    api_key: str = field(repr=False)

    def __post_init__(self) -> None:
        """The key is known from now on, and cut out of what is printed."""
        remember_key(self.api_key)


def find(url_in_params: str | None, folder: Path, url_given: str | None = None) -> Connection:
    """The connection for the data set in `folder`.

    `url_given`, which somebody typed, takes precedence over the environment, that over the
    nearest .env (see `env_files`), and all over the URL in params.yaml, which may be that of a
    pull request and must be known (see `known_servers`).
    """
    settings = _settings(folder)
    url = url_given or settings.get(URL) or url_in_params
    if not url:
        raise LsDvcError(
            "no address of a Label Studio server",
            f"set label_studio.url in params.yaml, or {URL} in the environment",
        )
    key = settings.get(KEY, "").strip()
    if not key:
        raise LsDvcError(
            f"no API key for {url}: {KEY} is not set",
            "create a Personal Access Token in Label Studio (Account & Settings) and put "
            f"{KEY}=… into .env, or into the environment",
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise LsDvcError(f"{KEY} contains characters that no key has", "copy the key again")
    url = _checked(url)
    if not url_given and URL not in settings:
        known_servers.require_known(url, folder)
    return Connection(url, key)


def is_complete(url: str | None, folder: Path) -> bool:
    """Whether `find` has an address and a key for the data set in `folder`."""
    try:
        settings = _settings(folder)
    except LsDvcError:
        return False
    return KEY in settings and bool(url or settings.get(URL))


def has_key(folder: Path) -> bool:
    """Whether there is a key for the data set in `folder`."""
    return is_complete("any", folder)


def _settings(folder: Path) -> Mapping[str, str]:
    found = {name: os.environ[name] for name in (URL, KEY) if os.environ.get(name)}
    others = [name for name in (URL, KEY) if name not in found]
    return {**env_files.values(folder, others), **found}


def _checked(url: str) -> str:
    try:
        return server_address(url)
    except ValueError as error:
        hint = f"for example {URL}=http://localhost:8080; the key goes into {KEY}"
        raise LsDvcError(f"{URL} {error}", hint) from None
