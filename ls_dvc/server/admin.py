"""What people do in Label Studio's pages, for the demo and the tests: create, label, change."""

from __future__ import annotations

from typing import Any

import httpx

from ls_dvc.errors import ServerError
from ls_dvc.server.pool import open_pool

SECONDS = 120.0


class Admin:
    """Makes projects, tasks and annotations on a server."""

    def __init__(self, url: str, api_key: str) -> None:
        self._http = open_pool(
            url, base_url=url, headers={"Authorization": f"Token {api_key}"}, timeout=SECONDS
        )

    def call(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """The JSON that answers; `ServerError` with status and text when it is a refusal."""
        return self._json(self._http.request(method, path, json=body, params=params))

    def create_project(self, title: str, label_config: str) -> int:
        """A new project; its number."""
        body = {"title": title, "label_config": label_config}
        return int(self.call("POST", "/api/projects/", body)["id"])

    def upload(self, project_id: int, files: dict[str, bytes]) -> dict[str, str]:
        """Put files on the server without making tasks; the path in `/data/upload/…` of each."""
        paths = {}
        for name, content in files.items():
            upload = self._json(
                self._http.post(
                    f"/api/projects/{project_id}/import",
                    params={"commit_to_project": "false"},
                    files={name: (name, content)},
                )
            )
            stored = self.call("GET", f"/api/import/file-upload/{upload['file_upload_ids'][0]}")
            paths[name] = f"/data/{stored['file']}"
        return paths

    def import_tasks(self, project_id: int, tasks: list[dict[str, Any]]) -> list[int]:
        """New tasks, with the annotations and predictions they hold; their ids in order."""
        path = f"/api/projects/{project_id}/import"
        return list(self.call("POST", path, tasks, return_task_ids="1")["task_ids"])

    def create_annotation(self, task_id: int, result: list[Any], **fields: Any) -> int:
        """A new annotation; its id."""
        path = f"/api/tasks/{task_id}/annotations/"
        return int(self.call("POST", path, {"result": result, **fields})["id"])

    def update_annotation(self, annotation_id: int, result: list[Any]) -> None:
        """Other regions in an annotation."""
        self.call("PATCH", f"/api/annotations/{annotation_id}/", {"result": result})

    def delete_task(self, task_id: int) -> None:
        """A task and all of its annotations are gone."""
        self.call("DELETE", f"/api/tasks/{task_id}/")

    def patch_project(self, project_id: int, **fields: Any) -> None:
        """Change settings of a project, such as `label_config`."""
        self.call("PATCH", f"/api/projects/{project_id}/", fields)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _json(self, answer: httpx.Response) -> Any:
        if answer.status_code >= 400:
            request = f"{answer.request.method} {answer.request.url.path}"
            raise ServerError(f"{request}: HTTP {answer.status_code}: {answer.text[:300]}")
        return answer.json() if answer.content else None
