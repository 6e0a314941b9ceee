"""Use case: bring a version of the labels back into Label Studio, as a new project."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ls_dvc.commands.restore_uploads import OpenMedia, RestoredUploads
from ls_dvc.commands.unfinished_restore import NOT_NOTED, UnfinishedRestores
from ls_dvc.errors import LsDvcError, ServerError
from ls_dvc.labels import label_config
from ls_dvc.labels.canonical import Annotation, Task
from ls_dvc.progress import Progress, Reporter
from ls_dvc.server.uploads import Upload
from ls_dvc.snapshot.snapshot_folder import SnapshotFolder

BATCH_TASKS = 1000
BATCH_BYTES = 1_000_000  # gateways commonly refuse bodies over 1 MiB
TITLE_LENGTH = (3, 50)  # what Label Studio takes, in characters


class NewProject(Protocol):
    """What a restore asks of a server; implemented by `server.new_project.LabelStudioProjects`."""

    @property
    def url(self) -> str:
        """The address."""

    def users(self) -> frozenset[int]:
        """The ids of all users that may be named as annotators."""

    def create(self, title: str, label_config: str) -> int:
        """The number of a new, empty project; its config was checked."""

    def add(self, project_id: int, tasks: Sequence[dict[str, Any]], before: int) -> list[int]:
        """Import tasks into a project that has `before` of them; the new ids in their order."""

    def upload(self, project_id: int, files: Iterable[Upload]) -> Iterator[str]:
        """Upload files to a project; the address of each, in order."""

    def totals(self, project_id: int) -> tuple[int, int, int]:
        """How many tasks, annotations (not skipped) and predictions a project has."""

    def finish(self, project_id: int, title: str, label_config: str) -> None:
        """Give a project its title and config."""

    def remove(self, title: str) -> None:
        """Remove every project with exactly this title."""


@dataclass(frozen=True)
class RestoreResult:
    """A version that was restored as a project.

    `annotations` counts those that were not skipped. `task_ids` leads from each old id to the
    new one. `reassigned` annotations belong to the key's user now: the server does not
    know who made them (`unknown_annotators`, by id), or nobody was noted.
    """

    project_id: int
    title: str
    url: str
    tasks: int
    annotations: int
    predictions: int
    reassigned: int
    unknown_annotators: tuple[int, ...]
    task_ids: Mapping[int, int] = field(repr=False)

    def document(self) -> dict[str, Any]:
        """The JSON of it; old task ids are text because JSON's keys are."""
        ids = {str(old): new for old, new in self.task_ids.items()}
        return {**vars(self), "unknown_annotators": list(self.unknown_annotators), "task_ids": ids}


def restore(
    server: NewProject,
    folder: SnapshotFolder,
    title: str,
    report: Reporter,
    open_media: OpenMedia | None = None,
    unfinished: UnfinishedRestores = NOT_NOTED,
) -> RestoreResult:
    """A new project with the label config, tasks, annotations and predictions in `folder`.

    Annotations keep what was drawn, whether they were skipped or are ground truth, the time they
    took, and who made them where the server knows that user's number (on another server a number
    may be somebody else's). Pinned uploads, which `open_media` opens, are uploaded again. Other
    data is taken as it is: the server shows other uploads for as long as it has their project;
    cloud storage has to be connected to the new project, and not synced.
    The server gives new ids and dates to everything. The dates follow the old ones, so the
    annotation that counted for a task counts again. Until it is whole the project has no config
    and a title that says so; when anything fails, it is removed again.
    """
    label_config.parse(config := folder.config(), f"the label config in {folder.source}")
    _check(title)
    imported = _ImportedTasks(server.users())
    uploads = RestoredUploads(folder, open_media) if open_media else None
    total = folder.manifest.counts.tasks
    with unfinished.project(server, report) as name, report.bar("restoring tasks", total) as bar:
        project_id = server.create(name, config)
        ids = _fill(server, project_id, map(imported.task, folder.tasks()), uploads, bar)
        _check_complete(imported, server.totals(project_id))
        server.finish(project_id, title, config)
    imported.report_reassigned(report)
    return RestoreResult(
        project_id=project_id,
        title=title,
        url=f"{server.url}/projects/{project_id}/data",
        tasks=imported.tasks,
        annotations=imported.annotations,
        predictions=imported.predictions,
        reassigned=imported.reassigned.total(),
        unknown_annotators=imported.unknown,
        task_ids=ids,
    )


def _fill(
    server: NewProject,
    project_id: int,
    tasks: Iterable[dict[str, Any]],
    uploads: RestoredUploads | None,
    bar: Progress,
) -> dict[int, int]:
    """Import tasks, and the uploads that they show; the new id by the old one."""
    ids: dict[int, int] = {}
    for batch in _batches(tasks):
        moved = uploads.moved(server, project_id, batch) if uploads else batch
        new = server.add(project_id, moved, len(ids))
        ids.update(zip((task["id"] for task in batch), new, strict=True))
        bar.advance(len(batch))
    return ids


def title_for(project: str, revision: str) -> str:
    """A title that says what a project was and when, cut to what Label Studio takes."""
    longest = TITLE_LENGTH[1]
    end = f" @ {revision}"[:longest]
    return f"{project[: longest - len(end)]}{end}".strip()


@dataclass
class _ImportedTasks:
    """Tasks as an import takes them, and what they hold, counted as they pass."""

    users: frozenset[int]
    tasks: int = 0
    annotations: int = 0
    predictions: int = 0
    reassigned: Counter[int | None] = field(default_factory=Counter)

    @property
    def unknown(self) -> tuple[int, ...]:
        """The annotators that the server does not know."""
        return tuple(sorted(annotator for annotator in self.reassigned if annotator is not None))

    def task(self, task: Task) -> dict[str, Any]:
        """The import form of a canonical task. Its id is there for messages alone."""
        in_time = sorted(task["annotations"], key=_creation)  # the last one counts, here as there
        self.tasks += 1
        self.annotations += sum(not annotation.get("was_cancelled") for annotation in in_time)
        self.predictions += len(task["predictions"])
        return {
            "id": task["id"],
            "data": task["data"],
            "meta": task.get("meta", {}),
            "annotations": [self._annotation(annotation) for annotation in in_time],
            "predictions": [_prediction(prediction) for prediction in task["predictions"]],
        }

    def report_reassigned(self, report: Reporter) -> None:
        """Report annotations whose annotator the server does not know."""
        if self.reassigned:
            users = ", ".join(map(str, self.unknown))
            why = f" (users unknown to the server: {users})" if users else ""
            count = self.reassigned.total()
            report.say(f"annotations assigned to the API key's user: {count}{why}")

    def _annotation(self, annotation: Annotation) -> dict[str, Any]:
        """What is left out has a default: ground truth, and made by the key's user."""
        author = annotation.get("completed_by")
        imported_annotation = {
            "id": annotation.get("id"),  # becomes its import_id
            "result": annotation["result"],
            "was_cancelled": annotation.get("was_cancelled", False),
            "ground_truth": annotation.get("ground_truth", False),
            "lead_time": annotation.get("lead_time"),
        }
        if author in self.users:
            return {**imported_annotation, "completed_by": author}
        self.reassigned[author] += 1
        return imported_annotation


def _prediction(prediction: Mapping[str, Any]) -> dict[str, Any]:
    """A model version of None is kept, a missing one becomes "undefined"; {} is read as none."""
    return {
        "result": prediction.get("result", {}),
        "score": prediction.get("score"),
        "model_version": prediction.get("model_version"),
    }


def _creation(annotation: Annotation) -> tuple[str, int]:
    return str(annotation.get("created_at", "")), annotation.get("id", 0)


def _batches(tasks: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """`tasks` in lists that are small enough for one request; a huge task goes alone."""
    batch: list[dict[str, Any]] = []
    size = 0
    for task in tasks:
        length = _length(task)
        if batch and (len(batch) == BATCH_TASKS or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(task)
        size += length
    if batch:
        yield batch


def _length(task: Mapping[str, Any]) -> int:
    """Bytes of a task in a request. `LsDvcError` for what no request can hold."""
    try:
        written = json.dumps(task, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return len(written.encode()) + 1
    except ValueError as error:  # half a character, or no number
        raise LsDvcError(
            f"task {task['id']} cannot go back into Label Studio: {error}",
            "Label Studio refuses such a value, or cannot export it again",
        ) from error


def _check(title: str) -> None:
    shortest, longest = TITLE_LENGTH
    if not shortest <= len(title) <= longest:
        raise LsDvcError(
            f"a project cannot be called {title!r}",
            f"Label Studio takes titles of {shortest} to {longest} characters",
        )


def _check_complete(imported: _ImportedTasks, totals: tuple[int, int, int]) -> None:
    for what, expected, actual in zip(
        ("tasks", "annotations", "predictions"),
        (imported.tasks, imported.annotations, imported.predictions),
        totals,
        strict=True,
    ):
        if actual != expected:
            raise ServerError(
                f"the new project has {actual} {what}, {expected} were sent", "try again"
            )
