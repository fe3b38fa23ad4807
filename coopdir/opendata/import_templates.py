"""The layouts of files that come in and go out: a template to fill, a data dictionary, and a Table Schema of each."""

import csv
import io
from inspect import cleandoc
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from core.imports.cells import ChoiceCell, ListCell
from core.imports.columns import Column
from core.imports.layouts import StrictResource
from core.imports.registry import resources
from core.languages import known_language
from core.lists.formats import BYTE_ORDER_MARK, for_excel
from core.lists.formula_guard import guard

from .dumps.tables import PUBLIC_PARTS, DumpTable


def _layout_or_404(name: str) -> StrictResource:
    """A layout by its name; `Http404` where there is none."""
    if name not in PUBLIC_PARTS:
        raise Http404(_("There is no such layout. There are: %(known)s.") % {"known": ", ".join(PUBLIC_PARTS)})
    return resources()[name]()


def values_of(column: Column) -> list[tuple[str, Any]]:
    """The values that a column may have, where they are few."""
    widget = column.widget.part if isinstance(column.widget, ListCell) else column.widget
    return list(widget.choices.choices) if isinstance(widget, ChoiceCell) else []


def _file(name: str, rows: list[list[str]], delimiter: str = ",") -> HttpResponse:
    text = io.StringIO(newline="")
    text.write(BYTE_ORDER_MARK)
    csv.writer(text, delimiter=delimiter).writerows(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text.getvalue(), headers=headers, content_type="text/csv; charset=utf-8; header=present")


@require_safe
def template(request: HttpRequest, name: str) -> HttpResponse:
    """A file with the columns of a layout, to be filled and imported; for spreadsheets in the language of ``lang``.

    Examples stand in the dictionary alone: one that is left in the file would change the record that it looks like.
    """
    with override(known_language(request.GET.get("lang", ""))):
        delimiter = for_excel().get("delimiter", ",")
    return _file(f"coopdir-{name}.csv", [_layout_or_404(name).known_columns], delimiter)


@require_safe
def dictionary(request: HttpRequest, name: str) -> HttpResponse:
    """The data dictionary of a layout: column, meaning, form, example, values."""
    layout = _layout_or_404(name)
    with override(known_language(request.GET.get("lang", ""))):
        rows = [
            [
                one,
                str(column.meaning),
                str(column.widget.format),
                guard(column.example),
                "|".join(code for code, _label in values_of(column)),
                "1" if column.required else "0",
            ]
            for one, column in layout.fields.items()
        ]
    return _file(f"coopdir-{name}-columns.csv", [["column", "meaning", "form", "example", "values", "required"], *rows])


@require_safe
def table_schema(request: HttpRequest, name: str) -> HttpResponse:
    """A layout as Table Schema (frictionlessdata.io)."""
    _layout_or_404(name)
    schema = DumpTable(name, set()).schema(known_language(request.GET.get("lang", "")))
    content = {"$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json", "name": name} | schema
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


class LayoutsView(TemplateView):
    """All layouts."""

    template_name = "layouts.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        known = [(name, resources()[name].get_display_name()) for name in PUBLIC_PARTS]
        return super().get_context_data(layouts=known, **kwargs)


class LayoutView(TemplateView):
    """One layout: its columns, what they mean, their form and their values."""

    template_name = "layout.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        layout = _layout_or_404(kwargs["name"])
        return super().get_context_data(
            layout=layout,
            kind=layout.get_display_name(),
            told=cleandoc(type(layout).__doc__ or ""),
            columns=[(name, column, values_of(column)) for name, column in layout.fields.items()],
            **kwargs,
        )
