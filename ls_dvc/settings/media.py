"""Settings of media: the block `label_studio.media` of params.yaml."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from ls_dvc.io import canonical_json
from ls_dvc.settings.rules import folder_below
from ls_dvc.settings.schema import Settings, between

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kMGT]?B)?", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
)
_BUCKETS = ("s3", "gs", "azure-blob")


def byte_size(value: int | str) -> int | str:
    """A number of bytes, or one with a unit: `200 MB`."""
    if bytes_in(value) <= 0:
        raise ValueError(f"must be a size above 0 such as `200 MB`, not {value!r}")
    return value


def bytes_in(size: int | str) -> int:
    """How many bytes a size is; 0 when it is none. Units count in thousands."""
    match = _SIZE.fullmatch(str(size).strip())
    return int(float(match[1]) * _UNITS[(match[2] or "").lower()]) if match else 0


def host_name(value: str) -> str:
    """A host, as in an address; with `:port` only that port."""
    if not _HOST.fullmatch(value):
        raise ValueError("must be a host such as images.example.com, without https:// and path")
    return value.lower()


def bucket_prefix(value: str) -> str:
    """A bucket, or a prefix of the keys in it: `s3://name/prefix/`."""
    scheme, separator, rest = value.partition("://")
    if scheme not in _BUCKETS or not separator or not rest.partition("/")[0]:
        raise ValueError(
            "must be s3://name/prefix/, gs://name/prefix/ or azure-blob://name/prefix/"
        )
    return value


def address_roots(value: dict[str, str]) -> dict[str, str]:
    """Folders of the repository by the beginning of the addresses whose files are in them."""
    for beginning, folder in value.items():
        if not beginning or not beginning.endswith(("/", "=")):
            raise ValueError(f"{beginning!r} must be the beginning of addresses, up to a slash")
        if urlsplit(beginning).username:
            raise ValueError(f"{beginning!r} must not hold a user name")
        folder_below(folder)
    return value


ByteSize = Annotated[int | str, byte_size]
Host = Annotated[str, host_name]
Bucket = Annotated[str, bucket_prefix]


class MediaSettings(Settings, frozen=True, kw_only=True):
    """Which media come with the labels: images, audio, video and documents.

    Without this block labels come alone. With it `ls-dvc update` fetches each address once,
    pins the hash of what it got, and formats have the files in place.
    """

    tasks: Literal["labeled", "all", "none"] = "labeled"
    """Whose media are fetched: of tasks with an annotation that was not skipped (`labeled`), of
    `all`, or of `none`."""
    keys: list[str] = []
    """Only what these objects of the label config show, by their names or by the keys of the
    tasks' data; all unless set."""
    hosts: list[Host] = []
    """Hosts that may be asked besides the Label Studio server, never with the API key:
    `[images.example.com]`. A redirect must lead to a named host too. A name that leads to a private
    address needs that address named as well, `[images.example.com, 10.0.0.5]`; except `localhost`,
    and names of the local network: without a dot, or ending in .local, .lan, .internal, .home.arpa.
    Proxies of the environment are not used for these."""
    buckets: list[Bucket] = []
    """Buckets, or prefixes of the keys in them, that are read directly: `["s3://name/images/"]`.
    Needs the DVC extra of the bucket (`dvc-s3`, `dvc-gs`, `dvc-azure`) and its credentials. Label
    Studio's own storages need no entry."""
    roots: Annotated[dict[str, str], address_roots] = {}
    """Folders of the repository that hold files already, by the beginning of their addresses:
    `{"s3://name/images/": data/raw}`. Nothing is fetched for these."""
    elsewhere: Literal["keep", "fail"] = "keep"
    """What to do with addresses on hosts and in buckets that are not named: `keep` them as
    addresses, or `fail`."""
    missing: Literal["fail", "list"] = "fail"
    """What to do when a file cannot be had: `fail`, or `list` it as missing, which is pinned:
    no format has the image then, and the ledger says so."""
    max_file: ByteSize = "1 GB"
    """Largest size of one file."""
    max_total: ByteSize = "100 GB"
    """Most bytes that one update fetches."""
    recheck: Literal["never", "validators", "all"] = "never"
    """Whether an update asks again for files that it has: `never`, by `validators` (ETags of
    buckets and local files; uploads have none and count as unchanged), or `all`, by fetching
    them."""
    jobs: Annotated[int, between(1, 64)] = 8
    """Files that are fetched at the same time."""
    layout: Literal["loose", "tar"] = "loose"
    """How data/media is stored: `loose`, a file for each, or `tar`, an archive for the media of
    100 task ids, which DVC handles faster when there are many small files."""

    @property
    def digest(self) -> str:
        """The SHA-256 of those settings that say which media belong to a pin, or that none does."""
        shaping = ("tasks", "keys", "hosts", "buckets", "roots", "missing", "elsewhere")
        chosen = {name: getattr(self, name) for name in shaping}
        return canonical_json.digest(canonical_json.line(chosen))


NO_MEDIA = MediaSettings(tasks="none")
