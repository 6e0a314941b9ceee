"""A project of key points."""

from __future__ import annotations

from typing import Any

from support.projects import Raw, region

POSE = """<View><Image name="image" value="$image"/>
<RectangleLabels name="box" toName="image"><Label value="Car"/><Label value="Dog"/>
</RectangleLabels>
<KeyPointLabels name="spot" toName="image">
<Label value="Nose" model_index="0"/><Label value="Tail" model_index="1"/></KeyPointLabels>
<PolygonLabels name="area" toName="image"><Label value="Road"/></PolygonLabels></View>"""


def spot(x: Any, y: Any, *labels: Any, of: Any = ..., **fields: Any) -> Raw:
    """A key point; `of` is the id of the region that it belongs to."""
    value = {"x": x, "y": y, "width": 0.5, "keypointlabels": list(labels or ("Nose",))}
    said = {"from_name": "spot", "id": "k1", "parentID": of, **fields}
    return region("keypointlabels", value, **said)
