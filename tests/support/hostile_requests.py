"""What a hostile pull request commits, attack by attack. The data set is in the folder `labels`."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from support.workspace import Workspace


@dataclass(frozen=True)
class Target:
    """The server that the default branch names, the attacker's, and a folder outside."""

    ours: str
    evil: str
    outside: Path

    def filled(self, text: str) -> str:
        """A text with OURS, EVIL, HOST (of evil) and OUTSIDE filled in."""
        host = self.evil.partition("//")[2]
        values = {"OURS": self.ours, "EVIL": self.evil, "HOST": host, "OUTSIDE": str(self.outside)}
        for name, value in values.items():
            text = text.replace(name, value)
        return text


Attack = Callable[[Workspace, Target], None]


def _edit(*changes: tuple[str, str, str]) -> Attack:
    """In each file, a text instead of another."""

    def attack(space: Workspace, target: Target) -> None:
        for name, old, new in changes:
            space.edit(f"labels/{name}", target.filled(old), target.filled(new))

    return attack


def _write(name: str, text: str) -> Attack:
    def attack(space: Workspace, target: Target) -> None:
        (space.path / name).write_text(target.filled(text))
        space.git("add", "-f", name)

    return attack


def _link(name: str, to: str) -> Attack:
    def attack(space: Workspace, target: Target) -> None:
        path = space.path / name
        space.git("rm", "-rqf", "--cached", "--ignore-unmatch", name)
        if path.is_dir():
            path.rename(space.path / "was")
        path.unlink(missing_ok=True)
        path.symlink_to(target.filled(to))
        space.git("add", "-f", name)

    return attack


def _both(*attacks: Attack) -> Attack:
    def attack(space: Workspace, target: Target) -> None:
        for each in attacks:
            each(space, target)

    return attack


def _moved_folder(space: Workspace, target: Target) -> None:
    """The default branch has no params.yaml of that path."""
    (space.path / "labels").rename(space.path / "moved")
    (space.path / "labels").symlink_to("moved")
    space.edit("moved/params.yaml", target.ours, target.evil)


def _snapshot_md5(space: Workspace) -> str:
    lines = space.read("labels/dvc.lock").partition("path: data/snapshot\n")[2].split()
    return lines[lines.index("md5:", lines.index("md5") + 1) + 1]


def _hash(space: Workspace, target: Target) -> None:
    space.edit("labels/dvc.lock", _snapshot_md5(space), "../../../../../../outside/victim")


def _listing(space: Workspace, target: Target) -> None:
    """A listing with a path out of its folder, in a remote that the pull request brings along."""
    evil = hashlib.md5(b"evil", usedforsecurity=False).hexdigest()
    listing = json.dumps([{"md5": evil, "relpath": "../../../../outside/x"}]).encode()
    digest = hashlib.md5(listing, usedforsecurity=False).hexdigest() + ".dir"
    for name, content in ((digest, listing), (evil, b"evil")):
        path = space.path / "store" / "files" / "md5" / name[:2] / name[2:]
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    space.store(space.path / "store")
    space.edit("labels/dvc.lock", _snapshot_md5(space), digest)


_GITMODULES = """\
[submodule "labels/data"]
    path = labels/data
    url = EVIL
    update = !touch OUTSIDE/x
"""
_DVC_CONFIG = """\
[core]
    remote = store
[cache]
    dir = OUTSIDE
['remote "store"']
    url = OUTSIDE
"""

ATTACKS: Mapping[str, Attack] = {
    "url": _edit(("params.yaml", "OURS", "EVIL")),
    "url in another folder": _moved_folder,
    "url with a user": _edit(("params.yaml", "OURS", "OURS@HOST")),
    "env with an address": _write("labels/.env", "LABEL_STUDIO_URL=EVIL\n"),
    "env with a key": _write("labels/.env", "LABEL_STUDIO_URL=EVIL\nLABEL_STUDIO_API_KEY=x\n"),
    "linked env": _link("labels/.env", "OUTSIDE/victim"),
    "media": _edit(("params.yaml", "  layout", "  media: {hosts: [HOST], buckets: [b]}\n  layout")),
    "data above": _edit(("params.yaml", "data: data", "data: ../../outside")),
    "reports elsewhere": _edit(("params.yaml", "reports: reports", "reports: OUTSIDE")),
    "linked data": _link("labels/data", "OUTSIDE"),
    "linked data in git": _link("labels/data", "../.git/hooks"),
    "linked reports": _link("labels/reports", "OUTSIDE"),
    "linked pin": _link("labels/labels.lock", "OUTSIDE/victim"),
    "linked dvc.lock": _link("labels/dvc.lock", "OUTSIDE/victim"),
    "linked params.yaml": _link("labels/params.yaml", "OUTSIDE/victim"),
    "linked dvc.yaml": _link("labels/dvc.yaml", "OUTSIDE/victim"),
    "linked folder": _link("labels", "OUTSIDE"),
    "linked .dvc/tmp": _link(".dvc/tmp", "OUTSIDE"),
    "linked .dvc/cache": _link(".dvc/cache", "OUTSIDE"),
    "linked .github": _link(".github", "OUTSIDE"),
    "out above": _edit(
        ("dvc.yaml", "data/snapshot", "../../outside/snapshot"),
        ("dvc.lock", "data/snapshot", "../../outside/snapshot"),
    ),
    "out behind a link": _both(
        _link("labels/other", "OUTSIDE"),
        _edit(
            ("dvc.yaml", "data/snapshot", "other/snapshot"),
            ("dvc.lock", "data/snapshot", "other/snapshot"),
        ),
    ),
    "wdir": _edit(("dvc.yaml", "    cmd:", "    wdir: OUTSIDE\n    cmd:")),
    "hash": _hash,
    "listing": _listing,
    "pin": _edit(("labels.lock", "md5: ", "md5: ../../../../outside/victim # ")),
    "huge pin": _write("labels/labels.lock", "a: " + "[" * 100_000),
    "command": _edit(("dvc.yaml", "cmd: ls-dvc", "cmd: touch OUTSIDE/x; ls-dvc")),
    "submodule": _write(".gitmodules", _GITMODULES),
    "filters": _both(
        _write(".gitattributes", "* filter=evil diff=evil merge=evil\n"),
        _write(".lfsconfig", "[lfs]\n    url = EVIL\n"),
    ),
    "cache elsewhere": _write(".dvc/config", _DVC_CONFIG),
    "python modules": _both(
        *(
            _write(f"labels/{name}.py", textwrap.dedent("open('OUTSIDE/x', 'w')\n"))
            for name in ("dvc", "git", "click", "sitecustomize", "yaml", "httpx")
        )
    ),
}
