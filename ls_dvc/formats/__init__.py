"""The formats, by the names that users write in `label_studio.formats`."""

from __future__ import annotations

from collections.abc import Mapping

from ls_dvc.formats.image import fast_boxes as boxes
from ls_dvc.formats.records import fast_rows as plain
from ls_dvc.formats.text import asr_manifest as asr
from ls_dvc.formats.image import brush
from ls_dvc.formats.image import brush_coco
from ls_dvc.formats.image import coco
from ls_dvc.formats.text import conll
from ls_dvc.formats.records import json_min
from ls_dvc.formats.records import json_tasks
from ls_dvc.formats.records import jsonl
from ls_dvc.formats.records import parquet
from ls_dvc.formats.text import spacy as spacy_lines
from ls_dvc.formats.records import csv_tsv as tables
from ls_dvc.formats.image import voc
from ls_dvc.formats.image import yolo
from ls_dvc.formats.image import yolo_obb
from ls_dvc.formats.image import yolo_pose
from ls_dvc.formats.interface import (Format, Quick)

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
