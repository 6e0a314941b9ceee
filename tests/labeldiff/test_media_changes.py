"""A file that changed behind its address is a change of its task."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.history import snapshot
from support.projects import box, boxed

from ls_dvc.errors import LsDvcError
from ls_dvc.labeldiff import LabelDiff, compare
from ls_dvc.labeldiff.render import plain_text
from ls_dvc.labels import media
from ls_dvc.labels.media import MediaEntry, MediaFile
from ls_dvc.snapshot import media_map, snapshot_folder
from ls_dvc.snapshot.manifest import SnapshotFile
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder


def entry(task: int, content: str, item: int | None = None, address: str = "") -> MediaEntry:
    file = MediaFile(content * 32, content * 64, 5, "image/png", 640, 480) if content else None
    missing = "" if content else "not-found"
    return MediaEntry(task, "image", item, address or f"/data/upload/{task}.png", file, missing)


def with_map(folder: SnapshotFolder, entries: list[MediaEntry]) -> SnapshotFolder:
    missing = sum(each.file is None for each in entries)
    totals = media_map.MediaTotals(len(entries) - missing, 5 * len(entries), missing)
    part = SnapshotFile(media_map.shard_name(0), media.lines(entries))
    return folder.patched([media_map.summary(totals), part], ())


def difference(tmp_path: Path, old: list[MediaEntry], new: list[MediaEntry]) -> LabelDiff:
    tasks = [boxed(number, box(1, 1, 5, 5)) for number in (1, 2, 3)]
    folder = snapshot_folder.read(snapshot(tmp_path / "same", tasks))
    return compare(with_map(folder, old), with_map(folder, new))


def test_another_file_at_the_same_address(tmp_path: Path) -> None:
    diff = difference(
        tmp_path,
        [entry(1, "a"), entry(2, "b"), entry(3, "c", 0), entry(3, "d", 1)],
        [entry(1, "a"), entry(2, "f"), entry(3, "c", 0), entry(3, "e", 1)],
    )
    assert {each.task: each.media for each in diff.tasks} == {2: ("image",), 3: ("image[1]",)}
    assert diff.changed == (2, 3)
    assert "~ task 2  image changed: another file" in plain_text.text(diff, ("A", "B"))


def test_a_file_that_is_gone_and_one_that_is_back(tmp_path: Path) -> None:
    diff = difference(tmp_path, [entry(1, ""), entry(2, "b")], [entry(1, "a"), entry(2, "")])
    assert diff.changed == (1, 2)


def test_what_is_no_change(tmp_path: Path) -> None:
    """Only pinned now, or at another address, which the task's data shows."""
    diff = difference(
        tmp_path,
        [entry(2, "b"), entry(3, "c")],
        [entry(1, "a"), entry(2, "b"), entry(3, "d", address="/data/upload/other.png")],
    )
    assert not diff.tasks


def test_how_many_there_are(tmp_path: Path) -> None:
    """In each text about a diff, also where no label changed."""
    diff = difference(tmp_path, [entry(1, "a")], [entry(1, "a"), entry(2, "b"), entry(3, "")])
    counted = "media 1 -> 2 (+1), missing 0 -> 1 (+1)"
    assert plain_text.text(diff, ("A", "B")) == f"labels A -> B: no labels changed; {counted}\n"
    assert plain_text.stat(diff) == f"no labels changed; {counted}"
    assert diff.document()["after"]["media"] == {"files": 2, "bytes": 15, "missing": 1}
    labeled = difference(tmp_path / "b", [entry(1, "a")], [entry(1, "b")])
    for written in (plain_text.text(labeled, ("A", "B")), plain_text.commit_body(labeled)):
        assert "tasks 3 -> 3, annotations 3 -> 3, media 1 -> 1\n" in written


def test_labels_without_media_say_nothing_of_media(tmp_path: Path) -> None:
    folder = snapshot_folder.read(snapshot(tmp_path / "same", [boxed(1, box(1, 1, 5, 5))]))
    alone = compare(folder, folder)
    assert "media" not in plain_text.text(alone, ("A", "B"))
    assert "media" not in alone.document()["before"]
    added = compare(folder, with_map(folder, [entry(1, "a")]))
    assert plain_text.stat(added) == "no labels changed; media 0 -> 1 (+1)"


@pytest.mark.parametrize("content", [b"{}", b"[]", b"no", b'{"files":"1","bytes":1,"missing":0}'])
def test_a_summary_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    folder = snapshot_folder.read(snapshot(tmp_path / "same", [boxed(1, box(1, 1, 5, 5))]))
    torn = folder.patched([SnapshotFile(media_map.SUMMARY, content)], ())
    with pytest.raises(LsDvcError, match=r"media\.json"):
        compare(folder, torn)
