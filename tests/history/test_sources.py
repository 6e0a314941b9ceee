"""Where data can be had: sources in order, each with its reason, without a server."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.locks import LOCKS, data_set
from support.workspace import Workspace

from ls_dvc.errors import LsDvcError, ServerError
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.snapshot_sources import PinnedPieces
from ls_dvc.history.sources import AbsentError, Source, UnavailableError, first_available
from ls_dvc.history.version import version_at
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.progress import Silent
from ls_dvc.server.interface import Server
from ls_dvc.snapshot import rebuild, snapshot_folder
from ls_dvc.snapshot.rebuild import Companions
from ls_dvc.workspace import open_workspace


def has(value: str) -> Source[str]:
    return Source(value, lambda: value)


def lacks(name: str, error: LsDvcError) -> Source[str]:
    def get() -> str:
        raise error

    return Source(name, get)


def test_the_first_source_that_has_it_is_taken() -> None:
    absent = lacks("cache", AbsentError("no"))
    assert first_available("x", [absent, has("remote"), has("server")], "") == "remote"


def test_each_source_has_its_reason() -> None:
    sources = [
        lacks("the side cache", AbsentError("snapshot 3 is not in it")),
        lacks("the server", ServerError("no API key", "set LABEL_STUDIO_API_KEY")),
    ]
    with pytest.raises(UnavailableError) as caught:
        first_available("snapshot 3", sources, "run `dvc pull`")
    assert str(caught.value).splitlines() == [
        "snapshot 3 cannot be read from anywhere:",
        "  the side cache: snapshot 3 is not in it",
        "  the server: no API key (set LABEL_STUDIO_API_KEY)",
    ]
    assert caught.value.hint == "run `dvc pull`"


def no_server() -> Server:
    raise ServerError("cannot reach it", "is it running?")


def pieces(space: Workspace) -> PinnedPieces:
    workspace = open_workspace(space.path)
    return PinnedPieces(workspace, lockfile.read(workspace.pin), no_server, Silent())


@pytest.mark.parametrize("lock", sorted(each.name for each in LOCKS.glob("*.lock")))
def test_the_side_cache_is_enough(lock: str, tmp_path: Path) -> None:
    space = data_set(tmp_path / "repo", lock, cached=True)
    (tmp_path / "out").mkdir()
    manifest = snapshot_folder.write(tmp_path / "out", pieces(space).snapshot_files())
    assert manifest.fingerprint == lockfile.read(LOCKS / lock).fingerprint
    workspace = open_workspace(space.path)
    with open_snapshot(workspace, version_at(workspace, None)) as folder:
        assert folder.fingerprint == manifest.fingerprint


@pytest.mark.parametrize(
    ("lock", "reason"),
    [
        ("delta.lock", "https://ls.example.com: cannot reach it (is it running?)"),
        ("bulk.lock", "which no server can repeat"),
    ],
)
def test_what_no_source_has_is_refused(lock: str, reason: str, tmp_path: Path) -> None:
    space = data_set(tmp_path / "repo", lock, cached=False)
    with pytest.raises(UnavailableError) as caught:
        list(pieces(space).snapshot_files())
    assert "the side cache: snapshot" in str(caught.value)
    assert reason in str(caught.value)
    assert "`dvc pull`" in caught.value.hint
    workspace = open_workspace(space.path)
    with (
        pytest.raises(UnavailableError) as caught,
        open_snapshot(workspace, version_at(workspace, None)),
    ):
        pass
    for name in ("the workspace: ", "DVC's cache and remote: ", "the side cache: "):
        assert name in str(caught.value)


def built(space: Workspace, pin: Pin) -> None:
    """data/snapshot as an export of `pin` leaves it."""
    target = space.path / "data/snapshot"
    target.mkdir(parents=True)
    files = rebuild.snapshot_files(
        pin,
        lambda snapshot: LOCKS / "snapshots" / f"{snapshot.md5}.json",
        Companions(
            lambda conversion: (LOCKS / "converted" / f"{conversion.sha256}.tar").read_bytes(),
            lambda _: (),
        ),
    )
    snapshot_folder.write(target, files)


def test_the_data_of_head_stands_for_its_snapshots(tmp_path: Path) -> None:
    """A later pin needs only the snapshots that came after it."""
    space = data_set(tmp_path / "repo", "delta.lock", cached=True)
    pin = lockfile.read(space.path / "labels.lock")
    space.commit("labels")
    built(space, pin)
    for snapshot in pin.snapshots:
        (space.path / ".dvc/tmp/ls-dvc/snapshots" / f"{snapshot.md5}.json").unlink()
    (tmp_path / "out").mkdir()
    manifest = snapshot_folder.write(tmp_path / "out", pieces(space).snapshot_files())
    assert manifest.fingerprint == pin.fingerprint
    (space.path / "data/snapshot/manifest.json").unlink()
    with pytest.raises(UnavailableError, match=r"snapshot \d is not in it"):
        list(pieces(space).snapshot_files())


def test_a_pin_without_the_media_that_the_settings_want(tmp_path: Path) -> None:
    space = data_set(tmp_path / "repo", "ranges.lock", cached=True)
    params = space.path / "params.yaml"
    text = params.read_text().replace("formats:", "media: {tasks: labeled}, formats:")
    params.write_text(text)
    assert "run `ls-dvc update` to pin them" in space.ls("export", code=1).err
    params.write_text(text.replace("tasks: labeled", "tasks: none"))
    space.ls("export")
