"""What is in a snapshot folder, counted by shard so that counts add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ls_dvc.errors import LsDvcError
from ls_dvc.io.strict_values import count, mapping, numbers, sequence, text
from ls_dvc.labels import label_config
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.regions import control_of, named_labels


@dataclass(frozen=True)
class SnapshotCounts:
    """The counts of one file. Skipped annotations are counted in `skipped` alone.

    `labels` counts regions by control and label; `annotators` counts annotations by user id, as
    text because JSON's keys are text. `columns` counts tasks by the keys of their data. `controls`
    are the names of controls that regions of annotations refer to, `predicted` those that regions
    of predictions refer to; both sorted. `models` counts predictions by model version, and
    `predicted_at` is when the newest prediction was made (the server's clock, ISO 8601).
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
        annotations = [each for task in tasks for each in task["annotations"]]
        done = [each for each in annotations if not each.get("was_cancelled")]
        predictions = [each for task in tasks for each in task["predictions"]]
        predicted = [each.get("result") for each in predictions]
        labels = Counter(pair for each in done for r in each["result"] for pair in named_labels(r))
        annotators = Counter(str(each["completed_by"]) for each in done if "completed_by" in each)
        return cls(
            tasks=len(tasks),
            annotations=len(done),
            predictions=len(predictions),
            labels=_nested(labels),
            annotators=_by_name(annotators),
            columns=_by_name(Counter(key for task in tasks for key in _data(task))),
            controls=_controls(each["result"] for each in annotations),
            predicted=_controls(result for result in predicted if isinstance(result, list)),
            skipped=len(annotations) - len(done),
            models=_by_name(Counter(filter(None, map(_model, predictions)))),
            predicted_at=max((str(each.get("created_at", "")) for each in predictions), default=""),
        )

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> SnapshotCounts:
        """The counts in a manifest, which leaves out those of nothing; else `ValueError`."""
        known: dict[str, Callable[[Any], Any]] = {
            **dict.fromkeys(("tasks", "annotations", "predictions", "skipped"), count),
            **dict.fromkeys(("annotators", "columns", "models"), numbers),
            **dict.fromkeys(("controls", "predicted"), _texts),
            "labels": _numbers_by_name,
            "predicted_at": text,
        }
        if unknown := values.keys() - known.keys():
            raise ValueError(f"{min(unknown)!r:.200} is not counted")
        return cls(**{name: known[name](value) for name, value in values.items()})

    @classmethod
    def sum(cls, parts: Iterable[SnapshotCounts]) -> SnapshotCounts:
        """All of `parts` together."""
        parts = list(parts)
        labels, annotators, columns = Counter[tuple[str, str]](), Counter[str](), Counter[str]()
        models = Counter[str]()
        for part in parts:
            labels.update({(c, n): k for c, by in part.labels.items() for n, k in by.items()})
            annotators.update(part.annotators)
            columns.update(part.columns)
            models.update(part.models)
        return cls(
            tasks=sum(part.tasks for part in parts),
            annotations=sum(part.annotations for part in parts),
            predictions=sum(part.predictions for part in parts),
            labels=_nested(labels),
            annotators=_by_name(annotators),
            columns=_by_name(columns),
            controls=_sorted(name for part in parts for name in part.controls),
            predicted=_sorted(name for part in parts for name in part.predicted),
            skipped=sum(part.skipped for part in parts),
            models=_by_name(models),
            predicted_at=max((part.predicted_at for part in parts), default=""),
        )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(text, sequence(value)))


def _numbers_by_name(value: Any) -> dict[str, dict[str, int]]:
    return {name: numbers(by_name) for name, by_name in mapping(value).items()}


def with_declared_controls(counts: SnapshotCounts, config: str) -> SnapshotCounts:
    """The counts with the names that controls of a Repeater have in the label config (XML)."""
    try:
        parsed = label_config.parse(config, "the label config")
    except LsDvcError:
        return counts
    labels = Counter[tuple[str, str]]()
    for control, regions in counts.labels.items():
        declared = parsed.declared_control(control)
        labels.update({(declared, label): number for label, number in regions.items()})
    return replace(counts, labels=_nested(labels))


def _data(task: Task) -> Mapping[str, Any]:
    data = task.get("data")
    return data if isinstance(data, Mapping) else {}


def _model(prediction: Mapping[str, Any]) -> str | None:
    name = prediction.get("model_version")
    return name if isinstance(name, str) else None


def _controls(results: Iterable[Sequence[Any]]) -> tuple[str, ...]:
    return _sorted(filter(None, (control_of(region) for result in results for region in result)))


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*names}))


def _by_name(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """By control, then by label, both sorted: the order of tasks must not matter."""
    nested: dict[str, dict[str, int]] = {}
    for (control, label), number in sorted(counts.items()):
        nested.setdefault(control, {})[label] = number
    return nested
