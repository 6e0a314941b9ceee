"""What a pin holds besides labels, and the fingerprint over all of it."""

from __future__ import annotations

from dataclasses import replace

from ls_dvc.media.map_cache import MapCache
from ls_dvc.media.store import MediaStore
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Reporter
from ls_dvc.server.cache import Cache
from ls_dvc.snapshot import media_map, server_formats, snapshot_folder
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder
from ls_dvc.update import count_changes
from ls_dvc.update.options import UpdateOptions


def with_media(
    pin: Pin,
    labels: SnapshotFolder,
    old: Pin | None,
    cache: Cache,
    options: UpdateOptions,
    report: Reporter,
) -> Pin:
    """`pin` with the media of `labels`, if any are wanted, and the fingerprint of all it holds.

    `old` is the pin before: what is known of its media is not asked for again.
    """
    files = [
        *snapshot_folder.companions(pin.label_config, pin.classes),
        *server_formats.files(
            pin.converted, lambda conversion: cache.archive(conversion.sha256).read_bytes()
        ),
    ]
    return _with_media(pin, labels.patched(files, ()), old, cache, options, report)


def with_other_media(
    old: Pin, cache: Cache, options: UpdateOptions, report: Reporter, now: str
) -> Pin | None:
    """The same labels with media as the settings want them now; `old` itself if nothing changed.

    None where the pinned labels are not available locally.
    """
    pinned = options.pinned()
    if pinned is None:
        return None
    labels = media_map.without(pinned)
    alone = replace(old, fingerprint=old.labels_alone, labels="", media=None)
    pin = _with_media(alone, labels, old, cache, options, report)
    if (pin.fingerprint, pin.media) == (old.fingerprint, old.media):
        return old
    base = options.base()
    changes = count_changes.changes(base, labels) if base else None
    return replace(pin, pinned_at=now, changes=changes)


def _with_media(
    pin: Pin,
    folder: SnapshotFolder,
    old: Pin | None,
    cache: Cache,
    options: UpdateOptions,
    report: Reporter,
) -> Pin:
    """`folder` holds all of `pin` but the media map."""
    manifest = folder.manifest
    if options.media is not None:
        pinned = old.media if old is not None else None
        known = options.pinned() if pinned is not None else None
        same = pinned is not None and pinned.settings == options.media_settings
        pin = replace(pin, media=options.media.pinned(folder, known, report, same=same))
    if pin.media is not None:
        maps = MapCache.of(MediaStore.of(cache))
        manifest = manifest.with_files(maps.files(pin.media.map))
    if not pin.converted and pin.media is None:
        return pin
    return replace(pin, labels=pin.labels_alone, fingerprint=manifest.fingerprint)
