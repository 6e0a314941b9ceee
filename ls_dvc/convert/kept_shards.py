"""What shards became in a format, kept in the side cache, so that changed ones alone are encoded.

The key of a part is the digest of all that shapes it: the content of the shard and of its part of
the media map, the format and the version of its writer, the selection policy, the label config,
class ids, and what else the format knows of the project; and the code of ls-dvc.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import GenericAlias
from typing import Any

import msgspec

from ls_dvc.convert.encode import EncodedShard
from ls_dvc.convert.label_counts import LabelCounts
from ls_dvc.convert.ledger import Ledger, LedgerEntry
from ls_dvc.formats.interface import Format, FormatContext
from ls_dvc.formats.registry import WRITERS
from ls_dvc.io import canonical_json
from ls_dvc.io.kept_parts import MOST_BYTES, KeptParts, key_of
from ls_dvc.labels.policy import Policy
from ls_dvc.snapshot.media_map import SUMMARY
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

WORTH = 50e-9  # seconds of encoding for each byte of a part; to read one takes a tenth of that

EncodeShards = Callable[[Iterable[SnapshotFolder]], Iterator[EncodedShard]]


class _LedgerPart(msgspec.Struct, array_like=True):
    """The ledger of a shard."""

    tasks: int
    regions: int
    tasks_written: int
    regions_written: int
    entries: list[LedgerEntry]
    in_part: list[LedgerEntry]


class _Part(msgspec.Struct, array_like=True):
    """An encoded shard; `pieces` are of the format's own type, read with the type `CONTENT`."""

    pieces: msgspec.Raw
    counts: LabelCounts
    ledger: _LedgerPart


def _counter(kind: Any, counts: Any) -> Counter[Any]:  # noqa: ARG001
    """The one kind of field that msgspec does not know, of a map."""
    return Counter(counts)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Part, dec_hook=_counter).decode


@dataclass(frozen=True)
class KeptShards:
    """The parts of one format in one context; `room` is how many bytes of new ones are kept."""

    parts: KeptParts
    fmt: Format
    shaped_by: str
    room: int

    @classmethod
    def of(
        cls,
        parts: KeptParts,
        fmt: Format,
        folder: SnapshotFolder,
        policy: Policy,
        context: FormatContext,
        *,
        counted: bool = True,
        room: int = MOST_BYTES,
    ) -> KeptShards:
        """Those of a format; `folder` has the label config and the class ids of `context`."""
        shaped_by = key_of(
            kind="encoded shard",
            counted=counted,
            format=[fmt.NAME, WRITERS.get(fmt.NAME, 0)],
            policy=msgspec.json.encode(policy, order="sorted").decode(),
            project=[folder.config(), folder.classes().document()],
            controls=context.controls,
            columns=context.columns,
            splits=[context.split, *context.splits],
            media=context.with_media,
            sharded=context.sharded,
        )
        return cls(parts, fmt, shaped_by, room)

    def completed(
        self, shards: Sequence[SnapshotFolder], encode_shards: EncodeShards
    ) -> Iterator[EncodedShard]:
        """Each of `shards` encoded, in order: kept ones as they are, the others by `encode_shards`.

        What was worth it is kept for the next time.
        """
        keys, room = [*map(self._key, shards)], self.room
        is_kept = [self.parts.path(key).is_file() for key in keys]
        missing = (shard for shard, kept in zip(shards, is_kept, strict=True) if not kept)
        fresh = encode_shards(missing)
        for shard, key, kept in zip(shards, keys, is_kept, strict=True):
            encoded = self._read(key) if kept else None
            if encoded is None:
                encoded = next(encode_shards([shard])) if kept else next(fresh)
                room -= self._keep(key, encoded, room)
            yield encoded

    def _key(self, shard: SnapshotFolder) -> str:
        listing = {
            name: entry.sha256 for name, entry in shard.manifest.files.items() if name != SUMMARY
        }
        return canonical_json.digest(canonical_json.line([self.shaped_by, listing]))

    def _read(self, key: str) -> EncodedShard | None:
        """The part of this key; None where it is not one that this ls-dvc has written."""
        content = self.parts.get(key)
        try:
            return self._encoded_shard(content) if content is not None else None
        except msgspec.MsgspecError:
            return None

    def _keep(self, key: str, encoded: EncodedShard, room: int) -> int:
        """Keep an encoded shard if that is worth it; how many bytes it took."""
        content = _content(encoded)
        if not content or len(content) > min(room, encoded.seconds / WORTH):
            return 0
        return self.parts.put(key, content)

    def _encoded_shard(self, content: bytes) -> EncodedShard:
        part = _decode(content)
        pieces = msgspec.msgpack.decode(part.pieces, type=_numbered(self.fmt.CONTENT))
        return EncodedShard(pieces, part.counts, Ledger(*msgspec.structs.astuple(part.ledger)))


def _numbered(content: Any) -> GenericAlias:
    """The type of a list of ids with such content."""
    return GenericAlias(list, (GenericAlias(tuple, (int, content)),))


def _ledger_part(ledger: Ledger) -> _LedgerPart:
    counted = (ledger.tasks, ledger.regions, ledger.tasks_written, ledger.regions_written)
    return _LedgerPart(*counted, [*ledger.entries], [*ledger.in_part])


def _content(encoded: EncodedShard) -> bytes:
    """The bytes of a part; none for what has no form as such, like a lone surrogate."""
    try:
        pieces = msgspec.Raw(_encode(encoded.pieces))
        return _encode(_Part(pieces, encoded.counts, _ledger_part(encoded.ledger)))
    except (msgspec.MsgspecError, ValueError, OverflowError, TypeError):
        return b""
