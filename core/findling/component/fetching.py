"""Fetch a component from an address that a person gives, and from where that leads; resumed, and verified.

Nothing but a person's wish connects. What comes is code that will run, so it comes over HTTPS, or with the
checksum that it must have: `http://…/findling-training.zip#sha256=HEX`.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from findling.component.file import BLOCK_BYTES
from findling.errors import DownloadError, UserError
from findling.jobs import Progress
from findling.settings import private_directory, user_only

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2

    from findling.jobs import CancelToken, Report

_SPARE_BYTES = 64 * 2**20
_CHECKSUM = re.compile(r"sha256=([0-9a-fA-F]{64})")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_address(source: str) -> bool:
    """Whether it is one of the web, and no file."""
    return urlsplit(source).scheme.lower() in ("http", "https")


def fetch(source: str, directory: Path, *, report: Report, cancel: CancelToken) -> Path:
    """Bring the file at an address into `directory`, and return it; at once where it is there.

    Raises `UserError` for an address that is not safe, `DownloadError`, and `Cancelled`. What has come is
    kept then, unless another file is at the address the next time.
    """
    from findling.models.elsewhere import answer, elsewhere
    from findling.models.partial import Meter, disk_error, in_words

    address, fragment = urldefrag(source.strip())
    host = urlsplit(address).netloc
    wanted = _checksum(fragment)
    _check_safe(address, wanted)
    report(Progress("connecting", detail=host))
    size, mark = answer(lambda: _asked(address, wanted), cancel)
    known = hashlib.sha256(f"{address}\n{size}\n{mark}\n{wanted}".encode()).hexdigest()[:12]
    name = address.rpartition("/")[2] or host
    whole, part = directory / f"{known}.zip", directory / f"{known}.part"
    try:
        private_directory(directory)
        for other in directory.iterdir():
            if other not in (whole, part):
                other.unlink()
        if whole.exists():
            return whole
        meter = Meter(size, report)
        with open(part, "ab", opener=user_only) as target:
            if target.tell() > size:
                target.truncate(0)
            begin = target.tell()
            free = shutil.disk_usage(directory).free
            if size - begin + _SPARE_BYTES > free:
                raise DownloadError(
                    f"The download needs {in_words(size - begin + _SPARE_BYTES)} in {directory}, and "
                    f"{in_words(free)} are free.",
                    "Make room and install it again.",
                )
            if begin:
                meter.add(begin, name, "checking")
            meter.begin_transfer()
            with elsewhere(lambda stopped: _pieces(address, name, size, begin, stopped), cancel) as pieces:
                for start, data in pieces:
                    if start == 0 and target.tell():
                        meter.add(-target.tell(), name)
                        target.truncate(0)  # the server begins anew
                    target.write(data)
                    meter.add(len(data), name)
            came = target.tell()
        if came < size:
            raise DownloadError(f"The transfer ended before {name} was whole.", "Install it again to go on.")
        _check_sum(part, name, wanted, cancel)
        meter.end()
        return part.replace(whole)
    except OSError as error:
        raise disk_error(error, directory) from error


def _checksum(fragment: str) -> str:
    """What the file must be, "" where nothing is said. Raises `UserError` for what is no sha256."""
    found = _CHECKSUM.fullmatch(fragment)
    if fragment and found is None:
        raise UserError(f"#{fragment} is no checksum.", "Write it as #sha256= and 64 hexadecimal digits.")
    return found[1].lower() if found else ""


def _check_safe(address: str, checksum: str) -> None:
    """Raises `UserError` for an address at which anybody on the way could put something else."""
    parts = urlsplit(address)
    if not parts.hostname:
        raise UserError(f"{address!r} is no address.", "It begins with https:// and names a host.")
    if parts.scheme.lower() != "https" and not checksum and parts.hostname not in _LOOPBACK:
        raise UserError(
            f"{address} is not protected on its way, and no checksum is given.",
            "Use https, or add #sha256= and the checksum of the file.",
        )


def _asked(address: str, checksum: str) -> tuple[int, str]:
    """Size and version of what is at an address, as its server says; its body is not read."""
    import httpx2

    from findling.models.transfer import HEADERS, first_line, new_client

    host = urlsplit(address).netloc
    try:
        with (
            new_client() as client,
            client.stream("GET", address, headers=HEADERS, follow_redirects=True) as answer,
        ):
            if answer.is_error:
                raise _refusal(answer)
            _check_safe(str(answer.url), checksum)
            size = answer.headers.get("Content-Length", "")
            mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified", "")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise DownloadError(
            f"{host} cannot be reached: {first_line(error)}.", "Check the address and the network."
        ) from error
    if not size.isdigit():
        raise DownloadError(f"{host} does not say how large the file is.", "Download it otherwise.")
    return int(size), mark


def _pieces(
    address: str, name: str, size: int, begin: int, stopped: threading.Event
) -> Iterator[tuple[int, bytes]]:
    from findling.models.transfer import HEADERS, new_client, received

    with new_client() as client:
        yield from received(client, address, name, size, begin, stopped, headers=HEADERS, refusal=_refusal)


def _refusal(answer: httpx2.Response) -> DownloadError:
    from findling.models.transfer import status

    return DownloadError(f"{answer.url.host} {status(answer)} for {answer.url.path}.", "Check the address.")


def _check_sum(part: Path, name: str, wanted: str, cancel: CancelToken) -> None:
    """Raises `DownloadError`, and removes the file, where it is not what was asked for."""
    if not wanted:
        return
    found = hashlib.sha256()
    with part.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            cancel.check()
            found.update(block)
    if found.hexdigest() != wanted:
        part.unlink()
        raise DownloadError(
            f"{name} is not what was asked for: checksum {found.hexdigest()[:12]}…, not {wanted[:12]}…. It "
            "was removed.",
            "Check the address and the checksum.",
        )
