"""prune: nothing that any pin needs, nothing of others, nothing young; and the rest goes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from support.clients import at
from support.proxy import Proxy, Reply, Request, proxied
from support.workspace import BIN, Workspace, clean_environment, make

from ls_dvc.commands.prune import MinimumAge, in_cache, in_parts, on_server, unneeded
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import ServerError
from ls_dvc.io import kept_parts, temporary
from ls_dvc.io.files import locked
from ls_dvc.io.kept_parts import key_of
from ls_dvc.pin import lockfile
from ls_dvc.pin.references import References
from ls_dvc.server.admin import Admin
from ls_dvc.server.cache import Cache
from ls_dvc.server.interface import TITLE, ServerSnapshot
from ls_dvc.server.snapshots import SHOWN

NOW = datetime(2026, 6, 30, tzinfo=timezone.utc)
NOTHING = References()
AT_ONCE = ("prune", "--older-than", "0")


def listed(
    number: int, *, days: float = 30, finished: bool = True, title: str = ""
) -> ServerSnapshot:
    made_at = NOW - timedelta(days=days)
    return ServerSnapshot(number, title or f"{TITLE} 1-9 {uuid.uuid4().hex}", made_at, 9, finished)


def age(days: float) -> MinimumAge:
    return MinimumAge(timedelta(days=days), NOW)


OURS = uuid.UUID("5a6e1a64-a0c3-43f6-a32a-a5c23b9c971a")


@pytest.mark.parametrize(
    "title",
    [
        "ls-dvc",
        "ls-dvc something",
        "ls-dvc temporary 5",
        f"ls-dvc {OURS.hex}",
        "ls-dvc 1-9 0123456789abcdef0123456789abcdef",
        f"ls-dvc 1-9 {OURS}",
        f"ls-dvc 1-9 {OURS.hex} of mine",
        f"copy of ls-dvc 1-9 {OURS.hex}",
        f"LS-DVC 1-9 {OURS.hex}",
    ],
)
def test_titles_of_others(title: str) -> None:
    assert not listed(1, title=title).is_ours
    assert unneeded([listed(1, title=title)], NOTHING, age(0)) == []


def test_what_is_young_or_in_work_stays() -> None:
    some = [listed(1, days=13.9), listed(2, days=14), listed(3, days=15)]
    assert [each.id for each in unneeded(some, NOTHING, age(14))] == [2, 3]
    some = [listed(1, days=0.5, finished=False), listed(2, days=1.5, finished=False)]
    assert [each.id for each in unneeded(some, NOTHING, age(0))] == [2]
    assert unneeded([listed(5)], References(ids=frozenset([5])), age(0)) == []


@dataclass
class Shelf:
    """A server that shows its newest three, and refuses to remove some."""

    there: list[ServerSnapshot]
    firm: frozenset[int] = frozenset()
    asked: list[int] = field(default_factory=list)

    def shown(self) -> list[ServerSnapshot]:
        return sorted(self.there, key=lambda each: each.made_at, reverse=True)[:3]

    def remove(self, what: ServerSnapshot) -> None:
        self.asked.append(what.id)
        if what.id in self.firm:
            raise ServerError(f"{what.id} stays")
        self.there.remove(what)


def test_the_list_is_asked_for_until_nothing_new_turns_up() -> None:
    shelf = Shelf([listed(number, days=100 - number) for number in range(9)], frozenset([4, 7]))
    needed = References(ids=frozenset([5]))
    done = list(on_server(shelf.shown, shelf.remove, needed, age(0)))
    assert shelf.asked == [8, 7, 6, 4], "behind three that stay nothing can be seen"
    assert [each.what.id for each in done if each.error] == [7, 4]


def cached(cache: Cache, name: str, *, days: float = 30) -> Path:
    path = cache.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"12345")
    when = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (when, when))
    return path


def removed(cache: Cache, needed: References, days: float = 14) -> list[str]:
    done = list(in_cache(cache, cache.remove, needed, age(days)))
    return [each.what.path.name for each in done if not each.error]


def test_the_side_cache(tmp_path: Path) -> None:
    cache, pinned, stale, young = Cache(tmp_path), "a" * 32, "b" * 32, "c" * 32
    for md5, days in ((pinned, 30), (stale, 30), (young, 1)):
        for kind in ("json", "part", "lock"):
            cached(cache, f"snapshots/{md5}.{kind}", days=days)
    for name in ("seen.json", "refresh.lock", "0123456789abcdef.lock"):
        cached(cache, name)
    cached(cache, ".ls-dvc-tmp-abc")
    killed = cached(cache, ".ls-dvc-tmp-new-0123456789ab-scratch/tasks/1.jsonl", days=0).parents[1]
    with temporary.new_folder(cache.root / "media" / "gathered") as at_work:
        gone = removed(cache, References(md5s=frozenset([pinned])))
        assert at_work.is_dir()
    expected = [".ls-dvc-tmp-abc", killed.name]
    assert sorted(gone) == [*expected, *(f"{stale}.{e}" for e in ("json", "lock", "part"))]
    assert not killed.exists()
    left = {each.name for each in tmp_path.rglob("*") if each.is_file()}
    assert not any(stale in name for name in left)
    assert len(left) == 9
    assert removed(cache, NOTHING, days=60) == []


def test_a_download_at_work_is_left_alone(tmp_path: Path) -> None:
    cache, md5 = Cache(tmp_path), "a" * 32
    part = cached(cache, f"snapshots/{md5}.part")
    with locked(part.with_suffix(".lock"), wait=0, busy=""):
        done = list(in_cache(cache, cache.remove, NOTHING, age(0)))
    assert "another ls-dvc is downloading" in str(done[0].error)
    assert part.exists()
    assert removed(cache, NOTHING, days=0)[0] == part.name
    assert list(tmp_path.rglob("*.*")) == []


def test_parts_that_nobody_used_for_long_go(tmp_path: Path) -> None:
    parts = Cache(tmp_path).parts
    keys = [key_of(number=number) for number in range(3)]
    sizes = [parts.put(key, b"part") for key in keys]
    for key, days in zip(keys, (30, 20, 1), strict=True):
        os.utime(parts.path(key), times=2 * ((NOW - timedelta(days=days)).timestamp(),))
    (result,) = in_parts(parts, kept_parts.remove, age(14))
    assert (result.what.path, result.what.size) == (parts.root, sum(sizes[:2]))
    assert [bool(parts.get(key)) for key in keys] == [False, False, True]
    assert list(in_parts(parts, kept_parts.remove, age(14))) == []


def test_no_side_cache_yet(tmp_path: Path) -> None:
    assert removed(Cache(tmp_path / "none"), NOTHING) == []


# --- with a real server and a real history


@pytest.fixture
def project(make_project: Callable[..., int]) -> int:
    return make_project(tasks=[{"data": {"text": "a"}}])


@pytest.fixture
def proxy(studio: LocalServer) -> Iterator[Proxy]:
    with proxied(studio.url) as running:
        yield running


@pytest.fixture
def space(tmp_path: Path, studio: LocalServer, project: int) -> Workspace:
    made = make(tmp_path / "repo", studio.url, studio.api_key, project, "CSV")
    made.commit("scaffold")
    return made


def take(space: Workspace, folder: str = ".") -> int:
    """Move the pin to a snapshot of its own; the snapshot's id."""
    space.ls("-C", folder, "update", "--full")
    (snapshot,) = lockfile.read(space.path / folder / "labels.lock").snapshots
    return snapshot.id


def version(space: Workspace, folder: str = ".") -> int:
    taken = take(space, folder)
    space.commit(f"snapshot {taken}")
    return taken


def on(admin: Admin, project: int) -> set[int]:
    return {each["id"] for each in admin.call("GET", f"/api/projects/{project}/exports/")}


def ids(document: dict[str, Any]) -> set[int]:
    return {each["id"] for each in document["snapshots"]}


def test_what_a_history_needs_and_what_not(
    space: Workspace, admin: Admin, project: int, tmp_path: Path
) -> None:
    first = version(space)
    space.dvc("repro")
    rev = space.commit("data")
    made = space.hashes()
    kept = [first, version(space)]
    space.git("checkout", "-qb", "side")
    kept.append(version(space))
    space.git("tag", "v1", "HEAD")
    space.git("checkout", "-q", "main")
    space.git("branch", "-qD", "side")
    for _ in range(2):
        kept.append(take(space))
        space.git("stash", "-q")
    lost = version(space)
    space.git("reset", "-q", "--hard", "HEAD~1")
    tree = Workspace(tmp_path / "tree", space.env)
    space.git("worktree", "add", "-q", str(tree.path))
    kept.append(take(tree))
    overwritten = take(space)
    kept.append(take(space))
    space.git("add", "labels.lock")
    kept.append(take(space))
    mine = [
        admin.call("POST", f"/api/projects/{project}/exports/", {"title": title})["id"]
        for title in ("mine", "ls-dvc something", f"ls-dvc 1-9 {'0' * 32}")
    ]
    assert on(admin, project) == {*kept, *mine, lost, overwritten}

    assert json.loads(space.ls("prune", "--json").out)["snapshots"] == [], "all are of today"
    told = json.loads(space.ls(*AT_ONCE, "--dry-run", "--json").out)
    assert told["dry_run"] is True
    assert told["more"] is False
    assert ids(told) == {lost, overwritten}
    words = space.ls(*AT_ONCE, "--dry-run").out
    assert re.search(rf"would remove  snapshot {lost} +ls-dvc ", words)
    assert "would remove 2 snapshots" in words
    assert on(admin, project) == {*kept, *mine, lost, overwritten}
    before = {each.name for each in (space.path / ".dvc/tmp/ls-dvc/snapshots").iterdir()}

    done = json.loads(space.ls(*AT_ONCE, "--json").out)
    assert {**told, "dry_run": False} == done, "a dry run tells just what a real one does"
    assert on(admin, project) == {*kept, *mine}
    after = {each.name for each in (space.path / ".dvc/tmp/ls-dvc/snapshots").iterdir()}
    removed = {Path(each["path"]).name for each in done["files"]}
    assert removed == (before - after) | {"parts"}
    assert ids(json.loads(space.ls(*AT_ONCE, "--json").out)) == set()

    space.git("checkout", "-qf", rev)
    space.forget()
    space.dvc("repro")
    assert space.hashes() == made


def test_two_data_sets_of_one_project(
    studio: LocalServer, admin: Admin, project: int, tmp_path: Path
) -> None:
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "CSV")
    for name in ("cats", "dogs"):
        (space.path / name).mkdir()
        settings = ("--url", studio.url, "--project-id", str(project))
        space.ls("-C", name, "init", "--no-media", *settings, "-f", "CSV")
    space.commit("scaffold")
    kept = {version(space, name) for name in ("cats", "dogs", "cats")}
    space.git("mv", "dogs", "wolves")
    space.commit("renamed")
    kept.add(version(space, "wolves"))
    lost = take(space, "cats")
    space.git("checkout", "-q", "--", "cats")
    ran = space.ls("-C", "wolves", *AT_ONCE, "--server-only", "--json")
    assert ids(json.loads(ran.out)) == {lost}
    assert on(admin, project) == kept


def test_the_project_of_the_settings_alone(
    space: Workspace, admin: Admin, project: int, make_project: Callable[..., int]
) -> None:
    lost = take(space)
    space.git("checkout", "-q", "--", "labels.lock")
    other = make_project(tasks=[{"data": {"text": "b"}}])
    space.edit("params.yaml", f"project_id: {project}", f"project_id: {other}")
    assert ids(json.loads(space.ls(*AT_ONCE, "--json").out)) == set()
    assert on(admin, project) == {lost}


def test_a_clone_that_does_not_know_enough(
    space: Workspace, admin: Admin, project: int, tmp_path: Path
) -> None:
    known = version(space)
    space.run("git", "clone", "-q", "--depth", "1", space.path.as_uri(), str(tmp_path / "shallow"))
    shallow = Workspace(tmp_path / "shallow", space.env)
    for only in ((), ("--cache-only",)):
        assert "git fetch --unshallow" in shallow.ls(*AT_ONCE, *only, code=1).err
    shallow.git("fetch", "-q", "--unshallow")
    space.git("checkout", "-qb", "theirs")
    pushed = version(space)
    err = shallow.ls(*AT_ONCE, code=1).err
    assert "origin has commits that this clone does not know" in err
    shallow.ls(*AT_ONCE, "--cache-only")
    assert on(admin, project) == {known, pushed}
    shallow.run("sh", "-c", err.partition("`")[2].partition("`")[0])
    assert ids(json.loads(shallow.ls(*AT_ONCE, "--json").out)) == set()


def test_only_one_of_the_two(space: Workspace, admin: Admin, project: int) -> None:
    lost = take(space)
    space.git("checkout", "-q", "--", "labels.lock")
    assert space.ls(*AT_ONCE, "--cache-only", "--server-only", code=1).err
    ran = space.ls(*AT_ONCE, "--cache-only", LABEL_STUDIO_URL="http://127.0.0.1:9")
    assert "removed 0 snapshots" in ran.out
    assert on(admin, project) == {lost}
    space.ls(*AT_ONCE, "--server-only")
    assert on(admin, project) == set()


def test_one_that_cannot_be_removed_keeps_no_other(
    space: Workspace, admin: Admin, project: int, proxy: Proxy
) -> None:
    lost = [take(space) for _ in range(3)]
    space.git("checkout", "-q", "--", "labels.lock")
    gone = lost[2]
    admin.call("DELETE", f"/api/projects/{project}/exports/{gone}")

    def firm(request: Request, forward: Callable[[Request], Reply]) -> Reply:
        if request.method == "DELETE" and request.path.endswith(f"/{lost[1]}"):
            return Reply(403, [("Content-Type", "application/json")], b'{"detail": "not yours"}')
        return forward(request)

    proxy.fault = firm
    ran = space.ls(*AT_ONCE, code=1, LABEL_STUDIO_URL=proxy.url)
    assert f"cannot remove  snapshot {lost[1]}" in ran.out
    assert "not yours" in ran.out
    assert f"removed        snapshot {lost[0]}" in ran.out
    assert "could not be removed" in ran.err
    assert on(admin, project) == {lost[1]}


def test_killed_in_the_middle(space: Workspace, admin: Admin, project: int, proxy: Proxy) -> None:
    kept = version(space)
    lost = {take(space) for _ in range(3)}
    space.git("checkout", "-q", "--", "labels.lock")
    reached = threading.Event()

    def slow(request: Request, forward: Callable[[Request], Reply]) -> Reply:
        if request.method == "DELETE" and len(proxy.asked("DELETE", "/exports/")) == 2:
            reached.set()
            raise ConnectionAbortedError
        return forward(request)

    proxy.fault = slow
    process = subprocess.Popen(
        [str(BIN / "ls-dvc"), *AT_ONCE],
        cwd=space.path,
        env={**clean_environment(), **space.env, "LABEL_STUDIO_URL": proxy.url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert reached.wait(60)
    process.kill()
    process.wait()
    left = on(admin, project)
    assert kept in left
    assert 1 < len(left) < 4
    done = json.loads(space.ls(*AT_ONCE, "--json").out)
    assert ids(done) == left - {kept} <= lost
    assert on(admin, project) == {kept}


def test_a_list_that_is_full_says_so(
    space: Workspace, studio: LocalServer, admin: Admin, make_project: Callable[..., int]
) -> None:
    """The real server shows its newest hundred alone, and has no second page."""
    empty = make_project()
    path = f"/api/projects/{empty}/exports/"
    for number in range(SHOWN + 1):
        admin.call("POST", path, {"title": f"{TITLE} {number} {uuid.uuid4().hex}"})
    assert len(at(studio.url, studio, empty).listed()) == SHOWN
    assert len(admin.call("GET", path, page=2, page_size=1000)) == SHOWN
    space.edit("params.yaml", "project_id: ", f"project_id: {empty}  # ")
    ran = space.ls(*AT_ONCE, "--dry-run", "--json")
    assert json.loads(ran.out)["more"] is True
    assert "older ones stay" in ran.err
    assert len(ids(json.loads(space.ls(*AT_ONCE, "--json").out))) == SHOWN + 1
    assert on(admin, empty) == set()


def test_another_ls_dvc_at_work_is_waited_for(space: Workspace) -> None:
    (held,) = (space.path / ".dvc/tmp/ls-dvc").glob("*.lock") if take(space) else ()
    with locked(held, wait=0, busy=""):
        assert "another ls-dvc process is writing" in space.ls(*AT_ONCE, code=1).err
