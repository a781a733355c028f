"""A library in a bucket, on the command line: chosen once, shown, out of reach, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    import pytest
    from s3_server import Bucket

    Run = Callable[..., Any]


def test_a_library_in_a_bucket(
    findling: Run, folder: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = f"s3://{bucket.name}/papers"
    refused = findling("index", folder, "--store", "ftp://host/papers")
    assert (refused.code, "ftp:// is not known" in refused.err) == (1, True)
    assert findling("index", folder, "--store", store).code == 0
    assert all(key.startswith("papers/") for key in bucket.objects)
    shown = findling("status").out
    assert f"Store     {store}\n" in shown
    assert "without the store" in shown
    assert findling("search", "singing in the sea", "--json").json[0]["path"].endswith("whales.md")
    other = findling("index", "--store", f"{store}2")
    assert (other.code, f"keeps its tables in {store}" in other.err) == (1, True)
    with monkeypatch.context() as changed:
        changed.setenv("AWS_ACCESS_KEY_ID", "another")
        for verb in (("index",), ("search", "sea", "--mode", "keyword")):
            outcome = findling(*verb)
            assert (outcome.code, "denies access" in outcome.err) == (1, True)
            assert len(outcome.err.strip().splitlines()) <= 2
    assert findling("delete", "default", "--yes").code == 0
    assert bucket.objects == {}
