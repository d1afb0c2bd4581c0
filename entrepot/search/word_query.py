"""The words of a question: what each may mean, and what is better proposed than searched by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from entrepot.platform.catalog.article_numbers import fold_look_alikes
from entrepot.platform.catalog.technical_units import COUNTED
from entrepot.platform.catalog.vocabulary.rules import Vocabulary
from entrepot.search.measures import number_term, piece_measures
from entrepot.search.pieces import Kind, Piece, pieces, readable
from entrepot.search.reading import (
    ALTERNATIVES_MAX,
    TERMS_MAX,
    TEXT_MAX,
    TYPO_WORDS_MAX,
    WORDS_MAX,
    MeasureProposal,
    QuantityProposal,
    Term,
    Word,
    Words,
)
from entrepot.search.retyped_words import retyped_chunks, retyped_stems
from entrepot.search.sounds import word_sounds
from entrepot.search.synonyms import Synonyms, compiled
from entrepot.search.words import (
    PREFIX_MIN,
    allowed_typos,
    joined_stem,
    sounds_of,
    split_at_digits,
    word_stems,
)

#: Ranges proposed at most; the rest of a text of ranges is dropped.
MEASURES_MAX: Final = 4
#: Sounds that one word is looked for by.
SOUNDS_MAX: Final = 8
_QUANTITY_MAX: Final = 10**9
#: Parts of a word with hyphens that may stand alone, each a word of its own.
_OWN_PART_MIN: Final = 4


@dataclass(slots=True)
class Draft:
    """A word in the making: the terms as written, other ways to say it, how it sounds."""

    first: tuple[str, ...]
    others: list[tuple[str, ...]] = field(default_factory=list)
    sounds: tuple[str, ...] = ()
    plain: bool = False
    """Whether it is letters only, so that it may be mistyped or unfinished."""


def words_of(text: str, vocabulary: Vocabulary) -> Words:
    """Read the words of a question; pure, total and bounded over any text.

    The first quantity to order (`100 шт`) and ranges of a measure (`10–16 mm`) are proposed and
    not searched by, unless the question says nothing else.
    """
    text = text[:TEXT_MAX]
    synonyms = compiled(vocabulary)
    found = _with_thousands(synonyms.with_units(pieces(text)))
    quantity, counted = _quantity(found, readable(text))
    ranges = [one for one in found if _is_filter(one)][:MEASURES_MAX]
    asked = [one for one in found if one is not counted and one not in ranges]
    drafts = _drafts(asked, text, synonyms) or _drafts(found, text, synonyms)
    measures = tuple(
        MeasureProposal(one.values[0], one.values[1], one.unit or "", one.shown) for one in ranges
    )
    return Words(_finished(drafts), quantity, measures)


def _with_thousands(found: list[Piece]) -> list[Piece]:
    """The pieces, `1 000 шт` as one. `8 100 шт` may be a hundred of size 8, and stays in two."""
    read: list[Piece] = []
    for one in found:
        before = read[-1] if read else None
        if (
            before is not None
            and before.kind is Kind.NUMBER
            and before.written.isdecimal()
            and one.unit in COUNTED
            and one.values[:1] == (Decimal(0),)
            and one.shown.startswith("000")
            and one.start == before.end + 1
        ):
            value = Decimal(before.written[:9]) * 1000
            shown = f"{before.shown} {one.shown}"
            read[-1] = one._replace(start=before.start, values=(value,), shown=shown, glued=False)
        else:
            read.append(one)
    return read


def _quantity(found: list[Piece], text: str) -> tuple[QuantityProposal | None, Piece | None]:
    """The first number of pieces or packs, unless it says how many a pack holds."""
    for place, one in enumerate(found):
        if one.kind is not Kind.MEASURE or one.is_range or one.unit not in COUNTED:
            continue
        value = one.values[0]
        of_a_pack = text[one.end : one.end + 1] == "/" or (
            place > 0 and found[place - 1].written in ("по", "of")
        )
        if one.unit and value and 0 < value <= _QUANTITY_MAX and not of_a_pack:
            return QuantityProposal(value, one.unit, one.shown), one
    return None, None


def _is_filter(one: Piece) -> bool:
    return one.is_range and one.unit is not None and one.unit not in COUNTED


def _drafts(found: list[Piece], text: str, synonyms: Synonyms) -> list[Draft]:
    """Words of the pieces in order, each once, with what the marketplace says about them."""
    meant = [one for one in found if not synonyms.is_stop_word(one)] or found
    drafts: dict[tuple[str, ...], Draft] = {}
    for chunk, signs in retyped_chunks(meant, text):
        if signs and len(chunk) > 1:
            stems = tuple(stem for one in chunk for stem in word_stems(one))[:TERMS_MAX]
            drafts.setdefault(stems, Draft(stems, others=[(sign,) for sign in signs]))
            continue
        for draft in (draft for one in chunk for draft in _of_piece(one)):
            draft.others[:0] = [(sign,) for sign in signs]
            drafts.setdefault(draft.first, draft)
    kept = [draft for draft in drafts.values() if draft.first][:WORDS_MAX]
    synonyms.add_to([(draft.first, draft.others) for draft in kept])
    return kept


def _of_piece(one: Piece) -> list[Draft]:
    if one.kind is Kind.NUMBER:
        return [Draft((number_term(one.written),))]
    if one.kind is Kind.MEASURE:
        glued = fold_look_alikes(one.written) if one.glued and one.written.isalnum() else ""
        return [Draft(tuple(piece_measures(one)), _ways([(glued,)]))]
    if one.kind is Kind.SIZE:
        parts = tuple(fold_look_alikes(part) for part in one.parts)
        ways = _ways([parts, tuple(piece_measures(one))])
        return [Draft((fold_look_alikes(one.written),), ways)]
    stems = word_stems(one)
    joined = joined_stem(one)
    if len(one.parts) < 2:
        return [_plain(stem, one) for stem in stems]
    if all(part.isalpha() and len(part) >= _OWN_PART_MIN for part in one.parts):
        return [Draft((stem,), _ways([(joined,)]), plain=True) for stem in stems]
    heard = tuple(sounds_of(one)[-1:]) if one.written.isalpha() else ()
    return [Draft(tuple(stems[:TERMS_MAX]), _ways([(joined,)]), heard)]


def _ways(ways: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those that say anything."""
    return [way for way in ways if any(way)]


def _plain(stem: str, one: Piece) -> Draft:
    """A word without hyphens: in the other layout too, and `iphone13` also in two."""
    if not one.written.isalpha():
        apart = split_at_digits(one.written)
        return Draft((stem,), _ways([apart]))
    retyped = retyped_stems(one.written)
    sounds = [*sounds_of(one), *(sound for other in retyped for sound in word_sounds(other))]
    others = _ways((other,) for other in retyped)
    return Draft((stem,), others, tuple(dict.fromkeys(sounds))[:SOUNDS_MAX], plain=True)


def _finished(drafts: list[Draft]) -> tuple[Word, ...]:
    words = []
    for place, draft in enumerate(drafts):
        may_err = draft.plain and place < TYPO_WORDS_MAX
        first = tuple(
            Term(
                stem,
                allowed_typos(stem) if may_err else 0,
                prefix=draft.plain and len(stem) >= PREFIX_MIN,
            )
            for stem in draft.first
        )
        others = dict.fromkeys(
            tuple(Term(stem) for stem in other[:TERMS_MAX])
            for other in draft.others
            if other and other != draft.first
        )
        alternatives = (first, *others)[:ALTERNATIVES_MAX]
        words.append(Word(alternatives, draft.sounds))
    return tuple(words)
