"""Download a model of the catalogue: resumed where it was cut off, verified, in place whole or not at all.

Files gather in a hidden directory beside the target, `.NAME.partial`. Each becomes complete when its checksum
is right; the directory takes the target's name when all are. So what is there is whole, and a kill at any
moment loses what had not reached the disk.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, cast

from findling.errors import DownloadError, ModelNotFound
from findling.jobs import CancelToken, Progress, ignore_progress
from findling.models.catalogue import CatalogueEntry, catalogue_entry
from findling.models.elsewhere import answer, elsewhere
from findling.models.hub import Hub, RemoteFile
from findling.models.partial import Meter, Part, alone, disk_error, in_words, remove_strangers
from findling.settings import private_directory, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from findling.jobs import Report

#: Says what a downloaded directory holds: repo, commit, and each file's size and digest.
DOWNLOAD_FILE = "download.json"

#: Space left free on the disk, for the files of everybody else.
SPARE_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What `download.json` in a downloaded directory says; `files` maps paths to size and digest.

    `revision` is what was asked for and `commit` what it was then.
    """

    repo: str
    revision: str
    commit: str
    endpoint: str
    files: dict[str, tuple[int, str]]

    @classmethod
    def load(cls, directory: Path) -> Downloaded | None:
        """None where the directory is no complete download."""
        try:
            stored = cast("dict[str, Any]", json.loads((directory / DOWNLOAD_FILE).read_text("utf-8")))
            files = {path: (int(size), str(digest)) for path, (size, digest) in stored["files"].items()}
            if all((directory / path).stat().st_size == size for path, (size, _) in files.items()):
                stored["files"] = files
                return cls(**stored)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass
        return None

    def known(self) -> dict[str, Any]:
        """What that says for a card: base and provenance, and of a model in the catalogue also name, licence
        and languages."""
        origin = {"base": self.repo, "provenance": {"source": f"{self.repo}@{self.commit}"}}
        try:
            entry = catalogue_entry(self.repo)
        except ModelNotFound:
            return origin
        return {**origin, "name": entry.name, "licence": entry.licence, "languages": entry.languages}

    def save(self, directory: Path) -> None:
        """Write `download.json`."""
        write_json(directory / DOWNLOAD_FILE, asdict(self))


def download(
    entry: CatalogueEntry,
    target: Path,
    *,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
    endpoint: str | None = None,
    token: str | None = None,
) -> Path:
    """Fetch the entry's files into the directory `target`, and return it; at once where they are there.

    This function alone connects, `HF_HUB_OFFLINE` or not: to `endpoint`, else `$HF_ENDPOINT`, else
    huggingface.co. `token` (else `$HF_TOKEN`) goes there only. `report` is told bytes done and in all, bytes
    per second and seconds left. `cancel` is obeyed within a fraction of a second, whatever the server does.

    Raises `DownloadError` (network, access, no such model, space, checksum, a target that is something else),
    `SettingsError` where the target's parent cannot be made, and `Cancelled`. What has come is kept
    then, and the next call goes on from there; only a file whose checksum is wrong is removed.
    """
    cancel = cancel or CancelToken()
    target = target.absolute()
    if target.exists():
        there = Downloaded.load(target)
        if there and there.repo == entry.repo and entry.revision in (there.revision, there.commit):
            return target
        raise DownloadError(f"{target} is there already, and is no {entry.name}.", "Remove it first.")
    partial = private_directory(target.with_name(f".{target.name}.partial"))
    hub = Hub(entry, endpoint, token)
    try:
        with alone(partial):
            report(Progress("connecting", detail=hub.endpoint))
            commit, files = answer(lambda: _listing(hub, entry), cancel)
            _fetch(hub, commit, files, partial, report, cancel)
            stated = {file.path: (file.size_bytes, file.digest) for file in files}
            Downloaded(entry.repo, entry.revision, commit, hub.endpoint, stated).save(partial)
            partial.rename(target)
    except OSError as error:
        raise disk_error(error, partial) from error
    return target


def discard_partial(target: Path) -> None:
    """Delete what is kept of an unfinished download to `target`."""
    shutil.rmtree(target.absolute().with_name(f".{target.name}.partial"), ignore_errors=True)


def _listing(hub: Hub, entry: CatalogueEntry) -> tuple[str, tuple[RemoteFile, ...]]:
    """The commit and the files to fetch. Raises `DownloadError` where one is missing or is another."""
    commit, listed = hub.files()
    known: dict[str, str] = {}
    chosen: set[str] = set()
    for wanted in entry.files:
        if wanted.unless and any(_matches(path, wanted.unless) for path in listed):
            continue
        paths = [path for path in listed if _matches(path, wanted.name)]
        if not paths and not wanted.optional:
            raise DownloadError(f"{entry.repo} at {commit[:12]} has no {wanted.name}.")
        chosen.update(paths)
        if wanted.sha256:
            known.update(dict.fromkeys(paths, wanted.sha256))
    files = hub.stated(commit, {path: stated for path, stated in listed.items() if path in chosen})
    for file in files:
        if len(file.digest) == 64 and known.get(file.path, file.digest) != file.digest:
            raise DownloadError(
                f"{file.path} of {entry.repo} is not the file that the catalogue names: its sha256 differs.",
                "The publisher has replaced it; a newer Findling may know the new one.",
            )
    return commit, tuple(replace(file, digest=known.get(file.path, file.digest)) for file in files)


def _matches(path: str, pattern: str) -> bool:
    parts, patterns = path.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def _fetch(
    hub: Hub,
    commit: str,
    files: tuple[RemoteFile, ...],
    partial: Path,
    report: Report,
    cancel: CancelToken,
) -> None:
    """Bring `partial` to hold exactly `files`, each verified. Raises as `download`, and OSError."""
    total = sum(file.size_bytes for file in files)
    remove_strangers(partial, files)
    meter = Meter(total, report)
    missing = [part for file in files if not (part := Part(file, partial)).complete(meter, cancel)]
    meter.begin_transfer()
    needed = total - meter.done + SPARE_BYTES
    if missing and needed > (free := shutil.disk_usage(partial).free):
        raise DownloadError(
            f"The download needs {in_words(needed)} in {partial.parent}, and {in_words(free)} are free.",
            "Make room and download again.",
        )
    parts = {part.file.path: part for part in missing}
    open_part: Part | None = None
    wanted = [(part.file, part.size) for part in missing]
    with elsewhere(lambda stopped: hub.pieces(commit, wanted, stopped), cancel) as pieces:
        try:
            for piece in pieces:
                part = parts[piece.file.path]
                if open_part is None:
                    open_part = part
                    part.open()
                meter.add(part.put(piece), part.file.path)
                if part.size == part.file.size_bytes:
                    open_part = None
                    part.finish()
        finally:
            if open_part is not None:
                open_part.close()
    if unfinished := [part.file.path for part in missing if not part.finished]:
        raise DownloadError(
            f"The transfer ended before {unfinished[0]} was whole.", "Download again to go on."
        )
    meter.end()
