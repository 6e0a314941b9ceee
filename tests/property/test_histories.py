"""Updates of a project that changes at random: always what a fresh export of everything holds.

All of it happens within seconds. With the overlap of the product, a delta would hold every task,
and what has to be found by other means would go untested: so most plays have an overlap of 0.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from support.mutations import MUTATIONS, write_a_field
from support.random_project import Play, playing

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.update import overlap as overlap_of_updates

BOUNDED = settings(
    max_examples=3,
    stateful_step_count=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
LONG = settings(BOUNDED, max_examples=60, stateful_step_count=40, derandomize=False)
UNTOUCHING = [
    "propagate",
    "import_predictions",
    "delete_predictions",
    "remove_duplicates",
    "add_a_field",
    "cache_labels",
]
NAMES = sorted(MUTATIONS.keys() - {*UNTOUCHING})
NUMBERS = st.integers(0, 11)
PLAYS = itertools.count(1)
SERVERS = pytest.mark.parametrize("server", ["studio", "studio_on_postgres"])


@contextmanager
def overlap(seconds: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap_of_updates, "OVERLAP", timedelta(seconds=seconds))
        yield


@pytest.fixture
def play(studio: LocalServer, tmp_path: Path) -> Iterator[Play]:
    with overlap(0), playing(studio, tmp_path) as running:
        yield running


def machine(
    studio: LocalServer, folder: Path, outcomes: Counter[str]
) -> type[RuleBasedStateMachine]:
    """A machine whose every run has a project of its own; what its updates did goes to `outcomes`.

    A run draws the few kinds of changes that it is made of: one of all kinds would take everything
    anew nearly each time, and one without any of `UNTOUCHING` never would.
    """

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.open = ExitStack()

        @initialize(
            seconds=st.sampled_from([0, 0, 0, 60]),
            kinds=st.lists(st.sampled_from(NAMES), min_size=4, max_size=4, unique=True),
            untouching=st.sampled_from(UNTOUCHING),
        )
        def begin(self, seconds: int, kinds: list[str], untouching: str) -> None:
            self.kinds = [untouching, *kinds]
            self.open.enter_context(overlap(seconds))
            self.play = self.open.enter_context(playing(studio, folder / f"{next(PLAYS)}"))
            self.play.run("annotate:1 annotate:4 predict:1 update")

        @rule(kind=st.integers(0, 4), number=NUMBERS)
        def mutate(self, kind: int, number: int) -> None:
            self.play.mutate(self.kinds[kind], number)

        @rule(kind=st.integers(0, 4), number=NUMBERS)
        def mutate_and_update(self, kind: int, number: int) -> None:
            self.mutate(kind, number)
            self.play.update()

        def teardown(self) -> None:
            self.open.close()
            outcomes.update(self.play.outcomes)

    return Machine


def check_both_occurred(outcomes: Counter[str]) -> None:
    """Else the comparison would have proved nothing."""
    fallbacks = {each for each in outcomes if each.startswith("all, for ")}
    assert outcomes["delta"] >= len(outcomes) > 0
    assert fallbacks, outcomes


def test_a_chain_is_what_a_full_export_holds(studio: LocalServer, tmp_path: Path) -> None:
    outcomes = Counter[str]()
    run_state_machine_as_test(machine(studio, tmp_path, outcomes), settings=BOUNDED)
    check_both_occurred(outcomes)


@pytest.mark.soak
@SERVERS
def test_for_long(server: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    outcomes = Counter[str]()
    studio: LocalServer = request.getfixturevalue(server)
    run_state_machine_as_test(machine(studio, tmp_path, outcomes), settings=LONG)
    check_both_occurred(outcomes)


# --- sequences that were found; each once gave a pin that was wrong, or none at all


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        pytest.param(
            "predict:0 predict:1 update delete_predictions:0 import_predictions:2 annotate:4",
            "other predictions than the server counts by model",
            id="as many predictions imported as were deleted, none of which touches a task",
        ),
        pytest.param(
            "skip:1 skip:2 update remove_duplicates:0",
            "other skipped annotations than the server counts",
            id="skipped annotations moved to another task",
        ),
        pytest.param(
            "update add_a_field:3 annotate:0",
            "which may be written without touching them",
            id="a field that all tasks got, and one of them was touched later",
        ),
        pytest.param(
            "update import_predictions:11 update delete_predictions:9",
            "the export holds 2 predictions, the server counts 0",
            id="predictions deleted behind the tasks' backs",
        ),
        pytest.param(
            "annotate:1 update propagate:0 delete_annotation:0",
            "the export holds 1 annotations, the server counts 5",
            id="annotations propagated, and one deleted",
        ),
    ],
)
def test_what_touches_no_task_is_taken_in_full(play: Play, steps: str, reason: str) -> None:
    play.run(steps)
    before = play.outcomes.copy()
    play.update()
    (outcome,) = play.outcomes - before
    assert outcome.startswith("all, for ")
    assert reason in outcome


def test_a_counter_that_the_server_left_wrong_stops_no_update(play: Play) -> None:
    """Of several predictions of a task, all deleted at once, its counter keeps some."""
    play.run("import_predictions:1 import_predictions:1 update delete_predictions:0")
    probe = play.live.server.state().probe
    assert probe.predictions > probe.counted["predictions"] == 0
    play.run("update annotate:1 update")


def test_an_update_cannot_see_a_field_written_over_beside_another_change(play: Play) -> None:
    """The server's counts move as if the annotation had been saved twice; docs/versions.md."""
    write_a_field(play.scene, 0, "text")
    play.update()
    write_a_field(play.scene, 3, "text")
    play.mutate("annotate", 0)
    with pytest.raises(AssertionError):
        play.update()
    play.update(full=True)


def test_a_field_written_over_is_seen_when_nothing_else_changed(play: Play) -> None:
    play.update()
    write_a_field(play.scene, 3, "text")
    play.update()
    assert play.outcomes["all, for the project's summary changed, and no task did"] == 1
