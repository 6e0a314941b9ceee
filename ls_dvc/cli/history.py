"""Commands about the versions in git's history: log, show, diff, blame, get."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ls_dvc.cli import output, version_tables
from ls_dvc.cli.session import Session, cli

if TYPE_CHECKING:
    from collections.abc import Callable

    from ls_dvc.history.log import VersionEntry

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@cli.command("log")
@click.argument("what", nargs=-1, metavar="[REVISIONS | DIR]...")
@click.option("--oneline", is_flag=True, help="Print a short line for each version.")
@click.option("--faults", is_flag=True, help="Say how many faults `check` reported in each.")
@AS_JSON
@click.pass_obj
def log_command(
    session: Session, what: tuple[str, ...], oneline: bool, faults: bool, as_json: bool
) -> None:
    """List the versions, newest first: every commit that changed the pinned labels.

    REVISIONS as in `git log`: v1..v2, or --all after a --. DIR is the folder of a data set, for
    repositories that have several.
    """
    from ls_dvc.history.log import log
    from ls_dvc.io.iso_time import parse_time

    folders = [session.folder / name for name in what if (session.folder / name).is_dir()]
    revisions = [name for name in what if not (session.folder / name).is_dir()]
    entries = [entry for folder in folders or [session.folder] for entry in log(folder, revisions)]
    if len(folders) > 1:
        entries.sort(key=lambda entry: parse_time(entry.date), reverse=True)
    warn_of_shallow(session)
    counts = _fault_counts(session, entries) if faults and entries else []
    if as_json:
        documents = [entry_document(entry) for entry in entries]
        for document, count in zip(documents, counts, strict=False):
            document["faults"] = count
        output.document(documents, indent=2)
    elif not entries:
        session.reporter().say("no commit pins labels here")
    elif oneline:
        output.write(*map(version_tables.oneline, entries))
    else:
        output.write(version_tables.log(entries, with_path=len(folders) > 1, faults=counts))


def _fault_counts(session: Session, entries: list[VersionEntry]) -> list[int | None]:
    from ls_dvc.commands.fault_history import fault_counts

    return fault_counts(session.folder, entries)


@cli.command("show")
@click.argument("rev", required=False)
@AS_JSON
@click.pass_obj
def show_command(session: Session, rev: str | None, as_json: bool) -> None:
    """Show one version: its pin, counts, what each format left out, and where its data is.

    REV is a commit; without it, the version in the workspace.
    """
    from ls_dvc.commands.show import show
    from ls_dvc.history.version import version_at

    workspace = session.workspace()
    summary = show(workspace, version_at(workspace, rev))
    if as_json:
        output.document(summary.document(), indent=2)
    else:
        output.write(*version_tables.show(summary))


@cli.command()
@click.argument("a", default="HEAD")
@click.argument("b", required=False)
@click.option("--stat", is_flag=True, help="Print only counts.")
@click.option("--markdown", is_flag=True, help="Print Markdown for a pull request comment.")
@click.option(
    "--limit",
    default=20,
    show_default=True,
    metavar="N",
    help="With --markdown: list N tasks of each kind of change.",
)
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a page that shows the changes on the images, texts and recordings.",
)
@click.option(
    "--max-size",
    default=25,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="MB",
    help="With --html: how large the page may get; images beyond are left out.",
)
@click.option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a picture (SVG) of the 24 tasks with the largest changes.",
)
@click.option("--no-images", is_flag=True, help="With --html and --sheet: leave out the images.")
@AS_JSON
@click.pass_obj
def diff(
    session: Session,
    a: str,
    b: str | None,
    stat: bool,
    markdown: bool,
    limit: int,
    page: Path | None,
    max_size: int,
    sheet: Path | None,
    no_images: bool,
    as_json: bool,
) -> None:
    """Compare the labels of two versions.

    A is the older commit, HEAD unless given; B is the newer one, the workspace unless given.
    """
    if page is not None:
        _write_page(session, a, b, page, max_size, images=not no_images)
    if sheet is not None:
        _write_sheet(session, a, b, sheet, images=not no_images)
    if page is not None or sheet is not None:
        return
    from ls_dvc.commands.diff import diff_versions
    from ls_dvc.labeldiff.render import plain_text
    from ls_dvc.labeldiff.render.markdown import pull_request_comment

    changes, names, link = diff_versions(session.workspace(), a, b)
    if as_json:
        output.document(changes.document(), indent=2)
    elif stat:
        output.write(*version_tables.diff_stat(changes))
    elif markdown:
        faults = _faults(session, a, b, link)
        output.write_text(pull_request_comment(changes, names, link, limit, faults))
    else:
        output.write(*version_tables.diff_text(plain_text.text(changes, names).rstrip("\n")))


def _faults(session: Session, a: str, b: str | None, link: Callable[[int], str]) -> list[str]:
    """The part of the comment about faults, where both versions have a report of them."""
    from ls_dvc.check.render import markdown
    from ls_dvc.commands.fault_history import fault_changes

    changes = fault_changes(session.workspace(), a, b)
    return [markdown.section(changes, link)] if changes else []


def _write_page(
    session: Session, a: str, b: str | None, page: Path, max_size: int, *, images: bool
) -> None:
    from ls_dvc.commands.diff_page import write_diff_page
    from ls_dvc.io.byte_sizes import in_units

    path, report = session.folder / page, session.reporter()
    workspace, most = session.workspace(), max_size * 1_000_000
    result = write_diff_page(workspace, a, b, path, most, report, images=images)
    if result.tasks_left_out:
        report.say(
            f"{result.tasks_left_out:,} tasks are not in the page, which would be larger than "
            f"--max-size {max_size}"
        )
    if result.images_left_out:
        report.say(
            f"{result.images_left_out:,} images are not in the page: they cannot be read, or the "
            f"page would be larger than --max-size {max_size}"
        )
    output.write(f"wrote {page}: {result.tasks:,} tasks, {in_units(result.size)}")


def _write_sheet(session: Session, a: str, b: str | None, sheet: Path, *, images: bool) -> None:
    from ls_dvc.commands.diff_sheet import write_diff_sheet
    from ls_dvc.io.byte_sizes import in_units

    path, report = session.folder / sheet, session.reporter()
    result = write_diff_sheet(session.workspace(), a, b, path, report, images=images)
    shown = f"{result.shown:,} of {result.tasks:,} tasks"
    output.write(f"wrote {sheet}: {shown}, {in_units(result.size)}")


@cli.command("blame")
@click.argument("what", metavar="TASK | FAULT")
@AS_JSON
@click.pass_obj
def blame_command(session: Session, what: str, as_json: bool) -> None:
    """List the versions that added, changed or removed TASK (a task's id), newest first.

    Of a FAULT, by its number in `ls-dvc check`: the commits in which it came and went.
    """
    from ls_dvc.commands.fault_history import NAME

    if NAME.fullmatch(what):
        _blame_fault(session, what, as_json=as_json)
        return
    if not re.fullmatch(r"0*[1-9][0-9]{0,17}", what):
        raise click.UsageError(f"{what!r} is neither the id of a task nor a fault")
    _blame_task(session, int(what), as_json=as_json)


def _blame_fault(session: Session, name: str, *, as_json: bool) -> None:
    from ls_dvc.commands.fault_history import blame_fault

    steps = blame_fault(session.workspace(), name)
    warn_of_shallow(session)
    if not as_json:
        output.write(*(line for step in steps for line in version_tables.fault_step(step)))
        return
    documents = [
        {
            **{key: getattr(step.commit, key) for key in ("rev", "date", "author", "subject")},
            "came": step.came,
            "fault": {**vars(step.fault), "regions": [*step.fault.regions]},
        }
        for step in steps
    ]
    output.document(documents, indent=2)


def _blame_task(session: Session, task: int, *, as_json: bool) -> None:
    from ls_dvc.commands.blame import blame

    changes = blame(session.workspace(), task)
    if as_json:
        documents = [
            {
                **entry_document(version.entry),
                "change": version.change.document() if version.change else None,
            }
            for version in changes
        ]
        output.document(documents, indent=2)
        return
    for version in changes:
        output.write(*version_tables.blame(version))


@cli.command("get")
@click.argument("rev")
@click.argument("folder", metavar="DIR")
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help="Only this format; can be given several times.",
)
@click.pass_obj
def get_command(session: Session, rev: str, folder: str, formats: tuple[str, ...]) -> None:
    """Write the data set of commit REV to the new folder DIR. The workspace stays as it is."""
    from ls_dvc.commands.get import get
    from ls_dvc.history.version import version_of_commit
    from ls_dvc.settings import rules

    for name in formats:
        rules.require_format(name, served=True)
    workspace = session.workspace()
    version = version_of_commit(workspace, rev)
    result = get(workspace, version, session.folder / folder, formats, session.reporter())
    how = "converted" if result.converted else "copied"
    output.write(f"{how} {', '.join(result.formats)} of {result.fingerprint[:12]} to {folder}")


def entry_document(entry: VersionEntry) -> dict[str, object]:
    """The JSON of a version."""
    document = {**vars(entry), "tags": list(entry.tags)}
    media = document.pop("media")
    counts = {name: getattr(media, name) for name in ("files", "bytes", "missing")} if media else {}
    return {**document, **({"media": counts} if media else {})}


def warn_of_shallow(session: Session) -> None:
    """A line on stderr where the history of the clone is cut off."""
    from ls_dvc.repo import git

    if git.is_shallow(session.folder):
        session.reporter().say(
            "this clone is shallow, so older versions are missing: run `git fetch --unshallow`"
        )
