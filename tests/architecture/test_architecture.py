"""The house rules: one owner for each third-party library, arrows that point down, no circles."""

from __future__ import annotations

import ast
import functools
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

from ls_dvc.labels.class_ids import Classes
from ls_dvc.snapshot import snapshot_folder

PACKAGE = Path(__file__).parents[2] / "ls_dvc"

# Packages and modules of `ls_dvc`, lowest first: a module imports from its own package and from
# layers below it, never from beside or above.
LAYERS = (
    "errors progress",
    "io execution",
    "labels repo cluster",
    "pin formats",
    "settings snapshot",
    "server convert labeldiff",
    "check",
    "media pages",
    "update workspace demo browse",
    "history",
    "commands",
    "api",
    "cli",
)

OWNERS = {
    "label_studio_sdk": ("server/",),
    "httpx": ("server/", "media/"),
    "httpcore": ("server/pace.py",),
    "tenacity": ("server/", "media/"),
    "dask": ("cluster/dask_cluster.py",),
    "distributed": ("cluster/dask_cluster.py",),
    "fsspec": ("media/",),
    "dvc_objects": ("io/links.py",),
    "git": ("repo/git_command.py",),
    "dvc": ("repo/dvc.py",),
    "click": ("cli/",),
    "rich": ("cli/",),
    "ruamel": ("io/yaml_files.py", "demo/train.py"),
    "msgspec": (
        "io/canonical_json.py",
        "formats/image/fast_boxes.py",
        "formats/records/fast_rows.py",
        "convert/spooled_entries.py",
        "server/answers.py",
        "settings/schema.py",
        "snapshot/change_times.py",
        "convert/kept_shards.py",
    ),
    "dotenv": ("settings/env_files.py",),
    "filelock": ("io/files.py",),
    "pyarrow": ("formats/records/parquet.py",),
    "PIL": ("demo/pictures.py", "demo/train.py", "media/"),
    "jinja2": ("pages/",),
    "numpy": ("demo/train.py",),
}

# Values and text: no network, no git, and of the disk only what they are handed.
PURE = ("labels/", "formats/", "labeldiff/", "check/", "pages/", "pin/pin.py")
IMPURE = {"os", "pathlib", "time", "datetime", "subprocess", "socket", "tempfile", "shutil"}
TOUCHES = ("ls_dvc.server", "ls_dvc.repo", "ls_dvc.io.files", "ls_dvc.execution")


@functools.cache
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


TEMPORARY_NAMES = "io/temporary.py"
UNNAMED = {
    "repo/git_command.py",
    "io/spool.py",
    "demo/tour.py",
}  # a file without a name; where temporary ones are


def test_temporary_names_have_one_owner() -> None:
    """A sweep removes by whose they are, so there is one place that says whose."""
    for path, tree in modules().items():
        assert "tempfile" not in imported(tree) or path in UNNAMED, f"{path} imports tempfile"
        texts = (each.value for each in ast.walk(tree) if isinstance(each, ast.Constant))
        named = any(".ls-dvc-tmp" in text for text in texts if isinstance(text, str))
        assert not named or path == TEMPORARY_NAMES, f"{path} makes a temporary name"


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


def layer_of(module: str) -> int | None:
    """The layer of `ls_dvc.<name>…`; None for the package itself."""
    name = module.split(".")[1] if "." in module else ""
    found = [number for number, names in enumerate(LAYERS) if name in names.split()]
    assert found or name in ("", "__main__", "__version__"), f"{module} is in no layer"
    return found[0] if found else None


def test_arrows_point_down() -> None:
    for path, tree in modules().items():
        here = "ls_dvc." + path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        if path in ("__init__.py", "__main__.py"):
            continue
        for name in imported(tree):
            package = name.split(".")[1] if name.startswith("ls_dvc.") else ""
            if not package or package in (here.split(".")[1], "__version__"):
                continue
            own, other = layer_of(here), layer_of(name)
            assert own is not None
            assert other is None or other < own, f"{path} imports {name}, which is not below it"


def test_few_modules_stand_at_the_root() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= 6


@pytest.mark.parametrize("path", sorted(each for each in modules() if each.startswith(PURE)))
def test_pure_modules_touch_nothing(path: str) -> None:
    for name in imported(modules()[path]):
        assert name.partition(".")[0] not in IMPURE
        assert not name.startswith(TOUCHES)


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
    *("concurrent.futures", "statistics", "dask", "distributed"),
}


def test_a_conversion_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "params.yaml").write_text("label_studio: {project_id: 1, formats: [JSON]}")
    snapshot = tmp_path / "data" / "snapshot"
    snapshot.mkdir(parents=True)
    snapshot_folder.write(snapshot, snapshot_folder.companions("<View></View>", Classes.of({})))
    loaded = loaded_by("-C", str(tmp_path), "convert")
    assert (tmp_path / "data" / "dataset" / "JSON").is_dir(), "nothing was converted"
    assert not loaded & SLOW


# Who prints makes text from outside inert; whoever else did would not.
PRINTERS = ("cli/output.py", "cli/console.py", "cli/streams.py", "io/standard_error.py")
CLICK_PRINTS = {"echo", "secho", "echo_via_pager", "confirm", "prompt", "pause", "get_text_stream"}
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}


def prints(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="print" | "input")):
            return True
        case ast.Attribute(value=ast.Name(id="click"), attr=name):
            return name in CLICK_PRINTS
        case ast.Attribute(value=ast.Name(id="sys"), attr=name):
            return name in STREAMS
        case ast.Attribute(value=ast.Name(id="traceback"), attr=name):
            return name.startswith("print")
        case ast.Attribute(value=ast.Name(id="warnings"), attr="warn"):
            return True
        case ast.ImportFrom(module="click" | "sys" | "logging" | "rich" | "traceback"):
            return True
        case ast.Import(names=names):
            return any(each.name.partition(".")[0] in ("logging", "rich") for each in names)
    return False


def test_few_modules_print() -> None:
    for path, tree in modules().items():
        if path in PRINTERS or path.startswith("demo/train"):
            continue
        found = [node for node in ast.walk(tree) if prints(node)]
        assert not found, f"{path} prints in line {found[0].lineno}: use `output` or `console`"
