"""What is uploaded is kept whole or not at all."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client

from core.imports.models import ImportBatch
from core.storage import WholeFileStorage

ROOM = 100_000


@contextmanager
def no_room(room: int = ROOM) -> Iterator[None]:
    """Within the block, the system lets no file grow beyond so many bytes, as a disk that is full does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def storage(tmp_path: Path) -> WholeFileStorage:
    return WholeFileStorage(tmp_path, file_permissions_mode=0o600)


def test_what_does_not_fit_leaves_nothing(storage: WholeFileStorage, tmp_path: Path) -> None:
    with no_room(), pytest.raises(OSError, match="File too large"):
        storage.save("attachments/a.pdf", ContentFile(b"x" * 2 * ROOM))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert storage.save("attachments/a.pdf", ContentFile(b"x" * ROOM)) == "attachments/a.pdf"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.pdf"]


@pytest.mark.parametrize("large", [False, True])
def test_two_of_one_name_stay_two(storage: WholeFileStorage, large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    storage.save("a.pdf", ContentFile(b"first"))
    if large:  # one that was on a disk already is moved
        second = TemporaryUploadedFile("a.pdf", "application/pdf", 6, None)
        second.write(b"second")
        second.seek(0)
    else:
        second = ContentFile(b"second")
    # Asked at the same time, both were told that the name is free.
    answers = iter(["a.pdf"])
    free = storage.get_available_name
    monkeypatch.setattr(storage, "get_available_name", lambda name, *args, **more: next(answers, None) or free(name))
    name = storage.save("a.pdf", second)
    second.close()
    assert name != "a.pdf"
    assert storage.open("a.pdf").read() == b"first"
    assert storage.open(name).read() == b"second"
    assert Path(storage.path(name)).stat().st_mode & 0o777 == 0o600
    assert len(list(Path(storage.location).iterdir())) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("size", [2 * ROOM, 30 * ROOM], ids=["in memory", "on the disk"])
def test_who_uploads_is_told_and_nothing_is_left(
    officer_client: Client, tmp_path: Path, settings: LazySettings, size: int
) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "core.storage.WholeFileStorage"}}
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    officer_client.raise_request_exception = False
    file = SimpleUploadedFile("towns.csv", b"name,country\n" + b"Dole,FR\n" * (size // 8))
    sent = {"resource": "towns", "file": file, "source_title": "A list", "source_licence": "CC0-1.0"}
    with no_room():
        answer = officer_client.post("/en/imports/new/", sent)
    assert (answer.status_code, answer["Retry-After"]) == (503, "600")
    assert "The server has no room left for files." in answer.content.decode()
    assert [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()] == []
    assert not ImportBatch.objects.exists()
