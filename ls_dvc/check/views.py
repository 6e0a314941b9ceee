"""A task as rules see it: read once, whatever number of rules look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from ls_dvc.check.agreed import AgreedLabels
from ls_dvc.check.families import BOX, ELLIPSE, LABEL, SHAPES, SPAN, TASK, Family
from ls_dvc.check.regions import RegionView, region_view
from ls_dvc.check.shapes import ShapeView, shape_view
from ls_dvc.check.shown_content import shown_digest
from ls_dvc.check.spans import LabeledSpan, spans_of
from ls_dvc.io import canonical_json
from ls_dvc.labels.canonical import Task
from ls_dvc.labels.label_config import LabelConfig
from ls_dvc.labels.media import TaskMedia
from ls_dvc.labels.policy import Split
from ls_dvc.snapshot.counts import SnapshotCounts

LabelNumbers = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class CheckContext:
    """What rules may know of a data set besides the current task.

    `counts` are those of the whole snapshot; only rules over the data set may look at them, since
    what is found in a shard is kept for as long as the shard itself stays. `base_labels` are the
    regions by control and label in the version that this one is compared with; None where they are
    not known. `agreed` is how far annotators agree. `picture_hashes` are the difference hashes (64
    bits) of the pictures that are available locally, by their SHA-256.
    """

    config: LabelConfig
    split: Split | None = None
    counts: SnapshotCounts = field(default_factory=SnapshotCounts)
    base_labels: LabelNumbers | None = None
    agreed: AgreedLabels = field(default_factory=AgreedLabels)
    picture_hashes: Mapping[str, int] = field(default_factory=dict)

    def labels(self) -> LabelNumbers:
        """Regions by control, as the config calls it, and label; those of the config, used or not.

        Labels of the config come with 0 where no region has them.
        """
        counts = {
            name: dict.fromkeys(each.labels, 0) for name, each in self.config.controls.items()
        }
        for control, used in self.counts.labels.items():
            numbers = counts.setdefault(self.config.declared_control(control), {})
            for label, number in used.items():
                numbers[label] = numbers.get(label, 0) + number
        return counts


Families = Mapping[Family, Sequence[RegionView]]


class AnnotationView(NamedTuple):
    """An annotation that was not skipped; `annotator` is a user id, None where it is not known."""

    id: int
    annotator: int | None
    regions: Sequence[RegionView]
    families: Families

    def labels_apart(self) -> Mapping[str, Sequence[str]]:
        """Labels that a result of their own (`Labels`) gives to a shape, by its id."""
        return {region.id: region.labels for region in self.families.get(LABEL, ())}

    def said(self) -> str:
        """A digest of what it says: two that agree have the same.

        Two people never draw the same shape, so of shapes only labels and numbers are compared.
        """
        lines = canonical_json.lines([_said(region) for region in self.regions])
        return canonical_json.digest(b"\n".join(sorted(lines)))[:16]


class TaskView:
    """A task, its live annotations and their regions; what few rules need is worked out then."""

    def __init__(self, task: Task, context: CheckContext, media: TaskMedia) -> None:
        self.id: int = task["id"]
        self.task, self.context, self.media = task, context, media
        self.annotations = [
            annotation_view(self.id, annotation, context.config)
            for annotation in task["annotations"]
            if not annotation.get("was_cancelled")
        ]

    @cached_property
    def families(self) -> Families:
        """The regions of all annotations by family; the families that are there, and TASK."""
        if len(self.annotations) == 1:
            return {TASK: (), **self.annotations[0].families}
        found = dict[Family, list[RegionView]]({TASK: []})
        for annotation in self.annotations:
            for family, regions in annotation.families.items():
                found.setdefault(family, []).extend(regions)
        return found

    def regions(self, *families: Family) -> Sequence[RegionView]:
        """The regions of these families, family by family, in the order of the annotations."""
        found = [self.families[family] for family in families if family in self.families]
        return found[0] if len(found) == 1 else [each for some in found for each in some]

    @cached_property
    def shapes(self) -> Sequence[ShapeView]:
        """The boxes and ellipses."""
        return [*map(shape_view, self.regions(BOX, ELLIPSE))]

    @cached_property
    def spans(self) -> Sequence[LabeledSpan]:
        """The spans whose text is known, with their ends in it."""
        regions = self.families.get(SPAN, ())
        return [*spans_of(self.task.get("data"), self.context.config, regions)]

    @cached_property
    def shown(self) -> str | None:
        """A digest of what it shows; None where that does not tell it from other tasks."""
        return shown_digest(self.context.config, self.task.get("data"), self.media)

    @cached_property
    def labeled_ids(self) -> frozenset[str]:
        """The ids of regions that are labeled by a result of their own (`Labels`)."""
        return frozenset(region.id for region in self.families.get(LABEL, ()) if region.labels)


def _said(region: RegionView) -> list[Any]:
    said = sorted(region.labels) if region.family in SHAPES else region.value
    return [region.control, region.object, region.kind, said]


def annotation_view(
    task: int, annotation: Mapping[str, Any], config: LabelConfig
) -> AnnotationView:
    """An annotation of a task, or a prediction in the same form."""
    regions, families = list[RegionView](), dict[Family, list[RegionView]]()
    for position, region in enumerate(annotation["result"]):
        if isinstance(region, dict):
            view = region_view(task, position, region, config)
            regions.append(view)
            families.setdefault(view.family, []).append(view)
    annotator = annotation.get("completed_by")
    known = annotator if type(annotator) is int else None
    return AnnotationView(annotation.get("id", 0), known, regions, families)
