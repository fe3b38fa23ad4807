"""Column mapping of an import: headers to columns, the form that edits it, and the profiles that keep it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.imports import batches, jobs
from core.imports import profiles as imports_profiles
from core.imports.cells import ChoiceCell, ListCell, LookupCell, YesNoCell
from core.imports.errors import ImportRefused
from core.imports.layouts import StrictResource
from core.imports.mapping import KEY, CellPattern, WrongHeaders
from core.imports.models import ImportProfile
from core.imports.readers import confined, tables
from core.imports.readers.limits import Unreadable, tidy
from core.imports.readers.tables import DELIMITERS
from core.imports.registry import resources
from partnerships import permissions
from partnerships.imports.party_columns import PARTY_COLUMN
from partnerships.models import Country

from .base import ImportersOnly, UnappliedBatchPage
from .forms import ENCODINGS, kind_of

SAMPLES = 3
"""Values of each header that are shown."""
_REFRESH_SECONDS = 2
"""Seconds after which a page comes again that waits for a file."""
_SHOWN_LENGTH = 80
"""Characters of a value that are shown."""
FREE = 2
"""Blank lines for constants."""
FEW = 60
"""Records of a table up to which they are a list to choose from."""
FIRST_WORDS = re.compile(r"([^.;:,(]|\([^)]*\))*")
"""Pattern: the meaning of a column up to the first stop that is not in brackets."""

_Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class MappedHeader:
    """A header of the file: some of its values, the column it feeds and why, or how its cells are taken apart."""

    number: int
    name: str
    samples: list[str]
    column: str = ""
    reason: str = ""
    form: str = ""
    example: list[tuple[str, str]] | None = None


@dataclass(frozen=True)
class Constant:
    """A value for all rows; `column` is empty while it can still be chosen."""

    column: str
    value: str
    meaning: str = ""
    choices: _Choices = field(default_factory=list)
    required: bool = False


@dataclass(frozen=True)
class Value:
    """A text of the file and what it means; how many rows have it where that is known."""

    text: str
    meaning: str = ""
    number: int | None = None


@dataclass(frozen=True)
class Values:
    """Texts of a column that are to be translated, and what they can mean."""

    column: str
    texts: list[Value]
    choices: _Choices
    listed: str
    fault: str


def _parse_options(sent: QueryDict, names: list[str]) -> dict[str, Any]:
    """The options that the page sends: `names` are the headers it was made for, in their order."""
    columns, forms = sent.getlist("column"), sent.getlist("form")
    pairs = zip(names, columns, strict=False)
    values: dict[str, dict[str, str]] = {}
    told = zip(sent.getlist("value_column"), sent.getlist("value_text"), sent.getlist("value_meaning"), strict=False)
    for column, text, meaning in told:
        if meaning.strip():
            values.setdefault(column, {})[text] = meaning.strip()
    constants = zip(sent.getlist("constant_column"), sent.getlist("constant_value"), strict=False)
    return {
        # A header stands once for a column: two headers for one are told of by `_twice`.
        "mapping": {column: name for name, column in pairs if column},
        "splits": {name: form.strip() for name, form in zip(names, forms, strict=False) if form.strip()},
        "constants": {column: value.strip() for column, value in constants if column and value.strip()},
        "values": values,
        "grouped": sent.get("grouped") == "1",
        "create": "create" in sent,
        "clear_blanks": "clear_blanks" in sent,
        "explicit": True,
    }


def twice(sent: QueryDict) -> list[str]:
    """Error messages for columns that several headers feed."""
    chosen = [column for column in sent.getlist("column") if column]
    again = sorted({column for column in chosen if chosen.count(column) > 1})
    return [_("Several headers feed the column “%s”: keep one of them.") % column for column in again]


class MappingPage(UnappliedBatchPage):
    """The page on which headers become columns; while the file is being read it says so, and comes again."""

    step = "map"
    beginning = tables.Head([])
    """Headers and first rows of the file, once it is read."""
    unreadable = ""
    """Reason why the file cannot be read."""

    def elsewhere(self) -> HttpResponse | None:
        if away := super().elsewhere():
            return away
        try:
            head = batches.head_of(self.batch)
        except (Unreadable, OSError) as error:
            self.unreadable = str(error)
            return None
        if head is None:
            return self._being_read()
        self.beginning = head
        if head.fault:
            self.unreadable = str(Unreadable.of(*head.fault))
        return None

    def _being_read(self) -> HttpResponse:
        """The page meanwhile, which reloads itself until somebody says no (``?wait=0``)."""
        if self.request.method == "POST":
            return redirect("import_map", self.batch.reference)
        reloads = self.request.GET.get("wait") != "0"
        context = {"reloads": reloads, "waits": confined.waits(self.batch.sha256, self.batch.options)}
        answer = render(self.request, "imports/reading.html", self.get_context_data(**context))
        if reloads:
            answer["Refresh"] = f"{_REFRESH_SECONDS}; url={self.request.get_full_path()}"
        add_never_cache_headers(answer)
        return answer

    def get(self, request: HttpRequest, **kwargs: object) -> HttpResponse:
        """The page as it was left, or as a profile says (``?profile=``; none if empty), or as names suggest."""
        asked = request.GET.get("profile")
        if asked is None and "mapping" in self.batch.options:
            return self._page(self.batch.options)
        if asked is None:
            return self._page(*imports_profiles.suggested(self.batch, request.user))
        if not asked:
            return self._page(*imports_profiles.suggested_by_names(self.batch))
        offered = imports_profiles.profiles_for(self.batch, request.user)
        profile = next((one for one in offered if asked == (str(one.pk) if one.pk else one.name)), None)
        if profile is None:
            raise Http404
        why = _("the profile “%s”") % profile.name
        return self._page(profile.options, dict.fromkeys(self.batch.headers, why))

    def post(self, request: HttpRequest, **kwargs: object) -> HttpResponse:
        """An example, a look at what was chosen, another way to read the file, or the plan."""
        do = request.POST.get("do", "")
        if do == "example":
            return self._example(request.POST)
        if do == "read":
            return self._read_again(request.POST)
        options = _parse_options(request.POST, self.batch.headers)
        if options["grouped"] != (request.POST.get("was_grouped") == "1"):
            found, reasons = imports_profiles.suggested_by_names(self.batch, grouped=options["grouped"])
            return self._page(options | {"values": {}, "splits": {}, "constants": {}} | found, reasons)
        if do == "plan" and not (wrong := twice(request.POST)):
            try:
                batches.settle(self.batch, options)
                if name := request.POST.get("profile_name", "").strip():
                    shared = "profile_shared" in request.POST and permissions.may_share_profiles(request.user)
                    imports_profiles.save_profile(self.batch, name, None if shared else request.user)
                jobs.enqueue_step(self.batch, "plan", by=request.user)
                return redirect("import_progress", self.batch.reference)
            except WrongHeaders as error:
                wrong = error.messages
            except (Unreadable, ImportRefused) as error:
                wrong = [str(error)]
            return self._page(options, wrong=wrong)
        return self._page(options, wrong=twice(request.POST))

    def _example(self, sent: QueryDict) -> HttpResponse:
        """Preview fragment: the columns that a splitting form makes of the first values of a header."""
        asked, forms = sent.get("header", ""), sent.getlist("form")
        number = int(asked[:6]) if asked.isdecimal() else 0
        if not (number < len(forms) and number < len(self.batch.headers)):
            return HttpResponse(status=404)
        head = self._head(number, self.batch.headers[number], "", "", forms[number])
        return render(self.request, "imports/parts/example.html", {"head": head})

    def _read_again(self, sent: QueryDict) -> HttpResponse:
        told = {name: sent.get(name, "")[:100] for name in ("delimiter", "encoding", "sheet")}
        try:
            imports_profiles.read_as(self.batch, **told, no_header="no_header" in sent)
        except (Unreadable, ImportRefused) as error:
            messages.error(self.request, str(error))
        return redirect("import_map", self.batch.reference)

    # What the page shows

    def _page(
        self, options: Mapping[str, Any], reasons: Mapping[str, str] | None = None, wrong: list[str] | None = None
    ) -> HttpResponse:
        resource, reasons = self.resource, reasons or {}
        grouped = bool(options.get("grouped")) and bool(resource.columns_of_members)
        feeds = {header: column for column, header in options.get("mapping", {}).items()}
        splits = options.get("splits", {})
        heads = [
            self._head(number, name, feeds.get(name, ""), reasons.get(name, ""), splits.get(name, ""))
            for number, name in enumerate(self.batch.headers)
        ]
        unread, missing = self._unread(options)
        profiles = imports_profiles.profiles_for(self.batch, self.request.user)
        begun = profiles or "mapping" in self.batch.options or self.request.POST or self.request.GET
        context = self.get_context_data(
            heads=heads,
            groups=_groups(resource, grouped=grouped, used={head.column for head in heads}),
            constants=list(self._constants(options, grouped=grouped)),
            values=list(self._values(options.get("values", {}), unread, grouped=grouped)),
            countries=Country.objects.order_by("pk"),
            options=options,
            grouped=grouped,
            may_group=bool(resource.columns_of_members),
            wrong=wrong or [],
            missing=[] if wrong else [message for message in missing if message not in self.batch.message],
            profiles=profiles,
            before=None if begun else imports_profiles.read_before(self.batch),
            file=self.batch.options,
            delimiters=[(name, label) for name, label in _delimiters() if name in DELIMITERS],
            encodings=ENCODINGS,
            sheets=self.beginning.sheets,
            profile_name=self.request.POST.get("profile_name", "")[:100],
            profile_shared="profile_shared" in self.request.POST,
            may_share=permissions.may_share_profiles(self.request.user),
            same=self.same,
        )
        return render(self.request, "imports/map.html", context)

    def _head(self, number: int, name: str, column: str, reason: str, form: str) -> MappedHeader:
        cells = (tidy(row[number]) for row in self.beginning.rows if number < len(row))
        samples = list(dict.fromkeys(text for text in cells if text))[:SAMPLES]
        return MappedHeader(
            number,
            name,
            [Truncator(" ".join(text.split())).chars(_SHOWN_LENGTH) for text in samples],
            column,
            reason,
            form,
            self._taken_apart(form, samples) if form else None,
        )

    def _taken_apart(self, form: str, samples: list[str]) -> list[tuple[str, str]]:
        """Preview of a splitting form: columns and texts of the first value that matches, or an error under an empty
        name."""
        read_as = CellPattern(form)
        strange = [name for name in read_as.columns if name != KEY and self._column(name) is None]
        if fault := read_as.fault() or (strange and _("“%s” is no column of this layout.") % strange[0]):
            return [("", fault)]
        if not samples:
            return []
        found = next((found for text in samples if (found := read_as.read(text))), None)
        if found is None:
            return [("", _("None of the values shown has this form."))]
        return [(name, Truncator(text).chars(_SHOWN_LENGTH)) for name, text in found.items()]

    def _unread(self, options: Mapping[str, Any]) -> tuple[dict[str, list[tuple[str, int]]], list[str]]:
        """Values that no column understands, by column, and errors that stand in the way of planning the file."""
        if self.unreadable:
            return {}, [self.unreadable]
        try:
            return batches.unread_values(self.batch, self.beginning, {**options, "explicit": True}), []
        except WrongHeaders as error:
            return {}, error.messages

    def _constants(self, options: Mapping[str, Any], *, grouped: bool) -> Iterator[Constant]:
        """Constants of the form: those that are set, those that are needed, and some blank ones."""
        given = {*options.get("mapping", {}), *options.get("constants", {})}
        for form in options.get("splits", {}).values():
            given.update(CellPattern(form).columns)
        needed = [] if grouped else [name for name in self.resource.missing_columns(given) if name not in given]
        for name, value in [*options.get("constants", {}).items(), *((name, "") for name in needed)]:
            column = self._column(name)
            yield Constant(
                name,
                value,
                str(column.meaning) if column else "",
                choices_of(column.widget)[0] if column else [],
                name in needed,
            )
        for _number in range(FREE):
            yield Constant("", "")

    def _values(
        self, known: Mapping[str, Any], unread: Mapping[str, list[tuple[str, int]]], *, grouped: bool
    ) -> Iterator[Values]:
        """Value translations of the form, by column: texts that have a meaning already, and those that wait for one."""
        found: dict[str, dict[str, Value]] = {}
        for column, texts in known.items():
            found[column] = {text: Value(text, meaning) for text, meaning in texts.items()}
        for name, counted in unread.items():
            match = PARTY_COLUMN.fullmatch(name) if grouped else None
            own = found.setdefault(match[1] if match else name, {})
            for text, number in counted:
                before = own.get(text)
                own[text] = Value(text, number=number + ((before and before.number) or 0))
        for name, texts in found.items():
            if (column := self._column(name)) is not None:
                choices, listed = choices_of(column.widget)
                waiting = next((text for text, value in texts.items() if not value.meaning), "")
                fault = self.resource.fault_of(self._whole(name), waiting) if waiting else ""
                yield Values(name, list(texts.values()), choices, listed, fault)

    def _whole(self, name: str) -> str:
        """Map a column of a first member to the column of the whole record."""
        return name if self.resource.has_column(name) else self.resource.member_column(name, 1)

    def _column(self, name: str) -> Any:
        whole = self._whole(name)
        return self.resource.fields[whole] if self.resource.has_column(whole) else None


def _delimiters() -> _Choices:
    return [
        ("comma", _("comma ,")),
        ("semicolon", _("semicolon ;")),
        ("tab", _("tab")),
        ("bar", _("bar |")),
    ]


def choices_of(widget: object) -> tuple[_Choices, str]:
    """The values that a column can have, where they are few; or the name of a list that helps to type."""
    widget = widget.part if isinstance(widget, ListCell) else widget
    if isinstance(widget, YesNoCell):
        return [("1", _("yes")), ("0", _("no"))], ""
    if isinstance(widget, ChoiceCell):
        return [(value, str(label)) for value, label in widget.choices.choices], ""
    if isinstance(widget, LookupCell):
        if widget.model is Country:
            return [], "countries"
        records = list(widget.model._default_manager.all()[: FEW + 1])
        if len(records) <= FEW:
            return [(str(getattr(record, widget.by[0])), str(record)) for record in records], ""
    return [], ""


def _groups(resource: StrictResource, *, grouped: bool, used: set[str]) -> list[tuple[str, _Choices]]:
    """Options for choosing a column, in groups: those of the record, then those of each party."""
    if grouped:
        names = resource.columns_of_members
        told = {KEY: _("the same for all rows of one agreement")}
        return [("", [(name, _told(resource, name, told.get(name, ""))) for name in names])]
    numbers = [int(match[2]) for name in used if (match := PARTY_COLUMN.fullmatch(name))]
    if resource.columns_of_members:
        resource.has_column(f"party_{max([2, *numbers]) + 1}")
    own: _Choices = []
    parties: dict[int, _Choices] = {}
    for name in resource.known_columns:
        match = PARTY_COLUMN.fullmatch(name) if resource.columns_of_members else None
        group = parties.setdefault(int(match[2]), []) if match else own
        group.append((name, _told(resource, name)))
    return [("", own), *((_("Party %s") % number, parties[number]) for number in sorted(parties))]


def _told(resource: StrictResource, name: str, meaning: str = "") -> str:
    """Label of a column in a list to choose from."""
    if not meaning:
        whole = name if resource.has_column(name) else resource.member_column(name, 1)
        column = resource.fields.get(whole)
        told = FIRST_WORDS.match(str(column.meaning)) if column else None
        meaning = told[0].strip() if told else ""
    return f"{name} – {Truncator(meaning).chars(60)}" if meaning else name


class Profiles(ImportersOnly, TemplateView):
    """Mapping profiles page: saved ways to read files with certain headers, to be renamed and deleted."""

    template_name = "imports/profiles.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        profiles = permissions.profiles_of(self.request.user)
        may_share = permissions.may_share_profiles(self.request.user)
        names = permissions.importable_by(self.request.user, resources())
        lines = [(profile, kind_of(profile.resource)) for profile in profiles if profile.resource in names]
        shipped = [(told[0], kind_of(name)) for name in names for told in resources()[name].profiles]
        shared = [
            (profile, kind_of(profile.resource))
            for profile in ImportProfile.objects.readable_by(None).filter(resource__in=names)
            if not may_share
        ]
        return super().get_context_data(lines=lines, shared=shared, shipped=shipped, may_share=may_share, **kwargs)

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Rename a profile, share it or take it back, or delete it."""
        asked = request.POST.get("profile", "")
        profile = get_object_or_404(
            permissions.profiles_of(request.user), pk=int(asked[:18]) if asked.isdecimal() else 0
        )
        if "delete" in request.POST:
            imports_profiles.delete_profile(profile)
            messages.success(request, _("The profile “%s” is deleted.") % profile.name)
        else:
            self._change(profile, request.POST.get("name", "").strip()[:100])
        return redirect("import_profiles")

    def _change(self, profile: ImportProfile, name: str) -> None:
        before, was_shared = profile.name, profile.user_id is None
        if not name:
            messages.warning(self.request, _("A profile needs a name."))
            return
        shared = permissions.may_share_profiles(self.request.user) and "shared" in self.request.POST
        try:
            with transaction.atomic():
                imports_profiles.change_profile(profile, name, None if shared else self.request.user)
        except IntegrityError:
            messages.warning(self.request, _("There is a profile “%s” already: choose another name.") % name)
            return
        if name != before:
            told = _("The profile “%(before)s” is now “%(after)s”.") % {"before": before, "after": name}
            messages.success(self.request, told)
        if shared != was_shared:
            told = _("The profile “%s” is offered to everybody.") if shared else _("The profile “%s” is yours alone.")
            messages.success(self.request, told % name)
