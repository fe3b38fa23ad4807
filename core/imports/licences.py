"""Licences of sources whose data may be published in a directory under CC BY 4.0."""

import re

ACCEPTED = {
    "CC0-1.0": ("cc0", "cczero", "publicdomain"),
    "PDDL-1.0": ("pddl",),
    "CC-BY-4.0": ("ccby", "creativecommonsattribution40"),
    "CC-BY-3.0": ("creativecommonsattribution30",),
    "CC-BY-2.5": (),
    "CC-BY-2.0": (),
    "etalab-2.0": (
        "etalab",
        "etalab20",
        "licenceouverte",
        "licenceouverte20",
        "licenceouvertev20",
        "lov2",
        "lo20",
    ),
    "ODC-By-1.0": ("odcby", "odcby10"),
    "OGL-UK-3.0": ("ogl", "ogl30", "ogluk30"),
}
"""Accepted licences by SPDX identifier (https://spdx.org/licenses/), each with the ways in which it is written.

Share-alike licences (CC BY-SA, ODbL) and those that forbid commercial use or changes do not let their data go out
under CC BY 4.0: https://creativecommons.org/compatiblelicenses/ and CC BY-SA 4.0, section 3(b)."""


def accepted(licence: str) -> str | None:
    """The SPDX identifier of a licence that fits, however it is written, or None."""
    written = re.sub(r"[^a-z0-9]", "", licence.lower())
    for spdx, ways in ACCEPTED.items():
        if written in ways or written == re.sub(r"[^a-z0-9]", "", spdx.lower()):
            return spdx
    return None
