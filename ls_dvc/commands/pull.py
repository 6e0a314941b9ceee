"""`dvc pull` of a data set, for a commit of somebody who is not trusted."""

from __future__ import annotations

from pathlib import Path

from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files
from ls_dvc.io.strict_values import relative_path
from ls_dvc.repo import dvc, dvc_lock, git, paths, pipeline, tracked_links
from ls_dvc.repo.git_command import find_repository
from ls_dvc.settings import known_servers
from ls_dvc.workspace import Workspace


def pull(workspace: Workspace) -> None:
    """Bring the data that dvc.lock names from DVC's remote.

    DVC itself writes through links, and where the listing of a folder says. Here that is an
    `LsDvcError` before anything is written into the workspace.
    """
    folder = workspace.folder
    stages = pipeline.stage_names(folder)
    lock = yaml_files.read_text(workspace.dvc_lock)
    outs = [
        out
        for out in dvc_lock.outs(lock, str(workspace.dvc_lock))
        if out.stage.partition("@")[0] in stages
    ]
    _require_known_settings(folder)
    _require_plain(folder, stages)
    tracked_links.require_none(folder, [_inside(out.path) for out in outs])
    dvc.run(folder, "fetch", *stages)
    store = dvc.DvcStore(paths.dvc_root(folder))
    for out in outs:
        if out.md5.endswith(".dir"):
            store.listing(out.md5)
    dvc.run(folder, "checkout", *stages)


def _require_known_settings(folder: Path) -> None:
    """DVC's settings say where its cache and its remote are, and which programs it runs."""
    path = paths.dvc_root(folder) / ".dvc" / "config"
    repository = find_repository(folder)
    branch = known_servers.default_branch(repository) if repository else None
    if repository is None or branch is None:
        return
    name = path.relative_to(repository.root).as_posix()
    (known,) = git.contents(repository.root, [(branch, name)])
    if (known or "") != (yaml_files.read_text(path) if path.exists() else ""):
        raise LsDvcError(
            f"{path} is not that of {branch}, so it may lead DVC anywhere",
            "run `dvc pull` if you trust it, then `ls-dvc verify`",
        )


def _require_plain(folder: Path, stages: list[str]) -> None:
    """No stage has another folder than its dvc.yaml: the paths in dvc.lock are from there."""
    path = folder / pipeline.DVC_YAML
    for name in stages:
        if "wdir" in yaml_files.load(path)["stages"][name]:
            raise LsDvcError(
                f"the stage {name} in {path} has a `wdir`, so its paths cannot be checked",
                "run `dvc pull` if you trust it, then `ls-dvc verify`",
            )


def _inside(path: str) -> str:
    try:
        return relative_path(path)
    except ValueError:
        raise LsDvcError(
            f"{dvc_lock.NAME} names {path!r}, which is not below its folder",
            "check out another commit: ls-dvc writes no data there",
        ) from None
