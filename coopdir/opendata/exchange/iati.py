"""Agreements as activities of IATI 2.03, the International Aid Transparency Initiative: `/agreements.iati.xml`.

The standard wants a start known to the day; ours are as precise as they are known. So only agreements whose start is
known to the day are told, or with ``inexact=1`` all that have one: then the first day that it may mean, and a narrative
which says how much of it is known. Shares of sectors and countries, which the standard wants where there are several,
are nothing that we know: one theme is a sector, several are tags; places are locations.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.db.models import Prefetch
from django.db.models.functions import Length
from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.addresses import absolute
from core.dates import PartialDate
from core.history import data_version
from core.lists.formats import LICENCE_URL, PUBLISHER
from core.text import clean
from partnerships.choices import Activity, FormalStatus, Kind, OrganisationKind, SuspensionState
from partnerships.models import Agreement, Organisation, Party, Town
from partnerships.querysets import agreements

from ..question_view import QuestionView, bad_query, keys_of

_CHUNK_SIZE = 500
_IATI_VERSION = "2.03"
LOCAL_GOVERNMENT = "11"
_ORGANISATION_TYPES = {
    OrganisationKind.ASSOCIATION: "22",
    OrganisationKind.NGO: "22",
    OrganisationKind.SCHOOL: "80",
    OrganisationKind.HOSPITAL: "15",
    OrganisationKind.UNIVERSITY: "80",
    OrganisationKind.COMPANY: "70",
    OrganisationKind.STATE_SERVICE: "10",
    OrganisationKind.INTERNATIONAL: "40",
    OrganisationKind.OTHER: "90",
}
"""Codes of the list OrganisationType by kind of organisation."""
IMPLEMENTING = "4"
WEB_PAGE = "A12"
_GEONAMES_VOCABULARY, _OWN_VOCABULARY, _SDG_VOCABULARY = "G1", "99", "2"
"""Codes of the lists GeographicVocabulary and TagVocabulary."""


def element(name: str, *inner: str, **attributes: object) -> str:
    """An element with its attributes (``type_`` is ``type``, ``iso_date`` is ``iso-date``); those that are None stay
    away."""
    given = "".join(
        f" {key.rstrip('_').replace('__', ':').replace('_', '-')}={quoteattr(clean(str(value)))}"
        for key, value in attributes.items()
        if value is not None
    )
    content = "".join(inner)
    return f"<{name}{given}>{content}</{name}>" if content else f"<{name}{given}/>"


def narrative(text: str, language: str = "") -> str:
    """A text, in a language if that is not the activity's own."""
    return element("narrative", escape(clean(text)), xml__lang=language or None)


class Activities(QuestionView):
    """A list of agreements as an IATI file."""

    left_aside = ("page", "view", "more", "inexact")

    def answer(self, question: Any, language: str) -> HttpResponseBase:
        inexact = self.request.GET.get("inexact", "0")
        if inexact not in ("0", "1"):
            return bad_query([_("inexact: write 1 or 0.")])
        dated = agreements().published().exclude(signed=None)
        if inexact == "0":
            dated = dated.annotate(known=Length("signed")).filter(known=10)
        known = set(dated.values_list("pk", flat=True))
        keys = [key for key in keys_of(question) if key in known]
        if not keys:
            # The schema has no file without an activity.
            told = _("No agreement of this question has a start that is known to the day; inexact=1 takes others too.")
            refusal = bad_query([told])
            refusal.status_code = 404
            return refusal
        response = StreamingHttpResponse(_activities_xml(keys), content_type="application/xml; charset=utf-8")
        response["Link"] = f'<{LICENCE_URL}>; rel="license"'
        response["X-Robots-Tag"] = "noindex"
        return response


def _activities_xml(keys: list[int]) -> Iterator[str]:
    """The file in pieces."""
    moment = data_version().strftime("%Y-%m-%dT%H:%M:%SZ")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<iati-activities version="{_IATI_VERSION}" generated-datetime="{moment}">\n'
    shown = Party.objects.order_by("position", "id").select_related("town__country", "organisation__country")
    records = agreements().published().with_statuses().prefetch_related(Prefetch("parties", shown), "themes")
    for start in range(0, len(keys), _CHUNK_SIZE):
        part = keys[start : start + _CHUNK_SIZE]
        found = records.in_bulk(part)
        with override("en"):
            yield "".join(activity(found[key]) + "\n" for key in part if key in found)
    yield "</iati-activities>\n"


def activity(agreement: Agreement) -> str:
    """An agreement as an activity, its parts in the order of the schema."""
    own = settings.IATI_ORGANISATION
    parties = list(agreement.parties.all())
    title = " – ".join(str(party.actor) for party in parties)
    return element(
        "iati-activity",
        element("iati-identifier", escape(f"{own}-{agreement.reference}")),
        element("reporting-org", narrative(PUBLISHER), ref=own, type_="90", secondary_reporter=1),
        element("title", narrative(title)),
        element("description", *_descriptions(agreement), type_=1),
        *(_participant(party) for party in parties),
        element("activity-status", code=_status(agreement)),
        _date(agreement.signed, "2", first=True),
        *([_date(agreement.ended, "4")] if agreement.ended and len(agreement.ended) == 10 else []),
        *(_location(party.town) for party in parties if party.town and party.town.latitude is not None),
        *_themes(agreement),
        element(
            "document-link",
            element("title", narrative(title)),
            element("category", code=WEB_PAGE),
            element("language", code="en"),
            url=absolute(reverse("agreement", args=[agreement.address])),
            format="text/html",
        ),
        xml__lang="en",
        humanitarian=1 if agreement.kind == Kind.EMERGENCY else None,
    )


def _descriptions(agreement: Agreement) -> Iterable[str]:
    kind = str(agreement.get_kind_display())
    yield narrative(agreement.description_en or kind)
    if agreement.description_fr:
        yield narrative(agreement.description_fr, "fr")


def _participant(party: Party) -> str:
    actor: Town | Organisation = party.actor
    kind = _ORGANISATION_TYPES[OrganisationKind(actor.kind)] if isinstance(actor, Organisation) else LOCAL_GOVERNMENT
    return element("participating-org", narrative(str(actor)), role=IMPLEMENTING, type_=kind)


def _status(agreement: Agreement) -> str:
    """A code of the list ActivityStatus: in preparation, under way, closed, suspended."""
    if agreement.ended or agreement.activity == Activity.ENDED or agreement.formal_status == FormalStatus.TERMINATED:
        return "4"
    if agreement.suspension == SuspensionState.WHOLE:
        return "6"
    return "1" if agreement.formal_status == FormalStatus.DRAFT else "2"


def _date(date: PartialDate, kind: str, *, first: bool = False) -> str:
    known = [narrative(_("Known as %(date)s only.") % {"date": date})] if first and len(date) < 10 else []
    return element("activity-date", *known, iso_date=PartialDate(date).first_day().isoformat(), type_=kind)


def _location(town: Town) -> str:
    inner = [element("name", narrative(town.name))]
    if town.geonames:
        inner.insert(0, element("location-id", vocabulary=_GEONAMES_VOCABULARY, code=town.geonames))
    at = element("pos", f"{town.latitude} {town.longitude}")
    inner.append(element("point", at, srsName="http://www.opengis.net/def/crs/EPSG/0/4326"))
    exact = "1" if town.coordinates_precision == "place" else "2"
    inner.append(element("exactness", code=exact))
    return element("location", *inner)


def _themes(agreement: Agreement) -> Iterable[str]:
    themes = list(agreement.themes.all())
    if len(themes) == 1 and themes[0].crs:
        yield element("sector", vocabulary="1", code=themes[0].crs)
    goals = sorted({int(goal) for theme in themes for goal in theme.goals})
    yield from (element("tag", vocabulary=_SDG_VOCABULARY, code=goal) for goal in goals)
    address = absolute("/")
    yield from (
        element("tag", narrative(theme.name), vocabulary=_OWN_VOCABULARY, vocabulary_uri=address, code=theme.code)
        for theme in themes
    )
