"""Use case: look at a project until its labels have moved and come to rest, then act; again.

A machine without a clock, a server or a child process of its own: all are handed in. What it
does it tells as events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ls_dvc.errors import LsDvcError, ServerError, ServerUnavailableError
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Probe
from ls_dvc.server.interface import ServerState
from ls_dvc.update import has_moved
from ls_dvc.workspace import Workspace

_MOST_DOUBLINGS = 16


@dataclass(frozen=True)
class WatchIntervals:
    """Seconds: between two looks, without any change before acting, and of the longest pause."""

    every: float
    quiet: float
    longest: float = 600.0

    def grown(self, times: int) -> float:
        """The pause after something has failed `times` times in a row."""
        doubled = self.every * 2.0 ** min(times - 1, _MOST_DOUBLINGS)
        return max(self.every, min(doubled, self.longest))


@dataclass(frozen=True)
class Observation:
    """What is on the server and what is pinned; equal as long as neither of them changes."""

    project_id: int
    probe: Probe
    pinned: str
    moved: bool


@dataclass(frozen=True)
class ServerAway:
    """The project cannot be looked at now; `error` says why. Told once, until it is back."""

    error: LsDvcError


@dataclass(frozen=True)
class ServerBack:
    """The project can be looked at again."""


@dataclass(frozen=True)
class LabelsChanged:
    """Labels differ from the pinned ones by now. Not told again while they go on moving."""


@dataclass(frozen=True)
class ActionStarted:
    """No label has moved for long enough; what is to be done begins."""


@dataclass(frozen=True)
class ActionFinished:
    """It ended with an exit code; unless 0 it is tried again in `again_in` seconds."""

    code: int
    again_in: float = 0.0


Event = ServerAway | ServerBack | LabelsChanged | ActionStarted | ActionFinished


@dataclass(frozen=True)
class WatchState:
    """What the watch knows. `due_at` is by the clock that was handed in; None: nothing to do.

    `misses` counts looks without an answer, `failures` those of acting on the same look.
    """

    look: Observation | None = None
    due_at: float | None = None
    misses: int = 0
    failures: int = 0

    def missed(self) -> WatchState:
        """After a look that failed. What was seen before stands: no label moved that we know."""
        return replace(self, misses=self.misses + 1)

    def saw(self, look: Observation, now: float, intervals: WatchIntervals) -> WatchState:
        """After a look. Whatever changed, the quiet time begins anew."""
        if look == self.look:
            return replace(self, misses=0)
        return WatchState(look, now + intervals.quiet if look.moved else None)

    def acted(self, code: int, now: float, intervals: WatchIntervals) -> WatchState:
        """After acting: done with this look, or due again after a growing pause."""
        if code == 0:
            return replace(self, due_at=None, failures=0)
        failures = self.failures + 1
        return replace(self, due_at=now + intervals.grown(failures), failures=failures)

    def is_due(self, now: float) -> bool:
        """Whether to act now: seen just now, and for long enough."""
        return not self.misses and self.due_at is not None and self.due_at <= now

    def pause(self, now: float, intervals: WatchIntervals) -> float:
        """Seconds until the next look."""
        if self.misses:
            return intervals.grown(self.misses)
        if self.due_at is None:
            return intervals.every
        return min(intervals.every, max(self.due_at - now, 0.0))


def watch(
    look: Callable[[], Observation],
    act: Callable[[], int],
    intervals: WatchIntervals,
    now: Callable[[], float],
    sleep: Callable[[float], None],
) -> Iterator[Event]:
    """Watch for ever. Raises what `look` does when only the user can mend it.

    `now` is a clock in seconds that never goes back. `act` gives an exit code.
    """
    state = WatchState()
    while True:
        state, told = _looked(look, state, now, intervals)
        yield from told
        if state.is_due(now()):
            yield ActionStarted()
            code = act()
            state = state.acted(code, now(), intervals)
            yield ActionFinished(code, intervals.grown(state.failures) if state.failures else 0.0)
        sleep(state.pause(now(), intervals))


def look(workspace: Workspace, state: ServerState) -> Observation:
    """The data set in `place`, with the pin it has now, against its project on the server."""
    pin = lockfile.find(workspace.pin)
    moved = pin is None or pin.project_id != state.project_id
    moved = moved or not pin.has_converted(workspace.params.served)  # type: ignore[union-attr]
    moved = moved or has_moved(state, pin, workspace.cache)  # type: ignore[arg-type]
    return Observation(state.project_id, state.probe, pin.fingerprint if pin else "", moved)


def _looked(
    look: Callable[[], Observation],
    state: WatchState,
    now: Callable[[], float],
    intervals: WatchIntervals,
) -> tuple[WatchState, list[Event]]:
    try:
        seen = look()
    except LsDvcError as error:
        if not _may_pass(error, state):
            raise
        return state.missed(), [] if state.misses else [ServerAway(error)]
    told: list[Event] = [ServerBack()] if state.misses else []
    if seen.moved and seen != state.look and state.due_at is None:
        told.append(LabelsChanged())
    return state.saw(seen, now(), intervals), told


def _may_pass(error: LsDvcError, state: WatchState) -> bool:
    """Whether to look again later: the server is away, or git is changing files under us."""
    if isinstance(error, ServerError):
        return isinstance(error, ServerUnavailableError)
    return state.look is not None
