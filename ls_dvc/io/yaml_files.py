"""YAML, read and written: the only module that imports ruamel.yaml, which DVC requires."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ls_dvc.errors import LsDvcError


def load(path: Path) -> Any:
    """The content of a YAML file as plain values; `LsDvcError` when it is not YAML."""
    return parse(read_text(path), str(path))


def parse(content: str, where: str) -> Any:
    """`content` as plain values; errors name `where` and the line."""
    from ruamel.yaml import YAML

    return _guarded(YAML(typ="safe", pure=True), content, where)


def load_with_comments(content: str, where: str) -> Any:
    """`content` as a mapping that remembers comments, order and quotes."""
    return _guarded(_round_trip(), content, where)


def dump_with_comments(document: Any) -> str:
    """The text of what `load_with_comments` gave, with the changes made since."""
    out = io.StringIO()
    _round_trip().dump(document, out)
    return out.getvalue()


def dump(document: Any) -> str:
    """Plain values as YAML: keys in the given order, innermost collections on one line.

    Text of several lines becomes a literal block, so that a diff shows which line moved.
    """
    yaml = _round_trip()
    yaml.default_flow_style = None
    out = io.StringIO()
    yaml.dump(_styled(document), out)
    return out.getvalue()


def read_text(path: Path) -> str:
    """A UTF-8 text file; `LsDvcError` when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise LsDvcError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise LsDvcError(f"cannot read {path}: {error.strerror}") from error


def _styled(value: Any) -> Any:
    """Plain values with each text in the style that brings it back unchanged."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if isinstance(value, dict):
        return {_styled(key): _styled(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_styled(each) for each in value]
    if not isinstance(value, str):
        return value
    if value.isprintable():  # ruamel.yaml writes a text that begins so bare, and cannot read it
        return DoubleQuotedScalarString(value) if value[:1] in ("?", ":") else value
    block = "\n" in value and all(each.isprintable() or each in "\n\t" for each in value)
    return LiteralScalarString(value) if block else DoubleQuotedScalarString(value)


def _round_trip() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml


def _guarded(yaml: Any, content: str, where: str) -> Any:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return yaml.load(content)
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
