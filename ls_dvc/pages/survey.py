"""What a data lead asks of a version, counted in one pass over its tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ls_dvc.labels import region_values
from ls_dvc.labels.canonical import Region, Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.measures import Measures, Sizes
from ls_dvc.labels.policy import Policy, Selection
from ls_dvc.labels.regions import control_of, is_drawn, labels_of, value_of
from ls_dvc.labels.selection import select
from ls_dvc.labels.splits import split_of
from ls_dvc.pages.agreement import AgreementCounts
from ls_dvc.pages.grid import Grid

EXAMPLES = 6  # of each class, in the gallery
LEAD_TIMES = 10_000  # of an annotator


@dataclass(frozen=True)
class Example:
    """A region to show in the gallery, and its task."""

    task: Task = field(repr=False)
    region: Region = field(repr=False)
    label: str


@dataclass
class AnnotatorWork:
    """What one annotator did: annotations, regions in them, and seconds for each annotation."""

    annotations: int = 0
    skipped: int = 0
    regions: int = 0
    lead_times: list[float] = field(default_factory=list)


@dataclass
class Survey:
    """The counts of a version. `labels` are regions by control, label and split."""

    tasks: int = 0
    states: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    labels: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    measures: Measures = field(default_factory=Measures)
    centres: Grid = field(default_factory=Grid)
    class_centres: dict[str, Grid] = field(default_factory=dict)
    annotators: dict[str, AnnotatorWork] = field(default_factory=dict)
    agreement: AgreementCounts = field(default_factory=AgreementCounts)
    examples: dict[tuple[str, str], list[Example]] = field(default_factory=dict)


def survey(tasks: Iterable[Task], config: LabelConfig, policy: Policy) -> Survey:
    """The counts of all tasks as the settings select their annotations, unused labels too."""
    found = Survey(labels={pair: Counter() for pair in config.labels()})
    for task in tasks:
        selection = select(task, policy)
        split = split_of(task, policy.split) if policy.split else ""
        found.tasks += 1
        found.states[selection.state.value] += 1
        found.splits.update([split] if split else [])
        _count_annotators(found, task)
        found.agreement.add(task)
        _count_sizes(found, selection, config)
        _count_regions(found, selection, split, config)
    return found


def _count_regions(found: Survey, selection: Selection, split: str, config: LabelConfig) -> None:
    for region in selection.regions:
        control = config.declared_control(control_of(region))
        for label in labels_of(region):
            found.labels.setdefault((control, label), Counter())[split] += 1
            _remember(found, (control, label), selection.task, region)
        if is_drawn(region.get("type") if isinstance(region, dict) else None):
            _count_centre(found, value_of(region), labels_of(region))


def _remember(found: Survey, key: tuple[str, str], task: Task, region: Region) -> None:
    examples = found.examples.setdefault(key, [])
    if len(examples) < EXAMPLES and (not examples or examples[-1].task["id"] != task["id"]):
        examples.append(Example(task, region, key[1]))


def _count_sizes(found: Survey, selection: Selection, config: LabelConfig) -> None:
    sizes = Sizes()
    sizes.add(selection, config)
    found.measures.add(sizes)


def _count_centre(found: Survey, value: Mapping[str, Any], labels: Iterable[str]) -> None:
    box = region_values.box(value)
    if box is not None and box.width > 0 and box.height > 0:
        x, y = (box.x + box.width / 2) / 100, (box.y + box.height / 2) / 100
        found.centres.add(x, y)
        for label in labels:
            found.class_centres.setdefault(label, Grid()).add(x, y)


def _count_annotators(found: Survey, task: Task) -> None:
    for annotation in task["annotations"]:
        work = found.annotators.setdefault(str(annotation.get("completed_by", "")), AnnotatorWork())
        if annotation.get("was_cancelled"):
            work.skipped += 1
            continue
        work.annotations += 1
        work.regions += len(annotation["result"])
        seconds = region_values.number(annotation.get("lead_time"))
        if seconds is not None and len(work.lead_times) < LEAD_TIMES:
            work.lead_times.append(seconds)
