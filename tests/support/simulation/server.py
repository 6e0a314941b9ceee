"""A Label Studio in memory that knows what it held at each moment.

It does what docs of Label Studio do not say, as real servers were seen to: which actions touch
a task, what is counted wrong, tasks of one export from several moments, answers that are lost.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ls_dvc.errors import ServerUnavailableError, SnapshotGoneError
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical
from ls_dvc.pin.pin import ExportSnapshot, Probe
from ls_dvc.server.interface import ServerState, TaskRange

CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="kind" toName="text" choice="multiple">'
    '<Choice value="A"/><Choice value="B"/></Choices>'
    '<TextArea name="note" toName="text"/></View>'
)
OTHER = CONFIG.replace('<Choice value="B"/>', '<Choice value="B"/><Choice value="C"/>')
BEGUN = datetime(2026, 1, 1, tzinfo=timezone.utc)
Raw = dict[str, Any]


class Moment(NamedTuple):
    """What the project was: the SHA-256 of each shard by name, the label config, and how many
    tasks and regions there were.
    """

    shards: Mapping[str, str]
    config: str
    tasks: int
    regions: int


@dataclass
class SimulatedServer:
    """`before` is called at the beginning of each request, and `between` before each task that an
    export writes: people may edit there, or the request may fail.
    """

    random: Random
    url: str = "http://simulated"
    view: int | None = None
    config: str = CONFIG
    title: str = "Simulated"
    tasks: dict[int, Raw] = field(default_factory=dict)
    columns: Counter[str] = field(default_factory=Counter)
    drafts: int = 0
    lost_count: int = 0
    written: dict[int, datetime] = field(default_factory=dict)
    now: datetime = BEGUN
    next_id: int = 1
    made: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None
    between: Callable[[], None] = lambda: None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _snapshots: int = 0
    _lines: dict[int, bytes] = field(default_factory=dict)

    # --- what people do is in `people`; this is what each of it changes

    def touch(self, *ids: int, at: datetime | None = None) -> None:
        """These tasks changed; `at` is earlier than now for what becomes visible late.

        No task is written twice in the same microsecond.
        """
        for each in ids:
            before = self.written.get(each, BEGUN)
            self.written[each] = max(before + timedelta(microseconds=1), at or self.now)
            self.tasks[each]["updated_at"] = _written(self.written[each])

    def saw(self, *ids: int) -> None:
        """A moment begins in which only these tasks differ."""
        for each in ids:
            self._lines.pop(each, None)
            if each in self.tasks:
                self._lines[each] = canonical_json.line(canonical.task(self.tasks[each]))
        shards: dict[str, Any] = {}
        for key in sorted(self._lines):
            name = f"tasks/{key // 1000 * 1000:010d}.jsonl"
            shards.setdefault(name, hashlib.sha256()).update(self._lines[key])
        regions = sum(len(a["result"]) for each in self.tasks.values() for a in each["annotations"])
        listing = {name: digest.hexdigest() for name, digest in shards.items()}
        self.moments.append(Moment(listing, self.config, len(self.tasks), regions))

    # --- the interface

    def state(self) -> ServerState:
        self.before("state")
        return ServerState(1, self.title, self.config, self._probe())

    def bounds(self) -> tuple[int, int]:
        self.before("bounds")
        if not self.tasks:
            raise ServerUnavailableError("the project lost its tasks as we looked")
        return min(self.tasks), max(self.tasks)

    def count(self, span: TaskRange) -> int:
        self.before("count")
        return len(self._in(span))

    def remove_leftovers(self) -> None:
        self.before("remove_leftovers")

    def take(self, span: TaskRange) -> ExportSnapshot:
        self.before("take")
        taken: list[Raw] = []
        chosen = self._in(span)
        self.random.shuffle(chosen)  # the order is the database's own
        for each in chosen:
            self.between()
            if each in self.tasks:
                taken.append(json.loads(json.dumps(self.tasks[each])))
        self._snapshots += 1
        content = json.dumps(taken).encode()
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self.made[self._snapshots] = (md5, content)
        self.after("take")
        if span.since:
            return ExportSnapshot(self._snapshots, "delta", md5, len(taken))
        return ExportSnapshot(self._snapshots, "range", md5, len(taken), span.first, span.last)

    def download_all(self, part: Path) -> None:
        self.before("download_all")
        taken = []
        for each in sorted(self.tasks):
            self.between()
            if each in self.tasks:
                taken.append(self.tasks[each])
        content = json.dumps(taken).encode()
        part.write_bytes(content)
        self.after("download_all")

    def still_available(self, pinned: Iterable[ExportSnapshot]) -> list[ExportSnapshot]:
        self.before("still_available")
        return [each for each in pinned if self._has(each)]

    def discard(self, snapshot: ExportSnapshot) -> None:
        self.before("discard")
        self.made.pop(snapshot.id, None)
        self.after("discard")

    def download(
        self, snapshot: ExportSnapshot, part: Path, arrived: Callable[[int], None]
    ) -> None:
        self.before("download")
        if not self._has(snapshot):
            raise SnapshotGoneError(f"snapshot {snapshot.id} is not on {self.url} any more")
        part.write_bytes(self.made[snapshot.id][1])
        self.after("download")

    def _has(self, snapshot: ExportSnapshot) -> bool:
        return self.made.get(snapshot.id, ("",))[0] == snapshot.md5

    def _in(self, span: TaskRange) -> list[int]:
        return [
            key
            for key, each in self.tasks.items()
            if span.first <= key <= span.last and each["updated_at"] > span.since
            if each["updated_at"] not in span.known
        ]

    def _probe(self) -> Probe:
        times = sorted((each["updated_at"] for each in self.tasks.values()), reverse=True)[:20]
        annotations = [a for each in self.tasks.values() for a in each["annotations"]]
        predictions = [p for each in self.tasks.values() for p in each["predictions"]]
        skipped = sum(each["was_cancelled"] for each in annotations)
        done = len(annotations) - skipped
        summary = [self.columns, self.drafts, len(annotations)]
        return Probe(
            tasks=len(self.tasks),
            annotations=done,
            predictions=len(predictions) + self.lost_count,
            updated_at=times[0] if times else "",
            label_config=canonical_json.digest(self.config.encode()),
            summary=canonical_json.digest(canonical_json.line(summary)),
            newest=canonical_json.digest(canonical_json.line(times)),
            columns=dict(sorted(self.columns.items())),
            counted={
                "annotations": done,
                "predictions": len(predictions),
                "skipped": skipped,
            },
            models=dict(sorted(Counter(each["model_version"] for each in predictions).items())),
            predicted_at=max((each["created_at"] for each in predictions), default=""),
        )


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def tick(server: SimulatedServer) -> str:
    """The server's clock goes on: by next to nothing, a little, or an hour. What it says now."""
    step = server.random.choice([0.00001, 0.001, 1, 1, 5, 5, 20, 90, 3600])
    server.now += timedelta(seconds=step)
    return _written(server.now)
