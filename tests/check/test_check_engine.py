"""Identity, order, habits, and which rules run."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checked import SPANS, checked, found, span, task, together

from ls_dvc.check.agreement.observed import observed
from ls_dvc.check.faults import Fault, Level, Quote, RuleFinding
from ls_dvc.check.registry import RULES, names, number_of
from ls_dvc.check.selection import require_known, selected_rules
from ls_dvc.check.shard import check_shard
from ls_dvc.check.views import CheckContext
from ls_dvc.errors import LsDvcError
from ls_dvc.io import canonical_json
from ls_dvc.labels import canonical, label_config
from ls_dvc.settings import schema
from ls_dvc.settings.check import CheckSettings

TEXT = "The deputy sheriff, John Smith, has three dogs."


def settings(**given_settings: Any) -> CheckSettings:
    return schema.build(CheckSettings, given_settings, "label_studio.check")


def numbers(*select: str) -> list[str]:
    return [rule.number for rule in selected_rules(settings(select=[*select]))]


def fingerprint_of(region: dict[str, Any], task_id: int = 1, **more: Any) -> str:
    (fault,) = checked([task(task_id, {"text": TEXT, **more}, [region])], "LD403").faults
    return fault.fingerprint


def test_a_fault_keeps_its_fingerprint() -> None:
    region = span("a", TEXT, " John")
    first = fingerprint_of(region)
    assert len(first) == 16
    assert first == fingerprint_of(span("a", TEXT, " deputy ")), "the value changed"
    assert first == fingerprint_of(span("a", TEXT, " deputy ", "Age"), note="other data")


@pytest.mark.parametrize("change", [{"id": "b"}, {"from_name": "other"}])
def test_another_region_or_control_is_another_fault(change: dict[str, Any]) -> None:
    region = span("a", TEXT, " John")
    assert fingerprint_of(region) != fingerprint_of({**region, **change})


def test_another_task_is_another_fault() -> None:
    region = span("a", TEXT, " John")
    assert fingerprint_of(region) != fingerprint_of(region, 2)


def test_a_region_without_an_id_is_known_by_its_content() -> None:
    region = span(None, TEXT, " John")
    (fault,) = checked([task(1, {"text": TEXT}, [region])], "LD403").faults
    assert fault.finding.regions[0].startswith("~")
    assert fault.fingerprint == fingerprint_of(region)
    assert fault.fingerprint != fingerprint_of(span(None, TEXT, " deputy"))


def test_quotes_are_short_and_harmless() -> None:
    words = ("is ", Quote("a\x1b[2J" + "b" * 99))
    fault = Fault("0" * 16, "LD403", "edge-blank", Level.ERROR, RuleFinding(1, words))
    assert fault.message() == f"is “a\\x1b[2J{'b' * 51}…”"
    assert fault.message(quotes=False) == "is …"


@pytest.mark.parametrize("name", ["John Smith, 1 Road", "x" * 65, "a\x1b[2J", 7, ""])
def test_what_is_no_plain_id_is_not_repeated(name: Any) -> None:
    region = {**span("a", TEXT, " John"), "id": name}
    (fault,) = checked([task(1, {"text": TEXT}, [region])], "LD403").faults
    assert fault.finding.regions[0].startswith("~")


@given(st.permutations(range(6)))
def test_the_order_of_the_tasks_does_not_matter(order: list[int]) -> None:
    tasks = [
        task(n, {"text": f"{n} {TEXT}"}, [span(f"r{n}", f"{n} {TEXT}", " John")]) for n in range(6)
    ]
    assert checked([tasks[n] for n in order], "LD403") == checked(tasks, "LD403")


def labeled(number: int) -> dict[str, Any]:
    """A task with a fault, one that two annotations have, and one that others decide."""
    text = f"{number % 3} {TEXT}"
    spans = [span(f"r{number}", text, " John"), span(f"s{number}", text, "dogs")]
    spans[1]["value"]["labels"] = ["Age" if number == 5 else "Person"]
    return task(number, {"text": text}, spans, spans)


@given(st.lists(st.integers(0, 10), max_size=4))
def test_it_does_not_matter_where_shards_begin(cuts: list[int]) -> None:
    lines = [canonical_json.line(canonical.task(labeled(number))) for number in range(1, 11)]
    rules = selected_rules(settings())
    context = CheckContext(label_config.parse(SPANS, "the config"))
    ends = [0, *sorted(cuts), len(lines)]
    parts = [
        check_shard(lines[start:end], rules, context, {}, observed)
        for start, end in itertools.pairwise(ends)
    ]
    whole = checked([labeled(number) for number in range(1, 11)])
    assert together(parts, settings(), context) == whole
    assert {"LD403", "LD421", "LD801"} <= {fault.rule for fault in whole.faults} | {
        each.rule for each in whole.conventions
    }


def habit(wrong: int, right: int) -> list[dict[str, Any]]:
    marked = ["Smith,"] * wrong + ["John"] * right
    return [
        task(n, {"text": TEXT}, [span(f"r{n}", TEXT, each)]) for n, each in enumerate(marked, 1)
    ]


def test_what_most_spans_have_is_a_habit_that_is_reported_once() -> None:
    result = checked(habit(30, 8), "LD404")
    assert found(result) == []
    (convention,) = result.conventions
    assert (convention.rule, convention.found, convention.cases) == ("LD404", 30, 38)


def test_a_tenth_of_the_spans_is_no_habit() -> None:
    assert len(found(checked(habit(6, 54), "LD404"))) == 6
    assert len(checked(habit(6, 53), "LD404").conventions) == 1


def test_a_few_faults_are_no_habit() -> None:
    assert len(found(checked(habit(4, 1), "LD404"))) == 4


def test_errors_are_never_a_habit() -> None:
    tasks = [task(n, {"text": TEXT}, [span(f"r{n}", TEXT, " John")]) for n in range(1, 9)]
    assert len(found(checked(tasks, "LD403"))) == 8


def test_rules_are_selected_by_number_name_and_beginning() -> None:
    assert numbers("LD403", "cuts-word") == ["LD403", "LD405"]
    assert numbers("ld403") == ["LD403"]
    assert numbers("LD4") == [each for each in names() if each.startswith("LD4")]
    assert numbers("LD4", "-LD403", "-cuts-word") == [
        each for each in numbers("LD4") if each not in ("LD403", "LD405")
    ]
    assert numbers("-LD4") == [each for each in numbers() if not each.startswith("LD4")]


def test_previews_run_only_where_they_are_named() -> None:
    previews = {number for number in RULES if RULES[number].LEVEL is Level.PREVIEW}
    assert previews.isdisjoint(numbers())
    assert all(numbers(number) == [number] for number in previews)


@pytest.mark.parametrize(
    ("given_settings", "words"),
    [
        ({"select": ["edge-blnk"]}, "there is no rule 'edge-blnk'; did you mean 'edge-blank'?"),
        ({"select": ["-LD499"]}, "there is no rule 'LD499'"),
        ({"LD499": {}}, "there is no rule 'LD499'"),
        ({"LD421": {"time": 3}}, "did you mean 'times'?"),
        ({"LD421": {"share": 2}}, "must be from 0.5 to 1"),
        ({"LD403": {"times": 3}}, "there is no such setting"),
    ],
)
def test_unknown_rules_and_options_are_errors(given_settings: dict[str, Any], words: str) -> None:
    with pytest.raises(LsDvcError, match=words.replace("?", r"\?")):
        require_known(settings(**given_settings))


def test_a_misspelled_setting_is_an_error() -> None:
    with pytest.raises(schema.InvalidSettingError, match="did you mean 'select'"):
        settings(selct=[])


def test_options_are_not_lost_where_they_stand_in_two_places() -> None:
    given = settings(options={"LD105": {"side": 4}}, LD421={"times": 3})
    assert given.options == {"LD105": {"side": 4}, "LD421": {"times": 3}}


def test_settings_are_the_same_again() -> None:
    given_settings = settings(select=["LD4"], LD421={"times": 3})
    assert schema.build(CheckSettings, given_settings.plain(), "x") == given_settings


@pytest.mark.parametrize("number", names())
def test_each_rule_is_whole(number: str) -> None:
    rule = RULES[number]
    assert rule.REVISION >= 1
    assert rule.LOOKS_AT
    assert rule.OPTIONS() is not None
    first, _, rest = (rule.__doc__ or "").partition("\n\n")
    assert first.endswith(".")
    assert rest.strip()
    assert number_of(names()[number]) == number


MANGLED = [
    None,
    7,
    "x",
    [],
    {},
    {"type": "labels"},
    {"type": 7, "value": 7},
    {"id": [], "value": {}},
]


@pytest.mark.parametrize("number", names())
def test_rules_stop_at_nothing(number: str) -> None:
    """Regions may hold anything."""
    rng = random.Random(number)
    kinds = ["labels", "rectanglelabels", "ellipselabels", "polygonlabels", "brushlabels"]
    kinds += ["keypointlabels", "choices", "relation", "videorectangle", "textarea", "taxonomy"]
    odd: list[Any] = [None, -1, 5, 1.5, float("nan"), 1e300, "a", "", [], ["a"], {}, True, [[1, 2]]]
    keys = ["x", "y", "width", "height", "rotation", "start", "end", "text", "labels", "points"]
    keys += ["rectanglelabels", "choices", "rle", "radiusX", "radiusY", "format", "sequence"]
    regions = list(MANGLED)
    for _ in range(300):
        value = {key: rng.choice(odd) for key in rng.sample(keys, 6)}
        names_of = {"from_name": rng.choice(["label", "box", None, 7]), "to_name": "text"}
        size = {"original_width": rng.choice(odd), "original_height": rng.choice(odd)}
        kind = rng.choice(kinds)
        regions.append({"id": rng.choice(odd), "type": kind, "value": value, **names_of, **size})
    results = [regions[start::3] for start in range(3)]
    checked([task(1, {"text": TEXT}, *results), task(2, {}, regions)], number)
