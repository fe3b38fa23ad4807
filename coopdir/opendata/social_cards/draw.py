"""Drawing of social cards: letters of the site's own fonts, and the world of its own atlas, by Pillow.

The fonts lie in `static/dist`, cut to what the pages use, a file for each script (static/build.mjs): a text is drawn in
runs of the script that has its letters. All is drawn twice as large and then made smaller, for smooth edges.
"""

import io
import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from django.contrib.staticfiles import finders
from PIL import Image, ImageDraw, ImageFont

CARD_WIDTH, CARD_HEIGHT = 1200, 630
"""The size that Open Graph's readers show whole."""
FINE = 2

PAPER, LAND, COAST = "#f7f2e8", "#e9dfcc", "#d5c8ad"
INK, SOFT, TEAL, OCHRE = "#221e19", "#5d554a", "#0b5a5c", "#c98a1b"

SCRIPTS = {
    "latin": [(0x20, 0x7E), (0xA0, 0xFF), (0x131, 0x131), (0x152, 0x153), (0x2BB, 0x2DC), (0x2000, 0x206F)],
    "latin-ext": [(0x100, 0x130), (0x132, 0x151), (0x154, 0x17F), (0x218, 0x21B), (0x259, 0x259), (0x1E80, 0x1E9E)],
    "vietnamese": [(0x1A0, 0x1B0), (0x300, 0x323), (0x1EA0, 0x1EF1)],
    "greek": [(0x370, 0x3FF)],
    "cyrillic": [(0x400, 0x45F), (0x490, 0x4B1)],
}
"""Code point ranges of each file of a font; a letter that none has is drawn as the first one draws what it lacks."""

Point = tuple[float, float]
"""Longitude and latitude, or a place on the card."""


def _script(letter: str) -> str:
    code = ord(letter)
    return next((name for name, spans in SCRIPTS.items() if any(a <= code <= b for a, b in spans)), "latin")


@cache
def _font(family: str, script: str, size: int, weight: int) -> ImageFont.FreeTypeFont:
    path = finders.find(f"dist/woff2/{family}-{script}-wght-normal.woff2")
    if path is None:
        raise FileNotFoundError(f"the font {family} is missing: build the assets")
    font = ImageFont.truetype(path, size * FINE)
    font.set_variation_by_axes([weight])
    return font


@dataclass(frozen=True)
class TextStyle:
    """A way to write: a family, a size, a weight."""

    family: str
    size: int
    weight: int = 400

    def runs(self, text: str) -> list[tuple[str, ImageFont.FreeTypeFont]]:
        """A text in parts that one file of the font has."""
        runs = groupby(text, key=_script)
        return [("".join(part), _font(self.family, script, self.size, self.weight)) for script, part in runs]

    def width(self, text: str) -> float:
        """Width of a text on the card."""
        return sum(font.getlength(part) for part, font in self.runs(text)) / FINE

    def wrapped(self, text: str, width: float) -> list[str]:
        """A text in lines no wider than that: they end at spaces and hyphens, or within a word that is wider itself."""
        lines: list[str] = []
        line = ""
        for part in re.findall(r"\s+|[^\s-]+-*|-+", text):
            while not part.isspace() and self.width(part) > width:
                fits = next(end for end in range(len(part) - 1, 0, -1) if self.width(part[:end]) <= width)
                lines += [line.strip()] * bool(line.strip()) + [part[:fits]]
                line, part = "", part[fits:]
            if self.width((line + part).strip()) <= width:
                line += part
            else:
                lines.append(line.strip())
                line = part
        return [*lines, line.strip()] if line.strip() else lines

    def fits(self, text: str, width: float, lines: int) -> bool:
        """True if a text has at most that many lines, with no word broken."""
        parts = re.findall(r"[^\s-]+-*", text)
        return len(self.wrapped(text, width)) <= lines and all(self.width(part) <= width for part in parts)


SERIF, SANS = "source-serif-4", "inter"


@cache
def _land() -> list[list[Point]]:
    """The outlines of the world's land, from the atlas of the site's map (TopoJSON)."""
    atlas = finders.find("dist/atlas/110m.json")
    if not isinstance(atlas, str):
        raise FileNotFoundError("The atlas of the map is not there: make setup bundles it.")
    topology = json.loads(Path(atlas).read_text())
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        arcs.append(points)

    def ring(numbers: Sequence[int]) -> list[Point]:
        found: list[Point] = []
        for number in numbers:
            found += (arcs[number] if number >= 0 else arcs[~number][::-1])[1 if found else 0 :]
        return found

    shapes: list[list[Point]] = []
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            shape = _unbroken(ring(polygon[0]))
            if max(y for _x, y in shape) > -60:  # Antarctica goes round the pole, and has no towns
                shapes += [[(x + turn, y) for x, y in shape] for turn in (-360, 0, 360)]
    return shapes


def _unbroken(points: list[Point]) -> list[Point]:
    """Unwrap a line at the 180th meridian: it goes on beyond it instead of leaping to the other side of the world."""
    found: list[Point] = []
    turn = 0
    for x, y in points:
        if found and abs(x + turn - found[-1][0]) > 180:
            turn += 360 if x + turn < found[-1][0] else -360
        found.append((x + turn, y))
    return found


class World:
    """A part of the world on a part of the card: the smallest that holds all points but those far off from most."""

    def __init__(self, points: Iterable[Point], box: tuple[float, float, float, float]) -> None:
        left, top, right, bottom = box
        found = list(points) or [(-70.0, -25.0), (110.0, 62.0)]
        west, east = _most([x for x, _y in found])
        south, north = _most([y for _x, y in found])
        self.stretch = max(0.35, math.cos(math.radians((south + north) / 2)))  # degrees are narrower in the north
        wide, high = max((east - west) * self.stretch, 10.0), max(north - south, 10.0)
        self.scale = min((right - left) / wide, (bottom - top) / high)
        self.middle = (west + east) / 2, (south + north) / 2
        self.centre = (left + right) / 2, (top + bottom) / 2

    def at(self, point: Point) -> Point:
        """Map a place (longitude, latitude) to its point on the card."""
        x = (point[0] - self.middle[0]) * self.stretch * self.scale + self.centre[0]
        y = (self.middle[1] - point[1]) * self.scale + self.centre[1]
        return x, y


def _most(values: list[float]) -> tuple[float, float]:
    """Range in which most values lie, without the outliers; of all of them, where they are few."""
    values = sorted(values)
    aside = len(values) // 14
    return values[aside], values[-1 - aside]


class SocialCard:
    """A card to be drawn."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (CARD_WIDTH * FINE, CARD_HEIGHT * FINE), PAPER)
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def text(self, at: Point, text: str, letters: TextStyle, colour: str = INK) -> float:
        """Write one line with its baseline at a height; says where it ends."""
        x, y = at
        for part, font in letters.runs(text):
            self.draw.text((x * FINE, y * FINE), part, font=font, fill=colour, anchor="ls")
            x += font.getlength(part) / FINE
        return x

    def land(self, world: World) -> None:
        """The land of the world."""
        for shape in _land():
            points = [(x * FINE, y * FINE) for x, y in map(world.at, shape)]
            if any(
                -CARD_WIDTH < x < 2 * CARD_WIDTH * FINE and -CARD_HEIGHT < y < 2 * CARD_HEIGHT * FINE for x, y in points
            ):
                self.draw.polygon(points, fill=LAND, outline=COAST, width=FINE)

    def arc(self, one: Point, other: Point, width: float, opacity: int) -> None:
        """A line between two places of the card that bows north, as those of the site's map do."""
        (x1, y1), (x2, y2) = one, other
        bow = math.hypot(x2 - x1, y2 - y1) * 0.18
        middle = (x1 + x2) / 2, (y1 + y2) / 2 - bow
        steps = [number / 24 for number in range(25)]
        points = [
            (
                ((1 - t) ** 2 * x1 + 2 * (1 - t) * t * middle[0] + t * t * x2) * FINE,
                ((1 - t) ** 2 * y1 + 2 * (1 - t) * t * middle[1] + t * t * y2) * FINE,
            )
            for t in steps
        ]
        # Drawn apart: where parts of a half transparent line meet, they would be twice as dark.
        left, top = (math.floor(min(axis)) - 8 for axis in zip(*points, strict=True))
        right, bottom = (math.ceil(max(axis)) + 8 for axis in zip(*points, strict=True))
        mask = Image.new("L", (max(1, right - left), max(1, bottom - top)), 0)
        ImageDraw.Draw(mask).line(
            [(x - left, y - top) for x, y in points], fill=opacity, width=round(width * FINE), joint="curve"
        )
        self.image.paste(TEAL, (left, top), mask)

    def dot(self, at: Point, radius: float, colour: str = OCHRE) -> None:
        """A place."""
        x, y = at[0] * FINE, at[1] * FINE
        inner, outer = radius * FINE, (radius + 2) * FINE
        self.draw.ellipse((x - outer, y - outer, x + outer, y + outer), fill=PAPER)
        self.draw.ellipse((x - inner, y - inner, x + inner, y + inner), fill=colour)

    def veil(self, until: float, gone: float) -> None:
        """Paper over the left of the card, thinning out between two places, for what is written there."""
        row = Image.new("L", (CARD_WIDTH * FINE, 1), 0)
        for x in range(CARD_WIDTH * FINE):
            part = min(1.0, max(0.0, (gone * FINE - x) / ((gone - until) * FINE)))
            row.putpixel((x, 0), round(255 * part))
        self.image.paste(PAPER, (0, 0), row.resize(self.image.size))
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def png(self) -> bytes:
        """The card as a file."""
        content = io.BytesIO()
        small = self.image.resize((CARD_WIDTH, CARD_HEIGHT), Image.Resampling.LANCZOS)
        small.quantize(256, dither=Image.Dither.NONE).save(content, "PNG", optimize=True)
        return content.getvalue()
