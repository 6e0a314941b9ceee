"""A fake of the server's interface, kept in memory.

For what a real Label Studio will not do, and for many small cases. Tests with it call our own code
as it is: only the server is fake.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from ls_dvc.errors import ServerError
from ls_dvc.io import canonical_json
from ls_dvc.pin.pin import ExportSnapshot, Probe
from ls_dvc.server.interface import ServerState, TaskRange

CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="kind" toName="text">'
    '<Choice value="A"/></Choices></View>'
)
BEGUN = datetime(2026, 1, 1, tzinfo=timezone.utc)


@dataclass
class FakeServer:
    """`tasks` are raw, by id. Its clock moves an hour with each change.

    `taking` is called before each snapshot is taken, and may raise, or move something.
    """

    tasks: dict[int, dict[str, Any]] = field(default_factory=dict)
    url: str = "http://fake"
    view: int | None = None
    label_config: str = CONFIG
    taking: Callable[[TaskRange], None] = lambda _: None
    made: dict[int, bytes] = field(default_factory=dict)
    asked: list[TaskRange] = field(default_factory=list)
    counts: int = 0
    clock: int = 0
    lock: Lock = field(default_factory=Lock)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def put(self, *ids: int, text: str = "t") -> None:
        """New tasks, or other data in tasks that are there."""
        self.clock += 1
        now = f"{BEGUN + timedelta(hours=self.clock):%Y-%m-%dT%H:%M:%S.%f}Z"
        for each in ids:
            self.tasks[each] = {"id": each, "data": {"text": text}, "updated_at": now}

    def skip(self, *ids: int) -> None:
        """Annotators skip these tasks."""
        self.put(*ids)
        for each in ids:
            skipped = {"id": each, "result": [], "was_cancelled": True}
            self.tasks[each]["annotations"] = [skipped]

    def remove(self, *ids: int) -> None:
        for each in ids:
            del self.tasks[each]

    def state(self) -> ServerState:
        times = sorted((each["updated_at"] for each in self.tasks.values()), reverse=True)
        config = canonical_json.digest(self.label_config.encode())
        summary = canonical_json.digest(f"{len(self.tasks)}".encode())
        newest = canonical_json.digest(canonical_json.line(times[:20]))
        made = [a for each in self.tasks.values() for a in each.get("annotations", ())]
        skipped = sum(each["was_cancelled"] for each in made)
        done = len(made) - skipped
        counted = {"annotations": done, "predictions": 0, "skipped": skipped}
        probe = Probe(len(self.tasks), done, 0, times[0], config, summary, newest, counted=counted)
        return ServerState(1, "Fake", self.label_config, probe)

    def bounds(self) -> tuple[int, int]:
        return min(self.tasks), max(self.tasks)

    def count(self, span: TaskRange) -> int:
        self.counts += 1
        return len(self._in(span))

    def remove_leftovers(self) -> None:
        pass

    def take(self, span: TaskRange) -> ExportSnapshot:
        self.taking(span)
        with self.lock:
            self.asked.append(span)
            found = self._in(span)
            number = next(self.numbers)
            self.made[number] = json.dumps(found).encode()
        md5 = hashlib.md5(self.made[number], usedforsecurity=False).hexdigest()
        if span.since:
            return ExportSnapshot(number, "delta", md5, len(found))
        return ExportSnapshot(number, "range", md5, len(found), span.first, span.last)

    def still_available(self, pinned: Iterable[ExportSnapshot]) -> list[ExportSnapshot]:
        return [each for each in pinned if each.id in self.made]

    def discard(self, snapshot: ExportSnapshot) -> None:
        self.made.pop(snapshot.id, None)

    def download(
        self, snapshot: ExportSnapshot, part: Path, arrived: Callable[[int], None]
    ) -> None:
        if snapshot.id not in self.made:
            raise ServerError(f"snapshot {snapshot.id} is gone")
        part.write_bytes(self.made[snapshot.id])

    def _in(self, span: TaskRange) -> list[dict[str, Any]]:
        return [
            each
            for key, each in self.tasks.items()
            if span.first <= key <= span.last and each["updated_at"] > span.since
            if each["updated_at"] not in span.known
        ]
