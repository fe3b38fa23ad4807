"""Media type of a file, detected by its content. It runs in a process of its own, so nothing here needs Django."""

import zipfile
from collections.abc import Iterator
from typing import BinaryIO

import filetype

ODT = "application/vnd.oasis.opendocument.text"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIPPED = "application/zip"
_SNIFF_BYTES = 100_000
"""Bytes of a part of a zipped document that are read to know it: the rest of it may be endless."""


def media_type(file: BinaryIO) -> Iterator[str]:
    """The media type of a file, empty where it is not known."""
    start = file.read(8192)
    if start.startswith(b"PK\x03\x04"):
        yield _zipped(file)
    else:
        kind = filetype.guess(start)
        yield kind.mime if kind else ""


def _zipped(file: BinaryIO) -> str:
    """Media type that a ZIP file declares: OpenDocument's `mimetype`, the main part in Office Open XML's list of types.

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
                    types = part.read(_SNIFF_BYTES).decode("utf-8", "replace")
                return DOCX if f"{DOCX}.main+xml" in types and "word/vbaProject.bin" not in names else ZIPPED
    except MemoryError:
        raise
    except Exception:  # zipfile and its decompressors raise whatever a broken part made them stumble on
        return ZIPPED
    return ZIPPED
