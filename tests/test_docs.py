"""The documents say what the code does: commands, options, settings, formats, exit codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ls_dvc import cli
from ls_dvc.cli import boundary
from ls_dvc.formats import FORMATS
from ls_dvc.params import Params

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[str]:
    return [line for line in section(title).splitlines() if line.startswith("| `")]


COMMANDS = rows("Commands")


def commands(group: click.Group = cli.cli, name: str = "ls-dvc") -> Iterator[tuple[str, str]]:
    """(command, its longest option name) for every option; ("command", "") for the command."""
    for each, command in group.commands.items():
        yield f"{name} {each}", ""
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield f"{name} {each}", max(parameter.opts, key=len)


@pytest.mark.parametrize(("command", "option"), list(commands()))
def test_every_command_and_option_is_documented(command: str, option: str) -> None:
    row = next(line for line in COMMANDS if f"`{command}`" in line)
    assert not option or re.search(rf"{option}\b", row), f"{option} is missing in: {row}"


def test_no_command_or_option_is_made_up() -> None:
    known = {each for pair in commands() for each in pair}
    known |= {option for each in cli.cli.params for option in each.opts}
    for row in COMMANDS:
        for found in re.findall(r"`(ls-dvc [a-z]+)", row):
            assert found in known
        for found in re.findall(r"(--[a-z-]+)", row):
            assert found in known, f"{found} in: {row}"


def test_every_setting_is_documented() -> None:
    table = [[each.strip(" `") for each in row.split("|")[1:3]] for row in rows("Settings")]
    assert [name for name, _ in table] == list(Params.model_fields)
    for name, told in table:
        default = Params.model_fields[name].get_default()
        assert not told or name == "formats" or told == str(default)


def test_every_format_is_documented() -> None:
    assert re.findall(r"`([A-Z_]+)`(?=.* \| )", section("Formats")) == list(FORMATS)


def test_every_exit_code_is_documented() -> None:
    codes = {int(each) for each in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert codes == {
        boundary.OK,
        boundary.USER,
        boundary.USAGE,
        boundary.BUG,
        boundary.MOVED,
        boundary.INTERRUPTED,
    }


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_two_commands_exist(target: str) -> None:
    assert f"$ make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
