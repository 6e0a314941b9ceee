"""Stages of earlier versions that users changed: brought up to date, with every change kept."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ls_dvc.commands import init_stages
from ls_dvc.commands.init_settings import InitOptions, params_yaml
from ls_dvc.errors import LsDvcError
from ls_dvc.io import yaml_files

MEDIA: dict[str, Any] = {"media": {"tasks": "labeled"}}
NOW = init_stages.stages_for(MEDIA)
NAMES = ("engines", "filter", "gates", "keypoints", "layout", "split", "writers")


def never(question: str) -> bool:
    return False


def brought_up(stages: dict[str, Any], block: dict[str, Any] = MEDIA) -> dict[str, Any]:
    text = yaml_files.dump_block({"stages": stages})
    done = init_stages.dvc_yaml(text, init_stages.stages_for(block), never)
    assert init_stages.dvc_yaml(done, init_stages.stages_for(block), never) == done
    now: dict[str, Any] = yaml_files.parse(done, "dvc.yaml")["stages"]
    return now


def earlier(lacking: tuple[str, ...], *, persist: bool) -> dict[str, Any]:
    """The stages as versions wrote them that did not know these parameters, nor media."""
    stages: dict[str, Any] = copy.deepcopy(init_stages.stages_for({}))
    convert = stages["convert"]
    convert["params"] = [
        each
        for each in convert["params"]
        if (each.rpartition(".")[2] if isinstance(each, str) else "writers") not in lacking
    ]
    for stage in stages.values() if not persist else ():
        for kind in ("outs", "metrics", "plots"):
            stage[kind] = [_without_persist(each) for each in stage.get(kind, [])]
        for kind in ("metrics", "plots"):
            if not stage[kind]:
                del stage[kind]
    return stages


def _without_persist(entry: dict[str, Any]) -> Any:
    ((path, options),) = entry.items()
    rest = {key: value for key, value in options.items() if key != "persist"}
    return {path: rest} if rest else path


# As versions came one after the other: what each added.
FORMS = [
    earlier(NAMES[n:] if n else NAMES, persist=persist)
    for n, persist in [*itertools.product(range(len(NAMES)), (False,)), (len(NAMES), True)]
]


@pytest.mark.parametrize("stages", FORMS)
def test_every_earlier_form_becomes_that_of_today(stages: dict[str, Any]) -> None:
    assert brought_up(stages) == NOW
    assert brought_up(stages, {}) == init_stages.stages_for({})


EDITS: dict[str, dict[str, Any]] = {
    "env": {"env": {"A": "b"}},
    "frozen": {"frozen": True, "always_changed": True, "meta": {"owner": "us"}},
    "desc": {"desc": "ours"},
    "prefix": {"cmd": "uv run ls-dvc convert"},
    "suffix": {"cmd": "ls-dvc -q convert --jobs 4 2>&1 | tee log"},
    "folder": {"cmd": "cd . && ls-dvc -C . convert"},
    "list": {"cmd": ["date", "ls-dvc convert"]},
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_users_changed_stays(edit: str) -> None:
    stages = copy.deepcopy(FORMS[0])
    stages["convert"].update(EDITS[edit])
    assert brought_up(stages) == {**NOW, "convert": {**NOW["convert"], **EDITS[edit]}}


def test_what_users_added_to_lists_stays() -> None:
    stages = copy.deepcopy(FORMS[0])
    convert = stages["convert"]
    convert["deps"] += ["mine.py", "assets/media"]
    convert["params"] += ["train.seed", {"other.yaml": ["x"]}]
    convert["outs"] = [{"data/dataset": {"cache": False}}, "mine.txt", "reports/ledger.json"]
    now = brought_up(stages)["convert"]
    assert now["deps"] == ["data/snapshot", "mine.py", "assets/media", "data/media"]
    assert [each for each in now["params"] if each not in NOW["convert"]["params"]] == [
        "train.seed",
        {"other.yaml": ["x"]},
    ]
    assert now["outs"] == [
        {"data/dataset": {"cache": False, "persist": True}},
        "mine.txt",
        {"reports/ledger.json": {"persist": True}},
    ]
    assert "assets/media" in brought_up(stages, {})["convert"]["deps"]


def test_a_parameter_that_covers_others_is_enough() -> None:
    stages = copy.deepcopy(FORMS[0])
    stages["convert"]["params"] = ["label_studio", {"labels.lock": ["fingerprint"]}]
    now = brought_up(stages)["convert"]["params"]
    assert now == ["label_studio", {"labels.lock": ["fingerprint", "writers"]}]


def test_folders_of_the_settings_are_followed_and_options_stay() -> None:
    stages = copy.deepcopy(FORMS[0])
    stages["convert"]["plots"][0]["reports/classes.csv"]["title"] = "Ours"
    now = brought_up(stages, {"data": "d", "reports": "r"})
    assert now["export"]["outs"] == [{"d/snapshot": {"persist": True}}]
    assert now["convert"]["deps"] == ["d/snapshot"]
    assert now["convert"]["plots"][0]["r/classes.csv"]["title"] == "Ours"
    templated = {"deps": ["${label_studio.data}/snapshot", "${label_studio.data}/media"]}
    stages["convert"].update(templated)
    assert brought_up(stages)["convert"]["deps"] == templated["deps"]


@pytest.mark.parametrize(
    "change",
    [
        {"cmd": "python export.py"},
        {"cmd": "my-ls-dvc export"},
        {"cmd": "ls-dvc export-all"},
        {"cmd": "echo ls-dvc; export A=1"},
        {"wdir": "sub"},
        {"outs": {"data/snapshot": None}},
    ],
)
def test_a_stage_that_is_not_ours_is_asked_for(change: dict[str, Any]) -> None:
    with pytest.raises(LsDvcError, match="another stage 'export'"):
        brought_up({"export": {**NOW["export"], **change}})


# --- every other byte

STYLES = st.fixed_dictionaries(
    {
        "step": st.sampled_from([1, 2, 3, 4, 8]),
        "offset": st.sampled_from([0, 2]),
        "end": st.sampled_from(["\n", "\r\n"]),
        "last": st.booleans(),
        "form": st.integers(0, len(FORMS) - 1),
        "before": st.lists(st.integers(0, 6), max_size=4, unique=True),
        "after": st.lists(st.integers(0, 6), max_size=4, unique=True),
        "top": st.sampled_from(
            ["", "# ours\n\n", "vars:\n    -   a: 1\n    -   'b.yaml:x'\n", "%YAML 1.2\n---\n"]
        ),
        "tail": st.sampled_from(
            ["", "\n# the end\n", "plots:\n    - {x.csv:   {x: 'a'}}\n", "zeta: .nan\n"]
        ),
    }
)
OTHERS = [
    "{i}train:   # slow\n{i}    cmd: 'python   train.py'  \n{i}    deps: [ a,b ,  'c' ]\n\n",
    "{i}each: {{foreach: [1, 2], do: {{cmd: 'echo ${{item}}', outs: [\"o${{item}}\"]}}}}\n",
    "{i}base: &base\n{i}   cmd: x\n{i}   outs:\n{i}   - &out  o1\n",
    "{i}# text\n{i}text:\n{i}  cmd: |\n{i}    a\n{i}     b\n\n{i}  desc: >-\n{i}    c\n{i}    d\n",
    '{i}"quoted":\n{i}  cmd: "a \\\n{i}    b"\n',
    "{i}matrix:\n{i}    matrix: {{m: [a, b]}}\n{i}    cmd: x ${{item.m}}\n\n\n",
    "{i}é:\n{i}  cmd: 'ü 😀'  # ö\n",
]


@settings(max_examples=30, deadline=None)
@given(STYLES)
def test_dvc_yaml_of_any_style_keeps_every_other_byte(style: dict[str, Any]) -> None:
    indent = style["step"] * " "
    end = style["end"]
    before, after = (
        "".join(
            OTHERS[n].format(i=indent)
            for n in style[place]
            if place == "before" or n not in style["before"]
        )
        for place in ("before", "after")
    )
    ours = yaml_files.dump_block({"stages": FORMS[style["form"]]}, style["step"], style["offset"])
    head, _, body = ours.partition("\n")
    cut = style["top"] + head + "\n" + before, after + style["tail"]
    top, bottom = (each.replace("\n", end) for each in cut)
    text = top + body.replace("\n", end) + bottom
    if not style["last"]:
        text, bottom = text.removesuffix(end), bottom.removesuffix(end)
    done = init_stages.dvc_yaml(text, NOW, never)
    assert done.startswith(top)
    assert done.endswith(bottom)
    assert end == "\n" or done.count("\n") == done.count("\r\n")
    stages = yaml_files.parse(done, "")["stages"]
    assert {name: stages[name] for name in NOW} == NOW
    assert stages == {**yaml_files.parse(text, "")["stages"], **NOW}
    assert init_stages.dvc_yaml(done, NOW, never) == done


# A file, and what it is without the lines that it gets, with the values that change.
PARAMS = [
    ("train: {lr:  1e-3, 'n': 0o7}  # x\n", "train: {lr:  1e-3, 'n': 0o7}  # x\n"),
    ("a: 1\n\n\n# c", "a: 1\n\n\n# c\n"),
    (
        "label_studio:\n    url:   http://a  # ours\n    'project_id':  1\n    # more\n"
        "    formats: [ COCO ]\nb:   {c: 'd'}  # e",
        "label_studio:\n    url:   'http://b'  # ours\n    'project_id':  2\n    # more\n"
        "    formats: [CSV, JSON]\nb:   {c: 'd'}  # e",
    ),
    ("label_studio:  # ours\na: [ 1,2 ]\n", "label_studio:  # ours\na: [ 1,2 ]\n"),
    ("{ train: {lr: 1}, label_studio: {project_id: 1}}", "{ train: {lr: 1}, label_studio: {"),
    ("{ train:  {lr: 1} } # x\n", "{ train:  {lr: 1}"),
    (
        "a: &a [1,2]\nb: *a\nlabel_studio:\n  split: {}\n  engines: *e\n# c".replace("*e", "{}"),
        "# c",
    ),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("text", "kept"), PARAMS)
def test_params_yaml_of_any_style_keeps_every_other_byte(text: str, kept: str, end: str) -> None:
    text, kept = text.replace("\n", end), kept.replace("\n", end)
    options = InitOptions("http://b", 2, ("CSV", "JSON"))
    done = params_yaml(text, options, lambda question: True)
    block = yaml_files.parse(done, "")["label_studio"]
    assert (block["url"], block["project_id"], block["formats"]) == ("http://b", 2, ["CSV", "JSON"])
    lines = iter(done.splitlines(keepends=True))
    assert all(
        any(line.startswith(each) for line in lines) for each in kept.splitlines(keepends=True)
    )
    assert params_yaml(done, options, never) == done
    assert end == "\n" or done.count("\n") == done.count("\r\n") or end not in text


SHARED = """\
stages:
  export:
    cmd: ls-dvc export
    outs: &o [data/snapshot]
  b:
    outs: *o
"""


def test_what_cannot_be_changed_alone_is_refused() -> None:
    with pytest.raises(LsDvcError, match="cannot change without changing more") as caught:
        init_stages.dvc_yaml(SHARED, NOW, never)
    assert "&" in caught.value.hint
