"""What `ls-dvc doctor` finds, each sickness by itself; its words can be shown to anybody."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from support import offline
from support.workspace import Workspace, make

from ls_dvc.commands.doctor import (
    connection_checks,
    disk_checks,
    media_checks,
    secret_checks,
    server_checks,
    versions_checks,
)
from ls_dvc.commands.doctor.examination import CHECKS
from ls_dvc.commands.doctor.findings import Finding, Status
from ls_dvc.commands.doctor.shareable import shareable
from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.media.results import MissingMediaError
from ls_dvc.repo import dvc_locks
from ls_dvc.settings import api_key
from ls_dvc.settings.api_key import KeyFacts

KEY = "0123456789abcdef0123456789abcdef01234567"
NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
NOWHERE = 2**22 + 1  # the number of no process

Findings = Mapping[str, list[dict[str, str]]]


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A data set with a committed pin and a remote of each kind; its server is nowhere."""
    made = offline.data_set(tmp_path / "repo")
    made.env["LABEL_STUDIO_API_KEY"] = KEY
    made.store(tmp_path / "store")
    (tmp_path / "store").mkdir()
    offline.pin(made, offline.server(1, 2))
    made.commit("labels")
    made.git("remote", "add", "origin", str(tmp_path / "upstream.git"))
    return made


def examined(space: Workspace, *options: str, code: int, **env: str) -> Findings:
    """The findings by the names of their checks."""
    document = json.loads(space.ls("doctor", "--json", *options, code=code, **env).out)
    assert document["ok"] is (code == 0)
    findings: dict[str, list[dict[str, str]]] = {}
    for each in document["findings"]:
        findings.setdefault(each.pop("name"), []).append(each)
    assert {*findings, *document["left_out"]} == {check.name for check in CHECKS}
    return findings


def test_a_healthy_data_set_has_no_failure(space: Workspace) -> None:
    leave("new-0123456789ab-dataset")(space)
    before = files_of(space)
    findings = examined(space, "--offline", code=0)
    assert files_of(space) == before, "nothing is changed"
    bad = {
        name: each
        for name, members in findings.items()
        for each in members
        if each["status"] in ("warning", "failure")
    }
    assert not bad
    assert "server.version" not in findings  # --offline
    text = space.ls("doctor", "--offline", HOME=str(space.path.parent)).out
    assert str(space.path) not in text
    assert "~/repo/.dvc/cache" in text
    assert "checks left out" in text.splitlines()[-1]
    shown = text.replace(str(Path.home()), "~")
    assert max(map(len, shown.splitlines())) < 240


def test_a_folder_that_is_nothing_yet(tmp_path: Path) -> None:
    findings = examined(Workspace(tmp_path), code=1)
    assert findings["git.repository"][0]["fix"] == "run `git init` first"
    assert findings["dvc.repository"][0]["status"] == "failure"
    assert not {"git.history", "data.settings", "server.version"} & findings.keys()


def head(space: Workspace) -> str:
    return space.git("rev-parse", "HEAD").out


def files_of(space: Workspace) -> dict[Path, bytes]:
    """All files, but the index that git refreshes and what DVC keeps for itself."""
    return {
        path: path.read_bytes() if path.is_file() else b""
        for path in space.path.rglob("*")
        if path.name != "index" and not path.is_relative_to(space.path / ".dvc/tmp")
    }


Sicken = Callable[[Workspace], object]


def append(name: str, text: str) -> Sicken:
    def sicken(space: Workspace) -> None:
        with (space.path / name).open("a") as file:
            file.write(text)

    return sicken


def write(name: str, text: str) -> Sicken:
    def sicken(space: Workspace) -> None:
        (space.path / name).parent.mkdir(parents=True, exist_ok=True)
        (space.path / name).write_text(text)

    return sicken


def committed(name: str, text: str) -> Sicken:
    def sicken(space: Workspace) -> None:
        write(name, text)(space)
        space.git("add", "-f", name)
        space.git("commit", "-qm", "x")

    return sicken


def removed_again(space: Workspace) -> None:
    committed(".env", "A=1")(space)
    space.git("rm", "-q", ".env")
    space.git("commit", "-qm", "y")


def leave(*names: str) -> Sicken:
    def sicken(space: Workspace) -> None:
        for name in names:
            (space.path / "data" / f".ls-dvc-tmp-{name}").mkdir()

    return sicken


def without_identity(space: Workspace) -> None:
    space.git("config", "user.useConfigOnly", "true")
    for name in ("AUTHOR", "COMMITTER"):
        space.env |= {f"GIT_{name}_NAME": "", f"GIT_{name}_EMAIL": ""}


def lock_of(pid: int) -> str:
    return json.dumps({"write": {"data": {"pid": pid, "cmd": "dvc repro"}}, "read": {}})


SICK: dict[str, tuple[Sicken, str, str, str, str]] = {
    "shallow": (
        lambda space: (space.path / ".git/shallow").write_text(head(space)),
        "git.history", "warning", "shallow", "git fetch --unshallow",
    ),
    "partial": (
        lambda space: space.git("config", "remote.origin.promisor", "true"),
        "git.history", "note", "partial", "",
    ),
    "index.lock": (write(".git/index.lock", ""), "git.operation", "failure", "locked", "rm '"),
    "merge": (
        lambda space: (space.path / ".git/MERGE_HEAD").write_text(head(space)),
        "git.operation", "warning", "a merge is in progress", "git merge --continue",
    ),
    "detached": (
        lambda space: space.git("checkout", "-q", "--detach"),
        "git.repository", "note", "HEAD is on no branch", "--branch NAME",
    ),
    "identity": (without_identity, "git.identity", "warning", "does not know who", "user.name"),
    "no remote": (
        lambda space: space.git("remote", "remove", "origin"),
        "git.remote", "note", "there is none", "git remote add",
    ),
    "dirty": (
        append("params.yaml", "\n"), "git.files", "note", "params.yaml", "git add params.yaml",
    ),
    "ignored": (
        lambda space: (
            space.git("rm", "-q", "--cached", "labels.lock"),
            append(".gitignore", "*.lock\n")(space),
        ),
        "git.files", "failure", "labels.lock is ignored by git", "git add -f labels.lock",
    ),
    "empty rwlock": (write(".dvc/tmp/rwlock", ""), "dvc.locks", "failure", "damaged", "rm '"),
    "rwlock of another form": (
        write(".dvc/tmp/rwlock", '{"write": []}'), "dvc.locks", "failure", "damaged", "rm '",
    ),
    "dead rwlock": (
        write(".dvc/tmp/rwlock", lock_of(NOWHERE)), "dvc.locks", "note", "of dead processes", "",
    ),
    "rwlock of a dvc at work": (
        write(".dvc/tmp/rwlock", lock_of(os.getpid())), "dvc.locks", "note", "at work", "wait",
    ),
    "no dvc remote": (
        write(".dvc/config", ""), "dvc.remote", "warning", "this machine alone", "dvc remote add",
    ),
    "settings": (
        lambda space: space.edit("params.yaml", "formats:", "format:"),
        "data.settings", "failure", "no such setting", "settings of label_studio are",
    ),
    "no dvc.yaml": (
        lambda space: (space.path / "dvc.yaml").unlink(),
        "data.stages", "failure", "no stages of ls-dvc", "git checkout -- dvc.yaml",
    ),
    "stages without persist": (
        lambda space: (space.path / "dvc.yaml").write_text(
            re.sub(r":\n *persist: true\n", "\n", space.read("dvc.yaml"))
        ),
        "data.stages", "warning", "another ls-dvc", "ls-dvc init",
    ),
    "pin merged by hand": (
        append("labels.lock", "<<<<<<< HEAD\n"),
        "data.pin", "failure", "labels.lock", "resolve the merge conflict",
    ),
    "not pinned": (
        write("labels.lock", "version: 1\nfingerprint: null\nwriters: null\n"),
        "data.pin", "note", "no labels are pinned", "ls-dvc update",
    ),
    "not made": (lambda _: None, "data.made", "note", "has not been made", "dvc repro"),
    "made from another pin": (
        write("dvc.lock", "stages: {export: {params: {labels.lock: {fingerprint: abc}}}}\n"),
        "data.made", "warning", "of the labels abc", "dvc repro",
    ),
    "no key": (
        lambda space: space.env.pop("LABEL_STUDIO_API_KEY"),
        "connection.address", "failure", "no API key", "Personal Access Token",
    ),
    "others can read the key": (
        lambda space: (
            space.env.pop("LABEL_STUDIO_API_KEY"),
            write(".env", f"LABEL_STUDIO_API_KEY={KEY}\n")(space),
            (space.path / ".env").chmod(0o644),
        ),
        "connection.file", "note", "others", "chmod 600",
    ),
    "proxies": (
        lambda space: space.env.update(https_proxy="http://user:swordfish@proxy:3128"),
        "connection.proxies", "ok", "https_proxy", "",
    ),
    "leftover of an older ls-dvc": (
        leave("dataset-x"), "disk.leftovers", "note", ".ls-dvc-tmp-dataset-x", "rm -r",
    ),
    "leftovers": (
        leave("new-0123456789ab-dataset", "new-0123456789ac-dataset"),
        "disk.leftovers", "note", "killed runs left: 2", "ls-dvc prune --cache-only",
    ),
    "moved away": (
        leave("old-0123456789ad-dataset"),
        "disk.leftovers", "warning", "data/dataset away", "or any other command",
    ),
    ".env tracked": (committed(".env", "A=1"), "secrets.env", "failure", ".env", "git rm --cached"),
    ".env in history": (removed_again, "secrets.env", "warning", "older commits", "new key"),
    "key in a workflow": (
        committed(".github/workflows/labels.yml", f"env:\n  LABEL_STUDIO_API_KEY: {'b1' * 20}\n"),
        "secrets.files", "failure", "labels.yml seems to hold a key", "take it out",
    ),
    "the key in a notebook": (
        committed("notes/a.ipynb", f'"{KEY}"'),
        "secrets.key", "failure", "notes/a.ipynb", "new key",
    ),
}  # fmt: skip


TOGETHER = (
    ("shallow", "merge", "identity", "dirty", "empty rwlock", "no dvc remote", "not made"),
    ("partial", "index.lock", "rwlock of another form", "no dvc.yaml", "leftovers"),
    (
        "detached",
        "dead rwlock",
        "moved away",
        "leftover of an older ls-dvc",
        "stages without persist",
        "made from another pin",
        "no key",
    ),
    ("ignored", "rwlock of a dvc at work", "not pinned", "others can read the key", "proxies"),
    (".env tracked", "pin merged by hand", "the key in a notebook", "key in a workflow"),
    (".env in history", "settings", "no remote"),
)


def test_every_sickness_is_tried() -> None:
    assert sorted(SICK) == sorted(name for names in TOGETHER for name in names)


@pytest.mark.parametrize("sicknesses", TOGETHER, ids="; ".join)
def test_every_sickness_is_found(sicknesses: tuple[str, ...], space: Workspace) -> None:
    for each in sicknesses:
        SICK[each][0](space)
    fails = any(SICK[each][2] == "failure" for each in sicknesses)
    findings = examined(space, "--offline", code=fails)
    for each in sicknesses:
        _, name, status, words, fix = SICK[each]
        matching = [found for found in findings[name] if words in found["words"]]
        assert [found["status"] for found in matching] == [status], (each, findings[name])
        assert fix in matching[0]["fix"], each
    told = json.dumps(findings)
    for secret in (KEY, "b1b1b1", "swordfish", "a@example.com"):
        assert secret not in told


def test_what_failed_is_not_told_again(space: Workspace) -> None:
    """Checks that stand on a failed one are left out, and named."""
    (space.path / "params.yaml").unlink()
    findings = examined(space, "--offline", code=1)
    failed = [name for name, each in findings.items() if each[0]["status"] == "failure"]
    assert failed == ["data.settings"]


def test_a_repository_of_another_user(space: Workspace) -> None:
    findings = examined(space, "--offline", code=1, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    assert "dubious ownership" in findings["git.repository"][0]["words"]
    assert "safe.directory" in findings["git.repository"][0]["fix"]
    assert "git.files" not in findings


def test_a_remote_on_a_disk_that_is_not_mounted(space: Workspace, tmp_path: Path) -> None:
    findings = examined(space, code=1)
    assert findings["dvc.answer"][0]["status"] == "ok"
    assert findings["server.version"][0]["status"] == "failure"
    assert "cannot reach http://127.0.0.1:9" in findings["server.version"][0]["words"]
    (tmp_path / "store").rmdir()
    (told,) = examined(space, code=1)["dvc.answer"]
    assert told["status"] == "warning"
    assert "not mounted" in told["words"]


# --- judgements


def token(said: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{body}.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("key", "status", "words"),
    [
        (KEY, Status.NOTE, "a legacy token"),
        ("short", Status.NOTE, "a key of an unknown kind"),
        ("a.b.c", Status.NOTE, "a key of an unknown kind"),
        (token([]), Status.NOTE, "a key of an unknown kind"),
        (token({"exp": "soon"}), Status.OK, "does not say when it ends"),
        (token({"exp": 10**40}), Status.OK, "does not say when it ends"),
        (token({"exp": NOW.timestamp() - 1}), Status.FAILURE, "it ended on 2026-05-31"),
        (token({"exp": NOW.timestamp() + 86400}), Status.WARNING, "it ends on 2026-06-02"),
        (
            token({"iat": NOW.timestamp() - 86400, "exp": NOW.timestamp() + 10**9}),
            Status.OK,
            "a personal access token, 1 day old; it ends on 2058",
        ),
    ],
)
def test_keys(key: str, status: Status, words: str) -> None:
    finding = connection_checks.of_key(api_key.facts(key), NOW)
    assert (finding.status, words in finding.words) == (status, True), finding
    assert key not in finding.words


def test_a_key_without_times() -> None:
    assert api_key.facts(token({"iat": True})) == KeyFacts(api_key.PERSONAL)


@pytest.mark.parametrize(
    ("finding", "status"),
    [
        (server_checks.of_version("1.23.2"), Status.OK),
        (server_checks.of_version("1.10.1"), Status.OK),
        (server_checks.of_version("1.10.0.post0"), Status.WARNING),
        (server_checks.of_version("1.24.0"), Status.NOTE),
        (server_checks.of_version("2.0"), Status.NOTE),
        (server_checks.of_version("unknown"), Status.WARNING),
        (server_checks.of_clock(NOW, NOW), Status.OK),
        (server_checks.of_clock(None, NOW), Status.NOTE),
        (server_checks.of_clock(NOW + timedelta(hours=1), NOW), Status.WARNING),
        (server_checks.of_clock(NOW - timedelta(hours=1), NOW), Status.WARNING),
        (disk_checks.of_space("the workspace", 10**6), Status.FAILURE),
        (disk_checks.of_space("the workspace", 10**9), Status.WARNING),
        (disk_checks.of_space("the workspace", 10**11), Status.OK),
        (media_checks.of_missing("upload", MissingMediaError("http-500", "x")), Status.WARNING),
        (media_checks.of_missing("upload", MissingMediaError("elsewhere", "x")), Status.NOTE),
        (versions_checks.judged("dvc", "3.67.1", "<4,>=3.66"), Status.OK),
        (versions_checks.judged("dvc", "3.67.1", ""), Status.OK),
        (versions_checks.judged("dvc", "3.70", "<4,>=3.66"), Status.NOTE),
        (versions_checks.judged("dvc", "3.50.0", "<4,>=3.66"), Status.FAILURE),
        (versions_checks.judged("dvc", "4.0", "<4,>=3.66"), Status.FAILURE),
        (versions_checks.judged("dvc", "", "<4"), Status.FAILURE),
        (versions_checks.judged("label-studio-sdk", "", "<3"), Status.NOTE),
    ],
)
def test_judgements(finding: Finding, status: Status) -> None:
    assert finding.status is status, finding


def test_the_ranges_are_those_of_the_package() -> None:
    ranges = versions_checks.required()
    assert {"dvc", "click", "httpx", "label-studio-sdk"} <= ranges.keys()
    assert "pytest" not in ranges
    assert versions_checks.is_within("4", ranges["dvc"]) is False


@pytest.mark.parametrize(
    ("text", "has_key"),
    [
        ("LABEL_STUDIO_API_KEY: ${{ secrets.LABEL_STUDIO_API_KEY }}", False),
        ("LABEL_STUDIO_API_KEY: $LABEL_STUDIO_API_KEY", False),
        ("token: <your token goes here 123>", False),
        ("api_key = 0123456789abcdef0123", True),
        ("    secret_access_key = wJalrXUtnFEMI/K7MDENG", True),
        ("password_file: documentation-of-it", False),
        (f"x {token({'exp': 1, 'iat': 2})} y", True),
    ],
)
def test_what_looks_like_a_key(text: str, has_key: bool) -> None:
    assert secret_checks.has_key(text) is has_key


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{Path.home()}/data/x", "~/data/x"),
        (f"rm '{Path.home()}/a b'", "rm ~/'a b'"),
        (f"{Path.home()}x", f"{Path.home()}x"),
        ("/home/somebody/x and /Users/some.body/y", "/home/[user]/x and /Users/[user]/y"),
        ("http://me:pass@host:80/a", "http://host:80/a"),
        ("s3://b/k?X-Amz-Signature=abc, x", "s3://b/k?[…] x"),
        ("made by a.b+c@example.com", "made by [e-mail]"),
        ("a\x1b]52;c;x\x07b", "a\\x1b]52;c;x\\x07b"),
    ],
)
def test_what_is_printed_can_be_shown_to_anybody(text: str, shown: str) -> None:
    assert shareable(text) == shown


def test_processes() -> None:
    assert dvc_locks.is_alive(os.getpid())
    assert not dvc_locks.is_alive(NOWHERE)
    assert not dvc_locks.is_alive(2**80)
    with pytest.raises(ValueError, match="nested too deeply"):
        dvc_locks.holders("[" * 3000)
    assert dvc_locks.holders(json.dumps({"read": {"a": [{"pid": 7, "cmd": ""}]}})) == [7]


def test_a_server_that_is_well(
    studio: LocalServer, make_project: Callable[..., int], tmp_path: Path
) -> None:
    config = (
        '<View><Image name="i" value="$image"/><Choices name="c" toName="i">'
        '<Choice value="A"/></Choices></View>'
    )
    project = make_project("", config, [{"data": {"image": "/data/upload/1/nothing.png"}}])
    space = make(tmp_path / "repo", studio.url, studio.api_key, project, "CSV", media=True)
    space.commit("set up")
    findings = examined(space, code=0)
    for name in ("version", "clock", "key", "project", "config", "exports"):
        assert findings[f"server.{name}"][0]["status"] == "ok", findings
    assert "tasks: 1" in findings["server.project"][0]["words"]
    assert [each["status"] for each in findings["media.reach"]] == ["warning"]
    assert studio.api_key not in json.dumps(findings)
    space.env["LABEL_STUDIO_API_KEY"] = KEY
    told = examined(space, code=1)
    assert "refuses the API key" in told["server.key"][0]["words"]
    assert "server.project" not in told


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (".git/config", "bad config line 1"),
        (".git/shallow", "invalid shallow line|bad shallow line"),
        (".dvcignore", "DVC cannot open"),
        (".dvc/config", "DVC cannot open"),
        (".dvc/tmp/rwlock", "damaged"),
        ("labels.lock", "labels.lock"),
    ],
)
def test_files_that_nobody_can_read_are_findings(name: str, words: str, space: Workspace) -> None:
    """Of DVC's libraries each has errors of its own."""
    (space.path / name).parent.mkdir(exist_ok=True)
    (space.path / name).write_bytes(b"\xff\xfe\x00 garbage: [")
    findings = examined(space, "--offline", code=1)
    failed = [each for some in findings.values() for each in some if each["status"] == "failure"]
    assert any(re.search(words, each["words"]) for each in failed), failed
    assert space.ls("verify", "--all", code=None).code in (0, 1)
