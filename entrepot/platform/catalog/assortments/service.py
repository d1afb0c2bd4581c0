"""Writes of assortments: a seller's own, what is in them and who sees them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from asyncpg import UniqueViolationError

from entrepot.platform.catalog.assortments.errors import AssortmentNameTaken, OfferNamedTwice
from entrepot.platform.catalog.assortments.flags import lock_offers, settle
from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.queries import is_selling
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.database import execute, fetch, fetch_one, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

NAME_LENGTH = 200
MAX_OFFERS = 1000
MAX_AUDIENCE = 1000


async def create_assortment(actor: Actor, name: str, *, shown_to_all: bool = False) -> UUID:
    """Start an empty assortment of the actor's company; returns its id.

    Raises `Forbidden`, `NotSelling`, `InvalidInput`, `AssortmentNameTaken`.
    """
    actor.require(Permission.CATALOG_MANAGE)
    if not await is_selling(actor.company_id):
        raise NotSelling()
    name = clean_text("name", name, NAME_LENGTH)
    row = await fetch_one(
        "INSERT INTO assortment (id, seller_id, name, shown_to_all, created_at)"
        " VALUES ($1, $2, $3, $4, now()) ON CONFLICT (seller_id, name) DO NOTHING RETURNING id",
        new_id(),
        actor.company_id,
        name,
        shown_to_all,
    )
    if row is None:
        raise AssortmentNameTaken(name).at("name")
    created: UUID = row["id"]
    return created


async def update_assortment(
    actor: Actor,
    assortment_id: UUID,
    *,
    name: str | None = None,
    shown_to_all: bool | None = None,
) -> None:
    """Rename an assortment of the actor's company, or show it to all or to its audience.

    Locks the assortment and, where it is shown to others than before, its offers. Records
    `AssortmentChanged` for these. Raises `Forbidden`, `NotFound`, `InvalidInput`,
    `AssortmentNameTaken`.
    """
    actor.require(Permission.CATALOG_MANAGE)
    cleaned = None if name is None else clean_text("name", name, NAME_LENGTH)
    async with transaction():
        shown_before = await _lock_own(actor, assortment_id)
        if cleaned is not None:
            await _rename(assortment_id, cleaned)
        if shown_to_all is not None and shown_to_all != shown_before:
            await execute(
                "UPDATE assortment SET shown_to_all = $2 WHERE id = $1", assortment_id, shown_to_all
            )
            await settle(actor.company_id, await _lock_content(actor, assortment_id))


async def delete_assortment(actor: Actor, assortment_id: UUID) -> None:
    """Delete an assortment; offers that are in no other one are shown to all again.

    Locks the assortment and its offers. Records `AssortmentChanged`. Raises `Forbidden`,
    `NotFound`.
    """
    actor.require(Permission.CATALOG_MANAGE)
    async with transaction():
        await _lock_own(actor, assortment_id)
        offers = await _lock_content(actor, assortment_id)
        await execute("DELETE FROM assortment WHERE id = $1", assortment_id)
        await settle(actor.company_id, offers)


async def set_offers(
    actor: Actor, assortment_id: UUID, *, add: Sequence[UUID] = (), remove: Sequence[UUID] = ()
) -> None:
    """Put own offers into an assortment and take others out, all or none; up to 1000 in all.

    What is in (or out) already stays so. Locks the assortment and the offers named. Records
    `AssortmentChanged` for these. Every error about an offer carries the `line_index` in its list.
    Raises `Forbidden`, `NotFound` (the assortment or an offer: another seller's look absent),
    `InvalidInput` (none or more than 1000 named), `OfferNamedTwice`.
    """
    actor.require(Permission.CATALOG_MANAGE)
    named = _named(add, remove)
    async with transaction():
        await _lock_own(actor, assortment_id)
        own = set(await lock_offers(actor.company_id, named))
        for offer_id, (field, index) in named.items():
            if offer_id not in own:
                raise NotFound("offer").at(field, str(index), line_index=index)
        await execute(
            "DELETE FROM assortment_offer WHERE assortment_id = $1 AND offer_id = ANY($2::uuid[])",
            assortment_id,
            list(remove),
        )
        await execute(
            "INSERT INTO assortment_offer (id, assortment_id, offer_id)"
            " SELECT line.id, $1, line.offer_id FROM unnest($2::uuid[], $3::uuid[])"
            " AS line(id, offer_id) ON CONFLICT (offer_id, assortment_id) DO NOTHING",
            assortment_id,
            [new_id() for _ in add],
            list(add),
        )
        await settle(actor.company_id, named)


def _named(add: Sequence[UUID], remove: Sequence[UUID]) -> dict[UUID, tuple[str, int]]:
    """Return where each offer is named; raises `InvalidInput` and `OfferNamedTwice`."""
    if not 1 <= len(add) + len(remove) <= MAX_OFFERS:
        raise InvalidInput(
            "addOfferIds",
            f"name 1–{MAX_OFFERS} offers to add or remove",
            f"укажите от 1 до {MAX_OFFERS} предложений, чтобы добавить или убрать",
        )
    found: dict[UUID, tuple[str, int]] = {}
    for field, offers in (("addOfferIds", add), ("removeOfferIds", remove)):
        for index, offer_id in enumerate(offers):
            if offer_id in found:
                raise OfferNamedTwice(offer_id).at(field, str(index), line_index=index)
            found[offer_id] = field, index
    return found


async def set_audience(
    actor: Actor,
    assortment_id: UUID,
    *,
    company_ids: Sequence[UUID] | None = None,
    group_ids: Sequence[UUID] | None = None,
) -> None:
    """Say which companies and which own customer groups see an assortment, beside the seller.

    Each list replaces the former one; None leaves it. While the assortment is shown to all, the
    audience is kept but decides nothing. Nothing is indexed anew: searches carry the assortments
    that their actor sees. Locks the assortment. Every error about a line carries its `line_index`.
    Raises `Forbidden`, `NotFound` (the assortment, a company that is not an active buyer, a group
    of another seller), `InvalidInput` (more than 1000).
    """
    actor.require(Permission.CATALOG_MANAGE)
    async with transaction():
        await _lock_own(actor, assortment_id)
        if company_ids is not None:
            await _replace_audience(actor, assortment_id, "company", company_ids)
        if group_ids is not None:
            await _replace_audience(actor, assortment_id, "group", group_ids)


_KNOWN = {
    "company": "SELECT id FROM company WHERE id = ANY($1::uuid[]) AND is_buyer AND active"
    " AND $2::uuid IS NOT NULL",
    "group": "SELECT id FROM customer_group WHERE id = ANY($1::uuid[]) AND seller_id = $2"
    " ORDER BY id FOR KEY SHARE",
}
_WHAT = {"company": "company", "group": "customer group"}


async def _replace_audience(
    actor: Actor, assortment_id: UUID, kind: str, wanted: Sequence[UUID]
) -> None:
    """Name exactly these companies or groups; the same one twice counts once."""
    field = f"{kind}Ids"
    if len(wanted) > MAX_AUDIENCE:
        raise InvalidInput(field, f"at most {MAX_AUDIENCE}", f"не более {MAX_AUDIENCE}")
    rows = await fetch(_KNOWN[kind], sorted(set(wanted)), actor.company_id)
    known = {row["id"] for row in rows}
    for index, key in enumerate(wanted):
        if key not in known:
            raise NotFound(_WHAT[kind]).at(field, str(index), line_index=index)
    await execute(
        f"DELETE FROM assortment_audience WHERE assortment_id = $1 AND {kind}_id IS NOT NULL"
        f" AND {kind}_id <> ALL($2::uuid[])",
        assortment_id,
        list(known),
    )
    await execute(
        f"INSERT INTO assortment_audience (id, assortment_id, {kind}_id)"
        " SELECT line.id, $1, line.key FROM unnest($2::uuid[], $3::uuid[]) AS line(id, key)"
        f" ON CONFLICT (assortment_id, {kind}_id) WHERE {kind}_id IS NOT NULL DO NOTHING",
        assortment_id,
        [new_id() for _ in known],
        list(known),
    )


async def _lock_own(actor: Actor, assortment_id: UUID) -> bool:
    """Lock the actor's company's assortment; returns whether all see it. Raises `NotFound`."""
    row = await fetch_one(
        "SELECT shown_to_all FROM assortment WHERE id = $1 AND seller_id = $2 FOR UPDATE",
        assortment_id,
        actor.company_id,
    )
    if row is None:
        raise NotFound("assortment").at("assortmentId")
    return bool(row["shown_to_all"])


async def _lock_content(actor: Actor, assortment_id: UUID) -> list[UUID]:
    """Lock what is in a locked assortment; returns the offers."""
    rows = await fetch(
        "SELECT offer_id FROM assortment_offer WHERE assortment_id = $1", assortment_id
    )
    return await lock_offers(actor.company_id, [row["offer_id"] for row in rows])


async def _rename(assortment_id: UUID, name: str) -> None:
    try:
        await execute("UPDATE assortment SET name = $2 WHERE id = $1", assortment_id, name)
    except UniqueViolationError as error:
        raise AssortmentNameTaken(name).at("name") from error
