"""Base of the administration's pages: the site, search, choices among many records, worded refusals.

The database holds the rules (constraints, also deferred ones). A form that breaks one comes back with the constraint's
own words, see `DirectoryAdmin.changeform_view`.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import reduce, wraps
from operator import or_
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.options import TO_FIELD_VAR, BaseModelAdmin, InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from pghistory import core as pghistory_core
from pghistory.models import Events

from core.admin.merging import MergedAdmin, MergedForm, MergedFormSet
from core.dates import PartialDateField
from core.fields import Normalise
from core.history import RowFormatter, own_context
from core.imports.errors import constraint_message
from core.lists.text_search import has_word, words
from core.text import normalise

MAX_INLINE_ROWS, MAX_POSTED_ROWS = 60, 300
"""Rows that a form shows of one list; a longer one is edited on its own page, lest the form cannot be sent.
And rows that are read of a form that is sent."""

IN_THE_WAY = 5
"""Records that are named when they keep another from being deleted."""


_EVENT_LABELS = {
    "insert": gettext_lazy("added"),
    "update": gettext_lazy("changed"),
    "delete": gettext_lazy("deleted"),
}
"""Labels of the events of a record's history."""


class AdminSection(models.TextChoices):
    """The parts of the administration's first page, in their order."""

    AGREEMENTS = "agreements", gettext_lazy("Agreements and who takes part")
    PLACES = "places", gettext_lazy("Places")
    NETWORKS = "networks", gettext_lazy("Networks and support bodies")
    SOURCES = "sources", gettext_lazy("Sources and what they claim")
    LISTS = "lists", gettext_lazy("Closed lists")
    ACCESS = "access", gettext_lazy("Accounts and mandates")
    IMPORTS = "imports", gettext_lazy("Imports")
    ROWS = "rows", gettext_lazy("Row by row: what is also edited with its record")


class DirectorySite(admin.AdminSite):
    """The administration of the directory."""

    site_header = site_title = "CoopDir"
    index_title = gettext_lazy("Administration")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The models by what they are about rather than by the module that holds them."""
        modules = super().get_app_list(request, app_label)
        if app_label is not None:
            return modules
        groups: dict[AdminSection, dict[str, Any]] = {
            group: {"name": group.label, "app_label": group.value, "has_module_perms": True, "models": []}
            for group in AdminSection
        }
        for app in modules:
            for entry in app["models"]:
                shown_by = self.get_model_admin(entry["model"])
                entry["name"] = capfirst(getattr(shown_by, "plural", entry["name"]))
                group = groups[getattr(shown_by, "group", AdminSection.ACCESS)]
                group["models"].append(entry)
                group["app_url"] = app["app_url"]
        return [group for group in groups.values() if group["models"]]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Views of the administration: Django takes a blank ``_to_field`` for the name of a field, and fails."""

        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            for sent in ("GET", "POST"):
                setattr(request, sent, _without_blank(getattr(request, sent), TO_FIELD_VAR))
            response: HttpResponseBase = view(request, *args, **kwargs)
            return response

        return super().admin_view(asked, cacheable)

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return Autocompletion.as_view(admin_site=self)(request)


def _without_blank(sent: QueryDict, name: str) -> QueryDict:
    if sent.get(name, name):
        return sent
    left = sent.copy()
    del left[name]
    return left


class Autocompletion(AutocompleteJsonView):
    """Autocomplete view of the administration, with labels made by each model's admin."""

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        return super().serialize_result(obj, to_field_name) | {"text": label(self.model_admin, obj)}


Inline = type[InlineModelAdmin[Any, Any]]


def label(related: admin.ModelAdmin[Any], record: models.Model) -> str:
    """Label of a record in a choice."""
    return related.label(record) if isinstance(related, DirectoryAdmin) else str(record)


class Autocomplete(AutocompleteSelect):
    """A choice among many records, which names the chosen one as the list of choices does.

    `known` holds chosen records by primary key that were read already, so that a form of many rows asks once.
    """

    known: Mapping[str, models.Model] = {}

    def optgroups(
        self, name: str, value: Sequence[str], attrs: object = None
    ) -> list[tuple[str | None, list[dict[str, Any]], int | None]]:
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        related = self.admin_site.get_model_admin(self.field.related_model)
        for key in value:
            record = self.known.get(str(key)) or self._read(related, key)
            if record is not None:
                options.append(self.create_option(name, record.pk, label(related, record), True, len(options)))
        return [(None, options, 0)]

    def _read(self, related: admin.ModelAdmin[Any], key: str) -> models.Model | None:
        if key in ("", None):
            return None
        try:
            return with_related(related, self.choices.queryset.filter(pk=key)).first()
        except (ValueError, ValidationError):  # not even in the form of a key
            return None


def with_related(related: admin.ModelAdmin[Any], queryset: QuerySet[models.Model]) -> QuerySet[models.Model]:
    """The queryset with all that naming its records takes."""
    return related.with_related(queryset) if isinstance(related, DirectoryAdmin) else queryset


class AutocompleteMixin(BaseModelAdmin[Any]):
    """Admins and inlines in which every record of another table is chosen by typing."""

    formfield_overrides = {
        models.URLField: {"assume_scheme": "https"},
        PartialDateField: {"widget": forms.TextInput(attrs={"size": 11})},
    }

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return [field.name for field in foreign_keys(self.model)]

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[object, object], request: HttpRequest, **kwargs: object
    ) -> forms.ModelChoiceField[models.Model] | None:
        kwargs.setdefault("widget", Autocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(
        self, db_field: models.Field[object, object], request: HttpRequest, **kwargs: object
    ) -> forms.Field | None:
        """Form field without the button that deletes the chosen related record; viewing and adding remain."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.can_delete_related = False
        return field


def foreign_keys(model: type[models.Model]) -> list[models.ForeignKey[object, object]]:
    """The foreign keys of a model."""
    return [field for field in model._meta.local_fields if isinstance(field, models.ForeignKey)]


class RowFormSet(MergedFormSet):
    """Rows of a record's list: what they refer to is read at once for all, and what they repeat is said in words."""

    def get_queryset(self) -> QuerySet[models.Model]:
        queryset = super().get_queryset()
        if not hasattr(self, "known"):
            self.known: dict[str, dict[str, models.Model]] = {}
            for row in queryset:
                setattr(row, self.fk.name, self.instance)
            for field in foreign_keys(self.fk.model):
                if field.name == self.fk.name:
                    continue
                related = admin.site.get_model_admin(field.related_model)
                keys = {getattr(row, field.attname) for row in queryset} - {None}
                records = with_related(related, field.related_model._default_manager.filter(pk__in=keys))
                self.known[field.name] = {str(record.pk): record for record in records}
                for row in queryset:
                    if (key := getattr(row, field.attname)) is not None:
                        setattr(row, field.name, self.known[field.name][str(key)])
        return queryset

    def add_fields(self, form: MergedForm, index: int | None) -> None:
        super().add_fields(form, index)
        self.get_queryset()
        for name, records in self.known.items():
            if name in form.fields:
                widget: Any = form.fields[name].widget
                getattr(widget, "widget", widget).known = records

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        for constraint in self.fk.model._meta.constraints:
            columns = set(getattr(constraint, "fields", ()))
            default = models.UniqueConstraint.default_violation_error_message
            if columns == {*unique_check, self.fk.name} and constraint.violation_error_message != default:
                return str(constraint.violation_error_message)
        return super().get_unique_error_message(unique_check)


class RowsInline(AutocompleteMixin, admin.TabularInline[Any, Any]):
    """Rows of a list that belongs to a record."""

    form = MergedForm
    formset: type[BaseInlineFormSet[Any, Any, Any]] = RowFormSet
    extra = 0
    max_num = MAX_POSTED_ROWS

    def get_formset(
        self, request: HttpRequest, obj: models.Model | None = None, **kwargs: object
    ) -> type[BaseInlineFormSet[Any, Any, Any]]:
        """Formset with `absolute_max` = `MAX_POSTED_ROWS`: by default Django reads a thousand rows more than may be
        sent."""
        return super().get_formset(request, obj, absolute_max=MAX_POSTED_ROWS, **kwargs)


class DirectoryAdmin(AutocompleteMixin, MergedAdmin):
    """The base of every admin of the directory.

    `select` and `prefetch` name what listing and naming the records takes. `search_fields` are words of our own search,
    which ignores case and accents: a text column; ``=column`` for an identifier that must be met whole; a foreign key,
    which is searched as its own admin is; and any path through other tables.
    """

    group = AdminSection.ROWS
    select: tuple[str, ...] = ()
    prefetch: tuple[Any, ...] = ()
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    save_on_top = True
    change_form_template = "admin/directory/change_form.html"
    object_history_template = "admin/directory/object_history.html"

    # Reading

    def with_related(self, queryset: QuerySet[models.Model]) -> QuerySet[models.Model]:
        """The queryset with all that listing and naming its records takes."""
        if self.select:
            queryset = queryset.select_related(*self.select)
        return queryset.prefetch_related(*self.prefetch)

    def label(self, record: Any) -> str:
        """Label of a record in a choice: unambiguous, so that it cannot be taken for another one."""
        return str(record)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Model]:
        return self.with_related(super().get_queryset(request))

    # Search

    def has(self, word: str) -> Q:
        """Condition: the record has the normalised word in one of its searched columns."""
        return reduce(or_, (self._column_has(word, path) for path in self.search_fields), Q(pk__in=[]))

    def _column_has(self, word: str, path: str) -> Q:
        name = path.removeprefix("=")
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            field = None  # a path through other tables
        if path != name:
            if isinstance(field, models.IntegerField):
                return Q(**{name: word}) if word.isdecimal() and len(word) < 10 else Q(pk__in=[])
            return Q(**{f"{name}__iexact": word})
        if isinstance(field, models.ForeignKey):
            related = self.admin_site.get_model_admin(field.related_model)
            if not isinstance(related, DirectoryAdmin):
                return Q(**{f"{name}__{get_user_model().USERNAME_FIELD}__icontains": word})
            return Q(**{f"{name}__in": field.related_model._default_manager.filter(related.has(word)).values("pk")})
        if isinstance(field, models.GeneratedField):
            return has_word(word, name)
        spelt = self.model._default_manager.order_by().alias(spelt=Normalise(F(name)))
        return Q(pk__in=spelt.filter(has_word(word, "spelt")).values("pk"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[models.Model], search_term: str
    ) -> tuple[QuerySet[models.Model], bool]:
        """Records that have every word of the search; while one types a choice, those that begin so come first."""
        if not search_term.strip():
            return queryset, False
        sought = words(search_term)
        if not sought:
            return queryset.none(), False
        for word in sought:
            queryset = queryset.filter(self.has(word))
        columns = {field.name for field in self.opts.local_fields}
        if request.resolver_match and request.resolver_match.url_name == "autocomplete" and "normalised" in columns:
            name = normalise(search_term)
            nearness = Case(When(normalised=name, then=0), When(normalised__startswith=name, then=1), default=Value(2))
            largest = [F("population").desc(nulls_last=True)] if "population" in columns else []
            queryset = queryset.order_by(nearness, *largest, "normalised", "pk")
        return queryset, False

    # Forms

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        """Fields shown, not edited: those that the database fills (reference, day of entry), and the primary key of a
        stored record, since others refer to it."""
        if obj is None:
            return [*super().get_readonly_fields(request, obj)]
        shown = [*super().get_readonly_fields(request, obj), *self._given()]
        if self.opts.pk.editable and not isinstance(self.opts.pk, models.AutoField):
            shown.append(self.opts.pk.name)
        return shown

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Fieldsets; those of a new record leave out what the database fills."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        given = self._given()
        return [
            (title, {**options, "fields": [field for field in options["fields"] if field not in given]})
            for title, options in fieldsets
        ]

    def _given(self) -> list[str]:
        return [field.name for field in self.opts.local_fields if field.has_db_default() and not field.editable]

    def get_form(self, request: HttpRequest, obj: object = None, change: bool = False, **kwargs: object) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "refusal", "")
        if not refusal:
            return form

        def clean(refused: forms.ModelForm[models.Model]) -> dict[str, Any] | None:
            refused.add_error(None, refusal)
            cleaned: dict[str, Any] | None = form.clean(refused)
            return cleaned

        return type(form)("RefusedForm", (form,), {"clean": clean})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Form view; when the database refuses the input, nothing is kept and the form is shown again with the
        constraint's message."""
        with written_by_hand(request):
            try:
                return super().changeform_view(request, object_id, form_url, extra_context)
            except (IntegrityError, DataError) as error:
                vars(request)["refusal"] = constraint_message(error)
                return super().changeform_view(request, object_id, form_url, extra_context)

    def save_related(
        self, request: HttpRequest, form: forms.ModelForm[models.Model], formsets: object, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        check_now()

    def get_inlines(self, request: HttpRequest, obj: models.Model | None) -> list[Inline]:
        """Inlines of the record, without those too long for a form; of a submitted form, those that it held."""
        if obj is None or obj.pk is None:
            return list(self.inlines)
        if request.method == "POST":
            prefixes = {inline: self._parent_field(inline).remote_field.get_accessor_name() for inline in self.inlines}
            return [inline for inline in self.inlines if f"{prefixes[inline]}-TOTAL_FORMS" in request.POST]
        counts = self._row_counts(obj)
        return [inline for inline in self.inlines if counts[inline] <= MAX_INLINE_ROWS]

    def _row_counts(self, obj: models.Model) -> dict[Inline, int]:
        kept = vars(obj)
        if "_row_counts" not in kept:
            kept["_row_counts"] = {
                inline: inline.model._default_manager.filter(**{self._parent_field(inline).name: obj.pk}).count()
                for inline in self.inlines
            }
        counts: dict[Inline, int] = kept["_row_counts"]
        return counts

    def pages_of(self, obj: models.Model) -> list[tuple[type[models.Model], str, int]]:
        """The record's lists that have pages of their own: model, path to the record, number of rows."""
        return [
            (inline.model, self._parent_field(inline).name, count)
            for inline, count in self._row_counts(obj).items()
            if count > MAX_INLINE_ROWS
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        shown: dict[str, Any] = getattr(response, "context_data", {}) if request.method == "GET" else {}
        if (original := shown.get("original")) is not None:
            shown["pages"] = [
                (f"{self._list_address(model)}?{path}__exact={original.pk}", model._meta.verbose_name_plural, count)
                for model, path, count in self.pages_of(original)
            ]
        return response

    def _list_address(self, model: type[models.Model]) -> str:
        return reverse(f"{self.admin_site.name}:{model._meta.app_label}_{model._meta.model_name}_changelist")

    # Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, list[Any]]:
        """Related records that prevent the deletion: a few are named, rather than all of them read."""
        in_the_way: list[str] = []
        for relation in self.opts.related_objects:
            if relation.on_delete is models.PROTECT:
                related = admin.site.get_model_admin(relation.related_model)
                found = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": objs})
                kind = capfirst(relation.related_model._meta.verbose_name)
                in_the_way += [
                    f"{kind}: {label(related, record)}" for record in with_related(related, found)[:IN_THE_WAY]
                ]
        if in_the_way:
            return [str(record) for record in objs[:IN_THE_WAY]], {}, set(), in_the_way
        return super().get_deleted_objects(objs, request)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        super().delete_model(request, obj)
        check_now()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.Model]) -> None:
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            check_now()

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            with written_by_hand(request):
                return super().delete_view(request, object_id, extra_context)
        except IntegrityError as error:
            self.message_user(request, constraint_message(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        try:
            with written_by_hand(request):
                return super().changelist_view(request, extra_context)
        except IntegrityError as error:  # of an action
            self.message_user(request, constraint_message(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    # History

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """History page of a record and of its lists, with the authors and imports, from the database's own event
        tables."""
        obj = self.get_object(request, unquote(object_id))
        event_models = [
            event
            for model in (self.model, *(inline.model for inline in self.inlines))
            for event in pghistory_core.event_models(tracks_model=model)
        ]
        queried: Any = Events.objects
        events = (
            queried.references(obj).across(*event_models).order_by("-pgh_created_at", "-pgh_id")
            if obj is not None and event_models
            else Events.no_objects.none()
        )
        page = Paginator(events, 100).get_page(request.GET.get("events"))
        users = get_user_model()._default_manager.in_bulk(
            {event.pgh_context.get("user") for event in page if event.pgh_context} - {None}
        )
        words = RowFormatter()
        changes = [HistoryEvent(event, users, words) for event in page]
        return super().history_view(request, object_id, {"events": page, "changes": changes, **(extra_context or {})})


def written_by_hand(request: HttpRequest) -> AbstractContextManager[Any]:
    """History context for whatever a page of the administration writes; an action may add to it."""
    if request.method != "POST":
        return nullcontext()
    return own_context(user=request.user.pk, role="administrator", action="save")


class HistoryEvent:
    """Event of a record's history, prepared for display."""

    def __init__(self, event: Events, users: Mapping[Any, Any], words: RowFormatter) -> None:
        context = event.pgh_context or {}
        model = apps.get_model(event.pgh_obj_model)
        self.when = event.pgh_created_at
        self.user = users.get(context.get("user"))
        self.batch = context.get("batch", "")
        self.record = model._meta.verbose_name
        self.action = _EVENT_LABELS.get(event.pgh_label, event.pgh_label)
        if event.pgh_label == "update":
            pairs = {name: tuple(values) for name, values in (event.pgh_diff or {}).items()}
        else:
            pairs = {name: (None, value) for name, value in event.pgh_data.items() if value not in ("", None)}
        fields = {field.attname: field for field in model._meta.local_fields}
        self.values = [
            (fields[name].verbose_name, *(words.value(fields[name], value) for value in pair))
            if name in fields
            else (name, *pair)
            for name, pair in pairs.items()
            if name != "id"
        ]


def check_now() -> None:
    """Check deferred constraints now. Raises ``IntegrityError``."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
