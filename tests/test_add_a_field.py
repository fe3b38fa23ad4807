"""The recipe “How to add a field” of CONTRIBUTING.md, carried out on a copy: all doors have the field."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
ANCHORS = {
    "partnerships/models/agreements.py": '    description_en = models.TextField(_("description, English")',
    "partnerships/agreements/fields.py": '    AgreementField(\n        "description_en",',
    "templates/my/agreement_form.html": '{% include "my/parts/entry.html" with field=form.main.activity class="" %}',
    "templates/partnerships/agreement.html": '<dt>{% translate "Verified" %}</dt>',
    "partnerships/agreements/filters.py": "    suspension = ChoicesFilter(",
}
"""Where each file of the recipe takes the new lines: before this text."""


def recipe() -> dict[str, str]:
    """The lines that the recipe adds, by file."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    section = re.search(r"## How to add a field\n(.*?)\n## ", text, re.DOTALL)[1]
    found, path = {}, ""
    for block in re.split(r"\n\n", section):
        if named := re.findall(r"`((?:partnerships|templates)/[\w/.]+)`", block):
            path = named[0]
        elif block.startswith("        "):
            found[path] = dedent(block)
    return found


def indented(lines: str, anchor: str, text: str) -> str:
    """Lines with the indentation of the line that an anchor stands in."""
    start = text.rindex("\n", 0, text.index(anchor.lstrip())) + 1
    margin = re.match(r" *", text[start:])[0]
    return "".join(f"{margin}{line}\n" for line in lines.splitlines())


@pytest.mark.long
def test_a_field_that_is_added_by_the_recipe_is_found_through_every_door(tmp_path: Path) -> None:
    steps = recipe()
    assert steps.keys() == ANCHORS.keys()
    copy = tmp_path / "copy"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    shutil.copytree(ROOT / "static/dist", copy / "static/dist", dirs_exist_ok=True)
    for name in ("node_modules", ".venv"):
        (copy / name).symlink_to((ROOT / name).resolve())
    for name, lines in steps.items():
        text, anchor = (copy / name).read_text(), ANCHORS[name]
        assert text.count(anchor) == 1, name
        start = text.rindex("\n", 0, text.index(anchor) + len(anchor) - len(anchor.lstrip())) + 1
        (copy / name).write_text(text[:start] + indented(lines, anchor, text) + text[start:])
    shutil.copy(ROOT / "tests/recipes/a_field.py", copy / "tests/test_a_field.py")

    data = tmp_path / "data"
    environment = os.environ | {"COOPDIR_DATA": str(data), "DEBUG": "1"}
    environment.pop("DATABASE_URL", None)

    def run(*command: str) -> None:
        done = subprocess.run([sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]

    try:
        run("manage.py", "makemigrations", "partnerships", "--name", "momentum")
        run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_a_field.py")
    finally:
        run("-m", "core.database.embedded_server", "stop", str(data))
