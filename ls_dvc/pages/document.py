"""What all pages are made of: templates, their style and script, and a policy that allows no more.

A page is one file that asks for nothing. All text goes through the templates' escaping.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from ls_dvc.io.secrets import without_secrets

GENERATOR = '<meta name="generator" content="ls-dvc">'


def html(template: str, values: Mapping[str, Any], styles: tuple[str, ...], script: str) -> bytes:
    """The page that a template makes; `styles` and `script` (may be empty) are files next to it."""
    style = "".join(map(_asset, styles))
    code = _asset(script) if script else ""
    text: str = _template(template).render(
        values, generator=GENERATOR, style=style, script=code, policy=_policy(style, code)
    )
    return text.encode("utf-8", "replace")


def part(template: str, values: Mapping[str, Any]) -> bytes:
    """A part of a page, to be put at one of its marks; a fragment or a drawing of its own."""
    text: str = _template(template).render(values)
    return text.encode("utf-8", "replace")


def filled(page: bytes, parts: Mapping[str, Iterable[bytes]]) -> bytes:
    """The page with parts in place of its marks such as `<!--cards-->`, in the order of the page.

    No text from outside can be a mark: each `<` of it is escaped.
    """
    made = list[bytes]()
    for name, found in parts.items():
        before, _, page = page.partition(f"<!--{name}-->".encode())
        made += [before, *found]
    return b"".join([*made, page])


def assets(*names: str) -> bytes:
    """Files next to the templates, one after the other, for a page that asks for them."""
    return "".join(map(_asset, names)).encode()


def shown(value: Any) -> Any:
    """A text without keys, controls and overrides of direction as `\\u202e`; values of such."""
    if isinstance(value, str):
        return without_secrets(value).translate(_MARKS)
    if isinstance(value, list | tuple):
        return [shown(each) for each in value]
    if isinstance(value, dict):
        return {shown(key): shown(each) for key, each in value.items()}
    return value


_HIDDEN = [*range(9), 11, 12, *range(14, 32), *range(0x7F, 0xA0), *range(0x202A, 0x202F)]
_MARKS = {
    code: ascii(chr(code))[1:-1]
    for code in (*_HIDDEN, *range(0x2066, 0x206A), 0x2028, 0x2029, 0xFFFE, 0xFFFF)
}


def json_in_script(document: object) -> str:
    """JSON that no character of can end the script that holds it."""
    text = json.dumps(shown(document), ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def base64_of(content: bytes) -> str:
    """Base64, as addresses of the form `data:` have it."""
    return base64.b64encode(content).decode()


@cache
def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _template(name: str) -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(str(__package__)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: shown(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = "{:,}".format
    return environment.get_template(name)


def _policy(style: str, script: str) -> str:
    allowed = f"script-src '{_hash(script)}'; " if script else ""
    return (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; {allowed}"
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64_of(hashlib.sha256(text.encode()).digest())}"
