"""Template filters for the reader's permissions, for links that every page has."""

from django import template

from partnerships import permissions

register = template.Library()


@register.filter
def manages_people(user: permissions.AnyUser) -> bool:
    """True if the reader may open the page of people."""
    return permissions.may_manage_people(user)


@register.filter(name="lacks_second_factor")
def user_lacks_second_factor(user: permissions.AnyUser) -> bool:
    """True if a role of the reader gives them no rights until they set up a second factor."""
    return permissions.lacks_second_factor(user)
