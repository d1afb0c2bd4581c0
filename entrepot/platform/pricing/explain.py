"""Explaining a price: to the buyer, and to the seller of the offer about one of its customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from entrepot.platform.catalog.queries import OfferRow, offers_by_ids
from entrepot.platform.database import Row, fetch, fetch_one
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.pricing.buyer_lists import given_to
from entrepot.platform.pricing.explain_rules import (
    SELLERS_ONLY,
    Candidate,
    ChainLink,
    GivenList,
    judge,
)
from entrepot.platform.pricing.explain_wording import Asked, sellers_reason
from entrepot.platform.pricing.list_rules import MAX_CHAIN, PriceRule
from entrepot.platform.pricing.order_pricing import WantedLine, price_order
from entrepot.platform.pricing.promotions.explaining import ExplainedPromotion, explained
from entrepot.platform.pricing.rules import ListedPrice, Resolution
from entrepot.platform.quantities import PRICE_PLACES

_BUYER = """
SELECT e.company_id, e.country, e.time_zone, c.is_buyer AND c.active AND e.active AS buys
  FROM legal_entity e JOIN company c ON c.id = e.company_id WHERE e.id = $1
"""
_LISTS = f"""
WITH RECURSIVE {given_to("$1")},
chain AS (
    SELECT given.price_list_id AS list_id, pl.id, pl.base_list_id, 1 AS place
      FROM given JOIN price_list pl ON pl.id = given.price_list_id WHERE pl.seller_id = $2
     UNION ALL
    SELECT c.list_id, pl.id, pl.base_list_id, c.place + 1
      FROM chain c JOIN price_list pl ON pl.id = c.base_list_id WHERE c.place < {MAX_CHAIN})
SELECT c.list_id, given.by_group, pl.*
  FROM chain c JOIN price_list pl ON pl.id = c.id JOIN given ON given.price_list_id = c.list_id
 ORDER BY c.list_id, c.place
"""
_TIERS = """
SELECT price_list_id, min_quantity, unit_price FROM price_tier
 WHERE offer_id = $1 AND price_list_id = ANY($2::uuid[]) ORDER BY price_list_id, min_quantity
"""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a line of `quantity` costs the legal entity this, when it stands alone.

    `discount` is what promotions take off the whole line, `effective_unit_price` what is left for
    one unit, with 4 places. `for_seller` says that lists may be named: buyers never learn names.
    """

    offer: OfferRow
    asked: Asked
    price: Resolution
    candidates: tuple[Candidate, ...]
    promotions: tuple[ExplainedPromotion, ...]
    discount: Decimal
    effective_unit_price: Decimal
    for_seller: bool

    def reason(self, locale: str) -> str:
        """Return the sentence on the winning price."""
        if not self.for_seller:
            return self.price.reason(locale)
        winner = self.candidates[0].given
        return sellers_reason(self.price, winner.chain[0].name if winner else None, locale)


async def explain(
    actor: Actor,
    offer_id: UUID,
    quantity: Decimal,
    now: datetime,
    *,
    legal_entity_id: UUID | None = None,
) -> Explanation:
    """Explain an offer's price for a legal entity: the actor's own, or one that is named.

    Buyers name legal entities of their company only and learn of lists given to them only; the
    offer's seller (`prices.manage`) names any buyer's. A fixed number of statements. Raises
    `Forbidden`, `NotFound` (the offer, the legal entity).
    """
    actor.require(Permission.CATALOG_VIEW)
    offer = (await offers_by_ids(actor, [offer_id])).get(offer_id)
    if offer is None:
        raise NotFound("offer").at("offerId")
    entity_id = legal_entity_id or actor.legal_entity_id
    buyer = await fetch_one(_BUYER, entity_id)
    own = buyer is not None and buyer["company_id"] == actor.company_id
    for_seller = not own and offer.seller_id == actor.company_id
    if buyer is None or not (own or (for_seller and buyer["buys"])):
        raise NotFound("legal entity").at("legalEntityId")
    if for_seller:
        actor.require(Permission.PRICES_MANAGE)
    lists = await _lists(entity_id, offer)
    listed = ListedPrice(
        offer.list_price, offer.currency, offer.tax_rate if offer.tax_included else Decimal(0)
    )
    judged = judge(listed, lists, quantity, buyer["country"], now)
    order = await price_order(entity_id, [WantedLine(offer_id, offer_id, quantity)], now)
    line = order.lines[offer_id]
    asked = Asked(quantity, offer.currency, buyer["country"], buyer["time_zone"], judged.line_value)
    left = quantity * judged.winner.unit_price - line.discount
    return Explanation(
        offer,
        asked,
        judged.winner,
        judged.candidates if for_seller else _for_buyer(judged.candidates, lists),
        tuple(
            one
            for one in explained(order)
            # what the buyer used up of the marketplace's promotions elsewhere is its own business
            if one.applies or not for_seller or one.decision.promotion.seller_id == offer.seller_id
        ),
        line.discount,
        (left / quantity).quantize(Decimal(1).scaleb(-PRICE_PLACES), ROUND_HALF_UP),
        for_seller,
    )


async def _lists(entity_id: UUID, offer: OfferRow) -> list[GivenList]:
    chains: dict[UUID, list[Row]] = {}
    for row in await fetch(_LISTS, entity_id, offer.seller_id):
        chains.setdefault(row["list_id"], []).append(row)
    tiers: dict[UUID, list[tuple[Decimal, Decimal]]] = {}
    for row in await fetch(_TIERS, offer.id, [chain[-1]["id"] for chain in chains.values()]):
        tiers.setdefault(row["price_list_id"], []).append((row["min_quantity"], row["unit_price"]))
    return [_given(chain, tiers.get(chain[-1]["id"], [])) for chain in chains.values()]


def _given(chain: Sequence[Row], tiers: Sequence[tuple[Decimal, Decimal]]) -> GivenList:
    row = chain[0]
    return GivenList(
        by_group=row["by_group"],
        priority=row["priority"],
        currency=row["currency"],
        active=row["active"],
        regions=tuple(row["regions"]),
        min_order_value=row["min_order_value"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        chain=tuple(
            ChainLink(
                link["id"],
                link["name"],
                PriceRule(link["percent"], link["amount"], link["rounding"])
                if link["kind"] == "rule"
                else None,
            )
            for link in chain
        ),
        tiers=tuple(tiers),
    )


def _for_buyer(
    candidates: Sequence[Candidate], lists: Sequence[GivenList]
) -> tuple[Candidate, ...]:
    """Leave out drafts and lists without a price, and how prices come out of others' lists."""
    own = {one.id for one in lists if one.active}
    return tuple(
        one
        if all(step.list_id is None or step.list_id in own for step in one.steps)
        else replace(one, steps=())
        for one in candidates
        if one.outcome not in SELLERS_ONLY
    )
