"""Social cards for shared addresses: `/card/<language>/<code>.png`, a picture of the record or the page.

A card has the record's name, its figures and a small map of its arcs. It is drawn when it is first asked for and kept
as a file for as long as the data do not change.
"""

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, override
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from coopdir.map import drawing_of
from core.dates import PartialDate
from core.etags import conditional_response, content_digest, strong_etag
from core.history import data_state
from core.lists.formats import PUBLISHER
from core.storage import folders
from networks.map_data import member_rows
from networks.models import Network, SupportBody
from networks.querysets import networks
from partnerships.agreements.facets import INDEX
from partnerships.agreements.filters import AgreementFilter
from partnerships.agreements.map_data import Drawing, counted
from partnerships.models import Agreement, Country, Organisation, Territory, Town
from partnerships.querysets import agreements

from ..linked_data.permalinks import code_of, of_record
from .draw import CARD_HEIGHT, CARD_WIDTH, INK, OCHRE, SANS, SERIF, SOFT, TEAL, SocialCard, TextStyle, World

logger = logging.getLogger(__name__)

ARCS = 220
"""Arcs that a card has at most, the strongest ones."""
MAX_CARDS = 2_000
"""Cards that are kept of a state of the data."""
LEFT, TEXT = 72, 600
"""Left edge of the words, and their greatest width."""
_KICKER_FONT, _FIGURE_FONT, _WORD_FONT = TextStyle(SANS, 25, 500), TextStyle(SERIF, 54, 500), TextStyle(SANS, 24)
_FOOT_FONT, _MARK_FONT = TextStyle(SANS, 23), TextStyle(SERIF, 32, 600)


@dataclass
class Shown:
    """Content of a card: words, figures with what they count, and a drawing on the map with how fine it is."""

    title: str
    kicker: str = ""
    figures: list[tuple[int, str]] = field(default_factory=list)
    drawing: Drawing | None = None
    band: str = "world"


def _asked(**question: str) -> tuple[int, Drawing]:
    return drawing_of(AgreementFilter(QueryDict(urlencode(question)), agreements().published()))


def _agreements(number: int) -> tuple[int, str]:
    return number, npgettext("tally", "agreement", "agreements", number)


def _countries(number: int) -> tuple[int, str]:
    return number, npgettext("tally", "country", "countries", number)


def _counted(title: str, kicker: str, band: str, **question: str) -> Shown:
    """A record by the agreements that a question gives."""
    total, drawing = _asked(**question)
    figures = [_agreements(total), _countries(len(drawing.countries()))] if total else []
    return Shown(title, kicker, figures, drawing, band)


def shown(record: Model) -> Shown:
    """Content of a record's card, in the active language."""
    match record:
        case Agreement():
            with INDEX.reading() as index:
                drawing = Drawing(counted(index.tables["parties"], BitMap([record.pk]), past=True))
            signed = PartialDate(record.signed).localised() if record.signed else ""
            parties = list(record.parties.all())
            figures = [
                (len(parties), npgettext("tally", "party", "parties", len(parties))),
                _countries(len({party.actor.country_id for party in parties} - {None})),
            ]
            kicker = " · ".join(filter(None, [str(capfirst(record.get_kind_display())), signed]))
            return Shown(str(record), kicker, figures, drawing, "district")
        case Town():
            where = ", ".join(str(place) for place in (record.territory, record.country) if place)
            return _counted(record.name, where, "region", town=record.reference, past="1", domestic="1")
        case Country():
            return _counted(record.name, _("Partnerships of a country"), "country", country=record.pk)
        case Territory():
            return _counted(record.name, str(record.country), "country", territory=record.pk)
        case Network():
            rows = member_rows(record)
            members = [(len(rows), npgettext("tally", "member", "members", len(rows)))] if len(rows) else []
            return Shown(record.name, _("Network"), members, Drawing(rows), "region")
        case SupportBody():
            return Shown(record.name, _("Support body"))
        case Organisation():
            return Shown(record.name, str(capfirst(record.get_kind_display())))
    raise Http404


def _everywhere() -> Shown:
    found = _counted(_("Which towns work together across borders, since when, on what"), "", "world")
    found.figures.append((networks().published().count(), _("networks")))
    return found


PAGE_CARDS: dict[str, Callable[[], Shown]] = {
    "home": _everywhere,
    "agreements": lambda: _counted(
        _("Agreements"), _("Twinnings and other partnerships of local authorities"), "world"
    ),
    "map": lambda: _counted(_("The map of partnerships"), "", "world"),
}
"""The cards of pages that are about no record; other pages have the first one."""


def drawn(what: Shown) -> bytes:
    """A card as a PNG file."""
    card = SocialCard()
    place = what.drawing.payload(what.band) if what.drawing is not None else None
    points = list(zip(place["places"]["longitude"], place["places"]["latitude"], strict=True)) if place else []
    world = World(points, (LEFT + TEXT + 30, 80, CARD_WIDTH - 60, CARD_HEIGHT - 80))
    card.land(world)
    if place:
        _draw(card, world, points, place)
    card.veil(LEFT + TEXT * 0.72, LEFT + TEXT + 90)
    _write(card, what)
    return card.png()


def _draw(card: SocialCard, world: World, points: Sequence[tuple[float, float]], place: dict) -> None:
    arcs = place["arcs"]
    strongest = list(zip(arcs["from"], arcs["to"], arcs["agreements"], strict=True))[:ARCS]
    at = [world.at(point) for point in points]
    few = len(strongest) <= 30
    for one, other, number in reversed(strongest):
        card.arc(at[one], at[other], 2.6 if few else min(1.0 + number**0.5 / 4, 3.5), 210 if few else 120)
    for spot in at if len(at) <= 400 else ():
        card.dot(spot, 7 if few else 3.2)


def _write(card: SocialCard, what: Shown) -> None:
    end = card.text((LEFT, 92), PUBLISHER, _MARK_FONT, TEAL)
    card.dot((end + 16, 82), 4)
    sizes = ((74, 2), (62, 3), (52, 3), (46, 4))
    size = next((size for size, lines in sizes if TextStyle(SERIF, size, 600).fits(what.title, TEXT, lines)), 42)
    letters = TextStyle(SERIF, size, 600)
    lines = letters.wrapped(what.title, TEXT)
    if len(lines) > 4:
        lines = [*lines[:3], lines[3] + " …"]
    step = size * 1.16
    top = 318 - (len(lines) - 1) * step / 2
    if what.kicker:
        card.text((LEFT, top - size - 14), _cut(what.kicker, _KICKER_FONT), _KICKER_FONT, SOFT)
    for number, line in enumerate(lines):
        card.text((LEFT, top + number * step), line, letters, INK)
    x: float = LEFT
    for number, word in what.figures:
        end = card.text((x, CARD_HEIGHT - 118), number_format(number, force_grouping=True), _FIGURE_FONT, TEAL)
        x = max(card.text((x, CARD_HEIGHT - 82), word, _WORD_FONT, SOFT), end) + 44
    host = urlsplit(settings.SITE_URL).netloc
    card.text((LEFT, CARD_HEIGHT - 34), f"{host} · CC BY 4.0", _FOOT_FONT, SOFT)
    card.draw.rectangle((0, 0, card.image.width, 12), fill=OCHRE)


def _cut(text: str, letters: TextStyle) -> str:
    lines = letters.wrapped(text, TEXT)
    return lines[0] + (" …" if len(lines) > 1 else "") if lines else ""


@cache
def _root() -> Path:
    return folders()["cards"]


def _kept(name: str, draw: Callable[[], bytes]) -> bytes:
    """A card by its name: the one of this state of the data, or a new one."""
    state, _version = data_state()
    folder = _root() / state
    path = folder / name
    try:
        return path.read_bytes()
    except FileNotFoundError:
        content = draw()
    except OSError as error:
        logger.warning("The card %s cannot be read: %s", path, error)
        return draw()
    try:
        _keep(path, content)
    except OSError as error:  # a full disk, or one that is only read: it is drawn again next time
        logger.warning("The card %s could not be kept: %s", path, error)
    return content


def _keep(path: Path, content: bytes) -> None:
    """Keep a card as a file, and drop those of other states of the data."""
    if not path.parent.is_dir():
        for old in _root().glob("*"):
            shutil.rmtree(old, ignore_errors=True)
        path.parent.mkdir(parents=True, exist_ok=True)
    if len(os.listdir(path.parent)) < MAX_CARDS:  # noqa: PTH208
        aside = path.parent / f".{path.name}.{os.getpid()}"
        try:
            aside.write_bytes(content)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


@require_safe
def card(request: HttpRequest, language: str, code: str) -> HttpResponseBase:
    """`/card/<language>/<code>.png`: of a record by its reference or code, or of a page by its name."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    if code not in PAGE_CARDS:
        return _of_record(request, language=language, code=code)
    with override(language):
        return _sent(request, _kept(f"{language}-{code}.png", lambda: drawn(PAGE_CARDS[code]())))


@of_record
def _of_record(request: HttpRequest, record: Model, language: str) -> HttpResponseBase:
    with override(language):
        return _sent(request, _kept(f"{language}-{code_of(record)}.png", lambda: drawn(shown(record))))


def _sent(request: HttpRequest, content: bytes) -> HttpResponseBase:
    response = HttpResponse(content, content_type="image/png")
    return conditional_response(request, response, strong_etag(content_digest(content)))
