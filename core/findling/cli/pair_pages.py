"""Pages of pairs on a terminal, turned and edited by single keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from findling.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import Console, RenderableType
    from rich.text import Text

    from findling.synthesis.pair import Pair
    from findling.synthesis.pair_set import PairSet

    #: Asks for a line of text, beginning with another one; None when the person thinks better of it.
    Ask = Callable[[str, str], str | None]

#: Of a longer passage the part around the first word of the query is shown.
_PASSAGE_CHARACTERS = 1200
_BEFORE_CHARACTERS = 200
_KEYS = (
    "enter next · b back · e edit · d drop · r restore · a ask your own · x example · / filter · g go to"
    " · q quit"
)
_QUIT, _RIGHT, _LEFT = "q", "\x1b[C", "\x1b[D"
_FILTER_HELP = "kept, rejected, kind:KIND, words of the query; empty for all"


def page_through(found: PairSet, chosen: Sequence[Pair]) -> None:
    """Show `chosen` of the pairs, one a page, until the person quits; changes go to the file at once."""
    from rich.console import Console

    def key() -> str:
        try:
            return click.getchar()
        except EOFError:  # Ctrl-D
            return _QUIT

    Pages(found, chosen, Console(highlight=False), key, ask_with_beginning).run()


def ask_with_beginning(prompt: str, beginning: str) -> str | None:
    """Ask for a line on the terminal; what it begins with can be edited in place where the system has
    readline, else it stands for an empty answer."""
    try:
        import readline
    except ImportError:
        readline = None
    if readline is None:
        try:
            answer: str = click.prompt(prompt, default=beginning)
        except click.Abort:
            return None
        return answer
    readline.set_startup_hook(lambda: readline.insert_text(beginning))
    try:
        return input(f"{prompt}: ")
    except (EOFError, KeyboardInterrupt):
        return None
    finally:
        readline.set_startup_hook()


class Pages:
    """One review: which pairs are paged through, and at which of them it is. `key` waits for a key."""

    def __init__(
        self, found: PairSet, chosen: Sequence[Pair], console: Console, key: Callable[[], str], ask: Ask
    ) -> None:
        self._found = found
        self._ids = [pair.id for pair in chosen]
        self._console = console
        self._key = key
        self._ask = ask
        self._at = 0
        self._said = ""

    def run(self) -> None:
        """Until the person quits."""
        actions: dict[str, Callable[[], None]] = {
            **dict.fromkeys(("\r", "\n", " ", _RIGHT), self._next),
            **dict.fromkeys(("b", _LEFT), self._back),
            "e": self._edit,
            "d": self._drop,
            "r": self._restore,
            "a": self._add,
            "x": self._mark,
            "/": self._filter,
            "g": self._go_to,
        }
        while True:
            self._show()
            pressed = self._key()
            if pressed == _QUIT:
                return
            self._said = ""
            try:
                actions.get(pressed, self._unknown)()
            except UserError as error:
                self._said = str(error)

    @property
    def _pair(self) -> Pair:
        if not self._ids:
            raise UserError("No pair is shown.", "Press / and enter for all.")
        return self._found.pairs[self._ids[self._at]]

    def _unknown(self) -> None:
        self._said = "No such key."

    def _next(self) -> None:
        if self._at + 1 < len(self._ids):
            self._at += 1
        else:
            self._said = "This is the last one."

    def _back(self) -> None:
        if self._at:
            self._at -= 1
        else:
            self._said = "This is the first one."

    def _edit(self) -> None:
        from findling.synthesis.pair_file import edited

        pair = self._pair
        query = self._ask("Query", pair.query)
        if query is not None and query.strip() != pair.query:
            self._write(edited(pair.id, query))

    def _drop(self) -> None:
        self._write({"drop": {"id": self._pair.id, "reason": ""}})

    def _restore(self) -> None:
        self._write({"restore": {"id": self._pair.id}})

    def _add(self) -> None:
        from findling.synthesis.pair_file import own_pair
        from findling.synthesis.pair_set import passages_of

        source = passages_of(self._found)[self._pair.positive.passage_id]
        query = self._ask("Your question for this passage", "")
        if query is None:
            return
        pair = own_pair(source.positive, query, source.language)
        self._write({"add": pair.to_json()})
        if pair.id not in self._ids:
            self._ids.insert(self._at + 1, pair.id)
        self._at = self._ids.index(pair.id)

    def _mark(self) -> None:
        pair = self._pair
        self._write({"mark": {"id": pair.id, "example": pair.id not in self._found.examples}})

    def _filter(self) -> None:
        asked = self._ask(f"Filter ({_FILTER_HELP})", "")
        if asked is None:
            return
        found = _filtered(self._found, asked.strip())
        if not found:
            raise UserError(f"No pair fits {asked!r}.")
        shown = self._pair.id if self._ids else ""
        self._ids = found
        self._at = found.index(shown) if shown in found else 0

    def _go_to(self) -> None:
        asked = (self._ask(f"Number (1–{len(self._ids)}) or id", "") or "").strip()
        if asked in self._ids:
            self._at = self._ids.index(asked)
        elif asked.isdecimal() and 0 < int(asked) <= len(self._ids):
            self._at = int(asked) - 1
        elif asked:
            raise UserError(f"There is no pair {asked!r} among these.")

    def _write(self, change: dict[str, object]) -> None:
        from findling.synthesis.pair_file import PairWriter

        with PairWriter(self._found.path) as writer:
            writer.write([change])
        self._found.fold(change)

    def _show(self) -> None:
        from rich.rule import Rule

        console = self._console
        console.clear()
        if self._ids:
            for part in _page(self._found, self._pair):
                console.print(part)
        console.print(
            Rule(f"{self._at + 1:,} / {len(self._ids):,}" if self._ids else "no pairs", style="dim")
        )
        console.print(_KEYS, style="dim", markup=False)
        if self._said:
            console.print(self._said, style="yellow", markup=False)


def _filtered(found: PairSet, asked: str) -> list[str]:
    """The ids of the pairs that fit."""
    folded = asked.casefold()
    if folded in ("kept", "rejected"):
        return [pair.id for pair in (found.kept if folded == "kept" else found.rejected)]
    if folded.startswith("kind:"):
        kind = folded.removeprefix("kind:").strip()
        return [pair.id for pair in found.pairs.values() if pair.provenance.kind.casefold() == kind]
    return [pair.id for pair in found.pairs.values() if folded in pair.query.casefold()]


def _page(found: PairSet, pair: Pair) -> Iterable[RenderableType]:
    from rich.text import Text

    kept = found.keeps(pair)
    state = Text("kept" if kept else "rejected", style="green" if kept else "red")
    head = [pair.provenance.kind, pair.provenance.origin.value, pair.language, pair.id]
    head += ["example"] if pair.id in found.examples else []
    yield Text.assemble(state, "  ", ("  ".join(filter(None, head)), "dim"))
    yield Text(pair.query, style="bold")
    if pair.id in found.edited:
        yield Text(f"before: {found.edited[pair.id]}", style="dim")
    if reason := found.reason(pair):
        yield Text(reason, style="red")
    yield Text()
    yield _passage(pair)
    for verdict in pair.verdicts:
        value = "" if verdict.value is None else f" {verdict.value:.2f}"
        yield Text(f"{'✓' if verdict.passed else '✗'} {verdict.filter}{value}  {verdict.reason}", style="dim")


def _passage(pair: Pair) -> Text:
    """With the words of the query marked."""
    from rich.text import Text

    from findling.synthesis.overlap import shared_spans

    whole = pair.positive.text
    spans = shared_spans(pair.query, whole, pair.language)
    start = 0
    if len(whole) > _PASSAGE_CHARACTERS:
        wanted = spans[0][0] if spans else 0
        start = min(max(0, wanted - _BEFORE_CHARACTERS), len(whole) - _PASSAGE_CHARACTERS)
    end = start + _PASSAGE_CHARACTERS
    text = Text(whole[start:end])
    for first, last in spans:
        if first < end and last > start:
            text.stylize("bold reverse", max(0, first - start), last - start)
    return Text.assemble("…" if start else "", text, "…" if end < len(whole) else "")
