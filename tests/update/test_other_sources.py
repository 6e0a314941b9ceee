"""The other ways in: all tasks in one answer, a view, a snapshot that people made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.live_project import LiveProject, live, named
from support.proxy import Proxy, Reply, Request, proxied
from support.workspace import Workspace, make

from ls_dvc import update
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LabelsChangingError, LsDvcError, ServerError
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import ExportSnapshot, Pin
from ls_dvc.progress import Silent
from ls_dvc.server import snapshots
from ls_dvc.server.admin import Admin
from ls_dvc.settings.params import UpdateSettings

CHOICE = [{"from_name": "kind", "to_name": "text", "type": "choices", "value": {"choices": ["A"]}}]
TASKS = [{"data": {"text": f"t{n}"}, "annotations": [{"result": CHOICE}]} for n in range(5)]
BULK = UpdateSettings(method="bulk")
Forward = Callable[[Request], Reply]


@dataclass(frozen=True)
class Scene:
    """A project of five annotated tasks, and an update of it through a proxy."""

    talk: LiveProject
    admin: Admin
    proxy: Proxy
    project: int
    tasks: list[int]

    def bulk(self, old: Pin | None = None, **order: Any) -> Pin:
        how = update.UpdateOptions(BULK, **order)
        now = "2026-01-01T00:00:00Z"
        return update.update(self.talk.server, old, self.talk.cache, how, Silent(), now)

    def view(self, first: int, last: int, **data: Any) -> int:
        """One that shows the tasks from the `first` to the `last`, counted from 0."""
        body = {"project": self.project, "data": {"title": "mine", **self.shows(first, last)}}
        body["data"].update(data)
        return int(self.admin.call("POST", "/api/dm/views/", body)["id"])

    def shows(self, first: int, last: int) -> dict[str, Any]:
        value = {"min": self.tasks[first], "max": self.tasks[last]}
        item = {"filter": "filter:tasks:id", "operator": "in", "type": "Number", "value": value}
        return {"filters": {"conjunction": "and", "items": [item]}}

    def through(self, view: int) -> LiveProject:
        """The same project, of which only the view is meant."""
        return LiveProject(replace(self.talk.server, view=view), self.talk.cache.root)

    def snapshot(self, **options: Any) -> int:
        """One that people make in Label Studio's pages."""
        body = {"title": "before the holidays", **options}
        made = self.admin.call("POST", f"/api/projects/{self.project}/exports/", body)
        return int(made["id"])

    def annotate(self, task: int = 0) -> None:
        self.admin.create_annotation(self.tasks[task], CHOICE)


@pytest.fixture
def proxy(studio: LocalServer) -> Iterator[Proxy]:
    with proxied(studio.url) as running:
        yield running


@pytest.fixture
def scene(
    studio: LocalServer,
    admin: Admin,
    proxy: Proxy,
    make_project: Callable[..., int],
    tmp_path: Path,
) -> Iterator[Scene]:
    project = make_project()
    tasks = admin.import_tasks(project, TASKS)
    with live(studio, project, tmp_path / "cache", url=proxy.url) as talk:
        yield Scene(talk, admin, proxy, project, tasks)


def is_easy_export(request: Request) -> bool:
    return request.path.startswith("/api/projects/") and "/export?" in request.path


# --- all tasks in one answer


def test_one_answer_holds_what_snapshots_hold(scene: Scene, studio: LocalServer) -> None:
    scene.admin.create_annotation(scene.tasks[1], CHOICE, was_cancelled=True)
    draft = {"result": CHOICE, "lead_time": 1}
    scene.admin.call("POST", f"/api/tasks/{scene.tasks[0]}/drafts", draft)
    sent: list[bytes] = []

    def listen(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        sent.extend([reply.body] if is_easy_export(request) else [])
        return reply

    scene.proxy.fault = listen
    pin = scene.bulk()
    assert [(each.id, each.kind, each.tasks) for each in pin.snapshots] == [(0, "bulk", 5)]
    assert lockfile.parse(lockfile.dump(pin), "it") == pin
    assert scene.talk.snapshots() == [], "nothing is left there"
    assert scene.talk.update(pin, full=True).fingerprint == pin.fingerprint
    assert studio.username.encode() in sent[0], "e-mails were sent"
    files = [each for each in scene.talk.cache.root.rglob("*") if each.is_file()]
    assert files
    assert not any(b"@" in each.read_bytes() for each in files)
    assert scene.talk.folder(pin).fingerprint == pin.fingerprint


def test_predictions_that_are_not_sent_are_missed(scene: Scene) -> None:
    scene.admin.import_tasks(
        scene.project, [{"data": {"text": "p"}, "predictions": [{"result": CHOICE, "score": 0.5}]}]
    )
    for moving in (False, True):
        with pytest.raises(ServerError, match="sends no predictions") as caught:
            scene.bulk(allow_inconsistent=moving)
    assert "label_studio.update.method to `snapshots`" in caught.value.hint


def cut(reply: Reply) -> Reply:
    return replace(reply, cut=len(reply.body) // 2)


def cut_without_a_trace(reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def one_twice(reply: Reply) -> Reply:
    tasks = json.loads(reply.body)
    return replace(reply, body=json.dumps([*tasks[1:], tasks[1]]).encode())


def one_less(reply: Reply) -> Reply:
    return replace(reply, body=json.dumps(json.loads(reply.body)[1:]).encode())


def no_tasks(reply: Reply) -> Reply:
    return replace(reply, body=b'["login"]')


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (cut, "did not send all of project"),
        (cut_without_a_trace, "did not send a complete list of tasks"),
        (one_twice, "holds 5 tasks where 5 were asked for"),
        (one_less, "holds 4 tasks, the server counts 5"),
        (no_tasks, "something that is no task"),
    ],
)
def test_what_is_not_whole_is_nothing(
    scene: Scene, spoilt: Callable[[Reply], Reply], words: str
) -> None:
    def spoil(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        return spoilt(reply) if is_easy_export(request) else reply

    scene.proxy.fault = spoil
    with pytest.raises(ServerError, match=words):
        scene.bulk()
    assert [each for each in scene.proxy.seen if is_easy_export(each)][1:] == [], "asked once"
    scene.proxy.fault = lambda request, forward: forward(request)
    assert scene.bulk().tasks == 5


def test_an_answer_out_of_a_gateways_memory_is_told(scene: Scene) -> None:
    kept: list[Reply] = []

    def remember(request: Request, forward: Forward) -> Reply:
        if is_easy_export(request):
            kept[:] = kept or [forward(request)]
            return kept[0]
        return forward(request)

    scene.proxy.fault = remember
    pin = scene.bulk()
    change = [{**CHOICE[0], "value": {"choices": ["B"]}}]
    scene.admin.update_annotation(scene.talk.tasks(pin)[0]["annotations"][0]["id"], change)
    with pytest.raises(ServerError, match="sent labels as they were at"):
        scene.bulk(pin)


@pytest.mark.parametrize("times", [1, 3])
def test_labels_that_move_meanwhile(scene: Scene, times: int) -> None:
    def move(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        asked = sum(map(is_easy_export, scene.proxy.seen))
        if is_easy_export(request) and asked <= times:
            scene.annotate()
        return reply

    scene.proxy.fault = move
    if times == 1:
        pin = scene.bulk()
        assert pin.annotations == 6
        assert scene.talk.server.state().probe == pin.probe
        return
    with pytest.raises(LabelsChangingError, match="during each of 3 exports"):
        scene.bulk()
    scene.proxy.seen.clear()
    assert scene.bulk(allow_inconsistent=True).annotations == 8


def test_the_way_can_be_changed(scene: Scene) -> None:
    pin = scene.bulk()
    assert scene.talk.update(pin) == pin, "no labels changed"
    scene.annotate()
    second = scene.talk.update(pin)
    assert {each.kind for each in second.snapshots} == {"range"}
    scene.annotate()
    third = scene.bulk(second)
    assert [each.kind for each in third.snapshots] == ["bulk"]
    assert third.annotations == 7
    assert scene.talk.snapshots() == named(second), "what was pinned stays"


# --- a view of the Data Manager


def test_a_view_is_what_is_pinned(scene: Scene) -> None:
    view = scene.view(1, 3)
    talk = scene.through(view)
    pin = talk.update()
    assert [each["id"] for each in talk.tasks(pin)] == scene.tasks[1:4]
    assert [each.kind for each in pin.snapshots] == ["view"]
    assert pin.probe.view == view
    assert lockfile.parse(lockfile.dump(pin), "it") == pin
    assert talk.snapshots() == named(pin)
    assert all(each.is_ours for each in talk.server.listed()), "prune may remove it once"
    assert talk.views() != [], "people's view stays"
    assert talk.update(pin) == pin

    scene.annotate(0)
    assert talk.update(pin) == pin, "that was in no task of the view"
    assert talk.snapshots() == named(pin)
    assert not talk.is_due(pin), "and is looked at once"
    scene.annotate(2)
    second = talk.update(pin)
    assert second.annotations == pin.annotations + 1
    everything = scene.talk.update(second)
    assert (everything.tasks, everything.probe.view) == (5, None)


def test_another_filter_moves_labels_though_it_counts_as_many(scene: Scene) -> None:
    talk = scene.through(scene.view(0, 2))
    pin = talk.update()
    body = {"project": scene.project, "data": {"title": "mine", **scene.shows(2, 4)}}
    scene.admin.call("PATCH", f"/api/dm/views/{talk.server.view}/", body)
    second = talk.update(pin)
    assert [each["id"] for each in talk.tasks(second)] == scene.tasks[2:]


def test_a_view_that_is_not_there(scene: Scene, make_project: Callable[..., int]) -> None:
    """The server would export everything, with 201."""
    gone = scene.view(0, 2)
    scene.admin.call("DELETE", f"/api/dm/views/{gone}/")
    other = scene.admin.call(
        "POST", "/api/dm/views/", {"project": make_project(), "data": {"title": "of others"}}
    )["id"]
    for each in (gone, other):
        with pytest.raises(ServerError, match=f"has no view {each}") as caught:
            scene.through(each).update()
        assert "`tab=`" in caught.value.hint
    assert scene.talk.snapshots() == []


@pytest.mark.parametrize("view", [(0, 4), (0, 2)])
def test_a_view_that_is_deleted_meanwhile(scene: Scene, view: tuple[int, int]) -> None:
    talk = scene.through(scene.view(*view))

    def forget(request: Request, forward: Forward) -> Reply:
        if request.method == "POST" and "/exports/" in request.path:
            scene.admin.call("DELETE", f"/api/dm/views/{talk.server.view}/")
        return forward(request)

    scene.proxy.fault = forget
    with pytest.raises(ServerError, match="has no view"):
        talk.update()
    assert talk.snapshots() == []


def test_ticks_are_no_filter(scene: Scene) -> None:
    ticked = {"all": False, "included": scene.tasks[:1]}
    with pytest.raises(ServerError, match="tasks are ticked"):
        scene.through(scene.view(0, 3, selectedItems=ticked)).update()
    unticked = {"all": True, "excluded": scene.tasks[:1]}
    with pytest.raises(ServerError, match="tasks are ticked"):
        scene.through(scene.view(0, 3, selectedItems=unticked)).update()
    nothing = scene.view(0, 3, selectedItems={"all": False, "included": []})
    assert scene.through(nothing).update().tasks == 4


def test_a_view_that_shows_nothing(scene: Scene) -> None:
    with pytest.raises(LsDvcError, match=r"view \d+ of project .* has no tasks"):
        scene.through(scene.view(3, 2)).update()


# --- a snapshot of people's


def test_what_people_made_is_adopted_and_never_removed(scene: Scene) -> None:
    ours = scene.talk.update()
    theirs = scene.snapshot()
    later = scene.talk.update(full=True)
    pin = scene.talk.update(later, adopt="latest")
    assert [(each.id, each.kind) for each in pin.snapshots] == [(theirs, "adopted")]
    assert pin.fingerprint == ours.fingerprint
    assert lockfile.parse(lockfile.dump(pin), "it") == pin
    assert scene.talk.is_due(pin), "who knows"
    assert scene.talk.update(pin) == pin, "looked at, and not moved"
    assert not scene.talk.is_due(pin)
    kept = {theirs, *named(ours), *named(later)}
    assert set(scene.talk.snapshots()) == kept
    scene.annotate()
    assert scene.talk.update(pin).annotations == pin.annotations + 1
    assert kept < set(scene.talk.snapshots())


def test_labels_that_moved_since_are_seen(scene: Scene) -> None:
    theirs = scene.snapshot()
    scene.annotate()
    pin = scene.talk.update(adopt=theirs)
    assert pin.annotations == 5
    assert scene.talk.update(pin).annotations == 6


def test_what_cannot_be_adopted(
    scene: Scene, studio: LocalServer, make_project: Callable[..., int], tmp_path: Path
) -> None:
    scene.talk.update()
    with pytest.raises(LsDvcError, match="has no snapshot that people made"):
        scene.talk.update(adopt="latest")
    theirs = scene.snapshot()
    other = make_project(tasks=TASKS)
    with live(studio, other, tmp_path / "other") as elsewhere:
        for number in (theirs, 10**6):
            with pytest.raises(LsDvcError, match=f"has no snapshot {number}"):
                elsewhere.update(adopt=number)

    def unfinished(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        return replace(reply, body=reply.body.replace(b'"completed"', b'"in_progress"'))

    scene.proxy.fault = unfinished
    with pytest.raises(LsDvcError, match="is not finished"):
        scene.talk.update(adopt=theirs)
    with pytest.raises(LsDvcError, match="has no snapshot that people made"):
        scene.talk.update(adopt="latest")


def test_one_that_is_damaged_is_refused_and_stays(scene: Scene) -> None:
    theirs = scene.snapshot()
    md5 = snapshots.find_snapshot(scene.talk.server.client, scene.project, theirs).md5

    def another(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        return replace(reply, body=reply.body.replace(md5.encode(), b"0" * 32))

    scene.proxy.fault = another
    with pytest.raises(ServerError, match="does not have the MD5"):
        scene.talk.update(adopt=theirs)
    assert scene.talk.snapshots() == [theirs]


@pytest.mark.parametrize("kind", ["adopted", "bulk"])
def test_what_is_not_ours_is_not_asked_to_go(kind: Any) -> None:
    assert not ExportSnapshot(0 if kind == "bulk" else 3, kind, "m", 1).is_ours
    assert ExportSnapshot(3, "view", "m", 1).is_ours


# --- the commands


@pytest.fixture
def space(scene: Scene, studio: LocalServer, tmp_path: Path) -> Workspace:
    return make(tmp_path / "repo", scene.proxy.url, studio.api_key, scene.project, "JSON")


def setting(space: Workspace, value: str) -> None:
    space.edit("params.yaml", "label_studio:\n", f"label_studio:\n  update: {value}\n")


def test_labels_in_one_answer_come_back_from_the_remote_alone(
    space: Workspace, scene: Scene, tmp_path: Path
) -> None:
    setting(space, "{method: bulk}")
    space.store(tmp_path / "store")
    space.dvc("repro")
    made = space.hashes()
    space.commit("labels")
    assert "snapshots none on the server" in space.ls("show", "HEAD").out
    risk = space.ls("verify", "--all").out
    assert "at risk" in risk
    assert "only this machine has it: run `dvc push`" in risk
    space.ls("prune", "--older-than", "0")
    space.run("rm", "-rf", "data/snapshot", ".dvc/cache", ".dvc/tmp/rwlock")
    space.dvc("repro", "-f", LABEL_STUDIO_API_KEY="")
    assert space.hashes() == made, "the side cache has it, and prune has kept it"
    clone = space.clone(tmp_path / "clone")
    scene.proxy.seen.clear()
    for key in ("", space.env["LABEL_STUDIO_API_KEY"]):
        told = clone.dvc("repro", code=255, LABEL_STUDIO_API_KEY=key).told
        for words in ("which no server can repeat", "`dvc pull`", "`ls-dvc update`"):
            assert words in told
    assert "no server can" in clone.ls("get", "HEAD", "there", code=1).told
    assert scene.proxy.seen == []
    space.dvc("push", "-q")
    assert space.ls("verify", "--all").out.splitlines()[1].startswith("safe")
    clone.dvc("pull", "-q")
    clone.dvc("repro")
    assert clone.hashes() == made


def test_status_of_a_view(space: Workspace, scene: Scene) -> None:
    setting(space, f"{{view: {scene.view(1, 3)}}}")
    space.dvc("repro")
    assert json.loads(space.ls("status", "--json").out)["server"]["tasks"] == 3
    assert space.ls("status").out.startswith("as pinned")
    scene.annotate(2)
    assert space.ls("status", "--exit-code", code=10).out.startswith("labels changed")
    assert "3 tasks, 4 annotations" in space.ls("update").out
    assert space.ls("status").out.startswith("as pinned")
    space.edit("params.yaml", "view: ", "view: 9999")
    told = space.ls("status", code=1).told
    assert "has no view 9999" in told


def test_adopting_tells_how_old_and_how_whole(space: Workspace, scene: Scene) -> None:
    view = scene.view(0, 1)
    theirs = scene.snapshot(task_filter_options={"view": view})
    ran = space.ls("update", "--adopt", "latest")
    assert f"snapshot {theirs} (before the holidays) was made 0 min ago" in ran.err
    assert "2 of 5 tasks, 2 of 5 annotations, 0 of 0 predictions" in ran.err
    assert "2 tasks, 2 annotations" in ran.out
    space.dvc("repro")
    made = space.hashes()
    space.commit("adopted")
    space.forget()
    space.dvc("repro")
    assert space.hashes() == made, "the server still has it"
    space.ls("update", "--adopt", str(theirs))
    assert "5 tasks" in space.ls("update").out
    space.ls("prune", "--older-than", "0")
    assert theirs in scene.talk.snapshots()


@pytest.mark.parametrize(
    "arguments", [["x"], ["-1"], ["latest", "--full"], ["4", "--allow-inconsistent"]]
)
def test_what_cannot_be_asked(space: Workspace, arguments: list[str]) -> None:
    assert "--adopt" in space.ls("update", "--adopt", *arguments, code=2).err
