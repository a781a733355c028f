"""Places for tables: how they are named, what refuses them, and two writers at one."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.errors import SettingsError, StoreUnreachable
from findling.store import PassageRow, StorePlace, StoreReader, StoreWriter, Words, drop_tables, store_errors
from findling.store import place as place_module
from findling.store.checking import figures, stored_generations

if TYPE_CHECKING:
    from pathlib import Path

    from s3_server import Bucket

DIM = 8


def remote(bucket: Bucket, prefix: str = "findling") -> StorePlace:
    return StorePlace.parsed(f"s3://{bucket.name}/{prefix}")


def passages(start: int, count: int) -> tuple[list[PassageRow], np.ndarray]:
    rows = [
        PassageRow(
            passage_id=f"p{number}",
            document_id=f"d{number}",
            text_key=f"t{number}",
            content=f"word{number}",
            text_offset=0,
            start=0,
            end=5,
            tokens=1,
            anchor="{}",
        )
        for number in range(start, start + count)
    ]
    return rows, np.eye(DIM, dtype=np.float32)[[number % DIM for number in range(start, start + count)]]


def test_a_place_is_a_directory_or_a_prefix_in_a_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert StorePlace.parsed("tables").directory == tmp_path / "tables"
    assert StorePlace.parsed(str(tmp_path / "a" / ".." / "b")).directory == tmp_path / "b"
    for text, uri in {
        "s3://bucket/some//prefix/": "s3://bucket/some/prefix",
        "S3://bucket": "s3://bucket",
        "gs://bucket/x": "gs://bucket/x",
        "az://container/x": "az://container/x",
    }.items():
        place = StorePlace.parsed(text)
        assert (place.uri, place.directory, place.size_bytes()) == (uri, None, 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("s3:///prefix", "names no bucket"),
        ("https://bucket.example/prefix", "https:// is not known"),
        ("db://cloud", "db:// is not known"),
        ("s3://key:secret@bucket/prefix", "stands in the environment"),
        ("s3://bucket/prefix?endpoint=x", "stands in the environment"),
        (" ", "has no name"),
    ],
)
def test_what_is_no_place_is_said_in_words_without_its_secrets(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        StorePlace.parsed(text)
    assert "secret" not in str(caught.value)


def test_tables_in_a_bucket_are_written_read_listed_and_dropped(bucket: Bucket) -> None:
    place = remote(bucket)
    bucket.objects["findling/notes.txt"] = bucket.objects["findling2/x.lance/y"] = b"of somebody else"
    assert place.table_names() == []
    for generation in (1, 2):
        StoreWriter(place, generation, DIM, "f1").add_passages(*passages(0, 3))
    assert place.table_names() == ["files", "passages_1", "passages_2", "vocabulary"]
    assert stored_generations(place) == [1, 2]
    reader = StoreReader(place, 2)
    try:
        (found,) = reader.candidates(Words(("word1",)), None, 5)
        assert (found.passage.passage_id, reader.fingerprint) == ("p1", "f1")
    finally:
        reader.close()
    state = figures(place, 2)
    assert (state.passages, state.disk_bytes, state.unneeded_bytes) == (3, 0, 0)
    drop_tables(place)
    assert sorted(bucket.objects) == ["findling/notes.txt", "findling2/x.lance/y"]


def test_two_machines_that_write_at_once_lose_nothing(bucket: Bucket) -> None:
    """The lock is of one machine: between two stands that a commit is made only if nobody else was first."""
    place = remote(bucket)
    writers = [StoreWriter(place, 1, DIM), StoreWriter(place, 1, DIM)]
    together = threading.Barrier(2)
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for step in range(8):
                together.wait(30)
                writers[number].add_passages(*passages(100 * number + 4 * step, 4))
        except BaseException as error:  # noqa: BLE001 — told by the test
            failed.append(error)
            together.abort()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    newest = StoreWriter(place, 1, DIM)
    assert newest.document_ids() == {f"d{100 * half + row}" for half in (0, 1) for row in range(32)}
    assert newest.count_passages() == 64
    assert sum("passages_1.lance/_versions" in key for key in bucket.conditional) >= 16


def failing(bucket: Bucket, how: str, monkeypatch: pytest.MonkeyPatch) -> StorePlace:
    if how == "keys":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    if how == "bucket":
        return StorePlace.parsed("s3://no-such-bucket/findling")
    if how == "nobody":
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{unused.getsockname()[1]}")
    if how == "plain":
        monkeypatch.delenv("AWS_ALLOW_HTTP")
    if how == "trouble":
        bucket.refusal = 503, "SlowDown"
    return remote(bucket)


@pytest.mark.parametrize(
    ("how", "said", "hint"),
    [
        ("keys", "denies access at http://127.0.0.1", "AWS_ACCESS_KEY_ID"),
        ("bucket", "no bucket 'no-such-bucket'", "check its name"),
        ("nobody", "cannot be reached at http://127.0.0.1", "AWS_ENDPOINT"),
        ("plain", "without encryption", "AWS_ALLOW_HTTP=true"),
        ("trouble", "cannot be reached", "Check the connection"),
    ],
)
def test_a_store_that_cannot_be_used_is_said_in_words(
    bucket: Bucket, how: str, said: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = failing(bucket, how, monkeypatch)
    with pytest.raises(StoreUnreachable, match=said) as caught:
        place.connect()
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message
    assert "Generic" not in str(caught.value)


def test_an_endpoint_that_says_nothing_is_given_up(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        place_module,
        "_FIRST_REQUEST",
        place_module._FIRST_REQUEST | {"timeout": "100ms", "client_retry_timeout": "0"},
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StoreUnreachable, match="cannot be reached"):
            StoreReader(remote(bucket), 1)


def test_what_fails_on_the_way_is_said_in_words_too(bucket: Bucket) -> None:
    place = remote(bucket)
    writer = StoreWriter(place, 1, DIM)
    writer.add_passages(*passages(0, 3))
    reader = StoreReader(place, 1)
    try:
        bucket.refusal = 403, "AccessDenied"
        with pytest.raises(StoreUnreachable, match="denies access"):
            reader.count_passages()
        with pytest.raises(StoreUnreachable, match="denies access"), store_errors(place):
            writer.add_passages(*passages(3, 3))
        bucket.refusal = None
        assert reader.count_passages() == 3
        writer.add_passages(*passages(3, 3))
        assert reader.count_passages() == 6
    finally:
        reader.close()


def test_a_store_without_the_variables_that_it_needs_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    with pytest.raises(StoreUnreachable, match=r"az://container/x cannot be used: .*account") as caught:
        StorePlace("az://container/x").connect()
    assert "AZURE_STORAGE_ACCOUNT_NAME" in caught.value.hint


@pytest.mark.parametrize(
    "error",
    [
        ValueError("Table 'files' was not found"),
        RuntimeError("lance error: LanceError(IO): Object at location a/b not found: Error performing GET "
                     "http://h/a/b in 1ms - Server returned non-2xx status code: 404 Not Found: NoSuchKey"),
        OSError("/home/me/status: 403/timed out.txt: cannot be parsed"),
    ],
)  # fmt: skip
def test_other_errors_pass(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, store_errors(StorePlace("s3://bucket/findling")):
        raise error
    assert caught.value is error
