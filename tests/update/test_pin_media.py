"""Media are pinned with the labels: fetched once, by hash, all or nothing."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support import traffic
from support.proxy import Proxy, Reply, Request, proxied
from support.random_project import RecordingReporter

from ls_dvc import update
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LsDvcError
from ls_dvc.labels import media as media_lines
from ls_dvc.labels.media import MediaEntry
from ls_dvc.labels.shards import start_of
from ls_dvc.media.fetch import Fetcher
from ls_dvc.media.map_cache import MapCache
from ls_dvc.media.store import MediaStore
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.server.admin import Admin
from ls_dvc.server.cache import Cache
from ls_dvc.server.client import Client
from ls_dvc.server.project import LabelStudioProject
from ls_dvc.settings.connection import Connection
from ls_dvc.settings.media import NO_MEDIA, MediaSettings
from ls_dvc.settings.params import UpdateSettings
from ls_dvc.snapshot import media_map, rebuild, snapshot_folder
from ls_dvc.snapshot.rebuild import Companions
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

NOW = "2026-01-01T00:00:00Z"


def picture(colour: str, size: tuple[int, int] = (64, 48)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, "PNG")
    return content.getvalue()


@dataclass
class Photos:
    """A project with labeled uploads behind a proxy, and a data set that is updated from it."""

    admin: Admin
    project: int
    proxy: Proxy
    folder: Path
    api_key: str
    pin: Pin | None = None
    report: RecordingReporter = field(default_factory=RecordingReporter)

    @property
    def cache(self) -> Cache:
        return Cache(self.folder / "cache")

    def add(self, **pictures: str) -> list[int]:
        """A labeled task for a new upload of each colour."""
        files = {f"{name}.png": picture(colour) for name, colour in pictures.items()}
        addresses = self.admin.upload(self.project, files)
        return self.label(*addresses.values())

    def label(self, *addresses: str) -> list[int]:
        tasks = [
            {"data": {"image": address}, "annotations": [{"result": [traffic.box(10)]}]}
            for address in addresses
        ]
        return self.admin.import_tasks(self.project, tasks)

    def update(self, settings: MediaSettings | None = None, **order: Any) -> Pin:
        settings = settings or MediaSettings()
        server = LabelStudioProject(Client(Connection(self.proxy.url, self.api_key)), self.project)
        store = MediaStore.of(self.cache)
        fetcher = Fetcher(server, settings, self.folder, self.project, store)
        media = update.MediaUpdate(settings, store, fetcher)
        old = self.pin
        pinned: Callable[[], Any] = lambda: self.snapshot(old) if old else None  # noqa: E731
        how = update.UpdateOptions(UpdateSettings(), pinned=pinned, media=media, **order)
        self.proxy.seen.clear()
        self.report.said.clear()
        self.pin = update.update(server, old, self.cache, how, self.report, NOW)
        lockfile.write(self.folder / "labels.lock", self.pin)
        assert lockfile.read(self.folder / "labels.lock") == self.pin
        return self.pin

    def snapshot(self, pin: Pin) -> SnapshotFolder:
        """The snapshot folder of a pin as `dvc repro` makes it from the side cache."""
        folder = self.folder / pin.fingerprint
        if not folder.exists():
            folder.mkdir()
            maps = MapCache.of(MediaStore.of(self.cache))
            companions = Companions(lambda _: b"", lambda media: maps.files(media.map))
            files = rebuild.snapshot_files(pin, self.cache.path, companions)
            assert snapshot_folder.write(folder, files).fingerprint == pin.fingerprint
        return snapshot_folder.read(folder)

    def entries(self) -> list[MediaEntry]:
        assert self.pin is not None
        return list(media_map.entries(self.snapshot(self.pin)))

    def content(self, entry: MediaEntry) -> bytes:
        assert entry.file is not None
        return MediaStore.of(self.cache).path(entry.file.md5).read_bytes()

    @property
    def fetched(self) -> list[str]:
        """The paths of the uploads that were asked for in the last update."""
        return [each.path for each in self.proxy.asked("GET", "/data/upload/")]


@pytest.fixture
def photos(studio: LocalServer, admin: Admin, tmp_path: Path) -> Iterator[Photos]:
    project = admin.create_project("Photos", traffic.CONFIG)
    with proxied(studio.url) as proxy:
        yield Photos(admin, project, proxy, tmp_path, studio.api_key)


def test_uploads_are_fetched_once_and_pinned(photos: Photos) -> None:
    tasks = photos.add(red="red", blue="blue")
    pin = photos.update()
    assert pin.media is not None
    assert (pin.media.files, pin.media.missing) == (2, 0)
    assert pin.labels != pin.fingerprint
    assert [photos.content(each) for each in photos.entries()] == [picture("red"), picture("blue")]
    assert [each.task for each in photos.entries()] == tasks
    assert {(each.file.width, each.file.height) for each in photos.entries() if each.file} == {
        (64, 48)
    }
    assert len(photos.fetched) == 2
    assert photos.update() is not None
    assert photos.proxy.asked("GET", "/data/") == [], "nothing changed"
    assert photos.pin == pin


def test_a_changed_label_asks_for_no_picture_and_a_new_one_for_one(photos: Photos) -> None:
    first, _ = photos.add(red="red", blue="blue")
    before = photos.update()
    photos.admin.create_annotation(first, [traffic.box(40)])
    after = photos.update()
    assert after.fingerprint != before.fingerprint
    assert after.media == before.media
    assert photos.fetched == []
    photos.add(green="green")
    newest = photos.update()
    assert newest.media is not None
    assert newest.media.files == 3
    assert len(photos.fetched) == 1


def test_two_tasks_with_one_address_are_one_request(photos: Photos) -> None:
    (address,) = photos.admin.upload(photos.project, {"a.png": picture("red")}).values()
    photos.label(address, address)
    pin = photos.update()
    assert pin.media is not None
    assert pin.media.files == 1
    assert len(photos.entries()) == 2
    assert len(photos.fetched) == 1


def gone(part: str) -> Callable[[Request, Callable[[Request], Reply]], Reply]:
    """The server's answer to a file that was deleted: HTTP 500."""

    def fault(request: Request, forward: Callable[[Request], Reply]) -> Reply:
        if part in request.path:
            detail = b"{\"detail\": \"'NoneType' object has no attribute 'has_permission'\"}"
            return Reply(500, [("Content-Type", "application/json")], detail)
        return forward(request)

    return fault


def test_a_missing_file_pins_nothing_and_what_arrived_stays(photos: Photos) -> None:
    photos.add(red="red", blue="blue")
    photos.proxy.fault = gone("blue")
    with pytest.raises(LsDvcError, match=r"1 media file cannot be fetched.*\n.*blue.png") as caught:
        photos.update()
    assert "label_studio.media.missing" in caught.value.hint
    assert photos.pin is None
    photos.proxy.fault = lambda request, forward: forward(request)
    photos.update()
    assert len(photos.fetched) == 1, "the red one had arrived"
    assert "blue" in photos.fetched[0]


def test_a_missing_file_can_be_listed(photos: Photos) -> None:
    photos.add(red="red", blue="blue")
    photos.proxy.fault = gone("blue")
    pin = photos.update(MediaSettings(missing="list"))
    assert pin.media is not None
    assert (pin.media.files, pin.media.missing) == (1, 1)
    assert [each.missing != "" for each in photos.entries()] == [False, True]
    assert any("1 media file cannot be fetched" in line for line in photos.report.said)
    photos.add(green="green")
    photos.update(MediaSettings(missing="list"))
    assert len(photos.fetched) == 1, "what is pinned as missing is not asked for again"


def test_addresses_elsewhere_stay_addresses(photos: Photos) -> None:
    photos.add(red="red")
    photos.label("https://images.example.com/a.png", "https://images.example.com/b.png")
    pin = photos.update()
    assert pin.media is not None
    assert pin.media.files == 1
    (line,) = [line for line in photos.report.said if "images.example.com" in line]
    assert "2 addresses on images.example.com" in line
    assert "label_studio.media.hosts" in line
    photos.pin = None
    with pytest.raises(LsDvcError, match=r"2 addresses on images\.example\.com"):
        photos.update(MediaSettings(elsewhere="fail"))


def test_a_host_that_is_no_longer_named(photos: Photos) -> None:
    """What an update noted about it a moment ago does not count."""
    photos.label("http://nobody.invalid/a.png")
    named = MediaSettings(hosts=["nobody.invalid"], missing="list")
    assert photos.update(named).media.missing == 1  # type: ignore[union-attr]
    assert photos.update().media.missing == 0  # type: ignore[union-attr]
    assert photos.entries() == []


def test_elsewhere_counts_from_the_next_update_on(photos: Photos) -> None:
    photos.label("http://nobody.invalid/a.png", "a.png")
    photos.update()
    (line,) = [line for line in photos.report.said if "nobody.invalid" in line]
    assert "1 address on nobody.invalid, 1 of the relative paths" in line
    assert "label_studio.media.hosts or roots in params.yaml" in line
    with pytest.raises(LsDvcError, match=r"1 address on nobody\.invalid"):
        photos.update(MediaSettings(elsewhere="fail"))


def test_messages_about_missing_files_have_no_signatures(photos: Photos) -> None:
    photos.label("http://nobody.invalid/a.png?X-Amz-Signature=5ecret")
    with pytest.raises(LsDvcError, match=r"\n  http://nobody\.invalid/a\.png\?…: ") as caught:
        photos.update(MediaSettings(hosts=["nobody.invalid"]))
    assert "5ecret" not in str(caught.value)
    photos.update(MediaSettings(hosts=["nobody.invalid"], missing="list"))
    assert not any("5ecret" in line for line in photos.report.said)


def test_addresses_that_expire(photos: Photos) -> None:
    photos.label("https://b.example.com/a.png?X-Amz-Signature=1", "https://b.example.com/b.png")
    photos.update()
    assert any("1 address has a signature" in line for line in photos.report.said)
    assert not any("X-Amz" in line for line in photos.report.said)


def test_media_that_are_wanted_now_and_no_longer(photos: Photos) -> None:
    """The labels are the same, so their snapshots stay."""
    photos.add(red="red")
    alone = photos.update(NO_MEDIA)
    assert alone.media is not None
    assert (alone.media.files, photos.fetched) == (0, [])
    whole = photos.update()
    assert whole.media is not None
    assert (whole.snapshots, whole.labels) == (alone.snapshots, alone.labels)
    assert whole.media.files == 1
    assert photos.update(NO_MEDIA).fingerprint == alone.fingerprint


def test_labeled_tasks_alone_or_all(photos: Photos) -> None:
    photos.add(red="red")
    (address,) = photos.admin.upload(photos.project, {"blue.png": picture("blue")}).values()
    photos.admin.import_tasks(photos.project, [{"data": {"image": address}}])
    assert photos.update().media.files == 1  # type: ignore[union-attr]
    assert photos.update(MediaSettings(tasks="all")).media.files == 2  # type: ignore[union-attr]
    assert len(photos.fetched) == 1


def test_a_recheck_finds_a_file_that_changed(photos: Photos) -> None:
    photos.add(red="red")
    before = photos.update()
    again = photos.update(MediaSettings(recheck="all"))
    assert again == before
    assert len(photos.fetched) == 1

    def swapped(request: Request, forward: Callable[[Request], Reply]) -> Reply:
        reply = forward(request)
        if "/data/upload/" not in request.path:
            return reply
        body = picture("yellow")
        return Reply(206, [("Content-Range", f"bytes 0-{len(body) - 1}/{len(body)}")], body)

    photos.proxy.fault = swapped
    after = photos.update(MediaSettings(recheck="all"))
    assert after.fingerprint != before.fingerprint
    assert after.labels == before.labels
    assert photos.content(photos.entries()[0]) == picture("yellow")


def test_uploads_have_no_validators(photos: Photos) -> None:
    """So they are not asked for again: their names are never used twice."""
    photos.add(red="red")
    before = photos.update()
    assert photos.update(MediaSettings(recheck="validators")) == before
    assert photos.fetched == []


def test_a_recheck_by_validators(photos: Photos) -> None:
    colours = ["red"]

    def local_files(request: Request, forward: Callable[[Request], Reply]) -> Reply:
        if "/data/local-files/" not in request.path:
            return forward(request)
        body, last = picture(colours[0]), request.headers["Range"].partition("-")[2]
        sent = body[: int(last) + 1] if last else body
        span = f"bytes 0-{len(sent) - 1}/{len(body)}"
        return Reply(206, [("ETag", f'W/"{colours[0]}"'), ("Content-Range", span)], sent)

    photos.proxy.fault = local_files
    photos.label("/data/local-files/?d=ds/a.png")
    before, again = photos.update(), photos.update(MediaSettings(recheck="validators"))
    assert again == before
    (asked,) = photos.proxy.asked("GET", "/data/local-files/")
    assert asked.headers["Range"] == "bytes=0-0"
    colours[0] = "green"
    after = photos.update(MediaSettings(recheck="validators"))
    assert after.fingerprint != before.fingerprint
    assert photos.content(photos.entries()[0]) == picture("green")


def test_keys_that_the_label_config_does_not_have(photos: Photos) -> None:
    photos.add(red="red")
    with pytest.raises(LsDvcError, match=r"label_studio\.media\.keys.*'imag'"):
        photos.update(MediaSettings(keys=["imag"]))
    assert photos.update(MediaSettings(keys=["image"])).media.files == 1  # type: ignore[union-attr]


def test_the_map_is_lines_of_json(photos: Photos) -> None:
    photos.add(red="red")
    pin = photos.update()
    folder = photos.snapshot(pin)
    (name,) = media_map.parts(folder)
    (entry,) = media_lines.parse(folder.content(name))
    assert name == media_map.shard_name(start_of(entry.task))
    assert entry.file is not None
    assert (entry.object, entry.item, entry.file.type) == ("image", None, "image/png")
