"""The box that stands in place of a list with nothing in it: written once, filled by each page."""

from django.conf import settings
from django.template import Context, Template
from django.test import Client

from tests import factories


def test_the_box_is_written_once() -> None:
    templates = settings.BASE_DIR / "templates"
    written = [path for path in templates.rglob("*.html") if 'class="empty"' in path.read_text()]
    assert written == [templates / "parts/empty.html"]


def test_its_slots_are_drawn_once_and_escaped() -> None:
    text = "{% load coopdir %}{% empty_state %} {{ town }} {% hints %} <p>{{ town }}</p> {% endempty_state %}"
    drawn = Template(text).render(Context({"town": "<L’Île & co>"}))
    said = "&lt;L’Île &amp; co&gt;"
    assert drawn.split() == f'<div class="empty"> <h2>{said}</h2> <p>{said}</p> </div>'.split()


def test_pages_of_countries_say_that_nothing_is_known(client: Client, db: None) -> None:
    for code in ("FR", "ML"):
        factories.town(f"Town of {code}", code)
    for address in ("/en/countries/ML/", "/en/countries/FR/ML/"):
        page = client.get(address, follow=True).content.decode()
        assert '<div class="empty">\n  <h2>No agreement that counts is known' in page
