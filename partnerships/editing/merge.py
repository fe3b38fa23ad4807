"""Merge of two records that tell of the same thing, and its undo.

The *loser* is withdrawn and its address leads to the *winner*; whatever points at the loser points at the winner then,
in tables of any app; what would be there twice is removed; what the winner does not know it takes from the loser. Each
change is written down in ``Merge.moved`` in its order, and undone in the opposite one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.database.contention import lock_rows, retried
from core.history import RowFormatter, referring

from .. import permissions
from ..choices import Action, Publication
from ..models import Agreement, FormDraft, Merge, Party, Town, TownName
from ..querysets import agreements
from . import rules, snapshot
from .actions import ActionRefused, acting, require

Mergeable = Agreement | Town

STAYS = frozenset({"publication", "merged_into", "created_at", "published_at"})
"""Columns in which the loser has nothing to give to the winner."""
JOINED = ("latitude", "longitude", "coordinates_precision")
"""Columns that only make sense together."""
NOT_KNOWN = (None, "", "unknown")


@dataclass(frozen=True)
class Lost:
    """Value lost by a merge: the two differ in it, and only the winner's stays; in words of the active language."""

    label: str
    loser: str
    winner: str


@dataclass
class MergeOutcome:
    """Result of a merge: its changes in their order, the values lost, and other records merged by it."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    also: list[tuple[Agreement, Agreement]] = field(default_factory=list)

    @property
    def moved(self) -> list[tuple[str, int]]:
        """Number of rows that go over to the winner, by kind."""
        return self._counted("move")

    @property
    def repeated(self) -> list[tuple[str, int]]:
        """Number of rows that the winner has already, by kind."""
        return self._counted("remove")

    @property
    def filled(self) -> list[str]:
        """Names of the columns that the winner takes from the loser."""
        return [
            str(apps.get_model(step["model"])._meta.get_field(name).verbose_name)
            for step in self.steps
            if step["do"] == "fill"
            for name in step["after"]
        ]

    def _counted(self, what: str) -> list[tuple[str, int]]:
        numbers: dict[str, int] = {}
        for step in self.steps:
            if step["do"] == what:
                numbers[step["model"]] = numbers.get(step["model"], 0) + 1
        return [
            (str(meta.verbose_name if number == 1 else meta.verbose_name_plural), number)
            for meta, number in ((apps.get_model(label)._meta, number) for label, number in numbers.items())
        ]


@retried
def merge_records(*, by: User, loser: Mergeable, winner: Mergeable) -> Merge:
    """Merge an agreement or a town into another one. Where the two differ, what the winner says stays.

    The town's name becomes an alternative name of the winner; agreements that are equal then are merged with it.
    """
    return _merge(by, loser, winner, MergeOutcome())


@retried
def preview(*, by: User, loser: Mergeable, winner: Mergeable) -> MergeOutcome:
    """Preview of a merge: it is performed in a transaction that is rolled back."""
    with transaction.atomic():
        outcome = MergeOutcome()
        _merge(by, loser, winner, outcome)
        transaction.set_rollback(True)
    return outcome


@retried
def undo_merge(*, by: User, merge: Merge) -> Merge:
    """Make two records of one again. Raises `ActionRefused`, and names them, where records were edited since."""
    require(permissions.may_undo(by, merge))
    winner = model_of(merge).objects.get(reference=merge.winner)
    with acting(by, Action.UNDO_MERGE, winner, loser=merge.loser, winner=merge.winner):
        merge = Merge.objects.select_for_update(no_key=True).get(pk=merge.pk)
        if merge.undone_at:
            raise ActionRefused(_("This merge was undone already."))
        steps = merge.moved["steps"]
        for label in sorted({step["model"] for step in steps}):
            lock_rows(apps.get_model(label), [step["pk"] for step in steps if step["model"] == label])
        edited = _edited_since(steps)
        if edited:
            raise ActionRefused(_("This cannot be undone, because it was edited since:"), *edited)
        for step in reversed(steps):
            _take_back(step)
        merge.undone_at = timezone.now()
        merge.save(update_fields=["undone_at"])
    return merge


def model_of(merge: Merge) -> type[Mergeable]:
    """The model of the records that were merged."""
    models_by_kind: dict[str, type[Mergeable]] = {"agreement": Agreement, "town": Town}
    return models_by_kind[merge.kind]


def comparable_values(record: Mergeable) -> Iterator[tuple[str, str]]:
    """Labelled values of a record, for two to be compared side by side."""
    words = RowFormatter()
    for column in _columns(record):
        yield str(column.verbose_name), words.value(column, column.value_from_object(record))
    if isinstance(record, Agreement):
        yield _("parties"), ", ".join(str(party) for party in record.parties.order_by("position"))
        yield _("themes"), ", ".join(str(theme) for theme in record.themes.all())
        yield _("sources"), ", ".join(str(source) for source in record.sources.all())
    else:
        yield _("other names"), ", ".join(record.names.values_list("name", flat=True))
        yield _("agreements"), str(Party.objects.filter(town=record).values("agreement").distinct().count())


# Merging


def _merge(by: User, loser: Mergeable, winner: Mergeable, outcome: MergeOutcome) -> Merge:
    require(permissions.may_merge(by, loser, winner))
    territories = [sorted(permissions.territories_concerned(record)) for record in (loser, winner)]
    with acting(by, Action.MERGE, winner, loser, loser=loser.reference, winner=winner.reference):
        loser, winner = _both_locked(loser, winner)
        if isinstance(loser, Agreement) and isinstance(winner, Agreement):
            _absorb_agreement(outcome, loser, winner)
        elif isinstance(loser, Town) and isinstance(winner, Town):
            _absorb_town(outcome, loser, winner)
        moved = {
            "steps": outcome.steps,
            "also": [[one.reference, other.reference] for one, other in outcome.also],
            "territories": territories,
        }
        return Merge.objects.create(
            kind=str(loser._meta.model_name),
            loser=loser.reference,
            winner=winner.reference,
            moved=moved,
            merged_by=by,
        )


def _both_locked(loser: Mergeable, winner: Mergeable) -> tuple[Mergeable, Mergeable]:
    """Lock both records and read them as they are now; refuses a pair that cannot be merged."""
    if loser.pk == winner.pk:
        raise ActionRefused(_("A record cannot be merged into itself."))
    if isinstance(loser, Town):
        lock_rows(Agreement, Party.objects.filter(town__in=[loser, winner]).values_list("agreement", flat=True))
    rows = type(loser).objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = rows.in_bulk([loser.pk, winner.pk])
    loser, winner = found[loser.pk], found[winner.pk]
    if winner.publication != Publication.PUBLISHED:
        raise ActionRefused(_("%(record)s is not published: nothing can be merged into it.") % {"record": winner})
    # A town that was entered for a draft is none the less the same town; an agreement that waits is to be rejected.
    mergeable = {Publication.PUBLISHED} if isinstance(loser, Agreement) else {Publication.PUBLISHED, Publication.DRAFT}
    if loser.publication not in mergeable:
        raise ActionRefused(_("%(record)s is not published: it cannot be merged.") % {"record": loser})
    if isinstance(loser, Town) and isinstance(winner, Town) and loser.country_id != winner.country_id:
        raise ActionRefused(_("The two lie in different countries: correct that first."))
    return loser, winner


def _absorb_town(outcome: MergeOutcome, loser: Town, winner: Town) -> None:
    touched = set(Party.objects.filter(town=loser).values_list("agreement", flat=True))
    _withdraw(outcome, loser, winner)
    _fill(outcome, loser, winner)
    if loser.name != winner.name and not TownName.objects.filter(town=winner, name=loser.name).exists():
        _add(outcome, TownName(town=winner, name=loser.name))
    _take_over(outcome, loser, winner)
    _refuse_incomplete(touched)
    for one, other in _equal(touched):
        outcome.also.append((one, other))
        _absorb_agreement(outcome, one, other)


def _equal(touched: set[int]) -> Iterator[tuple[Agreement, Agreement]]:
    """Published agreements that cannot be told from another one any more, each with the one that stays."""
    keys = Agreement.objects.filter(pk__in=touched).exclude(published_key=None).values("published_key")
    stays: dict[str, Agreement] = {}
    for agreement in sorted(Agreement.objects.filter(published_key__in=keys), key=lambda a: (a.pk in touched, a.pk)):
        if agreement.published_key in stays:
            yield agreement, Agreement.objects.get(pk=stays[agreement.published_key].pk)
        else:
            stays[agreement.published_key] = agreement


def _absorb_agreement(outcome: MergeOutcome, loser: Agreement, winner: Agreement) -> None:
    before = rules.breaches(snapshot.read_content(winner), publishing=True)
    _withdraw(outcome, loser, winner)
    _fill(outcome, loser, winner)
    last = max(Party.objects.filter(agreement=winner).values_list("position", flat=True), default=0)
    for party in Party.objects.filter(agreement=loser):
        _change(outcome, "place", party, {"position": last + party.position})
    _take_over(outcome, loser, winner)
    _refuse_contradiction(loser, winner, before)


def _refuse_contradiction(loser: Agreement, winner: Agreement, before: list[rules.Breach]) -> None:
    """Refuse a merge by which the winner would say what cannot be, and did not before."""
    codes = {breach.code for breach in before}
    now = rules.breaches(snapshot.read_content(winner), publishing=True)
    if new := [breach.message for breach in now if breach.code not in codes]:
        told = _("Agreements %(one)s and %(other)s contradict each other: correct one of them first.")
        raise ActionRefused(told % {"one": loser.reference, "other": winner.reference}, *new)


def _withdraw(outcome: MergeOutcome, loser: Mergeable, winner: Mergeable) -> None:
    _change(outcome, "withdraw", loser, {"publication": Publication.WITHDRAWN.value, "merged_into_id": winner.pk})


def _fill(outcome: MergeOutcome, loser: models.Model, winner: models.Model) -> None:
    """Fill the winner's unknown columns from the loser; values in which the two differ are lost."""
    wanted: dict[str, Any] = {}
    for column in _columns(loser):
        theirs, ours = column.value_from_object(loser), column.value_from_object(winner)
        if theirs in NOT_KNOWN or theirs == ours:
            continue
        if column.name in JOINED:
            if winner.serializable_value("latitude") is None:
                wanted[column.attname] = theirs
        elif ours in NOT_KNOWN:
            wanted[column.attname] = theirs
        else:
            words = RowFormatter()
            outcome.lost.append(Lost(_label(loser, column), words.value(column, theirs), words.value(column, ours)))
    if wanted:
        _change(outcome, "fill", winner, wanted)


def _columns(record: models.Model) -> Iterator[models.Field]:
    """The columns that say something of the record itself: not its key, and not what belongs to it by a rule."""
    untracked = getattr(record, "untracked", ())
    for column in record._meta.local_concrete_fields:
        derived = isinstance(column, models.GeneratedField) or column.name in untracked
        if not (column.primary_key or derived or column.name in STAYS or column.name in ("reference", "position")):
            yield column


def _label(record: models.Model, column: models.Field) -> str:
    """Label of a column; for a row of a list, with the row."""
    name = str(column.verbose_name)
    return name if isinstance(record, Agreement | Town) else f"{record._meta.verbose_name} {record}, {name}"


def _take_over(outcome: MergeOutcome, loser: models.Model, winner: models.Model) -> None:
    """Redirect everything that points at the loser to the winner; rows that the winner has already are removed, after
    all that points at them was redirected in turn."""
    for pointer in _pointers(type(loser)):
        for row in pointer.model._default_manager.filter(**{pointer.name: loser}).order_by("pk"):
            twin = _twin(row, pointer, winner)
            if twin is None:
                _change(outcome, "move", row, {pointer.attname: winner.pk})
            else:
                setattr(row, pointer.attname, winner.pk)  # in this it does not differ
                _fill(outcome, row, twin)
                setattr(row, pointer.attname, loser.pk)
                _take_over(outcome, row, twin)
                _remove(outcome, row)


def _pointers(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    """Foreign keys that refer to a model, of tables of every app. Left out are its history, the chain of merges, and
    forms that somebody is filling in: they were begun with what the loser said."""
    for column in referring(model):
        if column.name != "merged_into" and column.model is not FormDraft:
            yield column


def _twin(row: models.Model, pointer: models.ForeignKey, winner: models.Model) -> models.Model | None:
    """The row that would be the same as this one if this one belonged to the winner, by the rules of its table."""
    for constraint in row._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and pointer.name in constraint.fields:
            columns: list[Any] = [row._meta.get_field(name) for name in constraint.fields]
            values = {column.name: column.value_from_object(row) for column in columns} | {pointer.name: winner.pk}
            if None in values.values() and constraint.nulls_distinct is not False:
                continue
            where = {
                (name if value is not None else f"{name}__isnull"): (True if value is None else value)
                for name, value in values.items()
            }
            found = type(row)._default_manager.filter(**where).exclude(pk=row.pk).first()
            if found is not None:
                return found
    return None


def _refuse_incomplete(touched: set[int]) -> None:
    """Refuse a merge that would leave an agreement of the two with each other with a single party: names it."""
    for agreement in agreements().published().filter(pk__in=touched).with_parties():
        if len(agreement.parties.all()) < 2:
            raise ActionRefused(
                _("Agreement %(reference)s is between the two: it would be left with one party. Withdraw it first.")
                % {"reference": agreement.reference}
            )


# Steps, and back


def _change(outcome: MergeOutcome, do: str, record: models.Model, values: dict[str, Any]) -> None:
    before = {name: getattr(record, name) for name in values}
    for name, value in values.items():
        setattr(record, name, value)
    record.save(update_fields=list(values))
    _note(outcome, do, record, before=before, after=values)


def _add(outcome: MergeOutcome, record: models.Model) -> None:
    record.save(force_insert=True)
    _note(outcome, "add", record)


def _remove(outcome: MergeOutcome, record: models.Model) -> None:
    columns = [column for column in record._meta.local_concrete_fields if not isinstance(column, models.GeneratedField)]
    _note(outcome, "remove", record, before={column.attname: column.value_from_object(record) for column in columns})
    record.delete()


def _note(outcome: MergeOutcome, do: str, record: models.Model, **values: dict[str, Any]) -> None:
    outcome.steps.append({"do": do, "model": record._meta.label_lower, "pk": record.pk, **_as_json(values)})


def _as_json(values: object) -> Any:
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder))


def _edited_since(steps: list[dict[str, Any]]) -> list[str]:
    """The records that are not any more as the steps left them, in words."""
    left: dict[tuple[str, int], dict[str, Any] | None] = {}
    for step in steps:
        key = (step["model"], step["pk"])
        left[key] = None if step["do"] == "remove" else (left.get(key) or {}) | step.get("after", {})
    found = []
    for (label, pk), values in left.items():
        model = apps.get_model(label)
        record = model._default_manager.filter(pk=pk).first()
        if values is None:
            continue
        if record is None:
            found.append(_("%(kind)s: removed") % {"kind": model._meta.verbose_name})
        elif _as_json({name: getattr(record, name) for name in values}) != values:
            found.append(f"{model._meta.verbose_name}: {record}")
    return found


def _take_back(step: dict[str, Any]) -> None:
    model = apps.get_model(step["model"])
    rows = model._default_manager.filter(pk=step["pk"])
    if step["do"] == "add":
        rows.delete()
        return
    before = {name: _column(model, name).to_python(value) for name, value in step["before"].items()}
    if step["do"] == "remove":
        model(**before).save(force_insert=True)
    else:
        rows.update(**before)


def _column(model: type[models.Model], attname: str) -> models.Field:
    return next(column for column in model._meta.local_concrete_fields if column.attname == attname)
