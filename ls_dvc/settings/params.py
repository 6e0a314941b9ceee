"""What shapes the data: the block `label_studio` of params.yaml, and nothing else of that file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.interface import Layout
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io import canonical_json, yaml_files
from ls_dvc.io.files import is_there
from ls_dvc.labels.policy import POLICIES, TASKS, Filter, KeypointSettings, Policy, Split
from ls_dvc.repo import git
from ls_dvc.settings import engines
from ls_dvc.settings.check import CheckSettings
from ls_dvc.settings.engines import Engine
from ls_dvc.settings.media import MediaSettings
from ls_dvc.settings.rules import (
    class_renames,
    distinct_formats,
    folder_below,
    format_name,
    server_url,
    split_shares,
)
from ls_dvc.settings.schema import InvalidSettingError, Settings, between, build, nearest

NAME = "params.yaml"
BLOCK = "label_studio"
CONVERTING = (
    "annotations",
    "engines",
    "filter",
    "formats",
    "gates",
    "keypoints",
    "layout",
    "split",
)  # what convert depends on


FolderName = Annotated[str, folder_below]
FormatName = Annotated[str, format_name]
Share = Annotated[float, between(0, 1)]
Count = Annotated[int, between(1)]


class AnnotationSettings(Settings, frozen=True, kw_only=True):
    """Which annotations of a task are selected. A bare policy is short for `{policy: …}`."""

    SHORTHAND: ClassVar[str] = "policy"

    policy: Literal[POLICIES] = "latest"  # type: ignore[valid-type]
    """Which annotation of a task is used: the `latest` or the `first` by time of creation, the
    latest that is marked as ground truth, `all`, or the `majority` of choices (everything else
    from the latest). Instead of a mapping, `annotations: latest` sets this alone."""
    fallback: bool = True
    """With `ground_truth`: use the latest annotation of a task that has no ground truth.
    `false` leaves such tasks out."""
    skipped: bool = False
    """Use skipped annotations too."""
    predictions: bool = False
    """Use the prediction with the best score where nobody annotated the task."""


class LabelFilter(Settings, frozen=True, kw_only=True):
    """Which labels of regions are wanted."""

    keep: list[str] = []
    """Keep only regions all of whose labels are among these."""
    drop: list[str] = []
    """Leave out regions that have one of these labels."""


class TaskFilter(Settings, frozen=True, kw_only=True):
    """Which tasks and regions are wanted."""

    tasks: Literal[TASKS] | None = None  # type: ignore[valid-type]
    """Only tasks that have regions (`labeled`), that somebody submitted and did not skip
    (`finished`), or that have a ground truth annotation (`ground_truth`)."""
    labels: LabelFilter = LabelFilter()
    """Which labels of regions: `{keep: [Car]}` or `{drop: [Other]}`."""
    data: dict[str, Any] = {}
    """Only tasks whose data has these values: `{camera: left}`."""
    transcripts: str | list[str] = []
    """The `TextArea` (a name, or several) whose texts `ASR_MANIFEST` writes; all unless set."""


class GateSettings(Settings, frozen=True, kw_only=True):
    """When `convert` stops instead of writing. Shares are between 0 and 1."""

    max_dropped: Share | None = None
    """Largest share of regions that a format may leave out."""
    max_shrink: Share | None = None
    """Largest share of tasks that may be missing compared with the version before."""
    min_tasks: Annotated[int, between(0)] | None = None
    """Smallest number of tasks in a format."""
    unknown_labels: Literal["list", "fail"] = "list"
    """What to do with labels that no label config had: `list` them in the ledger, or `fail`."""
    allow_empty: bool | list[FormatName] = False
    """Formats that may have no region although the project has labels; `true` for all."""

    def allows_empty(self, name: str) -> bool:
        """Whether this format may have no region although the project has labels."""
        allowed = self.allow_empty
        return allowed if isinstance(allowed, bool) else name in allowed


class UpdateSettings(Settings, frozen=True, kw_only=True):
    """How labels are asked for.

    `tasks_per_snapshot` is the most that one request asks for; it asks for fewer where the server
    is slow. `jobs` requests run at once. After `full_every` deltas everything is exported again.
    `method: bulk` asks once for all tasks, and leaves no snapshot on the server. With a `view` of
    the Data Manager only the tasks that it shows are taken. A server that converts has
    `conversion_seconds` for each format.
    """

    method: Literal["snapshots", "bulk"] = "snapshots"
    """`snapshots` creates export snapshots on the server, which can be downloaded again.
    `bulk` asks for all tasks in one request and leaves nothing on the server."""
    view: Count | None = None
    """Only the tasks that this view of the Data Manager shows: the number after `tab=` in its
    address."""
    tasks_per_snapshot: Count = 20_000
    """Most tasks in one export snapshot. Fewer are asked for when the server is slow."""
    jobs: Annotated[int, between(1, 16)] = 1
    """Export snapshots that the server works on at the same time."""
    full_every: Annotated[int, between(0)] = 50
    """Export all tasks again after this many deltas."""
    conversion_seconds: Count = 1800
    """How long the server may take to convert to one format."""
    deadline_seconds: Count = 86_400
    """How long one command may go on asking the server and fetching media; a day unless set."""

    def __post_init__(self) -> None:
        if self.method == "bulk" and self.view is not None:
            raise ValueError("bulk asks for all tasks, so it cannot go with a view")


class ClassSettings(Settings, frozen=True, kw_only=True):
    """What classes are called now that were called otherwise; the ids stay."""

    rename: Annotated[dict[str, str], class_renames] = {}
    """`{Auto: Car}`: the class keeps its id under the new name, and regions with the old name
    belong to it. Takes effect with the next `ls-dvc update`."""


class KeypointObjectSettings(Settings, frozen=True, kw_only=True):
    """What key points without a box or another shape are, in COCO and YOLO_POSE."""

    object: Literal["auto", "image", "none"] = "auto"
    """`image`: all of an image are one object. `none`: they belong to no object. `auto`: `image`
    where the label config has at least two key point labels and at most one label of objects, the
    image has nothing else, and no label twice."""
    label: str | None = None
    """The class of such objects, where the label config has several."""
    group_by: str | None = None
    """Name of a control that is asked about each key point (`perRegion`): those with the same
    answer are one object."""


class Params(Settings, frozen=True, kw_only=True):
    """The settings. Folders are relative to the one of params.yaml, with forward slashes."""

    url: Annotated[str, server_url] | None = None
    """Address of the Label Studio server. `LABEL_STUDIO_URL` in the environment takes
    precedence."""
    project_id: Count
    """Number of the project, as in its address: `…/projects/42/data`."""
    formats: Annotated[list[FormatName], distinct_formats]
    """The formats that `ls-dvc convert` writes, for example `[COCO, YOLO]`."""
    engines: dict[str, Engine] = {}
    """Who writes a format: `{YOLO: server}` is Label Studio's server, `{YOLO: ls-dvc}` the
    default."""
    annotations: AnnotationSettings = AnnotationSettings()
    """Which annotations of a task are used."""
    filter: TaskFilter = TaskFilter()
    """Which tasks and regions are used."""
    split: Annotated[dict[str, Any], split_shares] = {}
    """Shares of the splits: `{train: 0.8, val: 0.1, test: 0.1, by: image}`. A task stays in its
    split for good; tasks with the same value of `by` are in the same split."""
    gates: GateSettings = GateSettings()
    """When the conversion stops with an error instead of writing."""
    check: CheckSettings = CheckSettings()
    """Which faults of the labels are looked for."""
    classes: ClassSettings = ClassSettings()
    """Renamed classes."""
    layout: Layout = "loose"
    """How many files a format has: `loose`, `tar` (small files in one archive for 1,000 task
    ids) or `shards` (as `tar`, and single documents in one for 1,000 task ids)."""
    keypoints: KeypointObjectSettings = KeypointObjectSettings()
    """What key points without a box are."""
    media: MediaSettings | None = None
    """Which media come with the labels; without it labels come alone. Run `ls-dvc init` after it
    was added or removed."""
    data: FolderName = "data"
    """Folder of `snapshot/` and `dataset/`. Run `ls-dvc init` after a change."""
    reports: FolderName = "reports"
    """Folder of the reports. Run `ls-dvc init` after a change."""
    update: UpdateSettings = UpdateSettings()
    """How `ls-dvc update` asks for labels."""

    @property
    def fetched_media(self) -> MediaSettings | None:
        """The settings of media if any are wanted."""
        wanted = self.media is not None and self.media.tasks != "none"
        return self.media if wanted else None

    @property
    def converting(self) -> str:
        """The SHA-256 of all that `convert` depends on, in canonical form."""
        chosen = {name: value for name, value in self.chosen().items() if name in CONVERTING}
        return canonical_json.digest(canonical_json.document(chosen))

    @property
    def served(self) -> dict[str, bool]:
        """The formats that the server is to write; True where ls-dvc may write it if that fails."""
        return engines.served(self.engines)

    @property
    def encoded_formats(self) -> list[str]:
        """The formats that ls-dvc writes itself."""
        return [name for name in self.formats if name not in self.served]

    @property
    def policy(self) -> Policy:
        """What counts."""
        transcripts = self.filter.transcripts
        labels, shares = self.filter.labels, {k: v for k, v in self.split.items() if k != "by"}
        return Policy(
            annotations=self.annotations.policy,
            fallback=self.annotations.fallback,
            skipped=self.annotations.skipped,
            predictions=self.annotations.predictions,
            filter=Filter(
                self.filter.tasks, frozenset(labels.keep), frozenset(labels.drop), self.filter.data
            ),
            transcripts=(transcripts,) if isinstance(transcripts, str) else tuple(transcripts),
            split=Split(tuple(shares.items()), self.split.get("by")) if shares else None,
            keypoints=KeypointSettings(**self.keypoints.plain()),
        )


def read(path: Path) -> Params:
    """The settings in `path`; `LsDvcError` names the key, the file and the nearest right name."""
    if not is_there(path):
        init = "run `ls-dvc init` in the folder of the data set"
        raise LsDvcError(f"there is no {path}", git.how_to_get(path, init))
    document = yaml_files.load(path)
    if not isinstance(document, Mapping) or not isinstance(document.get(BLOCK), Mapping):
        names = document if isinstance(document, Mapping) else ()
        raise LsDvcError(
            f"{path} has no block {BLOCK}{nearest(BLOCK, names)}", "run `ls-dvc init` to add it"
        )
    return of(document[BLOCK], path)


def of(block: Mapping[str, Any], path: Path) -> Params:
    """The settings that a block holds; errors name `path`."""
    try:
        params = build(Params, block, BLOCK)
    except InvalidSettingError as error:
        raise LsDvcError(f"{error.key} in {path}: {error.why}", _hint(error)) from None
    if wrong := engines.problem(params.formats, params.engines, tuple(_not_on_server(params))):
        key, why = wrong
        raise LsDvcError(f"{BLOCK}.{key} in {path}: {why}", _ENGINES)
    return params


_ENGINES = f"label_studio.engines names who writes a format, ls-dvc unless set: {engines.FORMS}"


def _not_on_server(params: Params) -> Iterator[str]:
    """Names of the settings that differ from their defaults and that no server supports."""
    defaults = Params(project_id=params.project_id, formats=params.formats)
    for name in ("annotations", "filter", "split", "layout", "keypoints"):
        if getattr(params, name) != getattr(defaults, name):
            yield name
    if params.classes.rename:
        yield "classes.rename"
    gates = params.gates
    if gates.max_dropped is not None:
        yield "gates.max_dropped"
    if gates.min_tasks is not None:
        yield "gates.min_tasks"
    if gates.unknown_labels != "list":
        yield "gates.unknown_labels"
    if params.update.method == "bulk":
        yield "update.method"


def _hint(error: InvalidSettingError) -> str:
    if error.key == f"{BLOCK}.project_id":
        return "it is the number in the project's address: …/projects/42/data"
    if error.key.startswith(f"{BLOCK}.formats"):
        return f"formats are {', '.join(FORMATS)}"
    if error.key.startswith(f"{BLOCK}.engines"):
        return _ENGINES
    if error.known:
        return f"settings of {error.key.rpartition('.')[0]} are {', '.join(error.known)}"
    return ""
