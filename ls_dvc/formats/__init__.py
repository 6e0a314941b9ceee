"""The formats, by the names that users write in `label_studio.formats`."""

from __future__ import annotations

from collections.abc import Mapping

from ls_dvc import boxes, plain
from ls_dvc.formats import (
    asr,
    brush,
    brush_coco,
    coco,
    conll,
    json_min,
    json_tasks,
    jsonl,
    parquet,
    spacy_lines,
    tables,
    voc,
    yolo,
    yolo_obb,
    yolo_pose,
)
from ls_dvc.formats.base import Format, Quick

_ALL: tuple[Format, ...] = (
    json_tasks,
    json_min,
    tables.CSV,
    tables.TSV,
    jsonl,
    parquet,
    coco,
    yolo,
    yolo_obb,
    yolo_pose,
    voc,
    brush.NUMPY,
    brush.PNG,
    brush_coco,
    conll,
    spacy_lines,
    asr,
)

FORMATS: Mapping[str, Format] = {each.NAME: each for each in _ALL}

# Those that need not look at most tasks as closely as at others.
QUICK: Mapping[str, Quick] = {
    **{each.NAME: Quick(boxes.read, each.encode_boxes) for each in (coco, voc, yolo)},
    **{
        each.NAME: Quick(plain.read, each.encode_plain)
        for each in (json_min, tables.CSV, tables.TSV)
    },
}
