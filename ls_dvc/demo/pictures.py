"""Street scenes for the demo: pictures drawn from geometry, so that their labels are exact."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 640, 400  # pixels
Point = tuple[float, float]

CAR_COLORS = ("#c0392b", "#2c6fbb", "#e0a526", "#3c8d5a", "#6b4c9a")
COAT_COLORS = ("#8e3b46", "#30475e", "#5b7553", "#b5651d")
SKIES = {
    "Sunny": ("#8ecdf5", "#e6f5fd"),
    "Cloudy": ("#aab6c1", "#dfe4e8"),
    "Rain": ("#71808e", "#b3bec7"),
}


@dataclass(frozen=True)
class SceneObject:
    """Something in the street: x, y, width, height in pixels, rotation in degrees, clockwise,

    about the top left corner, as Label Studio has it.
    """

    kind: str
    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0

    def at(self, across: float, down: float) -> Point:
        """The pixel at these fractions of the thing's width and height."""
        angle = math.radians(self.rotation)
        right, below = across * self.width, down * self.height
        return (
            self.x + right * math.cos(angle) - below * math.sin(angle),
            self.y + right * math.sin(angle) + below * math.cos(angle),
        )


@dataclass(frozen=True)
class Scene:
    """A picture: its file name, its weather, where the road is, and what is on it."""

    name: str
    weather: str
    road: tuple[Point, ...]
    things: tuple[SceneObject, ...]


def scenes(count: int, seed: int = 7) -> list[Scene]:
    """The first `count` scenes; always the same ones."""
    dice = random.Random(seed)  # noqa: S311  (pictures, not secrets)
    return [_scene(number, dice) for number in range(1, count + 1)]


def png(scene: Scene) -> bytes:
    """The picture, 640 by 400 pixels."""
    from PIL import Image, ImageDraw, ImageFilter

    picture = Image.new("RGB", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(picture)
    _sky(pen, scene.weather)
    _houses(pen, random.Random(scene.name))  # noqa: S311
    pen.rectangle((0, 226, WIDTH, HEIGHT), fill="#7fa66a")
    pen.polygon(scene.road, fill="#55585c")
    _lane(pen, scene.road)
    for thing in sorted(scene.things, key=lambda drawn: drawn.y + drawn.height):
        {"Car": _car, "Person": _person, "Bicycle": _bicycle}[thing.kind](pen, thing)
    if scene.weather == "Rain":
        _rain(pen, random.Random(scene.name))  # noqa: S311
    out = io.BytesIO()
    picture.filter(ImageFilter.SMOOTH).save(out, "PNG")
    return out.getvalue()


def _scene(number: int, dice: random.Random) -> Scene:
    lean = dice.uniform(-60, 60)
    road = ((250 + lean, 226), (390 + lean, 226), (620, HEIGHT), (20, HEIGHT))
    cars = [
        SceneObject("Car", dice.randint(40, 400), y, wide, wide * 0.42)
        for y, wide in zip((250, 300), (dice.randint(90, 120), dice.randint(130, 170)), strict=True)
    ][: 1 + number % 2]
    people = [
        SceneObject("Person", x, dice.randint(215, 245), 24, 68)
        for x in dice.sample(range(20, 600, 45), 1 + number % 3)
    ]
    turned = [SceneObject("Car", 460, 262, 120, 52, 24)] if number % 4 == 0 else []
    weather = ("Sunny", "Cloudy", "Rain")[number % 3]
    return Scene(f"street-{number:02d}.png", weather, road, (*cars, *people, *turned))


def _sky(pen: Any, weather: str) -> None:
    from PIL import ImageColor

    top, bottom = (ImageColor.getrgb(color) for color in SKIES[weather])
    for y in range(226):
        mix = tuple(int(a + (b - a) * y / 226) for a, b in zip(top, bottom, strict=True))
        pen.line((0, y, WIDTH, y), fill=mix)
    if weather == "Sunny":
        pen.ellipse((540, 26, 592, 78), fill="#fbe38e")


def _houses(pen: Any, dice: random.Random) -> None:
    x = -20
    while x < WIDTH:
        wide, high = dice.randint(70, 120), dice.randint(70, 150)
        top = 226 - high
        wall = dice.choice(("#cdb79e", "#b98b73", "#a9b7a8", "#c9c3b8", "#9fa8b5"))
        pen.rectangle((x, top, x + wide, 226), fill=wall)
        pen.polygon(((x - 6, top), (x + wide / 2, top - 30), (x + wide + 6, top)), fill="#6f4a3d")
        for left in range(x + 12, x + wide - 18, 28):
            for above in range(top + 14, 205, 34):
                pen.rectangle((left, above, left + 14, above + 18), fill="#eef3c9")
        x += wide + dice.randint(4, 30)


def _lane(pen: Any, road: tuple[Point, ...]) -> None:
    top = ((road[0][0] + road[1][0]) / 2, road[0][1])
    bottom = ((road[2][0] + road[3][0]) / 2, road[2][1])
    for step in range(0, 10, 2):
        ends = [(1 - t) ** 1.5 for t in (1 - step / 10, 1 - (step + 1) / 10)]
        line = [tuple(a + (b - a) * t for a, b in zip(top, bottom, strict=True)) for t in ends]
        pen.line(line, fill="#e8e4d8", width=2 + step // 2)


def _car(pen: Any, car: SceneObject) -> None:
    color = CAR_COLORS[int(car.x + car.y) % len(CAR_COLORS)]
    body = (
        (0, 0.55),
        (0.12, 0.48),
        (0.25, 0),
        (0.72, 0),
        (0.87, 0.45),
        (1, 0.55),
        (1, 0.85),
        (0, 0.85),
    )
    glass = ((0.2, 0.45), (0.29, 0.1), (0.68, 0.1), (0.79, 0.45))
    pen.polygon([car.at(*point) for point in body], fill=color, outline="#26282b")
    pen.polygon([car.at(*point) for point in glass], fill="#d4e7f1", outline="#26282b")
    for across in (0.22, 0.78):
        _disc(pen, car.at(across, 0.82), car.height * 0.18, "#1f2022")
        _disc(pen, car.at(across, 0.82), car.height * 0.08, "#b9bcc0")


def _person(pen: Any, person: SceneObject) -> None:
    coat = COAT_COLORS[int(person.x) % len(COAT_COLORS)]
    for legs in ((0.3, 0.42), (0.58, 0.7)):
        pen.line([person.at(legs[0], 0.6), person.at(legs[1] - 0.1, 1)], fill="#2b2d33", width=6)
    pen.polygon(
        [person.at(*point) for point in ((0.1, 0.26), (0.9, 0.26), (0.8, 0.66), (0.2, 0.66))],
        fill=coat,
    )
    _disc(pen, person.at(0.5, 0.13), person.height * 0.12, "#e3b58f")


def _bicycle(pen: Any, bicycle: SceneObject) -> None:
    radius = bicycle.height * 0.3
    for across in (0.24, 0.76):
        x, y = bicycle.at(across, 0.7)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline="#1f2022", width=3)
    frame = (
        (0.24, 0.7),
        (0.42, 0.25),
        (0.7, 0.25),
        (0.52, 0.7),
        (0.24, 0.7),
        (0.52, 0.7),
        (0.42, 0.25),
    )
    pen.line([bicycle.at(*point) for point in frame], fill="#c0392b", width=4)
    pen.line(
        [bicycle.at(0.76, 0.7), bicycle.at(0.68, 0.05), bicycle.at(0.8, 0.02)],
        fill="#c0392b",
        width=4,
    )


def _rain(pen: Any, dice: random.Random) -> None:
    for _ in range(220):
        x, y = dice.randint(0, WIDTH), dice.randint(0, HEIGHT)
        pen.line((x, y, x - 3, y + 11), fill="#c5d0d8")


def _disc(pen: Any, centre: Point, radius: float, color: str) -> None:
    x, y = centre
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)
