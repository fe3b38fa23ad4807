"""Pages of a list: what the address asks for, and the nearest page that there is."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from .form_fields import shortened


def paginate(queryset: Any, asked: str, size: int) -> tuple[Page[Any], str]:
    """The page asked for, and a worded notice where it does not exist.

    Beyond the end is the last page: links outlive the lists that they point into. What is no number is the
    first.
    """
    paginator: Paginator[Any] = Paginator(queryset, size)
    text = asked.strip()
    if not text:
        return paginator.page(1), ""
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        notice = _("“%(value)s” is no page number: this is the first page. Pages are numbered from 1.")
        return paginator.page(1), notice % {"value": shortened(asked)}
    # Nine digits are beyond the end of any list, and far from what a number of thousands of digits would cost.
    number = int(text.lstrip("0")[:9])
    if number <= paginator.num_pages:
        return paginator.page(number), ""
    notice = _("There is no page %(value)s: this is the last one.")
    return paginator.page(paginator.num_pages), notice % {"value": shortened(text)}
