"""Dask: the bytes of one process, and an end of each run, whatever becomes of the workers."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import dask
import pytest
from support import projects
from support.dask_servers import DaskServers, dask_servers, kill
from support.every_control import snapshot, tree
from support.media_pins import pin_media, with_media
from support.remote_work import Logged, OnThisMachine

import ls_dvc
from ls_dvc.cluster import executors, remote_executor
from ls_dvc.convert.build import BuildOptions, build
from ls_dvc.errors import LsDvcError
from ls_dvc.execution.executor import ONE_PROCESS, Executor
from ls_dvc.labels import label_config
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import LATEST
from ls_dvc.progress import Silent
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskServers]:
    with dask_servers(tmp_path_factory.mktemp("dask") / "it", 2) as servers:
        yield servers


def results(address: str, logged: Logged, items: int) -> list[int]:
    with executors.opened(f"dask:{address}", 1, Silent()) as executor:
        return list(executor.ordered(logged.work, range(items)))


def test_two_workers_share_the_work(servers: DaskServers, tmp_path: Path) -> None:
    logged = Logged(tmp_path, 0.1)
    assert results(servers.address, logged, 8) == [-item for item in range(8)]
    assert len({process for _, process in logged.log()}) == 2


def test_the_scheduler_of_dask_s_own_configuration(servers: DaskServers, tmp_path: Path) -> None:
    with dask.config.set({"scheduler-address": servers.address}):
        assert results("", Logged(tmp_path, 0), 2) == [0, -1]
    with pytest.raises(LsDvcError, match="names no scheduler"):
        results("", Logged(tmp_path, 0), 2)


def test_the_bytes_are_those_of_one_process(servers: DaskServers, tmp_path: Path) -> None:
    classes = Classes().extended(label_config.parse(projects.SHAPES, "it").classes())
    folder = snapshot(tmp_path / "snapshot", projects.SHAPES, classes, projects.showcase())
    source = OnThisMachine(folder.source, os.getpid())  # type: ignore[arg-type]
    expected = built(tmp_path / "one", folder, ONE_PROCESS)
    with executors.opened(f"dask:{servers.address}", 1, Silent()) as executor:
        assert built(tmp_path / "dask", folder, executor) == expected
        assert (
            built(tmp_path / "sent", SnapshotFolder(source, folder.manifest), executor) == expected
        )


def built(fresh: Path, folder: SnapshotFolder, executor: Executor) -> dict[str, bytes]:
    fresh.mkdir()
    formats = ("JSON", "COCO", "YOLO", "VOC", "CSV", "PARQUET", "BRUSH_TO_PNG")
    build(fresh, folder, BuildOptions(formats, LATEST, executor, "shards"), Silent())
    return tree(fresh)


def test_dvc_repro_asks_the_workers(servers: DaskServers, tmp_path: Path) -> None:
    """Which is seen where there are none."""
    space = with_media(tmp_path / "space")
    pin_media(space, b"\xff\xd8\xff 1")
    space.dvc("repro", LS_DVC_EXECUTOR=f"dask:{servers.address}")
    made = space.hashes()
    space.dvc("repro", "-f", "convert")
    assert space.hashes() == made
    told = space.dvc("repro", "-f", "convert", code=None, LS_DVC_EXECUTOR="dask:nowhere")
    assert "cannot reach the Dask scheduler nowhere" in told.err


def test_an_error_of_ours_is_not_tried_again(servers: DaskServers, tmp_path: Path) -> None:
    logged = Logged(tmp_path, 0, wrong=1)
    with pytest.raises(LsDvcError, match="1 is wrong"):
        results(servers.address, logged, 2)
    assert [item for item, _ in logged.log()].count(1) == 1


def test_a_worker_is_lost_in_mid_run(tmp_path: Path) -> None:
    with dask_servers(tmp_path / "dask", 2) as servers:
        logged = Logged(tmp_path, 0.2)
        lost = Thread(target=lambda: (_both(logged), kill(servers.workers[0])))
        lost.start()
        assert results(servers.address, logged, 20) == [-item for item in range(20)]
        lost.join()
        assert len(logged.log()) > 20, "what the lost one had was done again"


def test_all_workers_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_executor, "LOOK", 0.2)
    monkeypatch.setattr(remote_executor, "WITHOUT_WORKERS", 1.0)
    with dask_servers(tmp_path / "dask", 1) as servers:
        logged = Logged(tmp_path, 0.2)
        lost = Thread(target=lambda: (_first(logged), kill(servers.workers[0])))
        lost.start()
        with pytest.raises(LsDvcError, match=f"{servers.address} has had no worker for"):
            results(servers.address, logged, 20)
        lost.join()


def test_the_scheduler_is_lost(tmp_path: Path) -> None:
    with dask_servers(tmp_path / "dask", 1) as servers:
        logged = Logged(tmp_path, 0.2)
        lost = Thread(target=lambda: (_first(logged), kill(servers.scheduler)))
        lost.start()
        start = time.monotonic()
        with pytest.raises(LsDvcError, match=r"Dask scheduler tcp.* lost"):
            results(servers.address, logged, 200)
        lost.join()
        assert time.monotonic() - start < 60


def test_there_is_no_scheduler() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    start = time.monotonic()
    with pytest.raises(LsDvcError, match="cannot reach the Dask scheduler tcp://127"):
        results(f"tcp://127.0.0.1:{port}", Logged(Path(), 0), 1)
    assert time.monotonic() - start < 30
    with pytest.raises(LsDvcError, match="cannot reach"):
        results("no address", Logged(Path(), 0), 1)


def test_a_worker_with_changed_code_is_refused(tmp_path: Path) -> None:
    code = tmp_path / "code"
    shutil.copytree(Path(ls_dvc.__file__).parent, code / "ls_dvc")
    with (code / "ls_dvc/formats/image/coco.py").open("a") as module:
        module.write("\n")
    with (
        dask_servers(tmp_path / "dask", 1, code) as servers,
        pytest.raises(LsDvcError, match=f"worker on {socket.gethostname()} has another ls-dvc"),
    ):
        results(servers.address, Logged(tmp_path, 0), 2)
    assert not Logged(tmp_path, 0).log()


def _both(logged: Logged) -> None:
    """Until both workers have begun a piece."""
    while len({process for _, process in logged.log()}) < 2:
        time.sleep(0.02)


def _first(logged: Logged) -> None:
    """Until the first piece is being worked on."""
    while not logged.log():
        time.sleep(0.02)
