"""Behind PostgreSQL, gunicorn, nginx, TLS of a private authority, a path and an office's proxy."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("trustme")
pytest.importorskip("gunicorn")

from support import main_story, production
from support.postgres import ServersOnPostgres

from ls_dvc.server.admin import Admin


@pytest.mark.soak
def test_the_main_story_in_an_office(
    servers_on_postgres: ServersOnPostgres,
    nginx_program: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = servers_on_postgres.studio.api_key
    with (
        production.gunicorn(servers_on_postgres, tmp_path) as upstream,
        production.tls(upstream, nginx_program, tmp_path) as office,
    ):
        for name, value in office.env.items():
            monkeypatch.setenv(name, value)
        admin = Admin(production.URL, key)
        main_story.play(tmp_path / "repo", production.URL, admin, key, **office.env)
        admin.close()
        assert office.proxy.refused == []
        asked = {answer.path for answer in office.gateway.answers()}
        assert any("/data/upload/" in path for path in asked)
        assert all(path.startswith(production.PATH) for path in asked)
