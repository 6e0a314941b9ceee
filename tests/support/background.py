"""Background exports, which only the Enterprise edition has, played on the real server's answers.

The real server finishes a snapshot inside the request that makes it. Here the answers say that it
was only begun, and what became of it shows when it is asked for again, as often as `Background`
says; until then it has no MD5, no counters and nothing to download.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from support.proxy import Reply, Request

Outcome = Literal["completed", "failed", "stuck"]
_PATH = re.compile(r"/api/projects/\d+/exports/(?:(?P<id>\d+)(?P<download>/download)?)?(?:\?.*)?")


@dataclass
class Background:
    """A proxy's fault. `outcomes` are those of the snapshots as they are made, the last for ever.

    Each is in progress when it is asked for the first `asked` times.
    """

    outcomes: tuple[Outcome, ...] = ("completed",)
    asked: int = 3
    made: dict[int, Outcome] = field(default_factory=dict)
    seen: Counter[int] = field(default_factory=Counter)

    def __call__(self, request: Request, forward: Callable[[Request], Reply]) -> Reply:
        reply, place = forward(request), _PATH.fullmatch(request.path)
        if place is None or not reply.body:
            return reply
        if request.method == "POST":
            return self._rewritten(reply, self._begin)
        if place["download"]:
            ready = self._status(int(place["id"])) == "completed"
            return reply if ready else Reply(404, [], b"")
        if place["id"]:
            self.seen[int(place["id"])] += 1
        return self._rewritten(reply, self._shown)

    def _begin(self, snapshot: dict[str, Any]) -> dict[str, Any]:
        number = min(len(self.made), len(self.outcomes) - 1)
        self.made[snapshot["id"]] = self.outcomes[number]
        return _unfinished(snapshot, "created")

    def _shown(self, snapshot: dict[str, Any]) -> dict[str, Any]:
        status = self._status(snapshot["id"])
        return snapshot if status == "completed" else _unfinished(snapshot, status)

    def _status(self, number: int) -> str:
        outcome = self.made.get(number, "completed")
        if outcome == "stuck" or self.seen[number] <= self.asked:
            return "in_progress"
        return outcome

    @staticmethod
    def _rewritten(reply: Reply, how: Callable[[dict[str, Any]], dict[str, Any]]) -> Reply:
        content = json.loads(reply.body)
        changed = [how(each) for each in content] if isinstance(content, list) else how(content)
        return Reply(reply.status, reply.headers, json.dumps(changed).encode())


def _unfinished(snapshot: dict[str, Any], status: str) -> dict[str, Any]:
    return {**snapshot, "status": status, "md5": "", "counters": {}, "finished_at": None}
