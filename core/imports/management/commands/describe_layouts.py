"""Print the data dictionary of the import and export layouts."""

from inspect import cleandoc

from django.core.management.base import BaseCommand
from django.utils.translation import override

from core.imports.layouts import StrictResource
from core.imports.registry import resources

_INTRODUCTION = """# Layouts

The columns of files that come in and go out, by layout: what `import_csv`, the fixtures, the administration and the
downloads read and write. This page is made by `manage.py describe_layouts > docs/layouts.md`.

Files are CSV (UTF-8, comma, header) or XLSX. Records are named by reference (`T12`, `A7`), sources by title, places by
code. The parts of a list in one cell are separated by a bar (`|`). A blank cell keeps what is stored. Columns marked
with * are needed for new records. Agreements have one row each, with the columns of a party for as many parties as
there are: `party_1`, `party_2`, `party_3` …
"""


def described(name: str, resource: StrictResource) -> str:
    """A layout as Markdown: what it is for, and a line for each column."""
    lines = [f"## {name}", "", cleandoc(type(resource).__doc__ or ""), ""]
    lines += ["| column | form | meaning | example |", "|---|---|---|---|"]
    for column, field in resource.fields.items():
        if column.endswith("_2"):
            continue  # as the first party's
        mark = "*" if field.required else ""
        example = f"`{field.example}`".replace("|", "\\|") if field.example else ""
        lines.append(f"| `{column}`{mark} | {field.widget.format} | {field.meaning} | {example} |")
    return "\n".join(lines)


def data_dictionary() -> str:
    """The whole data dictionary as Markdown."""
    with override("en"):
        return "\n\n".join(
            [_INTRODUCTION.strip(), *(described(name, resource()) for name, resource in resources().items())]
        )


class Command(BaseCommand):
    """`manage.py describe_layouts`."""

    help = "Print the columns of every import and export layout, as Markdown."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(data_dictionary())
