"""Requests that nobody means: of every route of the site, with parameters and fields that it knows, and odd values.

A request is made of a seed and its number alone (`Maker.request`), so that one which found something can be made again.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django import forms
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.regex_helper import normalize
from django_filters.filters import Filter

from core.lists.filtersets import ListingFilterSet

ODD = (
    "", " ", "\0", "a\0b", "\x07", "a\x0bb", "\x1b[31m", "\ufffe", "\uffff", "\ufeff", "\u202e", "\u2028", "🧭" * 60,
    "İ", "ß", "é" * 300, "٣", "²", "%", "_", "\\", "'", '"', "<script>alert(1)</script>", "{{ 7*7 }}", "%s%n", "${x}",
    "../../../etc/passwd", "x" * 5_000, "9" * 400, "99999999999999999999", "2147483648", "-1", "0", "1e400", "NaN",
    "Infinity", "null", "true", "[]", "{}", "1,2,3", "a,b,c,d", "1,2,3,4", "-180,-90,180,90", "0001-01-01", "0000",
    "9999-12-31", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-02-30", "1986-05-24", "2026-11-24T08:00Z",
    "1986", "../..", "..", "1", "2", "50", "A0", "T0", "A999999999999999", "FR", "fr", "ML", "ZZ", "FR-BFC", "FR-21",
    "water", "twinning", "dijon", "quetigny", "a\r\nX-Odd: 1", "a&b=c", "//example.org/", "https://example.org/", "c=d",
    "signed", "-signed", "name", "list", "map", "table", "figures", "download", "csv", "json", "en", "xx", "on",
)  # fmt: skip
"""Values of parameters, fields and parts of addresses."""

RAW = ("%", "%zz", "%FF=%FE", "&&&", "=", "a", ";", "%00=%00", "a=1&" * 3_500, "q=" + "%41" * 8_000, "+", "?", "#")
"""Queries as no browser writes them."""

ADMIN_EVERY = 5
"""How often an address outside the admin is asked for, for each time that one of the admin is."""

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "NO-SUCH")

HEADERS: dict[str, tuple[str, ...]] = {
    "Accept": ("", "*/*", "text/html", "application/xml", ";q=", "a/b;q=9e999", "text/turtle", "\xff",
        "," * 300, "x" * 4_000,
               "application/json;q=0", "application/json; version=1"),
    "Accept-Language": ("", "fr", "fr;q=x", "*", "xx-" + "y" * 600, "\xff\xfe", ",,,;;;", "en-" * 200, "fr;q=1e9"),
    "Accept-Encoding": ("", "br", "gzip;q=x", "br;q=0", "identity;q=0, *;q=0", "br, " * 500),
    "Range": ("bytes=0-", "bytes=-1", "bytes=9-1", "bytes=a-b", "lines=1-2",
        "bytes=0-0," * 200, "bytes=" + "9" * 400 + "-"),
    "If-Modified-Since": ("", "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "0",
        "9" * 400),
    "If-None-Match": ("*", '"', "W/", '"a", "b"', "," * 300, "\xff"),
    "If-Match": ("*", '"', "W/", '"a", "b"', "x" * 4_000, "\xff"),
    "Authorization": ("Bearer", "Bearer x", "Basic AAAA", "\xff", "Bearer coopdir_" + "x" * 400, "Bearer coopdir_\xe9"),
    "Cookie": ("sessionid=", 'sessionid="\\000aaaaaaaaaaa"', "csrftoken=\xff", "django_language=\x01", "=;;;=",
        "a" * 4_000,
               'messages="\\007[[]]"', "messages=[[1]]:x:y", "sessionid=" + "a" * 4_000),
    "Host": ("", "nowhere.example", "testserver:99999999", "[::1", "a b", "testserver.", "\xff", "TESTSERVER"),
    "Origin": ("null", "https://example.org", "x", "http://[", "\xff"),
    "Referer": ("x", "http://[::1", "https://testserver/\xff", "https://example.org/" + "x" * 4_000),
    "X-Forwarded-For": ("", "x", "::1, 127.0.0.1", "127.0.0.1:80", "," * 300, "\xff", "999.999.999.999"),
    "X-Forwarded-Proto": ("ftp", "https", ""),
    "X-Requested-With": ("XMLHttpRequest",),
    "X-HTTP-Method-Override": ("DELETE",),
    "Access-Control-Request-Method": ("PUT", ""),
    "User-Agent": ("", "\xff" * 300),
    "Sec-Fetch-Site": ("cross-site",),
}  # fmt: skip

TYPES = (
    "application/json", "application/json; charset=utf-16", "application/json;charset=", "text/plain", "", "/", "\xff",
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=hex", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff",
    "multipart/form-data; boundary=" + "x" * 300,
    "multipart/form-data; boundary=x; charset=rot13", "multipart/mixed; boundary=x", "application/xml", "x" * 3_000,
)  # fmt: skip
"""Types of bodies, also such as do not fit the body."""

PARAMETERS = (
    "page", "view", "more", "sort", "format", "lang", "bom", "delimiter", "wait", "limit", "after", "fields", "expand",
    "changed_since", "bbox", "datetime", "f", "bbox-crs", "at", "with", "stays", "q", "next", "draft", "copy", "like",
    "before", "what", "kind", "o", "p", "e", "all", "term", "app_label", "model_name", "field_name", "_popup",
    "_to_field",
    "inexact", "band", "agreement", "members", "country", "order", "reference", "state", "list", "sheet", "line",
    "part",
    "_changelist_filters", "code", "error", "key", "id__in", "name__startswith", "country__code__exact", "process",
    "date__gte", "date__year", "is_staff__exact", "pk__gt", "unknown",
)  # fmt: skip
"""Parameters that no filter declares."""


def subclasses(kind: type) -> Iterator[type]:
    """All classes below one."""
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def routes(patterns: list[Any] | None = None, before: str = "") -> list[tuple[str, tuple[str, ...]]]:
    """Every route of the site, as a template of its path with the names of its parts."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        regex = pattern.pattern.regex.pattern.removesuffix(r"\Z")
        for template, _names in normalize(regex):
            if isinstance(pattern, URLResolver):
                found += routes(pattern.url_patterns, before + template)
            elif isinstance(pattern, URLPattern):
                whole = before + template
                names = [part.partition(")")[0] for part in whole.split("%(")[1:]]
                found.append((f"/{whole}", tuple(names)))
    return list(dict.fromkeys(found))


@dataclass
class Made:
    """A request: who asks (by name), and what is sent."""

    who: str
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = ""
    body: bytes = b""

    def __str__(self) -> str:
        told = f"{self.who}: {self.method} {self.path[:300]}{'?' if self.query else ''}{self.query[:300]}"
        headers = "".join(f"\n    {name}: {value[:200]!r}" for name, value in self.headers.items())
        body = f"\n    {self.content_type[:100]!r}: {self.body[:500]!r} ({len(self.body)} bytes)" if self.body else ""
        return told + headers + body


class Maker:
    """Makes requests out of what the site knows.

    `known` are good values of parts of addresses by their names, `people` the names of who asks, `shown` gives the
    forms of the page with a path, each a list of names and values, `files` are contents by file name.
    """

    def __init__(
        self,
        seed: str,
        known: dict[str, list[str]],
        people: list[str],
        shown: Callable[[str], list[list[tuple[str, str]]]],
        files: dict[str, bytes],
    ) -> None:
        self.seed, self.known, self.people, self.shown, self.files = seed, known, people, shown, files
        self.routes = sorted(routes())
        # The pages of the admin are many, and much alike.
        self.turns = [route for route in self.routes if "/admin/" not in route[0]] * ADMIN_EVERY
        self.turns += [route for route in self.routes if "/admin/" in route[0]]
        self.pages = [route for route in self.turns if route[0].startswith("/en/")]
        filters = {name: one for kind in subclasses(ListingFilterSet) for name, one in kind.base_filters.items()}
        self.filters: dict[str, Filter] = dict(sorted(filters.items()))
        self.parameters = sorted({*self.filters, *PARAMETERS})
        self.fields = sorted({name for form in subclasses(forms.BaseForm) for name in getattr(form, "base_fields", {})})
        # Not the keys, which are others in each run: a number gives the same request in all.
        self.everything = sorted({value for name, values in known.items() if name != "key" for value in values})

    def request(self, number: int) -> Made:
        """The request with a number."""
        luck = random.Random(f"{self.seed}:{number}")
        if luck.random() < 0.25:
            return self._form(luck)
        # Every route in turn, whatever the luck.
        path = self._path(luck, *self.turns[number * 7919 % len(self.turns)])
        method = luck.choice(("GET", "GET", "POST", luck.choice(METHODS)))
        made = Made(self._who(luck, path), method, path, self._query(luck), self._headers(luck))
        if method not in ("GET", "HEAD") or luck.random() < 0.05:
            made.content_type, made.body = self._body(luck)
        return made

    def _who(self, luck: random.Random, path: str) -> str:
        """Who asks; the admin has one door, which the others do not pass."""
        return "administrator" if "/admin/" in path and luck.random() < 0.8 else luck.choice(self.people)

    def value(self, luck: random.Random, name: str = "") -> str:
        """A value, right or odd."""
        if luck.random() < 0.4 and name in self.known:
            return luck.choice(self.known[name])
        return luck.choice(self.everything) if luck.random() < 0.3 else luck.choice(ODD)

    def _path(self, luck: random.Random, template: str, names: tuple[str, ...]) -> str:
        path = template
        for name in names:
            good = luck.random() < 0.75 and name in self.known
            value = luck.choice(self.known[name]) if good else self.value(luck)
            path = path.replace(f"%({name})s", quote(value, safe="" if name != "path" else "/"), 1)
        if luck.random() < 0.03:
            path += luck.choice(("/", "%00", "%FF", ".", "//", ";", "%2F..", "\xe9", ".json", "x" * 3_000))
        return path

    def _query(self, luck: random.Random) -> str:
        if luck.random() < 0.35:
            return ""
        if luck.random() < 0.05:
            return luck.choice(RAW)
        names = [luck.choice(self.parameters) for _number in range(luck.choice((1, 1, 2, 3, 8)))]
        pairs = [(name, self.value(luck, name)) for name in names]
        if luck.random() < 0.1:
            pairs += [(names[0], self.value(luck)) for _number in range(luck.choice((1, 150)))]
        return urlencode(pairs)

    def _headers(self, luck: random.Random) -> dict[str, str]:
        if luck.random() < 0.6:
            return {}
        names = luck.sample(sorted(HEADERS), luck.choice((1, 1, 2, 4)))
        return {name: luck.choice(HEADERS[name]) for name in names}

    def _form(self, luck: random.Random) -> Made:
        """A form that the site shows, with some fields changed."""
        fields: list[tuple[str, str]] = []
        for _try in range(5):
            template, names = luck.choice(self.pages)
            path = template
            for name in names:
                path = path.replace(f"%({name})s", quote(luck.choice(self.known.get(name, ["x"])), safe=""), 1)
            if shown := self.shown(path):
                fields = list(luck.choice(shown))
                break
        for _number in range(luck.choice((0, 1, 1, 2, 5))):
            at = luck.randrange(len(fields)) if fields else -1
            match luck.randrange(4):
                case 0 if fields:
                    del fields[at]
                case 1:
                    fields.append((luck.choice(self.fields), self.value(luck)))
                case _ if fields:
                    fields[at] = (fields[at][0], self.value(luck, fields[at][0]))
        if luck.random() < 0.2:
            fields.append((luck.choice(("action", "do", "then", "save", "submit", "publish", "add", "remove")), "1"))
        content_type, body = self._encoded(luck, fields)
        return Made(self._who(luck, path), "POST", path, "", self._headers(luck), content_type, body)

    def _body(self, luck: random.Random) -> tuple[str, bytes]:
        fields = [(luck.choice(self.fields), self.value(luck)) for _number in range(luck.choice((0, 1, 3, 12)))]
        match luck.randrange(8):
            case 0:
                return luck.choice(TYPES), b""
            case 1:
                return luck.choice(TYPES), self._encoded(luck, fields)[1]
            case 2:
                return luck.choice(TYPES), luck.randbytes(luck.choice((1, 50, 5_000)))
            case 3:
                return "application/json", luck.choice(BROKEN)
            case 4 | 5:
                return "application/json", json.dumps(self._json(luck, 3)).encode()
        return self._encoded(luck, fields)

    def _encoded(self, luck: random.Random, fields: list[tuple[str, str]]) -> tuple[str, bytes]:
        """Fields as a form sends them, with or without files, and sometimes cut short."""
        if luck.random() < 0.6:
            return "application/x-www-form-urlencoded", urlencode(fields).encode()
        disposition = "Content-Disposition: form-data; name="
        parts = [f'{disposition}"{_quoted(name)}"\r\n\r\n{value}'.encode() for name, value in fields]
        for name in luck.sample(("file", "files", "attachment", "document", "upload"), luck.choice((0, 1, 2))):
            called, content = luck.choice(sorted(self.files.items()))
            if luck.random() < 0.3:
                content = bytearray(content)
                for _number in range(20):
                    content[luck.randrange(len(content))] = luck.randrange(256)
            head = f'{disposition}"{name}"; filename="{called}"\r\nContent-Type: text/plain\r\n\r\n'
            parts.append(head.encode() + bytes(content))
        body = b"".join(b"--odd\r\n" + part + b"\r\n" for part in parts) + b"--odd--\r\n"
        if luck.random() < 0.1:
            body = body[: luck.randrange(len(body))]
        return "multipart/form-data; boundary=odd", body

    def _json(self, luck: random.Random, depth: int) -> Any:
        kind = luck.randrange(9)
        if depth and kind < 3:
            return {self._name(luck): self._json(luck, depth - 1) for _number in range(luck.choice((0, 1, 3, 9)))}
        if depth and kind == 3:
            return [self._json(luck, depth - 1) for _number in range(luck.choice((0, 1, 3, 250)))]
        return luck.choice((None, True, 0, -1, 1.5, 10**30, "\ud800", "\udfff x", self.value(luck), self.value(luck)))

    def _name(self, luck: random.Random) -> str:
        return luck.choice(MEMBERS) if luck.random() < 0.9 else self.value(luck)


MEMBERS = (
    "kind", "signed", "valid_until", "tacit_renewal", "ended", "formal_status", "activity", "description_en", "mailbox",
    "parties", "actor", "role", "joined", "left", "themes", "funding", "year", "amount", "currency", "renewals",
    "renewed",
    "sources", "title", "publisher", "date", "url", "licence", "then", "reason", "note", "agreements", "on",
)  # fmt: skip

BROKEN = (
    b"[" * 100_000, b'{"a":' * 50_000, b"{", b"nul", b'"\\ud800"', b"\xff\xfe{\x00}\x00", b'{"kind": NaN}',
    b"\xef\xbb\xbf{}",
    b'{"kind": ' + b"1" * 5_000 + b"}", b'{"reason": "' + b"a" * 3_000_000 + b'"}', b'{"a": 1, "a": 2}', b"{'a': 1}",
)  # fmt: skip


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "").replace("\n", "")
