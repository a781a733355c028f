"""Where the tables of a library are kept: a local directory, or a prefix in a bucket of an object store.

One machine at a time is meant to write to a library: its lock is a local file. Should two do so in a bucket
all the same, LanceDB's commits, which the object store makes only if nobody else was first, keep the tables
whole; each may embed what the other has embedded.

How a bucket is reached (keys, region, endpoint) stands in the environment alone and is never stored.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from findling.errors import SettingsError, StoreUnreachable, one_line
from findling.settings import tree_bytes
from findling.store.disk import disk_errors
from findling.store.lance import lancedb

if TYPE_CHECKING:
    from collections.abc import Generator

#: By the scheme of a URI: the variables that LanceDB reads how to get there from.
_VARIABLES = {
    "s3": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT",
    "gs": "GOOGLE_SERVICE_ACCOUNT",
    "az": "AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY",
}
_ENDPOINTS = {"s3": ("AWS_ENDPOINT", "AWS_ENDPOINT_URL"), "az": ("AZURE_ENDPOINT",)}
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_TABLE = re.compile(r"^(files|vocabulary|passages_\d+)$")
#: How long one request may take, and how often it is made again. By itself an object store's client goes on
#: for three minutes, and LanceDB asks seven times when it connects: the first is to fail in half a minute.
_FIRST_REQUEST = {
    "timeout": "4s",
    "connect_timeout": "4s",
    "client_max_retries": "1",
    "client_retry_timeout": "4",
}
_REQUESTS = {
    "timeout": "60s",
    "connect_timeout": "5s",
    "client_max_retries": "5",
    "client_retry_timeout": "60",
}
#: How an error begins that comes from an object store or its client, and what such errors say. A missing
#: object is none of these: it was pruned while it was read.
_FROM_THERE = re.compile(r'Generic \S+ error|Generic \{ store: "|Error performing')
_NO_BUCKET = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist", re.IGNORECASE)
_REFUSED = re.compile(
    r"\b(status|status code): 40[13]\b|privileges|unauthenticated|AWS credentials|AccessDenied",
    re.IGNORECASE,
)
_NOT_ENCRYPTED = re.compile(r"BadScheme|URL scheme is not allowed", re.IGNORECASE)
_UNREACHABLE = re.compile(
    r"RetryError|HttpError|HTTP error|error sending request|\b(status|status code): 5\d\d\b|timed out",
    re.IGNORECASE,
)
_CLIENT = re.compile(r"Generic (S3|GCS|MicrosoftAzure) error")


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A place for tables. `uri` is an absolute path, or a URI with the scheme s3, gs or az."""

    uri: str

    @classmethod
    def parsed(cls, text: str) -> Self:
        """The place that a person named: a URI, or a directory, which need not be there yet.

        Raises `SettingsError` for another scheme, a URI without a bucket, or with what must not be stored.
        """
        scheme = _SCHEME.match(text)
        if scheme is None:
            if not text.strip():
                raise SettingsError("The store has no name.", "Name a directory or s3://BUCKET/PREFIX.")
            return cls(str(Path(text).expanduser().resolve()))
        if scheme[1].lower() not in _VARIABLES:
            raise SettingsError(
                f"{text} cannot be a store: {scheme[1]}:// is not known.",
                "Name a directory, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX.",
            )
        parts = urlsplit(text)
        if not parts.netloc:
            raise SettingsError(f"{text} names no bucket.", f"Name one: {scheme[1]}://BUCKET/PREFIX.")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise SettingsError(
                f"A store is {scheme[1]}://BUCKET/PREFIX and no more.",
                f"How to get there stands in the environment: {_VARIABLES[scheme[1].lower()]}.",
            )
        prefix = "/".join(part for part in parts.path.split("/") if part)
        return cls(f"{parts.scheme}://{parts.netloc}/{prefix}".rstrip("/"))

    @property
    def directory(self) -> Path | None:
        """The directory that holds the tables; None for those that are not on this machine."""
        return None if _SCHEME.match(self.uri) else Path(self.uri)

    def __str__(self) -> str:
        return self.uri

    def connect(self, *, make: bool = False) -> Any:
        """LanceDB's connection; with `make` a directory that is missing is made, for this user alone.

        Raises `StoreUnreachable`, in half a minute at most, `DiskFull` and `PlaceNotWritable`.
        """
        module = lancedb()
        with store_errors(self, every=True):
            if self.directory is None:
                module.connect(self.uri, storage_options=_FIRST_REQUEST).list_tables(limit=1)
                return module.connect(self.uri, storage_options=_REQUESTS)
            if make:
                self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            return module.connect(self.uri)

    async def connect_async(self) -> Any:
        """As `connect`, to LanceDB's asynchronous interface."""
        module = lancedb()
        with store_errors(self, every=True):
            if self.directory is not None:
                return await module.connect_async(self.uri)
            first: Any = await module.connect_async(self.uri, storage_options=_FIRST_REQUEST)
            await first.list_tables(limit=1)
            return await module.connect_async(self.uri, storage_options=_REQUESTS)

    def table_names(self) -> list[str]:
        """The tables of a library that are there, whether they can be read or not. Raises as `connect`."""
        if self.directory is not None:
            names = [place.stem for place in self.directory.glob("*.lance")]
        else:
            database = self.connect()
            names: list[str] = []
            token: str | None = ""
            with store_errors(self):
                while token is not None:
                    page = database.list_tables(page_token=token or None)
                    names += page.tables
                    token = page.page_token
        return sorted(filter(_TABLE.match, names))

    def size_bytes(self) -> int:
        """What the tables take up on this machine: 0 for those that are elsewhere."""
        return tree_bytes(self.directory) if self.directory else 0


def place_of(where: StorePlace | Path) -> StorePlace:
    """The place itself, or that of a local directory."""
    return where if isinstance(where, StorePlace) else StorePlace(str(where))


@contextmanager
def store_errors(place: StorePlace, *, every: bool = False) -> Generator[None]:
    """What is done to the tables of `place` in the block. Raises `StoreUnreachable` for what an object store
    or the way to it refuses, with `every` for whatever goes wrong there, `DiskFull` and `PlaceNotWritable`
    for a local one; every other error passes."""
    if place.directory is not None:
        with disk_errors(place.directory):
            yield
        return
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        meant = _meaning(error, place.uri, every=every)
        if meant is None:
            raise
        raise meant from error


def _meaning(error: Exception, uri: str, *, every: bool) -> StoreUnreachable | None:
    said = str(error)
    if not (every or _FROM_THERE.search(said)):
        return None
    scheme = uri.partition(":")[0]
    variables = _VARIABLES[scheme]
    endpoint = next((os.environ[name] for name in _ENDPOINTS.get(scheme, ()) if name in os.environ), "")
    where = f" at {endpoint}" if endpoint else ""
    if _NO_BUCKET.search(said):
        bucket = urlsplit(uri).netloc
        return StoreUnreachable(
            f"There is no bucket {bucket!r}{where}.", "Make it, or check its name and the endpoint."
        )
    if _REFUSED.search(said):
        return StoreUnreachable(
            f"The store {uri} denies access{where}.", f"Check these variables: {variables}."
        )
    if _NOT_ENCRYPTED.search(said):
        return StoreUnreachable(
            f"The store {uri} is reached without encryption{where}.",
            "Where that is meant, as on your own machine, set AWS_ALLOW_HTTP=true.",
        )
    if _UNREACHABLE.search(said):
        return StoreUnreachable(
            f"The store {uri} cannot be reached{where}.",
            f"Check the connection and these variables: {variables}. Then run it again.",
        )
    if every or _CLIENT.search(said):
        return StoreUnreachable(
            f"The store {uri} cannot be used: {one_line(error)}",
            f"Check these variables: {variables}.",
        )
    return None
