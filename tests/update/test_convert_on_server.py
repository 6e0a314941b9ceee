"""`engines: {YOLO: server}`: what the server writes is pinned, and comes back as it was."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from support import projects
from support.proxy import Proxy, Reply, Request, proxied
from support.workspace import Workspace, make

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import ConversionError, ServerError, SnapshotGoneError
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import Pin
from ls_dvc.server.admin import Admin
from ls_dvc.server.client import Client
from ls_dvc.server.conversions import Conversion
from ls_dvc.settings.connection import Connection

CONFIG = (
    '<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">'
    '<Label value="Car"/><Label value="Person"/></RectangleLabels></View>'
)
PAGES = (
    '<View><Image name="image" value="$image"/><TextArea name="page" toName="image"/>'
    '<Choices name="kind" toName="image"><Choice value="Letter"/></Choices></View>'
)
PAGE = '<doclang xmlns="https://www.doclang.ai/ns/v0"><text>Hi</text></doclang>'
SIZE = (640, 480)
Forward = Callable[[Request], Reply]


def box(x: float, label: str = "Car", region: str = "r1") -> dict[str, object]:
    value = {"x": x, "y": 10, "width": 20, "height": 30, "rotation": 0, "rectanglelabels": [label]}
    size = {"original_width": SIZE[0], "original_height": SIZE[1]}
    names = {"from_name": "box", "to_name": "image", "type": "rectanglelabels"}
    return {"id": region, "value": value, **size, **names}


BOXES = [
    {
        "data": {"image": f"/data/pictures/{n}.jpg"},
        "annotations": [{"result": [box(5 * n), box(60 - n, "Person", "r2")]}],
    }
    for n in range(4)
]


@pytest.fixture
def project(make_project: Callable[..., int]) -> int:
    return make_project(label_config=CONFIG, tasks=BOXES)


@pytest.fixture
def proxy(studio: LocalServer) -> Iterator[Proxy]:
    with proxied(studio.url) as running:
        yield running


@pytest.fixture
def space(tmp_path: Path, studio: LocalServer, proxy: Proxy, project: int) -> Workspace:
    made = make(tmp_path / "repo", proxy.url, studio.api_key, project, "JSON", "YOLO", "COCO")
    engine(made, YOLO="server", COCO="server")
    return made


WITH_FALLBACK = "{by: server, fallback: ls-dvc}"


def engine(space: Workspace, **engines: str) -> None:
    text = space.read("params.yaml")
    said = ", ".join(f"{name}: {each}" for name, each in engines.items())
    new, count = re.subn(r"engines: .*", f"engines: {{{said}}}", text, count=1)
    assert count == 1
    (space.path / "params.yaml").write_text(new)


def ids(admin: Admin, project: int) -> list[int]:
    found = admin.call("GET", "/api/tasks/", project=project, page_size=100)
    return sorted(each["id"] for each in found["tasks"])


def pin(space: Workspace) -> Pin:
    return lockfile.read(space.path / "labels.lock")


def exports(admin: Admin, project: int) -> list[int]:
    return [each["id"] for each in admin.call("GET", f"/api/projects/{project}/exports/")]


def asked_to_convert(proxy: Proxy) -> list[str]:
    return [json.loads(each.body)["export_type"] for each in proxy.asked("POST", "/convert")]


# --- as it should be


def test_what_the_server_wrote_comes_back_on_any_machine(
    space: Workspace, admin: Admin, project: int, proxy: Proxy, tmp_path: Path
) -> None:
    space.dvc("repro")
    first = pin(space)
    assert [(each.format, bool(each.sha256)) for each in first.converted] == [
        ("COCO", True),
        ("YOLO", True),
    ]
    assert len(first.snapshots) == 1
    assert sorted(asked_to_convert(proxy)) == ["COCO", "YOLO"]
    labels = space.path / "data/dataset/YOLO/labels"
    assert len(list(labels.iterdir())) == len(BOXES)
    told = json.loads(space.read("data/dataset/COCO/result.json"))
    assert not {"year", "date_created"} & told["info"].keys()
    space.ls("verify")
    before, first_rev = space.hashes(), space.commit("first")
    assert space.ls("status", "--exit-code").out.startswith("as pinned")

    proxy.seen.clear()
    (space.path / "data/snapshot/manifest.json").unlink()
    space.dvc("repro", "-f")
    assert space.hashes() == before
    assert proxy.seen == [], "the side cache has all"

    store = tmp_path / "store"
    space.store(store)
    space.commit("a remote")
    space.dvc("push", "data/snapshot")
    clone = space.clone(tmp_path / "clone")
    clone.dvc("pull", "data/snapshot")
    assert clone.ls("get", first_rev, "out", "-f", "COCO").out.startswith("converted COCO of")
    assert clone.read("out/COCO/result.json") == space.read("data/dataset/COCO/result.json")
    clone.dvc("repro", "convert", LABEL_STUDIO_API_KEY="")
    assert clone.hashes() == before, "the remote alone is enough"
    clone.dvc("repro", "-f", LABEL_STUDIO_API_KEY="")
    assert clone.hashes() == before, "and for the export, too"

    admin.create_annotation(ids(admin, project)[0], [box(50, "Person")])
    bare = space.clone(tmp_path / "bare")
    bare.dvc("remote", "remove", "store")
    bare.dvc("repro")
    assert bare.hashes() == before, "the server makes it again of the snapshot"
    assert proxy.asked("POST", "/") == [], "which it had converted"


def test_the_pin_moves_with_the_labels_and_with_the_settings(
    space: Workspace, admin: Admin, project: int, proxy: Proxy
) -> None:
    space.ls("update")
    first, kept = pin(space), exports(admin, project)
    proxy.seen.clear()
    assert space.ls("update").out.startswith("no labels changed")
    assert proxy.asked("POST", "/") == []

    task = ids(admin, project)[0]
    annotation = admin.call("GET", f"/api/tasks/{task}/")["annotations"][0]
    admin.update_annotation(annotation["id"], annotation["result"])
    assert space.ls("update").out.startswith("no labels changed"), "somebody saved what was there"
    assert asked_to_convert(proxy) == [], "so it is not converted anew"
    assert exports(admin, project) == kept
    assert pin(space) == first

    space.ls("update", "--full")
    again = pin(space)
    assert again.snapshots != first.snapshots
    assert again.converted == first.converted, "the same labels, the same bytes"
    assert (again.fingerprint, again.labels) == (first.fingerprint, first.labels)

    admin.update_annotation(annotation["id"], [box(33)])
    space.ls("update")
    moved = pin(space)
    assert moved.labels != first.labels
    assert not {each.sha256 for each in moved.converted} & {e.sha256 for e in first.converted}
    space.dvc("repro")
    space.commit("moved")

    engine(space, YOLO="server")
    told = space.ls("status", "--exit-code", code=10).out
    assert "asks for other conversions than are pinned" in told
    assert space.ls("update").out.startswith("pinned")
    assert [each.format for each in pin(space).converted] == ["YOLO"]
    assert pin(space).labels == moved.labels

    engine(space)
    proxy.seen.clear()
    assert space.ls("update").out.startswith("pinned")
    ours = pin(space)
    assert (ours.converted, ours.labels, ours.fingerprint) == ((), "", moved.labels)
    assert proxy.asked("POST", "/exports/") == [], "the snapshot is good for that"
    space.dvc("repro")
    space.ls("verify")
    assert not (space.path / "data/snapshot/converted").exists()
    space.commit("ours")
    assert "no labels changed" in space.ls("diff", "HEAD~1", "HEAD").out


def test_ours_and_theirs_mean_the_same(space: Workspace) -> None:
    """The server's converter as an oracle, where it is faithful: upright boxes, one annotation."""
    space.dvc("repro")
    theirs = space.path / "data/dataset"
    coco, yolo = coco_boxes(theirs / "COCO/result.json"), yolo_boxes(theirs / "YOLO")
    engine(space)
    space.ls("update")
    space.dvc("repro")
    assert coco_boxes(theirs / "COCO/result.json") == coco
    assert yolo_boxes(theirs / "YOLO") == yolo
    assert len(coco) == len(yolo) == 2 * len(BOXES)


def coco_boxes(path: Path) -> list[Any]:
    told = json.loads(path.read_bytes())
    names = {each["id"]: each["name"] for each in told["categories"]}
    images = {each["id"]: Path(each["file_name"]).stem[-1] for each in told["images"]}
    return sorted(
        (images[each["image_id"]], names[each["category_id"]], [round(n, 3) for n in each["bbox"]])
        for each in told["annotations"]
    )


def yolo_boxes(folder: Path) -> list[Any]:
    names = (folder / "classes.txt").read_text().splitlines()
    return sorted(
        (path.stem[-1], names[int(line.split()[0])], [round(float(n), 6) for n in line.split()[1:]])
        for path in (folder / "labels").iterdir()
        for line in path.read_text().splitlines()
    )


def test_reports_say_that_nobody_counted(space: Workspace) -> None:
    ran = space.dvc("repro")
    assert re.search(r"YOLO: \d+ files by the server; what it left out is not known", ran.out)
    assert "JSON: 4 of 4 tasks" in ran.out
    told = json.loads(space.read("reports/labels.json"))
    assert told["formats"]["JSON"]["tasks_written"] == 4
    assert told["formats"]["YOLO"] == {
        "engine": "server",
        "files": len(list((space.path / "data/dataset/YOLO").rglob("*.*"))),
        "bytes": sum(f.stat().st_size for f in (space.path / "data/dataset/YOLO").rglob("*.*")),
    }
    ledger = json.loads(space.read("reports/ledger.json"))
    assert ledger["YOLO"] == {"engine": "server", "account": None}
    assert ledger["JSON"] == []
    space.commit("labels")
    assert re.search(r"YOLO +6 files by the server +what it left out", space.ls("show").out)
    space.dvc("metrics", "diff")


def test_counts_are_there_though_the_server_writes_all(space: Workspace) -> None:
    space.edit("params.yaml", "formats: [JSON, YOLO, COCO]", "formats: [YOLO, COCO]")
    space.dvc("repro")
    told = json.loads(space.read("reports/labels.json"))
    assert told["labels"] == {"box": {"Car": 4, "Person": 4}}
    assert told["tasks"]["total"] == 4
    assert set(json.loads(space.read("reports/ledger.json"))) == {"COCO", "YOLO"}


def test_a_format_that_only_the_server_writes(
    tmp_path: Path, studio: LocalServer, make_project: Callable[..., int]
) -> None:
    page = {"type": "textarea", "from_name": "page", "to_name": "image", "value": {"text": [PAGE]}}
    tasks = [
        {"data": {"image": f"/p/{n}.png"}, "annotations": [{"result": [page]}]} for n in range(2)
    ]
    project = make_project(label_config=PAGES, tasks=tasks)
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "JSON")
    space.edit("params.yaml", "formats: [JSON]", "formats: [JSON, DOCLANG]")
    assert "DOCLANG is not written by ls-dvc" in space.ls("update", code=1).err
    engine(space, DOCLANG="server")
    space.dvc("repro")
    first = pin(space)
    documents = sorted((space.path / "data/dataset/DOCLANG").iterdir())
    assert len(documents) == 2
    with zipfile.ZipFile(documents[0]) as found:
        assert found.read("document.xml").decode() == PAGE
    space.ls("update", "--full")
    assert pin(space).converted == first.converted
    rev = space.commit("pages")
    space.ls("get", rev, "out", "-f", "DOCLANG")
    assert len(list((space.path / "out/DOCLANG").iterdir())) == 2
    assert "DOCLANG is not written by ls-dvc" in space.ls("formats", "DOCLANG", code=1).err


TABLES = ("JSON_MIN", "CSV", "TSV")
REST = ("VOC", "YOLO_OBB")


def test_every_other_format_that_it_offers(
    tmp_path: Path, studio: LocalServer, project: int, admin: Admin
) -> None:
    names = (*TABLES, *REST)
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, *names)
    engine(space, **dict.fromkeys(names, "server"))
    space.dvc("repro")
    first = pin(space)
    assert [each.format for each in first.converted] == sorted(names)
    space.ls("update", "--full")
    assert pin(space).converted == first.converted
    for name in TABLES:
        (found,) = (space.path / "data/dataset" / name).iterdir()
        assert found.stem == "result"
        assert b"@" not in found.read_bytes(), "no e-mail of an annotator"
    assert len(list((space.path / "data/dataset/VOC/Annotations").iterdir())) == len(BOXES)


MASKS = (
    '<View><Image name="image" value="$image"/><BrushLabels name="mask" toName="image">'
    '<Label value="Sky"/></BrushLabels></View>'
)
TEXTS = (
    '<View><Text name="text" value="$text"/><Labels name="ner" toName="text">'
    '<Label value="PER"/></Labels></View>'
)
MASK = projects.region(
    "brushlabels",
    {"format": "rle", "rle": projects.rle(16, 8), "brushlabels": ["Sky"]},
    from_name="mask",
    original_width=16,
    original_height=8,
)
NAME = {
    "id": "n1",
    "type": "labels",
    "from_name": "ner",
    "to_name": "text",
    "value": {"start": 0, "end": 3, "text": "Ann", "labels": ["PER"]},
}
OF_MASKS = {
    "BRUSH_TO_NUMPY": r"task-\d+-.*\.npy",
    "BRUSH_TO_PNG": r"task-\d+-.*\.png",
    "BRUSH_TO_COCO": r"result_coco\.json",
}
OF_TEXTS = {"CONLL2003": r"result\.conll"}


@pytest.mark.parametrize(
    ("config", "data", "region", "shapes"),
    [
        pytest.param(MASKS, {"image": "/p/1.png"}, MASK, OF_MASKS, id="masks"),
        pytest.param(TEXTS, {"text": "Ann went"}, NAME, OF_TEXTS, id="texts"),
    ],
)
def test_formats_of_masks_and_texts(
    config: str,
    data: dict[str, str],
    region: dict[str, Any],
    shapes: dict[str, str],
    tmp_path: Path,
    studio: LocalServer,
    make_project: Callable[..., int],
) -> None:
    tasks = 2 * [{"data": data, "annotations": [{"result": [region]}]}]
    project = make_project(label_config=config, tasks=tasks)
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, *shapes)
    engine(space, **dict.fromkeys(shapes, "server"))
    space.dvc("repro")
    for name, shape in shapes.items():
        files = [each.name for each in (space.path / "data/dataset" / name).iterdir()]
        assert files
        assert all(re.fullmatch(shape, each) for each in files)
    first = pin(space)
    space.ls("update", "--full")
    assert pin(space).converted == first.converted
    assert pin(space).snapshots != first.snapshots


def test_a_view_is_converted_alone(space: Workspace, admin: Admin, project: int) -> None:
    value = {"min": ids(admin, project)[0], "max": ids(admin, project)[1]}
    item = {"filter": "filter:tasks:id", "operator": "in", "type": "Number", "value": value}
    data = {"title": "two", "filters": {"conjunction": "and", "items": [item]}}
    view = admin.call("POST", "/api/dm/views/", {"project": project, "data": data})["id"]
    with (space.path / "params.yaml").open("a") as file:
        file.write(f"  update: {{view: {view}}}\n")
    space.dvc("repro")
    assert pin(space).tasks == 2
    assert len(list((space.path / "data/dataset/YOLO/labels").iterdir())) == 2


def test_refresh_and_prune(space: Workspace, admin: Admin, project: int) -> None:
    space.dvc("repro")
    space.commit("first")
    admin.create_annotation(ids(admin, project)[0], [box(70)])
    assert "~1 task" in space.ls("refresh").told
    assert space.ls("refresh").out.startswith("no labels changed")
    cache = space.path / ".dvc/tmp/ls-dvc/converted"
    stray = cache / f"{'0' * 64}.tar"
    stray.write_bytes(b"of nobody")
    held = set(cache.glob("*.tar"))
    assert len(held) == 4, "the server's YOLO holds the oldest annotation of a task alone"
    space.ls("prune", "--older-than", "0")
    assert set(cache.glob("*.tar")) == held - {stray}
    assert len(exports(admin, project)) == 2, "of both versions"
    assert space.ls("restore", "HEAD~1", "--title", "Back").out


# --- the server does not


@dataclass
class Conversions:
    """A proxy's fault: conversions that only begin, and stand in each state for one question.

    The last state stays. What the real server made of a snapshot is not shown.
    """

    states: tuple[str, ...]
    asked: list[str] = field(default_factory=list)
    begun: bool = False

    def __call__(self, request: Request, forward: Forward) -> Reply:
        if request.method == "POST" and request.path.endswith("/convert"):
            forward(request)
            self.begun = True
            name = json.loads(request.body)["export_type"]
            return Reply(200, [], json.dumps({"export_type": name}).encode())
        reply = forward(request)
        if request.method == "GET" and re.search(r"/exports/\d+$", request.path):
            snapshot = json.loads(reply.body)
            for each in snapshot["converted_formats"]:
                each["status"] = self._state() if self.begun else each["status"]
            return Reply(reply.status, reply.headers, json.dumps(snapshot).encode())
        return reply

    def _state(self) -> str:
        state = self.states[min(len(self.asked), len(self.states) - 1)]
        self.asked.append(state)
        return state


@pytest.fixture
def one(space: Workspace) -> Workspace:
    """With YOLO alone, and two seconds for it."""
    space.edit("params.yaml", "formats: [JSON, YOLO, COCO]", "formats: [JSON, YOLO]")
    engine(space, YOLO="server")
    with (space.path / "params.yaml").open("a") as file:
        file.write("  update: {conversion_seconds: 2}\n")
    return space


def test_a_conversion_in_the_background_is_waited_for(one: Workspace, proxy: Proxy) -> None:
    proxy.fault = background = Conversions(("created", "in_progress", "in_progress", "completed"))
    one.dvc("repro")
    assert background.asked[-1] == "completed"
    assert [bool(each.sha256) for each in pin(one).converted] == [True]


WORDS = {
    "stuck": r"did not convert snapshot \d+ of project \d+ to YOLO in 2 s",
    "failed": r"failed to convert snapshot \d+ of project \d+ to YOLO",
}


@pytest.mark.parametrize("why", list(WORDS))
def test_one_that_does_not_end_ends_the_update(
    why: str, one: Workspace, proxy: Proxy, admin: Admin, project: int
) -> None:
    one.ls("update")
    pinned, kept = one.read("labels.lock"), exports(admin, project)
    admin.create_annotation(ids(admin, project)[0], [box(70)])
    proxy.fault = Conversions(("created", "in_progress" if why == "stuck" else why))
    ran = one.ls("update", code=1)
    assert re.search(WORDS[why], ran.err)
    assert "see the log of the server" in ran.err
    assert "Traceback" not in ran.told
    assert one.read("labels.lock") == pinned
    assert exports(admin, project) == kept, "the new snapshot is removed"


def stands_in(one: Workspace, proxy: Proxy, why: str) -> None:
    engine(one, YOLO=WITH_FALLBACK)
    proxy.fault = Conversions(("created", "in_progress" if why == "stuck" else why))
    ran = one.ls("update")
    assert re.search(f"warning: .*{WORDS[why]}; ls-dvc writes it instead", ran.err)
    (made,) = pin(one).converted
    assert (made.format, made.sha256, made.why) == ("YOLO", "", why)


def test_our_own_converter_stands_in_for_one_that_failed(one: Workspace, proxy: Proxy) -> None:
    stands_in(one, proxy, "failed")


def test_our_own_converter_stands_in_where_it_may(one: Workspace, proxy: Proxy) -> None:
    stands_in(one, proxy, why := "stuck")
    ran = one.dvc("repro")
    assert "warning: YOLO is written by ls-dvc" in ran.err, "by convert, each time"
    assert json.loads(one.read("data/snapshot/converted/formats.json")) == {"YOLO": {"why": why}}
    assert "YOLO" in json.loads(one.read("reports/ledger.json"))
    assert json.loads(one.read("reports/labels.json"))["formats"]["YOLO"]["tasks_written"] == 4
    assert (one.path / "data/dataset/YOLO/images.csv").exists(), "which the server does not write"
    one.ls("verify")
    one.commit("stood in")

    proxy.fault = lambda request, forward: forward(request)
    assert one.ls("update").out.startswith("no labels changed"), "what is pinned is pinned"
    engine(one, YOLO="server")
    refused = one.dvc("repro", code=255).err
    assert "has no fallback" in refused
    assert "`ls-dvc update`" in refused
    assert one.ls("update").out.startswith("pinned")
    one.dvc("repro")
    assert not (one.path / "data/dataset/YOLO/images.csv").exists()


def test_a_task_on_which_the_real_one_breaks(
    one: Workspace, admin: Admin, project: int, proxy: Proxy
) -> None:
    """The server answers with HTTP 500, and its conversion stays in progress for ever."""
    (bad,) = admin.import_tasks(project, [{"data": {"image": "/data/pictures/9.jpg"}}])
    admin.create_annotation(bad, [box(1)])
    admin.call("PATCH", f"/api/tasks/{bad}/", {"data": {"image": None}})
    ran = one.ls("update", code=1)
    assert re.search(rf"{WORDS['failed']} \(HTTP 500\)", ran.err)
    engine(one, YOLO=WITH_FALLBACK)
    assert "ls-dvc writes it instead" in one.ls("update").err
    assert "set_convert" not in ran.told, "the server's own trouble with saying so"


def test_a_download_that_is_cut_is_made_anew(one: Workspace, proxy: Proxy) -> None:
    cuts = [100, 0]

    def cut(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if "exportType=YOLO" in request.path and cuts:
            return Reply(reply.status, reply.headers, reply.body, cut=cuts.pop())
        return reply

    proxy.fault = cut
    one.dvc("repro")
    assert cuts == []
    proxy.fault = lambda request, forward: forward(request)
    first = pin(one).converted
    one.ls("update", "--full")
    assert pin(one).converted == first


def test_what_cannot_be_taken_is_not_taken(one: Workspace, proxy: Proxy) -> None:
    def login(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if "exportType=YOLO" in request.path:
            return Reply(200, [("Content-Disposition", 'filename="a.zip"')], b"<html>Log in</html>")
        return reply

    engine(one, YOLO=WITH_FALLBACK)
    proxy.fault = login
    ran = one.ls("update", code=1)
    assert "as YOLO is not taken: it is damaged" in ran.err
    assert "fingerprint: null" in one.read("labels.lock")


def test_nothing_written_is_a_failure(
    tmp_path: Path, studio: LocalServer, make_project: Callable[..., int]
) -> None:
    project = make_project(label_config=CONFIG, tasks=[{"data": {"image": "/p/1.jpg"}}])
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "JSON", "VOC")
    engine(space, VOC="server")
    assert "wrote nothing as VOC of snapshot" in space.ls("update", code=1).err


def test_a_version_that_the_server_would_write_otherwise_is_refused(
    one: Workspace, admin: Admin, project: int, tmp_path: Path
) -> None:
    one.dvc("repro")
    one.commit("first")
    moved = CONFIG.replace('<Label value="Car"/>', '<Label value="Ant"/><Label value="Car"/>')
    admin.patch_project(project, label_config=moved)
    clone = one.clone(tmp_path / "clone")
    ran = clone.dvc("repro", code=255)
    for words in ("writes snapshot", "as YOLO otherwise than when it was pinned", "`dvc pull`"):
        assert words in ran.err
    assert not (clone.path / "data/snapshot").exists()
    one.dvc("repro", "-f")
    for number in exports(admin, project):
        admin.call("DELETE", f"/api/projects/{project}/exports/{number}")
    ran = clone.dvc("repro", code=255)
    assert "is not on http" in ran.err


def test_a_label_config_that_changes_meanwhile_is_noticed(
    one: Workspace, admin: Admin, project: int, proxy: Proxy
) -> None:
    def change(request: Request, forward: Forward) -> Reply:
        if "exportType=YOLO" in request.path:
            moved = CONFIG.replace('"Car"', '"Car" background="red"')
            admin.patch_project(project, label_config=moved)
        return forward(request)

    proxy.fault = change
    assert "changed while the server converted" in one.ls("update", code=1).err
    assert exports(admin, project) == []


# --- one conversion, as the server is asked


@dataclass(frozen=True)
class Asked:
    """A snapshot on the server, and its conversion to YOLO."""

    conversion: Conversion
    part: Path


@pytest.fixture
def asked(
    proxy: Proxy, studio: LocalServer, admin: Admin, project: int, tmp_path: Path
) -> Iterator[Asked]:
    made = admin.call("POST", f"/api/projects/{project}/exports/", {"title": "mine"})
    client = Client(Connection(proxy.url, studio.api_key))
    conversion = Conversion(client, project, made["id"], "YOLO", 2, first_wait=0.02)
    yield Asked(conversion, tmp_path / "part")
    client.close()


def test_one_that_is_there_is_not_asked_for(asked: Asked, proxy: Proxy) -> None:
    assert asked.conversion.fetch(asked.part) == ".zip"
    proxy.seen.clear()
    assert asked.conversion.fetch(asked.part) == ".zip"
    assert zipfile.is_zipfile(asked.part)
    assert proxy.asked("POST", "/") == []


def test_one_whose_answer_is_lost_is_looked_for(asked: Asked, proxy: Proxy) -> None:
    def lose(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if request.method == "POST":
            raise ConnectionAbortedError
        return reply

    proxy.fault = lose
    assert asked.conversion.fetch(asked.part) == ".zip"
    assert len(asked_to_convert(proxy)) == 1


def test_one_that_broke_before_is_waited_for_and_given_up(
    asked: Asked, admin: Admin, project: int
) -> None:
    """It stays in progress there, and the server says of another that it was started already."""
    (bad,) = admin.import_tasks(project, [{"data": {"image": "/data/pictures/9.jpg"}}])
    admin.create_annotation(bad, [box(1)])
    admin.call("PATCH", f"/api/tasks/{bad}/", {"data": {"image": None}})
    made = admin.call("POST", f"/api/projects/{project}/exports/", {"title": "mine"})
    conversion = replace(asked.conversion, snapshot=made["id"], seconds=1)
    with pytest.raises(ConversionError, match="failed to convert") as caught:
        conversion.fetch(asked.part)
    assert caught.value.why == "failed"
    with pytest.raises(ConversionError, match="did not convert") as caught:
        conversion.fetch(asked.part)
    assert caught.value.why == "stuck"


def test_one_that_is_never_sent_whole_is_given_up(asked: Asked, proxy: Proxy) -> None:
    def cut(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        return replace(reply, cut=50) if "exportType=" in request.path else reply

    def hide(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if "exportType=" not in request.path:
            return reply
        return Reply(206, [("Content-Range", "bytes 0-9/*")], reply.body)

    for fault in (cut, hide):
        proxy.fault = fault
        with pytest.raises(ConversionError, match="did not send") as caught:
            asked.conversion.fetch(asked.part)
        assert caught.value.why == "stuck"


def test_a_key_that_is_refused_is_no_failed_conversion(asked: Asked, proxy: Proxy) -> None:
    proxy.fault = lambda request, forward: (
        Reply(403, [], b'{"detail": "no"}') if request.method == "POST" else forward(request)
    )
    with pytest.raises(ServerError, match="HTTP 403") as caught:
        asked.conversion.fetch(asked.part)
    assert not isinstance(caught.value, ConversionError)


def test_a_snapshot_that_is_gone(asked: Asked) -> None:
    with pytest.raises(SnapshotGoneError, match="is not on http"):
        replace(asked.conversion, snapshot=10**6).fetch(asked.part)


# --- what cannot be asked


@pytest.mark.parametrize(
    ("engines", "more", "words"),
    [
        ({"COCOA": "server"}, "", ("engines.COCOA", "not in label_studio.formats")),
        ({"VOC": "server"}, "", ("engines.VOC", "not in label_studio.formats")),
        ({"JSON": "server"}, "", ("engines.JSON", "not asked for JSON")),
        ({"JSONL": "server"}, "", ("engines.JSONL", "does not write JSONL", "COCO")),
        ({"ASR_MANIFEST": "server"}, "", ("leaves out every recording",)),
        ({"YOLO": "sever"}, "", ("engines.YOLO", "'server'", "'sever'")),
        ({"DOCLANG": WITH_FALLBACK}, "", ("ls-dvc cannot write DOCLANG",)),
        ({"DOCLANG": "ls-dvc"}, "", ("DOCLANG is not written by ls-dvc",)),
        (
            {"YOLO": "server"},
            "gates: {max_dropped: 0.1}",
            ("gates.max_dropped", "writes (YOLO)"),
        ),
        ({"YOLO": "server"}, "gates: {unknown_labels: fail}", ("gates.unknown_labels",)),
        ({"YOLO": "server"}, "gates: {min_tasks: 1}", ("gates.min_tasks",)),
        ({"YOLO": "server"}, "annotations: all", ("label_studio.annotations",)),
        ({"YOLO": "server"}, "filter: {tasks: labeled}", ("label_studio.filter",)),
        ({"YOLO": "server"}, "split: {train: 1}", ("label_studio.split",)),
        ({"YOLO": "server"}, "layout: tar", ("label_studio.layout",)),
        ({"YOLO": "server"}, "classes: {rename: {a: b}}", ("classes.rename",)),
        ({"YOLO": "server"}, "update: {method: bulk}", ("update.method",)),
    ],
)
def test_settings_that_cannot_be_together(
    engines: dict[str, str], more: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    space = Workspace(tmp_path)
    (tmp_path / ".dvc").mkdir()
    formats = {"YOLO", *engines} - {"COCOA", "VOC"}
    said = ", ".join(f"{name}: {each}" for name, each in engines.items())
    (tmp_path / "params.yaml").write_text(
        f"label_studio:\n  project_id: 1\n  formats: [{', '.join(sorted(formats))}]\n"
        f"  engines: {{{said}}}\n  {more}\n"
    )
    told = space.ls("status", code=1).err
    for each in ("params.yaml", *words):
        assert each in told


def test_the_default_engine_can_be_named(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "params.yaml").write_text(
        "label_studio:\n  url: http://127.0.0.1:9\n  project_id: 1\n  formats: [YOLO]\n"
        "  engines: {YOLO: ls-dvc}\n  layout: tar\n"
    )
    assert "cannot reach" in space.ls("status", code=1, LABEL_STUDIO_API_KEY="k").err


def test_a_format_that_the_label_config_has_no_use_for(one: Workspace) -> None:
    one.edit("params.yaml", "formats: [JSON, YOLO]", "formats: [JSON, CONLL2003]")
    engine(one, CONLL2003="server")
    told = one.ls("update", code=1).err
    assert "does not offer CONLL2003 for the project's label config" in told


def test_a_format_that_this_server_does_not_know(one: Workspace, proxy: Proxy) -> None:
    def older(request: Request, forward: Forward) -> Reply:
        reply = forward(request)
        if request.path.endswith("/export/formats"):
            known = [each for each in json.loads(reply.body) if each["name"] != "YOLO"]
            return Reply(reply.status, reply.headers, json.dumps(known).encode())
        return reply

    proxy.fault = older
    told = one.ls("update", code=1).err
    assert "does not write YOLO" in told
    assert "JSON_MIN" in told


def test_a_snapshot_of_others_is_not_converted(one: Workspace, admin: Admin, project: int) -> None:
    made = admin.call("POST", f"/api/projects/{project}/exports/", {"title": "of others"})
    told = one.ls("update", "--adopt", str(made["id"]), code=1).err
    assert "does not convert an adopted snapshot to YOLO" in told


def test_a_setting_that_no_update_has_followed_yet(one: Workspace) -> None:
    engine(one)
    one.dvc("repro")
    one.commit("ours")
    engine(one, YOLO="server")
    told = one.dvc("repro", code=255).err
    assert "has nothing that the server wrote as YOLO" in told
    assert "`ls-dvc update`" in told
