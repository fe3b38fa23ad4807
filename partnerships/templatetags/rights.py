"""What the reader may do, for links that every page has."""

from django import template

from partnerships import permissions

register = template.Library()


@register.filter
def manages_people(user: permissions.AnyUser) -> bool:
    """Whether the page of people is for this reader."""
    return permissions.may_manage_people(user)


@register.filter
def lacks_second_factor(user: permissions.AnyUser) -> bool:
    """Whether a role of this reader gives them nothing yet."""
    return permissions.lacks_second_factor(user)
