"""The promises, told with the real commands on a real Label Studio, git and DVC."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.proxy import Proxy, Reply, Request, proxied
from support.traffic import CONFIG, box, task_ids
from support.workspace import BIN, Workspace, clean_environment, interruptible, make

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.pin import lockfile
from ls_dvc.server.admin import Admin

Forward = Callable[[Request], Reply]


@pytest.fixture
def project(make_project: Callable[..., int]) -> int:
    tasks = [
        {"data": {"image": f"/data/upload/{n}.jpg"}, "annotations": [{"result": [box(n)]}]}
        for n in range(4)
    ]
    return make_project(label_config=CONFIG, tasks=[*tasks, {"data": {"image": "/x/9.jpg"}}])


@pytest.fixture
def proxy(studio: LocalServer) -> Iterator[Proxy]:
    with proxied(studio.url) as running:
        yield running


@pytest.fixture
def space(tmp_path: Path, studio: LocalServer, proxy: Proxy, project: int) -> Workspace:
    return make(tmp_path / "repo", proxy.url, studio.api_key, project)


def test_old_commits_give_old_bytes_whatever_the_server_has(
    space: Workspace, admin: Admin, project: int, proxy: Proxy, tmp_path: Path
) -> None:
    space.dvc("repro")
    first_bytes = space.hashes()
    first = space.commit("labels, first")
    assert space.ls("verify").out.startswith("all as pinned")

    proxy.seen.clear()
    space.dvc("repro")
    assert proxy.seen == [], "a repro with nothing to do asks nobody"
    assert space.ls("status", "--exit-code").out.startswith("as pinned")

    admin.create_annotation(task_ids(admin, project)[4], [box(50, "Person")])
    assert space.ls("status", "--exit-code", code=10).out.startswith("labels changed")
    space.dvc("repro")
    assert space.hashes() == first_bytes, "only update moves the pin"
    assert space.ls("update").out.startswith("pinned")
    assert space.ls("update").out.startswith("no labels changed")
    assert space.ls("verify", code=1).out.count("wrong  ") == 3
    space.dvc("repro")
    second_bytes = space.hashes()
    second = space.commit("labels, second")
    assert second_bytes != first_bytes

    proxy.seen.clear()
    for commit, expected in ((first, first_bytes), (second, second_bytes), (first, first_bytes)):
        space.git("checkout", "-q", commit)
        space.dvc("repro")
        assert space.hashes() == expected
        space.ls("verify")
    assert proxy.seen == [], "reproducing asks nobody"

    clone = space.clone(tmp_path / "clone")
    clone.git("checkout", "-q", first)
    clone.dvc("repro")
    assert clone.hashes() == first_bytes, "a fresh clone downloads what is pinned"
    assert proxy.asked("POST", "/") == [], "and makes nothing on the server"


def test_what_can_be_had_from_nowhere_is_refused(
    space: Workspace, admin: Admin, project: int, studio: LocalServer, tmp_path: Path
) -> None:
    space.dvc("repro")
    before = space.hashes()
    space.commit("labels")
    for each in admin.call("GET", f"/api/projects/{project}/exports/"):
        admin.call("DELETE", f"/api/projects/{project}/exports/{each['id']}")
    clone = space.clone(tmp_path / "clone")
    gone = clone.dvc("repro", code=255)
    for words in ("is not on http", "`dvc pull`", "`ls-dvc update`"):
        assert words in gone.told
    assert not (clone.path / "data" / "snapshot").exists()
    unreachable = clone.dvc("repro", code=255, LABEL_STUDIO_URL="http://127.0.0.1:9")
    for words in ("cannot reach http://127.0.0.1:9", "`dvc pull`", "`ls-dvc update`"):
        assert words in unreachable.told
    keyless = clone.dvc("repro", code=255, LABEL_STUDIO_API_KEY="")
    for words in ("no API key", "`dvc pull`", "`ls-dvc update`"):
        assert words in keyless.told

    (space.path / "data" / "snapshot" / "manifest.json").unlink()
    space.dvc("repro", LABEL_STUDIO_API_KEY="")
    assert space.hashes() == before
    space.run("rm", "-rf", "data/snapshot", ".dvc/cache", ".dvc/tmp/rwlock")
    space.dvc("repro", "-f", LABEL_STUDIO_URL="http://127.0.0.1:9", LABEL_STUDIO_API_KEY="")
    assert space.hashes() == before, "the side cache needs no server and no key"


def test_a_lost_pin_is_not_replaced_by_the_labels_of_today(space: Workspace) -> None:
    space.dvc("repro")
    space.commit("labels")
    (space.path / "labels.lock").unlink()
    assert "missing from 'labels.lock'" in space.dvc("repro", code=255).told, "DVC's own word"
    space.ls("init")
    told = space.dvc("repro", code=255).told
    assert "no labels are pinned in labels.lock, but" in told
    assert "git checkout -- labels.lock" in told
    (space.path / "dvc.lock").unlink()
    assert "no labels are pinned in labels.lock, but" in space.ls("export", code=1).told
    space.git("checkout", "--", "labels.lock", "dvc.lock")
    space.dvc("repro")
    space.ls("verify")


def test_what_moves_no_label_moves_no_pin(space: Workspace, admin: Admin, project: int) -> None:
    space.ls("update")
    pin = space.read("labels.lock")
    task = task_ids(admin, project)[0]
    found = admin.call("GET", f"/api/tasks/{task}/")["annotations"][0]
    admin.update_annotation(found["id"], found["result"])
    admin.call("POST", f"/api/tasks/{task}/drafts", {"result": [box(1)], "lead_time": 1})
    before = len(admin.call("GET", f"/api/projects/{project}/exports/"))
    assert space.ls("status", "--exit-code", code=10)
    assert "no labels changed" in space.ls("update").out
    assert space.read("labels.lock") == pin
    assert len(admin.call("GET", f"/api/projects/{project}/exports/")) == before
    assert space.ls("status", "--exit-code").out.startswith("as pinned")


def test_a_failed_update_leaves_all_as_it_was(
    space: Workspace, admin: Admin, project: int, proxy: Proxy
) -> None:
    space.dvc("repro")
    before = {**space.hashes(), "pin": space.read("labels.lock")}
    made = admin.call("GET", f"/api/projects/{project}/exports/")
    admin.create_annotation(task_ids(admin, project)[4], [box(50)])

    def half_broken(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if "/download" in request.path:
            reply.body = reply.body.replace(b"640", b"641")
        return reply

    proxy.fault = half_broken
    told = space.ls("update", code=1).told
    assert "MD5" in told
    assert {**space.hashes(), "pin": space.read("labels.lock")} == before
    assert admin.call("GET", f"/api/projects/{project}/exports/") == made
    assert admin.call("GET", "/api/dm/views/", project=project) == []


def test_labels_that_move_during_every_export(
    space: Workspace, admin: Admin, project: int, proxy: Proxy
) -> None:
    task = task_ids(admin, project)[4]

    def annotate_meanwhile(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if request.method == "POST" and "/exports/" in request.path:
            admin.create_annotation(task, [box(1)])
        return reply

    proxy.fault = annotate_meanwhile
    told = space.ls("update", code=1).told
    assert "changed during each of 5 exports" in told
    assert "--allow-inconsistent" in told
    assert lockfile.find(space.path / "labels.lock") is None
    kept = admin.call("GET", f"/api/projects/{project}/exports/")
    assert len(kept) == 1, "the range that landed is not asked for again"
    space.ls("update", "--allow-inconsistent")
    assert space.ls("status", "--exit-code", code=10), "the pin knows that it is behind"
    proxy.fault = lambda request, forward: forward(request)
    assert space.ls("update").out.startswith("pinned")


def test_a_server_that_ignores_the_filter_is_found_out(
    space: Workspace, admin: Admin, project: int, proxy: Proxy, make_project: Callable[..., int]
) -> None:
    space.edit("params.yaml", "  data: data", "  update: {tasks_per_snapshot: 1}\n  data: data")

    def without_view(request: Request, forward: Forward) -> Reply:
        if request.method == "POST" and "/exports/" in request.path:
            body = json.loads(request.body)
            del body["task_filter_options"]
            request.body = json.dumps(body).encode()
            request.headers = {
                k: v for k, v in request.headers.items() if k.lower() != "content-length"
            }
        return forward(request)

    first = task_ids(admin, project)[0]
    filler = [{"data": {"image": "x"}}] * (1000 - first % 1000 + 1)
    make_project(label_config=CONFIG, tasks=filler)
    admin.import_tasks(project, [{"data": {"image": "/x/later.jpg"}}])
    proxy.fault = without_view
    assert "not in the asked range" in space.ls("update", code=1).told
    proxy.fault = lambda request, forward: forward(request)
    assert space.ls("update").out.startswith("pinned")
    assert space.read("labels.lock").count("kind: range") == 2


def test_bad_data_ends_in_the_ledger_and_not_in_an_error(
    space: Workspace, admin: Admin, project: int
) -> None:
    """Each of these aborts the whole export of the SDK's converter, or vanishes from it."""
    null, long, unknown, huge = admin.import_tasks(
        project,
        [
            {"data": {"image": "/x/null.jpg"}, "annotations": [{"result": [box(1)]}]},
            {"data": {"image": f"/x/{'n' * 300}.jpg"}, "annotations": [{"result": [box(2)]}]},
            {"data": {"image": "/x/u.jpg"}, "annotations": [{"result": [box(3, "Unheard of")]}]},
            {"data": {"image": "/x/h.jpg", "n": 2**63 + 1}, "annotations": [{"result": [box(4)]}]},
        ],
    )
    admin.call("PATCH", f"/api/tasks/{null}/", {"data": {"image": None}})
    space.dvc("repro")
    listed = json.loads(space.read("reports/ledger.json"))
    for name in ("COCO", "YOLO"):
        reasons = {(each["task"], each["reason"]) for each in listed[name]}
        assert {(null, "no-media"), (unknown, "unknown-label")} <= reasons
        assert not {long, huge} & {task for task, _ in reasons}
    images = json.loads(space.read("data/dataset/COCO/result.json"))["images"]
    names = {each["task"]: each["file_name"] for each in images}
    assert names[huge] == "h.jpg"
    assert len(names[long]) == 255
    assert f'"n":{2**63 + 1}' in space.read("data/dataset/JSON/result.json")


def test_the_poisoned_run_cache_is_caught(space: Workspace, admin: Admin, project: int) -> None:
    space.dvc("repro")
    admin.create_annotation(task_ids(admin, project)[4], [box(50)])
    space.ls("update")
    space.dvc("commit", "-f")
    assert "up to date" in space.dvc("status").out, "DVC is content"
    told = space.ls("verify", code=1).told
    assert "holds the labels" in told
    assert "run `dvc repro -f`" in space.ls("convert", code=1).told


def test_verify_reads_every_byte(space: Workspace) -> None:
    space.dvc("repro")
    shard = next((space.path / "data" / "snapshot" / "tasks").iterdir())
    coco = space.path / "data" / "dataset" / "COCO" / "result.json"
    for path in (shard, coco):
        path.unlink()
        space.dvc("checkout", "-f")
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content.replace(b"Car", b"Cat"))
        verdict = json.loads(space.ls("verify", "--json", code=1).out)
        assert not verdict["ok"]
        assert "was changed since" in verdict["problems"][0]


@pytest.mark.parametrize(
    "stop",
    [signal.SIGKILL, signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.soak)],
)
def test_killed_in_the_middle_the_next_run_needs_no_help(
    space: Workspace, admin: Admin, project: int, proxy: Proxy, stop: signal.Signals
) -> None:
    def hang(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if "/download" in request.path:
            proxy.seen.append(Request("HANG", "", {}, b""))
            time.sleep(1.5)
            reply.cut = 50
        return reply

    proxy.fault = hang
    command = [str(BIN / "ls-dvc"), "export"]
    environment = {**clean_environment(), **space.env}
    running = subprocess.Popen(
        command,
        cwd=space.path,
        env=environment,
        stderr=subprocess.PIPE,
        preexec_fn=interruptible,
    )
    while not proxy.asked("HANG", ""):
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(stop)
    assert running.wait(timeout=30) == (-9 if stop == signal.SIGKILL else 130)
    assert running.stderr is not None
    running.stderr.close()
    assert lockfile.find(space.path / "labels.lock") is None
    assert not (space.path / "data" / "snapshot").exists()
    proxy.fault = lambda request, forward: forward(request)
    space.dvc("repro")
    space.ls("verify")
    assert not list(space.path.rglob(".ls-dvc-tmp-*"))
    if stop != signal.SIGKILL:
        assert admin.call("GET", "/api/dm/views/", project=project) == []
        assert len(admin.call("GET", f"/api/projects/{project}/exports/")) == 1


def test_the_key_is_nowhere(space: Workspace, studio: LocalServer) -> None:
    space.dvc("repro")
    told = space.ls("--debug", "update", "--full").told
    told += space.ls("--debug", "update", code=1, LABEL_STUDIO_URL="http://127.0.0.1:9").told
    assert studio.api_key not in told
    for path in space.path.rglob("*"):
        if path.is_file():
            assert studio.api_key.encode() not in path.read_bytes(), path
            assert studio.username.encode() not in path.read_bytes(), path
