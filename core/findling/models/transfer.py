"""The bytes of one file over HTTP, from an offset on: taken up where the connection breaks, or given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from findling import __version__
from findling.errors import DownloadError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping

    import httpx2

#: A silent server is given up after this long, per connection, answer and read.
TIMEOUT_SECONDS = 10.0

#: Waits before a new attempt that follows one without a byte; one that got some is repeated at once.
RETRY_WAITS_SECONDS = (1.0, 2.0, 4.0, 8.0)

#: Of every request; what is compressed on the way has no size.
HEADERS = {"User-Agent": f"findling/{__version__}", "Accept-Encoding": "identity"}

_PASSING = {408, 425, 429, 500, 502, 503, 504}


def new_client() -> httpx2.Client:
    """A client with Findling's time-outs, that follows no redirect by itself."""
    import httpx2

    return httpx2.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)


def received(
    client: httpx2.Client,
    address: str,
    name: str,
    size: int,
    offset: int,
    stopped: threading.Event,
    *,
    headers: Mapping[str, str],
    refusal: Callable[[httpx2.Response], DownloadError],
) -> Iterator[tuple[int, bytes]]:
    """The bytes of a file of `size` bytes from `offset` on, each with where it begins; a begin of 0 in
    mid-file means that the server begins anew.

    A cut connection is taken up where it broke; `stopped` ends the waits between attempts. `name` is what a
    person is told. Raises `DownloadError`, that of `refusal` where the server refuses.
    """
    host, fruitless = _host(address), 0
    while not stopped.is_set():
        before, reason = offset, "the connection is cut again and again"
        try:
            for start, data in _attempt(client, address, offset, headers, refusal):
                offset = start + len(data)
                if offset > size:
                    raise DownloadError(f"{host} sends more of {name} than its {size:,} bytes.")
                yield start, data
        except _PassingError as error:
            reason = str(error)
        if offset == size:
            return
        fruitless = 0 if offset > before else fruitless + 1
        if fruitless > len(RETRY_WAITS_SECONDS):
            raise DownloadError(
                f"{name} cannot be got from {host}: {reason}.",
                "What has come is kept; download again to go on.",
            )
        if fruitless:
            stopped.wait(RETRY_WAITS_SECONDS[fruitless - 1])


def _attempt(
    client: httpx2.Client,
    address: str,
    offset: int,
    headers: Mapping[str, str],
    refusal: Callable[[httpx2.Response], DownloadError],
) -> Iterator[tuple[int, bytes]]:
    import httpx2

    host = _host(address)
    ranged = {**headers, "Range": f"bytes={offset}-"} if offset else headers
    try:
        with client.stream("GET", address, headers=ranged, follow_redirects=True) as answer:
            if answer.status_code in _PASSING:
                raise _PassingError(status(answer))
            if answer.status_code == 206:
                start = int(answer.headers["Content-Range"].removeprefix("bytes ").partition("-")[0])
                if start != offset:
                    raise DownloadError(f"{host} sends another range than was asked for.")
            elif answer.status_code == 200:
                start = 0  # it does not know ranges
            else:
                raise refusal(answer)
            for data in answer.iter_bytes():
                yield start, data
                start += len(data)
    except httpx2.TransportError as error:
        raise _PassingError(first_line(error)) from error
    except (httpx2.HTTPError, KeyError, ValueError) as error:
        raise DownloadError(f"{host} answers what cannot be understood: {error}.") from error


def status(answer: httpx2.Response) -> str:
    """What a server answered, to stand behind its name."""
    return f"answers {answer.status_code} {answer.reason_phrase}".rstrip()


def first_line(error: Any) -> str:
    """What an error says, to stand in a sentence."""
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__


def _host(address: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(address).netloc or address


class _PassingError(Exception):
    """It may go better the next time."""
