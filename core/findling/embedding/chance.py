"""What an embedder gives to texts that have nothing to do with each other: some a cosine about 0.1, some 0.7.

The passages are as long as those of documents, because the figures depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chance:
    """Mean and standard deviation of the cosines of queries and passages that do not answer them."""

    mean: float
    spread: float


#: No passage answers a question.
QUESTIONS = (
    "How often does the boiler have to be serviced?",
    "Who painted the ceiling of the chapel?",
    "What is the fine for returning a book late?",
    "Why did the share price fall in the spring?",
    "Which vaccines do I need before I travel to Kenya?",
    "When do swallows fly south?",
    "How much flour goes into the dough?",
    "What did the court decide about the fence?",
    "Can the train seat be changed after booking?",
    "How do I reset the password of the router?",
    "What is the height of the tower?",
    "Which river flows through the town?",
    "Who wrote the report on soil?",
    "Do I need a permit for the campfire?",
    "Wie lange hält der Akku?",
    "Qui a gagné la course l'année dernière ?",
)
PASSAGES = tuple(
    " ".join(paragraph.split())
    for paragraph in """
    The winger scored twice in the second half, and the visitors went home with a point. Their coach spoke of
    a deserved result, although his goalkeeper had been the busiest man on the pitch and the referee had
    overlooked a clear foul shortly before the whistle.

    Granite forms when molten rock cools slowly, deep below the surface. Quartz, feldspar and mica have time
    to grow into grains that can be seen with the naked eye. Where the cover is worn away, the bare rock
    splits along joints into rounded blocks.

    Her violin was made in Cremona around 1720 and has been restored three times since. The varnish of the
    back is original, the scroll is not. She played it in the slow movement with hardly any vibrato, which
    the critics of the day found cold.

    Please send the signed copy of the lease to our office before the end of the month. The deposit amounts
    to three rents and is paid back with interest once the rooms have been handed over. Keys that were lost
    are charged to the tenant.

    The function returns an empty list when no element satisfies the condition. It does not alter its
    argument, and it may be called from several threads. If the second argument is left out, elements are
    compared by identity and not by value.

    Patients whose symptoms lasted for more than a week were given a second dose. Of the 212 who took part,
    nine left the trial early. Differences between the two groups were small and lay within what was to be
    expected by accident.

    The parliament was dissolved in October, and new elections were held in January. Neither of the large
    parties won enough seats to govern alone, so that for the first time three of them signed an agreement,
    which lasted barely eleven months.

    Tighten the four screws crosswise and check that the wheel turns freely. Grease the bearing, put the
    cover back, and make sure that the seal lies flat. After ten hours of work the screws are to be tightened
    once more with the same torque.

    Tomatoes want full sun, and water at the roots rather than on the leaves. Pinch out the side shoots every
    week and tie the stem to a stake. Towards the end of summer the tip is cut off, so that the last fruits
    ripen before the first frost.

    The brig lost her foremast in the gale and was towed into the harbour by a steamer. Her cargo of timber
    had shifted, and two of the crew were brought ashore with broken ribs. The underwriters had her surveyed,
    and sold her for scrap.

    Dear Helen, thank you for the parcel and the photographs. The children have put them up above the piano.
    We are still waiting for the painter, who promised to come on Tuesday, and the cat has chosen the new
    sofa as her own.

    Turnover rose by four per cent to 38 million, mostly through orders from abroad. Costs of energy weighed
    on the result. The board proposes an unchanged dividend and expects a quiet second half, provided that
    freight does not become dearer.

    In the dream she walked through a house with no doors, and in every room somebody was counting aloud.
    When she woke the lamp was still burning. Outside a cart went by, and she thought of the summer when her
    brother had learned to whistle.

    Light bends when it enters glass at an angle, because it is slower there than in air. Blue is bent more
    than red. Two lenses of different glass, cemented together, bring both colours to nearly the same focus,
    at the price of weight.

    Die Sitzung begann um neun Uhr. Der Kassier legte die Rechnung vor, die ohne Gegenstimme genehmigt wurde.
    Für das nächste Jahr ist vorgesehen, das Vereinsheim neu zu streichen und die alten Stühle zu verkaufen;
    über die Heizung wird im Herbst beraten.

    Faites revenir les oignons à feu doux, ajoutez les carottes coupées en rondelles, puis couvrez de
    bouillon. Laissez mijoter quarante minutes. Au moment de servir, parsemez de persil et posez sur la table
    un peu de crème et du pain grillé.
    """.split("\n\n")
)
