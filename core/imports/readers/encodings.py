"""Text encodings of foreign files: byte order marks, UTF-8, UTF-16 and the likely one-byte encodings."""

import codecs
import re
from functools import partial
from typing import IO

from .limits import BLOCK_SIZE, Unreadable, gettext_noop

SNIFF_BYTES = 1024
"""Bytes by which a file is known for what it is."""

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks that tell an encoding."""

LIKELY = ("cp1252", "mac_roman", "cp850")
"""Encodings of texts that are not Unicode, the most frequent first: Windows, old Macintosh, MS-DOS."""

NOT_ASCII = re.compile(rb"[\x80-\xff]")

UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")

FRENCH_IN_UTF_8 = re.compile(rb"\xc3[\x80-\xbf]|\xc5[\x92\x93]|\xe2\x80[\x90-\xbf]")
"""Accented letters and punctuation in UTF-8, which hardly stand for something else in the other encodings."""

ACCENTED = re.compile(
    "[a-z][àâäáãåçéèêëíîïñóòôöõøúùûüœæß]|[àâäáãåçéèêëíîïñóòôöõøúùûüœæß][a-z]|\\b[ÉÈÀÂÇÊÎÔÖÜÄÅØÁÓÚÍÑŒ][A-Za-z]"
)

SIGN_IN_WORD = re.compile("[A-Za-z][^\\w\\s!-/:-@\\[-`{-~’‘–][A-Za-z]")
"""Pattern that tells the encodings apart: "Besançon" is a word, "Besan‡on" is none."""


def encoding_of(file: IO[bytes], told: str = "") -> str:
    """The encoding of a text file: the one told, that of its byte order mark, UTF-8, or the most likely other one.

    The whole file is tried, so that no row further down can surprise. Raises `Unreadable`.
    """
    if told:
        _try(file, told)
        return told
    file.seek(0)
    if wide := _wide(file.read(SNIFF_BYTES)):
        _try(file, wide)
        return wide
    try:
        _decode(file, "utf-8-sig")
    except UnicodeDecodeError as error:
        file.seek(max(0, error.start - BLOCK_SIZE // 2))  # the part that is not UTF-8 tells
        sample = file.read(BLOCK_SIZE)
        stray, whole = len(NOT_ASCII.findall(UTF_8.sub(b"", sample))), len(UTF_8.findall(sample))
        if whole > stray or FRENCH_IN_UTF_8.search(sample):
            raise Unreadable(
                gettext_noop(
                    "The file mixes encodings: other lines are in UTF-8, line %(line)s is not. Save it again as UTF-8,"
                    " or say in which encoding it is to be read."
                ),
                line=_line_of(file, error.start),
            ) from None
        likely = max(LIKELY, key=partial(_natural, sample))
        _try(file, likely)
        return likely
    return "utf-8-sig"


def _wide(start: bytes) -> str:
    """The encoding of a text with two or four bytes a character: told by its mark, or by where its NULs stand."""
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    for encoding, width, place in (("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1)):
        # Of most characters, all bytes but one are NUL.
        whole = start[: len(start) // width * width]
        filled = sum(map(bool, whole[place::width]))
        empty = sum(not any(whole[n + k] for k in range(width) if k != place) for n in range(0, len(whole), width))
        if filled > 0.9 * len(whole) // width and empty > 0.8 * filled:
            return encoding
    return ""


def _natural(sample: bytes, encoding: str) -> int:
    """Score of an encoding for a sample of text: number of accented letters within words, less that of signs there."""
    text = sample.decode(encoding, errors="replace")
    return len(ACCENTED.findall(text)) - len(SIGN_IN_WORD.findall(text))


def _line_of(file: IO[bytes], place: int) -> int:
    """Line number of a byte in the file."""
    file.seek(0)
    line = 1
    for part in iter(lambda: file.read(BLOCK_SIZE), b""):
        line += part[: max(0, place)].count(b"\n")
        place -= len(part)
        if place <= 0:
            break
    return line


def _try(file: IO[bytes], encoding: str) -> None:
    try:
        _decode(file, encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            gettext_noop(
                "Line %(line)s is not in the encoding %(encoding)s: choose another encoding, or save the file as UTF-8."
            ),
            line=_line_of(file, error.start),
            encoding=encoding,
        ) from None
    except UnicodeError:
        raise Unreadable(
            gettext_noop("The file is not in the encoding %s: choose another encoding, or save it as UTF-8."), encoding
        ) from None
    except (LookupError, ValueError, TypeError):
        raise Unreadable(gettext_noop("There is no encoding named “%s”."), encoding) from None


def _decode(file: IO[bytes], encoding: str) -> None:
    """Decode the whole file, part by part. An error's `start` is its place in the file."""
    if not codecs.lookup(encoding)._is_text_encoding:
        raise LookupError(encoding)
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    place = 0
    while True:
        part = file.read(BLOCK_SIZE)
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(part, final=not part).encode()  # some encodings let halves of characters through
        except UnicodeDecodeError as error:
            error.start += place - held
            raise
        if not part:
            return
        place += len(part)
