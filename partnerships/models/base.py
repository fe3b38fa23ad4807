"""Base classes and constraints of public records."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.fields import normalised, reference_of

from ..choices import NameKind, Publication


def in_language(record: models.Model, column: str, language: str = "") -> str:
    """The value of `column` in a language (the active one by default), or in the other one where it is empty."""
    language = language or (get_language() or "en")[:2]
    other = "fr" if language == "en" else "en"
    return getattr(record, f"{column}_{language}", "") or getattr(record, f"{column}_{other}")


def address_of(reference: str, name: str) -> str:
    """The last part of the address of a record: its reference, then its name as a readable tail.

    The tail may change, unlike the reference; a name without ASCII letters gives none.
    """
    slug = slugify(name)[:80].strip("-")
    return f"{reference}-{slug}" if slug else reference


class PublicRecord(models.Model):
    """A record with a page of its own: it is withdrawn or merged, never deleted.

    Subclasses declare ``reference``; the readable part of the address is made of what ``str()`` gives.
    """

    publication = models.CharField(
        _("publication"), max_length=10, choices=Publication, default=Publication.PUBLISHED, db_index=True
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("merged into"),
        help_text=_("The record that replaces this one; the old address leads there."),
    )
    published_at = models.DateTimeField(
        _("first published on"),
        null=True,
        editable=False,
        help_text=_("When it was first public; empty if it never was. The database sets it, and keeps it for ever."),
    )
    created_at = models.DateTimeField(_("entered on"), db_default=Now(), editable=False)

    class Meta:
        abstract = True

    @property
    def known_to_all(self) -> bool:
        """True if its address tells everybody something: its content, or that it was withdrawn. What never was public
        is unknown to all but those who may write it. The rule in SQL is ``RecordQuerySet.known_to_all``."""
        if self.publication == Publication.WITHDRAWN:
            return self.published_at is not None
        return self.publication == Publication.PUBLISHED

    @property
    def address(self) -> str:
        """The last part of the stable address: reference, then slug."""
        return address_of(reference_of(self), str(self))


def merged_is_withdrawn(model: str) -> models.CheckConstraint:
    """Check constraint: a merged record is withdrawn, and merged into another one than itself."""
    return models.CheckConstraint(
        condition=Q(merged_into=None) | (Q(publication=Publication.WITHDRAWN) & ~Q(merged_into=models.F("pk"))),
        name=f"{model}_merged_is_withdrawn",
        violation_error_message=_("A merged record must be withdrawn, and merged into another record."),
    )


def published_has_a_date(model: str) -> models.CheckConstraint:
    """Check constraint: a published record has a date of publication; ``keep_first_publication`` sets it."""
    return models.CheckConstraint(
        condition=~Q(publication=Publication.PUBLISHED) | Q(published_at__isnull=False),
        name=f"{model}_published_has_a_date",
    )


def keep_first_publication() -> list[pgtrigger.Trigger]:
    """Triggers that write ``published_at`` when a record is first published, whoever writes it and how, and keep it for
    ever: through withdrawals, merges, restored versions and undone imports.

    Triggers of one event run in the order of their names: what is there is kept before anything is set.
    """
    return [
        pgtrigger.Trigger(
            name="published_at_is_kept",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.Q(old__published_at__isnull=False)
            & pgtrigger.Q(old__published_at__df=pgtrigger.F("new__published_at")),
            func="NEW.published_at := OLD.published_at; RETURN NEW;",
        ),
        pgtrigger.Trigger(
            name="published_at_is_set",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.Update,
            condition=pgtrigger.Q(new__publication=Publication.PUBLISHED.value, new__published_at__isnull=True),
            func="NEW.published_at := now(); RETURN NEW;",
        ),
    ]


class AlternativeName(models.Model):
    """Another name of a place or body: in another language or script, former, or as a source prints it."""

    name = models.CharField(_("name"), max_length=200)
    normalised = normalised()
    kind = models.CharField(_("kind"), max_length=12, choices=NameKind, default=NameKind.ALTERNATIVE)
    language = models.CharField(_("language"), max_length=10, blank=True, help_text=_("ISO 639 code, if known."))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


def one_of(*fields: str) -> Q:
    """Condition: exactly one of the columns is filled."""
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{other}__isnull": other != field for other in fields})
    return condition


def one_of_constraint(model: str, *fields: str) -> models.CheckConstraint:
    """Check constraint: exactly one of the foreign keys is filled."""
    return models.CheckConstraint(
        condition=one_of(*fields),
        name=f"{model}_one_of",
        violation_error_message=_("Choose exactly one of: %s.") % ", ".join(fields),
    )
