"""YAML, read and written: the only module that imports ruamel.yaml, which DVC requires."""

from __future__ import annotations

import io
from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from ls_dvc.errors import LsDvcError


def load(path: Path) -> Any:
    """The content of a YAML file as plain values; `LsDvcError` when it is not YAML."""
    return parse(read_text(path), str(path))


def parse(content: str, where: str) -> Any:
    """`content` as plain values, the caller's own; errors name `where` and the line."""
    return _guarded(lambda: deepcopy(_plain(content)), content, where)


@lru_cache(maxsize=64)
def _plain(content: str) -> Any:
    """Parsed once: a refresh looks at the same few files dozens of times."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(content)


def load_with_comments(content: str, where: str) -> Any:
    """`content` as a mapping that remembers comments, order and quotes."""
    return _guarded(lambda: _round_trip().load(content), content, where)


def dump_with_comments(document: Any) -> str:
    """The text of what `load_with_comments` gave, with the changes made since."""
    return _dumped(_round_trip(), document)


def events(content: str, where: str) -> list[Any]:
    """What ruamel.yaml's parser finds in `content`, each with its place."""
    from ruamel.yaml import YAML

    found: list[Any] = _guarded(
        lambda: list(YAML(typ="safe", pure=True).parse(content)), content, where
    )
    return found


def dump_block(value: Any, step: int = 2, offset: int = 0) -> str:
    """Plain values as YAML, every collection in lines of its own.

    Nested mappings are indented by `step`, lists in mappings by `offset`.
    """
    yaml = _round_trip()
    yaml.indent(mapping=step, sequence=offset + 2, offset=offset)
    return _dumped(yaml, value)


def dump_flow(value: Any) -> str:
    """Plain values as YAML on one line, as they stand in [] and {}."""
    yaml = _round_trip()
    yaml.default_flow_style = True
    if isinstance(value, dict | list):
        return _dumped(yaml, _styled(value)).strip()
    return _dumped(yaml, [_styled(value)]).strip()[1:-1]


def dump(document: Any) -> str:
    """Plain values as YAML: keys in the given order, innermost collections on one line.

    Text of several lines becomes a literal block, so that a diff shows which line moved.
    """
    yaml = _round_trip()
    yaml.default_flow_style = None
    return _dumped(yaml, _styled(document))


def read_text(path: Path) -> str:
    """A UTF-8 text file; `LsDvcError` when it cannot be read. Its line ends become `\\n`."""
    return read_exactly(path).replace("\r\n", "\n").replace("\r", "\n")


def read_exactly(path: Path) -> str:
    """As `read_text`, with the line ends that the file has."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise LsDvcError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise LsDvcError(f"cannot read {path}: {error.strerror}") from error


def _dumped(yaml: Any, value: Any) -> str:
    out = io.StringIO()
    yaml.dump(value, out)
    return out.getvalue()


def _styled(value: Any) -> Any:
    """Plain values with each text in the style that brings it back unchanged."""
    from ruamel.yaml.scalarstring import (
        DoubleQuotedScalarString,
        LiteralScalarString,
        SingleQuotedScalarString,
    )

    if isinstance(value, dict):
        return {_styled(key): _styled(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_styled(each) for each in value]
    if not isinstance(value, str):
        return value
    if value.isprintable():  # with these, not every reader takes a bare text in a flow collection
        return SingleQuotedScalarString(value) if ":" in value or "?" in value else value
    if "\n" not in value or value.lstrip(" \n").startswith("\t"):  # not every reader takes a tab
        return DoubleQuotedScalarString(value)
    block = all(each.isprintable() or each in "\n\t" for each in value)
    return LiteralScalarString(value) if block else DoubleQuotedScalarString(value)


def _round_trip() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml


def _guarded(read: Callable[[], Any], content: str, where: str) -> Any:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return read()
    except MarkedYAMLError as error:
        mark = error.problem_mark
        at = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        hint = "resolve the merge conflict first" if "<<<<<<<" in content else "fix the YAML there"
        raise LsDvcError(f"{where}{at}: not valid YAML: {error.problem}", hint) from error
    except (YAMLError, ValueError) as error:
        raise LsDvcError(f"{where}: not valid YAML: {error}") from error
    except RecursionError:
        raise LsDvcError(
            f"{where}: collections are nested too deeply", f"restore it: `git checkout -- {where}`"
        ) from None
