"""What shapes the data: the block `label_studio` of params.yaml, and nothing else of that file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.interface import Layout
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io import yaml_files
from ls_dvc.labels.policy import POLICIES, TASKS, Filter, Policy, Split
from ls_dvc.settings import engines
from ls_dvc.settings.engines import Engine
from ls_dvc.settings.rules import _distinct, _folder, _format, _renames, _split, _url
from ls_dvc.settings.schema import InvalidSettingError, Settings, between, build, nearest

NAME = "params.yaml"
BLOCK = "label_studio"


FolderName = Annotated[str, _folder]
Share = Annotated[float, between(0, 1)]
Count = Annotated[int, between(1)]


class AnnotationSettings(Settings, frozen=True, kw_only=True):
    """Which annotations of a task count."""

    policy: Literal[POLICIES] = "latest"  # type: ignore[valid-type]
    fallback: bool = True
    skipped: bool = False
    predictions: bool = False


class LabelFilter(Settings, frozen=True, kw_only=True):
    """Which labels of regions are wanted."""

    keep: list[str] = []
    drop: list[str] = []


class TaskFilter(Settings, frozen=True, kw_only=True):
    """Which tasks and regions are wanted."""

    tasks: Literal[TASKS] | None = None  # type: ignore[valid-type]
    labels: LabelFilter = LabelFilter()
    data: dict[str, Any] = {}


class GateSettings(Settings, frozen=True, kw_only=True):
    """When to stop rather than to write. Shares are between 0 and 1."""

    max_dropped: Share | None = None
    max_shrink: Share | None = None
    min_tasks: Annotated[int, between(0)] | None = None
    unknown_labels: Literal["list", "fail"] = "list"


class UpdateSettings(Settings, frozen=True, kw_only=True):
    """How labels are asked for.

    `tasks_per_snapshot` is the most that one request asks for; it asks for fewer where the server
    is slow. `jobs` requests run at once. After `full_every` deltas everything is taken anew.
    `method: bulk` asks once for all tasks, and leaves no snapshot on the server. With a `view` of
    the Data Manager only the tasks that it shows are taken. A server that converts has
    `conversion_seconds` for each format.
    """

    method: Literal["snapshots", "bulk"] = "snapshots"
    view: Count | None = None
    tasks_per_snapshot: Count = 20_000
    jobs: Annotated[int, between(1, 16)] = 1
    full_every: Annotated[int, between(0)] = 50
    conversion_seconds: Count = 1800

    def __post_init__(self) -> None:
        if self.method == "bulk" and self.view is not None:
            raise ValueError("bulk asks for all tasks, so it cannot go with a view")


class ClassSettings(Settings, frozen=True, kw_only=True):
    """What classes are called now that were called otherwise; the ids stay."""

    rename: Annotated[dict[str, str], _renames] = {}


class Params(Settings, frozen=True, kw_only=True):
    """The settings. Folders are relative to the one of params.yaml, with forward slashes."""

    url: Annotated[str, _url] | None = None
    project_id: Count
    formats: Annotated[list[Annotated[str, _format]], _distinct]
    engines: dict[str, Engine] = {}
    annotations: AnnotationSettings = AnnotationSettings()
    filter: TaskFilter = TaskFilter()
    split: Annotated[dict[str, Any], _split] = {}
    gates: GateSettings = GateSettings()
    classes: ClassSettings = ClassSettings()
    layout: Layout = "loose"
    data: FolderName = "data"
    reports: FolderName = "reports"
    update: UpdateSettings = UpdateSettings()

    @property
    def served(self) -> dict[str, bool]:
        """The formats that the server is to write; True where our own converter may stand in."""
        return engines.served(self.engines)

    @property
    def policy(self) -> Policy:
        """What counts."""
        labels, shares = self.filter.labels, {k: v for k, v in self.split.items() if k != "by"}
        return Policy(
            annotations=self.annotations.policy,
            fallback=self.annotations.fallback,
            skipped=self.annotations.skipped,
            predictions=self.annotations.predictions,
            filter=Filter(
                self.filter.tasks, frozenset(labels.keep), frozenset(labels.drop), self.filter.data
            ),
            split=Split(tuple(shares.items()), self.split.get("by")) if shares else None,
        )


def read(path: Path) -> Params:
    """The settings in `path`; `LsDvcError` names the key, the file and the nearest right name."""
    if not path.exists():
        raise LsDvcError(f"there is no {path}", "run `ls-dvc init` in the folder of the data set")
    document = yaml_files.load(path)
    if not isinstance(document, Mapping) or not isinstance(document.get(BLOCK), Mapping):
        found = document if isinstance(document, Mapping) else ()
        raise LsDvcError(
            f"{path} has no block {BLOCK}{nearest(BLOCK, found)}", "`ls-dvc init` adds it"
        )
    return of(document[BLOCK], path)


def of(block: Mapping[str, Any], path: Path) -> Params:
    """The settings that a block holds; errors name `path`."""
    policy = block.get("annotations")  # it alone may stand for all of them
    given = {**block, "annotations": {"policy": policy}} if isinstance(policy, str) else block
    try:
        made = build(Params, given, BLOCK)
    except InvalidSettingError as error:
        raise LsDvcError(f"{error.key} in {path}: {error.why}", _hint(error)) from None
    if wrong := engines.problem(made.formats, made.engines, tuple(_unknown_to_servers(made))):
        key, why = wrong
        raise LsDvcError(f"{BLOCK}.{key} in {path}: {why}", _ENGINES)
    return made


_ENGINES = "label_studio.engines says who writes a format; one that is not named there, ls-dvc does"


def _unknown_to_servers(made: Params) -> Iterator[str]:
    """Settings by which the bytes would be others than those that a server writes."""
    untouched = Params(project_id=made.project_id, formats=made.formats)
    for name in ("annotations", "filter", "split", "layout"):
        if getattr(made, name) != getattr(untouched, name):
            yield name
    if made.classes.rename:
        yield "classes.rename"
    gates = made.gates
    if gates.max_dropped is not None:
        yield "gates.max_dropped"
    if gates.min_tasks is not None:
        yield "gates.min_tasks"
    if gates.unknown_labels != "list":
        yield "gates.unknown_labels"
    if made.update.method == "bulk":
        yield "update.method"


def _hint(error: InvalidSettingError) -> str:
    if error.key == f"{BLOCK}.project_id":
        return "it is the number in the project's address: …/projects/42/data"
    if error.key.startswith(f"{BLOCK}.formats"):
        return f"formats are {', '.join(FORMATS)}"
    if error.known:
        return f"settings of {error.key.rpartition('.')[0]} are {', '.join(error.known)}"
    return ""
