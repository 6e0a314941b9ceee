"""What SARIF 2.1.0 asks of the objects that `ls-dvc check` writes: names, types, what is required.

Written after the schema of the standard (OASIS), whose objects allow no other names.
"""

from __future__ import annotations

from typing import Any


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": properties,
    }


def _list(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


_TEXT = {"type": "string"}
_ADDRESS = {"type": "string", "format": "uri", "pattern": "^https://"}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
_WORDS = _object("text", text=_TEXT, markdown=_TEXT)
_RULE = _object(
    "id",
    id=_TEXT,
    name=_TEXT,
    shortDescription=_WORDS,
    fullDescription=_WORDS,
    helpUri=_ADDRESS,
    help=_WORDS,
    defaultConfiguration=_object(level=_LEVEL),
)
_LOCATION = _object(
    physicalLocation=_object(
        artifactLocation=_object(uri={"type": "string", "format": "uri-reference"}),
        region=_object(startLine={"type": "integer", "minimum": 1}),
    ),
    logicalLocations=_list(_object(fullyQualifiedName=_TEXT), uniqueItems=True),
)
_RESULT = _object(
    "message",
    ruleId=_TEXT,
    ruleIndex={"type": "integer", "minimum": -1},
    level=_LEVEL,
    message=_object(text=_TEXT),
    locations=_list(_LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": _TEXT},
    baselineState={"enum": ["new", "unchanged", "updated", "absent"]},
    suppressions=_list(
        _object(
            "kind",
            kind={"enum": ["inSource", "external"]},
            status={"enum": ["accepted", "underReview", "rejected"]},
        ),
        uniqueItems=True,
    ),
)
_DRIVER = _object("name", name=_TEXT, informationUri=_ADDRESS, rules=_list(_RULE, uniqueItems=True))
SARIF = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **_object(
        "version runs",
        **{"$schema": _ADDRESS},
        version={"enum": ["2.1.0"]},
        runs=_list(
            _object(
                "tool",
                tool=_object("driver", driver=_DRIVER),
                columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                results=_list(_RESULT),
            )
        ),
    ),
}
