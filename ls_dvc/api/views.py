"""What the functions of the API return: values that notebooks and consoles show in their own way.

`_repr_html_` is what Jupyter asks for: a fragment of HTML of bounded size, without script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ls_dvc.commands.diff_page import config_of
from ls_dvc.history.log import VersionEntry
from ls_dvc.history.open_snapshot import open_snapshot
from ls_dvc.history.version import Version
from ls_dvc.io.printable import printable
from ls_dvc.labeldiff import LabelDiff
from ls_dvc.labeldiff.render import plain_text
from ls_dvc.labels.canonical import Task
from ls_dvc.pages import fragments
from ls_dvc.pages.fragments import VersionRow
from ls_dvc.workspace import Workspace

SHOWN = 20  # versions in a console


class VersionList(list[VersionEntry]):
    """Versions, newest first."""

    def __repr__(self) -> str:
        lines = [_line(entry) for entry in self[:SHOWN]]
        more = [f"… and {len(self) - SHOWN:,} more"] if len(self) > SHOWN else []
        return "\n".join([*lines, *more]) or "no versions"

    def _repr_html_(self) -> str:
        return fragments.of_versions([_row(entry) for entry in self])


@dataclass(frozen=True, repr=False)
class VersionDiff(LabelDiff):
    """A label diff that knows what its versions are called: `names`, before and after.

    `command` is the command line that writes all of it to a page.
    """

    names: tuple[str, str]
    command: str

    def __repr__(self) -> str:
        names = " -> ".join(map(printable, self.names))
        return f"<labels {names}: {plain_text.stat(self)}>"

    def _repr_html_(self) -> str:
        return fragments.of_diff(self, self.names, self.command)


@dataclass(frozen=True, repr=False)
class VersionTasks(Iterable[Task]):
    """The tasks of a version, ordered by id. Each iteration reads them anew, shard by shard."""

    version: Version
    _workspace: Workspace = field(compare=False)

    def __iter__(self) -> Iterator[Task]:
        with open_snapshot(self._workspace, self.version) as folder:
            yield from folder.tasks()

    def __len__(self) -> int:
        return self.version.pin.tasks

    def __repr__(self) -> str:
        tasks = f"{len(self):,} {'task' if len(self) == 1 else 'tasks'}"
        return f"<{tasks} of {self._title}>"

    def _repr_html_(self) -> str:
        with open_snapshot(self._workspace, self.version) as folder:
            first, config = list(islice(folder.tasks(), fragments.TASKS)), config_of(folder).config
        return fragments.of_tasks(self._title, len(self), first, config)

    @property
    def _title(self) -> str:
        version = self.version
        return f"{printable(version.name)} (labels {version.pin.fingerprint[:12]})"


@dataclass(frozen=True, repr=False)
class ShownTask:
    """A task that was drawn: `html`, and `text` for a console."""

    html: str
    text: str

    def __repr__(self) -> str:
        return f"<{self.text}>"

    def _repr_html_(self) -> str:
        return self.html


def _row(entry: VersionEntry) -> VersionRow:
    return VersionRow(
        rev=entry.rev,
        date=entry.date[:10],
        tags=entry.tags,
        tasks=entry.tasks,
        annotations=entry.annotations,
        changes=_changes(entry),
        subject=entry.subject,
    )


def _line(entry: VersionEntry) -> str:
    tags = f"({', '.join(entry.tags)})" if entry.tags else ""
    count = f"{entry.tasks:,} tasks"
    parts: Sequence[str] = [entry.rev[:9], entry.date[:10], count, _changes(entry), tags]
    return printable(" ".join(filter(None, [*parts, entry.subject])))


def _changes(entry: VersionEntry) -> str:
    """Such as `+3 ~2`: tasks added, changed and removed; empty where the pin does not say."""
    counts = {"+": entry.added, "~": entry.changed, "-": entry.removed}
    return " ".join(f"{sign}{count:,}" for sign, count in counts.items() if count)
