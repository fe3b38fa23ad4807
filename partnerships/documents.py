"""What may be uploaded with an agreement: PDF, text documents and pictures, known by what is in them and not by their
names."""

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

import filetype
from django.core.files.base import File
from django.utils.translation import gettext as _

LARGEST = 20 * 1024 * 1024
"""Bytes."""

ODT = "application/vnd.oasis.opendocument.text"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
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
ZIPPED = "application/zip"
HEAD = 100_000
"""Bytes of a part of a zipped document that are read to know it: the rest of it may be endless."""


class NotTaken(Exception):
    """The file cannot be taken; the message says why and what can."""


@dataclass(frozen=True)
class Examined:
    """What is known of a file that may be taken."""

    media_type: str
    name: str
    size: int
    sha256: str


def examine(file: File) -> Examined:
    """Look into a file. Raises `NotTaken`."""
    if not file.size:
        raise NotTaken(_("The file is empty."))
    if file.size > LARGEST:
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
    file.seek(0)
    head = file.read(8192)
    kind = filetype.guess(head)
    found = kind.mime if kind else ""
    return _zipped(file) if head.startswith(b"PK\x03\x04") else found


def _zipped(file: File) -> str:
    """What a zipped file says that it is: OpenDocument's `mimetype`, the main part in Office Open XML's list of types.

    A document with macros has another type, and is not taken.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as parts:
            names = set(parts.namelist())
            if "mimetype" in names:
                with parts.open("mimetype") as part:
                    return part.read(200).decode("ascii", "replace").strip()
            if "[Content_Types].xml" in names and "word/document.xml" in names:
                with parts.open("[Content_Types].xml") as part:
                    types = part.read(HEAD).decode("utf-8", "replace")
                return DOCX if f"{DOCX}.main+xml" in types and "word/vbaProject.bin" not in names else ZIPPED
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        return ZIPPED
    return ZIPPED


def _name(name: str, extension: str) -> str:
    """The name under which the file is handed out: as it was sent, without folders, with the right ending."""
    bare = PurePath(name.replace("\\", "/")).name
    stem = re.sub(r"[\x00-\x1f\x7f\"<>|:*?/\\]+", " ", PurePath(bare).stem).strip(" .")
    return f"{stem[:120] or 'document'}{extension}"
