"""Command prune."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import click

from ls_dvc.cli import output
from ls_dvc.cli.output import Cell, Mark, Table
from ls_dvc.cli.session import Session, cli
from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from ls_dvc.commands.prune import MinimumAge, PruneResult
    from ls_dvc.pin.references import References
    from ls_dvc.server.cache import UnneededFile
    from ls_dvc.server.interface import ServerSnapshot
    from ls_dvc.server.project import LabelStudioProject
    from ls_dvc.workspace import Workspace

    Removal = PruneResult[ServerSnapshot] | PruneResult[UnneededFile]


@cli.command("prune")
@click.option("--dry-run", is_flag=True, help="List what would be removed; remove nothing.")
@click.option(
    "--older-than",
    type=click.IntRange(min=0),
    default=14,
    show_default=True,
    metavar="DAYS",
    help="Keep what is newer: another clone may have pinned it without pushing yet.",
)
@click.option("--cache-only", is_flag=True, help="Remove nothing from the server.")
@click.option("--server-only", is_flag=True, help="Remove nothing from the side cache.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def prune_command(
    session: Session,
    dry_run: bool,
    older_than: int,
    cache_only: bool,
    server_only: bool,
    as_json: bool,
) -> None:
    """Remove export snapshots, downloaded files and media that no commit needs.

    A snapshot is needed if a labels.lock names it in a branch, tag, stash or worktree of this
    repository, or in a branch or tag of its remotes. Snapshots that people made in Label Studio
    are never removed. Media that DVC's cache has are of no need, either. If another repository
    pins the same project, use --cache-only.
    """
    from ls_dvc.commands.prune import MinimumAge, needed
    from ls_dvc.server.snapshots import SHOWN

    _check_scope(cache_only, server_only)
    workspace = session.workspace()
    age = MinimumAge(timedelta(days=older_than), datetime.now(timezone.utc))
    removals: list[Removal] = []
    with workspace.writing():
        references = needed(workspace, of_remotes=not cache_only)
        server = None if cache_only else session.server(workspace)
        options = {"dry_run": dry_run, "cache": not server_only}
        found = _removals(workspace, server, references, age, **options)
        try:
            removals.extend(found)
        finally:
            if removals and not as_json:
                output.write(_table(removals, workspace, dry_run=dry_run))
        incomplete = server is not None and len(server.listed()) >= SHOWN
    if as_json:
        output.document({**_document(removals, dry_run=dry_run), "more": incomplete})
    else:
        output.write(_total(removals, dry_run=dry_run))
    if incomplete:
        note = f"note: the server lists only its newest {SHOWN} snapshots; older ones stay"
        session.reporter().say(note)
    _check_removed(removals)


def _check_scope(cache_only: bool, server_only: bool) -> None:
    if cache_only and server_only:
        raise LsDvcError(
            "--cache-only and --server-only together leave nothing to remove", "use one of them"
        )


def _check_removed(removals: Sequence[Removal]) -> None:
    failed = [removal for removal in removals if removal.error]
    if failed:
        raise LsDvcError(f"{len(failed)} of {len(removals)} could not be removed", _hint(failed))


def _removals(
    workspace: Workspace,
    server: LabelStudioProject | None,
    needed: References,
    age: MinimumAge,
    *,
    dry_run: bool,
    cache: bool,
) -> Iterator[Removal]:
    """Remove one thing after the other."""
    from ls_dvc.commands.prune import in_cache, in_parts, on_server
    from ls_dvc.commands.prune_media import in_media_store, remove_media
    from ls_dvc.io import kept_parts

    if server is not None:
        yield from on_server(server.listed, _keep if dry_run else server.remove, needed, age)
    if cache:
        remove = _keep if dry_run else workspace.cache.remove
        yield from in_cache(workspace.cache, remove, needed, age)
        remove_parts = _keep if dry_run else kept_parts.remove
        yield from in_parts(workspace.cache.parts, remove_parts, age)
        unlink = _keep if dry_run else remove_media
        yield from in_media_store(workspace, unlink, needed, age)


def _hint(failed: Sequence[Removal]) -> str:
    errors = (removal.error for removal in failed)
    return next((error.hint for error in errors if error and error.hint), "")


def _keep(what: object) -> None:
    """Remove nothing, for a dry run."""


def _table(removals: Sequence[Removal], workspace: Workspace, *, dry_run: bool) -> Table:
    rows = [
        [_state(removal, dry_run=dry_run), *_description(removal.what, workspace), _why(removal)]
        for removal in removals
    ]
    return Table(rows, fixed=(0,))


def _state(removal: Removal, *, dry_run: bool) -> Cell:
    if removal.error:
        return output.marked("cannot remove", Mark.CHANGED)
    return output.marked("would remove" if dry_run else "removed", Mark.REMOVED)


def _why(removal: Removal) -> str:
    return str(removal.error or "")


def _description(what: ServerSnapshot | UnneededFile, workspace: Workspace) -> list[str]:
    """What it is, its name, its age and its size."""
    from ls_dvc.server.cache import UnneededFile

    if isinstance(what, UnneededFile):
        used_at = datetime.fromtimestamp(what.used_at, timezone.utc)
        path = str(what.path.relative_to(workspace.cache.root))
        return ["side cache", path, f"{used_at:%Y-%m-%d}", f"{what.size} bytes"]
    return [
        f"snapshot {what.id}",
        what.title,
        f"{what.made_at:%Y-%m-%d}",
        f"{what.tasks} tasks",
    ]


def _total(removals: Sequence[Removal], *, dry_run: bool) -> str:
    from ls_dvc.server.cache import UnneededFile

    removed = [removal.what for removal in removals if not removal.error]
    files = [what for what in removed if isinstance(what, UnneededFile)]
    size = sum(file.size for file in files)
    return (
        f"{'would remove' if dry_run else 'removed'} {len(removed) - len(files)} snapshots from "
        f"the server, {len(files)} files ({size} bytes) from the side cache"
    )


def _document(removals: Sequence[Removal], *, dry_run: bool) -> dict[str, Any]:
    from ls_dvc.server.cache import UnneededFile

    files = [removal for removal in removals if isinstance(removal.what, UnneededFile)]
    snapshots = [removal for removal in removals if not isinstance(removal.what, UnneededFile)]
    return {
        "dry_run": dry_run,
        "snapshots": [_removal_document(removal) for removal in snapshots],
        "files": [_removal_document(removal) for removal in files],
    }


def _removal_document(removal: Removal) -> dict[str, Any]:
    from ls_dvc.server.cache import UnneededFile

    what, error = removal.what, str(removal.error) if removal.error else None
    if isinstance(what, UnneededFile):
        return {"path": str(what.path), "bytes": what.size, "error": error}
    return {
        "id": what.id,
        "title": what.title,
        "made_at": what.made_at.isoformat(),
        "tasks": what.tasks,
        "error": error,
    }
