"""What a pin holds besides labels stays when only the media change."""

from __future__ import annotations

from pathlib import Path

from support.fake_server import FakeServer

from ls_dvc import update
from ls_dvc.media.fetch import Fetcher
from ls_dvc.media.map_cache import MapCache
from ls_dvc.media.store import MediaStore
from ls_dvc.pin import lockfile
from ls_dvc.progress import Silent
from ls_dvc.server.cache import Cache
from ls_dvc.settings.media import NO_MEDIA
from ls_dvc.settings.params import UpdateSettings
from ls_dvc.snapshot import rebuild, snapshot_folder
from ls_dvc.snapshot.rebuild import Companions
from ls_dvc.update import content

LOCKS = Path(__file__).parents[1] / "locks"


def test_what_the_server_converted_comes_from_the_pinned_labels(tmp_path: Path) -> None:
    """The side cache of this machine has neither the snapshot nor the archive."""
    pin, kept = lockfile.read(LOCKS / "converted.lock"), Cache(LOCKS)
    companions = Companions(lambda each: kept.archive(each.sha256).read_bytes(), lambda _: ())
    (tmp_path / "snapshot").mkdir()
    snapshot_folder.write(tmp_path / "snapshot", rebuild.snapshot_files(pin, kept.path, companions))
    folder, cache = snapshot_folder.read(tmp_path / "snapshot"), Cache(tmp_path / "cache")
    store = MediaStore.of(cache)
    fetcher = Fetcher(FakeServer(), NO_MEDIA, tmp_path, 1, store)
    media = update.MediaUpdate(NO_MEDIA, store, fetcher)
    options = update.UpdateOptions(UpdateSettings(), pinned=lambda: folder, media=media)
    new = content.with_other_media(pin, cache, options, Silent(), "2026-01-01T00:00:00Z")
    assert new is not None
    assert new.media is not None
    assert (new.converted, new.labels) == (pin.converted, pin.labels)
    whole = folder.patched(MapCache.of(store).files(new.media.map), ())
    assert new.fingerprint == whole.fingerprint != pin.fingerprint
