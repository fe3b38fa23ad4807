"""Import and export layouts of what belongs to agreements: further sources, suspensions, renewals, contributions,
documents."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.cells import ChoiceCell, DateCell, LookupCell, NumberCell, TextCell, UrlCell
from core.imports.columns import Column
from core.imports.layouts import StrictResource
from core.imports.rows import Row

from ..choices import Publication, SuspendedBy
from ..models import (
    Agreement,
    AgreementSource,
    Document,
    FundingContribution,
    FundingSource,
    Party,
    Renewal,
    Suspension,
)
from .lookups import a_source, references
from .row_rules import CurrencyCell, MoneyCell, PartOfAgreement


class AgreementSourceResource(StrictResource):
    """Further sources of agreements."""

    model = AgreementSource
    identities = (("agreement", "source"),)

    agreement = Column(
        references(Agreement),
        gettext_lazy("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    source = Column(
        a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title", required=True
    )


class SuspensionResource(PartOfAgreement):
    """Dated suspensions of parties."""

    model = Suspension
    part = "suspensions"
    identities = (("party", "since"),)

    agreement = Column(
        references(Agreement),
        gettext_lazy("Reference of the agreement."),
        attribute="party_id",
        shown="party__agreement__reference",
        required=True,
    )
    party = Column(
        TextCell(16),
        gettext_lazy("Reference of the party's town or organisation."),
        attribute="party_id",
        shown="party__actor__reference",
        required=True,
        example="T2",
    )
    suspended_by = Column(ChoiceCell(SuspendedBy), gettext_lazy("Who suspended it."), required=True, example="state")
    since = Column(DateCell(), gettext_lazy("Since when."), example="2023-09")
    until = Column(DateCell(), gettext_lazy("Until when."))
    reason_en = Column(TextCell(500), gettext_lazy("Why, in English."))
    reason_fr = Column(TextCell(500), gettext_lazy("Why, in French."))
    act = Column(TextCell(200), gettext_lazy("Reference of the act."))
    source = Column(a_source(), gettext_lazy("Title of the source."), attribute="source_id", shown="source__title")

    def announce(self, rows: list[Row]) -> None:
        super().announce(rows)
        self._parties: dict[tuple[Any, Any], int] = {
            (agreement, reference): pk
            for pk, agreement, town, organisation in Party.objects.values_list(
                "pk", "agreement_id", "town__reference", "organisation__reference"
            )
            for reference in (town or organisation,)
        }

    def complete(self, row: Row) -> None:
        agreement, reference = row.values.get("agreement"), row.values.get("party", "")
        party = self._parties.get((agreement, reference.upper()))
        if party is None:
            row.refuse("party", _("This is no party of the agreement: write its reference."))
        row.values["agreement"] = row.values["party"] = party

    def agreements_of(self, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
        """A suspension is judged by itself; the key is that of its party."""
        return {key: {"publication": Publication.PUBLISHED} for key in keys}


class RenewalResource(PartOfAgreement):
    """Renewals of agreements."""

    model = Renewal
    part = "renewals"
    identities = (("agreement", "renewed"),)

    agreement = Column(
        references(Agreement),
        gettext_lazy("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    renewed = Column(DateCell(), gettext_lazy("When it was renewed."), required=True, example="2006-05-24")
    valid_until = Column(DateCell(), gettext_lazy("Until when it is valid now."))


class FundingContributionResource(PartOfAgreement):
    """Money for agreements."""

    model = FundingContribution
    part = "funding"
    identities = (("agreement", "funding", "year"),)

    agreement = Column(
        references(Agreement),
        gettext_lazy("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    funding = Column(
        LookupCell(FundingSource, "code"),
        gettext_lazy("Code of the funding source."),
        attribute="funding_id",
        required=True,
    )
    year = Column(NumberCell(), gettext_lazy("Year."), example="2024")
    amount = Column(MoneyCell(), gettext_lazy("Amount."), example="12500")
    currency = Column(CurrencyCell(), gettext_lazy("ISO 4217 code of the currency."), example="EUR")

    def judged(self, entry: dict[str, Any]) -> dict[str, Any]:
        return entry | {"currency": entry["currency"] or ""}

    def create(self, rows: list[Row]) -> None:
        """An agreement's own row may have named the funding source alone: what says more takes that one's place."""
        super().create(rows)
        made = {(row.record.agreement_id, row.record.funding_id) for row in rows if row.record.year}
        bare = FundingContribution.objects.filter(agreement__in={pk for pk, _code in made}, year=None, amount=None)
        said = {row.record.pk for row in rows}
        FundingContribution.objects.filter(
            pk__in=[line.pk for line in bare if (line.agreement_id, line.funding_id) in made and line.pk not in said]
        ).delete()


class DocumentResource(StrictResource):
    """Documents of agreements, by their addresses on the web."""

    model = Document
    identities = (("agreement", "url"),)

    agreement = Column(
        references(Agreement),
        gettext_lazy("Reference of the agreement."),
        attribute="agreement_id",
        shown="agreement__reference",
        required=True,
    )
    title = Column(TextCell(300), gettext_lazy("Title."), required=True)
    url = Column(UrlCell(500), gettext_lazy("Address on the web."), required=True)
    language = Column(TextCell(10), gettext_lazy("ISO 639 code of its language."), example="fr")
    date = Column(DateCell(), gettext_lazy("Date of the document."))
