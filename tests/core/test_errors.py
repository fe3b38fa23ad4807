"""What nobody means is answered in words: characters that are no text, odd addresses, broken bodies."""

import io
import json
import zipfile
from typing import Any
from urllib.parse import quote

import pytest
import rdflib
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from lxml import etree
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from coopdir import home
from coopdir.api import ogc, views
from coopdir.wsgi import application
from core import errors, incoming, shares, text, unavailable
from core.imports.readers.spreadsheets import cell_text
from core.lists import exports
from partnerships.editing import uploads
from partnerships.models import Agreement, Organisation
from partnerships.people import tokens
from tests import factories as f

pytestmark = pytest.mark.django_db

NO_TEXT = "Di\x07jon\x0bCôte\x1f\ufffed'Or\uffff"
AS_TEXT = "Dijon Côte d'Or"
"""A name with a bell, the line break of presentations, and two code points that are no characters; and the same as
text."""


@pytest.fixture
def agreement() -> Agreement:
    """An agreement whose texts hold what XML cannot: rows of before, which no door has cleaned."""
    town = f.town(
        NO_TEXT, territory=f.territory("FR-BFC"), latitude=47.3, longitude=5.04, website="https://a.example/\x07"
    )
    organisation = f.organisation(NO_TEXT)
    return f.agreement(
        town, f.town("Mainz", "DE"), organisation, signed="1986-05-24",
        description_en=NO_TEXT, description_fr=NO_TEXT, cite=f.source(NO_TEXT),
    )  # fmt: skip


@pytest.fixture
def officer(db: None) -> User:
    return f.officer("officer", f.territory("FR-BFC"))


def body(response: Any) -> bytes:
    """What was answered, streamed or not."""
    assert response.status_code == 200, response.getvalue()
    return response.getvalue()


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [(NO_TEXT, AS_TEXT), ("a\tb\r\nc", "a\tb\r\nc"), ("a \x0bb", "a b"), ("\x0ba\x0c", "a"), ("\ud800a\udfff", "a"),
     ("a\0b", "ab"), ("été \U0001f600 \u200e", "été \U0001f600 \u200e")],
)  # fmt: skip
def test_what_is_no_text_goes(given: str, cleaned: str) -> None:
    assert text.clean(given) == cleaned
    etree.fromstring(f"<a>{text.clean(given)}</a>")


@pytest.mark.parametrize(
    "address",
    ["/agreements.atom", "/agreements.atom?q=a%07", "/agreements.atom?q=%EF%BF%BE%20dijon", "/agreements.iati.xml",
     "/sitemap-agreements-0.xml", "/sitemap-towns-0.xml", "/sitemap-pages.xml", "/sitemap.xml"],
)  # fmt: skip
def test_xml_can_be_read_whatever_is_stored(client: Client, agreement: Agreement, address: str) -> None:
    etree.fromstring(body(client.get(address)))


def test_the_feed_of_changes_can_be_read_whatever_is_stored(client: Client, agreement: Agreement) -> None:
    town = agreement.parties.first().town
    town.name += "!"
    town.save()
    content = body(client.get("/changes.atom"))
    assert AS_TEXT.encode() in content
    etree.fromstring(content)


@pytest.mark.parametrize("name", ["agreements", "towns", "organisations"])
def test_workbooks_can_be_read_whatever_is_stored(client: Client, agreement: Agreement, name: str) -> None:
    ods = CalamineWorkbook.from_filelike(io.BytesIO(body(client.get(f"/{name}.ods")))).get_sheet_by_index(0).to_python()
    xlsx = load_workbook(io.BytesIO(body(client.get(f"/{name}.xlsx")))).worksheets[0].values
    for rows in (ods, xlsx):
        assert AS_TEXT in {cell for row in rows for cell in row}


def test_turtle_can_be_read_whatever_is_stored(client: Client, agreement: Agreement) -> None:
    for record in (agreement, agreement.parties.first().town, agreement.parties.last().organisation):
        graph = rdflib.Graph().parse(data=body(client.get(f"/id/{record.reference}.ttl")), format="turtle")
        assert len(graph) > 5


@pytest.mark.parametrize("form", ["geojson", "json", "csv"])
def test_other_files_can_be_read_whatever_is_stored(client: Client, agreement: Agreement, form: str) -> None:
    content = body(client.get(f"/agreements.{form}")).decode()
    if form != "csv":
        json.loads(content)


@pytest.mark.parametrize("address", ["/en/agreements/{}/", "/en/towns/{}/", "/card/en/{}.png", "/id/{}"])
def test_pages_and_cards_are_drawn_whatever_is_stored(client: Client, agreement: Agreement, address: str) -> None:
    record = agreement.parties.first().town if "towns" in address else agreement
    named = record.address if address.endswith("/") else record.reference
    assert client.get(address.format(named)).status_code in (200, 303)


def test_what_a_cell_holds_comes_in_as_text() -> None:
    assert cell_text(NO_TEXT) == AS_TEXT


# Odd requests


@pytest.mark.parametrize("name", ["agreement", "town", "country", "territory"])
def test_record_pages_tell_their_methods(client: Client, agreement: Agreement, name: str) -> None:
    town = agreement.parties.first().town
    arguments = {"agreement": agreement.address, "town": town.address, "country": "fr", "territory": "FR-BFC"}
    response = client.options(reverse(name, args=[arguments[name]]))
    assert response.status_code == 200
    assert "GET" in response["Allow"]


@pytest.mark.parametrize("path", ["", "/conformance", "/collections", "/collections/towns", "/collections/towns/items"])
def test_the_ogc_api_refuses_a_language_that_it_does_not_speak(client: Client, path: str) -> None:
    response = client.get(f"/ogc{path or '/'}?lang=xx")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["parameter"] == "lang"


QUESTIONS = ("/agreements.csv", "/agreements.json", "/agreements.atom", "/agreements.iati.xml", "/map.json",
             "/agreements.quickstatements", "/api/v1/agreements", "/ogc/collections/agreements/items",
             "/en/embed/list/", "/en/embed/snippet/", "/en/agreements/")  # fmt: skip
"""All doors of a list; the last one is a page, which shows what is wrong and an empty list."""


@pytest.mark.parametrize("address", QUESTIONS)
@pytest.mark.parametrize(
    ("query", "told"),
    [("q=Ma%07in%00z%EF%BF%BF", ""), ("q=%07", "letter or digit"), ("q=%00", "letter or digit"),
     ("q=%EF%BF%BE+%0B", "letter or digit"), ("country=F%07R", "“F\ufffdR”"), ("country=FR%00", "“FR\ufffd”"),
     ("since=1986%1F1", "“1986\ufffd1”"), ("past=1%00", "“1\ufffd”")],
)  # fmt: skip
def test_what_is_no_text_is_the_same_through_every_door_of_a_list(
    client: Client, address: str, query: str, told: str
) -> None:
    agreement = f.agreement(f.town("Dijon"), f.town("Mainz", "DE"), signed="1986-05-24")
    response = client.get(f"{address}?{query}")
    content = response.getvalue().decode()
    assert response.status_code == (400 if told and address != "/en/agreements/" else 200), content
    assert told in content
    if not told and not address.startswith(("/map", "/agreements.q")):
        assert agreement.reference in content
    if "html" in response["Content-Type"]:
        assert text.clean(content) == content


def test_the_head_of_a_merge_page(agreement: Agreement, administrator_client: Client) -> None:
    other = f.agreement()
    for query in ({}, {"with": other.reference, "stays": other.reference}):
        for kind, record in (("agreement", agreement), ("town", agreement.parties.first().town)):
            url = reverse(f"{kind}_merge", args=[record.reference])
            assert administrator_client.head(url, query).status_code == administrator_client.get(url, query).status_code


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "2026-11-24T25:00Z", ""])
@pytest.mark.parametrize("kind", ["agreement", "town"])
def test_a_version_of_no_moment_is_not_there(
    agreement: Agreement, administrator_client: Client, kind: str, moment: str
) -> None:
    record = agreement if kind == "agreement" else agreement.parties.first().town
    url = reverse(f"{kind}_restore", args=[record.reference])
    assert administrator_client.get(f"{url}?at={quote(moment)}").status_code == 404
    assert administrator_client.post(f"{url}?at={quote(moment)}").status_code == 404


def test_a_broken_docx_is_no_document() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", f"<Types>{uploads.DOCX}.main+xml</Types>" * 50)
        parts.writestr("word/document.xml", "<w:document/>")
    content = bytearray(file.getvalue())
    assert uploads.examine(ContentFile(bytes(content), "a.docx")).media_type == uploads.DOCX
    for place in range(50, 90):  # within the packed list of types
        content[place] ^= 0xFF
    with pytest.raises(uploads.NotTaken):
        uploads.examine(ContentFile(bytes(content), "a.docx"))


# The API


def sent(officer: User, content: bytes | str, **more: Any) -> Any:
    """The answer to a new agreement, sent as it is."""
    secret = tokens.create_token(by=officer, mandate=officer.mandates.get(), name="Our website")[1]
    return Client(raise_request_exception=False).post(
        "/api/v1/agreements", content, headers={"Authorization": f"Bearer {secret}"},
        **{"content_type": "application/json"} | more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("[" * 100_000, 400),
        ('{"a":' * 100_000, 400),
        ("[" * 300 + "]" * 300, 422),
        ("{", 400),
        (b"\xff", 400),
        ("", 422),
        ('{"kind": NaN}', 400),
        ('{"kind": ' + "1" * 5000 + "}", 400),
        ('{"description_en": "' + "a" * 3_000_000 + '"}', 413),
        ('{"reason": "\\ud800"}', 422),
        ('{"description_en": "\\udfff"}', 422),
        ('{"\\u0000": 1}', 422),
        ("7", 422),
    ],
)
def test_a_body_that_is_no_agreement_is_a_problem_in_words(officer: User, content: bytes | str, status: int) -> None:
    response = sent(officer, content)
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"]


def test_what_a_program_sends_is_stored_as_text(officer: User) -> None:
    parties = [{"actor": f.town(territory=place).reference} for place in (f.territory("FR-BFC"), f.territory("DE-RP"))]
    response = sent(officer, json.dumps({"parties": parties, "description_en": NO_TEXT}))
    assert response.status_code == 201, response.content
    assert response.json()["content"]["description_en"] == AS_TEXT


# Errors of the site: in words, in the form that was asked for


@pytest.fixture
def visitor() -> Client:
    """A browser, or a program, that is answered as on the real site, also where something goes wrong."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    "path",
    ["agreements/x", "agreements/A", "agreements/A1%00", "agreements/A1234567890123456", "agreements/-", "towns/%07",
     "countries/fra", "countries/f", "countries/%C3%9F", "countries/fr/%00", "territories/FR", "territories/FR-%00",
     "my/agreements/A1%00/edit", "my/towns/%00/merge", "imports/%00", "imports/I1%0B/map"],
)  # fmt: skip
def test_what_is_no_reference_is_not_found_without_a_question_to_the_records(
    administrator_client: Client, path: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(3):  # session, account, and what the page shows of it
        assert administrator_client.get(f"/en/{path}/").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["my/agreements/new/?copy=A1%00", "my/agreements/new/?draft=%00", "my/parties/?q=%00dijon", "my/sources/?q=%00",
     "my/towns/{town}/merge/?with=T1%00&stays=%00", "my/towns/{town}/merge/?q=%00", "my/drafts/?page=%00",
     "my/changes/?before=%00&kind=%00", "my/submissions/?state=%00", "my/verify/?q=%00&reference=%00",
     "imports/new/?like=I1%00", "imports/?page=%00", "suggest/?q=%00", "search/?q=%00", "account/login/?next=%00",
     "admin/partnerships/town/?q=%00&level=%00", "admin/partnerships/town/?country__code__exact=F%00",
     "admin/partnerships/town/{pk}%00/change/", "admin/partnerships/agreement/?o=%00&p=%00",
     "admin/autocomplete/?term=%00&app_label=partnerships&model_name=party&field_name=town"],
)  # fmt: skip
def test_a_nul_in_an_officers_address_is_answered(administrator_client: Client, path: str) -> None:
    town = f.town()
    administrator_client.raise_request_exception = False
    response = administrator_client.get("/en/" + path.format(town=town.reference, pk=town.pk))
    assert response.status_code < 500, response.content


def test_what_a_form_sends_is_stored_as_text(officer_client: Client) -> None:
    reference = f.organisation(territory=f.territory("FR-BFC")).reference
    url = reverse("organisation_edit", args=[reference])
    page = officer_client.get(url).context
    values = {name: page["form"][name].value() or "" for name in page["form"].fields}
    values |= {"base": page["base"], "name": NO_TEXT + "\0"}
    response = officer_client.post(url, values)
    assert response.status_code == 302, response.content
    assert Organisation.objects.get(reference=reference).name == AS_TEXT


def test_a_password_is_what_was_typed() -> None:
    given = QueryDict("password=a%07b&new_password1=%0B&login=a%07b&login=c")
    told = dict(incoming.cleaned(given).lists())
    assert told == {"password": ["a\x07b"], "new_password1": ["\x0b"], "login": ["ab", "c"]}


def test_a_cookie_that_is_no_text_is_none(visitor: Client, officer: User) -> None:
    visitor.cookies.load('sessionid="aaaaaaaaaa\\000"; django_language="\\000fr"; csrftoken="\\007"')
    assert visitor.get("/en/my/").status_code == 302


@pytest.mark.parametrize("charset", ["utf-16", "hex", "rot13", "idna", "latin-1", "utf-7", "punycode"])
def test_another_encoding_is_refused_for_what_is_sent(visitor: Client, charset: str) -> None:
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"):
        response = visitor.generic("POST", "/en/account/login/", b"a=b", content_type=f"{kind}; charset={charset}")
        assert response.status_code == 415
        assert "UTF-8" in response.content.decode()
    response = visitor.generic("GET", "/en/search/?q=%C3%A9t%C3%A9", b"", content_type=f"text/plain; charset={charset}")
    assert response.status_code == 200
    assert "été" in response.content.decode()


@pytest.mark.parametrize("path", ["/en/data/", "/api/v1/towns"])
@pytest.mark.parametrize("charset", ["hex", "rot13", "latin-1"])
def test_another_encoding_is_refused_beside_parameters(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, path: str, charset: str
) -> None:
    monkeypatch.setattr("django.test.client.WSGIRequest", application.request_class)  # as the server makes it
    response = visitor.generic("POST", f"{path}?q=a", b"a", content_type=f"text/plain; charset={charset}")
    assert response.status_code == 415
    assert "UTF-8" in response.content.decode()


def errors_of(language: str) -> dict[str, tuple[int, str]]:
    """Words of some errors: status, and what the page says."""
    english = {
        "405": "This address does not take that",
        "413": "That is too much at once",
        "404": "There is no page at this address",
        "400": "This cannot be read",
    }
    if language == "en":
        return english
    with translation.override(language):
        return {name: translation.gettext(said) for name, said in english.items()}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_errors_are_pages_in_the_visitors_language(visitor: Client, language: str) -> None:
    words, start = errors_of(language), f"/{language}/"
    multipart = "multipart/form-data"
    answers = {
        "405": visitor.delete(f"{start}agreements/"),
        "413": visitor.post(f"{start}account/login/", {"login": "a" * 3_000_000}),
        "404": visitor.get(f"{start}nothing/"),
        "400": visitor.generic("POST", f"{start}account/login/", b"x", content_type=multipart),
    }
    for status, response in answers.items():
        assert response.status_code == int(status)
        page = response.content.decode()
        assert f'<html lang="{language}"' in page
        assert words[status] in page
    assert "GET" in answers["405"]["Allow"]
    many = visitor.post(f"{start}account/login/", {f"f{number}": "1" for number in range(4_100)})
    assert many.status_code == 413
    assert visitor.get(f"{start}agreements/?" + "a=1&" * 4_100).status_code == 413


def test_an_error_before_the_language_is_known_is_a_page_too(visitor: Client) -> None:
    response = visitor.get("/fr/agreements/", headers={"Host": "nowhere.example"})
    assert response.status_code == 400
    assert '<html lang="fr"' in response.content.decode()


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/api/v1/nothing", "GET", 404),
        ("/api/v1/towns/Dijon", "GET", 404),
        ("/api/v1/towns/T1%00", "GET", 404),
        ("/api/", "GET", 404),
        ("/api/v1/towns", "POST", 405),
        ("/api/v1/openapi.json", "POST", 405),
        ("/ogc/nothing", "GET", 404),
        ("/ogc/collections/towns/items/%00", "GET", 404),
        ("/ogc/collections", "DELETE", 405),
        ("/ogc/api", "POST", 405),
        ("/agreements/A999.json", "GET", 404),
        ("/agreements/x.geojson", "GET", 404),
        ("/agreements.json", "POST", 405),
    ],
)
def test_errors_for_programs_are_problems(visitor: Client, path: str, method: str, status: int) -> None:
    response = visitor.generic(method, path)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == status
    assert told["detail"]
    # OGC API – Features 1.0, schema exception.yaml
    assert (told["code"], told["description"]) == ("".join(told["title"].split()), told["detail"])


def test_a_page_that_is_only_read_says_so(visitor: Client) -> None:
    refused = visitor.post("/en/data/")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert visitor.head("/en/data/").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/towns", "/ogc/collections", "/agreements.json"])
def test_what_a_program_may_not_do_is_a_problem(path: str) -> None:
    refused = errors.permission_denied(RequestFactory().get(path), PermissionDenied())
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert json.loads(refused.content)["status"] == 403


@pytest.mark.parametrize(
    ("path", "by_programs"),
    [("/api", True), ("/api/v1/towns", True), ("/ogc/", True), ("/map.json", True), ("/towns/T1.geojson", True),
     ("/agreements.ndjson", True), ("/data/latest/manifest.json", True), ("/agreements.csv", False),
     ("/apiary", False), ("/en/agreements/A1.json", False), ("/fr/api/", False), ("/agreements.atom", False)],
)  # fmt: skip
def test_who_is_told_as_programs_are_is_said_once(path: str, by_programs: bool) -> None:
    request = RequestFactory().get(path)
    told = (
        errors.error_response(request, 400),
        shares.too_many_requests(request, "x"),
        unavailable.unavailable(request, "lost"),
    )
    assert {answer["Content-Type"] == "application/problem+json" for answer in told} == {by_programs}


@pytest.mark.parametrize("path", ["/api/v1/towns", "/ogc/collections", "/agreements.json", "/ogc/api"])
def test_what_nobody_foresaw_is_a_problem_that_tells_nothing(
    visitor: Client, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError("secret")

    for place in (views, exports, ogc):
        for name in ("data_state", "reverse"):
            monkeypatch.setattr(place, name, fail, raising=False)
    response = visitor.get(path)
    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"]
    assert b"secret" not in response.content
    assert "ZeroDivisionError" in caplog.text


def test_what_nobody_foresaw_is_a_page_that_tells_nothing(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(home.HomeView, "get_context_data", fail)
    page = visitor.get("/fr/").content.decode()
    assert '<html lang="fr"' in page
    assert "secret" not in page
    assert "500" in page


def test_a_code_that_stands_in_addresses_has_its_form(administrator_client: Client) -> None:
    values = {"code": "FR 1", "country": f.country().pk, "level": "region", "name": "x", "parent_links-TOTAL_FORMS": 0}
    response = administrator_client.post(reverse("admin:partnerships_territory_add"), values)
    assert response.status_code == 200
    assert "write it as in FR-21" in response.content.decode()


@pytest.mark.parametrize("number", ["9" * 5_000, "²", "-1", "9" * 17])
@pytest.mark.parametrize("sent", ["unlink-{}", "remove-parties-{}", "clear-sources-{}", "draft"])
def test_a_number_of_any_length_is_answered(
    officer_client: Client, agreement: Agreement, sent: str, number: str
) -> None:
    values = {"draft": number} if sent == "draft" else {"do": sent.format(number)}
    for address in (reverse("agreement_new"), reverse("agreement_edit", args=[agreement.reference])):
        assert officer_client.post(address, values).status_code == 200


def test_an_export_by_unknown_filters_leads_back_to_the_list(administrator_client: Client) -> None:
    for query in ("recognised=ML", "e=1&id__in=x"):
        response = administrator_client.get(f"{reverse('admin:networks_networkclaim_export')}?{query}", follow=True)
        assert response.redirect_chain == [(reverse("admin:networks_networkclaim_changelist"), 302)]
        assert "Here is all of it" in response.content.decode()


@pytest.mark.parametrize("path", ["/data/latest/nothing", "/en/nowhere/", "/api/v1/nothing"])
def test_too_many_parameters_are_refused_where_there_is_nothing(
    visitor: Client, settings: LazySettings, path: str
) -> None:
    assert visitor.get(f"{path}?{'a=1&' * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}").status_code == 413


@pytest.mark.parametrize("path", ["/api/v1/agreements", "/en/nothing/", "/api/v1/nothing"])
def test_a_body_that_is_refused_unread_is_taken_in(client: Client, db: None, path: str) -> None:
    body = io.BytesIO(b"x" * 3_000_000)
    environ = RequestFactory().post(path, content_type="application/json").environ
    environ |= {"wsgi.input": body, "CONTENT_LENGTH": "3000000", "HTTP_HOST": "testserver"}
    told: list[str] = []
    answer = application(environ, lambda status, _headers, *_more: told.append(status))
    answer.close()
    assert told[0][:3] in ("401", "403", "404")
    assert body.read() == b""


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=ä"])
@pytest.mark.parametrize("path", ["/en/nothing/", "/nothing", "/en/my/agreements/A0/edit/", "/en/about/"])
def test_a_form_in_no_parts_is_no_error_of_the_site(administrator: User, path: str, boundary: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    client.cookies["csrftoken"] = "x" * 32
    answer = client.generic("POST", path, b"x", content_type=f"multipart/form-data{boundary}")
    assert answer.status_code in (400, 403, 404, 405)
