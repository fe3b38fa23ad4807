"""Import profiles: how files of one origin are read, kept to be used again, and suggested for a file."""

from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from . import mapping as imports_mapping
from .batches import headers_brought, read_headers, require_unapplied, resource_of
from .models import ImportBatch, ImportProfile
from .registry import resources


def read_as(
    batch: ImportBatch, *, delimiter: str = "", encoding: str = "", sheet: str = "", no_header: bool = False
) -> None:
    """Read the headers anew in another way; what is empty is found out. What was mapped of the former ones goes.

    Raises as `settle` does; then the batch stays as it was.
    """
    require_unapplied(batch)
    told = {"delimiter": delimiter, "encoding": encoding, "sheet": sheet, "no_header": no_header}
    batch.headers = read_headers(batch, told)
    mapped = ("mapping", "constants", "values", "splits", "grouped")
    batch.options = {name: value for name, value in batch.options.items() if name not in mapped} | told
    batch.save(update_fields=["options", "headers"])


READ_AS = ("mapping", "constants", "values", "splits", "grouped", "no_header", "delimiter", "encoding", "create")
"""The options that say how files with certain headers are read."""


def profiles_for(batch: ImportBatch, by: object) -> list[ImportProfile]:
    """The profiles of files with the same headers that somebody may read them by: their own before the shared ones,
    the last saved first, those that come with the layout (without a key) last."""
    brought = headers_brought(batch)
    saved = ImportProfile.objects.readable_by(by).filter(resource=batch.resource, headers=brought)
    shipped = [
        ImportProfile(name=name, resource=batch.resource, headers=names, options=options)
        for name, names, options in resources()[batch.resource].profiles
        if names == brought
    ]
    return [*saved.order_by(F("user").asc(nulls_last=True), "-saved_at"), *shipped]


def read_before(batch: ImportBatch) -> ImportBatch | None:
    """The last file with the same headers whose columns the same user said the meaning of."""
    brought = [batch.headers, headers_brought(batch)]
    others = ImportBatch.objects.filter(user=batch.user_id, resource=batch.resource, headers__in=brought)
    return others.filter(options__has_key="mapping").exclude(pk=batch.pk).order_by("-pk").first()


def save_profile(batch: ImportBatch, name: str, owner: Any) -> ImportProfile:
    """Save the way a batch is read as a profile under a name, for files with the same headers; replaces the profile of
    that name of the same owner (None: everybody)."""
    options = {name: batch.options[name] for name in READ_AS if batch.options.get(name)}
    profile, _made = ImportProfile.objects.update_or_create(
        resource=batch.resource,
        name=name.strip()[:100],
        user=owner,
        defaults={"headers": headers_brought(batch), "options": options},
    )
    return profile


def change_profile(profile: ImportProfile, name: str, owner: Any) -> None:
    """Give a profile another name or owner; None shares it. Raises `IntegrityError` where they have one so named."""
    profile.name, profile.user = name, owner
    profile.save(update_fields=["name", "user", "saved_at"])


def delete_profile(profile: ImportProfile) -> None:
    """Forget a profile; the batches that were read by it stay as they are."""
    profile.delete()


def suggested(batch: ImportBatch, by: object) -> tuple[dict[str, Any], dict[str, str]]:
    """Options to begin with, of a profile, of the file before or as names suggest, and of each header why its column
    was chosen."""
    for profile in profiles_for(batch, by):
        return dict(profile.options), dict.fromkeys(batch.headers, _("the profile “%s”") % profile.name)
    if before := read_before(batch):
        options = {name: before.options[name] for name in READ_AS if name in before.options}
        return options, dict.fromkeys(batch.headers, _("the import %s") % before.reference)
    return suggested_by_names(batch)


def suggested_by_names(batch: ImportBatch, *, grouped: bool = False) -> tuple[dict[str, Any], dict[str, str]]:
    """Options suggested by the names of the headers alone."""
    found = imports_mapping.suggest_columns(batch.headers, resource_of(batch), grouped=grouped)
    mapping = {column: header for header, (column, _reason) in found.items()}
    reasons = {header: str(imports_mapping.REASONS[reason]) for header, (_column, reason) in found.items()}
    return {"mapping": mapping, "grouped": grouped}, reasons
