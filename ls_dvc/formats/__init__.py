"""The formats, by the names that users write in `label_studio.formats`."""

from __future__ import annotations

from collections.abc import Mapping

from ls_dvc.formats import coco, json_min, json_tasks, tables, yolo
from ls_dvc.formats.base import Format

_ALL: tuple[Format, ...] = (json_tasks, json_min, tables.CSV, tables.TSV, coco, yolo)

FORMATS: Mapping[str, Format] = {each.NAME: each for each in _ALL}
