"""The house rules: one owner for each third-party library, arrows that point down, no circles."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

from ls_dvc.labels.class_ids import Classes
from ls_dvc.snapshot import folder

PACKAGE = Path(__file__).parent.parent / "ls_dvc"

OWNERS = {
    "label_studio_sdk": ("server/",),
    "httpx": ("server/",),
    "tenacity": ("server/",),
    "git": ("repo/git.py", "repo/commits.py"),
    "dvc": ("repo/dvc.py",),
    "click": ("cli/",),
    "rich": ("console.py",),
    "ruamel": ("yamlfile.py",),
    "msgspec": ("jsontext.py", "boxes.py", "plain.py", "strict.py"),
    "dotenv": ("connection.py",),
    "filelock": ("files.py",),
    "pyarrow": ("formats/parquet.py",),
    "PIL": ("demo_pictures.py",),
}

# Rooms that hold values or text: no network, no git, and of the disk only what they are handed.
PURE = (
    "canonical",
    "jsontext",
    "strict",
    "boxes",
    "plain",
    "survey",
    "classes",
    "label_config",
    "ledger",
    "select",
    "conversion",
    "geometry",
    "names",
    "tally",
    "samples",
    "carries",
    "engines",
    "rawjson",
    "formats/flat",
    *(f"labeldiff/{room}" for room in ("value", "tasks", "regions", "config", "matching")),
    *(f"labeldiff/{room}" for room in ("overlap", "phrases", "text", "markdown")),
)


def modules() -> dict[str, ast.Module]:
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text())
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_every_third_party_library_has_one_owner() -> None:
    for path, tree in modules().items():
        for name in imported(tree):
            library = name.partition(".")[0]
            if library == "ls_dvc" or library in sys.stdlib_module_names:
                continue
            assert library in OWNERS, f"{path} imports {library}, which nobody owns"
            assert path.startswith(OWNERS[library]), f"{path} imports {library}"


def test_there_are_no_circles() -> None:
    known = {path.removesuffix(".py").replace("/", ".") for path in modules()}
    graph: dict[str, set[str]] = {}
    for path, tree in modules().items():
        arrows = graph.setdefault(path.removesuffix(".py").replace("/", "."), set())
        for name in imported(tree):
            parts = name.removeprefix("ls_dvc.").split(".")
            for target in (".".join(parts), ".".join(parts[:-1])):
                if name.startswith("ls_dvc.") and target in known:
                    arrows.add(target)
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_touch_nothing(room: str) -> None:
    names = imported(modules()[f"{room}.py"])
    for name in names:
        assert name.partition(".")[0] not in {"os", "pathlib", "time", "datetime", "subprocess"}
        assert not name.startswith(("ls_dvc.server", "ls_dvc.repo", "ls_dvc.files"))


def loaded_by(*arguments: str) -> set[str]:
    code = (
        "import sys; sys.argv=['ls-dvc', *sys.argv[1:]]\n"
        "from ls_dvc.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('\\n'.join(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return set(ran.stdout.splitlines())


def libraries_loaded_by(*arguments: str) -> set[str]:
    return {name.partition(".")[0] for name in loaded_by(*arguments)}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("update", "--help")])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not libraries_loaded_by(*arguments) & (set(OWNERS) - {"click"} | {"pandas", "numpy"})


def test_a_status_loads_neither_dvc_nor_pandas(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "params.yaml").write_text(
        "label_studio: {url: 'http://127.0.0.1:9', project_id: 1, formats: [JSON]}"
    )
    (tmp_path / ".env").write_text("LABEL_STUDIO_API_KEY=k\n")
    loaded = libraries_loaded_by("-C", str(tmp_path), "status")
    assert "label_studio_sdk" in loaded, "the probe was not reached"
    assert not loaded & {"dvc", "pandas", "numpy", "git", "PIL", "nltk"}


# What takes long to load, and is of no use to a conversion in one process.
SLOW = {
    *("label_studio_sdk", "httpx", "pydantic", "dvc", "git", "pandas", "numpy", "rich", "PIL"),
    *("email", "importlib.metadata", "http.client", "multiprocessing", "ls_dvc.update"),
}


def test_a_conversion_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "params.yaml").write_text("label_studio: {project_id: 1, formats: [JSON]}")
    snapshot = tmp_path / "data" / "snapshot"
    snapshot.mkdir(parents=True)
    folder.write(snapshot, folder.companions("<View></View>", Classes.of({})))
    loaded = loaded_by("-C", str(tmp_path), "convert")
    assert (tmp_path / "data" / "dataset" / "JSON").is_dir(), "nothing was converted"
    assert not loaded & SLOW
