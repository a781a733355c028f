"""What the settings are called, and in which groups they stand. What is not named here is shown last, by the
help of its own."""

from __future__ import annotations

from findling_desktop.texts import tr as _tr

#: When a change counts.
AT_ONCE, NEXT_RUN, NEXT_START = "at once", "next run", "next start"
#: Settings that count at once, and those that the open library keeps until the next start; what jobs go by
#: counts from the next job on.
_WHEN = {
    "theme": AT_ONCE,
    "text_percent": AT_ONCE,
    "stay_in_tray": AT_ONCE,
    "search_key": AT_ONCE,
    "keep_up_to_date": AT_ONCE,
    "keep_history": AT_ONCE,
    "pdf_viewer": AT_ONCE,
    "html_viewer": AT_ONCE,
    "text_editor": AT_ONCE,
    "reranker": NEXT_START,
    "language": NEXT_START,
}
#: Texts for which something is found where nothing is written; of others the desktop has its own.
AUTOMATIC_IF_EMPTY = frozenset({"recognition_languages"})
#: Settings that name a model of this kind.
MODELS = {"model": "embedder", "reranker": "reranker", "generator": "generator"}


def groups() -> list[tuple[str, tuple[str, ...]]]:
    """Titles, and names of settings."""
    return [
        (
            _tr("Window"),
            ("theme", "text_percent", "language", "stay_in_tray", "search_key", "keep_history"),
        ),
        (_tr("Models"), ("model", "reranker", "generator")),
        (
            _tr("Reading files"),
            (
                "keep_up_to_date",
                "file_limit_mebibytes",
                "parse_limit_seconds",
                "parse_limit_mebibytes",
                "recognition",
                "recognition_languages",
            ),
        ),
        (_tr("Opening files"), ("pdf_viewer", "html_viewer", "text_editor")),
        (
            _tr("How hard this computer works"),
            (
                "embedder_provider",
                "embedder_threads",
                "generator_threads",
                "parser_processes",
                "batch_passages",
            ),
        ),
    ]


def title(name: str, otherwise: str) -> str:
    """What a setting is called."""
    return {
        "theme": _tr("Colours"),
        "text_percent": _tr("Size of letters"),
        "language": _tr("Language"),
        "stay_in_tray": _tr("Stay in the tray"),
        "search_key": _tr("A key for the search box"),
        "keep_history": _tr("Remember what I ask"),
        "model": _tr("Search model of new libraries"),
        "reranker": _tr("Second look at the best results"),
        "generator": _tr("Language model that writes questions"),
        "keep_up_to_date": _tr("Keep up to date"),
        "file_limit_mebibytes": _tr("Largest file that is read"),
        "parse_limit_seconds": _tr("Longest time for one file"),
        "parse_limit_mebibytes": _tr("Most memory for one file"),
        "recognition": _tr("Text of scanned pages and pictures"),
        "recognition_languages": _tr("Languages of scanned pages"),
        "pdf_viewer": _tr("PDF files"),
        "html_viewer": _tr("Web pages"),
        "text_editor": _tr("Texts"),
        "embedder_provider": _tr("Search model runs on"),
        "embedder_threads": _tr("Threads of the search model"),
        "generator_threads": _tr("Threads of the language model"),
        "parser_processes": _tr("Processes that read files"),
        "batch_passages": _tr("Passages embedded at once"),
    }.get(name, otherwise)


def explained(name: str) -> str:
    """What there is to know of a setting; "" for nothing."""
    return {
        "language": _tr("From the next start on."),
        "stay_in_tray": _tr("Findling goes on when its window is closed. Where the desktop has a tray."),
        "search_key": _tr("It opens over whatever you do. The desktop asks you which key it is to be."),
        "keep_history": _tr(
            "On this computer alone. What is remembered already stays: Search, Clear History."
        ),
        "model": _tr("Libraries that are there keep theirs."),
        "reranker": _tr("Better results, a little later. From the next start on."),
        "keep_up_to_date": _tr("Files are read again as they change, while the window is open."),
        "file_limit_mebibytes": _tr("Larger files are skipped, and listed in the library."),
        "recognition": _tr("Read last, when all else can be found already."),
        "recognition_languages": _tr("Codes with a space between, as: en de. Only Tesseract goes by them."),
        "pdf_viewer": _tr("A command with {path} and {page}. Empty: the program of the desktop."),
        "html_viewer": _tr(
            "A command with {uri}, which names the heading. Empty: the program of the desktop."
        ),
        "text_editor": _tr("A command with {path} and {line}. Empty: VISUAL, or the program of the desktop."),
        "embedder_provider": _tr("Automatic: the fastest that works here."),
        "batch_passages": _tr("What a crash may lose: it is done again."),
    }.get(name, "")


def choice(name: str, value: str) -> str:
    """What one of several values is called."""
    known = {
        ("theme", "system"): _tr("As the system"),
        ("theme", "light"): _tr("Light"),
        ("theme", "dark"): _tr("Dark"),
        ("language", "system"): _tr("As the system"),
        ("language", "en"): "English",
        ("language", "de"): "Deutsch",
        ("embedder_provider", "auto"): _tr("Automatic"),
        ("recognition", "auto"): _tr("Automatic"),
        ("recognition", "off"): _tr("Not read"),
        ("recognition", "rapidocr"): "RapidOCR",
        ("recognition", "tesseract"): "Tesseract",
        ("reranker", ""): _tr("None"),
    }
    return known.get((name, value), value)


def unit(name: str) -> str:
    """ " MiB", as the name of a setting says."""
    units = {"seconds": _tr(" s"), "mebibytes": _tr(" MiB"), "percent": _tr(" %")}
    return units.get(name.rpartition("_")[2], "")


def automatic() -> str:
    """0 for a number of threads or processes."""
    return _tr("automatic")


def when(name: str) -> str:
    """`AT_ONCE`, `NEXT_RUN` or `NEXT_START`."""
    return _WHEN.get(name, NEXT_RUN)
