"""Who learns of a record, and where: every state × every address × every method × everybody, programs too.

The rule is one: what is not public exists for those who may write it, and for nobody else. To others each answer is the
one that is given for a reference that no record has: the same status, the same headers, the same body.
"""

import datetime
import json
import logging
import re
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from pytest_django.plugin import DjangoDbBlocker

from coopdir.api.endpoints import ENDPOINTS
from coopdir.opendata.linked_data.sitemap import KEYS_PER_SITEMAP
from core import spam
from networks.models import Network, SupportBody
from partnerships.models import Agreement, Organisation, PublicRecord, Town
from tests.places import PLACES, QUESTIONS, Place, at
from tests.states import NEVER_PUBLIC, SECRET, STATES, TOKENS, Nobody, World
from tests.test_doors import LISTS, ROLES

Kind = type[PublicRecord]
Answer = dict[str, int]
"""What each visitor gets. Whom it does not name, the record does not exist for."""
NOBODY: Answer = {}
OUTSIDE = {"anonymous", "elsewhere", "token of elsewhere"}
"""Who may write none of the records."""


def everybody(status: int) -> Answer:
    """Who reads in a browser, and by a program."""
    return dict.fromkeys((*ROLES, *TOKENS), status)


def writers(status: int, **others: int) -> Answer:
    """Who may write the record; `others` get something else."""
    return dict.fromkeys(("contributor", "officer", "coordinator", "administrator"), status) | others


def publishers(status: int, **others: int) -> Answer:
    """Who may publish it; contributors know of it and are refused."""
    return writers(status, contributor=403, **others)


def programs(officer: int, contributor: int, elsewhere: int | None = None) -> Answer:
    """Who comes by a token."""
    found = {"token of officer": officer, "token of contributor": contributor}
    return found | ({"token of elsewhere": elsewhere} if elsewhere else {})


class Rule(NamedTuple):
    """What an address answers, by what has become of the record (`STATES`): all that are not named are as if there were
    none. `hidden` are drafts, new ones and those of before; what is handed in and what is a draft again may differ."""

    public: Answer = NOBODY
    hidden: Answer = NOBODY
    never: Answer = NOBODY
    gone: Answer = NOBODY
    merged: Answer = NOBODY
    lost: Answer = NOBODY
    astray: Answer = NOBODY
    submitted: Answer | None = None
    back: Answer | None = None

    def of(self, state: str) -> Answer:
        """What is answered in a state."""
        if state in ("submitted", "back"):
            own = getattr(self, state)
            return self.hidden if own is None else own
        return getattr(self, {"published": "public", "draft": "hidden", "withdrawn": "gone"}.get(state, state))


def of_officers(public: int, hidden: int, never: int, gone: int, lost: int, merged: int, **more: int) -> Rule:
    """Of an agreement, for those who publish where it lies. `merged` is the answer to administrators, when it has given
    its parties to another one and lies nowhere any more."""
    away = dict.fromkeys(("contributor", "officer", "coordinator", "elsewhere"), 403) | {"administrator": merged}
    return Rule(
        publishers(public, elsewhere=403),
        publishers(hidden),
        publishers(never),
        publishers(gone, elsewhere=403),
        away,
        publishers(lost),
        away,
        **{state: publishers(status) for state, status in more.items()},
    )


def of_both(status: int, never: int, **hidden: int) -> Rule:
    """Merging with a record of elsewhere: administrators alone answer for both; who knows of it is told so."""
    alone = {"administrator": never}
    known = alone | {"elsewhere": 403}
    of_drafts = {state: {"administrator": number} for state, number in hidden.items()}
    return Rule({"administrator": status, "elsewhere": 403}, **{"hidden": alone} | of_drafts, never=alone, gone=known,
                merged=known, lost=alone, astray=known)  # fmt: skip


def of_coordinators(public: int, others: int, drafts: int | None = None) -> Rule:
    """Merging towns of one region."""
    hidden = dict.fromkeys(("contributor", "officer"), 403) | dict.fromkeys(("coordinator", "administrator"), others)
    known = hidden | {"elsewhere": 403}
    done = dict.fromkeys(("coordinator", "administrator"), public)
    return Rule(known | done, hidden, hidden, known, known, hidden, known)


E, W = everybody, writers
OFFICERS = W(200, elsewhere=200)
NOWHERE, ASKED = Rule(), Rule(public=E(200))
FILE = Rule(public=E(200), gone=E(410), merged=E(301))
PUBLIC = {
    "page": FILE,
    "page without its name": FILE._replace(public=E(301)),
    "history": Rule(public=E(200), gone=E(200), merged=E(200), astray=E(200)),
    **dict.fromkeys(("csv", "json", "xlsx", "geojson", "api", "ogc", "turtle", "card", "propose"), FILE),
    "id": FILE._replace(public=E(303)),
    "parties": Rule(public=OFFICERS),
    "iati of": Rule(public=E(404)),  # no agreement here has a date
}
"""Of any record; what only administrators write is nobody's on these pages before it is public."""
OWN = PUBLIC | {
    "page": Rule(E(200), W(200), W(410), E(410), E(301), W(301), W(301)),
    "page without its name": Rule(E(301), W(301), W(410), E(410), E(301), W(301), W(301)),
    "history": Rule(E(200), W(200), W(200), E(200), E(200), W(200), E(200)),
}
"""Of what the people of a region write."""
KEPT = ("hidden", "never", "gone", "lost")
EDITED = dict.fromkeys(("edit", "restore"), Rule(public=publishers(200, elsewhere=403)))
SENT = {"propose": Rule(public=E(302), gone=E(410), merged=E(302))}
CHANGED = SENT | dict.fromkeys(("edit", "restore"), Rule(public=publishers(302, elsewhere=403)))
DECIDERS = {
    name: dict.fromkeys(("coordinator", "administrator"), status) for name, status in (("GET", 200), ("POST", 302))
}
TOLD = programs(403, 403, 403)

RULES: dict[tuple[Kind, str], dict[str, Rule]] = {
    (Agreement, "GET"): OWN
    | {
        "content": Rule(programs(200, 200, 403), *[programs(200, 200)] * 2, programs(200, 200, 403), TOLD,
                        programs(200, 200), TOLD),
        "verifications": NOWHERE,
        "keep": NOWHERE,
        "document": Rule(E(200), W(200), W(200), W(200), E(200), W(200), W(200)),
        "submission": Rule(*[DECIDERS["GET"]] * 7),
        "edit": Rule(public=W(200, elsewhere=403), hidden=W(200)),
        "copy": Rule(OFFICERS, W(200), W(200), OFFICERS, OFFICERS, W(200), OFFICERS),
        "confirm": Rule(E(200), E(410), E(410), E(410), E(200), E(410), E(410)),
        **dict.fromkeys(("ask", "restore", "merge"), of_officers(200, 200, 200, 200, 200, 200)),
        "merge with": of_both(200, 200),
        **dict.fromkeys(("verify", "end", "suspend", "resume"), of_officers(200, 302, 302, 302, 302, 302)),
        "withdraw": of_officers(200, 200, 302, 302, 302, 302),
        "reinstate": of_officers(302, 302, 200, 200, 302, 302),
        "delete": of_officers(302, 200, 200, 302, 200, 302, submitted=302, back=302),
    },
    (Agreement, "POST"): SENT
    | {
        "verifications": Rule(programs(200, 403, 403), *[programs(422, 403)] * 2, programs(422, 403, 403), TOLD,
                              programs(422, 403), TOLD),
        "submission": Rule(*[DECIDERS["POST"]] * 7),
        # What was typed meanwhile is kept, whatever became of the agreement, for those who may write it.
        "edit": Rule(public=W(302, contributor=200, elsewhere=403), **dict.fromkeys(KEPT, W(302))),
        "copy": Rule(*[W(302, elsewhere=200)] * 7),  # what is sent is an agreement of its own
        "keep": Rule(public=W(200, elsewhere=403), hidden=W(200)),
        "confirm": Rule(E(302), E(410), E(410), E(410), E(302), E(410), E(410)),
        "ask": of_officers(302, 409, 409, 409, 409, 200),
        "restore": of_officers(302, 302, 409, 409, 409, 409),
        "merge": of_officers(302, 409, 409, 409, 409, 409),
        "merge with": of_both(302, 409),
        **dict.fromkeys(("verify", "end"), of_officers(302, 409, 409, 409, 409, 409)),
        **dict.fromkeys(("suspend", "resume"), of_officers(302, 409, 409, 409, 409, 200)),
        "withdraw": of_officers(302, 302, 409, 409, 409, 409),
        "reinstate": of_officers(409, 409, 302, 302, 409, 409),
        "delete": of_officers(409, 302, 302, 409, 302, 409, submitted=409, back=409),
    },
    (Agreement, "PATCH"): {
        "content": Rule(programs(200, 403, 403), programs(200, 200), programs(422, 422), programs(422, 422, 403), TOLD,
                        programs(422, 422), TOLD),
    },
    (Town, "GET"): OWN | EDITED | {"merge": of_coordinators(200, 200), "merge with": of_both(200, 200)},
    (Town, "POST"): CHANGED
    # A town that was entered for a draft is none the less the same town.
    | {"merge": of_coordinators(302, 409), "merge with": of_both(302, 409, hidden=302, submitted=409)},
    (Organisation, "GET"): OWN | EDITED,
    (Organisation, "POST"): CHANGED,
    (Network, "GET"): PUBLIC,
    (Network, "POST"): SENT,
    (SupportBody, "GET"): PUBLIC | EDITED,
    (SupportBody, "POST"): CHANGED,
}  # fmt: skip
"""By kind of record and method; other methods tell nothing of any record."""


def rule(kind: Kind, method: str, name: str) -> Rule:
    """What the tables say; what they do not name is a list, or takes nothing."""
    if method in ("GET", "HEAD"):
        return RULES[kind, "GET"].get(name, ASKED)
    if (kind, name) == (Agreement, "edit") and method != "POST":  # whoever the form is not for is told so
        return Rule(public={"elsewhere": 403})
    return RULES.get((kind, method), {}).get(name, NOWHERE)


def places(kind: Kind) -> dict[str, Place]:
    """Where somebody asks for a record, and to which version it can be brought back."""
    restored = f"{kind._meta.model_name}_restore"
    return PLACES[kind] | (
        {"restore": at(restored, "{0.reference}", query="?at={0.moment}")} if "restore" in PLACES[kind] else {}
    )


def who(method: str, name: str, path: str, taken: bool, turn: int) -> tuple[str, ...]:
    """Who asks for a record in one state, at an address that takes a method or does not. All of them at everything
    would be five times as many requests: they take turns where the answer hardly depends on who asks."""
    someone = ROLES[1:][turn % 5]
    if not taken:
        return (("anonymous", "elsewhere", "token of elsewhere")[turn % 3],)
    if name in ("content", "verifications"):
        return ("anonymous", someone, *TOKENS)
    if name.endswith(" of") or name in ("search", "suggest"):
        return (("anonymous", "elsewhere", "officer")[turn % 3],)
    if path.startswith(("/api/", "/ogc/")):
        return ("anonymous", TOKENS[turn % 3])
    if path.startswith("/en/"):
        others = ("contributor", "coordinator", "administrator", TOKENS[turn % 3])
        return ("anonymous", "elsewhere", "officer", others[turn % 4])
    return ("anonymous", someone)


def asked(world: World, method: str) -> Iterator[tuple[str, str, str]]:
    """Place, state and visitor of all requests of a method."""
    kind = world.kind
    for number, (name, place) in enumerate(places(kind).items()):
        turn = count(11 * number)  # so that each state meets everybody who takes turns
        path, taken = place(world.records["draft"]), method == "GET" or name in RULES.get((kind, method), {})
        for state in STATES if taken else ("published", "draft", "never", "merged"):
            for visitor in who(method, name, path, taken, next(turn)):
                yield name, state, visitor


def compare(world: World, method: str, name: str, state: str, visitor: str) -> Iterator[str]:
    """What is wrong with an answer: another one than the tables say, or than `Nobody` gets."""
    kind = world.kind
    place, record, sent = places(kind)[name], world.records[state], world.sent[state].get(name)
    told = world.ask(visitor, method, place(record), sent)
    programs_call = place(record).startswith(("/api/", "/ogc/"))
    known_as = "anonymous" if visitor in TOKENS and not programs_call else visitor
    wanted = rule(kind, method, name).of(state).get(known_as)
    where = f"{visitor}: {method} {name} of {kind.__name__}, {state}: {told.status}"
    if method == "HEAD" and told.body:
        yield f"{where} with a body"
    if visitor in OUTSIDE and (method, name) != ("POST", "copy") and told.tells(SECRET, place(record)):
        yield f"{where} tells what is written into a draft"
    if wanted is not None or told.status >= 500:
        if told.status != wanted:
            yield f"{where} instead of {wanted}"
        return
    nobody, key = Nobody(record), (visitor, method, name, state if method == "POST" else "")
    if key not in world.unknown:
        world.unknown[key] = world.ask(visitor, method, place(nobody), named(sent, record, nobody)).but_for(nobody)
    if (plain := told.but_for(record)) != (unknown := world.unknown[key]):
        yield f"{where}, unlike what nobody has ({unknown[0]}): {difference(plain, unknown)}"


def named(sent: Any, record: Any, nobody: Nobody) -> Any:
    """What is sent, about nobody."""
    return json.loads(json.dumps(sent).replace(f'"{record.reference}"', f'"{nobody.reference}"'))


def difference(one: Any, other: Any) -> str:
    """The first place in which two answers differ."""
    texts = [f"{status} {headers} {body}" for status, headers, body in (one, other)]
    start = next((n for n, pair in enumerate(zip(*texts, strict=False)) if pair[0] != pair[1]), 0)
    return " ≠ ".join(repr(text[max(start - 40, 0) : start + 60]) for text in texts)


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Of a kind of record, made once; what the requests write is taken back one by one, and this at the end."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(spam, "FASTEST", datetime.timedelta(seconds=-1))  # forms are sent at once
        logging.disable()  # thousands of refusals
        try:
            yield World(request.param)
        finally:
            logging.disable(logging.NOTSET)
            transaction.set_rollback(True)


KINDS = pytest.mark.parametrize("world", PLACES, ids=lambda kind: kind.__name__, indirect=True)
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("world", [Town], ids=["Town"], indirect=True)
def test_who_learns_of_a_town(world: World) -> None:
    """A small part of the table."""
    wrong = [
        found
        for name in ("page", "history", "json", "api", "ogc", "id")
        for state in ("draft", "never", "withdrawn", "merged", "astray")
        for found in compare(world, "GET", name, state, "anonymous")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
@KINDS
@pytest.mark.parametrize("method", METHODS)
def test_every_door(world: World, method: str) -> None:
    requests = list(asked(world, method))
    wrong = [found for request in requests for found in compare(world, method, *request)]
    print(f"{method} of {world.kind.__name__}: {len(requests)} requests")
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
@KINDS
def test_what_is_for_everybody_names_what_is_public(world: World) -> None:
    lists = {"supportbody": "support_bodies"}
    kind = world.kind._meta.model_name
    name = lists.get(kind, f"{kind}s")
    now = [reverse(name), reverse(f"{name}_file", args=["json"]), reverse(f"api_{name}")]
    parts = {(record.pk - 1) // KEYS_PER_SITEMAP for record in world.records.values()}
    assert len(parts) == 1, "the keys of the records lie in two parts of the map"
    now += [reverse("sitemap_part", args=[name.replace("_", "-"), parts.pop()])]
    now += [reverse("agreements_feed")] if kind == "agreement" else []
    ever = [reverse("changes"), reverse("changes_feed")]
    for address in (*now, *ever):
        answer = world.ask("anonymous", "GET", address)
        assert answer.status == 200, address
        named = {
            state for state, record in world.records.items() if re.search(rf"\b{record.reference}\b", str(answer.body))
        }
        assert named == {"published"} if address in now else not named & NEVER_PUBLIC, address


# Whether the table is whole

AMONG_OTHERS = {
    "account_": "one's own account",
    "mfa_": "one's own account",
    "openid_": "one's own account",
    "api_country": "countries and territories are public",
    "api_milestone": "milestones are public",
    "api_nothing": "no record",
    "api_territory": "countries and territories are public",
    "catalogue": "no record",
    "country": "countries and territories are public",
    "digest_stop": "of a person",
    "dump_": "files of all that is public",
    "form_discard": "of who began it",
    "import_": "of who brought it: test_import_owners",
    "invitation": "of a person",
    "layout": "no record",
    "mandate_end": "of a person",
    "merge_undo": "of a merge: test_merge",
    "ogc_collection": "no record",
    "person_leave": "of a person",
    "proposal": "of who has its key: test_proposals",
    "sitemap_part": "a list",
    "territory": "countries and territories are public",
    "token_revoke": "of who made it",
}
"""Addresses with something in them that is no record with a publication, by how their names begin."""


class Example:
    """What every place can be asked for."""

    pk = part = document = submission = suspension = 1
    reference = theirs = "A1"
    address, confirmation, moment = "A1-a", "1.x", "2026"


def patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    """All addresses but those of the admin."""
    for pattern in found:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif pattern.namespace != "admin":
            yield from patterns(pattern.url_patterns)


def test_every_address_of_a_record_stands_in_the_table() -> None:
    tried = {
        resolve(place(Example()).partition("?")[0]).url_name for found in PLACES.values() for place in found.values()
    }
    named = {one.name for one in patterns(get_resolver().url_patterns) if one.pattern.regex.groups}
    lists = {f"{name}_file" for name in LISTS}
    assert not [name for name in named - tried - lists if not name.startswith(tuple(AMONG_OTHERS))]


def test_every_list_that_is_asked_about_a_record_stands_in_the_table() -> None:
    for pattern in patterns(get_resolver().url_patterns):
        view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
        endpoint = ENDPOINTS.get(getattr(pattern.callback, "view_initkwargs", {}).get("name"))
        sets = (view, getattr(view, "listing", None))
        filterset = (
            endpoint.filterset
            if endpoint
            else next(filter(None, (getattr(one, "filterset_class", None) for one in sets)), None)
        )
        single = filterset is None or ("<" in str(pattern.pattern) and not pattern.name.endswith("s_file"))
        for parameter in () if single else QUESTIONS.keys() & filterset.base_filters.keys():
            assert pattern.name in QUESTIONS[parameter], f"{pattern.name}?{parameter}="
