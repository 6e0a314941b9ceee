"""Who writes a format: our own converter, or the Label Studio server that the labels come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from ls_dvc.formats.registry import FORMATS

Engine = Literal["ours", "server", "server-or-ours"]

# What the server of Label Studio 1.23 writes of a snapshot; whether an older or a newer one does,
# and for which label config, it is asked.
SERVED = (
    "JSON_MIN",
    "CSV",
    "TSV",
    "COCO",
    "YOLO",
    "YOLO_OBB",
    "VOC",
    "BRUSH_TO_NUMPY",
    "BRUSH_TO_PNG",
    "BRUSH_TO_COCO",
    "CONLL2003",
    "DOCLANG",
)
SERVED_ALONE = tuple(name for name in SERVED if name not in FORMATS)

_NOT_SERVED = {
    "JSON": "the server's holds no label that ours does not",
    "ASR_MANIFEST": "the server leaves out every recording that it does not download",
}


def served(engines: Mapping[str, Engine]) -> dict[str, bool]:
    """The formats that the server is to write; True where our own converter may stand in."""
    wanted = {name: each for name, each in engines.items() if each != "ours"}
    return {name: each == "server-or-ours" for name, each in sorted(wanted.items())}


def problem(
    formats: Sequence[str], engines: Mapping[str, Engine], changed: Sequence[str]
) -> tuple[str, str] | None:
    """The first setting that cannot be as it is, and why; None when all can.

    `changed` are other settings that differ from their defaults and that no server knows of.
    """
    for name in engines:
        if name not in formats:
            return f"engines.{name}", f"{name} is not in label_studio.formats"
        if why := _unfit(name, engines[name]):
            return f"engines.{name}", why
    for place, name in enumerate(formats):
        if name in SERVED_ALONE and engines.get(name, "ours") == "ours":
            return f"formats[{place}]", alone(name)
    wanted = served(engines)
    if wanted and changed:
        names = ", ".join(wanted)
        return changed[0], f"the server does not know of it, and is to write {names}"
    return None


def alone(name: str) -> str:
    """Why our own converter cannot write a format that the server can."""
    return (
        f"{name} is not written by ls-dvc: it packs documents held as text in results; take JSON, "
        f"which has these whole, or let the server write it (label_studio.engines: {{{name}: "
        "server})"
    )


def _unfit(name: str, engine: Engine) -> str:
    if engine == "ours":
        return ""
    if name in _NOT_SERVED:
        return f"the server is not asked for {name}: {_NOT_SERVED[name]}"
    if name not in SERVED:
        return f"Label Studio does not write {name}; it writes {', '.join(SERVED)}"
    if engine == "server-or-ours" and name in SERVED_ALONE:
        return f"ls-dvc has no converter of its own for {name}; say `server`"
    return ""
