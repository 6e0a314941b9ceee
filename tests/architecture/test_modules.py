"""What every module keeps to: size, names, and that each can be had as users import it."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib import metadata
from pathlib import PurePosixPath

import pytest
from test_architecture import imported, modules

import ls_dvc
from ls_dvc.cli import main

LINES = 41  # of a function, from `def` to its last line

# Private classes that answer the same question in modules that do not know each other.
ALLOWED_TWICE = {"_AbsentError", "_BrokenError"}

SUMS_OF_PIXELS = ("formats/image/mask_outlines.py",)  # whose corners are whole numbers


def definitions(*kinds: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, kinds):
                yield path, node


def test_functions_are_short() -> None:
    long = [
        f"{path}:{node.lineno} {node.name} has {lines} lines"
        for path, node in definitions(ast.FunctionDef, ast.AsyncFunctionDef)
        if (lines := node.end_lineno - node.lineno + 1) > LINES
    ]
    assert not long


def test_no_class_name_is_used_twice() -> None:
    places = defaultdict(list)
    for path, node in definitions(ast.ClassDef):
        places[node.name].append(path)
    twice = {name: paths for name, paths in places.items() if len(paths) > 1}
    assert not {name: twice[name] for name in twice.keys() - ALLOWED_TWICE}


def test_floats_are_summed_by_fsum() -> None:
    """What `sum` makes of floats differs between Python 3.11 and 3.12."""
    unsure = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, node in definitions(ast.Call)
        if path.startswith(("formats/", "labels/")) and path not in SUMS_OF_PIXELS
        if ast.unparse(node.func) == "sum" and not is_count(node.args[0])
    ]
    assert not unsure


def is_count(summed: ast.expr) -> bool:
    """Whether what is summed are lengths or conditions."""
    if not isinstance(summed, (ast.GeneratorExp, ast.ListComp)):
        return False
    one = summed.elt
    return isinstance(one, (ast.Compare, ast.Constant, ast.UnaryOp)) or (
        isinstance(one, ast.Call) and ast.unparse(one.func) == "len"
    )


def test_packages_make_no_circle() -> None:
    """Of folders, each by itself, and of the modules at the root."""
    graph: dict[str, set[str]] = {package_of(path): set() for path in modules()}
    for path, tree in modules().items():
        targets = {package_of(target) for name in imported(tree) if (target := path_of(name))}
        graph[package_of(path)] |= targets - {package_of(path)}
    graphlib.TopologicalSorter(graph).prepare()


def package_of(path: str) -> str:
    folder = PurePosixPath(path).parent.as_posix()
    return path if folder == "." else folder


def path_of(name: str) -> str | None:
    """The file of the module that an import names; None for other libraries."""
    parts = name.split(".")[1:] if name.startswith("ls_dvc.") else []
    for end in range(len(parts), 0, -1):
        start = "/".join(parts[:end])
        for path in (f"{start}.py", f"{start}/__init__.py"):
            if path in modules():
                return path
    return None


def test_our_modules_keep_their_names() -> None:
    """Only `cli/` calls a module otherwise: the function of a command has the command's name."""
    renamed = [
        f"{path}:{node.lineno} {alias.name} as {alias.asname}"
        for path, node in definitions(ast.Import, ast.ImportFrom)
        if not path.startswith("cli/")
        for alias in node.names
        if alias.asname not in (None, alias.name)
        and (getattr(node, "module", None) or alias.name).startswith("ls_dvc")
    ]
    assert not renamed


@pytest.mark.parametrize("name", ["versions", "diff", "load", "show"])
def test_the_public_functions_stay(name: str) -> None:
    assert callable(getattr(ls_dvc, name))
    assert name in ls_dvc.__all__


def test_the_command_is_an_entry_point() -> None:
    (script,) = metadata.entry_points(group="console_scripts", name="ls-dvc")
    assert script.load() is main


def test_the_package_runs_as_a_module() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "ls_dvc", "--version"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"ls-dvc {ls_dvc.__version__}\n"
