"""An S3 server on loopback with one bucket in memory: what an object store is asked for, and how it refuses.

Path-style addresses, no check of signatures: only the access key has to be the right one.
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "findling-tests"
ACCESS_KEY = "the-right-key"
_DATE = "2030-01-02T03:04:05.000Z"
_HTTP_DATE = "Wed, 02 Jan 2030 03:04:05 GMT"


@dataclass
class Bucket:
    """The bucket of a server, and the requests that were made of it."""

    endpoint: str
    name: str = BUCKET
    objects: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    #: Objects that were to be made only if they were not there, and those of them that were: another writer
    #: was first.
    conditional: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    #: Answers nothing but this status and code, as if that were all it had to say.
    refusal: tuple[int, str] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def environment(self, access_key: str = ACCESS_KEY) -> dict[str, str]:
        """The variables by which a client finds the server."""
        return {
            "AWS_ENDPOINT": self.endpoint,
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
            "NO_PROXY": "127.0.0.1",
        }


class Refused(Exception):
    """An answer that is an error: its status and code."""


class Handler(BaseHTTPRequestHandler):
    """Answers for the `Bucket` of its server."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet

    def do_GET(self) -> None:
        self.respond()

    def do_HEAD(self) -> None:
        self.respond()

    def do_PUT(self) -> None:
        self.respond()

    def do_POST(self) -> None:
        self.respond()

    def do_DELETE(self) -> None:
        self.respond()

    def respond(self) -> None:
        self.bucket: Bucket = self.server.bucket  # type: ignore[attr-defined]
        place = urlsplit(self.path)
        name, _, self.key = unquote(place.path).lstrip("/").partition("/")
        self.query = {key: values[0] for key, values in parse_qs(place.query, True).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self.admit(name)
            with self.bucket.lock:
                self.bucket.requests.append(f"{self.command} {self.key}")
                answer = getattr(self, f"{self.command.lower()}_object")(body)
        except Refused as refused:
            status, code = refused.args
            answer = status, {}, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
        self.give(*answer)

    def admit(self, name: str) -> None:
        if self.bucket.refusal:
            raise Refused(*self.bucket.refusal)
        if f"Credential={ACCESS_KEY}/" not in self.headers.get("Authorization", ""):
            raise Refused(403, "InvalidAccessKeyId")
        if name != BUCKET:
            raise Refused(404, "NoSuchBucket")

    def get_object(self, _: bytes) -> tuple[int, dict[str, str], bytes]:
        if not self.key:
            return 200, {}, self.listing()
        content = self.stored()
        about = {"ETag": etag(content), "Last-Modified": _HTTP_DATE, "Accept-Ranges": "bytes"}
        if not (wanted := self.headers.get("Range", "")):
            return 200, about, content
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(content) - int(last))
        end = min(len(content), int(last) + 1) if first and last else len(content)
        if start >= len(content):
            raise Refused(416, "InvalidRange")
        about["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
        return 206, about, content[start:end]

    head_object = get_object

    def put_object(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if part := self.query.get("partNumber"):
            self.upload()[int(part)] = body
            return 200, {"ETag": etag(body)}, b""
        source = unquote(self.headers.get("x-amz-copy-source", "")).lstrip("/")
        if source:
            self.key, target = source.partition("/")[2], self.key
            body = self.stored()
            self.key = target
        self.put(body)
        copied = f"<CopyObjectResult><ETag>{etag(body)}</ETag></CopyObjectResult>" if source else ""
        return 200, {"ETag": etag(body)}, copied.encode()

    def post_object(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if "delete" in self.query:
            keys = [item.text or "" for item in ET.fromstring(body).iter() if tag(item) == "Key"]
            for key in keys:
                self.bucket.objects.pop(key, None)
            deleted = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
            return 200, {}, f"<DeleteResult>{deleted}</DeleteResult>".encode()
        if "uploads" in self.query:
            upload = str(len(self.bucket.requests))
            self.bucket.uploads[upload] = {}
            begun = f"<Bucket>{BUCKET}</Bucket><Key>{escape(self.key)}</Key><UploadId>{upload}</UploadId>"
            return 200, {}, f"<InitiateMultipartUploadResult>{begun}</InitiateMultipartUploadResult>".encode()
        parts = self.upload()
        content = b"".join(parts[number] for number in sorted(parts))
        self.put(content)
        del self.bucket.uploads[self.query["uploadId"]]
        done = f"<Bucket>{BUCKET}</Bucket><Key>{escape(self.key)}</Key><ETag>{etag(content)}</ETag>"
        return 200, {}, f"<CompleteMultipartUploadResult>{done}</CompleteMultipartUploadResult>".encode()

    def delete_object(self, _: bytes) -> tuple[int, dict[str, str], bytes]:
        if upload := self.query.get("uploadId"):
            self.bucket.uploads.pop(upload, None)
        else:
            self.bucket.objects.pop(self.key, None)
        return 204, {}, b""

    def stored(self) -> bytes:
        if self.key not in self.bucket.objects:
            raise Refused(404, "NoSuchKey")
        return self.bucket.objects[self.key]

    def upload(self) -> dict[int, bytes]:
        if self.query.get("uploadId") not in self.bucket.uploads:
            raise Refused(404, "NoSuchUpload")
        return self.bucket.uploads[self.query["uploadId"]]

    def put(self, content: bytes) -> None:
        there = self.bucket.objects.get(self.key)
        matches = self.headers.get("If-Match")
        if self.headers.get("If-None-Match") == "*":
            self.bucket.conditional.append(self.key)
            if there is not None:
                self.bucket.conflicts.append(self.key)
                raise Refused(412, "PreconditionFailed")
        if matches and (there is None or matches != etag(there)):
            raise Refused(412, "PreconditionFailed")
        self.bucket.objects[self.key] = content

    def listing(self) -> bytes:
        prefix, delimiter = self.query.get("prefix", ""), self.query.get("delimiter", "")
        after = self.query.get("continuation-token") or self.query.get("start-after", "")
        most = int(self.query.get("max-keys", 1000))
        items: list[str] = []
        folders: set[str] = set()
        last = ""
        for key in sorted(self.bucket.objects):
            if not key.startswith(prefix) or key <= after:
                continue
            head, sign, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
            folder = prefix + head + sign if sign else ""
            if folder and (folder in folders or after.startswith(folder)):
                last = key
                continue
            if len(items) == most:
                break
            last = key
            if folder:
                folders.add(folder)
                items.append(f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>")
            else:
                content = self.bucket.objects[key]
                items.append(
                    f"<Contents><Key>{escape(key)}</Key><LastModified>{_DATE}</LastModified>"
                    f"<ETag>{etag(content)}</ETag><Size>{len(content)}</Size>"
                    "<StorageClass>STANDARD</StorageClass></Contents>"
                )
        else:
            last = ""
        more = f"<NextContinuationToken>{escape(last)}</NextContinuationToken>" if last else ""
        about = f"<IsTruncated>{'true' if last else 'false'}</IsTruncated>{more}"
        about += f"<Name>{BUCKET}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(items)}</KeyCount>"
        return f"<ListBucketResult>{about}{''.join(items)}</ListBucketResult>".encode()

    def give(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        """A client that went away in mid-answer."""


@contextmanager
def served() -> Iterator[Bucket]:
    """An empty bucket on a port of its own, while the block runs."""
    server = Server(("127.0.0.1", 0), Handler)
    server.bucket = bucket = Bucket(f"http://127.0.0.1:{server.server_address[1]}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def etag(content: bytes) -> str:
    """Of an object, in quotes as in the header."""
    return f'"{hashlib.md5(content).hexdigest()}"'


def tag(element: ET.Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]
