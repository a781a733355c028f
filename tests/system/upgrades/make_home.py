"""Makes the home that this version of Findling writes, as a fixture for later ones: see README.md.

    python tests/system/upgrades/make_home.py

Documents are made up. They lie at a fixed place, which must not be there yet, for paths are stored; models,
logs and what is measured are left out.
"""

from __future__ import annotations

import json
import os
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling import __version__
from findling.adaptation.plan import TuningPlan
from findling.adaptation.runs import Run, Stage, new_run
from findling.analysis import ANALYSIS_VERSION
from findling.chunking import CHUNKER_VERSION
from findling.documents import PARSER_VERSION
from findling.jobs import CancelToken, ignore_progress
from findling.library import Libraries, Rules, mapping
from findling.library.info import SCHEMA_VERSION
from findling.library.judgements import judge
from findling.library.personal_file import SCHEMA_VERSION as PERSONAL_VERSION
from findling.search import Mode
from findling.settings import Home, Settings
from findling.synthesis.pair import Positive
from findling.synthesis.pair_file import PairWriter, own_pair
from findling_desktop.state import WindowState

if TYPE_CHECKING:
    from findling.library import OpenLibrary

#: Where the person of the fixture lives.
PLACE = Path("/home/reader")
#: In whole seconds, which archives keep: 2026-01-15 12:00 UTC.
WRITTEN = 1_768_478_400
LEFT_OUT = ("models", "logs", "calibration", "downloads")

DOCUMENTS = {
    "observatory.md": """# Observatory guide

The observatory opens on clear Friday evenings, unless the road is closed by snow.

## Telescope

The main telescope has a mirror of two metres. It was ground by hand and silvered anew every spring.

## Tickets

Tickets cost four euros for adults; children look for free.
""",
    "notes/badgers.txt": "Badgers dig long tunnels under the old oak tree.\n\n"
    "They come out at dusk, to look for worms.\n",
    "notes/notiz.txt": "Der Igel hält Winterschlaf in einem Haufen aus Laub.\n\n"
    "Die Häuser am Fluss stehen leer.\n",
    "stock.csv": "part,place,count\nAB-1234/56,shelf 7,12\nCD-9,cellar,3\n",
    "visit.html": "<html><head><title>Visiting us</title></head><body><h1>Visiting us</h1>"
    "<p>Dogs wait at the gate, where there is water for them.</p></body></html>\n",
    "draft.tmp": "This is left out by a rule.\n",
}


def main() -> None:
    if PLACE.exists():
        raise SystemExit(f"{PLACE} is there: run this where it is not, in a container perhaps.")
    target = Path(__file__).with_name(f"home-{__version__}.tar.gz")
    try:
        write_documents(PLACE / "documents")
        home = Home.at(PLACE / "home")
        write_home(home)
        with tarfile.open(target, "w:gz") as archive:
            archive.add(PLACE, ".", filter=_kept)
    finally:
        shutil.rmtree(PLACE)
    print(f"{target}: {target.stat().st_size:,} bytes")


def write_documents(folder: Path) -> None:
    for name, text in DOCUMENTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (WRITTEN, WRITTEN))


def write_home(home: Home) -> None:
    settings = Settings(home)
    libraries = Libraries(settings)
    libraries.index("notes", [PLACE / "documents"], rules=Rules(exclude=("*.tmp",)))
    with libraries.start_rebuild("notes", passage_tokens=64) as job:
        job.result()
    with libraries.open("notes") as library:
        live(library)
        run = tune(libraries, library)
    arguments = {"settings": settings.to_json(), "directory": str(home.libraries / "notes")}
    mapping.draw(arguments, ignore_progress, CancelToken())
    chosen: dict[str, Any] = {
        "theme": "dark",
        "text_percent": 120,
        "keep_history": False,
        "parse_limit_seconds": 30.0,
        "generator_threads": 2,
        "pdf_viewer": "xpdf {path} :{page}",
    }
    Settings(home, **chosen).save()
    WindowState(
        home.config, results_width=420, splitter_width=1240, mode="keyword", page_zoom=1.5, library="notes"
    ).save()
    made = {
        "findling": __version__,
        "settings": chosen,
        "library": SCHEMA_VERSION,
        "personal": PERSONAL_VERSION,
        "parser": PARSER_VERSION,
        "chunker": CHUNKER_VERSION,
        "analysis": ANALYSIS_VERSION,
        "run": run.id,
    }
    (PLACE / "made.json").write_text(json.dumps(made, indent=2) + "\n")


def live(library: OpenLibrary) -> None:
    """Ask, save and judge."""
    personal = library.personal
    for minute, (query, mode) in enumerate(
        (("badgers", Mode.HYBRID), ("mirror of two metres", Mode.KEYWORD))
    ):
        personal.remember(query, mode, 1, datetime(2026, 1, 20, 9, minute, tzinfo=UTC))
    personal.remember_opened("badgers", str(PLACE / "documents" / "notes" / "badgers.txt"))
    personal.save("Animals", "badgers OR Igel", Mode.KEYWORD)
    personal.save("Prices", "what does a ticket cost", Mode.SEMANTIC)
    [tickets] = library.search("tickets adults", Mode.KEYWORD)[:1]
    judge(library, "what does a ticket cost", tickets.document_id, 1, tickets.passage_id)
    [badgers] = library.search("badgers", Mode.KEYWORD)[:1]
    judge(library, "animals below ground", badgers.document_id, 1)


def tune(libraries: Libraries, library: OpenLibrary) -> Run:
    """The record of a run, written as a run writes it; to tune with so few documents would be refused."""
    active = library.info.active
    plan = TuningPlan("notes", active.number, active.fingerprint, active.model, "smollm2-135m", pairs=4)
    run = new_run(libraries, "notes", plan.to_json())
    with PairWriter(run.pairs, {"library": "notes"}) as pairs:
        for query in ("how large is the telescope", "who digs under the oak", "where do dogs wait"):
            [hit] = library.search(query, Mode.SEMANTIC)[:1]
            text = library.document(hit.document_id).text[hit.start : hit.end]
            positive = Positive(hit.passage_id, hit.document_id, hit.start, hit.end, text)
            pairs.add(own_pair(positive, query, "en"))
        pairs.done({"verdict": "enough"})
    training = {
        "examples": 3,
        "steps": 20,
        "points": [{"step": 20, "loss": 0.42, "measure": 0.8}],
        "share": 0.5,
    }
    judgement = {"verdict": "keep base", "reason": "No step of the training made the model better."}
    return run.at(Stage.JUDGED, training=training, judgement=judgement, seconds={"train": 61.5})


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if any(part in LEFT_OUT for part in Path(member.name).parts[:4]) or member.name.endswith(".lock"):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    main()
