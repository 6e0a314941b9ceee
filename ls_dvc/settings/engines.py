"""Who writes a format: ls-dvc, or the Label Studio server that the labels come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from ls_dvc.formats.registry import FORMATS
from ls_dvc.settings.schema import Settings

FORMS = "{YOLO: server}, {YOLO: ls-dvc} or {YOLO: {by: server, fallback: ls-dvc}}"

# The formats that Label Studio 1.23 can convert a snapshot to. Whether another version can, and for
# which label config, `update` asks the server.
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
    "JSON": "ls-dvc's JSON already holds every label",
    "ASR_MANIFEST": "the server leaves out every recording that it does not download",
}


class Engine(Settings, frozen=True, kw_only=True):
    """Who writes a format: `by` ls-dvc or the server, whose failures a `fallback` may replace.

    A bare `server` or `ls-dvc` is short for `{by: …}`.
    """

    SHORTHAND: ClassVar[str] = "by"

    by: Literal["server", "ls-dvc"]
    """Who writes the format: Label Studio's `server`, or `ls-dvc`."""
    fallback: Literal["ls-dvc"] | None = None
    """With `by: server`: `ls-dvc` writes the format if the server fails."""

    def __post_init__(self) -> None:
        if self.fallback and self.by != "server":
            raise ValueError("a fallback needs by: server")


def served(engines: Mapping[str, Engine]) -> dict[str, bool]:
    """The formats that the server is to write; True where ls-dvc may write it if that fails."""
    return {
        name: engine.fallback is not None
        for name, engine in sorted(engines.items())
        if engine.by == "server"
    }


def problem(
    formats: Sequence[str], engines: Mapping[str, Engine], changed: Sequence[str]
) -> tuple[str, str] | None:
    """The first setting that cannot be as it is, and why; None when all can.

    `changed` are the settings that differ from their defaults and that no server supports.
    """
    for name, engine in engines.items():
        if name not in formats:
            return f"engines.{name}", f"{name} is not in label_studio.formats"
        if why := _unsupported(name, engine):
            return f"engines.{name}", why
    by_server = served(engines)
    for index, name in enumerate(formats):
        if name in SERVED_ALONE and name not in by_server:
            return f"formats[{index}]", alone(name)
    if by_server and changed:
        names = ", ".join(by_server)
        return changed[0], f"cannot apply to what Label Studio's server writes ({names})"
    return None


def alone(name: str) -> str:
    """Why ls-dvc cannot write a format that the server can."""
    return (
        f"{name} is not written by ls-dvc: it packs documents held as text in results; take JSON, "
        f"which has these whole, or let the server write it (label_studio.engines: {{{name}: "
        "server})"
    )


def _unsupported(name: str, engine: Engine) -> str:
    """Why this engine cannot write the format; empty when it can."""
    if engine.by == "ls-dvc":
        return ""
    if name in _NOT_SERVED:
        return f"the server is not asked for {name}: {_NOT_SERVED[name]}"
    if name not in SERVED:
        return f"Label Studio does not write {name}; it writes {', '.join(SERVED)}"
    if engine.fallback and name in SERVED_ALONE:
        return f"ls-dvc cannot write {name}, so it cannot be the fallback: take {{{name}: server}}"
    return ""
