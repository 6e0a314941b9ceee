"""Versions from git alone: what counts as one, and what moved, in every shape of history."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from support.workspace import Workspace

from ls_dvc.errors import LsDvcError
from ls_dvc.history import log as history
from ls_dvc.history.log import VersionEntry
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import ExportSnapshot, Pin, Probe, TaskChangeCounts

BASE = Pin(
    fingerprint="0" * 64,
    project_id=42,
    title="Street scenes",
    url="https://ls.example.com",
    tasks=10,
    annotations=12,
    label_config="<View>\n  <Text name='t' value='$t'/>\n</View>\n",
    snapshots=(ExportSnapshot(41, "range", "5" * 32, 10, 0, 999),),
    probe=Probe(10, 12, 0, "2026-11-23T17:00:00.1Z", "a" * 64, "b" * 64),
    pinned_at="2026-11-23T17:00:00Z",
)


def name(number: int) -> str:
    return f"{number:064x}"


def pin(number: int, since: int | None = None, added: int = 1, changed: int = 2) -> str:
    changes = None if since is None else TaskChangeCounts(name(since), added, changed, 0)
    return lockfile.dump(
        replace(BASE, fingerprint=name(number), tasks=10 + number, changes=changes)
    )


class Repo(Workspace):
    def write(self, number: int, since: int | None = None, folder: str = ".", **how: int) -> str:
        target = self.path / folder
        target.mkdir(exist_ok=True)
        (target / "labels.lock").write_text(pin(number, since, **how))
        return self.commit(f"labels {number}")

    def log(self, *revisions: str, folder: str = ".") -> list[VersionEntry]:
        return history.log(self.path / folder, revisions)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.path.mkdir()
    made.git("init", "-q", "-b", "main")
    return made


def numbers(entries: Iterable[VersionEntry]) -> list[int]:
    return [int(each.fingerprint, 16) for each in entries]


def moved(entries: Iterable[VersionEntry]) -> list[tuple[int | None, int | None, int | None]]:
    return [(each.added, each.changed, each.removed) for each in entries]


def test_newest_first_with_what_moved(repo: Repo) -> None:
    first = repo.write(1)
    second = repo.write(2, since=1)
    repo.git("tag", "light", second)
    repo.git("tag", "-a", "labels/v1", "-m", "x", first)
    newest, oldest = repo.log()
    assert (newest.rev, oldest.rev) == (second, first)
    assert (newest.tags, oldest.tags) == (("light",), ("labels/v1",))
    assert moved([newest, oldest]) == [(1, 2, 0), (11, 0, 0)]
    assert (newest.tasks, newest.annotations, newest.author) == (12, 12, "A")
    assert newest.subject == "labels 2"
    assert newest.date.startswith("20")


def test_other_commits_and_other_words_in_the_pin_are_no_versions(repo: Repo) -> None:
    repo.write(1)
    (repo.path / "other").write_text("x")
    repo.commit("something else")
    (repo.path / "labels.lock").write_text(pin(1).replace("Street scenes", "Streets"))
    repo.commit("another title")
    repo.write(2, since=1)
    assert numbers(repo.log()) == [2, 1]


def test_an_empty_pin_is_no_version(repo: Repo) -> None:
    (repo.path / "labels.lock").write_text(lockfile.EMPTY)
    repo.commit("init")
    assert repo.log() == []
    repo.write(1)
    assert moved(repo.log()) == [(11, 0, 0)]


def test_nothing_committed_yet(repo: Repo) -> None:
    assert repo.log() == []


def test_a_pin_that_skipped_a_version_does_not_say(repo: Repo) -> None:
    repo.write(1)
    repo.write(3, since=2)
    repo.write(4)
    assert moved(repo.log()) == [(None, None, None), (None, None, None), (11, 0, 0)]


def test_a_revert_is_the_move_backwards(repo: Repo) -> None:
    repo.write(1)
    repo.write(2, since=1, added=5)
    repo.git("revert", "--no-edit", "HEAD")
    assert numbers(repo.log()) == [1, 2, 1]
    assert moved(repo.log())[0] == (0, 2, 5)


def test_a_range(repo: Repo) -> None:
    first = repo.write(1)
    repo.write(2, since=1)
    third = repo.write(3, since=2)
    assert numbers(repo.log(f"{first}..{third}")) == [3, 2]
    assert moved(repo.log(f"{first}..{third}")) == [(1, 2, 0)] * 2, "the one before is outside"
    assert numbers(repo.log("HEAD~1")) == [2, 1]
    with pytest.raises(LsDvcError, match="nowhere"):
        repo.log("nowhere")


def test_a_renamed_folder_goes_on(repo: Repo) -> None:
    repo.write(1, folder="old")
    repo.write(2, since=1, folder="old")
    repo.git("mv", "old", "new")
    repo.commit("a better name")
    repo.write(3, since=2, folder="new")
    found = repo.log(folder="new")
    assert numbers(found) == [3, 2, 1], "the renaming commit moved no label"
    assert moved(found)[0] == (1, 2, 0)
    assert [each.path for each in found] == ["new/labels.lock", *["old/labels.lock"] * 2]


def test_renamed_and_moved_in_one_commit(repo: Repo) -> None:
    repo.write(1, folder="old")
    repo.git("mv", "old", "new")
    repo.write(2, since=1, folder="new")
    assert moved(repo.log(folder="new")) == [(1, 2, 0), (11, 0, 0)]


def test_a_merge_that_takes_a_side_is_no_version(repo: Repo) -> None:
    repo.write(1)
    repo.git("checkout", "-qb", "side")
    repo.write(2, since=1)
    repo.git("checkout", "-q", "main")
    repo.write(3, since=1)
    repo.git("merge", "-q", "side", code=1)
    (repo.path / "labels.lock").write_text(pin(2, since=1))
    repo.commit("merged")
    assert sorted(numbers(repo.log())) == [1, 2], "git's way: the side that lost has no part in it"
    assert sorted(numbers(repo.log("main~1"))) == [1, 3]
    repo.write(4, since=2)
    assert moved(repo.log())[0] == (1, 2, 0)


def test_a_merge_with_labels_of_its_own_is_one(repo: Repo) -> None:
    repo.write(1)
    repo.git("checkout", "-qb", "side")
    repo.write(2, since=1)
    repo.git("checkout", "-q", "main")
    repo.write(3, since=1)
    repo.git("merge", "-q", "side", code=1)
    (repo.path / "labels.lock").write_text(pin(5, since=3))
    repo.commit("merged, and updated")
    found = repo.log()
    assert sorted(numbers(found)) == [1, 2, 3, 5]
    assert moved(found)[0] == (1, 2, 0), "against one of its parents"


def test_several_data_sets(repo: Repo) -> None:
    repo.write(1, folder="cars")
    repo.write(7, folder="dogs")
    repo.write(2, since=1, folder="cars")
    assert numbers(repo.log(folder="cars")) == [2, 1]
    assert numbers(repo.log(folder="dogs")) == [7]
    both = json.loads(repo.ls("log", "--json", "cars", "dogs").out)
    assert {each["path"] for each in both} == {"cars/labels.lock", "dogs/labels.lock"}
    assert "cars/labels.lock" in repo.ls("log", "cars", "dogs").out


def test_a_shallow_clone_says_that_it_is(repo: Repo, tmp_path: Path) -> None:
    repo.write(1)
    repo.write(2, since=1)
    repo.run("git", "clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    ran = clone.ls("log", "--json")
    assert [each["added"] for each in json.loads(ran.out)] == [12], "all that it knows of"
    assert "git fetch --unshallow" in ran.err
    (clone.path / "params.yaml").write_text("label_studio: {project_id: 1, formats: [JSON]}\n")
    (clone.path / ".dvc").mkdir()
    assert "git fetch --unshallow" in clone.ls("show", "HEAD~1", code=1).err


def test_rewritten_history(repo: Repo) -> None:
    repo.write(1)
    repo.write(2, since=1)
    repo.write(3, since=2)
    repo.git("rebase", "-q", "-X", "theirs", "--onto", "HEAD~2", "HEAD~1")
    assert numbers(repo.log()) == [3, 1]
    assert moved(repo.log())[0] == (None, None, None), "counted against a version that is gone"


def test_detached(repo: Repo) -> None:
    first = repo.write(1)
    repo.write(2, since=1)
    repo.git("checkout", "-q", first)
    assert numbers(repo.log()) == [1]
    assert sorted(numbers(repo.log("--all"))) == [1, 2]


def test_the_columns_that_programs_rely_on(repo: Repo) -> None:
    repo.write(1)
    rev = repo.write(2, since=1)
    newest = json.loads(repo.ls("log", "--json").out)[0]
    wanted = "rev date author tags tasks annotations added changed removed fingerprint"
    assert set(wanted.split()) <= newest.keys()
    assert newest["rev"] == rev
    table = repo.ls("log").out.splitlines()
    assert table[0].split()[:2] == ["commit", "date"]
    assert table[1].startswith(rev[:7])
    assert "+1 ~2 -0" in table[1]
    short = repo.ls("log", "--oneline").out.splitlines()
    assert short[0] == f"{rev[:7]} {name(2)[:12]} +1 ~2 -0 labels 2"


def test_no_repository_and_no_versions(tmp_path: Path, repo: Repo) -> None:
    assert "not in a git repository" in Workspace(tmp_path).ls("log", code=1).err
    (repo.path / "x").write_text("")
    repo.commit("nothing of ours")
    ran = repo.ls("log")
    assert ran.out == ""
    assert "no commit pins labels" in ran.err
    assert repo.ls("log", "--json").out.strip() == "[]"


def test_a_damaged_pin_in_the_history_is_told_with_its_commit(repo: Repo) -> None:
    (repo.path / "labels.lock").write_text("version: 1\nfingerprint: 3\n")
    rev = repo.commit("by hand")
    with pytest.raises(LsDvcError, match=f"labels.lock in {rev[:12]}"):
        repo.log()


def test_a_thousand_versions_take_a_handful_of_processes(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A count, because seconds cannot be tested: about 0.1 s here."""
    stream = [b"reset refs/heads/main\n"]
    for number in range(1, 1001):
        text = pin(number, since=number - 1).encode()
        stream.append(b"commit refs/heads/main\ncommitter A <a@b> %d +0000\n" % (10**9 + number))
        stream.append(b"data 1\nx\nM 644 inline labels.lock\ndata %d\n%s\n" % (len(text), text))
    subprocess.run(
        ["git", "fast-import", "--quiet"], input=b"".join(stream), cwd=repo.path, check=True
    )
    started: list[object] = []
    real = subprocess.Popen.__init__

    def counted(self: object, *arguments: object, **named: object) -> None:
        started.append(arguments)
        real(self, *arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess.Popen, "__init__", counted)
    monkeypatch.delattr(lockfile.yaml_files, "parse")
    assert numbers(repo.log()) == list(range(1000, 0, -1))
    assert len(started) <= 12
