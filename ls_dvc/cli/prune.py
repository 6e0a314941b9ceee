"""The command that removes what no version needs any more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import click

from ls_dvc.cli.session import Session, cli
from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    from ls_dvc.commands.prune import PruneResult, SnapshotAge
    from ls_dvc.pin.references import References
    from ls_dvc.server.cache import UnneededFile
    from ls_dvc.server.interface import ServerSnapshot
    from ls_dvc.server.project import LabelStudioProject
    from ls_dvc.workspace import Workspace

    Gone = PruneResult[ServerSnapshot] | PruneResult[UnneededFile]


@cli.command()
@click.option("--dry-run", is_flag=True, help="Tell what would go; remove nothing.")
@click.option(
    "--older-than",
    type=click.IntRange(min=0),
    default=14,
    show_default=True,
    metavar="DAYS",
    help="Keep what is younger: another clone may have pinned it and not pushed yet.",
)
@click.option("--cache-only", is_flag=True, help="Leave the server alone.")
@click.option("--server-only", is_flag=True, help="Leave the side cache alone.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def prune(
    session: Session,
    dry_run: bool,
    older_than: int,
    cache_only: bool,
    server_only: bool,
    as_json: bool,
) -> None:
    """Remove snapshots of ours and downloads that no commit's pin needs.

    Needed is what any labels.lock names that a branch, tag, stash or work tree of this repository
    or a branch or tag of its remotes can reach. Snapshots that others made stay. Another
    repository that pins the same project is not known here: do not prune its server.
    """
    from ls_dvc.commands import prune as room
    from ls_dvc.server.snapshots import SHOWN

    if cache_only and server_only:
        raise LsDvcError("--cache-only and --server-only leave nothing to do", "give one of them")
    workspace = session.workspace()
    age = room.SnapshotAge(timedelta(days=older_than), datetime.now(timezone.utc))
    with workspace.writing():
        needed = room.needed(workspace, of_remotes=not cache_only)
        server = None if cache_only else session.server(workspace)
        done: list[Gone] = []
        for each in _each(workspace, server, needed, age, dry_run=dry_run, cache=not server_only):
            done.append(each)
            if not as_json:
                click.echo(_line(each, workspace, dry_run=dry_run))
        more = server is not None and len(server.listed()) >= SHOWN
    if as_json:
        click.echo(json.dumps({**_document(done, dry_run=dry_run), "more": more}))
    else:
        click.echo(_total(done, dry_run=dry_run))
    if more:
        session.reporter().say(
            f"note: the server shows its newest {SHOWN} snapshots only; older ones cannot be seen"
        )
    failed = [each for each in done if each.error]
    if failed:
        raise LsDvcError(f"{len(failed)} of {len(done)} could not be removed", _hint(failed))


def _each(
    workspace: Workspace,
    server: LabelStudioProject | None,
    needed: References,
    age: SnapshotAge,
    *,
    dry_run: bool,
    cache: bool,
) -> Iterator[Gone]:
    from ls_dvc.commands import prune as room

    if server is not None:
        remove = _leave if dry_run else server.remove
        yield from room.on_server(server.listed, remove, needed, age)
    if cache:
        remove_file = _leave if dry_run else workspace.cache.remove
        yield from room.in_cache(workspace.cache, remove_file, needed, age)


def _hint(failed: Sequence[Gone]) -> str:
    return next((each.error.hint for each in failed if each.error and each.error.hint), "")


def _leave(what: object) -> None:
    """What a dry run does to a thing."""


def _line(each: Gone, workspace: Workspace, *, dry_run: bool) -> str:
    verb = "cannot remove" if each.error else "would remove" if dry_run else "removed"
    why = f": {each.error}" if each.error else ""
    return f"{verb} {_words(each.what, workspace)}{why}"


def _words(what: ServerSnapshot | UnneededFile, workspace: Workspace) -> str:
    from ls_dvc.server.cache import UnneededFile

    if isinstance(what, UnneededFile):
        return (
            f"{what.path.relative_to(workspace.cache.root)} from the side cache, {what.size} bytes"
        )
    return f"snapshot {what.id} ({what.title}) of {what.made_at:%Y-%m-%d}, {what.tasks} tasks"


def _total(done: Sequence[Gone], *, dry_run: bool) -> str:
    from ls_dvc.server.cache import UnneededFile

    gone = [each.what for each in done if not each.error]
    files = [each for each in gone if isinstance(each, UnneededFile)]
    size = sum(each.size for each in files)
    return (
        f"{'would remove' if dry_run else 'removed'} {len(gone) - len(files)} snapshots from the "
        f"server, {len(files)} files ({size} bytes) from the side cache"
    )


def _document(done: Sequence[Gone], *, dry_run: bool) -> dict[str, Any]:
    from ls_dvc.server.cache import UnneededFile

    files = [each for each in done if isinstance(each.what, UnneededFile)]
    snapshots = [each for each in done if not isinstance(each.what, UnneededFile)]
    return {
        "dry_run": dry_run,
        "snapshots": [_entry(each) for each in snapshots],
        "files": [_entry(each) for each in files],
    }


def _entry(each: Gone) -> dict[str, Any]:
    from ls_dvc.server.cache import UnneededFile

    error = str(each.error) if each.error else None
    if isinstance(each.what, UnneededFile):
        return {"path": str(each.what.path), "bytes": each.what.size, "error": error}
    what = each.what
    made_at = what.made_at.isoformat()
    facts = {"id": what.id, "title": what.title, "made_at": made_at, "tasks": what.tasks}
    return {**facts, "error": error}
