"""Metadata and citation of a public page: built once from its template context."""

import datetime
import re
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.addresses import absolute
from core.history import data_version
from core.lists.formats import LICENCE_NAME, LICENCE_URL, PUBLISHER

from ..social_cards import views
from . import schema_org
from .permalinks import code_of, page_path

_LIST_FEEDS = {
    "agreements": "agreements_feed",
    "changes": "changes_feed",
    "countries": "",
    "towns": "",
    "organisations": "",
    "networks": "",
    "support_bodies": "",
    "milestones": "",
    "links": "",
}
"""The lists, by the names of their addresses, and the feeds that follow them."""
_RECORD_LISTS = {
    "agreement": "agreements",
    "town": "towns",
    "organisation": "organisations",
    "network": "networks",
    "supportbody": "support_bodies",
    "country": "countries",
    "territory": "countries",
}
"""The pages of records, and the lists that they are found in."""
OTHERS = {
    "home",
    "about",
    "accessibility",
    "statistics",
    "map",
    "country_pair",
    "data",
    "api_reference",
    "layouts",
    "privacy",
}
"""The other pages that are for everybody, and worth being found."""
CITABLE_PAGES = {*_LIST_FEEDS, *_RECORD_LISTS, "statistics", "country_pair", "map", "data"}
"""The pages that hold data to cite."""


@dataclass(frozen=True)
class PublicPage:
    """A page that everybody may see: `record` is what it is about, `part` the part of a list that it shows."""

    request: HttpRequest
    name: str
    title: str
    description: str
    record: Model | None
    part: Page | None
    total: int | None
    question: str

    @classmethod
    def of(cls, context: Any) -> "PublicPage | None":
        """The page that a template's context is of, or None where it is none of those."""
        request = context.get("request")
        match = getattr(request, "resolver_match", None)
        name = match.url_name if match else ""
        if name not in {*_LIST_FEEDS, *_RECORD_LISTS, *OTHERS}:
            return None
        record = context.get("object") if name in _RECORD_LISTS else None
        if name in _RECORD_LISTS and (record is None or getattr(record, "publication", "published") != "published"):
            return None  # withdrawn, or not public yet
        part = context.get("page_obj")
        return cls(
            request=request,
            name=name,
            title=context.get("page_title", ""),
            description=context.get("page_description", ""),
            record=record,
            part=part if isinstance(part, Page) else None,
            total=context.get("total"),
            question=context.get("question") or context.get("querystring") or "",
        )

    @property
    def address(self) -> str:
        """The page's own address in this language, with the question of a list."""
        plain = absolute(self.request.path)
        return f"{plain}?{self.question}" if self.question and self.name in _LIST_FEEDS else plain

    @property
    def feed(self) -> str:
        """The address of the feed that follows this list, with its question."""
        if not (feed := _LIST_FEEDS.get(self.name) or ("agreements_feed" if self.name == "home" else "")):
            return ""
        asked = [self.question] if self.question else []
        return f"{reverse(feed)}?{'&'.join([*asked, f'lang={get_language()}'])}"

    @property
    def card(self) -> str:
        """The address of the picture that is shown where the page is shared."""
        code = code_of(self.record) if self.record is not None else self.name
        if self.record is None and code not in views.PAGE_CARDS:
            code = next(iter(views.PAGE_CARDS))
        return absolute(reverse("card", args=[get_language(), code]))

    @property
    def locale(self) -> str:
        """The language as Open Graph names it."""
        return {"en": "en_GB", "fr": "fr_FR"}.get(get_language(), get_language())

    # Linked data

    def linked(self) -> str:
        """The page as JSON-LD."""
        site = {"@type": "WebSite", "@id": absolute("/#site"), "name": PUBLISHER, "url": absolute("/")}
        page: schema_org.Node = {
            "@type": "CollectionPage" if self.name in _LIST_FEEDS else "WebPage",
            "@id": self.address,
            "url": self.address,
            "name": self.title,
            "inLanguage": get_language(),
            "isPartOf": site,
            "publisher": schema_org.publisher(),
            "license": LICENCE_URL,
        }
        if self.description:
            page["description"] = self.description
        if self.record is not None:
            page["mainEntity"] = schema_org.node(self.record)
            page["isBasedOn"] = schema_org.source_urls(self.record)
            page["breadcrumb"] = schema_org.breadcrumb(
                (PUBLISHER, absolute(reverse("home"))),
                (str(LIST_NAMES[_RECORD_LISTS[self.name]]()), absolute(reverse(_RECORD_LISTS[self.name]))),
                (self.title, self.address),
            )
        elif self.part is not None:
            items = [(absolute(address), name) for address, name in map(_address_and_name, self.part.object_list)]
            page["mainEntity"] = schema_org.item_list(items, self.part.paginator.count, self.part.start_index())
        elif self.name == "home":
            words = {"@type": "EntryPoint", "urlTemplate": f"{absolute(reverse('search'))}?q={{words}}"}
            page["isPartOf"] = site | {
                "potentialAction": {"@type": "SearchAction", "target": words, "query-input": "required name=words"}
            }
        return schema_org.serialize_json_ld({name: value for name, value in page.items() if value})

    # Citation

    def citation(self) -> "Citation":
        """Citation of the page."""
        return Citation(
            title=self.title,
            key=getattr(self.record, "reference", None) or getattr(self.record, "pk", None) or self.name,
            address=self.address,
            version=data_version(),
            day=timezone.localdate(),
        )


LIST_NAMES = {
    "agreements": lambda: _("Agreements"),
    "towns": lambda: _("Towns"),
    "organisations": lambda: _("Organisations"),
    "networks": lambda: _("Networks"),
    "support_bodies": lambda: _("Support bodies"),
    "countries": lambda: _("Countries"),
}


def _address_and_name(item: Any) -> tuple[str, str]:
    """The path and the name of an item of a list: a record, or the card of an agreement."""
    if isinstance(item, Model):
        return page_path(item), str(item)
    return item.url, " – ".join(name for name, _country in item.parties) or item.reference


@dataclass(frozen=True)
class Citation:
    """Citation: author, title, date and version of the data, address, licence."""

    title: str
    key: str
    address: str
    version: datetime.datetime
    day: datetime.date

    author = PUBLISHER
    licence = LICENCE_NAME

    @property
    def data_version(self) -> str:
        """The version of the data, to the second."""
        return self.version.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def bibtex(self) -> str:
        """The citation for BibTeX."""
        fields = {
            "author": f'"{{{self.author}}}"',  # in braces: one name, that of a body
            "title": f'"{{{_escaped(self.title)}}}"',  # in braces: as it is written
            "year": f"{{{self.version.year}}}",
            "url": f"{{{self.address}}}",
            "urldate": f"{{{self.day.isoformat()}}}",
            "note": f"{{Data version {self.data_version}, {self.licence}}}",
        }
        lines = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
        return f"@misc{{coopdir-{self.key.lower()},\n{lines}\n}}"


def _escaped(text: str) -> str:
    """A text without what BibTeX would run."""
    return re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", r"\textbackslash "))
