"""The scene of a whole task: every region of every annotation and prediction, in its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support import changed_labels
from test_change_page import PLAN

from ls_dvc.labels import canonical
from ls_dvc.pages.version_scenes import VersionScene, version_scene


def scene(raw: dict[str, Any]) -> VersionScene:
    task = json.loads(json.dumps(canonical.task(raw)))
    return version_scene(task, {}, PLAN)


def test_every_region_is_in_it() -> None:
    found = scene({"id": 5, **changed_labels.after()[5]})
    assert [each.author for each in found.results] == ["user 7", "user 9"]
    assert len(found.owners) == sum(each.regions for each in found.results)
    assert len(found.regions) + len(found.answers) == len(found.owners)
    (image,) = found.images
    assert {found.owners[shape.pair] for shape in image.shapes} == {0, 1}
    assert found.regions[0].words.startswith("box at ")
    assert ("camera", "left") in found.data


def test_texts_recordings_and_predictions() -> None:
    text = {"id": 20, **changed_labels.after()[20]}
    (shown,) = scene(text).texts
    assert "".join(run.text for run in shown.after) == changed_labels.TEXT
    assert scene(text).regions[0].words == "span “Anna Schmidt”"
    (line,) = scene({"id": 30, **changed_labels.after()[30]}).timelines
    assert len(line.segments) == 3
    guess = {
        "id": 1,
        "model_version": "m2",
        "score": 0.5,
        "result": text["annotations"][0]["result"],
    }
    found = scene({**text, "annotations": [], "predictions": [guess]})
    assert [(each.author, each.is_prediction, each.facts) for each in found.results] == [
        ("model m2", True, ("score 0.50",))
    ]


def test_a_recording_without_a_segment_is_shown() -> None:
    (line,) = scene({"id": 1, "data": {"audio": "/a.wav"}}).timelines
    assert (line.address, line.length, line.segments) == ("/a.wav", 0.0, ())


@pytest.mark.parametrize(
    "result",
    [None, "x", 3, [None, "x", 4, [[]]], [{"value": 3}], [{"value": {"x": "a"}, "id": []}]],
)
def test_what_is_no_region(result: Any) -> None:
    """Tools store anything in a result; a page goes on."""
    annotation = {"id": 1, "result": result, "completed_by": {"id": 4}, "lead_time": "long"}
    prediction = {"id": 1, "result": result, "score": "high", "model_version": ["m"]}
    found = scene({"id": 1, "annotations": [annotation], "predictions": [prediction]})
    assert found.results[0].author == "user 4"
