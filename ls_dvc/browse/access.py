"""Who may ask: a browser on this machine that was given the address, and nobody through another.

A page of another site can send requests to loopback, and by DNS rebinding even read the answers:
so the name in `Host` must be one of loopback, and the path must begin with the token.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LONGEST = 2048  # characters of what is asked for
METHODS = ("GET", "HEAD")

# A page gets scripts, styles, images and answers from here and from nowhere else; what is in them
# cannot become a script, and no other page can frame it.
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True)
class Refusal:
    """Why a request is not answered: a status of HTTP, and a sentence."""

    status: int
    reason: str


def new_token() -> str:
    """192 random bits, in letters that a path may have."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Access:
    """The token in the path of all addresses, and the port that the server has."""

    port: int
    token: str = field(default_factory=new_token, repr=False)

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    @property
    def hosts(self) -> tuple[str, str]:
        """What a browser on this machine calls the server."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    def path(self, method: str, target: str, headers: Mapping[str, Sequence[str]]) -> str | Refusal:
        """What is behind the token, not decoded and with its query; or why it is refused.

        `headers` have names in lower case, and every value.
        """
        if method not in METHODS:
            return Refusal(405, "only GET and HEAD are answered")
        if len(target) > LONGEST:
            return Refusal(414, "the address is too long")
        if (host := list(headers.get("host", ()))) not in ([self.hosts[0]], [self.hosts[1]]):
            return Refusal(403, f"the server is only called {' or '.join(self.hosts)}")
        if self._is_of_another_site(headers, host[0]):
            return Refusal(403, "another site asks: copy the address into the address bar")
        token, slash, rest = target.removeprefix("/").partition("/")
        given = token.encode("utf-8", "replace")
        is_right = hmac.compare_digest(given, self.token.encode()) and bool(slash)
        return rest if is_right else Refusal(404, "nothing is here")

    def _is_of_another_site(self, headers: Mapping[str, Sequence[str]], host: str) -> bool:
        origins = set(headers.get("origin", ()))
        sites = set(headers.get("sec-fetch-site", ()))
        return not (origins <= {f"http://{host}"} and sites <= {"same-origin", "none"})
