"""Who is compared with whom in a task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any

from ls_dvc.check.agreed import TRUTH, Rater, model
from ls_dvc.check.agreement.answers import Answers, answers_of
from ls_dvc.check.agreement.keypoints import PlacedPoint, points_of
from ls_dvc.check.agreement.marks import MarkedRegion, marks_of
from ls_dvc.check.views import AnnotationView, CheckContext, TaskView, annotation_view


class RatedWork:
    """What an annotator or a model made of a task, worked out once for all comparisons."""

    def __init__(self, rater: Rater, view: AnnotationView, context: CheckContext) -> None:
        self.rater, self.families, self._config = rater, view.families, context.config

    @cached_property
    def marks(self) -> Mapping[str, Sequence[MarkedRegion]]:
        """What is marked, by control, in an order that does not depend on that of the regions."""
        return marks_of(self.families, self._config)

    @cached_property
    def points(self) -> Mapping[str, Sequence[PlacedPoint]]:
        """The key points by control."""
        return points_of(self.families, self._config)

    @cached_property
    def answers(self) -> Answers:
        """What is answered about the task as a whole."""
        return answers_of(self.families, self._config)


def comparisons(task: TaskView) -> Iterator[tuple[RatedWork, RatedWork]]:
    """Annotators with each other, each with the ground truth, and models with what people made.

    Of an annotator the last annotation counts that was not skipped: nobody agrees with themselves.
    Where it is not known who made an annotation, it may be anybody's, so that it is not compared
    with people. Ground truth is often a copy of somebody's annotation, so that it counts as
    nobody's own, and its author is not compared with it. Models are compared with ground truth
    where there is any, else with all annotations that count.
    """
    predictions = task.task.get("predictions")
    if len(task.annotations) < 2 and not (predictions and task.annotations):
        return
    truth, latest = _latest(task)
    works = {who: RatedWork(who or "", view, task.context) for who, view in latest.items()}
    known = [works[who] for who in sorted(filter(None, works))]
    yield from combinations(known, 2)
    reference = RatedWork(TRUTH, truth, task.context) if truth else None
    if reference and truth and truth.annotator is not None:
        yield from ((work, reference) for work in known if work.rater != truth.annotator)
    if predictions:
        people = [reference] if reference else [*works.values()]
        for predicted in _models(task, predictions):
            yield from ((work, predicted) for work in people)


def _latest(
    task: TaskView,
) -> tuple[AnnotationView | None, Mapping[int | None, AnnotationView]]:
    """The ground truth, and the last annotation of each annotator that is none."""
    live = (each for each in task.task["annotations"] if not each.get("was_cancelled"))
    truth, latest = None, dict[int | None, AnnotationView]()
    for annotation, view in zip(live, task.annotations, strict=True):
        if annotation.get("ground_truth"):
            truth = view
        else:
            latest[view.annotator] = view
    return truth, latest


def _models(task: TaskView, predictions: Sequence[Mapping[str, Any]]) -> Iterator[RatedWork]:
    """The last prediction of each version of a model."""
    latest = {str(each.get("model_version", "")): each for each in predictions}
    for version, prediction in sorted(latest.items()):
        result = prediction.get("result")
        made = {"result": result if isinstance(result, list) else []}
        view = annotation_view(task.id, made, task.context.config)
        yield RatedWork(model(version), view, task.context)
