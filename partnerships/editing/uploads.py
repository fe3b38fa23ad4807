"""Accepted uploads of an agreement: PDF, text documents and pictures, recognised by their content and not by their
names."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import File
from django.utils.translation import gettext as _

from core.imports.readers import confined
from core.imports.readers.limits import Unreadable

from .media import DOCX, ODT

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
"""Bytes."""

EXTENSIONS = {
    "application/pdf": ".pdf",
    ODT: ".odt",
    DOCX: ".docx",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/tiff": ".tif",
}
"""The kinds of file that are taken, with the ending that their names get."""
SNIFF_SECONDS = 5
"""In which a file must be known for what it is."""


class NotTaken(Exception):
    """The file cannot be taken; the message says why and what can."""


@dataclass(frozen=True)
class Examined:
    """Metadata of an accepted file."""

    media_type: str
    name: str
    size: int
    sha256: str


def examine(file: File) -> Examined:
    """Look into a file. Raises `NotTaken`."""
    if not file.size:
        raise NotTaken(_("The file is empty."))
    if file.size > MAX_UPLOAD_BYTES:
        raise NotTaken(_("The file is larger than 20 MB."))
    media_type = _media_type(file)
    if media_type not in EXTENSIONS:
        raise NotTaken(_("This kind of file is not taken: send a PDF, ODT, DOCX, JPEG, PNG, WebP or TIFF file."))
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Examined(media_type, _name(file.name or "", EXTENSIONS[media_type]), file.size, digest.hexdigest())


def _media_type(file: File) -> str:
    """Media type of a file, detected by a process of its own. Raises `NotTaken`."""
    try:
        return str(confined.call("partnerships.editing.media:media_type", file, SNIFF_SECONDS))
    except Unreadable:
        raise NotTaken(_("The file cannot be looked into: save it again in its program, or as PDF.")) from None


def _name(name: str, extension: str) -> str:
    """The name under which the file is handed out: as it was sent, without folders, with the right ending."""
    bare = PurePath(name.replace("\\", "/")).name
    stem = re.sub(r"[\x00-\x1f\x7f\"<>|:*?/\\]+", " ", PurePath(bare).stem).strip(" .")
    return f"{stem[:120] or 'document'}{extension}"
