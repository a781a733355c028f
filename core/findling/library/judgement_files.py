"""Judgements written to files, and read from them: BEIR directories, TREC qrels, CSV."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from findling.documents import PARSER_VERSION
from findling.errors import CollectionError, UserError
from findling.evaluation import (
    CORPUS_FILE,
    QRELS_FILE,
    Record,
    read_collection,
    read_qrels,
    read_queries,
    write_collection_queries,
    write_collection_records,
    write_qrels,
)
from findling.evaluation.lines import read_lines, write_lines, wrong
from findling.library.digest import digest
from findling.library.judgements import Documents, find_quote, located, query_ids, said_before
from findling.library.personal import GRADES, Judgement, folded
from findling.search import Mode, Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from findling.evaluation import Collection, Qrels
    from findling.library.judgements import Located
    from findling.library.opened import OpenLibrary

#: Beside the files of the layout, with the quotes that it has no place for.
CSV_FILE = "judgements.csv"

_COLUMNS = ("query", "path", "grade")
#: A record of another collection is looked for by so many of its first words, among so many documents.
_FIRST_WORDS, _NEAREST = 12, 3


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written. `unresolved` are judgements that are not found in the library now: of their
    documents only what was quoted is written."""

    queries: int
    documents: int
    judgements: int
    unresolved: int


@dataclass(frozen=True, slots=True)
class Imported:
    """How many judgements were stored, and what could not be: documents that the library does not have, query
    ids without a text. Judgements whose quote is not in the document are stored, and named."""

    judgements: int
    documents_missing: tuple[str, ...] = ()
    queries_missing: tuple[str, ...] = ()
    quotes_missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """What a file says: a query and the name that a document has there."""

    query: str
    document: str
    grade: int
    quote: str = ""


def export_judgements(library: OpenLibrary, directory: Path, *, force: bool = False) -> Exported:
    """Write all judgements of a library to `directory` in BEIR layout, and as `judgements.csv`; files have
    mode 0600. A document has the grade of its best passage.

    Records have their id as name, other documents that of their content. Raises `UserError` for a directory
    that has a collection already, unless `force` says to replace it, and where nothing has been judged.
    """
    if (directory / CORPUS_FILE).exists() and not force:
        raise UserError(f"There is a collection in {directory} already.", "Replace it with --force.")
    found = located(library)
    if not found:
        raise UserError("Nothing has been judged in this library yet.", "Try: findling judge QUERY PATH.")
    documents = Documents(library)
    ids = query_ids(place.judgement for place in found)
    names = [_name(place, documents) for place in found]
    queries = {ids[folded(place.judgement.query)]: place.judgement.query for place in found}
    qrels: Qrels = {}
    places: dict[str, list[Located]] = {}
    for place, name in zip(found, names, strict=True):
        grades = qrels.setdefault(ids[folded(place.judgement.query)], {})
        grades[name] = max(place.judgement.grade, grades.get(name, 0))
        places.setdefault(name, []).append(place)
    write_collection_records(directory, (_record(name, judged, documents) for name, judged in places.items()))
    write_collection_queries(directory, queries)
    write_qrels(directory / QRELS_FILE, qrels)
    table = [(at.judgement.query, at.path, at.judgement.grade, at.judgement.quote) for at in found]
    write_lines(directory / CSV_FILE, [_csv([(*_COLUMNS, "quote"), *table])])
    return Exported(len(queries), len(places), len(found), sum(place.now is None for place in found))


def import_judgements(library: OpenLibrary, place: Path, kind: str, queries: Path | None = None) -> Imported:
    """Store the judgements in `place`, in place of what was said of the same passages before.

    `kind` is "beir", a directory; "trec", qrels whose query texts are in the file `queries`, JSON lines or
    tab-separated; or "csv", with a header `query,path,grade` and, if there is one, `quote`. Documents are
    found by their path, its end, the record's id, or the text in `corpus.jsonl`. Negative grades count as 0.

    Raises `CollectionError` naming the file and the line that is wrong: then nothing is stored.
    """
    if kind == "csv":
        return _stored(library, list(_csv_lines(place)))
    if kind == "beir":
        collection = read_collection(place)
        texts, path = collection.queries, place / QRELS_FILE
    elif queries is None:
        raise UserError("TREC judgements have no texts of queries.", "Say where they are: --queries.")
    else:
        collection, texts, path = None, _query_texts(queries), place
    qrels = read_qrels(path)
    lines = list(_qrels_lines(path, qrels, texts))
    missing = tuple(sorted(set(qrels) - set(texts)))
    return replace(_stored(library, lines, collection), queries_missing=missing)


def _stored(library: OpenLibrary, lines: list[_Line], collection: Collection | None = None) -> Imported:
    corpus, records = "", dict[str, Record]()
    if collection is not None:
        judged = {line.document for line in lines}
        corpus = str(collection.corpus.resolve())
        records = {record.id: record for record in collection.records() if record.id in judged}
    documents = Documents(library)
    before: dict[str, list[Judgement]] = {}
    for judgement in library.personal.judgements():
        before.setdefault(folded(judgement.query), []).append(judgement)
    ids: dict[str, str] = {}
    made: list[Judgement] = []
    replaced: set[int] = set()
    quotes_missing: list[str] = []
    for line in lines:
        if line.document not in ids:
            row = documents.find(f"{corpus}#{line.document}") if corpus else None
            row = row or documents.find(line.document)
            record = records.get(line.document)
            by_text = "" if row or not record else _by_text(library, documents, record)
            ids[line.document] = row.document_id if row else by_text
        if not ids[line.document]:
            continue
        judgement = replace(documents.judgement(line.query, ids[line.document]), grade=line.grade)
        if line.quote:
            span = find_quote(documents.text(judgement.document_id).text, line.quote)
            start, end = span or (0, 0)
            judgement = replace(judgement, quote=line.quote, start=start, end=end)
            quotes_missing += [] if span else [line.document]
        made.append(judgement)
        old = before.get(folded(line.query), [])
        replaced.update(item.id for item in said_before(old, documents, judgement))
    if made:
        library.personal.judge(made, replaced)
    missing = tuple(name for name, document_id in ids.items() if not document_id)
    return Imported(len(made), missing, quotes_missing=tuple(quotes_missing))


def _by_text(library: OpenLibrary, documents: Documents, record: Record) -> str:
    """The id of the document with the text of a record; "" for none."""
    same = digest("record", str(PARSER_VERSION), record.title, record.text)
    if documents.by_id(same):
        return same
    words = re.findall(r"\w+", f"{record.title} {record.text}".lower())
    wanted = {_letters(record.text), _letters(record.title + record.text)} - {""}
    beginning = " ".join(words[:_FIRST_WORDS])
    question = Question(beginning, Mode.KEYWORD, _NEAREST, literal=True, fold=False)
    for hit in library.answer(question).hits:
        if _letters(documents.text(hit.document_id).text) in wanted:
            return hit.document_id
    return ""


def _letters(text: str) -> str:
    """What parsers agree on."""
    return "".join(re.findall(r"\w+", text.casefold()))


def _qrels_lines(path: Path, qrels: Qrels, texts: dict[str, str]) -> Iterator[_Line]:
    for query, grades in qrels.items():
        for document, grade in grades.items():
            if grade not in GRADES and grade > 0:
                raise CollectionError(
                    f"{path}: the grade {grade} of query {query}, document {document} is none of 0 … 3."
                )
            if query in texts and texts[query].strip():
                yield _Line(texts[query], document, max(0, grade))


def _csv_lines(path: Path) -> Iterator[_Line]:
    text = "".join(read_lines(path, "judgements"))
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="," if "," in header else ";")
    try:
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise wrong(path, 1, f"needs the columns {', '.join(_COLUMNS)}")
        for row in reader:
            query, document, grade = (row[name] or "" for name in _COLUMNS)
            if not (query.strip() and document) or grade.strip() not in map(str, GRADES):
                raise wrong(path, reader.line_num, "needs query, path and a grade of 0 … 3")
            yield _Line(query, document, int(grade), row.get("quote") or "")
    except csv.Error as error:
        raise wrong(path, reader.line_num, f"is not CSV: {error}") from error


def _query_texts(path: Path) -> dict[str, str]:
    """Queries by id, of JSON lines with `_id` and `text`, or of lines with an id, a tab and a text."""
    if ".json" in path.name.lower():
        return read_queries(path)
    texts: dict[str, str] = {}
    for number, line in enumerate(read_lines(path, "queries"), 1):
        name, tab, text = line.strip().partition("\t")
        if not (tab or not name):
            raise wrong(path, number, "needs an id, a tab and a text")
        if name:
            texts[name] = text
    return texts


def _name(place: Located, documents: Documents) -> str:
    """The id of a judged document in a corpus."""
    judgement = place.now or place.judgement
    row = documents.find(judgement.record) if judgement.record else None
    return judgement.record if row and row.document_id == judgement.document_id else judgement.document_id


def _record(name: str, judged: list[Located], documents: Documents) -> Record:
    """A judged document; of one that is not there any more, what was quoted of it."""
    now = next((place.now for place in judged if place.now is not None), None)
    row = documents.by_id(now.document_id) if now else None
    if row is not None:
        return Record(name, row.title, documents.text(row.document_id).text)
    quotes = dict.fromkeys(place.judgement.quote for place in judged)
    return Record(name, "", "\n\n".join(filter(None, quotes)))


def _csv(rows: Iterable[tuple[object, ...]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
