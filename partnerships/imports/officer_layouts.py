"""Layouts that officers import: what they may write there, and what they see."""

from typing import Any, Self

from django.contrib.auth.models import AnonymousUser

from core.imports.columns import Links
from core.imports.layouts import StrictResource
from core.imports.models import ImportBatch

from .. import permissions
from ..models import Source


class ForOfficers(StrictResource):
    """A layout that officers import within their territories, where nothing exists that they may not see."""

    user: Any = None

    @classmethod
    def places_of(cls, user: Any) -> frozenset[str] | None:
        """The territories in which a user may import; None if everywhere. Only those who publish import."""
        if user is None:  # the account is gone
            return frozenset()
        if permissions.is_administrator(user):
            return None
        return permissions.territories_of(user, permissions.PUBLISHERS)

    @classmethod
    def of(cls, batch: ImportBatch) -> Self:
        resource = super().of(batch)
        resource.user = batch.user or AnonymousUser()
        if resource.within is not None:
            for column in resource.fields.values():
                if isinstance(column, Links) and column.lookup.model is Source:
                    column.lookup.records = permissions.sources_seen_by(resource.user)
        return resource

    def sees(self, record: Any) -> bool:
        return self.within is None or permissions.may_see(self.user, record)
