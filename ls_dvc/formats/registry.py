"""The formats by the names that users write; a module is imported when it is first used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import cast

from ls_dvc.formats.interface import Format

# Where each format is: its module below this package and, where one module has several, the
# attribute. The order is that of tables and messages.
_WHERE: Mapping[str, str] = MappingProxyType(
    {
        "JSON": "records.json_tasks",
        "JSON_MIN": "records.json_min",
        "CSV": "records.csv_tsv:CSV",
        "TSV": "records.csv_tsv:TSV",
        "JSONL": "records.jsonl",
        "PARQUET": "records.parquet",
        "COCO": "image.coco",
        "YOLO": "image.yolo",
        "YOLO_SEG": "image.yolo_seg",
        "YOLO_OBB": "image.yolo_obb",
        "YOLO_POSE": "image.yolo_pose",
        "VOC": "image.voc",
        "BRUSH_TO_NUMPY": "image.brush:NUMPY",
        "BRUSH_TO_PNG": "image.brush:PNG",
        "BRUSH_TO_COCO": "image.brush_coco",
        "CONLL2003": "text.conll",
        "SPACY": "text.spacy",
        "ASR_MANIFEST": "text.asr_manifest",
    }
)

# The version of each writer. Raise it whenever a format's bytes change for any input: it stands in
# labels.lock and in the data set's manifest, and an older data set is then known as such.
WRITERS: Mapping[str, int] = MappingProxyType(dict.fromkeys(_WHERE, 1))


class _Formats(Mapping[str, Format]):
    """Names without imports: only looking a format up imports it."""

    def __getitem__(self, name: str) -> Format:
        module, _, attribute = _WHERE[name].partition(":")
        found = import_module(f"ls_dvc.formats.{module}")
        return cast("Format", getattr(found, attribute) if attribute else found)

    def __iter__(self) -> Iterator[str]:
        return iter(_WHERE)

    def __len__(self) -> int:
        return len(_WHERE)

    def __contains__(self, name: object) -> bool:
        return name in _WHERE


FORMATS: Mapping[str, Format] = _Formats()
