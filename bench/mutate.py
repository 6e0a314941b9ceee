"""Mutation: small faults planted one after another, and whether the quick tests find them.

    python bench/mutate.py                     a sample of 12 faults for each module of GROUPS
    python bench/mutate.py --each 0 snapshot/  every fault in these modules

Each fault is one change of the syntax tree: a comparison or an operator that is another one, a
number that is one more, a condition that is its contrary, a call, a `raise` or a result left out. A
process is forked for each, imports the changed module, and runs the tests of its group that need no
server, then some simulated histories. Survivors are printed with their lines; the last line is the
share that was found.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.machinery
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
SECONDS = 150  # for the tests of one fault, after which it counts as found
SIMULATION = "tests/property/test_simulation.py::test_promises_hold_in_any_history"
SIMULATED = ("pin/", "snapshot/", "update/")
GROUPS: dict[str, tuple[str, ...]] = {
    "pin/": ("tests/pin",),
    "snapshot/": ("tests/snapshot",),
    "update/": ("tests/update",),
    "media/layout.py": ("tests/media/test_layout.py",),
    "media/references.py": ("tests/media/test_references.py",),
    "media/store.py": ("tests/media/test_store.py", "tests/media/test_fetch.py"),
    "media/map_cache.py": ("tests/media/test_map_cache.py",),
    "media/journal.py": ("tests/media/test_journal.py",),
    "media/nearby.py": ("tests/media/test_nearby.py",),
    "media/addresses.py": ("tests/media/test_addresses.py",),
    "media/sniff.py": ("tests/media/test_sniff.py",),
    "io/filenames.py": ("tests/io/test_filenames.py",),
    "io/strict_values.py": ("tests/io/test_strict_values.py",),
    "io/canonical_json.py": ("tests/io/test_canonical_json.py",),
}
_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}
_NOT_CODE = ("annotation", "returns", "decorator_list", "args", "bases")


class Fault(NamedTuple):
    """A changed module, compiled; `what` says where and how."""

    what: str
    code: Any


def faults(path: Path) -> Iterator[Fault]:
    """Every fault that can be planted in a module."""
    tree = ast.parse(path.read_text())
    for parent, field, index, child in list(_places(tree)):
        for changed in _changes(child, field):
            _put(parent, field, index, changed)
            ast.fix_missing_locations(tree)
            line = getattr(child, "lineno", getattr(parent, "lineno", 0))
            is_part = isinstance(child, ast.operator | ast.cmpop | ast.boolop)
            words = _text(parent if is_part else changed)
            yield Fault(f"{path.relative_to(ROOT)}:{line}: {words}", compile(tree, path, "exec"))
            _put(parent, field, index, child)


def _places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if field in _NOT_CODE and not isinstance(node, ast.Call):
            continue
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                yield node, field, index if isinstance(value, list) else None, child
                yield from _places(child)


def _put(parent: ast.AST, field: str, index: int | None, child: ast.AST) -> None:
    if index is None:
        setattr(parent, field, child)
    else:
        getattr(parent, field)[index] = child


def _changes(node: ast.AST, field: str) -> Iterator[ast.AST]:
    if type(node) in _SWAPPED:
        yield _SWAPPED[type(node)]()
    if field in ("test", "ifs") and isinstance(node, ast.expr):
        yield ast.UnaryOp(ast.Not(), node)
    yield from _other_code(node)


def _other_code(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Expr(value=ast.Call()) | ast.Raise():
            yield ast.Pass()
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Continue():
            yield ast.Break()


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:80]


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module with other code."""

    def __init__(self, name: str, code: Any) -> None:
        self.name, self.code = name, code

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(name, self) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, vars(module))


def found(name: str, fault: Fault, tests: Sequence[str]) -> bool:
    """Whether the tests fail, or do not end."""
    child = os.fork()
    if child == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for each in (0, 1, 2):
            os.dup2(null, each)
        sys.meta_path.insert(0, _Changed(name, fault.code))
        lane = "not live and not postgres and not nginx and not slow and not soak"
        options = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile", "fast"]
        os._exit(pytest.main([*options, "--hypothesis-seed", "0", "-m", lane, *tests]))
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status) not in (0, 5)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _chosen(wanted: Sequence[str]) -> Iterator[tuple[Path, Sequence[str]]]:
    package = ROOT / "ls_dvc"
    for group, tests in GROUPS.items():
        place = package / group
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            name = path.relative_to(package).as_posix()
            if not wanted or any(name.startswith(each) for each in wanted):
                yield path, tests


def main() -> None:
    """Plant, test, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*", help="beginnings of their paths in ls_dvc")
    parser.add_argument("--each", type=int, default=12, help="faults for each module; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.chdir(ROOT)
    os.environ["SIMULATION_HISTORIES"] = "30"
    for each in ("ruamel.yaml", "msgspec", "filelock", "tenacity", "httpx", "PIL"):
        importlib.import_module(each)  # once, and not for each fault
    planted = survived = 0
    for path, tests in _chosen(asked.modules):
        everything = list(faults(path))
        code = compile(path.read_text(), path, "exec")
        chosen = random.Random(asked.seed).sample(
            everything, min(asked.each or len(everything), len(everything))
        )
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if found(name, Fault("none", code), tests):
            sys.exit(f"the tests of {name} fail without a fault")
        alive = [each for each in chosen if not found(name, each, tests)]
        if path.relative_to(ROOT / "ls_dvc").as_posix().startswith(SIMULATED):
            alive = [each for each in alive if not found(name, each, [SIMULATION])]
        planted, survived = planted + len(chosen), survived + len(alive)
        print(f"{name}: {len(chosen) - len(alive)} of {len(chosen)} found", flush=True)
        for each in alive:
            print(f"  {each.what}", flush=True)
    share = (planted - survived) / max(planted, 1)
    print(f"{planted - survived} of {planted} found, {share:.0%}")


if __name__ == "__main__":
    main()
