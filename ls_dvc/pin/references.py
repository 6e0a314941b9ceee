"""Which snapshots a pin file names, whatever its version or state."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain


@dataclass(frozen=True)
class References:
    """The export snapshots that pins name: by id on the server, and by the MD5 of their JSON.

    `sha256s` are the digests of the archives of formats that the server wrote of them, `maps` those
    of media maps.
    """

    ids: frozenset[int] = frozenset()
    md5s: frozenset[str] = frozenset()
    sha256s: frozenset[str] = frozenset()
    maps: frozenset[str] = frozenset()

    @classmethod
    def union(cls, parts: Iterable[References]) -> References:
        """All that any of `parts` names."""
        parts = list(parts)
        ids = chain.from_iterable(part.ids for part in parts)
        md5s = chain.from_iterable(part.md5s for part in parts)
        sha256s = chain.from_iterable(part.sha256s for part in parts)
        maps = chain.from_iterable(part.maps for part in parts)
        return cls(frozenset(ids), frozenset(md5s), frozenset(sha256s), frozenset(maps))


_SNAPSHOTS = re.compile(r"^snapshots:\n((?:[- ] .*\n)+)", re.MULTILINE)


_ENTRY = re.compile(
    r"^- \{?id: (\d+)(?:, |\n  )kind: \w+(?:, |\n  )md5: '?([0-9a-f]{32})'?(?=,|\n)", re.MULTILINE
)


_ARCHIVE = re.compile(r"\bsha256\W{1,6}([0-9a-f]{64})\b")


_MAP = re.compile(r"\bmap\W{1,6}([0-9a-f]{64})\b")


def references(content: str) -> References:
    """The snapshots that a pin file names; never fewer, whatever its version or state.

    A file as `dump` writes it is read without parsing the YAML. Of any other one, as of a merge in
    conflict, every MD5 and every number count: one too many keeps a file, one too few loses labels.
    """
    md5s = frozenset(re.findall(r"\b[0-9a-f]{32}\b", content))
    sha256s, maps = (frozenset(each.findall(content)) for each in (_ARCHIVE, _MAP))
    section = _SNAPSHOTS.search(content)
    entries = _ENTRY.findall(section[1]) if section and "<<<<<<<" not in content else []
    if entries and {md5 for _, md5 in entries} == md5s:
        return References(frozenset(int(number) for number, _ in entries), md5s, sha256s, maps)
    numbers = re.findall(r"\b\d+\b", content) if md5s else ()
    return References(frozenset(map(int, numbers)), md5s, sha256s, maps)
