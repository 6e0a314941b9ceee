"""What the command line prints: help in groups, tables on terminals of any width and in pipes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.pins import PIN
from support.terminal import on_terminal
from support.workspace import Workspace

from ls_dvc import cli
from ls_dvc.cli import output
from ls_dvc.cli.console import reporter
from ls_dvc.cli.help_groups import GROUPS
from ls_dvc.cli.output import Mark, Table, marked
from ls_dvc.pin import lockfile
from ls_dvc.pin.pin import TaskChangeCounts

COLOUR = re.compile("\x1b\\[[0-9;]*m")
AUTHOR = "Annabelle Longname of the [red]labeling[/red] team"
HOSTILE = "Eve\x1b[2J\x07 \u202elive\u202c"
VISIBLE = "Eve\\x1b[2J\\x07 \\u202elive\\u202c"


def test_every_command_is_in_a_group() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(cli.cli.commands)


def test_no_line_of_the_help_is_cut_at_80_columns() -> None:
    text = CliRunner().invoke(cli.cli, ["--help"], terminal_width=80).output
    assert max(map(len, text.splitlines())) <= 80
    for title, commands in GROUPS.items():
        assert f"\n{title}:\n" in text
        for name, line in commands.items():
            assert len(line) <= 45
            assert re.search(rf"^  {name} +{re.escape(line)}$", text, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(cli.cli.commands))
def test_the_help_of_a_command(name: str) -> None:
    text = CliRunner().invoke(cli.cli, [name, "--help"], terminal_width=80).output
    assert max(map(len, text.splitlines())) <= 80
    assert "..." not in text.replace("COMMAND...", "").replace("]...", "")


@pytest.fixture
def repo(tmp_path: Path) -> Workspace:
    """Three versions in git, by authors with long and with hostile names."""
    space = Workspace(tmp_path)
    space.git("init", "-q", "-b", "main")
    for number, author in enumerate([AUTHOR, HOSTILE, AUTHOR]):
        changes = TaskChangeCounts(f"{number - 1:064x}", 1, 2, 3) if number else None
        pin = replace(PIN, fingerprint=f"{number:064x}", tasks=10, changes=changes)
        space.path.joinpath("labels.lock").write_text(lockfile.dump(pin))
        space.git("add", "-A")
        space.git("commit", "-qm", f"labels {number}", "--author", f"{author} <a@example.com>")
    return space


def test_a_table_fits_a_narrow_terminal(repo: Workspace) -> None:
    text = COLOUR.sub("", on_terminal(repo, "log", columns=80))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) > 4, "cells were wrapped"
    words = {word for line in lines for word in line.split()}
    assert {"Annabelle", "Longname", "annotations", "commit"} <= words
    for rev in repo.git("log", "--format=%h").out.split():
        assert rev[:7] in words, "never wrapped"


def test_a_table_on_a_wide_terminal(repo: Workspace) -> None:
    text = COLOUR.sub("", on_terminal(repo, "log", columns=200))
    assert len(text.splitlines()) == 4
    assert AUTHOR in text, "no markup"
    assert VISIBLE in text, "no commands for the terminal"


def test_colours_of_what_changed(repo: Workspace) -> None:
    text = on_terminal(repo, "log", columns=200)
    assert "\x1b[32m+10\x1b[0m ~0 -0" in text
    assert "\x1b[32m+1\x1b[0m \x1b[33m~2\x1b[0m \x1b[31m-3\x1b[0m" in text
    assert "\x1b[2J" not in text
    assert "\x07" not in text


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours(repo: Workspace, env: dict[str, str]) -> None:
    text = on_terminal(repo, "log", columns=80, **env)
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_in_a_pipe_a_row_is_a_line(repo: Workspace) -> None:
    text = repo.ls("log", COLUMNS="40", FORCE_COLOR="1").out
    assert text == repo.ls("log", COLUMNS="200").out
    head, *rows = text.splitlines()
    assert head.split() == [
        *("commit", "date", "author", "tasks", "annotations", "changed", "labels", "tag")
    ]
    assert len(rows) == 3
    assert AUTHOR in rows[0]
    assert VISIBLE in rows[1]
    assert "\x1b" not in text
    assert rows[0].index("+1 ~2 -3") == rows[2].index("+10 ~0 -0"), "in columns"


def test_messages_hold_no_commands_for_a_terminal(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    name = "\x1b[2J\u202e"
    ran = space.ls("-C", name, "status", code=1)
    assert ran.err.startswith("error: there is no folder \\x1b[2J\\u202e\n")


def test_progress_holds_no_commands_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    reporter(quiet=False).say("a \x1b[2J\nb")
    assert capsys.readouterr().err == "a \\x1b[2J\nb\n"


def test_lines_of_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [["a", marked("+1", Mark.ADDED)], ["long\n", "-10"]]
    output.write("x\ny\x1b", Table(rows, ["name", "n"], right=(1,), indent=2))
    assert capsys.readouterr().out == "x\ny\\x1b\n  name      n\n  a        +1\n  long\\n  -10\n"
