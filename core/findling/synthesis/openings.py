"""How sentences begin that cannot be understood without the one before: what points back, and what goes on.

English, German, French, Spanish, Italian, Portuguese, Dutch; a language that is not here has more of them
pass. Pronouns of the first and second person are among them: who speaks stands elsewhere.
"""

from __future__ import annotations

import re

from findling.analysis import fold

#: The first word of a sentence that points back or goes on, by language.
_WORDS = {
    "en": """
        this that these those it its he his she her hers they their theirs them we our us i my me you
        your such both neither either another former latter same here there then thus so therefore hence
        however but and or nor yet because although though while whereas since moreover furthermore also
        additionally besides finally instead otherwise consequently meanwhile nevertheless nonetheless
        similarly likewise indeed again which who whose where when what why how if accordingly
        conversely interestingly subsequently overall together first second third firstly secondly
        thirdly next lastly note see yes no well okay ok hi hello dear please sorry thanks thank
        importantly surprisingly notably specifically rather still even one ones some most many several
        others other all each none afterwards later earlier today yesterday tomorrow as be is are was were
        just maybe perhaps often attached enclosed click look looking
        """,
    "de": """
        dies diese dieser dieses diesem diesen jene jener jenes solche solcher solches es er sie wir ich
        ihr ihre ihrer ihren ihrem sein seine seiner seinen seinem unser unsere mein meine du dein deine
        deren dessen jedoch aber und oder denn doch so dann daher deshalb deswegen darum dadurch dabei
        damit dafür dagegen danach daraus daran darauf darin darüber davon davor dazu demnach außerdem
        ferner zudem auch hier dort da somit folglich also trotzdem dennoch allerdings hingegen
        schließlich anschließend beide beides beispielsweise ja nein bitte danke hallo weil obwohl
        während wenn falls insgesamt dementsprechend ebenso ebenfalls stattdessen letztere letzterer
        erstere ersterer welche welcher einige viele manche andere alle sonst zuerst zunächst anbei ist
        sind war
        """,
    "fr": """
        ce cet cette ces cela ceci ça c il elle ils elles on nous vous je j son sa ses leur leurs notre
        nos votre vos mon ma mes celui celle ceux celles cependant toutefois mais et ou donc ainsi alors
        puis ensuite enfin pourtant néanmoins aussi ici là dès lors or car parce quoique lorsque quand
        si y en telle tel tels telles oui non merci bonjour certains certaines plusieurs autres tous
        toutes chacun chacune également finalement lui ci-joint ci-jointe
        """,
    "es": """
        este esta estos estas ese esa esos esas esto eso ello aquel aquella él ella ellos ellas su sus
        mi mis tu tus nuestro nuestra yo nosotros lo pero y e o u sin así entonces luego además también
        aquí allí ahí asimismo tampoco aunque porque cuando si pues ambos ambas otros otras algunos
        algunas muchos todos todas sí gracias hola mientras finalmente después dicho dicha dichos dichas
        """,
    "it": """
        questo questa questi queste quello quella quelli esso essa essi egli lui lei loro suo sua suoi
        ma ed inoltre tuttavia quindi così anche però infatti dunque poi entrambi perché quando
        """,
    "pt": """
        isto isso esse essa esses essas ele ela eles elas seu sua seus suas mas porém contudo além
        também assim então ambos porque quando
        """,
    "nl": """
        dit dat deze die hij zij ze wij we ik jij zijn haar hun maar ook echter daarom daarna dus en of
        omdat hier daar toen beide
        """,
}
_FORMS = tuple(
    map(
        fold,
        """
        in this|in these|in that|in those|in addition|in contrast|in particular|in fact|in such|in both
        |in all|of these|of those|of this|of the two|for this|for these|for example|for instance|for that
        |on this|on these|on the other|on the contrary|at this|at that|at these|to this|to these
        |to do this|with this|with these|by this|by these|by doing|by contrast|from this|from these
        |from here|under these|under this|after this|after that|using this|using these|based on this
        |based on these|given this|given these|apart from this|more recently|the latter|the former
        |the same|the other|the second|the third|the first|the above|the following|the rest|the two
        |the authors|the results|the result|the present|the paper|the study|das ist|das sind|das war
        |das waren|das wird|das wurde|das hat|das hatte|das kann|das gilt|das bedeutet|das heißt|das führt
        |das macht|das liegt|in dieser|in diesem|in diesen|bei diesen|bei dieser|bei diesem|mit dieser
        |mit diesem|mit diesen|zu diesem|zu dieser|zu diesen|von diesen|von dieser|aus diesem|aus diesen
        |aus dieser|auf diese|auf dieser|durch diese|nach dieser|nach diesem|unter diesen|zum beispiel
        |im gegensatz|im folgenden|der erste|die erste|das erste|der zweite|die zweite|die folgende
        |die beiden|darüber hinaus|für diese|an dieser|de plus|en outre|en effet|en revanche|par exemple
        |par conséquent|par ailleurs|d'autre part|d'une part|dans ce|dans cet|dans cette|dans ces|de ce
        |de cette|de ces|à ce|à cette|pour ce|pour cela|pour cette|avec ce|avec cette|l'un|l'une|l'autre
        |les deux|le premier|la première|le second|la seconde|le même|la même|c'est|n'est|qu'il|a noter
        |au cours de ce|après cela|sur ce|sur cette|il y a|en este|en esta|en estos|en estas|en ese|en esa
        |en cambio|en efecto|por ejemplo|por lo tanto|por tanto|por ello|por eso|por esta|por este
        |por otro lado|por otra parte|no obstante|sin embargo|de este|de esta|de estos|con este|con esta
        |para este|para esta|para ello|a este|a esta|el primero|la primera|el segundo|la segunda|los dos
        |las dos|el mismo|la misma|a pesar de
        """.replace("\n", " ").split("|"),
    )
)
_FORM_WORDS = frozenset(tuple(re.findall(r"\w+", form)) for form in _FORMS)
_LONGEST_FORM = max(map(len, _FORM_WORDS))
_POINTING = {language: frozenset(words.split()) for language, words in _WORDS.items()}
#: Where the language is not known.
_POINTING_ANYWHERE = frozenset[str]().union(*_POINTING.values())
#: Wherever they stand: what people say while they think, and who speaks.
_FILLERS = frozenset(fold("yeah yep um uh hmm mm mhm huh okay ok cuz gonna wanna äh ähm euh").split())
_SPOKEN = _FILLERS | frozenset(
    fold(
        """
        i i'm i'll i've i'd we we'll we've we're our ours us me my mine myself ich mir mich mein meine
        wir uns unser unsere unseren unserem unserer je j'ai moi mon ma mes nous notre nos yo nosotros
        nuestro nuestra nuestros nuestras mi mis noi ik wij please bitte thanks
        """
    ).split()
)
#: What a question asks about elsewhere, but for "is it" and the like.
_ELSEWHERE = frozenset("he him she they them their it this these those".split())
_IMPERSONAL = re.compile(r"\b(?:is|was|will|would) it\b|\bdoes it (?:take|cost)\b", re.IGNORECASE)
#: How questions begin, as far as languages are here.
_ASKING = {
    language: frozenset(fold(words).split())
    for language, words in {
        "en": """
            who whom whose what what's when when's where where's why how how's which can could do does
            did is are was were will would shall should may must has have if am at by for from in of on
            to under with
            """,
        "de": """
            wer wen wem wessen was wann wo wohin woher woran worauf woraus wodurch wofür womit wozu
            worin warum wieso weshalb wie wieviel welche welcher welches welchen welchem kann können
            könnte darf dürfen muss müssen ist sind war gibt hat haben wird werden soll sollen sollte
            wenn an auf aus bei bis für in mit nach seit über um unter von vor zu
            """,
        "fr": """
            qui que qu'est quoi quand où pourquoi comment quel quels quelle quelles combien lequel
            laquelle est est-ce peut peut-on puis-je faut-il dois-je doit-on y existe-t-il si à avec
            dans de depuis en par pour sur
            """,
        "es": """
            qué quién quiénes cuál cuáles cuándo dónde adónde cómo cuánto cuánta cuántos cuántas por
            para puedo puede pueden podemos es son hay debo debe tengo tiene existe se si a con de desde
            en
            """,
    }.items()
}


_LATE_PRONOUN = re.compile(
    r"^[^,]{1,70},\s(?:it|he|she|they|er|sie|es|il|elle|ils|elles|él|ella|ellos|ellas)\s", re.IGNORECASE
)


def stands_alone(sentence: str, language: str) -> bool:
    """Whether a sentence in `language` (ISO 639-1, or "") needs no other before it, and nobody to say it, as
    far as its words show."""
    words = re.findall(r"\w+", sentence.casefold())
    pointing = _POINTING.get(language, frozenset()) if language else _POINTING_ANYWHERE
    if not words or words[0] in pointing or _LATE_PRONOUN.search(sentence):
        return False
    if not _SPOKEN.isdisjoint(_words(sentence)):
        return False
    beginnings = (tuple(map(fold, words[:length])) for length in range(2, _LONGEST_FORM + 1))
    return _FORM_WORDS.isdisjoint(beginnings)


def asks_alone(question: str, language: str) -> bool:
    """Whether a question begins as one in `language` and does not ask about what was said before it."""
    words = _words(question)
    asking = None if question.startswith("¿") else _ASKING.get(language)
    if not words or (asking is not None and words[0] not in asking):
        return False
    bare = _words(_IMPERSONAL.sub("", question))
    return _ELSEWHERE.isdisjoint(bare) and _FILLERS.isdisjoint(words)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+(?:['-]\w+)*", fold(text).replace("’", "'"))
