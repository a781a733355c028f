"""Judgements against what a library holds now: made of its passages, and found again in them.

Files are edited and documents cut anew, so a judgement is looked up each time: by the paths of its document
and its quote in their text of now, else by the document that it was made of, wherever that lies now. One that
is not found is said to be so, and kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from findling.errors import UserError
from findling.library.personal import Judgement, folded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from findling.evaluation import Qrels
    from findling.library.opened import OpenLibrary
    from findling.store import FileRow

    Span = tuple[int, int]

#: Documents whose text is held at a time.
_TEXTS = 32


@dataclass(frozen=True, slots=True)
class Located:
    """A judgement, and where it is found now: `now` has the document and the span of today, `path` is one of
    its files. `now` is None and `reason` says why where it is not found."""

    judgement: Judgement
    now: Judgement | None = None
    path: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OwnJudgements:
    """Judgements as a test collection: queries by id, grades by document id, a document having that of its
    best passage; and the judgements that are not found now, which it is without."""

    queries: dict[str, str]
    qrels: Qrels
    unresolved: tuple[Located, ...] = ()


class Documents:
    """The documents of a library as they are when it is made; of some files alone where these are given.
    Raises what opening raises."""

    def __init__(self, library: OpenLibrary, files: Iterable[FileRow] | None = None) -> None:
        rows = [row for row in (library.files() if files is None else files) if row.document_id]
        self._by_path = {row.path: row for row in rows}
        self._by_id = _grouped((row.document_id, row) for row in rows)
        self._by_record = _grouped((row.record, row) for row in rows if row.record)
        self._by_name = _grouped((Path(row.path).name, row) for row in rows if not row.record)
        #: Text and the spans of its passages, by document id.
        self.text = lru_cache(_TEXTS)(library.document)

    @classmethod
    def concerning(
        cls, library: OpenLibrary, judgements: Collection[Judgement], document_id: str = ""
    ) -> Self:
        """Those that these judgements may be about now, and the one with this id; all where that is no
        document's. Few files are read, and not those of the whole library."""
        files = library.files_among(
            document_id=[document_id, *(judgement.document_id for judgement in judgements)],
            path=[path for judgement in judgements for path in judgement.paths],
            record=[judgement.record for judgement in judgements],
        )
        there = not document_id or any(file.document_id == document_id for file in files)
        return cls(library, files if there else None)

    def find(self, name: str) -> FileRow | None:
        """The file that a person or another program means: its path, the end of its path, the id of a record
        or of a document; None where none or several could be meant."""
        absolute = str(Path(name).expanduser().absolute())
        if row := self._by_path.get(name) or self._by_path.get(absolute) or self.by_id(name):
            return row
        ends = [
            row
            for row in self._by_name.get(Path(name).name, [])
            if Path(row.path).parts[-len(Path(name).parts) :] == Path(name).parts
        ]
        return _only([*self._by_record.get(name, []), *ends])

    def existing(self, name: str) -> FileRow:
        """As `find`. Raises `UserError` where none or several could be meant."""
        row = self.find(name)
        if row is None:
            raise UserError(
                f"{name} is no document of this library, or several could be meant.",
                "Give its path, as in: findling files --state indexed.",
            )
        return row

    def by_id(self, document_id: str) -> FileRow | None:
        """A file with this document as its content."""
        return next(iter(self._by_id.get(document_id, [])), None)

    def locate(self, judgement: Judgement) -> Located:
        """Where a judgement is found now."""
        named = [self._by_path[path] for path in judgement.paths if path in self._by_path]
        if not named and (record := _only(self._by_record.get(judgement.record, []))):
            named = [record]
        same = self.by_id(judgement.document_id)
        for row in [*named, *([same] if same else [])]:
            span = self._span(judgement, row.document_id)
            if span is not None:
                start, end = span
                now = replace(judgement, document_id=row.document_id, start=start, end=end)
                return Located(judgement, now, row.path)
        reason = "the passage is not in it any more" if named else "the document is not here any more"
        return Located(judgement, path=next(iter(judgement.paths), judgement.record), reason=reason)

    def judgement(self, query: str, document_id: str) -> Judgement:
        """One about a document as a whole."""
        rows = self._by_id[document_id]
        return Judgement(query, document_id, tuple(row.path for row in rows), rows[0].record)

    def _span(self, judgement: Judgement, document_id: str) -> Span | None:
        """Where the passage stands in a document; None where it does not."""
        if judgement.whole:
            return 0, 0
        text = self.text(document_id).text
        found = find_quote(text, judgement.quote, judgement.start)
        if found is None and document_id == judgement.document_id and judgement.end:
            return judgement.start, min(judgement.end, len(text))
        return found


def find_quote(text: str, quote: str, near: int = 0) -> Span | None:
    """Where `quote` stands in `text`, whatever the white space between its words, nearest to the character
    `near`; None where it does not."""
    pattern = re.compile(r"\s+".join(map(re.escape, quote.split())))
    if not pattern.pattern:
        return None
    spans = (match.span() for match in pattern.finditer(text))
    return min(spans, key=lambda span: abs(span[0] - near), default=None)


def overlap(first: Span, second: Span) -> bool:
    """Whether two spans share at least half of the shorter one."""
    shared = min(first[1], second[1]) - max(first[0], second[0])
    shorter = min(first[1] - first[0], second[1] - second[0])
    return shared > 0 and 2 * shared >= shorter


def resolve(judgement: Judgement, passages: Mapping[str, Span]) -> list[str]:
    """The ids of those of `passages`, spans of its document by id, that a judgement is about: they and it
    share at least half of the shorter one. None for one about the document as a whole."""
    span = judgement.start, judgement.end
    return [passage for passage, place in passages.items() if overlap(span, place)]


def judge(library: OpenLibrary, query: str, document: str, grade: int, passage_id: str = "") -> Judgement:
    """Store whether a passage of a document answers a query, or the document as a whole; in place of what was
    said of it before. `document` is as in `Documents.find`.

    Raises `UserError` for a document or a passage that is not there, and as `Personal.judge`.
    """
    judgements = library.personal.judgements(query)
    documents = Documents.concerning(library, judgements, document)
    judgement = replace(_made(documents, query, document, passage_id), grade=grade)
    before = said_before(judgements, documents, judgement)
    library.personal.judge([judgement], [old.id for old in before])
    return judgement


def withdraw(library: OpenLibrary, query: str, document: str, passage_id: str = "") -> int:
    """Delete what was said of a passage for a query, or of a document and all of its passages; how many
    judgements that were. Raises as `judge`."""
    judgements = library.personal.judgements(query)
    documents = Documents.concerning(library, judgements, document)
    about = _made(documents, query, document, passage_id)
    said = said_before(judgements, documents, about, all_passages=True)
    library.personal.withdraw(judgement.id for judgement in said)
    return len(said)


def grades(library: OpenLibrary, query: str) -> dict[str, dict[str, int]]:
    """What was said of passages for a query, by document id and passage id: the highest grade of those that
    are about the passage. A document that was judged as a whole has its grade under ""."""
    judgements = library.personal.judgements(query)
    if not judgements:
        return {}
    documents = Documents.concerning(library, judgements)
    found: dict[str, dict[str, int]] = {}
    for judgement in judgements:
        now = documents.locate(judgement).now
        if now is None:
            continue
        said = found.setdefault(now.document_id, {})
        for passage in [""] if now.whole else resolve(now, documents.text(now.document_id).spans):
            said[passage] = max(now.grade, said.get(passage, now.grade))
    return found


def located(library: OpenLibrary) -> list[Located]:
    """All judgements of a library, and where they are found now."""
    judgements = library.personal.judgements()
    if not judgements:
        return []
    documents = Documents(library)
    return [documents.locate(judgement) for judgement in judgements]


def own_judgements(library: OpenLibrary) -> OwnJudgements:
    """What was judged in a library, to measure it by."""
    found = located(library)
    ids = query_ids(place.judgement for place in found)
    queries: dict[str, str] = {}
    qrels: Qrels = {}
    for place in found:
        if place.now is not None:
            query, document = ids[folded(place.judgement.query)], place.now.document_id
            queries.setdefault(query, place.judgement.query)
            grades = qrels.setdefault(query, {})
            grades[document] = max(place.now.grade, grades.get(document, 0))
    return OwnJudgements(queries, qrels, tuple(place for place in found if place.now is None))


def query_ids(judgements: Iterable[Judgement]) -> dict[str, str]:
    """An id for each query, by the query with its case folded, in the order in which they were judged."""
    queries = dict.fromkeys(folded(judgement.query) for judgement in judgements)
    return {query: f"q{number}" for number, query in enumerate(queries, 1)}


def said_before(
    judgements: Iterable[Judgement], documents: Documents, about: Judgement, *, all_passages: bool = False
) -> list[Judgement]:
    """Those of `judgements`, of the same query, that are about the passage that `about` is about now, or
    about its document as a whole; with `all_passages` then also those about a passage of the document."""
    said: list[Judgement] = []
    for judgement in judgements:
        now = documents.locate(judgement).now
        if now is None or now.document_id != about.document_id:
            continue
        if about.whole:
            is_about_it = now.whole or all_passages
        else:
            is_about_it = overlap((now.start, now.end), (about.start, about.end))
        if is_about_it:
            said.append(judgement)
    return said


def _made(documents: Documents, query: str, document: str, passage_id: str) -> Judgement:
    """A judgement about a passage of now, or about a document of now."""
    row = documents.existing(document)
    about = documents.judgement(query, row.document_id)
    if not passage_id:
        return about
    text = documents.text(row.document_id)
    if passage_id not in text.spans:
        raise UserError(
            f"{row.path} has no passage {passage_id}.", "Take the passage_id of: findling search --json."
        )
    start, end = text.span_of(passage_id)
    return replace(about, start=start, end=end, quote=text.text[start:end])


def _grouped(pairs: Iterable[tuple[str, FileRow]]) -> dict[str, list[FileRow]]:
    groups: defaultdict[str, list[FileRow]] = defaultdict(list)
    for name, row in pairs:
        groups[name].append(row)
    return dict(groups)


def _only(rows: list[FileRow]) -> FileRow | None:
    """The one document that rows agree on; None where there is none or several."""
    return rows[0] if len({row.document_id for row in rows}) == 1 else None
