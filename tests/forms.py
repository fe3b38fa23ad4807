"""The forms of a page as a browser would send them: what the page shows, changed by what somebody fills in."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client

Fields = list[tuple[str, str]]


class _Forms(HTMLParser):
    """Collects the fields of every form that is sent by POST, but that of the button to log out; or (`kind`) of those
    with a class."""

    def __init__(self, kind: str = "") -> None:
        super().__init__()
        self._kind = kind
        self.forms: list[Fields] = []
        self._open = False
        self._select = ""
        self._several = False
        self._options: list[tuple[str, bool]] = []
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            is_sent = told.get("method") == "post" and not told.get("action", "").endswith("/logout/")
            self._open = self._kind in told.get("class", "").split() if self._kind else is_sent
            if self._open:
                self.forms.append([])
        if not self._open or "disabled" in told:
            return
        name, value = told.get("name", ""), told.get("value", "")
        if tag == "input" and name and told.get("type") not in ("submit", "file", "button"):
            if told.get("type") not in ("checkbox", "radio"):
                self.forms[-1].append((name, value))
            elif "checked" in told:
                self.forms[-1].append((name, value if "value" in told else "on"))
        elif tag == "select":
            self._select, self._several, self._options = name, "multiple" in told, []
        elif tag == "option":
            self._options.append((value, "selected" in told))
        elif tag == "textarea":
            self._text = (name, [])

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "select" and self._select and self._open:
            chosen = [value for value, selected in self._options if selected]
            first = [value for value, _selected in self._options[:1]]
            sent = chosen if self._several else (chosen or first or [""])[:1]
            self.forms[-1] += [(self._select, value) for value in sent]
            self._select = ""
        elif tag == "textarea" and self._text:
            self.forms[-1].append((self._text[0], "".join(self._text[1])))
            self._text = None


def forms_of(page: str) -> list[Fields]:
    """The fields of each form of a page, as they stand."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


def filters_of(page: str) -> Fields:
    """The fields of the form of a list that have a value: what the next click sends."""
    parser = _Forms("filters")
    parser.feed(page)
    (form,) = parser.forms
    return [(name, value) for name, value in form if value]


def the_form(page: str, *names: str) -> Fields:
    """The form of a page that has these fields."""
    (form,) = [form for form in forms_of(page) if set(names) <= {name for name, _value in form}]
    return form


def send(client: Client, url: str, fields: Fields, **changed: Any) -> Any:
    """Send a form; what is `changed` takes the place of all fields of that name."""
    told: dict[str, list[str]] = {}
    for name, value in fields:
        told.setdefault(name, []).append(value)
    told |= {name: value if isinstance(value, list) else [value] for name, value in changed.items()}
    return client.post(url, told)
