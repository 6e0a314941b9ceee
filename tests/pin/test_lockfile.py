"""The pin survives its file, and a damaged file is told, not guessed at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.tokens import ScalarToken
from support.effort import examples
from support.pins import PIN

from ls_dvc.errors import LsDvcError
from ls_dvc.labels.class_ids import Classes
from ls_dvc.pin import lockfile, references
from ls_dvc.pin.lockfile import PinSummary
from ls_dvc.pin.pin import (
    ExportSnapshot,
    Pin,
    PinnedMedia,
    ServerConversion,
    SnapshotKind,
    TaskChangeCounts,
)
from ls_dvc.pin.references import References
from ls_dvc.server.cache import Cache
from ls_dvc.snapshot import rebuild, server_formats, snapshot_folder
from ls_dvc.snapshot.rebuild import Companions


def test_it_reads_back(tmp_path: Path) -> None:
    path = tmp_path / lockfile.NAME
    lockfile.write(path, PIN)
    assert lockfile.read(path) == PIN
    assert path.read_text().startswith("# ")
    assert "\nfingerprint: '12e45" in path.read_text(), "a number in YAML would not survive DVC"
    assert "- {id: 41, kind: range, " in path.read_text(), "one snapshot, one line in a diff"


def test_an_empty_pin_file_is_no_pin(tmp_path: Path) -> None:
    path = tmp_path / lockfile.NAME
    assert lockfile.find(path) is None
    path.write_text(lockfile.EMPTY)
    assert lockfile.find(path) is None
    lockfile.write(path, PIN)
    assert lockfile.find(path) == PIN
    path.write_text(TEXT.replace(f"'{PIN.fingerprint}'", "null"))
    with pytest.raises(LsDvcError):
        lockfile.find(path)


CHANGED = replace(PIN, changes=TaskChangeCounts("0" * 64, 1, 2, 3))


SERVED = replace(
    PIN,
    snapshots=PIN.snapshots[:1],
    converted=(ServerConversion("COCO", why="failed"), ServerConversion("YOLO", f"{1:064x}")),
    labels="12e45" + "1" * 59,
)
WITH_MEDIA = replace(
    PIN, labels="a" * 64, media=PinnedMedia(2, 99_000, 1, map="b" * 64, settings="c" * 64)
)


@pytest.mark.parametrize(
    "pin", [PIN, CHANGED, replace(CHANGED, fingerprint="a" * 64), SERVED, WITH_MEDIA]
)
def test_a_summary_needs_no_yaml(pin: Pin, monkeypatch: pytest.MonkeyPatch) -> None:
    text = lockfile.dump(pin)
    whole = lockfile.parse(text, "it")
    assert whole == pin
    for written in (text, f"# by hand\n{text}"):
        found = lockfile.summary(written, "it")
        counts = (pin.tasks, pin.annotations, pin.changes, pin.media)
        assert found == PinSummary(pin.fingerprint, *counts)
    monkeypatch.delattr(lockfile.yaml_files, "parse")
    assert lockfile.summary(text, "it") == found


def test_what_a_server_wrote_is_named_by_every_form_of_a_pin() -> None:
    text = lockfile.dump(SERVED)
    assert references.references(text).sha256s == {f"{1:064x}"}
    assert references.references(text).ids == {41}
    other = lockfile.dump(replace(SERVED, converted=(ServerConversion("CSV", "f" * 64),)))
    conflict = f"<<<<<<< HEAD\n{text}=======\n{other}>>>>>>> side\n"
    for each in (conflict, conflict.replace("sha256: ", '"sha256": '), conflict.replace("'", '"')):
        assert references.references(each).sha256s == {f"{1:064x}", "f" * 64}
    both = References.union(
        [
            references.references(text),
            references.references(other),
            references.references(lockfile.dump(PIN)),
        ]
    )
    assert both.sha256s == {f"{1:064x}", "f" * 64}


@pytest.mark.parametrize(
    ("served", "same"),
    [
        ({"COCO": True, "YOLO": False}, True),
        ({"YOLO": True, "COCO": True}, True),
        ({"COCO": False, "YOLO": False}, False),
        ({"COCO": True}, False),
        ({}, False),
        ({"COCO": True, "CSV": False, "YOLO": False}, False),
    ],
)
def test_a_pin_fits_settings_of_the_same_conversions(served: dict[str, bool], same: bool) -> None:
    assert SERVED.has_converted(served) is same
    assert PIN.has_converted({})
    assert not PIN.has_converted({"YOLO": True})
    assert (PIN.labels_alone, SERVED.labels_alone) == (PIN.fingerprint, SERVED.labels)


def test_nothing_pinned_has_no_summary() -> None:
    assert lockfile.summary(lockfile.EMPTY, "it") is None
    with pytest.raises(LsDvcError, match="not valid YAML"):
        lockfile.summary("<<<<<<< HEAD\nversion: 1\n=======\n", "it")


@pytest.mark.parametrize("title", ["?Ã", ":a", ":", "?", "??", ":-", "- a", "#", "", "no"])
def test_titles_that_look_like_yaml(title: str) -> None:
    pin = replace(PIN, title=title, classes=Classes.of({"image": [title, "x"]}))
    assert lockfile.parse(lockfile.dump(pin), "it") == pin


@given(title=st.text(), config=st.text(), name=st.text(min_size=1))
def test_any_text_reads_back(title: str, config: str, name: str) -> None:
    try:
        (title + config + name).encode()
    except UnicodeEncodeError:
        return  # a lone surrogate: no server can have sent it as UTF-8
    pin = replace(PIN, title=title, label_config=config, classes=Classes.of({"image": [name]}))
    assert lockfile.parse(lockfile.dump(pin), "x") == pin


@settings(max_examples=examples(40))
@given(text=st.text(alphabet="?:-#,[]{}&*!|>'\"%@` ab\t~\n", min_size=1))
def test_every_reader_of_yaml_takes_it(text: str) -> None:
    """With `ruamel.yaml.clib` next to it, DVC reads by a libyaml that is stricter than ours."""
    classes = Classes.of({"image": ["http://x", f"a{text}", text]})
    written = lockfile.dump(replace(PIN, title=text, label_config=text, classes=classes))
    assert YAML(typ="safe").load(written) == YAML(typ="safe", pure=True).load(written)
    for token in YAML(typ="safe", pure=True).scan(written):
        if isinstance(token, ScalarToken) and token.plain:
            assert ":" not in token.value
            assert "?" not in token.value
        if isinstance(token, ScalarToken) and token.style == "|":
            assert not token.value.lstrip(" \n").startswith("\t")


TEXT = lockfile.dump(PIN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "does not hold a pin"),
        ("- 1\n", "does not hold a pin"),
        (TEXT.replace("version: 1", "version: 2"), "has version 2"),
        (TEXT.replace("fingerprint:", "fingerprnt:"), "'fingerprint' is missing"),
        (TEXT.replace("kind: range", "kind: rang"), "'rang'"),
        (TEXT.replace("tasks: 3", "tasks: [3]", 1), "does not hold a pin"),
        (TEXT.replace("title:", "<<<<<<< HEAD\ntitle:"), "not valid YAML"),
        (TEXT.replace("summary:", "sumary:"), "does not hold a pin"),
        (
            lockfile.dump(SERVED).replace("why: failed", "by: hand"),
            "either sha256 or why",
        ),
        (
            lockfile.dump(SERVED).replace("COCO,", "COCO, sha256: a,"),
            "either sha256 or why",
        ),
        (lockfile.dump(SERVED).replace("  labels:", "  lables:"), "'labels' is missing"),
        (lockfile.dump(WITH_MEDIA).replace("\nlabels:", "\nlables:"), "'labels' is missing"),
        (lockfile.dump(WITH_MEDIA).replace("b" * 64, "../../map"), "'../../map' does not have"),
        (TEXT.replace(PIN.snapshots[0].md5, "../../victim"), "'../../victim' does not have"),
        (TEXT.replace(PIN.fingerprint, "../victim"), "'../victim' does not have"),
        (lockfile.dump(SERVED).replace("COCO", "../../X"), "'../../X' does not have"),
        (lockfile.dump(SERVED).replace("format: COCO", "format: 3"), "format is 3"),
        (lockfile.dump(replace(SERVED, snapshots=PIN.snapshots)), "need exactly one snapshot"),
    ],
)
def test_a_damaged_file_is_told(text: str, words: str) -> None:
    with pytest.raises(LsDvcError, match=words) as caught:
        lockfile.parse(text, "labels.lock")
    assert "labels.lock" in str(caught.value)
    assert caught.value.hint


@given(
    old=st.lists(st.text(max_size=3), unique=True),
    new=st.lists(st.text(max_size=3)),
)
def test_class_ids_never_move(old: list[str], new: list[str]) -> None:
    before = Classes.of({"image": old})
    after = before.extended({"image": new})
    assert after.names("image")[: len(old)] == tuple(old)
    assert set(after.names("image")) == {*old, *new}
    assert len(set(after.names("image"))) == len(after.names("image"))
    assert after.extended({"image": new}) == after


@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.integers(0, 16**32 - 1), st.lists(st.integers(1, 99))),
        min_size=1,
        max_size=6,
    )
)
def test_the_snapshots_of_a_pin_are_found_without_reading_it(
    some: list[tuple[int, int, list[int]]],
) -> None:
    snapshots = tuple(
        ExportSnapshot(number, "delta", f"{digest:032x}", 3, removed=tuple(removed))
        if removed
        else ExportSnapshot(number, "range", f"{digest:032x}", 3, 1, 5)
        for number, digest, removed in some
    )
    found = references.references(lockfile.dump(replace(PIN, snapshots=snapshots)))
    assert found.ids == {each.id for each in snapshots}
    assert found.md5s == {each.md5 for each in snapshots}


def test_no_snapshot_is_overlooked_in_a_pin_of_another_form() -> None:
    text = lockfile.dump(PIN)
    assert references.references(text) == References(
        frozenset([41, 57]), frozenset(["5" * 32, "9" * 32])
    )
    theirs = lockfile.dump(
        replace(PIN, snapshots=(ExportSnapshot(63, "range", "5" * 32, 2, 0, 999),))
    )
    conflict = f"<<<<<<< HEAD\n{text}=======\n{theirs}>>>>>>> side\n"
    compact = text.replace("\n- {id", "\n  - {id").replace("\n- id", "\n  - id")
    mixed = text.replace("kind: delta", "by: hand\n  kind: delta")
    for each in (
        conflict,
        compact,
        mixed,
        text.replace("\n", "\r\n"),
        text.replace("id: ", '"id": '),
    ):
        found = references.references(each)
        assert found.ids >= {41, 57}
        assert found.md5s == {"5" * 32, "9" * 32}
    assert 63 in references.references(conflict).ids


# Pins as they were written, each shape that there ever was, beside the side cache that they need.
# Files are added here and never changed: what was pinned once is to be read and made for ever.
KEPT = Path(__file__).parents[1] / "locks"
SHAPES = {each.stem: each for each in sorted(KEPT.glob("*.lock"))}


@pytest.mark.parametrize("name", list(SHAPES))
def test_old_pins_stay_readable_and_reproducible(name: str, tmp_path: Path) -> None:
    pin, cache = lockfile.read(SHAPES[name]), Cache(KEPT)
    assert all(map(cache.holds, pin.snapshots)), "or git has changed line ends"
    companions = Companions(
        lambda conversion: cache.archive(conversion.sha256).read_bytes(), lambda _: ()
    )
    files = rebuild.snapshot_files(pin, cache.path, companions)
    manifest = snapshot_folder.write(tmp_path, files)
    assert manifest.fingerprint == pin.fingerprint
    alone = server_formats.without(snapshot_folder.read(tmp_path))
    assert alone.fingerprint == pin.labels_alone
    assert (manifest.counts.tasks, manifest.counts.annotations) == (pin.tasks, pin.annotations)
    text = SHAPES[name].read_text()
    assert lockfile.parse(lockfile.dump(pin), name) == pin
    assert lockfile.summary(text, name) == PinSummary(
        pin.fingerprint, pin.tasks, pin.annotations, pin.changes
    )
    found = references.references(text)
    assert found.ids == {each.id for each in pin.snapshots}
    assert found.md5s == {each.md5 for each in pin.snapshots if each.md5}
    assert found.sha256s == {each.sha256 for each in pin.converted if each.sha256}
    assert all(map(cache.holds_archive, found.sha256s))


def test_a_pin_of_each_shape_is_kept() -> None:
    pins = {name: lockfile.read(path) for name, path in SHAPES.items()}
    kinds = {each.kind for pin in pins.values() for each in pin.snapshots}
    assert kinds == set(get_args(SnapshotKind))
    assert any(each.removed for each in pins["delta"].snapshots)
    assert pins["changes"].changes
    assert pins["view"].probe.view
    assert [each.why for each in pins["converted"].converted] == ["stuck", ""]
    assert pins["writers"] == pins["quoted"], "the same pin before and after addresses were quoted"
    assert (pins["writers"].ls_dvc, pins["writers"].writers) == ("0.1.0", {"COCO": 1, "JSONL": 1})
    media = lockfile.read(KEPT / "media/media.lock")
    assert media.media == PinnedMedia(4, 99_000, 1, map="b" * 64, settings="c" * 64)
    assert media.labels_alone == pins["writers"].fingerprint
    text = SHAPES["first_probe"].read_text()
    assert not any(f"  {key}:" in text for key in ("newest", "columns", "view"))


def test_a_file_that_pins_nothing_names_nothing() -> None:
    assert references.references(lockfile.EMPTY) == References()
    assert references.references("") == References()
