"""A stage that an earlier `init` wrote and users changed, brought up to date with their changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from ls_dvc.settings import params

_OUTS = ("outs", "metrics", "plots")
_LISTS = ("deps", "params", *_OUTS)
_ELSEWHERE = ("wdir", "matrix")  # with these the paths of a stage are not those of params.yaml

_EARLIER_PLOT = {
    "x": "regions",
    "y": "label",
    "template": "bar_horizontal",
    "title": "Regions by label",
}  # of classes.csv: it added up labels of two controls

Stage = Mapping[str, Any]


def runs(stage: Any, command: str) -> bool:
    """Whether a stage runs `command`, such as `ls-dvc export`, whatever stands around it.

    Options in the command must be there too.
    """
    if not isinstance(stage, Mapping) or any(key in stage for key in _ELSEWHERE):
        return False
    if not all(isinstance(stage.get(key) or [], list) for key in _LISTS):
        return False
    program, name, *options = command.split()
    program = program.replace("-", "[-_]")
    pattern = rf"(?<![\w-]){program}\s+(?:-\S+\s+(?:[^-\s]\S*\s+)??)*{name}(?![\w-])"
    given = stage.get("cmd")
    lines = given if isinstance(given, list) else [given]
    return any(
        re.search(pattern, str(line)) and all(option in str(line).split() for option in options)
        for line in lines
    )


def up_to_date(stage: Stage, wanted: Stage) -> dict[str, Any]:
    """`stage` with the dependencies, parameters and outputs of `wanted`; all else stays.

    Outputs and dependencies in folders that the settings named before get the paths of today.
    """
    found = dict(stage)
    found["deps"] = _deps(stage.get("deps") or [], wanted.get("deps") or [])
    found["params"] = _with_params(stage.get("params") or [], wanted["params"])
    listed, ours = _listed(stage), _listed(wanted)
    renamed = _renamed(listed, ours)
    for kind in _OUTS:
        lacking = [
            each
            for each in wanted.get(kind) or ()
            if _path(each) not in renamed.values() and not _is_listed(_path(each), listed)
        ]
        drawn = _options(wanted.get(kind) or ())
        present = [_kept(each, renamed, ours, drawn) for each in stage.get(kind) or ()]
        found[kind] = [*present, *lacking]
    return {key: value for key, value in found.items() if value or key in stage}


def is_untouched(stage: Stage, wanted: Stage) -> bool:
    """Whether users changed nothing of a stage that is like `wanted`."""
    now = up_to_date(stage, wanted)
    return now.keys() == wanted.keys() and all(
        _sorted(now[key]) == _sorted(wanted[key]) for key in now
    )


def _deps(present: list[Any], wanted: list[Any]) -> list[Any]:
    paths = [_path(each) for each in present]
    renamed = _renamed(paths, wanted)
    folders = {_folder(old) for old, path in renamed.items() if path in wanted[:1]}
    renamed = {old: path for old, path in renamed.items() if _folder(old) in folders}
    now = [renamed.get(path, path) for path in paths]
    for snapshot in (path for path in wanted if path.endswith("/snapshot")):
        media = str(PurePosixPath(snapshot).with_name("media"))
        now = [path for path in now if path != media or media in wanted]
    return [*now, *(path for path in wanted if not _is_listed(path, now))]


def _kept(
    entry: Any, renamed: Mapping[str, str], ours: Sequence[str], wanted: Mapping[str, Any]
) -> Any:
    """An output; one of ls-dvc with its path of today, and left in place when the stage runs.

    A plot that is still drawn as earlier versions of ls-dvc said is drawn as in `wanted`.
    """
    path = renamed.get(_path(entry), _path(entry))
    options = entry[_path(entry)] if isinstance(entry, Mapping) else None
    if not any(_is_listed(each, [path]) for each in ours):
        return entry
    if options is None or (isinstance(options, Mapping) and "persist" not in options):
        options = {**(options or {}), "persist": True}
    if isinstance(options, Mapping) and _EARLIER_PLOT.items() <= options.items():
        options = {**options, **wanted.get(path, {})}
    return {path: options}


def _options(entries: Iterable[Any]) -> dict[str, Any]:
    """The options of outputs by path."""
    return {_path(each): each[_path(each)] for each in entries if isinstance(each, Mapping)}


def _renamed(present: Sequence[str], wanted: Sequence[str]) -> dict[str, str]:
    """What is where the settings said before, by its path then: the path of today."""
    found = dict[str, str]()
    for path in wanted:
        alike = [each for each in present if _end(each) == _end(path) and each not in wanted]
        if len(alike) == 1 and not _is_listed(path, present):
            found[alike[0]] = path
    return found


def _is_listed(path: str, present: Sequence[str]) -> bool:
    """Whether a path is there, or one that DVC fills in from the settings: `${…}/snapshot`."""
    return path in present or any("${" in each and _end(each) == _end(path) for each in present)


def _listed(stage: Stage) -> list[str]:
    return [_path(each) for kind in _OUTS for each in stage.get(kind) or ()]


def _path(entry: Any) -> str:
    return str(next(iter(entry), "")) if isinstance(entry, Mapping) else str(entry)


def _end(path: str) -> str:
    """How a path in a stage of ls-dvc ends, in whatever folder it is."""
    return re.sub(r"^.*?((?:snapshot/)?[^/]*)$", r"\1", path)


def _folder(path: str) -> str:
    return path.removesuffix(_end(path))


def _with_params(present: list[Any], wanted: list[Any]) -> list[Any]:
    """The parameters that are there, and those that are wanted and that none of them covers."""
    found, names = list(present), [*_names(wanted)]
    for position, (file, name) in enumerate(names):
        if any(file == other and _covers(each, name) for other, each in _names(present)):
            continue
        if file == params.NAME:
            found.insert(_place(found, [each for _, each in names[position + 1 :]]), name)
        else:
            _add(found, file, name)
    return found


def _place(entries: list[Any], following: list[str]) -> int:
    """In front of those that follow, else behind the last one of params.yaml."""
    bare = [n for n, each in enumerate(entries) if not isinstance(each, Mapping)]
    return min((n for n in bare if entries[n] in following), default=max(bare, default=-1) + 1)


def _add(entries: list[Any], file: str, name: str) -> None:
    """Add a parameter of another file, to those of that file if there are any."""
    for n, entry in enumerate(entries):
        if isinstance(entry, Mapping) and entry.get(file):
            entries[n] = {**entry, file: [*entry[file], name]}
            return
    entries.append({file: [name]})


def _names(entries: list[Any]) -> Iterator[tuple[str, str]]:
    """File and name of each parameter; without a name it is the whole file."""
    for entry in entries:
        files = entry if isinstance(entry, Mapping) else {params.NAME: [entry]}
        for file, names in files.items():
            yield from ((str(file), str(name)) for name in names or [""])


def _covers(outer: str, name: str) -> bool:
    return not outer or f"{name}.".startswith(f"{outer}.")


def _sorted(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, list) else value
