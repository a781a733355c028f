"""What a disk refuses is said in words; what else goes wrong is not hidden."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from findling.errors import DiskFull, PlaceNotWritable
from findling.store import disk_errors

LANCE = "lance error: LanceError(IO): {} (os error {}), /some/where/structural.rs:258:9"


def system_error(code: int, path: Path | None = None) -> OSError:
    return OSError(code, os.strerror(code), *([] if path is None else [str(path)]))


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (errno.ENOSPC, DiskFull, "The disk is full: "),
        (errno.EDQUOT, DiskFull, "Your quota"),
        (errno.EROFS, PlaceNotWritable, "Read-only file system"),
        (errno.EACCES, PlaceNotWritable, "Permission denied"),
    ],
)
def test_refusals_of_system_and_store_become_one_error(
    tmp_path: Path, code: int, kind: type[DiskFull | PlaceNotWritable], said: str
) -> None:
    place = tmp_path / "not made yet"
    native = (RuntimeError, OSError)
    errors = [system_error(code), *(made(LANCE.format(os.strerror(code), code)) for made in native)]
    for error in errors:
        with pytest.raises(kind, match=said) as caught, disk_errors(place):
            raise error
        assert str(place) in caught.value.message
        assert caught.value.hint
        assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("lance error: LanceError(IO): Not found (os error 2)"),
        RuntimeError("no number at all"),
        system_error(errno.EACCES, Path("/somebody/else/private.txt")),
        system_error(errno.EIO),
    ],
)
def test_other_errors_pass_as_they_are(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(type(error)) as caught, disk_errors(tmp_path):
        raise error
    assert caught.value is error
