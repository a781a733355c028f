"""LaTeX: what is text of it, headings, environments, accents, macros, bibliographies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from findling.documents import Document


@pytest.fixture
def source(parsed):
    return lambda content, name="made.tex": parsed(name, content)


def shown(document: Document) -> list[tuple[str, str, int | None]]:
    return [(block.kind.value, block.text, block.anchor.line) for block in document.blocks]


_PAPER = r"""\documentclass[11pt]{article}
\usepackage{graphicx} % not text
\newcommand{\name}{\textsc{Findling}\xspace}
\title[Short]{On \name{}\thanks{Paid.}}
\author{Ann Ode\thanks{X} \and Bo L\"y\\ Bern}
\date{2020-05-06}
\begin{document}
\maketitle
% \section{Never}
\section*{Intro\label{i}}
Some \emph{light} and \textbf{strong \textit{nested}} text~\cite[p.~3]{x}, 50\% of
it by \name.\footnote{A note.} See \href{http://x.org}{the page}.

A ``quoted'' na\"{\i}ve caf\'e --- $a_1 < b$.
\subsection{Lists}
\begin{itemize}
  \item one
  \item[two] and more
\end{itemize}
\begin{verbatim}
x  = {1}
\end{verbatim}
\begin{equation}\label{e}
E = mc^2
\end{equation}
\begin{table}[h]
\caption{Peaks of \emph{Bern}}
\begin{tabular}{l|r}
\hline
Name & Height \\ \hline
M\"onch & 4110\,m \\
\multicolumn{2}{c}{both} \\
\end{tabular}
\end{table}
\input{/etc/passwd}
\begin{comment}
never
\end{comment}
End.
\end{document}
never
"""


def test_a_paper(source) -> None:
    document = source(_PAPER)
    assert (document.kind, document.title) == ("tex", "On Findling")
    assert (document.author, document.written) == ("Ann Ode, Bo Lÿ", "2020-05-06")
    assert shown(document) == [
        ("heading", "Intro", 10),
        ("paragraph", "Some light and strong nested text, 50% of it by Findling. See the page.", 11),
        ("note", "A note.", 12),
        ("paragraph", "A “quoted” naïve café — a_1 < b.", 14),
        ("heading", "Lists", 15),
        ("list item", "one", 17),
        ("list item", "two and more", 18),
        ("code", "x  = {1}", 21),
        ("paragraph", "E = mc^2", 23),
        ("caption", "Peaks of Bern", 27),
        ("table header", "Name | Height", 30),
        ("table row", "Mönch | 4110 m", 31),
        ("table row", "both", 32),
        ("paragraph", "End.", 39),
    ]
    assert document.blocks[5].anchor.headings == ("Intro", "Lists")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\c{C}a\u{g}lar G\"{u}l\c cehre", "Çağlar Gülçehre"),
        (r"\v{S}koda \AA ngstr\"om stra\ss e \o re", "Škoda Ångström straße øre"),
        (r"\H{o} \~n \^{o} \`a", "ő ñ ô à"),
        (r"a\_b \{c\} \$5 \& \#1 \textbackslash n", "a_b {c} $5 & #1 \\n"),
        (r"one\\two\quad three\,four", "one two three four"),
        (r"\verb|a_b{| and \unknown[x]{kept} \color{red}red", "a_b{ and kept red"),
        (r"$$x$$", "x"),
        (r"\textcolor{red}{shown} \vspace{1em}", "shown"),
    ],
)
def test_commands(source, written: str, meant: str) -> None:
    (block,) = source(written).blocks
    assert (block.text, block.anchor.line) == (meant, 1)


def test_a_bibliography(source) -> None:
    document = source(
        '@string{x = "y"}\n@article{ode20,\n  title = {The {M\\"onch}},\n  author = "Ode, Ann",\n'
        "  year = 2020\n}\n",
        "made.bib",
    )
    assert shown(document) == [("paragraph", "ode20\ntitle: The Mönch\nauthor: Ode, Ann\nyear: 2020", 2)]
    document = source(
        "\n@book{a, title={One, {two}}, year=1999}\n@misc{b,\nnote={open\n@misc{c, x=y}", "made.bib"
    )
    assert shown(document) == [
        ("paragraph", "a\ntitle: One, two\nyear: 1999", 2),
        ("paragraph", "b\nnote: open", 3),
        ("paragraph", "c\nx: y", 5),
    ]


def test_a_style_file_is_code(source) -> None:
    assert shown(source("% For letters\n\\def\\x#1{y}\n", "made.sty")) == [
        ("code", "% For letters\n\\def\\x#1{y}", 1)
    ]


@pytest.mark.parametrize(
    "written",
    [
        "{" * 5000,
        "\\emph{" * 3000 + "x",
        "\\section{" * 3000 + "x",
        "\\begin{tabular}{l}" * 500,
        "\\footnote{\\footnote{" * 500,
        "\\def",
        "\\def\\x",
        "\\newcommand",
        "\\begin{verbatim}\nx",
        "$" * 999,
        "\\",
        "\\verb|",
        '\\"',
        "\\item[",
    ],
)
def test_what_is_not_closed(source, written: str) -> None:
    source(written)
    assert "words" in source(f"words\n\n{written}").text
