"""Whether an update is due: one answer, with its reasons, for `update`, `status` and `watch`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ls_dvc.convert import writers
from ls_dvc.pin.pin import Pin
from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import ServerState
from ls_dvc.update.notes import UpdateNotes

ReasonCode = Literal[
    "no-pin",
    "other-project",
    "other-view",
    "labels-changed",
    "classes-renamed",
    "server-conversions",
    "media-settings",
    "format-writers",
]


@dataclass(frozen=True)
class UpdateReason:
    """Why an update is due: `code` for programs, `message` for people."""

    code: ReasonCode
    message: str


def update_reasons(
    state: ServerState,
    pin: Pin | None,
    cache: Cache,
    *,
    renames: Mapping[str, str],
    served: Mapping[str, bool],
    media: str = "",
    formats: Sequence[str] | None = None,
) -> tuple[UpdateReason, ...]:
    """Why the pin should be updated; empty when it is certain that nothing changed.

    `renames` leads from old names of classes to new ones. `served` are the formats that the server
    is to write; True where our own converter may write them instead. `media` is the digest of the
    settings of media, empty where none are wanted. `formats` are those that ls-dvc writes, whose
    writers are compared with the pinned ones (None: they are not).
    `LsDvcError` when a rename is impossible.
    """
    if pin is None:
        return (UpdateReason("no-pin", "no labels are pinned in labels.lock"),)
    if pin.project_id != state.project_id:
        message = f"project {pin.project_id} is pinned, params.yaml names {state.project_id}"
        return (UpdateReason("other-project", message),)
    return (
        *_label_reasons(state, pin, cache),
        *_settings_reasons(pin, renames, served),
        *_media_reasons(pin, media),
        *(_writer_reasons(pin, formats) if formats is not None else ()),
    )


def _label_reasons(state: ServerState, pin: Pin, cache: Cache) -> Iterator[UpdateReason]:
    """Equal probes mean equal labels; different ones that labels may have changed."""
    if state.probe in (pin.probe, UpdateNotes(cache.root).probe(pin.fingerprint)):
        return
    if state.probe.view != pin.probe.view:
        pinned, wanted = _shown(pin.probe.view), _shown(state.probe.view)
        yield UpdateReason("other-view", f"{pinned} is pinned, params.yaml names {wanted}")
    else:
        yield UpdateReason("labels-changed", "labels changed since the pin")


def _shown(view: int | None) -> str:
    return "the whole project" if view is None else f"view {view}"


def _settings_reasons(
    pin: Pin, renames: Mapping[str, str], served: Mapping[str, bool]
) -> Iterator[UpdateReason]:
    if pin.classes.renaming(renames) != pin.classes:
        message = "classes.rename in params.yaml is not applied to the pin yet"
        yield UpdateReason("classes-renamed", message)
    if not pin.has_converted(served):
        message = "label_studio.engines in params.yaml asks for other conversions than are pinned"
        yield UpdateReason("server-conversions", message)


def _media_reasons(pin: Pin, wanted: str) -> Iterator[UpdateReason]:
    pinned = pin.media.settings if pin.media else ""
    if pinned != wanted:
        how = "asks for other media than" if pinned and wanted else "asks for media, and none"
        if not wanted:
            how = "asks for no media, and some"
        yield UpdateReason("media-settings", f"label_studio.media in params.yaml {how} are pinned")


def _writer_reasons(pin: Pin, formats: Sequence[str]) -> Iterator[UpdateReason]:
    outdated = writers.outdated(pin, formats)
    if not pin.writers and not outdated:
        yield UpdateReason("format-writers", "labels.lock does not name the format writers yet")
    if outdated:
        by = f"ls-dvc {pin.ls_dvc}" if pin.ls_dvc else "an older ls-dvc"
        message = f"this ls-dvc writes {', '.join(outdated)} with another version than {by} did"
        yield UpdateReason("format-writers", message)
