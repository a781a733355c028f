# ruff: noqa: RUF001
"""Words that stand in every text of their language and tell nothing about it, folded.

Closed classes alone: articles, pronouns, prepositions, conjunctions, auxiliary and question words. Lists that
packages offer for many languages hold hundreds of others ("computer", "group", "cause"), without which
questions lose what they ask for. They are left out of queries, not of documents: "the who" is found.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from findling.analysis import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LISTS = {
    "da": """af alle at blev bliver da de dem den denne der deres det dette dig din disse dog du
    efter eller en end er et for fra ham han hans har havde have hende hendes her hos hun hvad hvem
    hver hvilke hvilken hvis hvor hvordan hvorfor i ikke ind jeg jo kan kunne man med meget men mig
    min mine mit mod ned noget nogle nu når og også om op os over på selv sig sin sine sit skal
    skulle som så til under var vi vil ville vor være været""",
    "de": """aber alle als also am an auch auf aus bei beim bin bis bist da damit dann das dass daß
    dem den denn der des dessen deren die dies diese diesem diesen dieser dieses doch dort du durch
    ein eine einem einen einer eines er es euch euer für gegen gibt hat hatte hatten habe haben hier
    ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jeder jedes kann kein keine
    können mein meine mich mir mit muss müssen nach nicht noch nun nur ob oder ohne sehr sein seine
    seinem seinen seiner sich sie sind so sollte soll sollen über um und uns unser unter vom von vor
    wann war waren warum was weil welche welchem welchen welcher welches wem wen wenn wer werde
    werden wessen wie wieso wird wir wo woher wohin wurde wurden würde zu zum zur zwischen""",
    "en": """a about after all also am an and any are as at be because been before being between
    both but by can could did do does doing don for from had has have having he her here hers
    herself him himself his how i if in into is it its itself just may me might more most much must
    my myself no nor not of off on only or other our ours out over own s same she should so some
    such t than that the their theirs them themselves then there these they this those through to
    too under until up upon us very was we were what when where whether which while who whom whose
    why will with within without would you your yours""",
    "es": """a al algo ante como con contra cual cuales cuando cuanto cuantos de del desde donde
    durante e el ella ellas ellos en entre era eran es esa ese eso esta estaba estan estar este esto
    estos fue fueron ha haber había han has hasta hay la las le les lo los mas más me mi mis muy
    nada ni no nos nosotros o otra otro para pero por porque puede pueden que qué quien quién
    quienes se sea ser si sido sin sobre son su sus también te tiene tienen todo todos tu tus un una
    unas uno unos y ya yo cómo cuándo cuál dónde cuánto cuántos""",
    "fr": """à ai au aussi aux avait avec avez avoir c ce ceci cela ces cet cette comme comment d
    dans de des donc dont du elle elles en entre es est et étaient était été être eu il ils j je l
    la là laquelle le lequel les lesquels leur leurs lors lui m ma mais me même mes moi mon n ne ni
    nos notre nous on ont ou où par pas pendant peut plus pour pourquoi qu quand que quel quelle
    quelles quels qui quoi s sa sans se sera ses si son sont sous sur t ta te tes toi ton tous tout
    toute toutes tu un une vers vos votre vous y""",
    "it": """a ad agli ai al alla alle allo anche c che chi ci come con cosa cui da dagli dai dal
    dalla dalle dallo degli dei del dell della delle dello di dove e ed era erano essere fra gli ha
    hanno i il in io l la le lei li lo loro lui ma mi mia mio ne negli nei nel nella nelle nello noi
    non nostro o ogni per perché più può quale quali quando quanto quanti quella quello questa
    queste questi questo se sei si sia sono stata stato su sua sue sugli sui sul sulla sulle suo
    suoi sull tra tu tutti un una uno vi voi""",
    "nb": """alle at av ble blir bli da de deg dem den denne der deres det dette din disse du eller
    en enn er et etter for fra før ha hadde han hans har hennes her hun hva hvem hver hvilke hvilken
    hvis hvor hvordan hvorfor i ikke inn jeg kan kunne man med meg men min mot når nå noe noen og
    også om opp oss over på seg selv sin sine sitt skal skulle som så til under ut var ved vi vil
    ville være vært""",
    "nl": """aan al alle als altijd ben bij daar dan dat de der deze die dit doch door dus een en er
    ge geen haar had heb hebben heeft hem het hier hij hoe hoeveel hun ik in is ja je kan kunnen
    maar me meer men met mij mijn moet na naar niet niets nog nu of om omdat ons ook op over reeds
    te tegen toch toen tot u uit uw van veel voor waar waarom wanneer want waren was wat we welke
    wel werd werden wie wij wil word worden wordt zal ze zelf zich zij zijn zo zonder zou""",
    "pl": """a aby ale albo bez być był była było były by co czy czym dla do gdy gdzie go i ich ile
    im ja jak jaka jaki jakie jako jego jej jest jeszcze już każdy kiedy kto która które który
    których lub ma mi mnie może my na nad nie niż o od on ona one oni oraz po pod przed przez przy
    są się swoje ta tak także tam te tego tej ten to tu tych tylko tym w we wszystko z za ze że""",
    "pt": """a ao aos as até às com como da das de dele dela do dos e é ela elas ele eles em entre
    era eram essa esse esta está estão este eu foi foram há isso isto já la lhe mais mas me mesmo
    meu minha muito na não nas nem no nos nós num numa o onde os ou para pela pelas pelo pelos por
    porque pode qual quais quando quanto quantos que quem são se sem ser seu seus só sua suas também
    te tem têm um uma você""",
    "ru": """а без был была были было быть в вам вас весь во вот все всего вы где да для до его ее
    ей если есть ещё еще же за и из или им их к как какая какие какой каким когда кого который
    которая которые кто ли мне может мы на над не него нет ни но ну о об он она они оно от по под
    почему при с сколько со так также то того тоже только том ты у уже чего чем что чтобы это этого
    этой этот я""",
    "sv": """alla att av blev bli blir de dem den denna deras dess det detta dig din du där då efter
    eller en er ett från för ha hade han hans har hennes här hon hur i icke in inte jag kan kunde
    man med men mig min mot mycket ni nu när och också om oss på sedan sig sin sina sitt ska skulle
    som så till under upp ut var vad varför vem vi vid vilka vilken vilket vill är över""",
}


def telling(words: Sequence[str], languages: Iterable[str]) -> list[bool]:
    """Of the words of a query, which tell something; all of them where none would.

    Texts are in any of `languages`. The query is taken to be in that language of which it has most stop
    words, the first before the others, if there are enough of them: "car" is one in French.
    """
    folded = [fold(word) for word in words]
    expected = [language for language in languages if language in _LISTS] or ["en"]
    needed = dict.fromkeys(_LISTS, 3) | dict.fromkeys(expected, 2) | {expected[0]: 1}
    counts = {language: sum(word in _stop_words(language) for word in folded) for language in needed}
    likely = [language for language in (*expected, *_LISTS) if counts[language] >= needed[language]]
    if not likely:
        return [True] * len(folded)
    stop_words = _stop_words(max(likely, key=lambda language: counts[language]))
    marks = [word not in stop_words for word in folded]
    return marks if any(marks) else [True] * len(folded)


@cache
def _stop_words(language: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _LISTS[language].split())
