"""What a server answers, as types: one for each kind of answer, decoded in this one place.

Fields that are not listed are skipped without being read. What does not fit is an `AnswerError`,
which names the address and the field, never the value: it may be personal.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from ls_dvc.io import canonical_json
from ls_dvc.io.iso_time import parse_time
from ls_dvc.server.interface import LARGEST_ID
from ls_dvc.server.refusals import AnswerError

Answered = TypeVar("Answered")

Number = Annotated[int, Meta(ge=0, le=LARGEST_ID)]
Md5 = Annotated[str, Meta(pattern=r"^([0-9a-f]{32})?$")]
Moment = Annotated[datetime, Meta(tz=True)]
Scalar = str | int | float | bool | None


class Answer(Struct, frozen=True, kw_only=True):
    """What all answers have in common: they do not change."""


class Numbered(Answer, frozen=True, kw_only=True):
    """A thing of which only the number is needed: a user, a new project, a new view."""

    id: Number


class ProjectAnswer(Answer, frozen=True, kw_only=True):
    """A project, with the counts that a probe looks at."""

    title: str | None
    label_config: str | None
    total_annotations_number: Number | None = None
    total_predictions_number: Number | None = None
    skipped_annotations_number: Number | None = None


class ListedProject(Numbered, frozen=True, kw_only=True):
    """A project in a list."""

    title: str | None = None


class ProjectList(Answer, frozen=True, kw_only=True):
    """A page of projects."""

    results: list[ListedProject]


class TaskRow(Numbered, frozen=True, kw_only=True):
    """A task in the Data Manager: its number, and when it was changed where that was asked."""

    updated_at: str = ""

    def __post_init__(self) -> None:
        """The time stays as the server writes it, but it is one."""
        if self.updated_at:
            parse_time(self.updated_at)


class TaskPage(Answer, frozen=True, kw_only=True):
    """A page of tasks; the totals are over all pages."""

    total: Number
    total_annotations: Number
    total_predictions: Number
    tasks: list[TaskRow] = []


class CountedTask(Numbered, frozen=True, kw_only=True):
    """A task in the Data Manager, with what it holds."""

    total_annotations: Number
    cancelled_annotations: Number
    total_predictions: Number


class NewTasks(Answer, frozen=True, kw_only=True):
    """The newest tasks of a project, and how many it has."""

    total: Number
    tasks: list[CountedTask]


class SampledTask(Numbered, frozen=True, kw_only=True):
    """A task with what is labeled."""

    data: dict[str, Any]


class TaskSample(Answer, frozen=True, kw_only=True):
    """Some tasks."""

    tasks: list[SampledTask]


class Release(Answer, frozen=True, kw_only=True):
    """What runs there."""

    release: str


class Summary(Answer, frozen=True, kw_only=True):
    """What a project's summary says of data and labels. Its form is the server's own affair."""

    all_data_columns: Any = None
    created_labels: Any = None
    created_annotations: Any = None

    def __post_init__(self) -> None:
        """It can be written again: it is compared by its digest."""
        canonical_json.line([self.all_data_columns, self.created_labels, self.created_annotations])


class ModelVersions(Answer, frozen=True, kw_only=True):
    """The models that predicted; each with its name, how much it predicted, and when."""

    static: list[dict[str, Scalar]] | None = None


class ViewData(Answer, frozen=True, kw_only=True):
    """What people set in a view; the rest of it is the page's own affair."""

    title: Any = ""
    filters: Any = None
    selected: Any = msgspec.field(default=None, name="selectedItems")

    def __post_init__(self) -> None:
        """It can be written again: filters are compared by their digest."""
        canonical_json.line([self.title, self.filters, self.selected])


class ListedView(Numbered, frozen=True, kw_only=True):
    """A view of the Data Manager; of no project where there is no such view."""

    project: Number
    data: ViewData | None = None


class Counters(Answer, frozen=True, kw_only=True):
    """What a snapshot counts."""

    task_number: Number = 0


class ConvertedFormat(Answer, frozen=True, kw_only=True):
    """What became of a conversion of a snapshot."""

    export_type: str = ""
    status: str = ""


class ExportAnswer(Numbered, frozen=True, kw_only=True):
    """An export snapshot. `md5` is there when it is `completed`."""

    title: str | None
    created_at: Moment
    status: str
    md5: Md5 | None = None
    counters: Counters | None = None
    converted_formats: list[ConvertedFormat] | None = None

    def __post_init__(self) -> None:
        """One that is completed has an MD5."""
        if self.status == "completed" and not self.md5:
            raise ValueError("Expected an `md5` in a completed snapshot")

    @property
    def tasks(self) -> int:
        """How many tasks it holds."""
        return self.counters.task_number if self.counters else 0


class OfferedFormat(Answer, frozen=True, kw_only=True):
    """A format that the server can write, and whether the label config has no use for it."""

    name: str
    disabled: bool | None = None


class ImportAnswer(Answer, frozen=True, kw_only=True):
    """What became of an import; some editions import after they have answered, without numbers."""

    task_ids: list[Number] | None = None
    annotation_count: Number | None = None
    prediction_count: Number | None = None
    file_upload_ids: list[Number] | None = None

    @property
    def counts(self) -> tuple[int, int | None, int | None]:
        """How many tasks, annotations and predictions were made."""
        return len(self.task_ids or ()), self.annotation_count, self.prediction_count


class StoredUpload(Numbered, frozen=True, kw_only=True):
    """A file that was uploaded: its path below the server's media."""

    file: str


class Ignored(Answer, frozen=True, kw_only=True):
    """An object of which nothing is needed."""


def decode(content: bytes, kind: type[Answered], url: str, path: str) -> Answered:
    """The answer in `content`, sent by `path` on `url`; `AnswerError` when it is no `kind`."""
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError as error:
        why = f"{url}/{path} answers in an unknown form: {error!s:.200}"
    except (msgspec.MsgspecError, ValueError, RecursionError):  # no JSON, or 1,000 levels of it
        why = f"{url} does not answer like a Label Studio server (/{path})"
    raise AnswerError(
        why,
        "check LABEL_STUDIO_URL, or label_studio.url in params.yaml, and that ls-dvc knows this "
        "version of Label Studio",
    )
