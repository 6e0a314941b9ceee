"""The formats by the names that users write; a module is imported when it is first used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import cast

from ls_dvc.formats.interface import Format

# The module of each format, below this package; `:ATTRIBUTE` where a module has several formats.
# Tables and messages list formats in this order.
_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "JSON": "records.json_tasks",
        "JSON_MIN": "records.json_min",
        "CSV": "records.csv_tsv:CSV",
        "TSV": "records.csv_tsv:TSV",
        "JSONL": "records.jsonl",
        "PARQUET": "records.parquet",
        "WEBDATASET": "records.webdataset",
        "COCO": "image.coco",
        "YOLO": "image.yolo",
        "YOLO_SEG": "image.yolo_seg",
        "YOLO_OBB": "image.yolo_obb",
        "YOLO_POSE": "image.yolo_pose",
        "YOLO_CLS": "image.yolo_cls",
        "VOC": "image.voc",
        "IMAGE_FOLDER": "image.image_folder",
        "BRUSH_TO_NUMPY": "image.brush:NUMPY",
        "BRUSH_TO_PNG": "image.brush:PNG",
        "BRUSH_TO_COCO": "image.brush_coco",
        "CONLL2003": "text.conll",
        "SPACY": "text.spacy",
        "ASR_MANIFEST": "text.asr_manifest",
        "MOT": "video.mot",
    }
)

# Writers with a version above 1. Raise it whenever the format's bytes change for any input:
# labels.lock and the data set's manifest have it, so that data of an older writer is recognised.
_RAISED: Mapping[str, int] = MappingProxyType({})

WRITERS: Mapping[str, int] = MappingProxyType({name: _RAISED.get(name, 1) for name in _MODULES})


class _Formats(Mapping[str, Format]):
    """Imports a format when it is looked up; names alone need no import."""

    def __getitem__(self, name: str) -> Format:
        module, _, attribute = _MODULES[name].partition(":")
        imported = import_module(f"ls_dvc.formats.{module}")
        return cast("Format", getattr(imported, attribute) if attribute else imported)

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)

    def __contains__(self, name: object) -> bool:
        return name in _MODULES


FORMATS: Mapping[str, Format] = _Formats()
