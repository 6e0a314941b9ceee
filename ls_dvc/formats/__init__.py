"""The formats, by the names that users write in `label_studio.formats`."""

from __future__ import annotations

from collections.abc import Mapping

from ls_dvc.formats.image import brush, brush_coco, coco, fast_boxes, voc, yolo, yolo_obb, yolo_pose
from ls_dvc.formats.interface import FastPath, Format
from ls_dvc.formats.records import csv_tsv, fast_rows, json_min, json_tasks, jsonl, parquet
from ls_dvc.formats.text import asr_manifest, conll, spacy

_ALL: tuple[Format, ...] = (
    json_tasks,
    json_min,
    csv_tsv.CSV,
    csv_tsv.TSV,
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
    spacy,
    asr_manifest,
)

FORMATS: Mapping[str, Format] = {each.NAME: each for each in _ALL}

# Those that need not look at most tasks as closely as at others.
QUICK: Mapping[str, FastPath] = {
    **{each.NAME: FastPath(fast_boxes.read, each.encode_boxes) for each in (coco, voc, yolo)},
    **{
        each.NAME: FastPath(fast_rows.read, each.encode_plain)
        for each in (json_min, csv_tsv.CSV, csv_tsv.TSV)
    },
}
