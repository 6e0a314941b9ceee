"""The documents say what the code does: commands, options, settings, formats, exit codes."""

from __future__ import annotations

import inspect
import re
import sys
import types
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from support import projects, reference
from support.markdown import anchor, filled
from support.messages import messages
from support.reference import ROOT, meanings
from support.workspace import Workspace

import ls_dvc
from ls_dvc import cli
from ls_dvc.cli import boundary
from ls_dvc.formats import registry
from ls_dvc.formats.registry import FORMATS
from ls_dvc.io import yaml_files
from ls_dvc.settings import schema
from ls_dvc.settings.engines import SERVED
from ls_dvc.settings.params import Params, UpdateSettings

DOCS = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for path in sorted(
        [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md")]
    )
}
README = DOCS["README.md"]
SETTINGS = dict(reference.groups())


# --- what is generated


@pytest.mark.parametrize("page", list(reference.PAGES))
def test_generated_parts_are_what_the_code_says(page: str) -> None:
    text = DOCS[f"docs/{page}"]
    assert text == filled(text, reference.PAGES[page]()), "run `make docs`"


@pytest.mark.parametrize("path", list(SETTINGS))
def test_every_setting_has_a_meaning(path: str) -> None:
    names = schema.names(SETTINGS[path])
    assert list(meanings(SETTINGS[path])) == list(names), (
        f"each setting of {SETTINGS[path].__name__} needs a docstring below its declaration"
    )


def commands(group: click.Group = cli.cli) -> Iterator[tuple[str, click.Parameter | None]]:
    """(command, option) for every option; ("command", None) for the command."""
    for name, command in group.commands.items():
        yield name, None
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield name, parameter


def described(command: str) -> str:
    return DOCS["docs/commands.md"].partition(f"### `ls-dvc {command}`\n")[2].partition("\n### ")[0]


@pytest.mark.parametrize(("command", "option"), list(commands()))
def test_every_command_and_option_is_documented(
    command: str, option: click.Parameter | None
) -> None:
    text = described(command)
    assert text
    assert option is None or f"`{max(option.opts, key=len)}`" in text
    assert option is None or getattr(option, "help", None), "an option without a help text"


def test_every_setting_is_documented() -> None:
    for path, kind in SETTINGS.items():
        heading = f"## `{reference.title_of(path)}`\n"
        section = DOCS["docs/settings.md"].partition(heading)[2].partition("\n## ")[0]
        assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == list(schema.names(kind))


def test_the_settings_that_init_writes_are_the_defaults() -> None:
    defaults = Params(project_id=1, formats=["JSON"])
    written = yaml_files.load(ROOT / "params.yaml")["label_studio"]
    for name in set(written) - {"url", "project_id", "media"}:
        default = getattr(defaults, name)
        expected = default.policy if name == "annotations" else default
        if isinstance(expected, schema.Settings):
            expected = {}
        assert written[name] == expected


# --- what is written by hand


@pytest.mark.parametrize("page", list(DOCS))
def test_every_command_line_in_a_page_is_right(page: str) -> None:
    """Commands that a reader copies: known, with options that they have."""
    known = {name: set[str]() for name in cli.cli.commands}
    for name, option in commands():
        known[name].update(option.opts if option else ())
    lines = re.findall(r"(?:`|\$ |&& )ls-dvc((?: [^`\n#&|;>]*)?)", DOCS[page])
    parts = (part for line in lines for part in line.split(" -- ls-dvc"))
    for words in (part.partition(" -- ")[0].split() for part in parts):
        if "-C" in words:
            words = words[: words.index("-C")] + words[words.index("-C") + 2 :]
        words = [word.rstrip(".,:)") for word in words]
        if not words or words[0].startswith(("-", "[")):
            continue
        assert words[0] in known, f"{page}: ls-dvc {' '.join(words)}"
        for word in (word for word in words if word.startswith("--")):
            assert word in known[words[0]], f"{page}: ls-dvc {' '.join(words)}"


def headings(text: str) -> set[str]:
    without_code = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return {anchor(found) for found in re.findall(r"^#+ (.*)$", without_code, re.MULTILINE)}


@pytest.mark.parametrize("page", list(DOCS))
def test_links_lead_somewhere(page: str) -> None:
    files = f"{reference.address()}/blob/main/"
    for target in re.findall(r"\]\(([^)\s]+)\)", DOCS[page]):
        if target.startswith("https://") and not target.startswith(files):
            continue
        place, _, name = target.removeprefix(files).partition("#")
        folder = ROOT if target.startswith(files) else (ROOT / page).parent
        path = (folder / place).resolve() if place else ROOT / page
        assert path.is_file(), f"{page}: {target}"
        assert not name or name in headings(path.read_text()), f"{page}: {target}"


def test_links_of_the_readme_work_on_a_package_index() -> None:
    assert not [found for found in re.findall(r"\]\(([^)\s]+)\)", README) if "://" not in found]


def test_every_page_is_in_the_index() -> None:
    index = DOCS["docs/index.md"] + DOCS["docs/decisions/index.md"]
    linked = set(re.findall(r"\]\(([\w/.-]+)", index))
    for page in (page for page in DOCS if page.startswith("docs/") and "index" not in page):
        name = page.removeprefix("docs/")
        assert name in linked or name.removeprefix("decisions/") in linked, page


def test_all_name_one_address_of_the_repository() -> None:
    urls = (ROOT / "pyproject.toml").read_text().partition("[project.urls]\n")[2].partition("[")[0]
    assert set(reference.ADDRESS.findall(urls)) == {reference.address()}
    named = {
        found
        for path in reference.naming_the_address()
        for found in reference.ADDRESS.findall(path.read_text())
    }
    assert named == {reference.address()}


def test_all_name_the_same_versions_of_python() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    supported = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    assert f'requires-python = ">={supported[0]}"' in project
    for page in ("README.md", "docs/quickstart.md", "CONTRIBUTING.md"):
        assert f"Python {supported[0]} to {supported[-1]}" in DOCS[page]
    for template in (ROOT / "ls_dvc" / "templates").iterdir():
        named = re.findall(r"(?:python-version: \"|python:)(3\.\d+)", template.read_text())
        assert named, template
        assert set(named) <= set(supported)


@pytest.mark.parametrize("path", ["README.md", "docs/quickstart.md", "docs/ci.md"])
def test_pages_install_from_the_repository(path: str) -> None:
    """The package is on no index yet."""
    assert "pip install ls-dvc" not in DOCS[path]


def test_the_api_page_has_the_signatures() -> None:
    page = DOCS["docs/api.md"]
    documented = re.findall(r"^\| `(\w+)(\(.*?\))` \|", page, re.MULTILINE)
    assert {name for name, _ in documented} == {"versions", "diff", "load", "show"}
    for name, signature in documented:
        real = inspect.signature(getattr(ls_dvc, name))
        plain = [each.replace(annotation=each.empty) for each in real.parameters.values()]
        assert signature.replace('"', "'") == str(inspect.Signature(plain))
    row = next(line for line in page.splitlines() if line.startswith("| `versions("))
    entry = re.findall(r"`(\w+)`", row.split("|")[2])
    assert entry == ["VersionEntry", *(field.name for field in fields(ls_dvc.VersionEntry))]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, tmp_path: Path) -> None:
    assert f"{shell}_source" in DOCS["docs/commands.md"]
    workspace = Workspace(tmp_path)
    assert "ls-dvc" in workspace.ls(_LS_DVC_COMPLETE=f"{shell}_source").out
    typed = {"COMP_WORDS": "ls-dvc re", "COMP_CWORD": "re" if shell == "fish" else "1"}
    completed = workspace.ls(_LS_DVC_COMPLETE=f"{shell}_complete", **typed).out
    assert "refresh" in completed
    assert "restore" in completed


def test_every_format_has_a_section() -> None:
    lines = re.findall(r"^## (`.*)$", DOCS["docs/formats.md"], re.MULTILINE)
    named = [name for line in lines for name in re.findall(r"`([A-Z0-9_]+)`", line)]
    assert named == list(FORMATS)


def test_what_the_server_is_asked_for_is_documented() -> None:
    page = DOCS["docs/formats.md"]
    served = page.partition("<!-- served -->")[2].partition("<!-- end")[0]
    assert re.findall(r"`([A-Z0-9_]+)`", served) == list(SERVED)
    default = UpdateSettings().conversion_seconds
    assert re.search(rf"conversion_seconds` \({default}\)", page)


def test_every_exit_code_is_documented() -> None:
    page = DOCS["docs/commands.md"]
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    assert codes == {
        boundary.OK,
        boundary.USER,
        boundary.USAGE,
        boundary.BUG,
        boundary.LABELS_CHANGED,
        boundary.NEW_FAULTS,
        boundary.INTERRUPTED,
    }


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_two_commands_exist(target: str) -> None:
    assert f"$ make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 110


# --- troubleshooting, architecture


@pytest.mark.parametrize(
    "message", re.findall(r"^### `(.*)`$", DOCS["docs/troubleshooting.md"], re.MULTILINE)
)
def test_messages_in_troubleshooting_exist(message: str) -> None:
    assert any(message in text for text in messages()), "no such message in the code any more"


def modules_named_in(page: str) -> Iterator[Path]:
    packages = {path.name for path in (ROOT / "ls_dvc").iterdir() if path.is_dir()}
    for name in re.findall(r"`([\w./]+)`", DOCS[page]):
        package, _, module = name.partition(".")
        if name.endswith(".py"):
            root = ROOT if name.startswith(("ls_dvc/", "tests/")) else ROOT / "ls_dvc"
            yield root / name
        elif module and package in packages and name != "labels.lock":
            yield ROOT / "ls_dvc" / package / f"{module}.py"


def test_modules_in_the_architecture_exist() -> None:
    named = list(modules_named_in("docs/architecture.md"))
    assert len(named) > 10
    assert [path for path in named if not path.is_file()] == []


def test_the_example_of_a_format_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    page = DOCS["docs/architecture.md"].partition("<!-- example -->\n```python\n")[2]
    module = types.ModuleType("ls_dvc.formats.toy")
    exec(page.partition("\n```\n")[0], vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(registry, "_MODULES", {**registry._MODULES, "TOY_COUNTS": "toy"})
    box = projects.box(10, 10, 20, 20)
    tasks = [projects.boxed(1, box), projects.boxed(2), {"id": 3, "data": {}}]
    out = projects.convert("TOY_COUNTS", tasks)
    assert out.text("result.jsonl") == '{"id":1,"regions":1}\n{"id":2,"regions":0}\n'
    assert [entry.reason.value for entry in out.ledger.entries] == ["unlabeled"]
