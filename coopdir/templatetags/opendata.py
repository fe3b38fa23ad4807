"""Template tags of open data: metadata for the head of public pages; citation and embed code below their content."""

from html import unescape
from typing import Any

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from coopdir.opendata import embeds
from coopdir.opendata.linked_data.page_metadata import CITABLE_PAGES, PublicPage

register = template.Library()


class KeepNode(template.Node):
    """Template node of a block whose text is shown, and kept under a name for the rest of the page."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        shown = SafeString(" ".join(self.nodelist.render(context).split()))
        context.dicts[0][self.name] = unescape(shown)
        return shown


@register.tag
def kept(parser: Parser, token: Token) -> KeepNode:
    """`{% kept as name %}…{% endkept %}`: show the text within, on one line, and store it under a name."""
    match token.split_contents():
        case [_tag, "as", name]:
            nodelist = parser.parse(("endkept",))
            parser.delete_first_token()
            return KeepNode(name, nodelist)
    raise template.TemplateSyntaxError("Write {% kept as name %}.")


@register.inclusion_tag("parts/open_head.html", takes_context=True)
def open_head(context: Context) -> dict[str, Any]:
    """Metadata for the page's head: linked data, feeds, Open Graph."""
    page = PublicPage.of(context)
    if page is None:
        return {}
    # A data block, which no browser runs; `linked` escapes what could end it.
    return {"public": page, "linked": mark_safe(page.linked())}  # noqa: S308


@register.inclusion_tag("parts/open_foot.html", takes_context=True)
def open_foot(context: Context) -> dict[str, Any]:
    """Citation of the page, and the code that embeds its list or map on another site."""
    page = PublicPage.of(context)
    if page is None or page.name not in CITABLE_PAGES:
        return {}
    found = {"citation": page.citation()}
    question = embeds.question_of(page)
    if question is None:
        return found
    return found | {
        "embed": question,
        "map_code": embeds.code("embed_map", question, page.title, 520),
        "list_code": embeds.code("embed_list", question, page.title, 640),
    }
