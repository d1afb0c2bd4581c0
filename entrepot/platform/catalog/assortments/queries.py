"""Reads of assortments: a seller's own, batched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.catalog.queries import OfferRow
from entrepot.platform.catalog.queries import offers_by_ids as visible_offers
from entrepot.platform.database import Row, fetch
from entrepot.platform.identity.actor import Actor


@dataclass(frozen=True, slots=True)
class AssortmentRow:
    """An assortment with how much is in it and who sees it, where not all do."""

    id: UUID
    seller_id: UUID
    name: str
    shown_to_all: bool
    offer_count: int
    company_ids: tuple[UUID, ...]
    group_ids: tuple[UUID, ...]


_ASSORTMENT = """
SELECT a.id, a.seller_id, a.name, a.shown_to_all,
       (SELECT count(*) FROM assortment_offer l WHERE l.assortment_id = a.id) AS offer_count,
       ARRAY(SELECT n.company_id FROM assortment_audience n
              WHERE n.assortment_id = a.id AND n.company_id IS NOT NULL ORDER BY n.company_id)
           AS company_ids,
       ARRAY(SELECT n.group_id FROM assortment_audience n
              WHERE n.assortment_id = a.id AND n.group_id IS NOT NULL ORDER BY n.group_id)
           AS group_ids
  FROM assortment a
"""


def _row(row: Row) -> AssortmentRow:
    values = dict(row)
    for name in ("company_ids", "group_ids"):
        values[name] = tuple(values[name])
    return AssortmentRow(**values)


async def assortments_by_ids(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, AssortmentRow]:
    """Return those of the assortments that are the actor's company's, by id."""
    rows = await fetch(
        f"{_ASSORTMENT} WHERE a.id = ANY($1::uuid[]) AND a.seller_id = $2",
        list(ids),
        actor.company_id,
    )
    return {row["id"]: _row(row) for row in rows}


async def own_assortments(
    actor: Actor, *, after: tuple[str, UUID] | None, limit: int
) -> list[AssortmentRow]:
    """Return the actor's company's assortments by (name, id), after that pair."""
    name, last = after or ("", UUID(int=0))
    rows = await fetch(
        f"{_ASSORTMENT} WHERE a.seller_id = $1 AND (a.name, a.id) > ($2, $3)"
        " ORDER BY a.name, a.id LIMIT $4",
        actor.company_id,
        name,
        last,
        limit,
    )
    return [_row(row) for row in rows]


async def offers_of(
    actor: Actor, assortment_ids: Iterable[UUID], *, after: UUID | None, limit: int
) -> dict[UUID, list[OfferRow]]:
    """Return up to `limit` offers of each own assortment by id, after that id.

    Every assortment asked for is a key; another seller's is empty. Two statements.
    """
    found: dict[UUID, list[OfferRow]] = {key: [] for key in assortment_ids}
    rows = await fetch(
        "SELECT a.id, l.offer_id FROM assortment a, LATERAL ("
        "       SELECT offer_id FROM assortment_offer WHERE assortment_id = a.id AND offer_id > $2"
        "        ORDER BY offer_id LIMIT $3) l"
        " WHERE a.id = ANY($1::uuid[]) AND a.seller_id = $4 ORDER BY a.id, l.offer_id",
        list(found),
        after or UUID(int=0),
        limit,
        actor.company_id,
    )
    offers = await visible_offers(actor, {row["offer_id"] for row in rows}) if rows else {}
    for row in rows:
        found[row["id"]].append(offers[row["offer_id"]])
    return found
