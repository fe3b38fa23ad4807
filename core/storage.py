"""File storage on a disk: the folders that the site writes to, and uploads, each kept whole or not at all."""

from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

_CACHE_FOLDERS = ("cards", "heads", "lists", "turns")
"""Folders of files that were made and can be made again: cards for social networks, first rows of foreign files, long
lists, and who reads a foreign file now."""


def folders() -> dict[str, Path]:
    """The folders that the site writes to, beside that of uploads, by their names."""
    return {name: settings.DATA_DIR / name for name in _CACHE_FOLDERS} | {"dumps": settings.DUMPS_ROOT}


@deconstructible
class WholeFileStorage(FileSystemStorage):
    """Django's file storage, but with atomic writes: a file is written under a temporary name first, and gets the
    requested one once it is whole. A file that was there under that name is never replaced."""

    def _save(self, name: str, content: File[bytes]) -> str:
        part = str(Path(name).with_name(f"{uuid4().hex}.part"))
        try:
            super()._save(part, content)  # type: ignore[misc]  # django-stubs leave out what storages override
            while True:
                try:
                    Path(self.path(name)).hardlink_to(self.path(part))
                    return name
                except FileExistsError:
                    name = self.get_available_name(name)
        finally:
            with suppress(FileNotFoundError):
                Path(self.path(part)).unlink()
