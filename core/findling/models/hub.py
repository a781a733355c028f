"""The hub's HTTP: what a repository holds, and the bytes of its files. Nothing else in Findling connects but
`findling.component`, to the address that a person gives.

Repositories, addresses and metadata are read as `huggingface_hub` defines them, but over a client of our
own: its client is shut for the whole process by `HF_HUB_OFFLINE`, as it should be, and since 2.0 it deletes
unfinished files, so that nothing could be resumed. Xet-backed files come over plain HTTP, which the hub
offers for all of them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from findling.errors import DownloadError
from findling.models.transfer import HEADERS, first_line, new_client, received, status

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    import httpx2

    from findling.models.catalogue import CatalogueEntry

PUBLIC_HUB = "https://huggingface.co"

_SHA256_OR_GIT_SHA1 = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")
_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file at a commit; `digest` is its sha256 (64 hexadecimal digits) or git blob sha1 (40)."""

    path: str
    size_bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file from `start` on; a `start` of 0 in mid-file means that the server begins anew."""

    file: RemoteFile
    start: int
    data: bytes


class Hub:
    """A hub at `endpoint`, as asked for `entry`; `token` is sent to that origin and to no other."""

    def __init__(self, entry: CatalogueEntry, endpoint: str | None = None, token: str | None = None) -> None:
        chosen = endpoint or os.environ.get("HF_ENDPOINT") or PUBLIC_HUB
        self.endpoint = chosen.rstrip("/")
        self._entry = entry
        self._token = token or os.environ.get("HF_TOKEN", "").strip() or self._login()

    def files(self) -> tuple[str, dict[str, tuple[int | None, str | None]]]:
        """The commit of the entry's revision, and the size and digest of its files where they are stated.

        Raises `DownloadError`.
        """
        from huggingface_hub.hf_api import ModelInfo

        revision = quote(self._entry.revision, safe="")
        address = f"{self.endpoint}/api/models/{self._entry.repo}/revision/{revision}"
        with new_client() as client:
            answer = self._answer(client, "GET", address, {"blobs": "true"})
        try:
            info = ModelInfo(**answer.json())
            found = {
                sibling.rfilename: (
                    (sibling.lfs.size, sibling.lfs.sha256) if sibling.lfs else (sibling.size, sibling.blob_id)
                )
                for sibling in info.siblings or ()
            }
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DownloadError(
                f"{self.endpoint} does not answer as a Hugging Face hub does: {type(error).__name__}.",
                "Check HF_ENDPOINT.",
            ) from error
        return info.sha or self._entry.revision, found

    def stated(self, commit: str, files: dict[str, tuple[int | None, str | None]]) -> tuple[RemoteFile, ...]:
        """`files` with sizes and digests; a mirror that lists none is asked file by file.

        Raises `DownloadError` also for a file whose name leads elsewhere, or whose digest nobody states.
        """
        with new_client() as client:
            return tuple(
                self._remote(path, size, digest)
                if size is not None and digest is not None
                else self._remote(path, *self._head(client, self._address(commit, path)))
                for path, (size, digest) in files.items()
            )

    def pieces(
        self, commit: str, wanted: Sequence[tuple[RemoteFile, int]], stopped: threading.Event
    ) -> Iterator[Piece]:
        """The bytes of files, each from an offset on, over one connection while it holds.

        A cut connection is taken up where it broke; `stopped` ends the waits between attempts.
        Raises `DownloadError`.
        """
        with new_client() as client:
            for file, offset in wanted:
                address = self._address(commit, file.path)
                for start, data in received(
                    client, address, file.path, file.size_bytes, offset, stopped,
                    headers=self._headers(), refusal=self._refusal,
                ):  # fmt: skip
                    yield Piece(file, start, data)

    def _answer(
        self, client: httpx2.Client, method: str, address: str, parameters: dict[str, str] | None = None
    ) -> httpx2.Response:
        """The answer to a small request, redirects within the origin followed. Raises `DownloadError`."""
        import httpx2

        try:
            answer = client.request(method, address, params=parameters, headers=self._headers())
            for _ in range(_REDIRECTS):
                # A file's size and digest are in the redirect to its storage: that one is not followed.
                following = answer.next_request
                if following is None or following.url.origin != answer.url.origin:
                    break
                answer = client.send(following)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise DownloadError(
                f"{self._host} cannot be reached: {first_line(error)}.",
                "Check the network, or set HF_ENDPOINT to a mirror of the hub.",
            ) from error
        if answer.is_error:
            raise self._refusal(answer)
        return answer

    def _head(self, client: httpx2.Client, address: str) -> tuple[int, str]:
        from huggingface_hub import constants

        headers = self._answer(client, "HEAD", address).headers
        tag = headers.get(constants.HUGGINGFACE_HEADER_X_LINKED_ETAG) or headers.get("ETag", "")
        size = headers.get(constants.HUGGINGFACE_HEADER_X_LINKED_SIZE) or headers.get("Content-Length", "")
        return int(size) if size.isdigit() else -1, tag.removeprefix("W/").strip('"')

    def _remote(self, path: str, size: int, digest: str) -> RemoteFile:
        place = PurePosixPath(path)
        if place.is_absolute() or ".." in place.parts or "\\" in path or ":" in path:
            raise DownloadError(f"{self._entry.repo} names a file {path!r}, outside of the model.")
        if size < 0 or not _SHA256_OR_GIT_SHA1.fullmatch(digest):
            raise DownloadError(
                f"{self._host} does not state size and checksum of {path}, so it could not be verified.",
                "Check HF_ENDPOINT.",
            )
        return RemoteFile(path, size, digest)

    def _refusal(self, answer: httpx2.Response) -> DownloadError:
        """Why a request was refused, in words of the person's task."""
        entry, code = self._entry, answer.headers.get("X-Error-Code", "")
        if urlsplit(str(answer.url)).netloc != urlsplit(self.endpoint).netloc:
            return DownloadError(f"The hub's storage {answer.url.host} {status(answer)}.", "Try again later.")
        if code == "GatedRepo" or (entry.gated and answer.status_code in (401, 403)):
            given = "the token in HF_TOKEN has no access to it" if self._token else "no token was given"
            return DownloadError(
                f"{entry.name} is gated by its publisher, and {given} ({answer.status_code}).",
                f"Sign in and accept the licence at {PUBLIC_HUB}/{entry.repo}, then set HF_TOKEN to a token "
                f"from {PUBLIC_HUB}/settings/tokens.",
            )
        if answer.status_code in (401, 403):
            return DownloadError(
                f"{self._host} gives no access to {entry.repo} ({answer.status_code}).",
                "Check the name, and HF_TOKEN: the repository may be private.",
            )
        if answer.status_code == 404:
            what = answer.url.path if code == "EntryNotFound" else f"{entry.repo} at {entry.revision!r}"
            return DownloadError(f"{self._host} has no {what} (404).", "It may have been moved or renamed.")
        return DownloadError(f"{self._host} {status(answer)} for {entry.repo}.", "Try again later.")

    @property
    def _host(self) -> str:
        return urlsplit(self.endpoint).netloc or self.endpoint

    def _address(self, commit: str, path: str) -> str:
        from huggingface_hub import hf_hub_url

        return hf_hub_url(self._entry.repo, path, revision=commit, endpoint=self.endpoint)

    def _headers(self) -> dict[str, str]:
        """Of each request to the endpoint; httpx drops the token where it is led elsewhere."""
        return HEADERS | ({"Authorization": f"Bearer {self._token}"} if self._token else {})

    def _login(self) -> str:
        """The token of `hf auth login`: it says who asks, so for gated models of the public hub only."""
        if not self._entry.gated or self.endpoint != PUBLIC_HUB:
            return ""
        from huggingface_hub import constants

        try:
            return Path(constants.HF_TOKEN_PATH).read_text(encoding="utf-8").strip()
        except OSError:
            return ""
