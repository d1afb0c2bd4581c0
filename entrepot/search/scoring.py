"""How well words match an offer: the one formula, for every engine.

The text score of an offer is the sum over the words of the question, and over the fields that
hold the word, of `term_weight` × the factor of the field, times `document_weight` of the offer.
How often a field repeats a word does not count, that several fields hold it does: what title,
description and attributes all say is what the product is. Offers with all words stand before
those with some (`Hit.all_words`), whatever their scores. Of a word's alternatives the best counts.

The figures are tuned on half of the queries of public judgments (docs/search.md, Ranking).

Nothing here depends on what the asker may not see: `term_weight` takes counts of visible offers,
`document_weight` the document alone. That is why there is no average length in it, as BM25 has.
"""

from __future__ import annotations

import math
from typing import Final

from entrepot.search.document import OfferDocument

#: What a word is worth by the field that holds it; the fields' worths are added.
TITLE: Final = 1.0
CATEGORY: Final = 0.5
OTHER: Final = 0.8
ATTRIBUTE: Final = 0.4
#: The name of an attribute that is true: nearly all notebooks have Bluetooth.
FEATURE: Final = 0.1
#: A word that only sounds alike, in whatever field.
SOUND: Final = 0.3
#: A word of the document that is one edit away, and two edits.
ONE_EDIT: Final = 0.5
TWO_EDITS: Final = 0.25
#: A longer word of the document that begins with the word asked for.
BEGINNING: Final = 0.7
#: A synonym, or the word in the other keyboard layout, against the word as written.
ALTERNATIVE: Final = 0.9

#: What an offer of endless texts weighs; what the shortest title adds, and the shortest of all
#: other texts; and at how many stems each of these has fallen to a third.
_LONG: Final = 0.7
_SHORT_TITLE: Final = 0.4
_SHORT_TEXT: Final = 0.1
_TITLE_LENGTH: Final = 15
_TEXT_LENGTH: Final = 20
#: Stems from here on are Cyrillic.
_CYRILLIC: Final = "\u0400"
_IN_STOCK: Final = 0.02
_RATING: Final = 0.02
_POPULARITY: Final = 0.03


def term_weight(holding: int, documents: int) -> float:
    """What a word is worth that `holding` of `documents` visible offers hold; above 0.

    The inverse document frequency of BM25 in the form that stays positive,
    ln(1 + (N − n + ½) / (n + ½)) (Robertson and Zaragoza 2009, as in Lucene). Counts that
    cannot be (an index that changes meanwhile) are read as the nearest possible ones.
    """
    documents = max(documents, 0)
    holding = min(max(holding, 0), documents)
    return math.log1p((documents - holding + 0.5) / (holding + 0.5))


def document_weight(document: OfferDocument) -> float:
    """What the text score of an offer is multiplied by: 0.7 to 1.3, from the document alone.

    Long texts name many things that the product is not, long titles above all; of a title in two
    languages the longer one counts. Availability, the seller's rating and popularity together
    move the score by 7 % at most, so that text comes first.
    """
    stems = set(document.title_terms)
    russian = sum(stem >= _CYRILLIC for stem in stems)
    title = max(russian, len(stems) - russian)
    text = len(set(document.other_terms)) + len(document.texts)
    brevity = _SHORT_TITLE * math.exp(-title / _TITLE_LENGTH)
    brevity += _SHORT_TEXT * math.exp(-text / _TEXT_LENGTH)
    quality = 1 + _IN_STOCK * document.in_stock
    quality += _RATING * min(max(document.rating / 500, 0.0), 1.0)
    quality += _POPULARITY * min(max(document.popularity / 100, 0.0), 1.0)
    return (_LONG + brevity) * quality
