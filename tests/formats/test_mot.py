"""MOT: rows by hand, the SDK's own interpolation, motmetrics as the reader nobody here wrote."""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import media, projects
from support.media import FakeMedia
from support.projects import JUNK, Raw, annotation, boxed, region, relation, task

from ls_dvc.errors import LsDvcError
from ls_dvc.formats.outcomes import Reason
from ls_dvc.formats.video import tracks
from ls_dvc.labels.policy import Policy, Split

FMT = "MOT"
CONFIG = """<View><Video name="video" value="$video"/>
<VideoRectangle name="box" toName="video"/>
<Labels name="kind" toName="video"><Label value="Car"/><Label value="Dog"/></Labels>
<Choices name="light" toName="video"><Choice value="Day"/></Choices></View>"""
SIZE = {"width": 640, "height": 480}


def key(frame: Any, x: Any = 10, y: Any = 20, width: Any = 5, height: Any = 10, **more: Any) -> Raw:
    """A key frame in percent."""
    shape = {"x": x, "y": y, "width": width, "height": height, "rotation": 0}
    return {"frame": frame, "time": 0.0, "enabled": True, **shape, **more}


def track(*keys: Raw, labels: Any = ("Car",), frames: Any = 4, **fields: Any) -> Raw:
    value = {"sequence": list(keys), "framesCount": frames, "duration": 2.0, "labels": [*labels]}
    bare = dict.fromkeys(("original_width", "original_height", "image_rotation"), ...)
    return region("videorectangle", value, **{**bare, "to_name": "video", **fields})


def video(*regions: Any, number: int = 1, **data: Any) -> Raw:
    return boxed(number, *regions, data={"video": f"s3://b/clip{number}.mp4", **SIZE, **data})


def convert(*raw: Raw, policy: Policy = Policy()) -> projects.Output:
    return projects.convert(FMT, list(raw), CONFIG, policy=policy)


def rows(*regions: Any, **data: Any) -> list[str]:
    return convert(video(*regions, **data)).text("clip1/gt/gt.txt").splitlines()


def frames(*regions: Any) -> list[int]:
    return [int(row.split(",")[0]) for row in rows(*regions)]


def reasons(*regions: Any, **data: Any) -> list[str]:
    return [reason for _, _, reason in convert(video(*regions, **data)).reasons]


# --- files


def test_golden() -> None:
    out = convert(
        video(
            track(key(1), key(3, x=20, y=10, enabled=False)),
            track(key(2, 50, 50, 25, 50), labels=["Dog"], frames=3, id="r2"),
        ),
        video(number=2),
    )
    assert {path: content.decode() for path, content in out.files.items()} == {
        "sequences.csv": (
            "task,video,sequence,frames\n1,s3://b/clip1.mp4,clip1,4\n2,s3://b/clip2.mp4,clip2,0\n"
        ),
        "clip1/gt/gt.txt": (
            "1,1,64,96,32,48,1,1,1\n"
            "2,1,96,72,32,48,1,1,1\n"
            "2,2,320,240,160,240,1,2,1\n"
            "3,1,128,48,32,48,1,1,1\n"
            "3,2,320,240,160,240,1,2,1\n"
            "4,2,320,240,160,240,1,2,1\n"
        ),
        "clip1/seqinfo.ini": (
            "[Sequence]\nname=clip1\nimDir=img1\nframeRate=2\nseqLength=4\nimWidth=640\n"
            "imHeight=480\nimExt=.jpg\n"
        ),
        "clip2/gt/gt.txt": "",
        "clip2/seqinfo.ini": (
            "[Sequence]\nname=clip2\nimDir=img1\nseqLength=0\nimWidth=640\nimHeight=480\n"
            "imExt=.jpg\n"
        ),
        "labels.txt": "Car\nDog\n",
    }
    assert out.reasons == []


def test_a_folder_for_each_split() -> None:
    policy = Policy(split=Split((("train", 0.5), ("val", 0.5))))
    out = convert(*(video(track(key(1)), number=n) for n in range(1, 9)), policy=policy)
    folders = {path.partition("/")[0] for path in out.files if "/" in path}
    assert folders == {"train", "val"}
    assert {"sequences-train.csv", "sequences-val.csv", "labels.txt"} < set(out.files)


def test_videos_of_one_name_have_sequences_of_their_own() -> None:
    out = convert(video(track(key(1))), video(track(key(1)), number=2, video="/x/clip1.mp4"))
    assert {"clip1/gt/gt.txt", "clip1-2/gt/gt.txt"} < set(out.files)


def test_annotations_that_are_written_separately() -> None:
    both = [annotation(track(key(1), id="same"), number=number) for number in (11, 12)]
    raw = task(1, *both, data={"video": "clip.mp4", **SIZE})
    out = convert(raw, policy=Policy(annotations="all"))
    assert {"clip-11/gt/gt.txt", "clip-12/gt/gt.txt"} < set(out.files)


# --- from key frames to frames


def test_a_gap_behind_a_key_frame_that_ends_it() -> None:
    gone = [key(1), key(3, enabled=False), key(6), key(7, enabled=False)]
    assert frames(track(*gone, frames=9)) == [1, 2, 3, 6, 7]
    assert frames(track(*gone[:3], frames=9)) == [1, 2, 3, 6, 7, 8, 9]


def test_the_last_box_goes_on_to_the_end() -> None:
    assert frames(track(key(2), frames=5)) == [2, 3, 4, 5]
    assert frames(track(key(2), frames=None)) == [2], "nobody knows the end"
    longer = track(key(1, enabled=False), frames=6, id="r2")
    assert len(rows(track(key(2), frames=None), longer)) == 6, "another region knows it"


def test_key_frames_in_any_order_and_twice() -> None:
    drawn = [key(3, x=30), key(1), key(3, x=50)]
    assert [row.split(",")[2] for row in rows(track(*drawn, frames=3))] == ["64", "192", "320"]


@settings(max_examples=100, deadline=None)
@given(
    keys=st.lists(
        st.builds(
            key,
            st.integers(1, 12),
            *[st.integers(0, 90)] * 2,
            *[st.integers(1, 50)] * 2,
            enabled=st.booleans(),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda each: each["frame"],
    )
)
def test_frames_are_those_of_the_sdk(keys: list[Raw]) -> None:
    from label_studio_sdk._extensions.label_studio_tools.postprocessing.video import (
        extract_key_frames,
    )

    drawn = track(*sorted(keys, key=lambda each: each["frame"]), frames=15)
    (theirs,) = extract_key_frames([drawn])
    sequence = {each["frame"]: each for each in theirs["value"]["sequence"]}
    ordered = tracks.key_frames(drawn["value"])
    assert not isinstance(ordered, Reason)
    mine = dict(tracks.boxes(ordered, 15))
    assert mine.keys() == sequence.keys()
    for frame, box in mine.items():
        expected = [sequence[frame][name] for name in ("x", "y", "width", "height")]
        assert [*box[:4]] == pytest.approx(expected)


def test_a_rotated_box_is_the_upright_one_around_it_and_said() -> None:
    turned = track(key(1, 50, 50, 10, 10, rotation=90), frames=1)
    out = convert(video(turned))
    assert out.text("clip1/gt/gt.txt") == "1,1,272,240,48,64,1,1,1\n"
    assert [(each.region, each.reason.value) for each in out.ledger.in_part] == [("r1", "rotation")]


def test_rows_outside_of_the_picture_are_left_out() -> None:
    leaving = track(key(1, x=80, width=20), key(3, x=120, width=20), frames=3)
    assert frames(leaving) == [1]
    assert reasons(track(key(1, x=150), frames=1)) == ["nothing-left", "outside-image"]


# --- sizes


def test_a_size_in_the_regions() -> None:
    sized = track(key(1), frames=1, original_width=200, original_height=100)
    assert rows(sized, width=None) == ["1,1,20,20,10,10,1,1,1"]


@pytest.mark.parametrize("width", [None, 0, "640", -1, True])
def test_without_a_size_there_are_no_pixels(width: Any) -> None:
    assert reasons(track(key(1)), width=width) == ["nothing-left", "no-image-size"]


# --- what is not written


@pytest.mark.parametrize(
    ("dropped", "reason"),
    [
        (track(), "bad-geometry"),
        (track(key(1.5)), "bad-geometry"),
        (track(key(-1)), "bad-geometry"),
        (track(key(10**9)), "bad-geometry"),
        (track(key(1, x="1")), "bad-geometry"),
        (track(key(1), labels=[]), "no-label"),
        (track(key(1), labels=["Gone"]), "unknown-label"),
        (track(key(1), labels=[5]), "malformed"),
        ({**track(key(1)), "value": None}, "malformed"),
        (None, "malformed"),
    ],
)
def test_what_is_not_written_is_listed_and_never_looks_empty(dropped: Any, reason: str) -> None:
    assert reasons(dropped) == ["nothing-left", reason]
    assert reasons(track(key(1), id="good"), dropped) == [reason]


def test_what_is_no_box_leaves_the_video_looked_at() -> None:
    light = region("choices", {"choices": ["Day"]}, from_name="light", to_name="video", id="c")
    out = convert(video(light, relation("a", "b")))
    assert out.reasons == [(1, "c", "unsupported-type"), (1, "#1", "relation")]
    assert out.text("clip1/gt/gt.txt") == ""


def test_the_first_of_several_labels() -> None:
    out = convert(video(track(key(1, enabled=False), labels=["Dog", "Car"])))
    assert out.text("clip1/gt/gt.txt").endswith(",1,2,1\n")
    assert [each.reason.value for each in out.ledger.in_part] == ["several-labels"]


def test_a_task_without_a_video() -> None:
    assert reasons(track(key(1)), video=None) == ["no-media", "no-media"]


def test_a_project_without_videos() -> None:
    with pytest.raises(LsDvcError, match="MOT needs a <Video> with a <VideoRectangle>"):
        projects.convert(FMT, [], projects.SHAPES)


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "sequence": st.lists(st.builds(key, st.integers(-1, 9) | JUNK, JUNK | st.just(5)) | JUNK)
        | JUNK,
        "framesCount": st.integers(-1, 20) | JUNK,
        "duration": JUNK | st.just(1.0),
        "labels": st.lists(st.sampled_from(["Car", "Gone"]) | JUNK, max_size=2) | JUNK,
    },
)


@settings(max_examples=150, deadline=None)
@given(
    values=st.lists(VALUES | JUNK, max_size=3),
    data=st.dictionaries(st.sampled_from(["video", "width", "height"]), JUNK) | JUNK,
    policy=st.sampled_from(["latest", "all"]),
)
def test_garbage_is_accounted_for(values: list[Any], data: Any, policy: str) -> None:
    regions = [{**track(id=f"r{n}"), "value": value} for n, value in enumerate(values)]
    held = {"video": "a.mp4", **SIZE, **data} if isinstance(data, dict) else data
    convert(task(1, annotation(*regions), data=held), policy=Policy(annotations=policy))


# --- a reader that nobody here wrote


@pytest.mark.filterwarnings("ignore:::motmetrics", "ignore:.*:FutureWarning")
def test_motmetrics(tmp_path: Path) -> None:
    import motmetrics

    out = convert(video(track(key(1), frames=3), track(key(2, 50, 50), frames=3, id="r2")))
    path = tmp_path / "gt.txt"
    path.write_bytes(out.files["clip1/gt/gt.txt"])
    frame = motmetrics.io.loadtxt(str(path), fmt="mot15-2D", min_confidence=1)
    assert [*frame.index] == [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2)]
    # It takes x and y for counted from 1.
    assert [*frame.loc[(2, 2), ["X", "Y", "Width", "Height"]]] == [319, 239, 32, 48]


def test_seqinfo_is_read_by_configparser() -> None:
    """As TrackEval reads it."""
    config = configparser.ConfigParser()
    config.read_string(convert(video(track(key(1)))).text("clip1/seqinfo.ini"))
    assert int(config["Sequence"]["seqLength"]) == 4


# --- with the videos


def test_the_videos_lie_next_to_the_sequences(tmp_path: Path) -> None:
    raw = [
        video(track(key(1)), number=1),
        video(track(key(1)), number=2, video="s3://b/other/CLIP1.webm"),
        video(track(key(1)), number=3),
        video(track(key(1)), number=4),
        video(track(key(1)), number=5),
    ]
    found = FakeMedia()
    found.has("s3://b/clip1.mp4", b"one", "video/mp4")
    found.has("s3://b/other/CLIP1.webm", b"two", "video/mp4")
    found.lacks("s3://b/clip3.mp4")
    found.has("s3://b/clip4.mp4", b"<html>", "text/plain")
    ledger = media.write(tmp_path / "x", FMT, raw, CONFIG, found)
    files = media.files(tmp_path / "x")
    assert {path: files[path] for path in files if path.startswith("video/")} == {
        "video/clip1.mp4": b"one",
        "video/CLIP1-2.mp4": b"two",  # named like its sequence, and by what it is
    }
    sequences = {path.partition("/")[0] for path in files if path.endswith("gt.txt")}
    assert sequences == {"clip1", "CLIP1-2", "clip5"}  # nothing was fetched for the last one
    assert media.reasons(ledger) == [
        (3, None, "media-missing"),
        (3, "r1", "media-missing"),
        (4, None, "unsupported-media"),
        (4, "r1", "unsupported-media"),
    ]


def test_videos_by_split_in_every_layout(tmp_path: Path) -> None:
    policy = Policy(split=Split((("train", 0.5), ("val", 0.5)), "part"))
    raw = [video(track(key(1)), number=n, part=part) for n, part in ((1, "d"), (2, "a"))]
    found = FakeMedia()
    for n in (1, 2):
        found.has(f"s3://b/clip{n}.mp4", b"film %d" % n, "video/mp4")
    media.write(tmp_path / "x", FMT, raw, CONFIG, found, policy)
    media.write(tmp_path / "y", FMT, raw, CONFIG, found, policy, "tar")
    files = media.files(tmp_path / "x")
    assert files == media.files(tmp_path / "y")
    assert files["video/train/clip1.mp4"] == b"film 1"
    assert files["video/val/clip2.mp4"] == b"film 2"
    assert "train/clip1/gt/gt.txt" in files
