"""When the counts of an export agree with those of the server, which has several of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.pins import PIN

from ls_dvc.server.interface import ServerState
from ls_dvc.snapshot import snapshot_folder
from ls_dvc.snapshot.manifest import shard
from ls_dvc.update.chain import Chain


@pytest.mark.parametrize(
    ("total", "counted", "models", "agrees"),
    [
        (2, 2, {"m": 2}, True),
        (2, 1, {"m": 2}, True),
        (1, 2, {"m": 2}, True),
        (2, 1, {"m": 1}, False),  # one of two was deleted, and the total did not notice
        (1, 1, {"m": 2}, False),
        (2, 1, {"m": 1, "None": 0}, True),  # no model's predictions count as 0: nobody knows
        (2, 1, {"m": 7}, True),
        (2, 0, {}, False),  # both were deleted
        (1, 2, {}, True),  # an old server has no groups
    ],
)
def test_predictions_agree_with_the_total_that_is_right(
    tmp_path: Path, total: int, counted: int, models: dict[str, int], agrees: bool
) -> None:
    made = [{"id": 1, "result": []}, {"id": 2, "result": []}]
    task = {"id": 1, "annotations": [], "predictions": made}
    (tmp_path / "made").mkdir()
    snapshot_folder.write(tmp_path / "made", [shard(0, [task])])
    probe = replace(
        PIN.probe,
        tasks=1,
        annotations=0,
        predictions=total,
        counted={"predictions": counted},
        models=models,
    )
    state = ServerState(1, "Project", "<View/>", probe)
    chain = Chain(state, (), snapshot_folder.read(tmp_path / "made"), consistent=True)
    assert (chain.mismatch() == "") == agrees
