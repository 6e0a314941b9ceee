"""What counts: which tasks, which annotations of a task, which of their regions; and which split.

Pure, and a function of the task alone, so that a task never changes sides when others come.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ls_dvc.io import canonical_json
from ls_dvc.labels.canonical import Annotation, Region, Task
from ls_dvc.labels.policy import (
    LATEST,
    ExcludedRegion,
    ExclusionReason,
    Filter,
    Policy,
    Selection,
    Split,
    TaskState,
)
from ls_dvc.labels.regions import labels_of


def select(task: Task, policy: Policy = LATEST) -> Selection:
    """What of a canonical task counts under `policy`.

    "Latest" and "first" go by creation (the server's clock, then the id), not by edit: saving
    an annotation without a change counts as an edit.
    """
    return _only(task, policy) or _of_several(task, policy)


def _only(task: Task, policy: Policy) -> Selection | None:
    """What counts where there is no choice, as in most tasks: the one annotation, whole."""
    made = task["annotations"]
    if len(made) != 1 or not policy.is_plain or made[0].get("was_cancelled"):
        return None
    state = TaskState.LABELED if made[0]["result"] else TaskState.EMPTY
    return Selection(task, state, (made[0],), None, (), (), policy.annotations == "all")


def _of_several(task: Task, policy: Policy) -> Selection:
    wanted, whole = policy.filter, task
    filtered = _unwanted(whole["annotations"], wanted)
    if filtered:
        task = {**whole, "annotations": _without(whole["annotations"], filtered)}
    out = partial(_out, task, whole, filtered)
    done = _done(task, policy)
    state = _state(task, done)
    if wanted.data and not _has_data(task, wanted.data):
        return out(state, ExclusionReason.FILTERED)
    if not done and policy.predictions and task["predictions"]:
        state, done = TaskState.PREDICTED, [_predicted(task)]
    if not _is_wanted(state, done, wanted.tasks):
        return out(state, ExclusionReason.FILTERED)
    if not done:
        return out(
            state,
            ExclusionReason.SKIPPED if state is TaskState.SKIPPED else ExclusionReason.UNLABELED,
        )
    counting = _CHOOSING[policy.annotations](done, policy)
    if not counting:
        return out(state, ExclusionReason.NO_GROUND_TRUTH)
    if state is TaskState.PREDICTED:
        return _guessed(out(state, ExclusionReason.UNLABELED), counting, policy)
    all_count = counting == whole["annotations"]
    others = () if all_count else tuple(_others(whole, counting, policy, filtered))
    thinned = _places(counting, whole) if filtered or policy.annotations == "majority" else ()
    apart = policy.annotations == "all"
    return Selection(
        task, _final(state, counting), tuple(counting), None, filtered, others, apart, thinned
    )


def split_of(task: Task, split: Split) -> str:
    """The split of a task: the same for ever, and for all tasks with the same key."""
    data = task.get("data")
    key = data.get(split.by) if split.by and isinstance(data, Mapping) else None
    text = canonical_json.text(task["id"] if key is None else key)
    place = int(hashlib.sha256(text.encode(errors="replace")).hexdigest()[:13], 16) / 16**13
    edge = 0.0
    for name, share in split.shares:
        edge += share
        if place < edge:
            return name
    return split.shares[-1][0]


def _created(annotation: Annotation) -> tuple[str, int]:
    return str(annotation.get("created_at", "")), annotation.get("id", 0)


def _done(task: Task, policy: Policy) -> list[Annotation]:
    """The annotations that may count, in order of creation."""
    made = task["annotations"]
    some = made if policy.skipped else [e for e in made if not e.get("was_cancelled")]
    return sorted(some, key=_created) if len(some) > 1 else list(some)


def _state(task: Task, done: Sequence[Annotation]) -> TaskState:
    if not done:
        return TaskState.SKIPPED if task["annotations"] else TaskState.UNLABELED
    return _final(TaskState.LABELED, done)


def _final(state: TaskState, counting: Iterable[Annotation]) -> TaskState:
    if state is TaskState.PREDICTED:
        return state
    for each in counting:
        if each["result"]:
            return TaskState.LABELED
    return TaskState.EMPTY


def _predicted(task: Task) -> Annotation:
    """The prediction with the highest score as an annotation; of equal ones the newest."""
    best = max(task["predictions"], key=lambda each: (_score(each), _created(each)))
    result = best.get("result")
    return {**best, "result": result if isinstance(result, list) else [result]}


def _score(prediction: Mapping[str, Any]) -> float:
    score = prediction.get("score")
    return float(score) if isinstance(score, float) or type(score) is int else float("-inf")


def _is_wanted(state: TaskState, done: Sequence[Annotation], tasks: str | None) -> bool:
    if tasks == "ground_truth":
        return any(each.get("ground_truth") for each in done)
    if tasks == "finished":
        return state in (TaskState.LABELED, TaskState.EMPTY)
    return state is TaskState.LABELED if tasks == "labeled" else True


def _has_data(task: Task, wanted: Mapping[str, Any]) -> bool:
    data = task.get("data")
    held = data if isinstance(data, Mapping) else {}
    return all(held.get(key) == value for key, value in wanted.items())


def _latest(done: list[Annotation], policy: Policy) -> list[Annotation]:  # noqa: ARG001
    return done[-1:]


def _first(done: list[Annotation], policy: Policy) -> list[Annotation]:  # noqa: ARG001
    return done[:1]


def _ground_truth(done: list[Annotation], policy: Policy) -> list[Annotation]:
    true = [each for each in done if each.get("ground_truth")]
    return true[-1:] or (done[-1:] if policy.fallback else [])


def _all(done: list[Annotation], policy: Policy) -> list[Annotation]:  # noqa: ARG001
    return done


def _majority(done: list[Annotation], policy: Policy) -> list[Annotation]:  # noqa: ARG001
    """The latest annotation, but for choices: of each control those that most annotators made.

    Of equally many votes the later one wins. An annotation that made no choice does not vote.
    """
    won = {control: _winner(done, control) for control in _choice_controls(done)}
    counting = []
    for each in done:
        kept = [
            region
            for region in each["result"]
            if (won[_control(region)] is each if _is_choice(region) else each is done[-1])
        ]
        if kept or each is done[-1]:
            counting.append({**each, "result": kept})
    return counting


def _winner(done: Sequence[Annotation], control: str) -> Annotation:
    """The latest annotation of those with the ballot that most have."""
    ballots = {id(each): _ballot(each, control) for each in done}
    votes = Counter(ballot for ballot in ballots.values() if ballot)
    most = max(votes.values())
    return next(each for each in done[::-1] if votes.get(ballots[id(each)]) == most)


def _ballot(annotation: Annotation, control: str) -> tuple[str, ...]:
    mine = (r for r in annotation["result"] if _is_choice(r) and _control(r) == control)
    return tuple(sorted(canonical_json.text(sorted(labels_of(each))) for each in mine))


def _choice_controls(done: Iterable[Annotation]) -> list[str]:
    found = (_control(r) for each in done for r in each["result"] if _is_choice(r))
    return list(dict.fromkeys(found))


def _is_choice(region: Region) -> bool:
    return isinstance(region, Mapping) and region.get("type") == "choices"


def _control(region: Region) -> str:
    return str(region.get("from_name"))


_CHOOSING: Mapping[str, Callable[[list[Annotation], Policy], list[Annotation]]] = {
    "latest": _latest,
    "first": _first,
    "ground_truth": _ground_truth,
    "all": _all,
    "majority": _majority,
}


def _guessed(bare: Selection, guesses: Sequence[Annotation], policy: Policy) -> Selection:
    """A task of which a prediction counts; `bare` has what annotators, who skipped it, left."""
    unwanted = _unwanted(guesses, policy.filter)
    counting = _without(guesses, unwanted) if unwanted else guesses
    return bare._replace(
        annotations=tuple(counting),
        why=None,
        others=(*bare.others, *unwanted),
        apart=policy.annotations == "all",
        thinned=_places(counting, {"annotations": guesses}) if unwanted else (),
    )


def _others(
    whole: Task, counting: Sequence[Annotation], policy: Policy, filtered: Sequence[ExcludedRegion]
) -> Iterable[ExcludedRegion]:
    """The regions of the task's annotations that do not count."""
    kept = {each.get("id"): each["result"] for each in counting}
    gone = {id(each.region) for each in filtered}
    for each in whole["annotations"]:
        number = each.get("id", 0)
        skipped = each.get("was_cancelled") and not policy.skipped
        inside = {id(region) for region in kept.get(number, ())} | gone
        for place, region in enumerate(each["result"]):
            if id(region) not in inside:
                yield ExcludedRegion(
                    number, place, region, _why_left(region, policy, skipped=skipped)
                )


def _why_left(region: Region, policy: Policy, *, skipped: bool) -> ExclusionReason:
    if skipped:
        return ExclusionReason.SKIPPED
    outvoted = policy.annotations == "majority" and _is_choice(region)
    return ExclusionReason.OUTVOTED if outvoted else ExclusionReason.OTHER_ANNOTATION


def _out(
    task: Task,
    whole: Task,
    filtered: tuple[ExcludedRegion, ...],
    state: TaskState,
    why: ExclusionReason,
) -> Selection:
    """A task that does not count, with all of its regions."""
    gone = {id(each.region) for each in filtered}
    left = tuple(
        ExcludedRegion(each.get("id", 0), place, region, _why_out(each, why))
        for each in whole["annotations"]
        for place, region in enumerate(each["result"])
        if id(region) not in gone
    )
    return Selection(task, state, (), why, filtered, left)


def _why_out(annotation: Annotation, why: ExclusionReason) -> ExclusionReason:
    return (
        why
        if why is not ExclusionReason.UNLABELED or not annotation.get("was_cancelled")
        else ExclusionReason.SKIPPED
    )


def _unwanted(some: Sequence[Annotation], wanted: Filter) -> tuple[ExcludedRegion, ...]:
    """The regions of annotations whose labels are not wanted."""
    if not wanted.keep and not wanted.drop:
        return ()
    return tuple(
        ExcludedRegion(each.get("id", 0), place, region, ExclusionReason.FILTERED)
        for each in some
        for place, region in enumerate(each["result"])
        if not _has_wanted_labels(region, wanted)
    )


def _without(some: Sequence[Annotation], left: Sequence[ExcludedRegion]) -> list[Annotation]:
    """The annotations without these regions."""
    gone = {id(each.region) for each in left}
    return [
        {**each, "result": [region for region in each["result"] if id(region) not in gone]}
        for each in some
    ]


def _places(counting: Sequence[Annotation], whole: Task) -> tuple[int, ...]:
    """The places of the regions that count, in their results before any was left out."""
    results = {each.get("id"): enumerate(each["result"]) for each in whole["annotations"]}
    return tuple(
        next(place for place, each in results[annotation.get("id")] if each is region)
        for annotation in counting
        for region in annotation["result"]
    )


def _has_wanted_labels(region: Region, wanted: Filter) -> bool:
    """True for regions without labels, such as texts and relations: nobody spoke of those."""
    labels = set(labels_of(region))
    return not labels & wanted.drop and (not wanted.keep or labels <= wanted.keep)
