"""`ls-dvc demo`: all steps on a real Label Studio with a small labeled project."""

from __future__ import annotations

import hashlib
import os
import shlex
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ls_dvc.demo import label_studio, street_scenes, train_stage
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.errors import LsDvcError
from ls_dvc.execution import child_process
from ls_dvc.io import temporary
from ls_dvc.progress import Reporter
from ls_dvc.server.admin import Admin
from ls_dvc.settings.connection import KEY, URL

Tell = Callable[[str], None]

COMMITTED = (
    *("dvc.yaml", "dvc.lock", "labels.lock", "params.yaml"),
    *(".gitignore", ".gitattributes", ".dvcignore", "data/.gitignore", "reports"),
    *(train_stage.SCRIPT, train_stage.METRICS, ".dvc/config"),
)
SHOWN = ("YOLO", "COCO", "VOC", "IMAGE_FOLDER", "JSON", "CSV")
PAGES = ("changes.html", "report.html")  # what is written to be looked at; git ignores them
IDENTITY = {
    "GIT_AUTHOR_NAME": "ls-dvc demo",
    "GIT_AUTHOR_EMAIL": "demo@example.com",
    "GIT_COMMITTER_NAME": "ls-dvc demo",
    "GIT_COMMITTER_EMAIL": "demo@example.com",
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "commit.gpgsign",
    "GIT_CONFIG_VALUE_0": "false",
    "GIT_CONFIG_KEY_1": "advice.detachedHead",
    "GIT_CONFIG_VALUE_1": "false",
    "DVC_NO_ANALYTICS": "1",
}


@dataclass(frozen=True)
class FirstVersion:
    """The first commit, the SHA-256 of each file that it stands for, and what training gave."""

    commit: str
    hashes: dict[str, str]
    metrics: bytes


@dataclass(frozen=True)
class Shell:
    """Runs commands in the demo's repository and shows them as a user would type them."""

    folder: Path
    tell: Tell

    def run(self, command: str) -> str:
        """Run one command, show it and what it prints; `LsDvcError` when it fails."""
        self.tell(f"\n  $ {command}")
        inherited = {name: value for name, value in os.environ.items() if name not in (URL, KEY)}
        words = shlex.split(command)
        code, printed = child_process.output(words, self.folder, {**inherited, **IDENTITY})
        if printed.strip():
            self.tell(textwrap.indent(printed.rstrip(), "    "))
        if code:
            raise LsDvcError(f"`{command}` failed in {self.folder}", printed.strip()[-500:])
        return printed.strip()


def tour(
    folder: Path, tell: Tell, report: Reporter, *, keep: Callable[[LocalServer], None]
) -> None:
    """Run and show all steps in the new repository `folder`.

    At its end `keep` is called with a running server when the caller wants to look around; pass
    `stop_at_once` when not. Every process that was started here has ended when this returns.
    """
    _require_new(folder)
    folder.mkdir(parents=True, exist_ok=True)
    shell = Shell(folder, tell)
    with temporary.new_folder(Path(tempfile.gettempdir()) / "demo") as unkept:
        data = unkept / "label-studio"
        with label_studio.running(data, report=report) as studio:
            first = _two_versions(shell, studio)
        _back(shell, first)
        _farewell(shell)
        if keep is not stop_at_once:
            with label_studio.running(data, report=report, port=studio.port) as again:
                keep(again)


def stop_at_once(studio: LocalServer) -> None:
    """Nobody wants to look around."""


def _two_versions(shell: Shell, studio: LocalServer) -> FirstVersion:
    """The first two acts."""
    admin = Admin(studio.url, studio.api_key)
    project = street_scenes.create(admin)
    shell.tell(
        f"A Label Studio runs on {studio.url}; people have put a few pictures of streets into it,\n"
        "and have labeled them."
    )
    shell.tell("\n1. Pin the labels and the pictures, make the training data, train, commit")
    _scaffold(shell, studio, project.project_id)
    commit = _commit(shell, "Labels of the first week")
    first = FirstVersion(commit, hashes(shell.folder), train_stage.metrics(shell.folder))
    image, labels = train_stage.a_picture(shell.folder)
    shell.tell(f"\n   {image} is a picture from the server;\n   its labels are in {labels}.")
    shell.tell(f"   The model: {train_stage.summary(first.metrics)}.")

    shell.tell("\n2. Annotators change labels on the server, and add pictures")
    for sentence in street_scenes.relabel(admin, project):
        shell.tell(f"   - {sentence}")
    shell.run("ls-dvc status")
    shell.run("dvc repro")
    shell.tell("\n   Nothing happened: only an update moves the pin.")
    shell.run("ls-dvc update")
    _commit(shell, "Labels of the second week")
    shell.run("ls-dvc log")
    shell.run("ls-dvc diff HEAD~1 HEAD")
    shell.run(f"ls-dvc blame {project.tasks[2]}")
    shell.run(f"dvc metrics diff HEAD~1 HEAD --targets {train_stage.METRICS}")
    for command, page in zip(("diff HEAD~1 HEAD", "report"), PAGES, strict=True):
        shell.run(f"ls-dvc {command} --html {page}")
    return first


def _scaffold(shell: Shell, studio: LocalServer, project_id: int) -> None:
    formats = " ".join(f"-f {name}" for name in SHOWN)
    shell.run("git init -q -b main")
    shell.run("dvc init -q")
    (shell.folder / ".git/info/exclude").write_text("".join(f"/{page}\n" for page in PAGES))
    (shell.folder / ".env").write_text(f"{KEY}={studio.api_key}\n")
    shell.tell("\n  (the API key goes into .env, which git ignores)")
    shell.run(f"ls-dvc -q init --url {studio.url} --project-id {project_id} {formats} --link-cache")
    train_stage.prepare(shell.folder)
    shell.tell(
        "\n  (a small train.py is put where a trainer would be, which learns the colors in boxes;\n"
        f"  params.yaml gets its settings, and `split: {train_stage.SPLIT}`)"
    )
    shell.run(train_stage.ADD_STAGE)
    shell.run("ls-dvc update")


def _commit(shell: Shell, message: str) -> str:
    shell.run("dvc repro")
    shell.run(f"git add {' '.join(COMMITTED)}")
    shell.run(f"git commit -q -m '{message}'")
    return shell.run("git rev-parse --short HEAD")


def _back(shell: Shell, first: FirstVersion) -> None:
    shell.tell("\n3. The server is stopped. Back to the first commit")
    shell.run(f"git checkout -q {first.commit}")
    shell.run("dvc repro")
    shell.run("ls-dvc verify")
    after = hashes(shell.folder)
    if after != first.hashes:
        wrong = sorted(set(first.hashes.items()) ^ set(after.items()))
        raise LsDvcError(f"the bytes differ: {wrong[0][0]}", "please report this")
    shell.tell(f"\n   {len(after)} files, and each has the SHA-256 that it had the first time:")
    for name in (*train_stage.a_picture(shell.folder), "data/dataset/COCO/train.json"):
        shell.tell(f"     {after[name][:16]}…  {name}")
    shell.tell("     …\n\n   Train on them again:")
    shell.run(train_stage.AGAIN)
    again = train_stage.metrics(shell.folder)
    if again != first.metrics:
        raise LsDvcError(f"{train_stage.METRICS} differs", "please report this")
    shell.tell(
        f"\n   {train_stage.summary(again)}:\n"
        f"   {train_stage.METRICS} has the same bytes as in the first week."
    )
    shell.run("git checkout -q main")
    shell.run("dvc checkout -q")


def _farewell(shell: Shell) -> None:
    image, labels = train_stage.a_picture(shell.folder)
    shell.tell(
        f"\nA picture to open: {shell.folder / image}\n"
        f"Its labels:        {shell.folder / labels}\n"
        f"What changed:      {shell.folder / PAGES[0]}\n"
        f"All there is:      {shell.folder / PAGES[1]}\n"
        f"Look around in {shell.folder}:\n"
        "  labels.lock             the pin\n"
        "  data/snapshot/          the labels in canonical form\n"
        "  data/media/             the pictures, by their hashes\n"
        "  data/dataset/<FORMAT>/  what training reads: pictures and labels\n"
        "  reports/ledger.json     what each format left out, and why\n"
        "  reports/faults.jsonl    faults in the labels, which `ls-dvc check` explains\n"
        "  ls-dvc log, show, diff  what changed in the labels"
    )


def hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in data/ and reports/, by relative path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in ("data", "reports")
        for path in sorted((folder / part).rglob("*"))
        if path.is_file() and path.name != ".gitignore"
    }


def _require_new(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LsDvcError(
            f"{folder} exists already", "name a new folder: `ls-dvc demo DIR`, or remove it"
        )
