"""The demo, and the server that it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from PIL import Image
from support.workspace import BIN, Workspace, clean_environment, interruptible

from ls_dvc.demo import label_studio, pictures
from ls_dvc.errors import LsDvcError
from ls_dvc.progress import Silent

README = Path(__file__).parents[2] / "README.md"


def processes_with(text: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if text.encode() in words and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


@pytest.mark.usefixtures("studio_template")
def test_the_whole_story_and_a_server_left_running(tmp_path: Path) -> None:
    command = [str(BIN / "ls-dvc"), "-q", "demo", "tour", "--keep-server"]
    running = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,
    )
    assert running.stdout is not None
    told = ""
    while "Ctrl-C stops it.\n" not in told:
        line = running.stdout.readline()
        assert line, f"the story ended early: {told[-500:]}"
        told += line
    assert "each has the SHA-256 that it had the first time" in told
    assert "a Person became a Car" in told
    assert "metrics.json has the same bytes as in the first week" in told
    assert told.count("> python train.py") == 3, "it was trained twice, and once at the old commit"
    shown = Path(told.partition("A picture to open: ")[2].partition("\n")[0])
    with Image.open(shown) as opened:
        assert opened.size == (pictures.WIDTH, pictures.HEIGHT)
    assert Path(told.partition("Its labels: ")[2].partition("\n")[0].strip()).read_text()
    assert "password" in told
    for name, words in (("changes.html", "street-01.png"), ("report.html", "Bicycle")):
        assert words in (tmp_path / "tour" / name).read_text()
    quoted = README.read_text().partition("<!-- demo -->\n```\n")[2].partition("```\n")[0]
    assert quoted
    assert textwrap.indent(quoted, " " * 4) in told
    repo = Workspace(tmp_path / "tour")
    assert repo.ls("status").out.startswith("as pinned"), "the demo's own .env lets one in"
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 0
    running.stdout.close()
    assert processes_with(str(tmp_path)) == []
    assert repo.git("status", "--porcelain").out == ""
    assert len(repo.git("log", "--oneline", "--", "labels.lock").out.splitlines()) == 2
    assert repo.ls("verify").out.startswith("all as pinned")
    classes = (repo.path / "data/dataset/YOLO/classes.txt").read_text().splitlines()
    assert classes == ["Car", "Person", "Road", "Bicycle"], "the new label came last"
    assert "exists already" in Workspace(tmp_path).ls("demo", "tour", code=1).err


@pytest.mark.usefixtures("studio_template")
@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_the_server_ends_with_its_parent_whatever_kills_it(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from ls_dvc.demo import label_studio\n"
        "from ls_dvc.progress import Silent\n"
        "with label_studio.running(Path(sys.argv[1]), report=Silent()) as studio:\n"
        "    print(studio.url, flush=True); time.sleep(600)"
    )
    data = tmp_path / "data"
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(data)], stdout=subprocess.PIPE, env=clean_environment()
    )
    assert parent.stdout is not None
    assert parent.stdout.readline().startswith(b"http://127.0.0.1:")
    assert processes_with(f"--data-dir\0{data}")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while processes_with(f"--data-dir\0{data}") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_with(f"--data-dir\0{data}") == []


@pytest.mark.usefixtures("studio_template")
def test_a_server_that_cannot_start_shows_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "label_studio.sqlite3").write_text("not a database " * 100)
    with (
        pytest.raises(LsDvcError, match="did not start; its log ends") as caught,
        label_studio.running(tmp_path / "data", report=Silent()),
    ):
        pass
    assert "file is not a database" in str(caught.value)


def test_without_label_studio_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with (
        pytest.raises(LsDvcError, match="not installed") as caught,
        label_studio.running(tmp_path / "data", report=Silent()),
    ):
        pass
    assert "ls-dvc[server]" in caught.value.hint


def test_the_child_hears_nothing_of_the_users_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "secret")
    monkeypatch.setenv("DJANGO_DB", "default")
    monkeypatch.setenv("POSTGRE_HOST", "elsewhere")
    assert not {"LABEL_STUDIO_API_KEY", "DJANGO_DB", "POSTGRE_HOST"} & set(
        label_studio._environment(Path("/x"))
    )


def test_the_same_pictures_every_time() -> None:
    assert pictures.scenes(3) == pictures.scenes(5)[:3]
    assert pictures.png(pictures.scenes(1)[0]) == pictures.png(pictures.scenes(1)[0])
