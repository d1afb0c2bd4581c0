"""Lines that somebody wrote to offers that can be bought, all lines at once.

Four statements for up to a thousand lines (numbers, offers, prices, and one of replacements where
a product is not sold any more), two more where it is replaced. The same article named twice is
counted once: the first line holds the sum, the later ones say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from entrepot.platform.carts.quick_order.choosing import Fit, choose, fit, proposed
from entrepot.platform.carts.quick_order.finding import (
    FoundOffer,
    Hit,
    Known,
    find_numbers,
    offers_of,
    replacements_of,
)
from entrepot.platform.carts.quick_order.outcomes import (
    MAX_CANDIDATES,
    MatchedBy,
    MatchedLine,
    Outcome,
    WantedArticle,
)
from entrepot.platform.carts.quick_order.parsing import Reading
from entrepot.platform.catalog.article_numbers import article_key
from entrepot.platform.pricing.queries import price_sheets
from entrepot.platform.quantities import plain

Offers = Mapping[UUID, Sequence[FoundOffer]]
_ONE = Decimal(1)


@dataclass
class _Line:
    """A line on its way: the reading that holds, and what it means."""

    article: WantedArticle
    reading: Reading | None
    hits: list[Hit] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    sum: list[tuple[Decimal, str | None]] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)
    fits: dict[UUID, list[Fit]] = field(default_factory=dict)
    """By product: its offers that sell what is wanted, for the sum of all lines."""

    @property
    def preferred(self) -> tuple[UUID, ...]:
        if self.article.offer_id is not None:
            return (self.article.offer_id,)
        return self.hits[0].offers


async def match(
    legal_entity_id: UUID, company_id: UUID, wanted: Sequence[WantedArticle], now: datetime
) -> list[MatchedLine]:
    """Find what each line means for a buyer, in the order of the lines.

    Only offers that the company may see and that are active are found, priced for the legal
    entity. Never raises for what is written; a fixed number of statements.
    """
    chosen = {line.offer_id for line in wanted if line.offer_id is not None}
    numbers = (reading.number for line in wanted for reading in line.readings)
    known = await find_numbers(company_id, numbers, chosen)
    products = {row["product_id"] for rows in known.by_key.values() for row in rows}
    products |= {one for some in known.by_gtin.values() for one in some} | set(
        known.chosen.values()
    )
    offers = await offers_of(company_id, legal_entity_id, products)
    replaced = await _replaced(company_id, legal_entity_id, products - offers.keys(), offers)
    lines = [_understood(line, known, offers, replaced) for line in wanted]
    firsts = _merged(lines, offers)
    prices = await _prices(legal_entity_id, lines, offers, now)
    return [_result(line, firsts.get(index), offers, prices) for index, line in enumerate(lines)]


async def _replaced(
    company_id: UUID, legal_entity_id: UUID, unsold: set[UUID], offers: dict[UUID, list[FoundOffer]]
) -> dict[UUID, UUID]:
    """Return what stands in for products that are not sold; their offers join `offers`."""
    later = await replacements_of(company_id, unsold) if unsold else {}
    missing = {one for some in later.values() for one in some} - offers.keys()
    if missing:
        offers |= await offers_of(company_id, legal_entity_id, missing)
    return {
        asked: next(one for one in some if one in offers)
        for asked, some in later.items()
        if any(one in offers for one in some)
    }


def _understood(
    article: WantedArticle, known: Known, offers: Offers, replaced: Mapping[UUID, UUID]
) -> _Line:
    first = article.readings[0] if article.readings else None
    if article.offer_id is not None:
        return _of_chosen(article, first, known, offers, replaced)
    sold = offers.keys() | replaced.keys()
    sure: tuple[Reading, list[Hit]] | None = None
    for reading in article.readings:
        hits = known.hits(reading.number, sold)
        if hits and hits[0].matched_by is not MatchedBy.CROSS_REFERENCE:
            sure = reading, hits
            break
        if hits and sure is None:
            sure = reading, hits
    if sure is None:
        return _Line(article, first)
    line = _Line(article, sure[0], sure[1][: 5 * MAX_CANDIDATES])
    _replace(line, offers, replaced)
    return line


def _of_chosen(
    article: WantedArticle,
    first: Reading | None,
    known: Known,
    offers: Offers,
    replaced: Mapping[UUID, UUID],
) -> _Line:
    product_id = known.chosen.get(article.offer_id) if article.offer_id else None
    if product_id is None or (product_id not in offers and product_id not in replaced):
        return _Line(article, first)
    line = _Line(article, first, [Hit(product_id, MatchedBy.EXACT)])
    if all(one.id != article.offer_id for one in offers.get(product_id, ())):
        line.details["other_seller"] = True
        line.hits = [Hit(product_id, MatchedBy.CROSS_REFERENCE)]
    _replace(line, offers, replaced)
    return line


def _replace(line: _Line, offers: Offers, replaced: Mapping[UUID, UUID]) -> None:
    """Put what is sold in the place of products that are not; it counts as a stand-in."""
    after: dict[UUID, Hit] = {}
    for hit in line.hits:
        if hit.product_id in offers:
            after.setdefault(hit.product_id, hit)
        else:
            later = replaced[hit.product_id]
            after.setdefault(later, Hit(later, MatchedBy.CROSS_REFERENCE))
            line.details = {"replaces": str(hit.product_id)}
    line.hits = list(after.values())


def _merged(lines: Sequence[_Line], offers: Offers) -> dict[int, int]:
    """Add the quantities of lines with one article up in the first; return index → first's index.

    A line whose unit no offer knows stays by itself, to be refused alone.
    """
    first_of: dict[object, int] = {}
    merged: dict[int, int] = {}
    for index, line in enumerate(lines):
        amount = line.reading.amount if line.reading else None
        if amount is None:
            continue
        if amount.quantity is None:
            if amount.proposal is not None:  # a typo is not counted, but answered
                line.sum.append((amount.proposal, amount.proposed_unit or amount.unit))
            continue
        wanted = (amount.quantity, amount.unit)
        line.sum.append(wanted)
        key: object
        if len(line.hits) == 1:
            key = (line.hits[0].product_id, line.preferred)
            rivals = offers[line.hits[0].product_id]
            if amount.unit is not None and all(fit(one, [wanted]) is None for one in rivals):
                continue
        elif line.reading is not None and line.article.offer_id is None:
            key = (article_key(line.reading.number), amount.unit)
        else:
            key = line.article.offer_id
        first = first_of.setdefault(key, index)
        if first != index:
            lines[first].sum.append(wanted)
            lines[first].merged.append(line.article.line_number)
            merged[index] = first
    return {index: lines[first].article.line_number for index, first in merged.items()}


async def _prices(
    legal_entity_id: UUID, lines: Sequence[_Line], offers: Offers, now: datetime
) -> dict[tuple[UUID, Decimal], Decimal]:
    """Net price of one unit for each (offer, quantity) among which there is a choice."""
    wanted: dict[tuple[UUID, Decimal], FoundOffer] = {}
    for line in lines:
        for hit in line.hits:
            fits = line.fits[hit.product_id] = _fits(offers[hit.product_id], line.sum)
            if len(fits) > 1:
                wanted |= {(one.offer.id, one.proposal.proposed): one.offer for one in fits}
    sheets = await price_sheets(legal_entity_id, {one for one, _ in wanted}) if wanted else {}
    found: dict[tuple[UUID, Decimal], Decimal] = {}
    for (offer_id, quantity), offer in wanted.items():
        price = sheets[offer_id].price(quantity, now).unit_price
        tax = offer.tax_rate if offer.tax_included else Decimal(0)
        found[offer_id, quantity] = price * 100 / (100 + tax)
    return found


def _fits(offers: Sequence[FoundOffer], wanted: Sequence[tuple[Decimal, str | None]]) -> list[Fit]:
    return [one for offer in offers if (one := fit(offer, wanted or [(_ONE, None)])) is not None]


def _result(
    line: _Line,
    merged_into: int | None,
    offers: Offers,
    prices: Mapping[tuple[UUID, Decimal], Decimal],
) -> MatchedLine:
    article, reading = line.article, line.reading
    amount = reading.amount if reading else None
    details = line.details
    if line.merged:
        details["merged"] = line.merged
    if merged_into is not None:
        details["merged_into"] = merged_into
    made = MatchedLine(
        line_number=article.line_number,
        text=article.text,
        number=reading.number if reading else "",
        quantity=amount.quantity if amount else None,
        unit=amount.unit if amount else None,
        outcome=Outcome.INVALID,
        details=details,
    )
    if article.problem is not None:
        details["problem"] = article.problem.value
        return made
    if amount is not None and amount.problem is not None:
        details |= {"problem": amount.problem.value, "given": amount.given}
        if amount.proposal is not None:
            details["meant"] = plain(amount.proposal)
        if amount.proposed_unit is not None:
            details["meant_unit"] = amount.proposed_unit
    refused = amount is not None and amount.problem is not None
    if not line.hits:
        return made if refused else replace(made, outcome=Outcome.NOT_FOUND)
    best = [_best(hit, line, prices) for hit in line.hits]
    if len(best) > 1:
        found = [str(one[0].offer.id) for one in best if one][:MAX_CANDIDATES]
        details["candidates"] = found
        made = replace(made, matched_by=line.hits[0].matched_by)
        return made if refused else replace(made, outcome=Outcome.AMBIGUOUS)
    return _settled(line, best[0], made, offers, refused=refused)


def _best(
    hit: Hit,
    line: _Line,
    prices: Mapping[tuple[UUID, Decimal], Decimal],
) -> list[Fit]:
    """The offers of a product that sell what is wanted, the one to propose first."""
    fits = line.fits[hit.product_id]
    at_quantity = {
        one.offer.id: prices.get((one.offer.id, one.proposal.proposed), Decimal(0)) for one in fits
    }
    preferred = (line.article.offer_id,) if line.article.offer_id is not None else hit.offers
    return choose(fits, [one for one in preferred if one is not None], at_quantity)


def _settled(
    line: _Line, fits: Sequence[Fit], made: MatchedLine, offers: Offers, *, refused: bool
) -> MatchedLine:
    """The line with the one product that it means."""
    hit = line.hits[0]
    details = line.details
    if hit.stands_in:
        details["stands_in"] = hit.stands_in
    made = replace(made, matched_by=hit.matched_by)
    if not fits:
        some = offers[hit.product_id]
        known = sorted({unit for one in some for unit in one.units})
        if not refused:
            details |= {"problem": "UNIT_NOT_SOLD", "given": made.unit}
        details |= {"product_unit": some[0].product_unit, "sold_units": known}
        offer_id = next((one.id for one in some if one.id in line.preferred), some[0].id)
        return replace(made, offer_id=offer_id)
    found = proposed(fits)
    details |= found.details
    quantity = found.quantity
    if refused:
        outcome = Outcome.INVALID
        quantity = quantity if "meant" in details else None
    else:
        outcome = found.outcome or Outcome(hit.matched_by.value)
    return replace(made, offer_id=found.offer_id, proposed_quantity=quantity, outcome=outcome)
