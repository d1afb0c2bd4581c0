"""How the amounts of an order come about, as pure functions over what was read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.money import round_minor
from entrepot.platform.orders.rules import ZERO, Amounts, line_amounts, tax_rate_for
from entrepot.platform.pricing.promotions.rules import AppliedPromotion
from entrepot.platform.pricing.rules import Resolution
from entrepot.platform.pricing.terms import Terms

HUNDRED = Decimal(100)
PartKey = tuple[UUID, str]
"""A seller and a currency: each such part of an order becomes one seller order."""


@dataclass(frozen=True, slots=True)
class WantedLine:
    """What is wanted; `key` is the caller's name of the line (any id, each once)."""

    key: UUID
    offer_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """What pricing must know of an offer; the cost price never leaves this package."""

    seller_id: UUID
    currency: str
    tax_included: bool
    tax_rate: Decimal
    cost_price: Decimal | None
    category_path: str
    seller_country: str

    @property
    def part(self) -> PartKey:
        """The part of an order that a line of this offer belongs to."""
        return (self.seller_id, self.currency)


@dataclass(frozen=True, slots=True)
class LinePrice:
    """A line with its price, what came off it, and its amounts.

    `discount` is off quantity × unit price, tax-included where the offer's price is; `promotions`
    say what made it, and sum to it.
    """

    key: UUID
    offer_id: UUID
    seller_id: UUID
    quantity: Decimal
    currency: str
    price: Resolution
    discount: Decimal
    promotions: tuple[AppliedPromotion, ...]
    amounts: Amounts
    charged_rate: Decimal


@dataclass(frozen=True, slots=True)
class SellerPart:
    """One seller's part of the order in one currency.

    `goods` are the lines after promotions; `delivery` is beside them. `missing_to_minimum` is the
    net value that the goods lack, before promotions; 0: enough. `delivery_tax_rate` is the one that
    this buyer is charged.
    """

    seller_id: UUID
    currency: str
    goods: Amounts
    delivery: Amounts
    delivery_tax_rate: Decimal
    free_delivery_promotion: AppliedPromotion | None
    min_order_value: Decimal
    missing_to_minimum: Decimal
    payment_days: int


@dataclass(frozen=True, slots=True)
class OrderPrices:
    """The lines by their keys, and the sellers' parts by (seller, currency)."""

    lines: dict[UUID, LinePrice]
    parts: tuple[SellerPart, ...]


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
    buyer_country: str,
) -> OrderPrices:
    """Put the order together; parts come by (seller, currency)."""
    values = goods_values(line_values(lines, facts, prices, buyer_country), facts)
    priced: dict[UUID, LinePrice] = {}
    goods: dict[PartKey, Amounts] = dict.fromkeys(values, ZERO)
    countries: dict[PartKey, str] = {}
    for line in lines:
        fact = facts[line.offer_id]
        price = prices[line.offer_id]
        discount = Decimal(0)
        amounts = _amounts(line, fact, price, buyer_country, discount)
        goods[fact.part] += amounts
        countries[fact.part] = fact.seller_country
        priced[line.key] = LinePrice(
            key=line.key,
            offer_id=line.offer_id,
            seller_id=fact.seller_id,
            quantity=line.quantity,
            currency=fact.currency,
            price=price,
            discount=discount,
            promotions=(),
            amounts=amounts,
            charged_rate=tax_rate_for(fact.tax_rate, fact.seller_country, buyer_country),
        )
    parts = tuple(
        _part(terms.get(key) or Terms(*key), goods[key], values[key], countries[key], buyer_country)
        for key in sorted(values)
    )
    return OrderPrices(priced, parts)


def _part(
    terms: Terms, goods: Amounts, value: Decimal, seller_country: str, buyer_country: str
) -> SellerPart:
    return SellerPart(
        seller_id=terms.seller_id,
        currency=terms.currency,
        goods=goods,
        delivery=delivery_amounts(terms, terms.charge_for(value), seller_country, buyer_country),
        delivery_tax_rate=tax_rate_for(terms.delivery_tax_rate, seller_country, buyer_country),
        free_delivery_promotion=None,
        min_order_value=terms.min_order_value,
        missing_to_minimum=terms.missing(value),
        payment_days=terms.payment_days,
    )


def delivery_amounts(
    terms: Terms, charge: Decimal, seller_country: str, buyer_country: str
) -> Amounts:
    """Return a delivery charge with its tax, which follows the rule of the goods' tax."""
    net = round_minor(charge, terms.currency)
    rate = tax_rate_for(terms.delivery_tax_rate, seller_country, buyer_country)
    tax = round_minor(net * rate / HUNDRED, terms.currency)
    return Amounts(net, tax, net + tax)
