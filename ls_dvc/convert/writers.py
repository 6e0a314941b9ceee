"""Versions of the format writers: those that a pin names, against those of this ls-dvc.

A format's writer gets a new version when its bytes change for any input. The pin names the versions
that the data of its commit was made with, so that an upgrade is noticed and never mistaken for
damage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ls_dvc import __version__
from ls_dvc.convert.dataset_folder import FormatSummary
from ls_dvc.errors import LsDvcError
from ls_dvc.formats.registry import WRITERS
from ls_dvc.pin.pin import Pin


def outdated(pin: Pin, formats: Iterable[str]) -> list[str]:
    """Those of `formats` that this ls-dvc writes with another version than the pin names."""
    return [name for name in formats if pin.writers.get(name) != WRITERS.get(name)]


def stamped(pin: Pin, formats: Iterable[str]) -> Pin:
    """`pin` with the writers of this ls-dvc; itself if it names some, and none of `formats` is
    outdated. DVC needs them in labels.lock, even if the server writes all formats.
    """
    if pin.writers and not outdated(pin, formats):
        return pin
    return replace(pin, writers=dict(WRITERS), ls_dvc=__version__)


def require_pinned(pin: Pin, formats: Iterable[str]) -> None:
    """`LsDvcError` when this ls-dvc would write other bytes than the pin's ls-dvc did.

    Pins of an ls-dvc that did not note its writers are let through.
    """
    if not pin.writers:
        return
    for name in outdated(pin, formats):
        pinned = pin.writers.get(name)
        has = f"version {pinned} of its {name} writer" if pinned else f"no {name} writer"
        raise LsDvcError(
            f"labels.lock was pinned with ls-dvc {pin.ls_dvc}, which has {has}; this is ls-dvc "
            f"{__version__} with version {WRITERS[name]}, which writes other bytes",
            "`dvc pull` fetches the data as it was made; `ls-dvc update` pins the writers of this "
            "ls-dvc, and `dvc repro` then makes the data anew",
        )


def notes(pin: Pin, made: Mapping[str, FormatSummary], served: Iterable[str]) -> list[str]:
    """What to know of a data set that is whole: which formats this ls-dvc would write otherwise."""
    by_server = set(served)
    return [
        f"{name} was made by {_version(summary.writer)} of the {name} writer"
        f"{_of(pin)}; this ls-dvc has version {WRITERS[name]}"
        for name, summary in made.items()
        if name not in by_server and name in WRITERS and summary.writer != WRITERS[name]
    ]


def others_than_pinned(
    pin: Pin, made: Mapping[str, FormatSummary], served: Iterable[str]
) -> list[str]:
    """Formats that another version of their writer made than the pin names."""
    by_server = set(served)
    return [
        f"{name} was made by version {summary.writer} of the {name} writer, the pin names "
        f"version {pin.writers[name]}"
        for name, summary in made.items()
        if name not in by_server
        and summary.writer is not None
        and summary.writer != pin.writers.get(name, summary.writer)
    ]


def _version(writer: int | None) -> str:
    return "a version without a number" if writer is None else f"version {writer}"


def _of(pin: Pin) -> str:
    return f" (ls-dvc {pin.ls_dvc})" if pin.ls_dvc else ""
