"""A directory that has the pairs of files already, for names that their partners tell apart."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction

from partnerships.models import Agreement, AgreementSource, GazetteerPlace, Party, Source, Town
from partnerships.places.party_refs import keep_other_names, of_places, town_of_place

from .rows import Row


@contextmanager
def directory_of(pairs: Iterable[tuple[Row, Row]]) -> Iterator[int]:
    """Let the directory hold the agreements between the places of `pairs`, and take them out at the end.

    Says how many there are.
    """
    keys = sorted({tuple(sorted((one.place.id, other.place.id))) for one, other in pairs if one.place and other.place})
    with transaction.atomic():
        places = list(GazetteerPlace.objects.filter(pk__among={key for pair in keys for key in pair}))
        towns = of_places(places)
        new = {place.pk: town_of_place(place) for place in places if place.pk not in towns}
        Town.objects.bulk_create(new.values())
        keep_other_names([town.pk for town in new.values()])
        towns |= new
        source = Source.objects.create(title="Wikidata")
        agreements = Agreement.objects.bulk_create(Agreement() for one, other in keys if one != other)
        parties = [(towns[one], towns[other]) for one, other in keys if one != other]
        Party.objects.bulk_create(
            Party(agreement=agreement, town=town, position=position)
            for agreement, pair in zip(agreements, parties, strict=True)
            for position, town in enumerate(pair, 1)
        )
        AgreementSource.objects.bulk_create(
            AgreementSource(agreement=agreement, source=source) for agreement in agreements
        )
        yield len(agreements)
        transaction.set_rollback(True)
