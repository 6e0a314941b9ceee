"""ASR_MANIFEST: golden bytes by hand, a reader as NeMo documents its own, the SDK's converter.

NeMo itself is too heavy to load here.
"""

from __future__ import annotations

import json
import logging
import tarfile
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import media, projects
from support.effort import examples
from support.media import FakeMedia
from support.projects import JUNK, Raw, annotation, boxed, region, task

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.interface import Layout
from ls_dvc.labels.class_ids import Classes
from ls_dvc.labels.policy import Policy, Split
from ls_dvc.settings import params

pytestmark = pytest.mark.filterwarnings("ignore:::label_studio_sdk", "ignore:::nltk")

FMT, FILE = "ASR_MANIFEST", "manifest.json"
SPEECH = """<View><Labels name="kind" toName="audio"><Label value="Speech"/><Label value="Noise"/>
</Labels><Audio name="audio" value="$audio"/>
<TextArea name="words" toName="audio" perRegion="true"/>
<TextArea name="notes" toName="audio"/><Choices name="mood" toName="audio"><Choice value="Good"/>
</Choices></View>"""
TWO = """<View><AudioPlus name="left" value="$left"/><Audio name="right" value="$right"/>
<Audio name="bare" value="$bare"/><Text name="text" value="$text"/>
<TextArea name="words" toName="left,right"/><TextArea name="gist" toName="text"/></View>"""


def on_audio(kind: str, value: Any, **fields: Any) -> Raw:
    bare = dict.fromkeys(("original_width", "original_height", "image_rotation"), ...)
    return region(kind, value, **{**bare, "from_name": "words", "to_name": "audio", **fields})


def typed(*texts: Any, **fields: Any) -> Raw:
    """The transcript of a whole recording."""
    return on_audio("textarea", {"text": list(texts)}, **fields)


def stretch(start: Any, end: Any, *texts: Any, channel: Any = 0, **fields: Any) -> Raw:
    """The transcript of a part of one, in seconds."""
    value = {"start": start, "end": end, "channel": channel, "text": list(texts)}
    return on_audio("textarea", value, **{"original_length": 9.5, **fields})


def kind(start: Any, end: Any, *labels: Any, **fields: Any) -> Raw:
    value = {"start": start, "end": end, "channel": 0, "labels": list(labels or ("Speech",))}
    return on_audio("labels", value, **{"from_name": "kind", "original_length": 9.5, **fields})


def told(*regions: Any, number: int = 1, **data: Any) -> Raw:
    return boxed(number, *regions, data={"audio": f"s3://b/{number}.wav", **data})


def read(written: str) -> list[Any]:
    return [json.loads(each) for each in written.splitlines()]


def convert(
    raw: Any, config: str = SPEECH, classes: Classes | None = None, policy: Policy = Policy()
) -> projects.Output:
    """The manifest of `words`; `notes` are none."""
    return projects.convert(FMT, raw, config, classes, replace(policy, transcripts=("words",)))


def lines(*raw: Raw, config: str = SPEECH, policy: Policy = Policy()) -> list[Any]:
    return read(convert(raw, config, policy=policy).text(FILE))


def line(*regions: Any, **data: Any) -> Any:
    (found,) = lines(told(*regions, **data))
    return found


def reasons(*regions: Any, config: str = SPEECH) -> list[str]:
    return [each for _, _, each in convert([told(*regions)], config).reasons]


def test_every_line_is_a_line_to_every_reader() -> None:
    assert line(typed("a\x85b\u2028c\u2029d"))["text"] == "a\x85b\u2028c\u2029d"


# --- golden bytes

SHOW = [
    told(kind(0.5, 2.25), stretch(0.5, 2.25, "Wow wow!"), number=4),
    told(typed("It was\nthe best", "of times."), number=9, duration=12),
]
GOLDEN = r"""{"audio_filepath":"s3://b/4.wav","duration":1.75,"labels":["Speech"],"offset":0.5,\
"task":4,"text":"Wow wow!"}
{"audio_filepath":"s3://b/9.wav","duration":12.0,"task":9,"text":"It was\nthe best of times."}
""".replace("\\\n", "")


def test_golden() -> None:
    out = convert(SHOW)
    assert out.text(FILE) == GOLDEN
    assert out.ledger.entries == []


def test_a_file_for_each_split() -> None:
    raw = [told(typed(f"number {each}"), number=each) for each in range(1, 21)]
    split = Policy(split=Split((("train", 0.5), ("val", 0.5))))
    out = convert(raw, SPEECH, policy=split)
    assert list(out.files) == ["train.json", "val.json"]
    train, val = (read(out.text(each)) for each in out.files)
    assert len(train) + len(val) == 20
    assert train
    assert val


def test_nothing_to_write_is_a_file_still() -> None:
    assert convert([], SPEECH).files == {FILE: b""}


# --- what has no transcript


def test_a_task_without_a_label_gets_no_transcript() -> None:
    """The SDK's converter gives it the one of the task before."""
    never = task(2, data={"audio": "s3://b/2.wav"})
    skipped = task(3, annotation(was_cancelled=True), data={"audio": "s3://b/3.wav"})
    out = convert([told(typed("mine")), never, skipped, told(number=4)], SPEECH)
    assert [(each["task"], each["text"]) for each in read(out.text(FILE))] == [(1, "mine")]
    assert out.reasons == [
        (2, None, "unlabeled"),
        (3, None, "skipped"),
        (4, None, "no-transcript"),  # reviewed and empty
    ]


def test_labels_without_a_transcript() -> None:
    out = convert([told(kind(0, 1, id="n"), stretch(2, 3, "words", id="s"))], SPEECH)
    assert out.reasons == [(1, "n", "no-transcript")]
    assert reasons(kind(0, 1)) == ["no-transcript"] * 2
    assert reasons(on_audio("choices", {"choices": ["Good"]})) == [
        *("no-transcript", "unsupported-type")
    ]


@pytest.mark.parametrize(
    ("dropped", "reason"),
    [
        (typed(), "no-transcript"),
        (typed("", " \n"), "no-transcript"),
        (typed("a", 5), "malformed"),
        (on_audio("textarea", {}), "malformed"),
        (on_audio("textarea", {"text": {"a": 1}}), "malformed"),
        (on_audio("textarea", None), "malformed"),
        (stretch(1, 1, "a"), "bad-geometry"),
        (stretch(2, 1, "a"), "bad-geometry"),
        (stretch(-1, 1, "a"), "bad-geometry"),
        (stretch("0", 1, "a"), "bad-geometry"),
        (stretch(0, None, "a"), "bad-geometry"),
        (stretch(0, 1e-9, "a"), "bad-geometry"),
        (stretch(0, float("inf"), "a"), "bad-geometry"),
        (stretch(0, True, "a"), "bad-geometry"),
        (typed("a note", from_name="notes"), "unsupported-type"),
    ],
)
def test_what_is_not_written_is_listed(dropped: Any, reason: str) -> None:
    assert reasons(dropped) == ["nothing-left", reason]
    assert reasons(typed("fine"), dropped) == [reason]


@pytest.mark.parametrize("junk", ["text", None, 5, {"type": 5}, {"value": {}}])
def test_junk_is_no_transcript(junk: Any) -> None:
    assert reasons(junk) == ["no-transcript", "malformed"]


def test_relations_and_choices_are_listed() -> None:
    mood = on_audio("choices", {"choices": ["Good"]}, from_name="mood", id="c")
    out = convert([told(typed("a"), mood, projects.relation("a", "b"))], SPEECH)
    assert out.reasons == [(1, "c", "unsupported-type"), (1, "#2", "relation")]


@pytest.mark.parametrize("held", [None, "", " ", 5, ["a.wav"], {"url": "a.wav"}])
def test_a_task_without_an_audio(held: Any) -> None:
    out = convert([told(typed("a"), audio=held)], SPEECH)
    assert out.reasons == [(1, None, "no-media"), (1, "r1", "no-media")]


# --- transcripts, stretches, labels


def test_each_stretch_is_a_line_in_the_order_of_time() -> None:
    """As NeMo reads segments: joined, they would claim the silence between them."""
    found = lines(
        told(
            stretch(4, 5.5, "then", id="b"),
            kind(0.1, 0.3, "Noise", id="a"),
            kind(4, 5.5, id="b"),
            stretch(0.1, 0.3, "first", id="a"),
            typed("all of it", id="w"),
        )
    )
    assert [each["text"] for each in found] == ["all of it", "first", "then"]
    assert [each.get("offset") for each in found] == [None, 0.1, 4.0]
    assert [each["duration"] for each in found] == [9.5, 0.2, 1.5], "0.3 - 0.1 is 0.19999…"
    assert [each.get("labels") for each in found] == [None, ["Noise"], ["Speech"]]


def test_what_was_typed_in_several_goes_is_one_transcript() -> None:
    """The SDK's converter takes the first."""
    assert line(typed("one ", " two"), typed("three", id="r2"))["text"] == "one two three"
    assert line(on_audio("textarea", {"text": "bare"}))["text"] == "bare"
    assert line(stretch(0, 1, "a"), stretch(0, 1, "b", id="r2"))["text"] == "a b"


def test_channels_are_apart() -> None:
    left, right = stretch(0, 1, "left"), stretch(0, 1, "right", channel=1, id="r2")
    assert [(e["text"], e.get("channel")) for e in lines(told(right, left))] == [
        ("left", None),
        ("right", 1),
    ]


def test_labels_of_a_stretch() -> None:
    both = [stretch(0, 1, "a"), kind(0, 1, "Speech", "Noise")]
    assert line(*both)["labels"] == ["Speech", "Noise"]
    assert reasons(stretch(0, 1, "a"), kind(0, 1, "Gone")) == ["unknown-label"]
    assert reasons(stretch(0, 1, "a"), kind(0, 1, 5)) == ["malformed"]
    unlabeled = on_audio("labels", {"start": 0, "end": 1}, from_name="kind")
    assert reasons(stretch(0, 1, "a"), unlabeled) == ["no-label"]
    old = convert(
        [told(stretch(0, 1, "a"), kind(0, 1, "Old"))], SPEECH, Classes.of({"audio": ["Old"]})
    )
    assert read(old.text(FILE))[0]["labels"] == ["Old"]


@pytest.mark.parametrize(
    ("regions", "data", "duration"),
    [
        ([typed("a")], {}, None),
        ([typed("a")], {"duration": 3.5}, 3.5),
        ([typed("a")], {"duration": "3.5"}, None),
        ([typed("a")], {"duration": 0}, None),
        ([typed("a")], {"duration": True}, None),
        ([typed("a"), kind(0, 1)], {"duration": 3}, 9.5),  # the editor measured it
        ([typed("a"), kind(0, 1, original_length=None)], {}, None),
        ([typed("a"), kind(0, 1, original_length="9")], {}, None),
        ([typed("a"), kind(0, 1), kind(0, 1, original_length=8, id="r2")], {}, 9.5),
        ([typed("a"), kind(0, 1, original_length=-1), kind(0, 1, id="r2")], {}, 9.5),
    ],
)
def test_duration_of_a_whole_recording(
    regions: list[Raw], data: dict[str, Any], duration: float | None
) -> None:
    assert line(*regions, **data).get("duration") == duration


def test_the_length_may_be_told_by_a_prediction() -> None:
    raw = told(typed("a"))
    raw["predictions"] = [{"id": 1, "result": [kind(0, 1)]}]
    assert lines(raw)[0]["duration"] == 9.5


def test_predictions_are_transcripts_of_nobody() -> None:
    guess = [{"id": 1, "result": [typed("guess")]}]
    raw = task(1, data={"audio": "a.wav"}, predictions=guess)
    assert convert([raw], SPEECH).reasons == [(1, None, "unlabeled")]
    assert line(typed("mine"))["text"] == "mine"


def test_the_address_is_the_one_in_the_data() -> None:
    """The SDK's converter writes a path of the machine that it runs on."""
    address = "https://e.com/é a.wav?X-Sig=1"
    assert line(typed("a"), audio=address)["audio_filepath"] == address


def test_a_renamed_control_is_still_the_only_one() -> None:
    """The SDK's converter drops regions of a renamed control."""
    assert line(typed("a", from_name="old", to_name="old"))["text"] == "a"


def test_several_recordings() -> None:
    data = {"left": "l.wav", "right": "r.wav", "bare": "b.wav", "text": "t", "duration": 3}
    raw = boxed(
        1,
        typed("r", to_name="right", original_length=2),
        typed("l", to_name="left", id="r2"),
        typed("b", to_name="bare", id="r3"),
        typed("t", to_name="text", from_name="gist", id="r4"),
        typed("?", to_name="gone", id="r5"),
        data=data,
    )
    out = convert([raw], TWO)
    assert [(e["audio_filepath"], e["text"], e.get("duration")) for e in read(out.text(FILE))] == [
        ("l.wav", "l", None),  # the data's duration may be either's
        ("r.wav", "r", 2.0),
    ]
    assert out.reasons == [(1, each, "unsupported-type") for each in ("r3", "r4", "r5")]
    half = boxed(1, typed("r", to_name="right"), data={"left": "l.wav"})
    assert convert([half], TWO).reasons == [*((1, None, "nothing-left"), (1, "r1", "no-media"))]


def test_annotations_that_stand_for_themselves() -> None:
    """Two annotators accepted one prediction: the same ids, and each has its own line."""
    both = [
        annotation(stretch(0, 1, text), kind(0, 1, label), number=number)
        for number, text, label in ((11, "one", "Speech"), (12, "two", "Noise"))
    ]
    raw = task(1, *both, data={"audio": "a.wav"})
    found = lines(raw, policy=Policy(annotations="all"))
    assert [(e["annotation"], e["text"], e["labels"]) for e in found] == [
        (11, "one", ["Speech"]),
        (12, "two", ["Noise"]),
    ]
    assert "annotation" not in lines(raw)[0]


@pytest.mark.parametrize("config", [projects.SHAPES, projects.TEXT, SPEECH.replace("Area", "")])
def test_a_project_without_transcripts(config: str) -> None:
    with pytest.raises(LsDvcError, match="ASR_MANIFEST needs an <Audio>") as caught:
        convert([], config)
    assert "label_studio.formats in params.yaml" in caught.value.hint


# --- whatever comes in

SECONDS = st.floats(-1, 9) | st.sampled_from([0, 1, 10**400, float("nan")]) | JUNK
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "start": SECONDS,
        "end": SECONDS,
        "channel": st.integers(0, 1) | JUNK,
        "text": st.lists(st.text(max_size=3) | JUNK, max_size=2) | JUNK,
        "labels": st.lists(st.sampled_from(["Speech", "Gone"]) | JUNK, max_size=2) | JUNK,
    },
)
REGIONS = (
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.sampled_from(["r1", "r2"]) | JUNK,
            "type": st.sampled_from(["textarea"] * 3 + ["labels", "choices", "relation"]) | JUNK,
            "from_name": st.sampled_from(["words", "kind", "gone"]) | JUNK,
            "to_name": st.sampled_from(["audio", "left", "right", "text"]) | JUNK,
            "original_length": SECONDS,
            "value": VALUES | JUNK,
        },
    )
    | JUNK
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        **{key: st.sampled_from(["a.wav", "\ud800"]) | JUNK for key in ("audio", "left", "right")},
        "duration": SECONDS,
    },
)


def constant(name: str) -> Any:
    raise AssertionError(f"{name} is no JSON")


@settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    results=st.lists(st.lists(REGIONS, max_size=4), max_size=3),
    data=DATA | JUNK,
    config=st.sampled_from([SPEECH, TWO]),
    policy=st.sampled_from(["latest", "all", "majority"]),
)
def test_garbage_is_accounted_for(
    results: list[list[Any]], data: Any, config: str, policy: str
) -> None:
    annotations = [annotation(result=each, number=n) for n, each in enumerate(results, start=1)]
    raw = [task(1, *annotations, data=data)]
    out = convert(raw, config, policy=Policy(annotations=policy))
    found = out.text(FILE).split("\n")[:-1]
    assert bool(found) == bool(out.ledger.tasks_written)
    assert len(found) <= out.ledger.regions_written
    for each in (json.loads(each, parse_constant=constant) for each in found):
        assert each["text"].strip()
        assert each.get("duration", 1) > 0 <= each.get("offset", 0)


# --- NeMo: what its manifests need, by its documents


def test_nemo() -> None:
    """Every line is a sample: a path, seconds as floats, a text; `offset` where it is a segment."""
    for each in convert(SHOW).text(FILE).splitlines():
        sample = json.loads(each)
        assert isinstance(sample["audio_filepath"], str)
        assert isinstance(sample["duration"], float)
        assert isinstance(sample["text"], str)
        assert isinstance(sample.get("offset"), float | None)


# --- the SDK's converter, where it loses nothing


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def sdk(raw: list[Raw], folder: Path) -> list[Any]:
    """It needs the recordings: each is of half a second."""
    from label_studio_sdk.converter import Converter

    uploads = folder / "upload" / "1"
    uploads.mkdir(parents=True)
    for each in raw:
        with wave.open(str(uploads / Path(each["data"]["audio"]).name), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(8000))
    (folder / "export.json").write_text(json.dumps(raw))
    converter = Converter(PLAIN, str(folder), upload_dir=str(folder / "upload"))
    converter.convert(str(folder / "export.json"), str(folder / "out"), FMT, is_dir=False)
    return read((folder / "out" / FILE).read_text())


PLAIN = """<View><Audio name="audio" value="$audio"/>
<TextArea name="words" toName="audio"/></View>"""


def recording(number: int, *regions: Raw) -> Raw:
    address = f"/data/upload/1/{number}.wav"
    return boxed(number, *regions, data={"audio": address, "duration": 0.5})


def heard(found: list[Any]) -> list[tuple[str, float, str]]:
    """Put aside: the folder, which is where the SDK copied the recording to."""
    return [(Path(e["audio_filepath"]).name, e["duration"], e["text"]) for e in found]


VISIBLE = (
    st.text(min_size=1, max_size=12).map(str.strip).filter(bool)
)  # it keeps blanks at the ends


@settings(max_examples=examples(30), deadline=None)
@given(texts=st.lists(VISIBLE, max_size=4))
def test_the_same_transcripts_as_the_sdk(texts: list[str]) -> None:
    raw = [recording(number, typed(text)) for number, text in enumerate(texts, start=1)]
    with tempfile.TemporaryDirectory() as name:
        theirs = heard(sdk(raw, Path(name)))
    assert heard(lines(*raw, config=PLAIN)) == theirs
    assert len(theirs) == len(texts)


def test_the_comparison_sees_the_transcript_of_another_task(tmp_path: Path) -> None:
    never = task(2, data={"audio": "/data/upload/1/2.wav", "duration": 0.5})
    raw = [recording(1, typed("mine")), never]
    assert [text for _, _, text in heard(sdk(raw, tmp_path))] == ["mine", "mine"]
    assert [text for _, _, text in heard(lines(*raw, config=PLAIN))] == ["mine"]


# --- several TextAreas


NOTE = typed("noisy", from_name="notes", id="n")


def test_every_text_area_has_a_manifest_by_default() -> None:
    """It was the first of the config alone; six texts of a real project were listed."""
    out = projects.convert(FMT, [told(stretch(0, 1, "hello"), NOTE)], SPEECH)
    assert list(out.files) == ["words/manifest.json", "notes/manifest.json"]
    assert [each["text"] for each in read(out.text("words/manifest.json"))] == ["hello"]
    assert [each["text"] for each in read(out.text("notes/manifest.json"))] == ["noisy"]
    assert out.ledger.entries == []
    assert "words/manifest.json" in out.card


@pytest.mark.parametrize(
    ("names", "files", "reasons"),
    [
        (("words",), ["manifest.json"], ["unsupported-type"]),
        (("notes",), ["manifest.json"], ["unsupported-type"]),
        (("notes", "words"), ["words/manifest.json", "notes/manifest.json"], []),
    ],
)
def test_a_setting_names_those_that_transcribe(
    names: tuple[str, ...], files: list[str], reasons: list[str]
) -> None:
    raw = [told(stretch(0, 1, "hello"), NOTE)]
    out = projects.convert(FMT, raw, SPEECH, policy=Policy(transcripts=names))
    assert list(out.files) == files
    assert [reason for _, _, reason in out.reasons] == reasons


def test_a_setting_that_names_no_text_area() -> None:
    with pytest.raises(LsDvcError, match=r"filter\.transcripts names 'mood'") as caught:
        projects.convert(FMT, [], SPEECH, policy=Policy(transcripts=("mood",)))
    assert "words, notes" in caught.value.hint


def test_manifests_of_splits_and_odd_names() -> None:
    config = SPEECH.replace('"words"', '"a/b"').replace('"notes"', '"A b"')
    split = Policy(split=Split((("train", 0.5), ("val", 0.5))))
    out = projects.convert(FMT, [], config, policy=split)
    assert sorted(out.files) == [
        *("A_b-2/train.json", "A_b-2/val.json", "a_b/train.json", "a_b/val.json")
    ]


def test_labels_go_to_every_transcript_of_their_segment() -> None:
    raw = [
        told(
            kind(0, 1, id="s"),
            stretch(0, 1, "hello", id="s"),
            stretch(0, 1, "hallo", from_name="notes", id="s"),
        )
    ]
    out = projects.convert(FMT, raw, SPEECH)
    assert [read(content.decode())[0]["labels"] for content in out.files.values()] == [
        ["Speech"]
    ] * 2


@pytest.mark.parametrize("names", ["words", ["words"]])
def test_the_setting_in_params(names: Any) -> None:
    block = {"project_id": 1, "formats": [FMT], "filter": {"transcripts": names}}
    assert params.of(block, Path("params.yaml")).policy.transcripts == ("words",)


# --- with the recordings


def nemo_finds(manifest: Path, audio_filepath: str) -> Path:
    """Where NeMo looks for a recording: from the manifest's folder, unless the path is too long."""
    assert len(audio_filepath) < 255
    assert not Path(audio_filepath).is_absolute()
    return (manifest.parent / audio_filepath).resolve()


def recordings(*addresses: str) -> FakeMedia:
    found = FakeMedia()
    for address in addresses:
        found.has(address, address.encode(), "audio/wav")
    return found


@pytest.mark.parametrize("layout", ["loose", "shards"])
@pytest.mark.parametrize("transcripts", [("words",), ("words", "notes")])
@pytest.mark.parametrize("split", [None, Split((("train", 0.5), ("val", 0.5)))])
def test_nemo_finds_the_recordings_from_every_manifest(
    tmp_path: Path, layout: Layout, transcripts: tuple[str, ...], split: Split | None
) -> None:
    raw = [
        told(stretch(0.5, 1.5, "a"), typed("b", from_name="notes", id="r2"), number=number)
        for number in (1, 2, 1003)
    ]
    raw[1]["data"]["audio"] = "https://e.com/" + "ü" * 200 + ".WAV?sig=1"
    raw[2]["data"]["audio"] = "s3://c/1.wav"
    addresses = [each["data"]["audio"] for each in raw]
    policy = Policy(transcripts=transcripts, split=split)
    folder = tmp_path / "x"
    media.write(folder, FMT, raw, SPEECH, recordings(*addresses), policy, layout)
    for archive in folder.rglob("*.tar"):
        with tarfile.open(archive) as opened:
            opened.extractall(archive.parent, filter="data")
    manifests = [each for each in folder.rglob("*.json") if each.read_bytes()]
    for control in transcripts if len(transcripts) > 1 else ("",):
        mine = [each for each in manifests if each.is_relative_to(folder / control)]
        found = [(each, row) for each in mine for row in read(each.read_text())]
        assert sorted(row["task"] for _, row in found) == [1, 2, 1003]
        for manifest, row in found:
            path = nemo_finds(manifest, row["audio_filepath"])
            assert path.is_relative_to(folder / "audio")
            assert path.read_bytes() == row["address"].encode()
    names = {each.name for each in (folder / "audio").rglob("*.*") if each.suffix != ".tar"}
    assert len(names) == 3 or split


def test_recordings_without_a_line_do_not_come_along(tmp_path: Path) -> None:
    raw = [
        told(typed("a"), number=1),
        told(number=2),
        *(told(typed("c"), number=n) for n in (3, 4)),
    ]
    raw.append(told(typed("d"), number=5))
    found = recordings("s3://b/1.wav", "s3://b/2.wav")
    found.lacks("s3://b/3.wav")
    found.has("s3://b/4.wav", b"<html>", "text/plain")
    policy = Policy(transcripts=("words",))
    ledger = media.write(tmp_path / "x", FMT, raw, SPEECH, found, policy)
    assert media.reasons(ledger) == [
        (2, None, "no-transcript"),
        (3, None, "media-missing"),
        (3, "r1", "media-missing"),
        (4, None, "unsupported-media"),
        (4, "r1", "unsupported-media"),
    ]
    assert media.files(tmp_path / "x").keys() == {"README.md", "manifest.json", "audio/1.wav"}
    lines = read((tmp_path / "x/manifest.json").read_text())
    assert [(each["audio_filepath"], each.get("address")) for each in lines] == [
        ("audio/1.wav", "s3://b/1.wav"),
        ("s3://b/5.wav", None),  # nothing was fetched from there
    ]


def test_of_two_recordings_one_is_missing(tmp_path: Path) -> None:
    raw = [
        boxed(
            1,
            typed("a", to_name="left"),
            typed("b", to_name="right", id="r2"),
            data={"left": "/a.wav", "right": "/b.wav"},
        )
    ]
    found = recordings("/a.wav")
    found.lacks("/b.wav")
    ledger = media.write(tmp_path / "x", FMT, raw, TWO, found)
    assert media.reasons(ledger) == [(1, "r2", "media-missing")]
    (line,) = read((tmp_path / "x/manifest.json").read_text())
    assert (line["text"], line["audio_filepath"]) == ("a", "audio/a.wav")
