"""Clients of a running Label Studio, with short waits."""

from __future__ import annotations

from ls_dvc.demo.label_studio import LocalServer
from ls_dvc.server.client import Client
from ls_dvc.server.project import LabelStudioProject
from ls_dvc.server.snapshots import PollSettings
from ls_dvc.settings.connection import Connection

CONFIG = (
    '<View><Text name="text" value="$text"/><Labels name="ner" toName="text">'
    '<Label value="PER"/><Label value="ORG"/></Labels></View>'
)


QUICK = PollSettings(answer=20, ready=1.5, lookup=5, first_wait=0.02, attempts=3)


OPEN: list[Client] = []


def client_at(url: str, key: str) -> Client:
    OPEN.append(Client(Connection(url, key)))
    return OPEN[-1]


def at(url: str, studio: LocalServer, project: int, key: str = "") -> LabelStudioProject:
    return LabelStudioProject(client_at(url, key or studio.api_key), project, QUICK)
