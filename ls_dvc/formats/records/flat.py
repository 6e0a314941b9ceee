"""One flat record for each region: what JSONL and PARQUET have in common.

A record has every column, None where it has nothing for it, and a column has one type in all
records. An item that somebody looked at and that has no region has one record too; a region with
several ranges on a timeline has one for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ls_dvc.formats.interface import Encoded, FormatContext
from ls_dvc.formats.media import size_of
from ls_dvc.formats.outcomes import Outcome, Reason, all_for, outcome_of_unwritten
from ls_dvc.formats.records.columns import BLANK, Columns, number, text, whole
from ls_dvc.formats.records.labeled_items import LabeledItem, item_of, shown_items, unlabeled_items
from ls_dvc.formats.records.region_columns import columns_of
from ls_dvc.labels.canonical import Annotation, Region
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.image_sizes import differing_from, disagree, image_sizes, with_other_size
from ls_dvc.labels.policy import Selection, TaskState


def encode(selection: Selection, context: FormatContext) -> Encoded:
    """The records of a task: a region each, in the order of the annotations and their results."""
    reason = outcome_of_unwritten(selection)
    if reason:
        return Encoded(None, reason, all_for(selection, reason))
    outcomes = [_outcome(region) for region in selection.regions]
    if outcomes and None not in outcomes:
        return Encoded(None, Reason.NOTHING_LEFT, outcomes)
    annotations = selection.annotations
    groups = [(each,) for each in annotations] if selection.per_annotation else [annotations]
    sizes, in_part = _sizes(selection, context)
    records = [record for group in groups for record in _records(group, selection, context, sizes)]
    return Encoded(records, None, outcomes, in_part=in_part)


Sizes = Mapping[LabeledItem, Size]


def _sizes(
    selection: Selection, context: FormatContext
) -> tuple[Sizes, Sequence[tuple[int, Reason]]]:
    """The sizes of images: of their files, else where regions disagree; regions with another."""

    def labeled_item(region: Region) -> LabeledItem | None:
        return item_of(region, context.config) if _outcome(region) is None else None

    files = _sizes_of_files(selection, context) if context.media else {}
    differing = differing_from(selection, labeled_item, files) if files else ()
    in_part = [(index, Reason.FILE_SIZE_DIFFERS) for index in differing]
    if not disagree(selection.regions):
        return files, in_part
    items = {item for item in map(labeled_item, selection.regions) if item is not None}
    declared = image_sizes(selection, labeled_item, items - files.keys())
    indices = with_other_size(selection, labeled_item, declared)
    in_part += [(index, Reason.SIZE_DIFFERS) for index in indices]
    return {**declared, **files}, in_part


def _sizes_of_files(selection: Selection, context: FormatContext) -> Sizes:
    """The sizes of the images that a task shows, of those that were fetched."""
    shown = shown_items(selection.task, context.config).items()
    entries = ((item, context.media_of(address)) for item, address in shown)
    sizes = ((item, size_of(entry.file)) for item, entry in entries if entry)
    return {item: size for item, size in sizes if size}


def _outcome(region: Region) -> Outcome:
    if not isinstance(region, Mapping) or not isinstance(region.get("type"), str):
        return Reason.MALFORMED
    has_value = region["type"] == "relation" or isinstance(region.get("value"), Mapping)
    return None if has_value else Reason.MALFORMED


def _records(
    annotations: Sequence[Annotation], selection: Selection, context: FormatContext, sizes: Sizes
) -> Iterator[Columns]:
    """The records of annotations that are written together: regions, then items without one.

    Where a region was dropped nobody knows what it lay on, so no item is said to have none.
    """
    config, shown = context.config, shown_items(selection.task, context.config)
    state = _state(annotations, selection)
    common = {**BLANK, "task": whole(selection.task["id"]), "state": state}
    regions = [region for annotation in annotations for region in annotation["result"]]
    for annotation in annotations:
        for position, region in enumerate(annotation["result"]):
            if _outcome(region) is None:
                item = item_of(region, config)
                place = {"position": position, "item": item[1], "source": shown.get(item)}
                for columns in columns_of(region, sizes.get(item)):
                    yield {**common, **_origin(annotation), **columns, **place}
    if all(_outcome(region) is None for region in regions):
        for name, index in unlabeled_items(shown, regions, config):
            place = {"object": name, "item": index, "source": shown.get((name, index))}
            yield {**common, **_origin(annotations[-1]), **place}


def _state(annotations: Sequence[Annotation], selection: Selection) -> str:
    """The state of the task; annotations that are written separately have their own."""
    if not selection.per_annotation:
        return selection.state.value
    is_labeled = any(annotation["result"] for annotation in annotations)
    state = TaskState.LABELED if is_labeled else TaskState.EMPTY
    return state.value


def _origin(annotation: Annotation) -> Columns:
    true = annotation.get("ground_truth")
    return {
        "annotation": whole(annotation.get("id")),
        "annotator": whole(annotation.get("completed_by")),
        "created_at": text(annotation.get("created_at")),
        "lead_time": number(annotation.get("lead_time")),
        "ground_truth": true if isinstance(true, bool) else None,
    }
