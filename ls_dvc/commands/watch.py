"""Use case: wait until an update is due and the project is idle, then act; for ever.

A state machine: the clock, the server and the action are handed in. What happens comes out as
events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ls_dvc.errors import LsDvcError, ServerError, ServerUnavailableError
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Probe
from ls_dvc.server.interface import ServerState
from ls_dvc.update import UpdateReason, update_reasons
from ls_dvc.workspace import Workspace

_MOST_DOUBLINGS = 16


@dataclass(frozen=True)
class WatchIntervals:
    """Seconds: between two looks, without changes before acting, and of the longest pause."""

    every: float
    quiet: float
    longest: float = 600.0

    def grown(self, times: int) -> float:
        """The pause after something has failed `times` times in a row."""
        doubled = self.every * 2.0 ** min(times - 1, _MOST_DOUBLINGS)
        return max(self.every, min(doubled, self.longest))


@dataclass(frozen=True)
class Observation:
    """What is on the server and what is pinned; equal as long as neither of them changes.

    `reasons` say why an update is due; empty when none is.
    """

    project_id: int
    probe: Probe
    pinned: str
    reasons: tuple[UpdateReason, ...] = ()


@dataclass(frozen=True)
class WatchInterrupted:
    """The project cannot be looked at now; `error` says why. Reported once, until it can."""

    error: LsDvcError


@dataclass(frozen=True)
class WatchResumed:
    """The project can be looked at again."""


@dataclass(frozen=True)
class UpdateDue:
    """An update is due, for these reasons. Reported once, though labels go on changing."""

    reasons: tuple[UpdateReason, ...]


@dataclass(frozen=True)
class ActionStarted:
    """Nothing has changed for long enough; the action starts."""


@dataclass(frozen=True)
class ActionFinished:
    """The action ended with an exit code; unless 0 it is tried again in `again_in` seconds."""

    code: int
    again_in: float = 0.0


Event = WatchInterrupted | WatchResumed | UpdateDue | ActionStarted | ActionFinished


@dataclass(frozen=True)
class WatchState:
    """What the watch knows. `due_at` is by the clock that was handed in; None: nothing to do.

    `misses` counts looks without an answer, `failures` the failed actions since the last change.
    """

    look: Observation | None = None
    due_at: float | None = None
    misses: int = 0
    failures: int = 0

    def missed(self) -> WatchState:
        """After a look that failed. What was seen before stands: no change is known."""
        return replace(self, misses=self.misses + 1)

    def saw(self, look: Observation, now: float, intervals: WatchIntervals) -> WatchState:
        """After a look. Any change starts the quiet time again."""
        if look == self.look:
            return replace(self, misses=0)
        return WatchState(look, now + intervals.quiet if look.reasons else None)

    def acted(self, code: int, now: float, intervals: WatchIntervals) -> WatchState:
        """After an action: nothing to do, or due again after a growing pause."""
        if code == 0:
            return replace(self, due_at=None, failures=0)
        failures = self.failures + 1
        return replace(self, due_at=now + intervals.grown(failures), failures=failures)

    def is_due(self, now: float) -> bool:
        """Whether to act now: the last look was answered, and nothing changed for long enough."""
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
    """Watch for ever. Raises what `look` raises when only the user can fix it.

    `now` is a clock in seconds that never goes back. `act` returns an exit code.
    """
    state = WatchState()
    while True:
        state, events = _looked(look, state, now, intervals)
        yield from events
        if state.is_due(now()):
            yield ActionStarted()
            code = act()
            state = state.acted(code, now(), intervals)
            yield ActionFinished(code, intervals.grown(state.failures) if state.failures else 0.0)
        sleep(state.pause(now(), intervals))


def look(workspace: Workspace, state: ServerState) -> Observation:
    """Compare the data set's pin and settings, as they are now, with its project on the server."""
    pin, params = lockfile.find(workspace.pin), workspace.params
    reasons = update_reasons(
        state,
        pin,
        workspace.cache,
        renames=params.classes.rename,
        served=params.served,
        media=params.fetched_media.digest if params.fetched_media else "",
        formats=params.encoded_formats,
    )
    return Observation(state.project_id, state.probe, pin.fingerprint if pin else "", reasons)


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
        return state.missed(), [] if state.misses else [WatchInterrupted(error)]
    events: list[Event] = [WatchResumed()] if state.misses else []
    if seen.reasons and seen != state.look and state.due_at is None:
        events.append(UpdateDue(seen.reasons))
    return state.saw(seen, now(), intervals), events


def _may_pass(error: LsDvcError, state: WatchState) -> bool:
    """Whether to look again later: the server is away, or git is changing files under us."""
    if isinstance(error, ServerError):
        return isinstance(error, ServerUnavailableError)
    return state.look is not None
