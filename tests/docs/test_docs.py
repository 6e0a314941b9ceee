"""The documents say what the code does: commands, options, settings, formats, exit codes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from support.workspace import Workspace

import ls_dvc
from ls_dvc import cli
from ls_dvc.cli import boundary
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io import yaml_files
from ls_dvc.settings import schema
from ls_dvc.settings.engines import SERVED
from ls_dvc.settings.params import Params, UpdateSettings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


DOCS = {path.name: path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[str]:
    return [line for line in section(title).splitlines() if line.startswith("| `")]


COMMANDS = rows("Commands")
WRITTEN = yaml_files.load(ROOT / "params.yaml")["label_studio"]


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


@pytest.mark.parametrize("page", list(DOCS))
def test_every_command_line_in_a_page_is_right(page: str) -> None:
    """Commands that a reader copies: known, with options that they have."""
    known = {key: set[str]() for key in cli.cli.commands}
    for command, option in commands():
        known[command.split()[1]].add(option)
    both = re.findall(r"(?:`|\$ |&& )ls-dvc((?: [^`\n#&|;>]*)?)", DOCS[page])
    ours = (part for each in both for part in each.split(" -- ls-dvc"))
    for words in (each.partition(" -- ")[0].split() for each in ours):
        if "-C" in words:
            words = words[: words.index("-C")] + words[words.index("-C") + 2 :]
        words = [each.rstrip(".,:)") for each in words]
        if not words or words[0].startswith("-"):
            continue
        assert words[0] in known, f"{page}: ls-dvc {' '.join(words)}"
        for each in (each for each in words if each.startswith("--")):
            assert each in known[words[0]], f"{page}: ls-dvc {' '.join(words)}"


@pytest.mark.parametrize("page", list(DOCS))
def test_links_lead_somewhere(page: str) -> None:
    folder = ROOT if page == "README.md" else ROOT / "docs"
    for target in re.findall(r"\]\(([^)#\s]+)\)", DOCS[page]):
        assert target.startswith("https://") or (folder / target).is_file(), f"{page}: {target}"


def test_the_api_page_has_the_signatures() -> None:
    told = re.findall(r"^\| `(\w+)(\(.*?\))` \|", DOCS["api.md"], re.MULTILINE)
    assert {name for name, _ in told} == {"versions", "diff", "load"}
    for name, signature in told:
        real = inspect.signature(getattr(ls_dvc, name)).parameters.values()
        given = [f"{each.name}={each.default!r}" for each in real]
        given.insert(len(given) - 1, "*")
        assert signature.replace('"', "'") == f"({', '.join(given)})"
    row = next(line for line in DOCS["api.md"].splitlines() if line.startswith("| `versions("))
    assert [f.name for f in fields(ls_dvc.Entry)] == re.findall(r"`(\w+)`", row.split("|")[2])[1:]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, tmp_path: Path) -> None:
    assert f"_LS_DVC_COMPLETE={shell}_source" in README or f"{shell}_source" in README
    there = Workspace(tmp_path)
    assert "ls-dvc" in there.ls(_LS_DVC_COMPLETE=f"{shell}_source").out
    typed = {"COMP_WORDS": "ls-dvc re", "COMP_CWORD": "re" if shell == "fish" else "1"}
    found = there.ls(_LS_DVC_COMPLETE=f"{shell}_complete", **typed).out
    assert "refresh" in found
    assert "restore" in found


def test_every_setting_is_documented() -> None:
    table = [[each.strip(" `") for each in row.split("|")[1:3]] for row in rows("Settings")]
    assert [name for name, _ in table] == list(schema.names(Params))
    defaults = Params(project_id=1, formats=[])
    for name, told in table:
        default = WRITTEN.get(name, getattr(defaults, name))
        assert not told or told == str(default).replace("'", "")


def test_every_format_is_documented() -> None:
    assert re.findall(r"`([A-Z0-9_]+)`(?=.* \| )", section("Formats")) == list(FORMATS)


def test_what_the_server_is_asked_for_is_documented() -> None:
    told = DOCS["formats.md"].partition("<!-- served -->")[2].partition("<!-- end")[0]
    assert re.findall(r"`([A-Z0-9_]+)`", told) == list(SERVED)
    for page in ("formats.md", "README.md"):
        default = UpdateSettings().conversion_seconds
        assert re.search(rf"conversion_seconds` \({default}\)", DOCS[page])


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
