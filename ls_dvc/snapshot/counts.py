"""What is in a snapshot folder, counted by shard so that counts add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ls_dvc.labels.canonical import Task
from ls_dvc.labels.regions import control_of, named_labels


@dataclass(frozen=True)
class SnapshotCounts:
    """What is in a file. Annotations that were skipped count nowhere but in `skipped`.

    `labels` counts regions by control and label; `annotators` annotations by user id, which
    is text because JSON's keys are. `columns` counts tasks by the keys of their data. `controls`
    are the names that any regions refer to, `predicted` those that regions of predictions do; both
    sorted. `models` counts predictions by what made them, and `predicted_at` is when the newest of
    them was made, by the server's clock.
    """

    tasks: int = 0
    annotations: int = 0
    predictions: int = 0
    labels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    annotators: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)
    controls: tuple[str, ...] = ()
    predicted: tuple[str, ...] = ()
    skipped: int = 0
    models: Mapping[str, int] = field(default_factory=dict)
    predicted_at: str = ""

    @classmethod
    def of(cls, tasks: Iterable[Task]) -> SnapshotCounts:
        """The counts of canonical tasks."""
        tasks = list(tasks)
        made = [each for task in tasks for each in task["annotations"]]
        done = [each for each in made if not each.get("was_cancelled")]
        guessed = [each for task in tasks for each in task["predictions"]]
        guesses = [each.get("result") for each in guessed]
        found = Counter(pair for each in done for r in each["result"] for pair in named_labels(r))
        by = Counter(str(each["completed_by"]) for each in done if "completed_by" in each)
        return cls(
            tasks=len(tasks),
            annotations=len(done),
            predictions=len(guessed),
            labels=nested(found),
            annotators=_by_name(by),
            columns=_by_name(Counter(key for task in tasks for key in _data(task))),
            controls=_controls(each["result"] for each in made),
            predicted=_controls(each for each in guesses if isinstance(each, list)),
            skipped=len(made) - len(done),
            models=_by_name(Counter(filter(None, map(_model, guessed)))),
            predicted_at=max((str(each.get("created_at", "")) for each in guessed), default=""),
        )

    @classmethod
    def sum(cls, parts: Iterable[SnapshotCounts]) -> SnapshotCounts:
        """All of `parts` together."""
        parts = list(parts)
        labels, by, columns = Counter[tuple[str, str]](), Counter[str](), Counter[str]()
        models = Counter[str]()
        for part in parts:
            labels.update({(c, n): k for c, some in part.labels.items() for n, k in some.items()})
            by.update(part.annotators)
            columns.update(part.columns)
            models.update(part.models)
        return cls(
            tasks=sum(part.tasks for part in parts),
            annotations=sum(part.annotations for part in parts),
            predictions=sum(part.predictions for part in parts),
            labels=nested(labels),
            annotators=_by_name(by),
            columns=_by_name(columns),
            controls=_sorted(each for part in parts for each in part.controls),
            predicted=_sorted(each for part in parts for each in part.predicted),
            skipped=sum(part.skipped for part in parts),
            models=_by_name(models),
            predicted_at=max((part.predicted_at for part in parts), default=""),
        )


def _data(task: Task) -> Mapping[str, Any]:
    data = task.get("data")
    return data if isinstance(data, Mapping) else {}


def _model(prediction: Mapping[str, Any]) -> str | None:
    name = prediction.get("model_version")
    return name if isinstance(name, str) else None


def _controls(results: Iterable[Sequence[Any]]) -> tuple[str, ...]:
    return _sorted(filter(None, (control_of(region) for each in results for region in each)))


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*names}))


def _by_name(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """By control, then by label, both sorted: the order of tasks must not matter."""
    found: dict[str, dict[str, int]] = {}
    for (control, label), count in sorted(counts.items()):
        found.setdefault(control, {})[label] = count
    return found
