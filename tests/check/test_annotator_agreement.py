"""Agreement: numbers by hand, by other libraries, and what must not count."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.agreed import agreed, rows
from support.checked import (
    BOXES,
    WITHOUT_CONFIG,
    box,
    checked,
    found,
    image,
    span,
    task,
)
from support.projects import rle_of_all

from ls_dvc.check.agreement import alpha, intervals, keypoints, texts
from ls_dvc.check.agreement.answers import NUMBERS, ORDERED, SETS
from ls_dvc.check.agreement.extents import extent_of, trapezoids
from ls_dvc.check.agreement.keypoints import PlacedPoint
from ls_dvc.check.agreement.summary import values
from ls_dvc.check.regions import region_view
from ls_dvc.formats.image.filled_area import filled_area
from ls_dvc.labels import geometry, label_config

TEXT = "The deputy sheriff, John Smith, has three dogs."
NONE = label_config.parse(WITHOUT_CONFIG, "the config")


def answer(kind: str, value: Any, control: str = "asked") -> dict[str, Any]:
    return {
        "id": "a",
        "from_name": control,
        "to_name": "text",
        "type": kind,
        "value": {kind: value},
    }


def numbers(found: Mapping[tuple[str, str], Any]) -> dict[str, Fraction]:
    return {measure: each.value for (measure, who), each in found.items() if who == "all"}


# --- who is compared


def test_both_empty_is_no_agreement() -> None:
    """Counting it would lift a real data set from 0.54 to 0.67."""
    name, age = span("a", TEXT, "John"), span("b", TEXT, "deputy")
    some = [task(1, {"text": TEXT}, [name, age], [name])]
    empty = [task(number, {"text": TEXT}, [], []) for number in range(2, 9)]
    found = agreed([*some, *empty])["f1", "all"]
    assert (found.value, found.tasks, found.pairs) == (Fraction(2, 3), 1, 1)


def test_one_empty_is_disagreement() -> None:
    found = agreed([task(1, {"text": TEXT}, [span("a", TEXT, "John")], [])])
    assert found["f1", "all"].value == 0


def test_nobody_agrees_with_themselves() -> None:
    """The last annotation of each annotator counts; one who is not known is not one person."""
    first, last = [span("a", TEXT, "John")], [span("a", TEXT, "dogs")]
    assert not agreed([task(1, {"text": TEXT}, first, first, by=(7, 7))])
    assert not agreed([task(1, {"text": TEXT}, first, first, by=(7, None))])
    found = agreed([task(1, {"text": TEXT}, first, last, last, by=(7, 7, 8))])["f1", "all"]
    assert (found.value, found.pairs) == (1, 1)


def test_the_author_of_the_ground_truth_is_left_out() -> None:
    """Ground truth is often a copy of somebody's annotation: they would agree by 1.0."""
    mine, other = [span("a", TEXT, "John")], [span("a", TEXT, "dogs")]
    raw = task(1, {"text": TEXT}, mine, other, mine, by=(7, 8, 7))
    raw["annotations"][2]["ground_truth"] = True
    found = agreed([raw], people=True)
    assert {who: each.value for (measure, who), each in found.items() if measure == "f1"} == {
        "all": 0,
        "7 and 8": 0,
        "ground truth": 0,
        "8 and ground truth": 0,
    }


def test_skipped_annotations_are_left_out() -> None:
    raw = task(1, {"text": TEXT}, [span("a", TEXT, "John")], [])
    raw["annotations"][1]["was_cancelled"] = True
    assert not agreed([raw])


def test_text_that_nobody_labeled_does_not_count() -> None:
    """By tokens, 99 % of which nobody labels, everybody would agree."""
    results = [span("a", TEXT, "John"), span("b", TEXT, "dogs")], [span("a", TEXT, "John")]
    short = agreed([task(1, {"text": TEXT}, *results)])
    long = agreed([task(1, {"text": TEXT + " and more" * 1000}, *results)])
    assert numbers(short) == numbers(long)


def test_models_are_compared_with_people_or_ground_truth() -> None:
    mine, other = [span("a", TEXT, "John")], [span("a", TEXT, "dogs")]
    raw = task(1, {"text": TEXT}, mine, other, by=(7, None))
    guess = {"id": 5, "model_version": "v2", "result": mine}
    raw["predictions"] = [guess, {**guess, "id": 6, "model_version": "v1", "result": other}]
    found = agreed([raw])
    assert found["f1", "model v2"].value == found["f1", "model v1"].value == Fraction(1, 2)
    raw["annotations"][0]["ground_truth"] = True
    found = agreed([raw])
    assert (found["f1", "model v2"].value, found["f1", "model v1"].value) == (1, 0)


def test_nothing_is_said_of_few_tasks() -> None:
    tasks = [task(number, {"text": TEXT}, *[[span("a", TEXT, "John")]] * 2) for number in range(29)]
    few = agreed(tasks, least_tasks=30)["f1", "all"]
    assert (few.value, few.low, few.tasks, few.pairs) == (None, None, 29, 29)
    tasks.append({**tasks[0], "id": 99})
    assert agreed(tasks, least_tasks=30)["f1", "all"][4:] == (30, 1, 1, 1)


# --- marks


def test_boxes_by_hand() -> None:
    """Of three and two boxes, one is the same, one has another label."""
    one = [box("a", 0, 0, 10, 10), box("b", 50, 50, 10, 10), box("c", 80, 80, 5, 5)]
    other = [box("d", 0, 2, 10, 10), box("e", 50, 50, 10, 10, label="Bus")]
    found = numbers(agreed([task(1, image(1), one, other)], BOXES))
    overlap = (Fraction(80, 120) + 1) / 2
    assert found["f1"] == Fraction(2, 5)
    assert found["f1_blind"] == Fraction(4, 5)
    assert abs(found["iou"] - overlap) < 1e-12


def test_a_box_matches_one_box_the_best_first() -> None:
    one = [box("a", 0, 0, 10, 10), box("b", 0, 1, 10, 10)]
    other = [box("c", 0, 1, 10, 10)]
    found = numbers(agreed([task(1, image(1), one, other)], BOXES))
    assert (found["f1"], found["iou"]) == (Fraction(2, 3), 1)


def test_boxes_on_different_images_are_different() -> None:
    one, other = box("a", 0, 0, 10, 10), {**box("a", 0, 0, 10, 10), "item_index": 1}
    assert numbers(agreed([task(1, image(1), [one], [other])], BOXES))["f1"] == 0


def test_the_labels_of_a_shape_that_another_result_labels() -> None:
    def labeled(label: str) -> list[dict[str, Any]]:
        shape = box("a", 0, 0, 10, 10, label=None)
        value = {**shape["value"], "labels": [label]}
        names = {"from_name": "kind", "to_name": "image", "type": "labels"}
        return [{**shape, "type": "rectangle"}, {"id": "a", **names, "value": value}]

    config = """<View><Image name="image" value="$image"/><Rectangle name="box" toName="image"/>
    <Labels name="kind" toName="image"><Label value="Car"/><Label value="Bus"/></Labels></View>"""
    tasks = [task(1, image(1), labeled("Car"), labeled("Car"), labeled("Bus"))]
    found = numbers(agreed(tasks, config))
    assert (found["f1"], found["f1_blind"]) == (Fraction(1, 3), 1)


def test_spans_exact_and_by_overlap() -> None:
    """A blank at the end: not exact, but the same span."""
    tasks = [task(1, {"text": TEXT}, [span("a", TEXT, "sheriff")], [span("a", TEXT, "sheriff,")])]
    found = numbers(agreed(tasks))
    assert (found["f1_exact"], found["f1"]) == (0, 1)


def test_spans_of_dialogues_and_of_markup() -> None:
    def said(start: str, end: str, first: int, last: int) -> dict[str, Any]:
        ends = {"start": start, "end": end, "startOffset": first, "endOffset": last}
        value = {**ends, "paragraphlabels": ["A"]}
        return {
            "id": "a",
            "from_name": "p",
            "to_name": "d",
            "type": "paragraphlabels",
            "value": value,
        }

    def marked(start: int, end: int) -> dict[str, Any]:
        ends = {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0}
        value = {**ends, "globalOffsets": {"start": start, "end": end}, "hypertextlabels": ["A"]}
        return {
            "id": "a",
            "from_name": "p",
            "to_name": "d",
            "type": "hypertextlabels",
            "value": value,
        }

    for one, other, far in (
        (said("0", "0", 0, 10), said("0", "0", 0, 8), said("1", "1", 0, 10)),
        (marked(0, 10), marked(0, 8), marked(20, 30)),
    ):
        found = numbers(agreed([task(1, {}, [one], [other], [far])], WITHOUT_CONFIG))
        assert (found["f1"], found["f1_exact"], found["iou"]) == (Fraction(1, 3), 0, Fraction(4, 5))


def test_segments_of_other_channels_are_others() -> None:
    def segment(channel: int, start: float, end: float) -> dict[str, Any]:
        value = {"start": start, "end": end, "channel": channel, "labels": ["Speech"]}
        return {"id": "a", "from_name": "s", "to_name": "audio", "type": "labels", "value": value}

    tasks = [task(1, {}, [segment(0, 0, 10)], [segment(0, 2, 10)], [segment(1, 0, 10)])]
    found = numbers(agreed(tasks, WITHOUT_CONFIG))
    assert (found["f1"], found["iou"]) == (Fraction(1, 3), Fraction(4, 5))


def polygon(points: Sequence[Sequence[float]]) -> dict[str, Any]:
    value = {"points": [[*point] for point in points], "polygonlabels": ["A"]}
    return {"id": "a", "from_name": "p", "to_name": "i", "type": "polygonlabels", "value": value}


def overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    first, second = (extent_of(region_view(1, 0, each, NONE)) for each in (one, other))
    assert first is not None
    assert type(first) is type(second)
    return first.overlap(second)  # type: ignore[arg-type]


def test_a_hollow_polygon_overlaps_only_where_it_is() -> None:
    """A U of 7 squares; a square in its hollow shares nothing, one of 3 x 3 around it all 7."""
    hollow = polygon([(0, 0), (1, 0), (1, 2), (2, 2), (2, 0), (3, 0), (3, 3), (0, 3)])
    inside = polygon([(1, 0), (2, 0), (2, 2), (1, 2)])
    whole = polygon([(0, 0), (3, 0), (3, 3), (0, 3)])
    assert overlap(hollow, inside) == 0
    assert overlap(hollow, whole) == pytest.approx(7 / 9, abs=1e-12)
    assert overlap(hollow, hollow) == pytest.approx(1, abs=1e-12)


corner = st.tuples(st.integers(0, 40), st.integers(0, 40))


@given(st.lists(corner, min_size=3, max_size=9, unique=True), st.floats(0, 6))
@settings(deadline=None)
def test_strips_of_star_shaped_polygons_have_their_area(
    corners: list[tuple[int, int]], turn: float
) -> None:
    x, y = (sum(each) / len(corners) for each in zip(*corners, strict=True))
    points = sorted(corners, key=lambda each: (math.atan2(each[1] - y, each[0] - x), each))
    exact = filled_area(points)
    found = math.fsum(map(geometry.area, trapezoids(points)))
    if exact is not None and geometry.area(points) == pytest.approx(exact, abs=1e-6):
        assert found == pytest.approx(exact, abs=1e-6)


def test_what_overlaps_as_pycocotools_says() -> None:
    mask = pytest.importorskip("pycocotools.mask")
    dice = random.Random(5)
    for _ in range(200):
        ones = [dice.randint(0, 40), dice.randint(0, 40), dice.randint(1, 50), dice.randint(1, 50)]
        other = [dice.randint(0, 40), dice.randint(0, 40), dice.randint(1, 50), dice.randint(1, 50)]
        by_coco = mask.iou([[float(x) for x in ones]], [[float(x) for x in other]], [0])[0][0]
        assert overlap(box("a", *ones), box("b", *other)) == pytest.approx(by_coco, abs=1e-12)


def test_masks_as_pycocotools_says() -> None:
    mask, numpy = pytest.importorskip("pycocotools.mask"), pytest.importorskip("numpy")
    dice = random.Random(5)
    for _ in range(10):
        painted = [[dice.random() < 0.5 for _ in range(12 * 9)] for _ in range(2)]
        arrays = [numpy.array(each).reshape(9, 12) for each in painted]
        coded = [mask.encode(numpy.asfortranarray(each, numpy.uint8)) for each in arrays]
        regions = [brush([255 * pixel for pixel in each], 12, 9) for each in painted]
        by_coco = mask.iou(coded[:1], coded[1:], [0])[0][0]
        assert overlap(*regions) == pytest.approx(by_coco, abs=1e-12)


def brush(alpha: list[int], width: int, height: int) -> dict[str, Any]:
    value = {
        "rle": rle_of_all([f"{each:08b}" for each in alpha]),
        "format": "rle",
        "brushlabels": ["A"],
    }
    size = {"original_width": width, "original_height": height}
    return {
        "id": "a",
        "from_name": "p",
        "to_name": "i",
        "type": "brushlabels",
        **size,
        "value": value,
    }


def test_exact_spans_as_nervaluate_says() -> None:
    nervaluate = pytest.importorskip("nervaluate")
    dice = random.Random(5)
    words = ["John", "Smith", "deputy", "sheriff", "three", "dogs"]
    tasks, true, predicted = [], list[Any](), list[Any]()
    for number in range(1, 40):
        results = [
            [
                span(word, TEXT, word, dice.choice(["Person", "Age"]))
                for word in dice.sample(words, 3)
            ]
            for _ in range(2)
        ]
        tasks.append(task(number, {"text": TEXT}, *results))
        for listed, result in zip((true, predicted), results, strict=True):
            spans = [each["value"] for each in result]
            listed.append(
                [{"start": s["start"], "end": s["end"] - 1, "label": s["labels"][0]} for s in spans]
            )
    by_other = nervaluate.Evaluator(true, predicted, ["Person", "Age"]).evaluate()
    strict = by_other["overall"]["strict"]
    assert abs(numbers(agreed(tasks))["f1_exact"] - strict.f1) < 1e-12


# --- answers


def test_alpha_by_hand() -> None:
    """A A, B B, A B, B B: 1 of 4 differs; of 3 A and 5 B, 30 of 56 pairs differ by chance."""
    given_answers = [("A", "A"), ("B", "B"), ("A", "B"), ("B", "B")]
    tasks = [
        task(number, {}, *[[answer("choices", [each])] for each in both])
        for number, both in enumerate(given_answers)
    ]
    found = numbers(agreed(tasks))
    assert found["alpha"] == 1 - Fraction(1, 4) / Fraction(30, 56)
    assert found["equal"] == Fraction(3, 4)


def test_an_answer_that_is_not_there_is_no_answer() -> None:
    tasks = [task(1, {}, [answer("choices", ["A"])], [], [answer("choices", ["B"])])]
    found = agreed(tasks)["equal", "all"]
    assert (found.value, found.pairs) == (0, 1)


def test_alpha_says_nothing_where_all_answer_the_same() -> None:
    tasks = [task(number, {}, *[[answer("choices", ["A"])]] * 2) for number in range(3)]
    found = numbers(agreed(tasks))
    assert (found["alpha"], found["equal"]) == (None, 1)


def test_sets_by_hand() -> None:
    """MASI: {A} and {A, B} are 1 - 1/2 * 2/3 apart, {A, B} and {B, C} 1 - 1/3 * 1/3."""
    within, _ = alpha.differences([[("A",), ("A", "B")], [("A", "B"), ("B", "C")]], SETS)
    assert within == [2 * Fraction(2, 3), 2 * Fraction(8, 9)]


@pytest.mark.parametrize(
    ("kind", "measure"), [("rating", "ordinal_alpha"), ("number", "interval_alpha")]
)
def test_numbers(kind: str, measure: str) -> None:
    tasks = [
        task(number, {}, *[[answer(kind, each)] for each in both])
        for number, both in enumerate([(1, 1), (5, 4), (3, 3), (2, 5)])
    ]
    found = numbers(agreed(tasks))
    assert set(found) == {measure}
    assert 0 < found[measure] < 1


@pytest.mark.parametrize(
    ("measure", "level"), [(SETS, "nominal"), (ORDERED, "ordinal"), (NUMBERS, "interval")]
)
def test_alpha_as_krippendorff_says(measure: str, level: str) -> None:
    krippendorff, numpy = pytest.importorskip("krippendorff"), pytest.importorskip("numpy")
    dice = random.Random(5)
    for _ in range(40):
        matrix = [[dice.choice([1, 2, 3, 4, None]) for _ in range(12)] for _ in range(4)]
        columns = ([each for each in column if each] for column in zip(*matrix, strict=True))
        units = [column for column in columns if len(column) > 1]
        answers = [[(str(each),) if measure == SETS else each for each in unit] for unit in units]
        within, by_chance = alpha.differences(answers, measure)
        found = 1 - sum(within) / sum(map(len, units)) / by_chance
        as_numbers = numpy.array([[each or numpy.nan for each in row] for row in matrix], float)
        by_other = krippendorff.alpha(as_numbers, level_of_measurement=level)
        assert abs(found - Fraction(by_other)) < 1e-12


def test_what_chance_gives_is_known_from_a_sample_of_many_answers() -> None:
    dice = random.Random(5)
    units = [[tuple(sorted(dice.sample("abcdefghijklmno", 4))) for _ in "ab"] for _ in range(3000)]
    _, by_sample = alpha.differences(units, SETS)
    _, of_all = alpha.differences(units[:290], SETS)
    assert by_sample == alpha.differences(units, SETS)[1]
    assert float(by_sample) == pytest.approx(float(of_all), abs=0.02)


def test_answers_about_a_region_are_no_answers_about_the_task() -> None:
    about = {**answer("choices", ["A"]), "id": "r"}
    tasks = [task(1, {"text": TEXT}, *[[span("r", TEXT, "John"), about]] * 2)]
    assert "equal" not in numbers(agreed(tasks))


def slow_distance(one: str, other: str) -> int:
    row = [*range(len(other) + 1)]
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


@given(st.text("abcé", max_size=80), st.text("abcé", max_size=80))
def test_distances_of_texts(one: str, other: str) -> None:
    assert texts.distance(one, other) == slow_distance(one, other)


def test_transcripts() -> None:
    tasks = [task(1, {}, [answer("textarea", 1)], [answer("textarea", 2)])]
    for annotation, text in zip(tasks[0]["annotations"], ("kitten", "sitting"), strict=True):
        annotation["result"][0]["value"] = {"text": [text]}
    assert numbers(agreed(tasks)) == {"similarity": Fraction(4, 7)}


# --- key points and relations


def point(label: str, x: float, y: float) -> dict[str, Any]:
    value = {"x": x, "y": y, "width": 1, "keypointlabels": [label]}
    size = {"original_width": 200, "original_height": 100}
    names = {"id": label, "from_name": "k", "to_name": "i", "type": "keypointlabels"}
    return {**names, **size, "value": value}


def test_key_points_as_pycocotools_says() -> None:
    coco, numpy = pytest.importorskip("pycocotools.cocoeval"), pytest.importorskip("numpy")
    dice = random.Random(5)
    labels = "abcdefg"
    ones = [
        PlacedPoint("", (each,), (dice.random() * 50, dice.random() * 50), 2500.0)
        for each in labels
    ]
    others = [each._replace(at=(each.at[0] + dice.gauss(0, 3), each.at[1])) for each in ones]
    evaluation = coco.COCOeval(iouType="keypoints")
    evaluation.params.kpt_oks_sigmas = numpy.full(len(labels), keypoints.SIGMA)

    def flat(points: Sequence[PlacedPoint]) -> list[float]:
        return [number for each in points for number in (*each.at, 2)]

    evaluation._gts[1, 1] = [{"keypoints": flat(ones), "area": 2500.0, "bbox": [0, 0, 50, 50]}]
    evaluation._dts[1, 1] = [{"keypoints": flat(others), "score": 1}]
    by_coco = evaluation.computeOks(1, 1)[0][0]
    mean = math.fsum(keypoints.similarities(ones, others)) / len(labels)
    assert mean == pytest.approx(by_coco, abs=1e-12)


def test_a_point_that_one_did_not_mark_counts() -> None:
    whole = [point("a", 10, 10), point("b", 50, 60), point("c", 30, 90)]
    found = numbers(agreed([task(1, {}, whole, whole[:2])], WITHOUT_CONFIG))
    assert found == {"oks": Fraction(4, 5)}


def test_relations_have_the_same_ends() -> None:
    def related(first: str, second: str, direction: str, label: str) -> dict[str, Any]:
        ends = {"from_id": first, "to_id": second, "direction": direction, "labels": [label]}
        return {"type": "relation", **ends}

    def marked(first: str, second: str, *relations: dict[str, Any]) -> list[dict[str, Any]]:
        return [span(first, TEXT, "John"), span(second, TEXT, "dogs"), *relations]

    one = marked("a", "b", related("a", "b", "right", "has"), related("a", "b", "bi", "knows"))
    other = marked("c", "d", related("d", "c", "left", "has"), related("c", "d", "right", "sees"))
    tasks = [task(1, {"text": TEXT}, one, other)]
    found = [each for each in values(rows(tasks), 1, people=False) if each.control == "relations"]
    assert [(each.measure, each.value) for each in found] == [
        ("f1", Fraction(1, 2)),
        ("f1_blind", Fraction(1, 2)),
    ]


# --- order and intervals


def many_tasks(dice: random.Random, number: int) -> list[dict[str, Any]]:
    def shape(name: str) -> dict[str, Any]:
        where = [dice.choice((0, 2, 8)) for _ in range(2)]
        return box(name, *where, 10, 10, label=dice.choice(["Car", "Bus"]))

    def result() -> list[dict[str, Any]]:
        shapes = [shape(f"r{count}") for count in range(dice.randint(0, 4))]
        return [*shapes, answer("choices", [dice.choice("AB")])]

    return [task(each, image(each), result(), result(), result()) for each in range(1, number)]


def test_the_same_in_any_order() -> None:
    dice = random.Random(5)
    tasks = many_tasks(dice, 60)
    found = agreed(tasks, BOXES, people=True)
    mixed = dice.sample(tasks, len(tasks))
    for each in mixed:
        dice.shuffle(each["annotations"])
        for annotation in each["annotations"]:
            dice.shuffle(annotation["result"])
    assert agreed(mixed, BOXES, people=True) == found
    assert [*values(rows(mixed, BOXES, shards=7), 1, people=True)] == [
        *values(rows(tasks, BOXES, shards=1), 1, people=True)
    ]


def test_an_interval_is_around_the_value() -> None:
    for each in agreed(many_tasks(random.Random(5), 300), BOXES).values():
        assert each.low is not None
        assert each.low < each.value < each.high
        assert each.high - each.low < 0.2


def test_an_interval_is_that_of_a_share() -> None:
    """Of 200 tasks of which 60 are right: 0.3, give or take 1.96 * (0.3 * 0.7 / 200) ** 0.5."""
    found = intervals.interval([(int(number % 10 < 3), 1) for number in range(200)])
    assert found is not None
    assert [*map(float, found)] == pytest.approx([0.236, 0.364], abs=0.012)


def test_draws_are_the_same_everywhere() -> None:
    assert intervals._draws(10)[0] == [5, 4, 5, 2, 8, 8, 6, 1, 5, 3]


def test_many_marks_in_one_place_are_compared_in_bounded_time() -> None:
    crowd = [box(f"r{number}", 1, 1, 10, 10) for number in range(1200)]
    found = agreed([task(1, image(1), crowd[:1200], crowd[:10])], BOXES)
    assert found["f1", "all"].value == Fraction(20, 1010)


@pytest.mark.parametrize("odd", [{}, {"value": None}, {"type": "relation"}, {"type": "choices"}])
def test_regions_that_hold_anything(odd: Mapping[str, Any]) -> None:
    for kind in ("rectanglelabels", "polygonlabels", "brushlabels", "keypointlabels", "taxonomy"):
        region = {"id": "a", "from_name": "x", "type": kind, "value": {"points": 3, "taxonomy": 3}}
        assert not agreed([task(1, {}, [{**region, **odd}], [])], WITHOUT_CONFIG) or odd


# --- rules


def both(number: int, one: str, other: str) -> dict[str, Any]:
    return task(number, {"text": TEXT}, [span("a", TEXT, one)], [span("b", TEXT, other)])


def test_tasks_on_which_annotators_agree_little() -> None:
    tasks = [both(number, "John", "John") for number in range(1, 20)]
    tasks += [both(20, "John", "dogs"), task(21, {"text": TEXT}, [span("a", TEXT, "John")], [])]
    result = checked(tasks, "LD911")
    assert found(result) == [("LD911", 20, ""), ("LD911", 21, "")]
    assert result.faults[0].message() == "is labeled by annotators who agree little: mean F1 0.00"
    assert not checked(tasks, "LD911", LD911={"f1": 0}).faults


def test_less_agreement_than_asked_for() -> None:
    tasks = [both(number, "John", "dogs" if number % 2 else "John") for number in range(40)]
    limits = {"label": {"f1": 0.4, "f1_exact": 0.6}}
    (fault,) = checked(tasks, "LD912", agreement=limits).faults
    assert (fault.finding.control, fault.finding.at) == ("label", {"value": 0.5})
    assert fault.message() == "f1_exact of annotators is 0.500, less than 0.6"
    assert not checked(tasks[:29], "LD912", agreement=limits).faults, "too few tasks"
