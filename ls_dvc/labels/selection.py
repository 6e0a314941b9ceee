"""Which annotations of a task are used, and which of their regions; a pure function of the task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ls_dvc.labels import choose_annotations
from ls_dvc.labels.canonical import Annotation, Region, Task
from ls_dvc.labels.policy import (
    LATEST,
    ExcludedRegion,
    ExclusionReason,
    Filter,
    Policy,
    Selection,
    TaskState,
)
from ls_dvc.labels.regions import labels_of


def select(task: Task, policy: Policy = LATEST) -> Selection:
    """What is selected of a canonical task under `policy`.

    "Latest" and "first" go by creation (the server's clock, then the id), not by edit: saving
    an annotation without a change counts as an edit.
    """
    return _single_annotation(task, policy) or _selection(task, policy)


def _single_annotation(task: Task, policy: Policy) -> Selection | None:
    """The selection where there is no choice, as in most tasks: one annotation, every region."""
    annotations = task["annotations"]
    if len(annotations) != 1 or not policy.selects_single or annotations[0].get("was_cancelled"):
        return None
    state = TaskState.LABELED if annotations[0]["result"] else TaskState.EMPTY
    return Selection(task, state, (annotations[0],), None, (), (), policy.annotations == "all")


def _selection(task: Task, policy: Policy) -> Selection:
    """The selection in all other tasks. `task` keeps only regions that pass the filter."""
    unfiltered, labels = task, policy.filter
    dropped = _excluded_by_filter(task["annotations"], labels)
    if dropped:
        task = {**task, "annotations": _without(task["annotations"], dropped)}
    candidates = choose_annotations.candidates(task, policy)
    state = _state(task, candidates)
    if labels.data and not _has_data(task, labels.data):
        return _excluded_task(task, unfiltered, dropped, state, ExclusionReason.FILTERED)
    if not candidates and policy.predictions and task["predictions"]:
        state, candidates = TaskState.PREDICTED, [choose_annotations.best_prediction(task)]
    reason = _reason_to_exclude(state, candidates, labels.tasks)
    if reason:
        return _excluded_task(task, unfiltered, dropped, state, reason)
    chosen = choose_annotations.choose(candidates, policy)
    if not chosen:
        reason = ExclusionReason.NO_GROUND_TRUTH
        return _excluded_task(task, unfiltered, dropped, state, reason)
    if state is TaskState.PREDICTED:
        reason = ExclusionReason.UNLABELED
        excluded = _excluded_task(task, unfiltered, dropped, state, reason)
        return _with_predictions(excluded, chosen, policy)
    return _of_chosen(task, unfiltered, dropped, chosen, policy)


def _of_chosen(
    task: Task,
    unfiltered: Task,
    dropped: tuple[ExcludedRegion, ...],
    chosen: Sequence[Annotation],
    policy: Policy,
) -> Selection:
    is_all = chosen == unfiltered["annotations"]
    is_part = bool(dropped) or policy.annotations == "majority"
    return Selection(
        task,
        _state_of(chosen),
        tuple(chosen),
        None,
        dropped,
        () if is_all else tuple(_excluded_by_policy(unfiltered, chosen, policy, dropped)),
        policy.annotations == "all",
        _original_indices(chosen, unfiltered) if is_part else (),
    )


def _state(task: Task, candidates: Sequence[Annotation]) -> TaskState:
    if not candidates:
        return TaskState.SKIPPED if task["annotations"] else TaskState.UNLABELED
    return _state_of(candidates)


def _state_of(annotations: Iterable[Annotation]) -> TaskState:
    has_regions = any(annotation["result"] for annotation in annotations)
    return TaskState.LABELED if has_regions else TaskState.EMPTY


def _reason_to_exclude(
    state: TaskState, candidates: Sequence[Annotation], tasks: str | None
) -> ExclusionReason | None:
    """Why nothing of a task is used, as far as its state says; `tasks` as in Filter."""
    if not _is_wanted(state, candidates, tasks):
        return ExclusionReason.FILTERED
    if candidates:
        return None
    is_skipped = state is TaskState.SKIPPED
    return ExclusionReason.SKIPPED if is_skipped else ExclusionReason.UNLABELED


def _is_wanted(state: TaskState, candidates: Sequence[Annotation], tasks: str | None) -> bool:
    if tasks == "ground_truth":
        return any(annotation.get("ground_truth") for annotation in candidates)
    if tasks == "finished":
        return state in (TaskState.LABELED, TaskState.EMPTY)
    return state is TaskState.LABELED if tasks == "labeled" else True


def _has_data(task: Task, required: Mapping[str, object]) -> bool:
    data = task.get("data")
    values = data if isinstance(data, Mapping) else {}
    return all(values.get(key) == value for key, value in required.items())


def _with_predictions(
    excluded: Selection, predictions: Sequence[Annotation], policy: Policy
) -> Selection:
    """The selection of a prediction; `excluded` has what annotators, who skipped it, left."""
    dropped = _excluded_by_filter(predictions, policy.filter)
    kept = _without(predictions, dropped) if dropped else predictions
    return excluded._replace(
        annotations=tuple(kept),
        reason=None,
        excluded_by_policy=(*excluded.excluded_by_policy, *dropped),
        per_annotation=policy.annotations == "all",
        original_indices=_original_indices(kept, {"annotations": predictions}) if dropped else (),
    )


def _excluded_by_policy(
    unfiltered: Task,
    chosen: Sequence[Annotation],
    policy: Policy,
    dropped: Sequence[ExcludedRegion],
) -> Iterable[ExcludedRegion]:
    """The regions that are neither selected nor dropped by the filter."""
    selected = {annotation.get("id"): annotation["result"] for annotation in chosen}
    filtered = {id(excluded.region) for excluded in dropped}
    for annotation in unfiltered["annotations"]:
        number = annotation.get("id", 0)
        skipped = annotation.get("was_cancelled") and not policy.skipped
        known = {id(region) for region in selected.get(number, ())} | filtered
        for index, region in enumerate(annotation["result"]):
            if id(region) not in known:
                reason = _reason_of_region(region, policy, skipped=skipped)
                yield ExcludedRegion(number, index, region, reason)


def _reason_of_region(region: Region, policy: Policy, *, skipped: bool) -> ExclusionReason:
    if skipped:
        return ExclusionReason.SKIPPED
    is_outvoted = policy.annotations == "majority" and choose_annotations.is_choice(region)
    return ExclusionReason.OUTVOTED if is_outvoted else ExclusionReason.OTHER_ANNOTATION


def _excluded_task(
    task: Task,
    unfiltered: Task,
    dropped: tuple[ExcludedRegion, ...],
    state: TaskState,
    reason: ExclusionReason,
) -> Selection:
    """The selection of nothing, with all regions of the task as excluded."""
    filtered = {id(excluded.region) for excluded in dropped}
    regions = tuple(
        ExcludedRegion(annotation.get("id", 0), index, region, _own_reason(annotation, reason))
        for annotation in unfiltered["annotations"]
        for index, region in enumerate(annotation["result"])
        if id(region) not in filtered
    )
    return Selection(task, state, (), reason, dropped, regions)


def _own_reason(annotation: Annotation, reason: ExclusionReason) -> ExclusionReason:
    """Regions of a skipped annotation are skipped, not unlabeled."""
    is_skipped = reason is ExclusionReason.UNLABELED and annotation.get("was_cancelled")
    return ExclusionReason.SKIPPED if is_skipped else reason


def _excluded_by_filter(
    annotations: Sequence[Annotation], labels: Filter
) -> tuple[ExcludedRegion, ...]:
    """The regions whose labels the settings leave out."""
    if not labels.keep and not labels.drop:
        return ()
    return tuple(
        ExcludedRegion(annotation.get("id", 0), index, region, ExclusionReason.FILTERED)
        for annotation in annotations
        for index, region in enumerate(annotation["result"])
        if not _passes(region, labels)
    )


def _passes(region: Region, labels: Filter) -> bool:
    """Regions without labels, such as texts and relations, always pass."""
    names = set(labels_of(region))
    return not names & labels.drop and (not labels.keep or names <= labels.keep)


def _without(
    annotations: Sequence[Annotation], excluded: Sequence[ExcludedRegion]
) -> list[Annotation]:
    """The annotations without these regions."""
    gone = {id(each.region) for each in excluded}
    return [
        {
            **annotation,
            "result": [region for region in annotation["result"] if id(region) not in gone],
        }
        for annotation in annotations
    ]


def _original_indices(chosen: Sequence[Annotation], unfiltered: Task) -> tuple[int, ...]:
    """The index of each selected region in the unfiltered `result` of its annotation."""
    results = {
        annotation.get("id"): enumerate(annotation["result"])
        for annotation in unfiltered["annotations"]
    }
    return tuple(
        next(index for index, other in results[annotation.get("id")] if other is region)
        for annotation in chosen
        for region in annotation["result"]
    )
