"""Writes the generated parts of the documents: `make docs`. The tests compare them with the code.

A generated part stands between `<!-- name -->` and `<!-- end of name -->`; all other text of a
page is written by hand.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import click
import msgspec

from ls_dvc import cli
from ls_dvc.cli import help_groups
from ls_dvc.settings import params
from ls_dvc.settings.schema import Settings
from support.format_tables import formats_page
from support.markdown import anchor, filled, table
from support.rule_pages import rules_page

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"https://[\w.-]+/[\w.-]+/ls-dvc\b")  # of the repository, wherever it is
NAMED_IN = (
    *("*.md", "docs/**/*.md", "ls_dvc/templates/*.yml", ".pre-commit-hooks.yaml"),
    "ls_dvc/check/render/sarif.py",
)


# --- settings


def title_of(*path: str) -> str:
    """The whole key of a setting."""
    return ".".join(part for part in (params.BLOCK, *path) if part)


def meanings(kind: type[Settings]) -> dict[str, str]:
    """The text below each declaration of a setting."""
    source = ast.parse(inspect.getsource(kind))
    (declared,) = [node for node in ast.walk(source) if isinstance(node, ast.ClassDef)]
    found = {}
    for node, below in zip(declared.body, declared.body[1:], strict=False):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[node.target.id] = " ".join(str(below.value.value).split())
    return found


def groups(kind: type[Settings] = params.Params, path: str = "") -> Iterator[tuple[str, Any]]:
    """(key, its settings) of the block and of every block in it, the outer first."""
    yield path, kind
    for field in msgspec.structs.fields(kind):
        inner, repeated = _block(field.type)
        if inner is not None:
            key = f"{path}.{field.name}".lstrip(".")
            yield from groups(inner, f"{key}.<FORMAT>" if repeated else key)


def _block(kind: Any) -> tuple[type[Settings] | None, bool]:
    """The settings that a setting holds, if it does; True when there are several by name."""
    if isinstance(kind, type) and issubclass(kind, Settings):
        return kind, False
    if get_origin(kind) is dict:
        return _block(get_args(kind)[1])[0], True
    if get_origin(kind) in (Annotated, Union, types.UnionType):
        found = [_block(part) for part in get_args(kind)]
        return next((each for each in found if each[0]), (None, False))
    return None, False


_WORDS: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Any: "anything",
}


def words(kind: Any) -> str:
    """A type in the words of a reference."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return words(parts[0]) + "".join(map(_bounds, parts[1:]))
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in parts)
    if origin in (Union, types.UnionType):
        return " or ".join(words(each) for each in parts if each is not type(None))
    if origin is list:
        return "list"
    if origin is dict or (isinstance(kind, type) and issubclass(kind, Settings)):
        return "mapping"
    return _WORDS[kind]


def _bounds(rule: Any) -> str:
    limits = inspect.getclosurevars(rule).nonlocals if inspect.isfunction(rule) else {}
    if "low" not in limits:
        return ""
    low, high = limits["low"], limits["high"]
    return f", at least {low}" if high == float("inf") else f", {low} to {high}"


def default(field: Any, path: str) -> str:
    """The default as it is written in YAML."""
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if value is None:
        return "–"
    if isinstance(value, Settings):
        return f"[below](#{anchor(title_of(path, field.name))})"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def settings_page() -> dict[str, str]:
    """The parts of docs/settings.md."""
    parts = []
    for path, kind in groups():
        hints = typing.get_type_hints(kind, include_extras=True)
        told = meanings(kind)
        rows = [
            [
                f"`{each.name}`",
                words(hints[each.name]),
                default(each, path),
                told.get(each.name, ""),
            ]
            for each in msgspec.structs.fields(kind)
        ]
        intro = (inspect.getdoc(kind) or "").partition("\n\n")[0]
        head = ["setting", "type", "default", "meaning"]
        parts.append(f"## `{title_of(path)}`\n\n{intro}\n\n{table([head, *rows])}")
    return {"settings": "\n\n".join(parts)}


# --- commands


def commands(group: click.Group = cli.cli) -> dict[str, list[click.Command]]:
    """The commands by the titles under which `ls-dvc --help` lists them."""
    return {
        title: [group.commands[name] for name in names]
        for title, names in help_groups.GROUPS.items()
    }


def _option(option: click.Option) -> list[str]:
    names = ", ".join(f"`{each}`" for each in sorted(option.opts, key=len))
    value = option.make_metavar(click.Context(cli.cli)) if not option.is_flag else ""
    meaning = [(option.help or "").rstrip(".") + "."]
    if type(option.default) in (int, float) and "default:" not in meaning[0]:
        meaning.append(f"Default: {option.default}.")
    if option.envvar:
        meaning.append(f"Environment: `{option.envvar}`.")
    return [f"{names} `{value}`" if value else names, " ".join(meaning)]


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def command_section(command: click.Command) -> str:
    """A command: usage, what it does, options."""
    context = click.Context(command, info_name=f"ls-dvc {command.name}")
    usage = f"ls-dvc {command.name} {' '.join(command.collect_usage_pieces(context))}"
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    options = [each for each in command.params if isinstance(each, click.Option)]
    rows = [[_escaped(each) for each in _option(option)] for option in options]
    lines = [f"### `ls-dvc {command.name}`", "", f"    {usage}", "", text]
    if rows:
        lines += ["", table([["option", "meaning"], *rows])]
    return "\n".join(lines)


def commands_page() -> dict[str, str]:
    """The parts of docs/commands.md."""
    parts = []
    for title, some in commands().items():
        parts += [f"## {title}"] if title else []
        parts += [command_section(each) for each in some]
    options = [each for each in cli.cli.params if isinstance(each, click.Option)]
    rows = [[_escaped(each) for each in _option(option)] for option in options]
    return {
        "commands": "\n\n".join(parts),
        "options": table([["option", "meaning"], *rows]),
    }


# --- layers


def layers() -> list[list[str]]:
    """The packages of each layer, lowest first, as the architecture's test has them."""
    source = (ROOT / "tests" / "architecture" / "test_architecture.py").read_text()
    named = {
        target.id: node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found: tuple[str, ...] = ast.literal_eval(named["LAYERS"])
    return [each.split() for each in found]


def _source(name: str) -> Path:
    path = ROOT / "ls_dvc" / name
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _purpose(name: str) -> str:
    source = _source(name)
    return (ast.get_docstring(ast.parse(source.read_text())) or "").partition("\n")[0]


def architecture_page() -> dict[str, str]:
    """The parts of docs/architecture.md."""
    named = [(str(number), name) for number, some in enumerate(layers(), 1) for name in some]
    named = [(number, name) for number, name in named if _source(name).is_file()]
    rows = [[number, f"`{name}`", _purpose(name)] for number, name in reversed(named)]
    return {"layers": table([["layer", "package", "holds"], *rows])}


# --- the repository's address


def address() -> str:
    """The repository's address, from pyproject.toml."""
    found = re.search(r'^Repository = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found
    return found[1]


def naming_the_address() -> list[Path]:
    """The files that name the repository's address."""
    return sorted(path for pattern in NAMED_IN for path in ROOT.glob(pattern))


# --- all pages


PAGES: Mapping[str, Callable[[], dict[str, str]]] = {
    "architecture.md": architecture_page,
    "commands.md": commands_page,
    "formats.md": formats_page,
    "rules.md": rules_page,
    "settings.md": settings_page,
}


def main() -> None:
    """Write every generated part anew."""
    for name, parts in PAGES.items():
        path = ROOT / "docs" / name
        path.write_text(filled(path.read_text(), parts()))
        sys.stdout.write(f"wrote docs/{name}\n")
    for path in [*naming_the_address(), ROOT / "pyproject.toml"]:
        path.write_text(ADDRESS.sub(address(), path.read_text()))


if __name__ == "__main__":
    main()
