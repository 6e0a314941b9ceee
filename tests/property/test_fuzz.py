"""Damaged files and bytes: whatever is in them, only an error for the user comes out, and soon.

The long runs try thousands; what they found is kept here as cases.
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import damage, projects
from support.damaged_workspace import COMMANDS, DamagedWorkspace, damaged_workspace
from support.effort import examples
from support.fake_server import CONFIG

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.image import masks
from ls_dvc.io import safe_archive
from ls_dvc.labels import label_config, media
from ls_dvc.labels.geometry import Size
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.media import journal
from ls_dvc.media.map_cache import MapCache
from ls_dvc.media.store import MediaStore
from ls_dvc.pin.pin import ExportSnapshot
from ls_dvc.repo import dvc
from ls_dvc.settings import env_files
from ls_dvc.snapshot import layers

SEEDS = st.integers(0, 2**32)
CACHE = ".dvc/tmp/ls-dvc/"
NAMES = f"{CACHE}written/cdb4ee2aea69cc6a.json"
SNAPSHOT = "data/snapshot/manifest.json"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DamagedWorkspace]:
    with damaged_workspace(tmp_path_factory.mktemp("damaged")) as made:
        yield made


def try_some(workspace: DamagedWorkspace, random: Random) -> None:
    workspace.damage(random.choice(workspace.files), random)
    for command in random.sample(COMMANDS, 3):
        workspace.run(command)


@settings(max_examples=examples(25), deadline=None)
@given(seed=SEEDS)
def test_no_damaged_file_is_a_bug(workspace: DamagedWorkspace, seed: int) -> None:
    try_some(workspace, Random(seed))


@pytest.mark.soak
@settings(max_examples=10_000, deadline=None)
@given(seed=SEEDS)
def test_no_damaged_file_is_a_bug_for_long(workspace: DamagedWorkspace, seed: int) -> None:
    try_some(workspace, Random(seed))


@pytest.mark.parametrize(
    ("name", "place", "value", "command"),
    [
        (NAMES, "names 0", [], "convert"),
        (NAMES, "", "x", "convert"),
        (SNAPSHOT, "files tasks/0000000000.jsonl tasks", {}, "convert"),
        (SNAPSHOT, "files tasks/0000000000.jsonl columns", 7, "export"),
        (SNAPSHOT, "files tasks/0000000000.jsonl columns", {"text": "x"}, "update"),
        (SNAPSHOT, "files tasks/0000000000.jsonl sha256", 7, "convert"),
        (f"{CACHE}seen.json", "probe columns", 7, "update"),
        (f"{CACHE}seen.json", "probe columns", {"text": "x"}, "update"),
        (f"{CACHE}seen.json", "probe counted", None, "update"),
        (f"{CACHE}seen.json", "probe updated_at", "x", "update"),
        (f"{CACHE}seen.json", "probe updated_at", None, "update"),
        (f"{CACHE}landed-1.json", "ranges 0 first", [], "update --full"),
        (f"{CACHE}landed-1.json", "ranges 0 md5", "../../x", "update --full"),
        ("labels.lock", "probe updated_at", "x", "update"),
        ("labels.lock", "probe columns", 7, "update"),
        ("labels.lock", "classes text", "AB", "update"),
        ("labels.lock", "changes", {"since": 7}, "verify"),
    ],
)
def test_what_was_found(
    workspace: DamagedWorkspace, name: str, place: str, value: object, command: str
) -> None:
    workspace.put(name, place, value)
    is_needed = name == "labels.lock" or (name == SNAPSHOT and command == "convert")
    assert workspace.run(command) == ("refused" if is_needed else "done")


def entry() -> MediaEntry:
    file = MediaFile("a" * 32, "b" * 64, 7, "image/jpeg", 640, 480)
    return MediaEntry(3, "image", None, "/data/x.jpg", file)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("result.json", json.dumps({"info": {"year": 2026}, "images": [{}] * 50}))
        archive.writestr("labels/1.txt", "0 0.5 0.5 1 1\n" * 20)
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("result.json", "labels/1.txt"):
            about = tarfile.TarInfo(name)
            about.size = 5
            archive.addfile(about, io.BytesIO(b"12345"))
    return out.getvalue()


def of_zip(content: bytes, folder: Path) -> None:
    (folder / "raw").write_bytes(content)
    bounds = safe_archive.ArchiveLimits(files=100, size=1 << 20)
    safe_archive.normalise(folder / "raw", "", folder / "out.tar", bounds)


def of_document(content: bytes, folder: Path) -> None:
    (folder / "raw").write_bytes(content)
    safe_archive.normalise(folder / "raw", "result.json", folder / "out.tar")


def of_nested(content: bytes, folder: Path) -> None:
    (folder / "raw").write_bytes(content)
    safe_archive.normalise(folder / "raw", "pages.dclx", folder / "out.tar")


def of_tar(content: bytes, _: Path) -> None:
    list(safe_archive.members(io.BytesIO(content)))


def of_snapshot(content: bytes, folder: Path, whole: int = layers.WHOLE) -> None:
    (folder / "raw").write_bytes(content)
    layer = layers.load(folder / "raw", ExportSnapshot(1, "range", "m", 2, 0, 999), whole)
    for start in layer.starts:
        layer.shard(start)


def of_large_snapshot(content: bytes, folder: Path) -> None:
    of_snapshot(content, folder, whole=0)


def of_config(content: bytes, _: Path) -> None:
    config = label_config.parse(content.decode(errors="replace"), "the config")
    config.classes()
    config.labels()


def of_media_map(content: bytes, _: Path) -> None:
    list(media.parse(content))


def of_map_cache(content: bytes, folder: Path) -> None:
    maps = MapCache(folder)
    maps.listing("d").write_bytes(content)
    list(maps.files("d"))


def of_journal(content: bytes, folder: Path) -> None:
    """The note of one address; nothing is known of it when it is damaged."""
    with journal.opened(MediaStore(folder / "store"), "server") as notes:
        row = ("server", "a", content.decode(errors="replace"), "", "", 1e12)
        with notes.connection:
            notes.connection.execute("insert or replace into arrived values (?,?,?,?,?,?)", row)
        notes.arrival("a", 0)
        notes.fetched("a")


def of_journal_file(content: bytes, folder: Path) -> None:
    root = folder / "damaged"
    root.mkdir(exist_ok=True)
    (root / "arrived.sqlite").write_bytes(content)
    with journal.opened(MediaStore(root), "server") as notes:
        notes.arrival("a", 0)


def of_mask(content: bytes, _: Path) -> None:
    masks.alpha({"rle": list(content)}, Size(640, 480))


def of_listing(content: bytes, _: Path) -> None:
    dvc.parsed_listing(content)


def of_env(content: bytes, folder: Path) -> None:
    (folder / ".env").write_bytes(content)
    env_files.values(folder, ("LABEL_STUDIO_API_KEY",))


def noted(folder: Path) -> bytes:
    """The file of a journal with a note."""
    of_journal(json.dumps(vars(entry().file)).encode(), folder)
    return (folder / "store" / "arrived.sqlite").read_bytes()


Reader = Callable[[bytes, Path], None]
Told = tuple[type[Exception], ...]
FILE = json.dumps(vars(entry().file)).encode()
LISTING = [{"md5": "a" * 32, "relpath": "YOLO/1.txt"}, {"md5": "b" * 32, "relpath": "x"}]
MAP = json.dumps({"media/media.json": "c" * 64}).encode()
SHAPELESS = (ValueError, KeyError, TypeError, RecursionError)
TWO = json.dumps([{"id": 1, "data": {}}, {"id": 2}]).encode()
UNSAFE = (safe_archive.UnsafeError,)
# What is damaged, who reads it, and what the caller is told.
READERS: dict[str, tuple[bytes, Reader, Told]] = {
    "zip": (zipped(), of_zip, UNSAFE),
    "document": (b'{"info": {"year": 1}}', of_document, UNSAFE),
    "nested zip": (zipped(), of_nested, UNSAFE),
    "tar": (tarred(), of_tar, UNSAFE),
    "snapshot": (TWO, of_snapshot, (LsDvcError,)),
    "large snapshot": (TWO, of_large_snapshot, (LsDvcError,)),
    "config": (CONFIG.encode(), of_config, (LsDvcError,)),
    "shapes": (projects.SHAPES.encode(), of_config, (LsDvcError,)),
    "media map": (media.lines([entry()]), of_media_map, (ValueError,)),
    "map cache": (MAP, of_map_cache, (ValueError, OSError)),
    "note": (FILE, of_journal, ()),
    "journal": (b"", of_journal_file, ()),
    "mask": (bytes(projects.rle(640, 480)), of_mask, ()),
    "listing": (json.dumps(LISTING).encode(), of_listing, SHAPELESS),
    ".env": (b"LABEL_STUDIO_API_KEY=abc\nX='y'\n", of_env, (LsDvcError,)),
}


def read(name: str, number: int, folder: Path) -> None:
    good, reader, told = READERS[name]
    random = Random(number)
    damaged = random.choice([damage.text, damage.content])(good or noted(folder), random)
    try:
        reader(damaged, folder)
    except told:
        pass
    except Exception as error:
        raise AssertionError(f"{name}: {damaged[:300]!r}") from error


def read_many(name: str, folder: Path, number: int) -> None:
    @settings(max_examples=number, deadline=timedelta(seconds=20))
    @given(seed=SEEDS)
    def one(seed: int) -> None:
        read(name, seed, folder)

    one()


@pytest.mark.parametrize("name", READERS)
def test_no_damaged_bytes_are_a_bug(name: str, tmp_path: Path) -> None:
    read_many(name, tmp_path, examples(40))


@pytest.mark.soak
@pytest.mark.parametrize("name", READERS)
def test_no_damaged_bytes_are_a_bug_for_long(name: str, tmp_path: Path) -> None:
    read_many(name, tmp_path, 5_000)
