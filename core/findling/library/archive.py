"""Exports a library to one file and imports it again, elsewhere or under another name.

An archive holds `library/…`, the library's directory without what belongs to a process or to a machine, and
`models/ID/…`, its embedders that are not built in.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from findling import __version__
from findling.errors import (
    DiskFull,
    LibraryBusy,
    LibraryDamaged,
    LibraryTooNew,
    ModelDamaged,
    ModelNotFound,
    PlaceNotWritable,
    SettingsError,
    UserError,
    one_line,
)
from findling.library.archive_file import (
    Archive,
    Manifest,
    Tally,
    damaged,
    members_of,
    size_of,
    write_archive,
)
from findling.library.info import BACKUP_FILE, INFO_FILE, LOCK_FILE, STORE_DIRECTORY, LibraryInfo
from findling.library.model import model_of
from findling.library.personal import Personal
from findling.library.personal_file import JOURNAL_SUFFIX, PERSONAL_FILE, PersonalFile
from findling.library.volumes import is_there
from findling.library.worker import outermost, writer_of, writing
from findling.models import BUILTIN_EMBEDDERS, InstalledModels, Kind, ModelCard
from findling.models.card import CARD_FILE
from findling.settings import Settings, private_directory
from findling.store import disk_errors, table_directories

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from findling.jobs import CancelToken, Report

_LIBRARY = "library"
_MODELS = "models"
#: Not exported as they are: written anew, or of no use elsewhere.
_LEFT_OUT = (INFO_FILE, BACKUP_FILE, LOCK_FILE, STORE_DIRECTORY, PERSONAL_FILE)
_LEFT_OUT_SUFFIXES = (".log", ".lock", ".bak", ".new", ".tmp", JOURNAL_SUFFIX)
#: Where imports put a library together, beside where it will be.
UNPACKING = ".new-"
IMPORT_LOCK = ".importing.lock"
_WITHOUT = "Export without it: --without-model; or without earlier generations: --active-only."
_MAKE_ROOM = "Nothing was left behind. Make room, or choose another place."


def export(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Write a library to a file, under the writer's lock; searches go on.

    `arguments`: `settings`; `directory`, the library's; `file`; `active_only`, without the generations that
    were active before; `with_model`; `force`, to replace a file. One that is being built is left out. Returns
    the shape of `findling export --json`.

    Raises `LibraryBusy`, `LibraryDamaged`, `UserError` for a file that is there or cannot be written and for
    a model that is not as it was, `Cancelled`. Then there is no file, or the one that was there before.
    """
    settings = Settings.from_json(arguments["settings"])
    directory, target = Path(arguments["directory"]), Path(arguments["file"])
    refuse_target(target, force=arguments["force"])
    with writing(directory), _explained(target):
        info = LibraryInfo.load(directory)
        refuse_elsewhere(info)
        info = replace(info, shadow=None, retired=() if arguments["active_only"] else info.retired)
        text = json.dumps(asdict(info), indent=2) + "\n"
        sources: dict[str, Path | bytes] = {f"{_LIBRARY}/{INFO_FILE}": text.encode()}
        sources |= {f"{_LIBRARY}/{name}": path for name, path in _files_of(directory, info).items()}
        if personal := PersonalFile(directory).snapshot():  # others may be writing to it
            sources[f"{_LIBRARY}/{PERSONAL_FILE}"] = personal
        cards = _cards(settings, info) if arguments["with_model"] else {}
        for card in cards.values():
            place = settings.home.models / card.id
            sources |= {f"{_MODELS}/{card.id}/{name}": place / name for name in (*card.files, CARD_FILE)}
        size = sum(map(size_of, sources.values()))
        _check_space(target.parent, size)
        tally = Tally(report, cancel, size, phases=2)
        members = members_of(sources, tally)
        digests = {member.name: member.sha256 for member in members}
        for card in cards.values():
            if (name := _differing(card, digests)) is not None:
                what = f"The model {card.id} is damaged: {name} is not as it was installed."
                raise ModelDamaged(what, _WITHOUT)
        models = {card.id: card.fingerprint for card in cards.values()}
        write_archive(target, Manifest(info.name, __version__, models, members), sources, tally)
    return {
        "library": info.name,
        "file": str(target),
        "bytes": target.stat().st_size,
        "generations": [generation.number for generation in info.generations],
        "models": sorted(cards),
        "models_needed": sorted({generation.model for generation in info.generations} - set(cards)),
    }


def import_file(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Make a library of an exported file: all of it, or nothing.

    `arguments`: `settings`; `file`; `library`, its name from now on; `folders`, where folders of the file, or
    folders that they lie in, are here. A model that is installed already is left as it is; where another one
    has its id it gets one of its own. Returns the shape of `findling import --json`.

    Raises `UserError` for a name that is taken and for what is no exported library, `LibraryTooNew`,
    `LibraryDamaged` for a file that is not as it was written, `SettingsError` for folders that are not the
    library's, `LibraryBusy` while another import runs, `Cancelled`.
    """
    settings = Settings.from_json(arguments["settings"])
    name, folders = arguments["library"], arguments["folders"]
    directory = settings.home.libraries / name
    refuse_existing(directory)
    with (
        Archive(Path(arguments["file"])) as archive,
        _explained(directory),
        _workplace(settings.home.libraries) as place,
    ):
        tally = Tally(report, cancel, archive.size_bytes)
        tally.begin("importing")
        info = replace(_info_in(archive, place, tally), name=name, store="")
        elsewhere = _moved_info(info, folders)
        _check_space(place, archive.size_bytes)
        with ExitStack() as installing:  # models take their places when all is unpacked
            ids, installed = _unpack_models(archive, settings, installing, tally)
            for member in archive.names(_LIBRARY):
                if member != INFO_FILE:
                    archive.unpack(f"{_LIBRARY}/{member}", place / member, tally)
            _move_files(place, info, folders)
            info = _with_models(elsewhere, ids)
            info.save(place)
            if problem := PersonalFile(place).problem():
                raise damaged(archive.path, problem)
            if folders:
                Personal(place).move_paths(lambda path: moved(path, folders))
            refuse_existing(directory)
        place.rename(directory)
    return {
        "library": name,
        "folders": list(info.folders),
        "collections": list(info.collections),
        "missing_folders": _missing(info),
        "generations": [generation.number for generation in info.generations],
        "models_installed": installed,
        "models_missing": _missing_models(settings, info),
    }


def refuse_target(target: Path, *, force: bool) -> None:
    """Raises `SettingsError` for a place that no file can have, `UserError` for a file that is there."""
    if target.is_dir() or not target.parent.is_dir():
        raise SettingsError(f"{target} cannot be a file.", "Name a file in a folder that exists.")
    if target.exists() and not force:
        raise UserError(f"There is a file {target} already.", "Replace it with --force.")


def refuse_elsewhere(info: LibraryInfo) -> None:
    """Raises `UserError` for a library whose tables are not in its directory."""
    if info.store:
        raise UserError(
            f"The library {info.name!r} keeps its tables in {info.store}: it cannot be exported.",
            "Make one without --store of the same folders, and export that.",
        )


def refuse_existing(directory: Path, hint: str = "Choose another name: --library NEWNAME.") -> None:
    """Raises `UserError` when the library is there."""
    if directory.exists():
        raise UserError(f"There is a library {directory.name!r} already.", hint)


def _files_of(directory: Path, info: LibraryInfo) -> dict[str, Path]:
    """The files of a library that belong into an archive, by their path in it."""
    store = directory / STORE_DIRECTORY
    tables = table_directories(store, [generation.number for generation in info.generations])
    found = [path for table in tables for path in table.rglob("*")]
    for top in directory.iterdir():
        if top.name not in _LEFT_OUT:
            found += [top, *top.rglob("*")]
    names = {path.relative_to(directory).as_posix(): path for path in found if path.is_file()}
    return {name: names[name] for name in sorted(names) if _is_kept(name)}


def _is_kept(name: str) -> bool:
    """Whether a file is none of those that come and go with a process."""
    return not any(part.startswith(".") or part.endswith(_LEFT_OUT_SUFFIXES) for part in name.split("/"))


def _cards(settings: Settings, info: LibraryInfo) -> dict[str, ModelCard]:
    """The models of a library that are not built in, by id. Raises `UserError` for one that is not here."""
    cards: dict[str, ModelCard] = {}
    for generation in info.generations:
        if generation.model in BUILTIN_EMBEDDERS:
            continue
        try:
            cards[generation.model] = model_of(settings, info.name, generation).card
        except (ModelNotFound, ModelDamaged, LibraryDamaged) as error:
            raise UserError(error.message, _WITHOUT) from error
    return cards


def _differing(card: ModelCard, digests: Mapping[str, str]) -> str | None:
    """A file of a model that is another one in the archive whose sha256 are given by name."""
    names = (name for name, sha256 in card.files.items() if digests[f"{_MODELS}/{card.id}/{name}"] != sha256)
    return next(names, None)


def _info_in(archive: Archive, place: Path, tally: Tally) -> LibraryInfo:
    """`library.json` of an archive. Raises `LibraryTooNew`, `LibraryDamaged`."""
    if INFO_FILE not in archive.names(_LIBRARY):
        raise damaged(archive.path, f"it has no {INFO_FILE}")
    path = place / INFO_FILE
    archive.unpack(f"{_LIBRARY}/{INFO_FILE}", path, tally)
    try:
        return LibraryInfo.read(path)
    except LibraryTooNew:
        raise LibraryTooNew(f"{archive.path} was written by a newer Findling.", "Update Findling.") from None
    except LibraryDamaged as error:
        raise damaged(archive.path, one_line(error.__cause__ or error)) from error
    finally:
        path.unlink()  # else it would be kept as the backup


def _moved_info(info: LibraryInfo, folders: Mapping[str, str]) -> LibraryInfo:
    """The library with its folders where they are now. Raises `SettingsError` for one that has none."""
    known = (*info.folders, *info.collections)
    for old in folders:
        if all(_rest(folder, old) is None for folder in known):
            raise SettingsError(
                f"No folder of the library is or lies in {old}.", f"It has: {', '.join(known) or 'none'}."
            )
    info = replace(
        info,
        folders=outermost(moved(folder, folders) for folder in info.folders),
        collections=outermost(moved(folder, folders) for folder in info.collections),
    )
    if info.last_run is None:
        return info
    return replace(info, last_run=replace(info.last_run, missing_folders=tuple(_missing(info))))


def _move_files(place: Path, info: LibraryInfo, folders: Mapping[str, str]) -> None:
    """Give the files of the library in `place` the paths that they have now."""
    store = place / STORE_DIRECTORY
    if not folders or not table_directories(store, [info.active.number]):
        return
    writer = writer_of(store, info.active)
    rows = writer.files()
    paths: dict[str, str] = {}
    for row in rows:
        record = f"#{row.record}" if row.record else ""
        paths[row.path] = moved(row.path.removesuffix(record), folders) + record
    if len(set(paths.values())) < len(paths):
        raise SettingsError(
            "Files of two folders would come to lie in one place.", "Map each folder to one of its own."
        )
    writer.rename_files({old: new for old, new in paths.items() if old != new})
    for path in place.rglob("*"):  # LanceDB asks for no mode
        path.chmod(0o700 if path.is_dir() else 0o600)


def moved(path: str, folders: Mapping[str, str]) -> str:
    """`path` with the longest folder of `folders` that it is or lies in replaced by what that is mapped to.

    Folders are absolute; those of Windows are understood everywhere.
    """
    for old in sorted(folders, key=len, reverse=True):
        rest = _rest(path, old)
        if rest is not None:
            return str(Path(folders[old], *rest))
    return path


def _rest(path: str, folder: str) -> list[str] | None:
    """The names that lead from a folder to a path; None for one that does not lie in it."""
    sign = "/" if folder.startswith("/") else "\\"
    start = folder.rstrip(sign)
    if path != start and not path.startswith(start + sign):
        return None
    return [name for name in path[len(start) :].split(sign) if name]


def _unpack_models(
    archive: Archive, settings: Settings, installing: ExitStack, tally: Tally
) -> tuple[dict[str, str], list[str]]:
    """Unpack the models that are not installed; they take their places when `installing` ends. Returns under
    which ids all of them are found then, and the ids of those."""
    models = InstalledModels(settings.home.models)
    ids: dict[str, str] = {}
    installed: list[str] = []
    for model_id, fingerprint in archive.manifest.models.items():
        if model_id in BUILTIN_EMBEDDERS:
            raise damaged(archive.path, f"it has a model of its own as {model_id}")
        ids[model_id], there = _id_for(models, model_id, fingerprint)
        if there:
            continue
        installed.append(ids[model_id])
        names = archive.names(f"{_MODELS}/{model_id}")
        place = installing.enter_context(models.installing(ids[model_id]))
        for name in names:
            archive.unpack(f"{_MODELS}/{model_id}/{name}", place / name, tally)
        try:
            card = ModelCard.load(place)
        except ModelDamaged as error:
            raise damaged(archive.path, one_line(error)) from error
        is_said = (card.id, card.fingerprint) == (model_id, fingerprint)
        if not is_said or set(names) != {*card.files, CARD_FILE} or _differing(card, archive.digests()):
            raise damaged(archive.path, f"the model {model_id} is another one than its manifest says")
        replace(card, id=ids[model_id]).save(place)
    return ids, installed


def _id_for(models: InstalledModels, model_id: str, fingerprint: str) -> tuple[str, bool]:
    """The id for a model, and whether it is installed under it. Never one that another model has."""
    chosen = (model_id, f"{model_id[:60]}-{fingerprint}")
    for candidate in chosen:
        try:
            if models.kind(candidate) is Kind.GENERATOR:
                continue
            found = models.get(candidate)
        except ModelNotFound:
            return candidate, False
        except ModelDamaged:
            continue
        if found.card.fingerprint == fingerprint:
            return candidate, True
    raise UserError(f"The model {chosen[1]} is damaged.", f"Remove it: findling models remove {chosen[1]}.")


def _with_models(info: LibraryInfo, ids: Mapping[str, str]) -> LibraryInfo:
    active, *retired = (
        replace(generation, model=ids.get(generation.model, generation.model))
        for generation in (info.active, *info.retired)
    )
    return replace(info, active=active, retired=tuple(retired), shadow=None)


def _missing(info: LibraryInfo) -> list[str]:
    return [folder for folder in (*info.folders, *info.collections) if not is_there(Path(folder))]


def _missing_models(settings: Settings, info: LibraryInfo) -> list[str]:
    """The models of a library that are not installed here, or in another version."""
    models = InstalledModels(settings.home.models)
    missing: set[str] = set()
    for generation in info.generations:
        try:
            fits = models.get(generation.model).card.fingerprint == generation.fingerprint
        except (ModelNotFound, ModelDamaged):
            fits = generation.model in BUILTIN_EMBEDDERS  # made on first use
        if not fits:
            missing.add(generation.model)
    return sorted(missing)


def _check_space(place: Path, needed: int) -> None:
    free = shutil.disk_usage(place).free
    if free < needed:
        raise DiskFull(
            f"{place} has {free / 1e6:,.1f} MB free, and {needed / 1e6:,.1f} MB are needed.", _MAKE_ROOM
        )


@contextmanager
def _explained(place: Path) -> Generator[None]:
    """What the system denies, as a `UserError`."""
    try:
        with disk_errors(place):
            yield
    except (DiskFull, PlaceNotWritable) as error:
        raise type(error)(error.message, _MAKE_ROOM) from error
    except OSError as error:
        raise UserError(f"{error.filename or place}: {error.strerror or error}.", _MAKE_ROOM) from error


@contextmanager
def _workplace(libraries: Path) -> Generator[Path]:
    """An empty directory to put a library together in, not itself one of `libraries`; what killed imports
    left is removed."""
    lock = FileLock(private_directory(libraries) / IMPORT_LOCK, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise LibraryBusy("Another import is running.", "Wait for it to finish, or stop it.") from None
    try:
        for leftover in libraries.glob(f"{UNPACKING}*"):
            shutil.rmtree(leftover)
        with tempfile.TemporaryDirectory(prefix=UNPACKING, dir=libraries) as temporary:
            yield private_directory(Path(temporary) / _LIBRARY)
    finally:
        lock.release()
