"""Where the file of an address is, and whether it may be asked for there.

Without a setting only what the Label Studio server serves is fetched: uploads, its local files, and
what its storages hold. Everything else stays an address, unless a setting names it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from ls_dvc.settings.media import MediaSettings

HOSTS, BUCKETS, ROOTS = (f"label_studio.media.{name}" for name in ("hosts", "buckets", "roots"))
BUCKET_SCHEMES = ("s3", "gs", "azure-blob")
LONGEST = 8000  # characters that servers take
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class UploadedFile:
    """An upload; `path` is that on the server's origin, percent-encoded."""

    path: str


@dataclass(frozen=True)
class LocalFile:
    """A local file of the server; `path` is that on the server's origin, percent-encoded."""

    path: str


@dataclass(frozen=True)
class StoredFile:
    """A file in a bucket that a storage of the project may give access to."""

    address: str

    def path(self, server_url: str, project_id: int) -> str:
        """The path on the server's origin that leads to the file."""
        name = base64.urlsafe_b64encode(self.address.encode()).decode()
        base = urlsplit(server_url).path.rstrip("/")
        return f"{base}/projects/{project_id}/resolve/?fileuri={quote(name)}"


@dataclass(frozen=True)
class WebFile:
    """A file on a host that the settings name; `url` begins with http:// or https://."""

    url: str


@dataclass(frozen=True)
class BucketFile:
    """A file in a bucket that the settings name, read directly; `path` is bucket and key."""

    scheme: str
    path: str


@dataclass(frozen=True)
class InlineFile:
    """A `data:` address, which holds the file itself."""

    address: str


@dataclass(frozen=True)
class RootedFile:
    """A file that the repository has: `path` in `folder`, both relative, with slashes."""

    folder: str
    path: str


@dataclass(frozen=True)
class Elsewhere:
    """An address that no setting allows; it stays one, and nobody is asked.

    `where` is its host or its kind, `setting` the one that would bring it; empty: none would.
    """

    where: str
    setting: str

    @property
    def hint(self) -> str:
        """What to change so that it is fetched."""
        return f"{self.setting} in params.yaml does not name it" if self.setting else ""


Destination = (
    UploadedFile
    | LocalFile
    | StoredFile
    | WebFile
    | BucketFile
    | InlineFile
    | RootedFile
    | Elsewhere
)


@dataclass(frozen=True)
class AddressRules:
    """What is allowed: the server, and what the settings name."""

    server_url: str
    hosts: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    roots: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, server_url: str, settings: MediaSettings) -> AddressRules:
        """Those of the settings."""
        return cls(server_url, tuple(settings.hosts), tuple(settings.buckets), settings.roots)

    def is_named(self, host: str, port: int) -> bool:
        """Whether `hosts` names a host (in lower case; IPv6 without brackets), or this port."""
        name = f"[{host}]" if ":" in host else host
        return name in self.hosts or f"{name}:{port}" in self.hosts


def destination(address: str, rules: AddressRules) -> Destination:
    """Where the file of an address is; decided by the text alone, nobody is asked."""
    if not address:
        return Elsewhere("empty addresses", "")
    if address != address.strip() or _has_controls(address):
        return Elsewhere("addresses with blanks around them or control characters", "")
    if address[:5].lower() == "data:":
        return InlineFile(address)
    if len(address) > LONGEST:
        return Elsewhere(f"addresses of more than {LONGEST} characters", "")
    beginning = max(filter(address.startswith, rules.roots), key=len, default=None)
    if beginning is not None:
        return _rooted(address, beginning, rules.roots[beginning])
    scheme, separator, _ = address.partition("://")
    if separator and scheme in BUCKET_SCHEMES:
        return _in_bucket(address, rules)
    if separator and scheme.lower() in _PORTS:
        return _on_host(address, rules)
    return _on_server(_behind(rules.server_url, address)) or Elsewhere(_kind(address), ROOTS)


def _behind(server_url: str, path: str) -> str:
    """A path on the server from before it had the path that its address has today."""
    return f"{urlsplit(server_url).path}{path}" if path.startswith("/data/") else path


def _has_controls(text: str) -> bool:
    return any(ord(char) < 32 or ord(char) == 127 for char in text)


def _rooted(address: str, beginning: str, folder: str) -> Destination:
    rest = address.removeprefix(beginning)
    path = rest if address.partition("://")[0] in BUCKET_SCHEMES else unquote(rest)
    if not _is_below(path):
        return Elsewhere(f"addresses that lead out of {folder}", "")
    return RootedFile(folder, path)


def _is_below(path: str) -> bool:
    """Whether every part of a relative path leads down, and none has control characters."""
    parts = re.split(r"[/\\]", path)
    return all(part not in ("", ".", "..") for part in parts) and not _has_controls(path)


def _in_bucket(address: str, rules: AddressRules) -> Destination:
    scheme, _, path = address.partition("://")
    bucket, _, key = path.partition("/")
    if not bucket or not key or key.endswith("/"):
        return Elsewhere("buckets and folders in them", "")
    if "@" in bucket:
        return Elsewhere("addresses with a user name", "")
    for named in rules.buckets:
        beginning = named if "/" in named.partition("://")[2] else f"{named}/"
        if address.startswith(beginning):
            return BucketFile(scheme, path)
    return StoredFile(address)


def _on_host(address: str, rules: AddressRules) -> Destination:
    try:
        scheme, host, port = endpoint(address)
    except ValueError as error:
        return Elsewhere(f"addresses {error}", "")
    if (scheme, host, port) == endpoint(rules.server_url):
        path = address.partition("://")[2].partition("/")[2]
        served = _on_server(f"/{path}")
        if served is not None:
            return served
    if rules.is_named(host, port):
        return WebFile(address)
    return Elsewhere(host if port == _PORTS[scheme] else f"{host}:{port}", HOSTS)


def endpoint(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an http address, in lower case; `ValueError` says what it has."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("that cannot be read") from None
    if "@" in parts.netloc:
        raise ValueError("with a user name")
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host):
        raise ValueError("without a host that can be asked")
    return parts.scheme, host, port or _PORTS[parts.scheme]


_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_PREFIX = r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*"
_UPLOAD = re.compile(rf"{_PREFIX}/data/upload/((?:\d+/)?[^/?#]+)")
_LOCAL = re.compile(rf"({_PREFIX}/data/local-files)/?\?d=(.+)")


def _on_server(path: str) -> UploadedFile | LocalFile | None:
    """The media paths of the server, behind any prefix; None for all others."""
    upload = _UPLOAD.fullmatch(path)
    if upload and _is_below(unquote(upload[1])) and unquote(upload[1]).count("/") < 2:
        return UploadedFile(encoded(path))
    local = _LOCAL.fullmatch(path)
    if local and ".." not in re.split(r"[/\\]", unquote(local[2])):
        return LocalFile(f"{local[1]}/?d={encoded(local[2])}")
    return None


def encoded(text: str) -> str:
    """Percent-encoded, also what was written by hand; what is encoded already stays as it is."""
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text), safe="/%:@!$&'()*+,;=~?")


def _kind(address: str) -> str:
    if address.startswith("//"):
        return "addresses without a scheme"
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", address)
    if scheme:
        return f"{scheme[1].lower()}: addresses"
    return "absolute paths" if address.startswith("/") else "relative paths"
