"""Outputs are replaced all or none: at errors, interrupts and kills at every call to the disk."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from support.calls_to_disk import at_call

from ls_dvc.io import interrupts, replacing, temporary

NAMES = ("data/dataset", "reports/labels.json", "reports/classes.csv")


def targets(root: Path) -> list[Path]:
    return [root / name for name in NAMES]


def fill(root: Path, content: str) -> None:
    (root / "data/dataset/COCO").mkdir(parents=True, exist_ok=True)
    (root / "reports").mkdir(exist_ok=True)
    for path in (root / "data/dataset/COCO/result.json", *targets(root)[1:]):
        path.write_text(content)


def replace(root: Path) -> None:
    dataset, *reports = targets(root)
    with replacing.in_place_of(dataset) as outputs:
        (outputs.folder / "COCO").mkdir()
        (outputs.folder / "COCO/result.json").write_text("new")
        for report in reports:
            outputs.write(report, b"new")


def state(root: Path) -> dict[str, str]:
    """Every file there is; nothing temporary may be among them."""
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def whole(content: str) -> dict[str, str]:
    names = ("data/dataset/COCO/result.json", "reports/classes.csv", "reports/labels.json")
    return dict.fromkeys(names, content)


@pytest.fixture(params=[True, False], ids=["over-old", "for-the-first-time"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Path]:
    """Makes a folder anew: with old outputs, or with none."""

    def make() -> Path:
        root = tmp_path / "root"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        if request.param:
            fill(root, "old")
        return root

    return make


def repair(root: Path) -> None:
    replacing.repair(targets(root))


def every_call(
    made: Callable[[], Path], action: Callable[[], None], work: Callable[[Path], None] = replace
) -> Iterator[tuple[Path, int]]:
    """A run for each call to the disk that `work` makes, in which `action` is done at that call."""
    for number in range(1, 500):
        root = made()
        ended = at_call(number, action, work, root)
        if ended == 0:
            assert number > 10
            return
        yield root, ended
    raise AssertionError("the work has no end")


def test_an_error_at_any_call_changes_nothing(made: Callable[[], Path]) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    before = state(made())
    for root, _ in every_call(made, fail):
        seen = {name: text for name, text in state(root).items() if "tmp" not in name}
        assert seen in (before, whole("new")), "without a repair"
        repair(root)
        assert state(root) == seen


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_at_any_call_changes_nothing(
    made: Callable[[], Path], signum: signal.Signals
) -> None:
    def interrupt() -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.default_int_handler)
        os.kill(os.getpid(), signum)

    before = state(made())
    for root, _ in every_call(made, interrupt):
        repair(root)
        assert state(root) in (before, whole("new"))


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_between_two_renames_puts_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signum: signal.Signals
) -> None:
    fill(tmp_path, "old")
    swap, before = replacing.Output.swap, signal.signal(signum, signal.default_int_handler)

    def interrupted(output: replacing.Output, stack: ExitStack) -> None:
        swap(output, stack)
        signal.raise_signal(signum)

    monkeypatch.setattr(replacing.Output, "swap", interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            replace(tmp_path)
    finally:
        signal.signal(signum, before)
    assert state(tmp_path) == whole("old")


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_kill_at_any_call_is_repaired(made: Callable[[], Path]) -> None:
    before, found = state(made()), list[dict[str, str]]()
    for root, ended in every_call(made, kill):
        assert ended == -signal.SIGKILL
        repair(root)
        found.append(state(root))
        assert found[-1] in (before, whole("new"))
    assert before in found
    assert whole("new") in found


@pytest.mark.soak
def test_a_kill_of_the_repair_is_repaired(made: Callable[[], Path]) -> None:
    """All calls of the first run, and of each repair after it: three kills in a row."""
    before = state(made())
    for first in range(1, 100):
        for second in range(1, 100):
            root = made()
            if at_call(first, kill, replace, root) == 0:
                return
            ended = at_call(second, kill, repair, root)
            at_call(2, kill, repair, root)
            repair(root)
            assert state(root) in (before, whole("new"))
            if ended == 0:
                break


def test_what_somebody_put_into_the_new_one_stays(tmp_path: Path) -> None:
    fill(tmp_path, "old")

    for number in range(1, 100):
        assert at_call(number, kill, replace, tmp_path) != 0
        result = tmp_path / "data/dataset/COCO/result.json"
        if result.exists() and result.read_text() == "new":
            break
        replacing.repair(targets(tmp_path))
    (tmp_path / "data/dataset/COCO/mine.txt").write_text("mine")
    replacing.repair(targets(tmp_path))
    assert (tmp_path / "data/dataset/COCO/mine.txt").read_text() == "mine"


def test_a_name_that_begins_alike_is_somebody_elses(tmp_path: Path) -> None:
    with replacing.in_place_of(tmp_path / "v1-rc") as other:
        (other.folder / "a").write_text("a")
        with replacing.in_place_of(tmp_path / "v1"):
            assert (other.folder / "a").exists()
    assert (tmp_path / "v1-rc/a").read_text() == "a"
    assert {each.name for each in tmp_path.iterdir()} == {"v1", "v1-rc"}


def test_what_is_left_is_swept_and_what_is_at_work_is_not(tmp_path: Path) -> None:
    left, ours = tmp_path / ".ls-dvc-tmp-new-0123456789ab-a", tmp_path / "not-ours"
    for folder in (left, ours):
        (folder / "below").mkdir(parents=True)
    only_copy = tmp_path / ".ls-dvc-tmp-old-0123456789ab-only"
    only_copy.mkdir()
    with temporary.new_folder(tmp_path / "b") as at_work:
        path, out = temporary.new_file(tmp_path / "c")
        with out:
            temporary.sweep(tmp_path)
            assert at_work.is_dir()
            assert path.is_file()
        temporary.sweep(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {ours.name, only_copy.name}
    replacing.repair([tmp_path / "only"])
    assert (tmp_path / "only").is_dir(), "it was the only copy"


@pytest.mark.parametrize("there", ["nothing", "empty", "other"])
def test_what_is_aside_is_never_lost(tmp_path: Path, there: str) -> None:
    folder = tmp_path / "dataset"
    replacing.aside(folder).mkdir()
    (replacing.aside(folder) / "a").write_text("a")
    if there != "nothing":
        folder.mkdir()
    if there == "other":
        (folder / "b").write_text("b")
    temporary.sweep(tmp_path)
    replacing.repair([folder])
    assert [each.name for each in folder.iterdir()] == ["b" if there == "other" else "a"]
    assert not replacing.aside(folder).exists()


def test_interrupts_wait(tmp_path: Path) -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt), interrupts.held_back() as look:  # noqa: PT012
        signal.raise_signal(signal.SIGINT)
        steps.append("on")
        with suppress(KeyboardInterrupt):
            look()
            steps.append("not here")
        steps.append("to the end")
    assert steps == ["on", "to the end"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_data_is_on_the_disk_before_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is filled, then settled, looked at once more, noted, and only then renamed."""
    fill(tmp_path, "old")
    seen = list[str]()
    settle = replacing._settle
    monkeypatch.setattr(
        replacing, "_settle", lambda folders: (seen.append("settle"), settle(folders))
    )

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("os.rename", "open") and str(tmp_path) in str(arguments[0]):
            seen.append(f"{event} {Path(str(arguments[0])).name}")

    sys.addaudithook(hook)
    replace(tmp_path)
    renames = [index for index, each in enumerate(seen) if each.startswith("os.rename")]
    written = [
        index for index, each in enumerate(seen) if each.startswith("open") and "-new-" in each
    ]
    assert max(written) < seen.index("settle") < min(renames)
    assert "-swap-" in seen[min(renames) - 2] + seen[min(renames) - 1] + seen[min(renames) - 3]
