"""Which annotations of a task are chosen: the latest, the first, ground truth, all, or a vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ls_dvc.io import canonical_json
from ls_dvc.labels.canonical import Annotation, Region, Task
from ls_dvc.labels.policy import Policy
from ls_dvc.labels.regions import labels_of


def candidates(task: Task, policy: Policy) -> list[Annotation]:
    """The annotations to choose from, in order of creation; skipped ones where that is set."""
    annotations = task["annotations"]
    if not policy.skipped:
        annotations = [each for each in annotations if not each.get("was_cancelled")]
    return sorted(annotations, key=_creation) if len(annotations) > 1 else list(annotations)


def best_prediction(task: Task) -> Annotation:
    """The prediction with the highest score as an annotation; of equal ones the newest."""
    best = max(task["predictions"], key=lambda each: (_score(each), _creation(each)))
    result = best.get("result")
    return {**best, "result": result if isinstance(result, list) else [result]}


def choose(annotations: list[Annotation], policy: Policy) -> list[Annotation]:
    """The chosen ones of `candidates`; empty where ground truth is wanted and there is none."""
    return _CHOICES[policy.annotations](annotations, policy)


def is_choice(region: Region) -> bool:
    """Whether a region is an answer to a Choices control."""
    return isinstance(region, Mapping) and region.get("type") == "choices"


def _creation(annotation: Mapping[str, Any]) -> tuple[str, int]:
    return str(annotation.get("created_at", "")), annotation.get("id", 0)


def _score(prediction: Mapping[str, Any]) -> float:
    score = prediction.get("score")
    return float(score) if isinstance(score, float) or type(score) is int else float("-inf")


def _latest(annotations: list[Annotation], policy: Policy) -> list[Annotation]:  # noqa: ARG001
    return annotations[-1:]


def _first(annotations: list[Annotation], policy: Policy) -> list[Annotation]:  # noqa: ARG001
    return annotations[:1]


def _ground_truth(annotations: list[Annotation], policy: Policy) -> list[Annotation]:
    true = [annotation for annotation in annotations if annotation.get("ground_truth")]
    return true[-1:] or (annotations[-1:] if policy.fallback else [])


def _all(annotations: list[Annotation], policy: Policy) -> list[Annotation]:  # noqa: ARG001
    return annotations


def _majority(annotations: list[Annotation], policy: Policy) -> list[Annotation]:  # noqa: ARG001
    """The latest annotation, but with the choices of each control that most annotators made.

    Of equally many votes the later one wins. An annotation without a choice does not vote.
    """
    latest = annotations[-1]
    winners = {control: _winner(annotations, control) for control in _controls(annotations)}
    chosen = []
    for annotation in annotations:
        regions = [
            region
            for region in annotation["result"]
            if annotation is (winners[_control(region)] if is_choice(region) else latest)
        ]
        if regions or annotation is latest:
            chosen.append({**annotation, "result": regions})
    return chosen


def _winner(annotations: Sequence[Annotation], control: str) -> Annotation:
    """The latest annotation with the most frequent ballot."""
    ballots = [_ballot(annotation, control) for annotation in annotations]
    votes = Counter(ballot for ballot in ballots if ballot)
    most = max(votes.values())
    latest_first = zip(annotations[::-1], ballots[::-1], strict=True)
    return next(annotation for annotation, ballot in latest_first if votes.get(ballot) == most)


def _ballot(annotation: Annotation, control: str) -> tuple[str, ...]:
    """What an annotator chose for a control, whatever the order."""
    choices = (r for r in annotation["result"] if is_choice(r) and _control(r) == control)
    return tuple(sorted(canonical_json.text(sorted(labels_of(choice))) for choice in choices))


def _controls(annotations: Iterable[Annotation]) -> list[str]:
    """The controls for which anybody made a choice."""
    regions = (region for annotation in annotations for region in annotation["result"])
    return list(dict.fromkeys(_control(region) for region in regions if is_choice(region)))


def _control(region: Region) -> str:
    return str(region.get("from_name"))


_CHOICES: Mapping[str, Callable[[list[Annotation], Policy], list[Annotation]]] = {
    "latest": _latest,
    "first": _first,
    "ground_truth": _ground_truth,
    "all": _all,
    "majority": _majority,
}
