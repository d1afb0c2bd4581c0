"""Who may see an offer and a product, as conditions for SQL; the only place that says it.

An offer is shown to its seller and to operators always; to other buying companies while it and its
seller are active and it is not restricted, or they are in an audience of one of its assortments:
named there, or members of a customer group named there. `offer.restricted` is kept by
`catalog.assortments`: the offer is in an assortment, and none of those is shown to all.

A product is hidden from a company when it has restricted offers and nothing of it is for that
company: no offer of its own, no offer on public sale, no assortment that it sees. Hidden and
absent look the same. Conditions are index-driven: the assortments that a company sees are read
once a statement, whatever the number of offers.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from entrepot.platform.database import fetch


def seen_assortments(company: str) -> str:
    """Return a query of the ids of the assortments in whose audience a company is.

    `company` is an expression of its id, such as `$2`. Assortments shown to all are not in it.
    """
    return f"""
    SELECT named.assortment_id FROM assortment_audience named WHERE named.company_id = {company}
    UNION ALL
    SELECT grouped.assortment_id FROM customer_group_member member
      JOIN assortment_audience grouped ON grouped.group_id = member.group_id
     WHERE member.company_id = {company}"""


def audience_condition(offer: str, company: str) -> str:
    """Return the condition that a company is in an audience of an offer's assortments."""
    return f"""EXISTS (SELECT 1 FROM assortment_offer listed
             WHERE listed.offer_id = {offer}.id
               AND listed.assortment_id = ANY(ARRAY({seen_assortments(company)})))"""


def visible_condition(offer: str, company: str, seller: str | None = None) -> str:
    """Return the condition that a company may see an offer.

    `offer` is the alias of table `offer`, `company` an expression of the company's id (a parameter
    or a column; NULL sees nothing), `seller` the alias of the offer's seller in table `company`
    where the statement joins it already.
    """
    selling = (
        f"{seller}.active AND {seller}.is_seller"
        if seller
        else f"EXISTS (SELECT 1 FROM company seller WHERE seller.id = {offer}.seller_id"
        " AND seller.active AND seller.is_seller)"
    )
    return f"""
 ({offer}.seller_id = {company} OR ({offer}.active AND {selling}
   AND EXISTS (SELECT 1 FROM company me WHERE me.id = {company} AND me.active
                  AND (me.is_buyer OR me.is_operator))
   AND (NOT {offer}.restricted
        OR EXISTS (SELECT 1 FROM company me WHERE me.id = {company} AND me.is_operator)
        OR {audience_condition(offer, company)})))
"""


def product_visible_condition(product: str, company: str) -> str:
    """Return the condition that a company may see a product; arguments as `visible_condition`."""
    return f"""
 (NOT EXISTS (SELECT 1 FROM offer secret WHERE secret.product_id = {product}.id
                 AND secret.restricted)
  OR EXISTS (SELECT 1 FROM offer shown JOIN company seller ON seller.id = shown.seller_id
              WHERE shown.product_id = {product}.id
                AND (shown.seller_id = {company}
                     OR (NOT shown.restricted AND shown.active
                         AND seller.active AND seller.is_seller)
                     OR (shown.restricted AND {audience_condition("shown", company)})))
  OR EXISTS (SELECT 1 FROM company me WHERE me.id = {company} AND me.active AND me.is_operator))
"""


async def hidden_product_ids(company_id: UUID, product_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the products that exist and are hidden from the company."""
    rows = await fetch(
        "SELECT p.id FROM product p WHERE p.id = ANY($1::uuid[])"
        f" AND NOT {product_visible_condition('p', '$2')}",
        list(product_ids),
        company_id,
    )
    return {row["id"] for row in rows}


async def hidden_offer_ids(company_id: UUID, offer_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the offers that exist and are not, or no longer, shown to the company."""
    rows = await fetch(
        "SELECT o.id FROM offer o WHERE o.id = ANY($1::uuid[])"
        f" AND NOT {visible_condition('o', '$2')}",
        list(offer_ids),
        company_id,
    )
    return {row["id"] for row in rows}


async def assortments_seen_by(company_id: UUID) -> list[UUID]:
    """Return the assortments in whose audience the company is, each once, by id."""
    rows = await fetch(
        f"SELECT DISTINCT assortment_id AS id FROM ({seen_assortments('$1')}) seen ORDER BY id",
        company_id,
    )
    return [row["id"] for row in rows]
