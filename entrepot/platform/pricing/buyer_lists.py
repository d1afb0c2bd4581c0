"""The SQL behind every price: which lists a legal entity has, and out of which prices they come.

Written once, because the pages of offers and the plain reads of prices put it into different
statements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from uuid import UUID

from entrepot.platform.database import Row
from entrepot.platform.pricing.list_rules import MAX_CHAIN, PriceRule, derived, rules_of
from entrepot.platform.pricing.rules import TierCandidate

_ANY_QUANTITY = Decimal(0)


def given_to(entity: str) -> str:
    """Return the table expressions `buyer` and `given`: the ids of the entity's lists.

    `entity` is the parameter with the legal entity's id (null: no lists); a list may be given to
    it, to its company, or (`by_group`, where only so) to a customer group of its company.
    """
    return f"""
buyer AS MATERIALIZED (SELECT company_id, country FROM legal_entity WHERE id = {entity}),
given AS (
    SELECT price_list_id, bool_and(by_group) AS by_group FROM (
        SELECT a.price_list_id, false AS by_group
          FROM buyer b JOIN price_list_assignment a ON a.company_id = b.company_id
         UNION ALL
        SELECT a.price_list_id, false
          FROM price_list_assignment a WHERE a.legal_entity_id = {entity}
         UNION ALL
        SELECT a.price_list_id, true
          FROM buyer b JOIN customer_group_member m ON m.company_id = b.company_id
          JOIN price_list_assignment a ON a.group_id = m.group_id) every
     GROUP BY price_list_id)"""


def lists_of(entity: str) -> str:
    """Return the table expressions that end in `buyer_list`, for `WITH RECURSIVE`.

    A row for each active list that the entity may use in its country. `root_id` is the fixed list
    at the end of the chain, null where it ends at the offers' list prices; the arrays hold the
    rules from the list down and are null where it is fixed.
    """
    return f"""{given_to(entity)},
chain AS (
    SELECT pl.id, pl.seller_id, pl.priority, pl.currency, pl.valid_from, pl.valid_until,
           given.by_group, pl.min_order_value, pl.base_list_id,
           CASE WHEN pl.kind = 'fixed' THEN pl.id END AS root_id,
           CASE WHEN pl.kind = 'rule' THEN ARRAY[pl.percent] END AS percents,
           CASE WHEN pl.kind = 'rule' THEN ARRAY[pl.amount] END AS amounts,
           CASE WHEN pl.kind = 'rule' THEN ARRAY[pl.rounding::text] END AS roundings
      FROM given JOIN price_list pl ON pl.id = given.price_list_id, buyer
     WHERE pl.active AND (pl.regions = '{{}}' OR buyer.country = ANY(pl.regions))
     UNION ALL
    SELECT c.id, c.seller_id, c.priority, c.currency, c.valid_from, c.valid_until,
           c.by_group, c.min_order_value, pl.base_list_id,
           CASE WHEN pl.kind = 'fixed' THEN pl.id END,
           CASE WHEN pl.kind = 'rule' THEN c.percents || pl.percent ELSE c.percents END,
           CASE WHEN pl.kind = 'rule' THEN c.amounts || pl.amount ELSE c.amounts END,
           CASE WHEN pl.kind = 'rule' THEN c.roundings || pl.rounding::text ELSE c.roundings END
      FROM chain c JOIN price_list pl ON pl.id = c.base_list_id
     WHERE cardinality(c.percents) < {MAX_CHAIN}),
buyer_list AS MATERIALIZED (SELECT * FROM chain WHERE base_list_id IS NULL)"""


def tiers_of(offers: str) -> str:
    """Return the join of `offers` (with id, seller_id and list_price) with their buyer's tiers.

    `OFFSET 0` keeps the inner read as it is: by index for each offer and list, however many rows
    the planner expects of a recursion.
    """
    return f"""
  LEFT JOIN LATERAL (
       SELECT l.id AS price_list_id, l.priority, l.currency AS list_currency, l.valid_from,
              l.valid_until, coalesce(t.min_quantity, 0) AS min_quantity,
              coalesce(t.unit_price, {offers}.list_price) AS unit_price,
              l.by_group, l.min_order_value, l.percents, l.amounts, l.roundings
         FROM buyer_list l
         LEFT JOIN LATERAL (
              SELECT pt.min_quantity, pt.unit_price FROM price_tier pt
               WHERE pt.offer_id = {offers}.id AND pt.price_list_id = l.root_id
                 AND l.seller_id = {offers}.seller_id OFFSET 0
              ) t ON true
        WHERE l.seller_id = {offers}.seller_id AND (l.root_id IS NULL OR t.unit_price IS NOT NULL)
       ) tier ON true
"""


TIER_COLUMNS = (
    "tier.price_list_id, tier.priority, tier.list_currency, tier.valid_from, tier.valid_until,"
    " tier.min_quantity, tier.unit_price, tier.by_group, tier.min_order_value, tier.percents,"
    " tier.amounts, tier.roundings"
)
"""What `candidate_of` reads of a row; `price_list_id` is null where no tier was found."""

_values: Callable[[Mapping[str, object]], tuple[object, ...]] = itemgetter(
    "price_list_id", "priority", "list_currency", "valid_from", "valid_until", "min_quantity",
    "unit_price", "by_group", "min_order_value",
)  # fmt: skip


def candidate_of(row: Row) -> TierCandidate:
    """Return the tier in a row with `TIER_COLUMNS`, a rule list's with its rules applied."""
    percents = row["percents"]
    if percents is None:
        return TierCandidate(*_values(row))  # type: ignore[arg-type]  # as the columns are
    base: Decimal = row["unit_price"]
    values = list(_values(row))
    values[6] = derived(base, rules_of(percents, row["amounts"], row["roundings"]))[-1]
    return TierCandidate(*values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class BuyerList:
    """A row of `buyer_list`: a list with all that its tiers share."""

    price_list_id: UUID
    seller_id: UUID
    priority: int
    currency: str
    valid_from: datetime | None
    valid_until: datetime | None
    by_group: bool
    min_order_value: Decimal | None
    root_id: UUID | None
    rules: tuple[PriceRule, ...]

    @classmethod
    def of(cls, row: Row) -> BuyerList:
        """Read a row, whose list's id is `price_list_id` and currency `list_currency`."""
        rules: Sequence[PriceRule] = ()
        if row["percents"] is not None:
            rules = rules_of(row["percents"], row["amounts"], row["roundings"])
        return cls(
            row["price_list_id"],
            row["seller_id"],
            row["priority"],
            row["list_currency"],
            row["valid_from"],
            row["valid_until"],
            row["by_group"],
            row["min_order_value"],
            row["root_id"],
            tuple(rules),
        )

    def tier(self, min_quantity: Decimal, price: Decimal) -> TierCandidate:
        """Return its tier made of one at the end of its chain."""
        for rule in self.rules:
            price = rule.apply(price)
        return TierCandidate(
            self.price_list_id,
            self.priority,
            self.currency,
            self.valid_from,
            self.valid_until,
            min_quantity,
            price,
            self.by_group,
            self.min_order_value,
        )

    def on_list_price(self, price: Decimal) -> TierCandidate:
        """Return its tier where its chain ends at the offer's list price."""
        return self.tier(_ANY_QUANTITY, price)
