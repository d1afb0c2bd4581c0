"""How the amounts of an order come about, as pure functions over what was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from entrepot.platform.money import round_minor
from entrepot.platform.orders.rules import ZERO, Amounts, line_amounts, tax_rate_for
from entrepot.platform.pricing.order_rows import (
    LinePrice,
    OfferFacts,
    OrderPrices,
    PartKey,
    SellerPart,
    WantedLine,
)
from entrepot.platform.pricing.promotions.rules import (
    Decision,
    Outcome,
    Part,
    Promotion,
    PromotionLine,
    Verdict,
    outcomes,
)
from entrepot.platform.pricing.rules import Resolution
from entrepot.platform.pricing.terms import Terms

HUNDRED = Decimal(100)


def line_values(
    lines: Iterable[WantedLine],
    facts: Mapping[UUID, OfferFacts],
    prices: Mapping[UUID, Resolution],
    buyer_country: str,
) -> Iterator[tuple[WantedLine, Amounts]]:
    """Yield each line with its amounts before promotions."""
    for line in lines:
        fact, price = facts[line.offer_id], prices[line.offer_id]
        yield line, _amounts(line, fact, price, buyer_country, Decimal(0))


def goods_values(
    valued: Iterable[tuple[WantedLine, Amounts]], facts: Mapping[UUID, OfferFacts]
) -> dict[PartKey, Decimal]:
    """Return the net value of each part's lines."""
    values: dict[PartKey, Decimal] = defaultdict(Decimal)
    for line, amounts in valued:
        values[facts[line.offer_id].part] += amounts.net
    return values


def _amounts(
    line: WantedLine, fact: OfferFacts, price: Resolution, buyer_country: str, discount: Decimal
) -> Amounts:
    return line_amounts(
        line.quantity,
        price.unit_price,
        offer_rate=fact.tax_rate,
        charged_rate=tax_rate_for(fact.tax_rate, fact.seller_country, buyer_country),
        tax_included=fact.tax_included,
        currency=fact.currency,
        discount=discount,
    )


def order_prices(
    lines: Sequence[WantedLine],
    facts: Mapping[UUID, OfferFacts],
    prices: Mapping[UUID, Resolution],
    terms: Mapping[PartKey, Terms],
    promotions: Sequence[Promotion],
    buyer_country: str,
) -> OrderPrices:
    """Put the order together; parts come by (seller, currency)."""
    members: dict[PartKey, list[WantedLine]] = defaultdict(list)
    for line in lines:
        members[facts[line.offer_id].part].append(line)
    priced: dict[UUID, LinePrice] = {}
    parts: list[SellerPart] = []
    decisions: list[Decision] = []
    for key in sorted(members):
        draft = _Draft(terms.get(key) or Terms(*key), members[key], facts, prices, buyer_country)
        outcome, decided = draft.cheapest(promotions)
        priced |= {line.key: draft.line_price(line, outcome) for line in members[key]}
        parts.append(draft.part(outcome))
        decisions += decided
    return OrderPrices(
        {line.key: priced[line.key] for line in lines}, tuple(parts), tuple(decisions)
    )


class _Draft:
    """A seller's part of an order while its promotions are being chosen."""

    def __init__(
        self,
        terms: Terms,
        lines: Sequence[WantedLine],
        facts: Mapping[UUID, OfferFacts],
        prices: Mapping[UUID, Resolution],
        buyer_country: str,
    ) -> None:
        self._terms, self._lines, self._facts, self._prices = terms, lines, facts, prices
        self._country = buyer_country
        self._seller_country = facts[lines[0].offer_id].seller_country
        valued = list(line_values(lines, facts, prices, buyer_country))
        self._known = {(line.key, Decimal(0)): amounts for line, amounts in valued}
        self._value = goods_values(valued, facts)[terms.seller_id, terms.currency]
        self._charge = round_minor(terms.charge_for(self._value), terms.currency)

    def cheapest(self, promotions: Sequence[Promotion]) -> tuple[Outcome, list[Decision]]:
        """Return the outcome that costs the buyer least, and what became of every promotion."""
        if not promotions:
            return Outcome(), []
        part = Part(
            self._terms.seller_id,
            self._terms.currency,
            self._value,
            tuple(self._promotion_line(line) for line in self._lines),
            self._charge,
        )
        found = outcomes(part, promotions)
        best = min(found, key=lambda one: (self._gross(one), one.rank))
        beaten = [
            replace(decision, verdict=Verdict.BEATEN)
            if decision.verdict is Verdict.APPLIED
            else decision
            for one in found
            if one is not best
            for decision in one.decisions
        ]
        return best, best.decisions + beaten

    def _promotion_line(self, line: WantedLine) -> PromotionLine:
        fact = self._facts[line.offer_id]
        return PromotionLine(
            line.key,
            line.offer_id,
            fact.category_path,
            line.quantity,
            self._prices[line.offer_id].unit_price,
            fact.cost_in_price_terms,
        )

    def _goods(self, outcome: Outcome) -> Amounts:
        return sum((self._line(line, outcome.discount(line.key)) for line in self._lines), ZERO)

    def _delivery(self, outcome: Outcome) -> Amounts:
        net = Decimal(0) if outcome.free_delivery else self._charge
        tax = round_minor(net * self._delivery_rate / HUNDRED, self._terms.currency)
        return Amounts(net, tax, net + tax)

    @property
    def _delivery_rate(self) -> Decimal:
        """A delivery is taxed where the goods are."""
        return tax_rate_for(self._terms.delivery_tax_rate, self._seller_country, self._country)

    def _gross(self, outcome: Outcome) -> Decimal:
        return self._goods(outcome).gross + self._delivery(outcome).gross

    def _line(self, line: WantedLine, discount: Decimal) -> Amounts:
        known = self._known.get((line.key, discount))
        if known is None:
            fact, price = self._facts[line.offer_id], self._prices[line.offer_id]
            known = _amounts(line, fact, price, self._country, discount)
            self._known[line.key, discount] = known
        return known

    def line_price(self, line: WantedLine, outcome: Outcome) -> LinePrice:
        """Return the line with what the outcome takes off it."""
        fact = self._facts[line.offer_id]
        discount = outcome.discount(line.key)
        return LinePrice(
            key=line.key,
            offer_id=line.offer_id,
            seller_id=fact.seller_id,
            quantity=line.quantity,
            currency=fact.currency,
            price=self._prices[line.offer_id],
            discount=discount,
            promotions=tuple(outcome.taken.get(line.key, ())),
            amounts=self._line(line, discount),
            charged_rate=tax_rate_for(fact.tax_rate, fact.seller_country, self._country),
        )

    def part(self, outcome: Outcome) -> SellerPart:
        """Return the part's sums and terms."""
        applied = [one for one in outcome.decisions if one.verdict is Verdict.APPLIED]
        delivered = [one.applied() for one in applied if one.promotion is outcome.free_delivery]
        return SellerPart(
            seller_id=self._terms.seller_id,
            currency=self._terms.currency,
            goods=self._goods(outcome),
            delivery=self._delivery(outcome),
            delivery_tax_rate=self._delivery_rate,
            free_delivery_promotion=delivered[0] if delivered else None,
            promotions=tuple(one.applied() for one in applied),
            min_order_value=self._terms.min_order_value,
            missing_to_minimum=self._terms.missing(self._value),
            payment_days=self._terms.payment_days,
        )
