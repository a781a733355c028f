"""Titles, headings and subjects of documents as queries: what of them somebody would type, if anything."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

from findling.analysis import fold, unspaced
from findling.documents.cleaning import sensible_title
from findling.synthesis.prose import telling_words, word_count

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

#: Shorter headings want the one above with them to say what they are about.
_LEAST_WORDS = 3
_LEAST_TELLING = 2
_MOST_WORDS = 30
_MOST_CHARACTERS = 250
_ENDS = " .:;,–—-|"
#: A title that so many documents have says nothing of any of them.
_RECURS = 3

#: They name a part of a document and never what it is about.
_NEVER = frozenset(
    """
    abstract|acknowledgement|acknowledgements|acknowledgments|agenda|all rights reserved|annex|appendices
    |appendix|attachments|bibliography|colophon|content|contents|copyright|cover|disclaimer|figures
    |footnotes|foreword|front matter|glossary|home|impressum|imprint|in this article|in this chapter
    |in this section|index|introduction|keywords|legal notice|list of figures|list of tables|literature
    |literature cited|menu|navigation|next|notice|on this page|page|preface|previous|references
    |related articles|related links|see also|sources|start|table of contents|tables|title|title page|toc
    |trademarks|abbildungsverzeichnis|anhang|anlage|anlagen|danksagung|einführung|einleitung|fußnoten
    |geleitwort|glossar|haftungsausschluss|inhalt|inhaltsverzeichnis|kurzfassung|literatur
    |literaturverzeichnis|quellen|rechtliche hinweise|register|seite|siehe auch|startseite
    |stichwortverzeichnis|tabellenverzeichnis|tagesordnung|titel|verzeichnis|vorwort|zum geleit
    |zusammenfassung|accueil|annexe|annexes|avant-propos|bibliographie|glossaire|introduction générale
    |liste des figures|mentions légales|mots clés|notes et références|notes de bas de page|ordre du jour
    |préambule|préface|références|remerciements|résumé|sommaire|table des matières|titre|voir aussi
    |agradecimientos|anexo|anexos|apéndice|aviso legal|bibliografía|contenido|contenidos|glosario|índice
    |inicio|introducción|orden del día|palabras clave|página|portada|prefacio|prólogo|referencias|resumen
    |título|véase también
    """.replace("\n", " ").split("|")
)
#: They say something under another heading.
_UNDER_ANOTHER = frozenset(
    """
    about|additional information|advantages|aim|aims|analysis|any other business|applications|background
    |basics|before you begin|benefits|caution|closing remarks|comments|conclusion|conclusions|data
    |definition|definitions|description|details|discussion|evaluation|example|examples|experiments|faq
    |features|findings|further information|future work|general|general information|getting started|help
    |history|how it works|important|limitations|materials and methods|method|methodology|methods
    |miscellaneous|motivation|next steps|note|notes|objective|objectives|options|other|others|overview
    |precautions|prerequisites|principles|problem|procedure|purpose|questions|remarks|requirements
    |responsibilities|result|results|results and discussion|review|scope|settings|setup|specifications
    |steps|summary|support|tips|troubleshooting|usage|using|warning|warnings|allgemeines|anwendung
    |aufgaben|auswertung|beispiel|beispiele|bemerkungen|beschreibung|definitionen|diskussion|einstellungen
    |ergebnis|ergebnisse|fazit|geltungsbereich|geschichte|grundlagen|hinweis|hinweise
    |material und methoden|methode|methoden|methodik|sonstiges|technische daten|überblick|übersicht
    |verschiedenes|voraussetzungen|vorgehen|warnung|weitere informationen|ziel|ziele|zweck|aperçu
    |avertissement|conclusion générale|contexte|définitions|détails|divers|exemple|exemples|fonctionnement
    |généralités|histoire|historique|matériel et méthodes|méthode|méthodes|objectif|objectifs|options
    |présentation|principe|procédure|remarque|remarques|résultat|résultats|synthèse|utilisation
    |vue d'ensemble|advertencia|alcance|antecedentes|características|conclusiones|configuración|consejos
    |definiciones|descripción|detalles|discusión|ejemplo|ejemplos|generalidades|historia
    |materiales y métodos|método|métodos|nota|notas|objetivo|objetivos|observaciones|procedimiento
    |requisitos|resultado|resultados|uso|varios|visión general
    """.replace("\n", " ").split("|")
)
_UNTITLED = re.compile(
    r"^\W*(?:untitled|unnamed|unbenannt|ohne titel|sans (?:nom|titre)|sin (?:título|nombre|asunto)"
    r"|kein betreff|no (?:subject|title)|none|null|n/?a|new (?:document|note|page)|neues dokument"
    r"|nouveau document|nuevo documento|scan|scanned|doc|document|dokument|documento|img|image|bild|dsc|photo"
    r"|file|page|slide|folie|diapositive|seite|página|pagina|blatt|sheet|p|pp|s|fig|figure|abbildung|table"
    r"|tabelle|tableau|tabla)(?![^\W\d_])[\W\d_ivxlc]*$",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"\.(?:bmp|csv|eml|epub|gif|jpe?g|log|mbox|mp3|mp4|msg|ods|odp|png|pptx?|ps|tiff?|tsv|xlsx?|xml|zip)$",
    re.IGNORECASE,
)
_PROGRAM = re.compile(r"^microsoft (word|powerpoint|excel|office \w+)\s*[-–:]\s*", re.IGNORECASE)
#: What mail programs put before a subject: English, German, French, Spanish, Dutch, the north, Polish.
_MAIL_PREFIXES = re.compile(
    r"^(?:\s*(?:re|fwd?|aw|wg|antw(?:ort)?|tr|ref|réf|rép|rv|res|enc|sv|vs|vb|odp|pd|i)\s*"
    r"(?:\[\d+\]|\(\d+\)|\d+)?\s*[:：])+\s*",  # noqa: RUF001
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"^(?:(?i:chapter|section|part|kapitel|abschnitt|teil|chapitre|section|partie|capítulo|sección|parte|article"
    r"|artikel|artículo|appendix|annex|anhang|annexe|anexo|item|step|schritt|étape|paso)\s+"
    r"(?:\d+(?:\.\d+)*|[IVXLC]+|[A-Z])\b[\s.:)–—-]*"
    r"|§+\s*\d+\w?[\s.:)–—-]*"
    r"|\d+(?:\.\d+)+[\s.:)–—-]+|\d{1,3}[.:)–—-]+\s*|\d{1,2}\s+(?=[^\W\d_a-zß-öø-ÿ])"
    r"|(?:[IVXLC]+|[A-Za-z])\)\s*|(?:[IVXLC]+|[A-Z])\.\d+[\s.:)–—-]+|[IVXLC]+\.\s+|[A-Z]\.\s+(?=[^\W\d_a-zß-öø-ÿ]))",
)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_BREADCRUMBS = re.compile(r"\s+[>›»→]\s+")
_QUESTION_MARKS = ("?", "？", "؟")


def title_key(title: str) -> str:
    """What two ways to write the same title have in common."""
    return " ".join(re.findall(r"\w+", fold(_PROGRAM.sub("", _MAIL_PREFIXES.sub("", title.strip())))))


def recurring(titles: Iterable[str], least: int = _RECURS) -> frozenset[str]:
    """The keys of those that are among `titles` (one of each document, headings too if wished) so often that
    they tell nothing."""
    counts = Counter(map(title_key, titles))
    return frozenset(key for key, count in counts.items() if key and count >= least)


def is_question(text: str) -> bool:
    """Whether it ends as a question does."""
    return text.rstrip().endswith(_QUESTION_MARKS)


def bare_heading(heading: str) -> str:
    """A heading without its number and what ends it."""
    heading = " ".join(heading.split())
    return _NUMBERING.sub("", heading).strip().rstrip(_ENDS).lstrip("-–—•*|# ").strip()


def title_query(title: str, path: str, recurring_titles: Collection[str] = frozenset()) -> str:
    """The query that a document's title makes, or "": for names of files, what programs write there, and
    what titles of many documents say."""
    title = _PROGRAM.sub("", " ".join(_TAG.sub(" ", title).split())).strip()
    if title_key(title) in recurring_titles or _is_name_of(title, path):
        return ""
    *above, last = _BREADCRUMBS.split(title)
    return heading_query([*above, last], recurring_titles) if above else _telling(title, recurring_titles)


def subject_query(subject: str, recurring_titles: Collection[str] = frozenset()) -> str:
    """The query that the subject of an e-mail makes, or ""."""
    subject = " ".join(_MAIL_PREFIXES.sub("", " ".join(subject.split())).split())
    return "" if title_key(subject) in recurring_titles else _telling(subject, recurring_titles)


def heading_query(
    headings: Sequence[str],
    recurring_titles: Collection[str] = frozenset(),
    title: str = "",
    language: str = "",
) -> str:
    """The query that the last of `headings` (outermost first) makes, or "".

    One of fewer than three words, or with fewer than two that tell something in `language`, takes the nearest
    telling one above along, or the document's `title`: "Wing loading: Results".
    """
    heading = bare_heading(headings[-1])
    if title_key(heading) in _NEVER_KEYS or not _is_wording(heading):
        return ""
    alone = _telling(heading, recurring_titles)
    if alone and word_count(heading) >= _LEAST_WORDS and _says_enough(heading, language):
        return alone
    for above in (*reversed(headings[:-1]), title):
        parent = _telling(bare_heading(above), recurring_titles)
        if parent and title_key(heading) not in title_key(parent) and not is_question(parent):
            return f"{parent}: {heading}" if word_count(parent) + word_count(heading) <= _MOST_WORDS else ""
    return alone


def _telling(title: str, recurring_titles: Collection[str]) -> str:
    """`title` without what ends it, if it says something in more than one word; else ""."""
    title = title.strip().rstrip(_ENDS).strip()
    key = title_key(title)
    if key in _NEVER_KEYS or key in _UNDER_KEYS or key in recurring_titles or not _is_wording(title):
        return ""
    return title if sensible_title(title) and word_count(title) > 1 else ""


def _says_enough(heading: str, language: str) -> bool:
    found = telling_words(heading, language)
    return is_question(heading) or bool(unspaced(heading)) or len(found) >= _LEAST_TELLING


def _is_wording(title: str) -> bool:
    """Words of a language, not too many, and neither a date nor what a file is called."""
    if len(title) > _MOST_CHARACTERS or _UNTITLED.match(title) or _FILE_NAME.search(title):
        return False
    letters = sum(map(str.isalpha, title))
    shown = sum(not character.isspace() for character in title)
    return 3 * letters >= 2 * shown and letters > 1 and word_count(title) <= _MOST_WORDS


def _is_name_of(title: str, path: str) -> bool:
    """Whether a title is no more than the name of its file."""
    name = title_key(PurePath(path).stem)
    return bool(name) and title_key(title) == name and " " not in title


_NEVER_KEYS = frozenset(map(title_key, _NEVER))
_UNDER_KEYS = frozenset(map(title_key, _UNDER_ANOTHER))
