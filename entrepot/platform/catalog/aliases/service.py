"""A company's own article numbers: taught by its people, used by whoever of them buys next."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from entrepot.platform.catalog.article_numbers import article_key
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.catalog.visibility import visible_condition
from entrepot.platform.database import execute, execute_many, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

NUMBER_LENGTH = 255

_LEARN = """
INSERT INTO buyer_alias (id, company_id, number, number_key, product_id, offer_id, learned_by_id,
                         updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, now())
ON CONFLICT (company_id, number_key) DO UPDATE SET
       number = EXCLUDED.number, product_id = EXCLUDED.product_id, offer_id = EXCLUDED.offer_id,
       learned_by_id = EXCLUDED.learned_by_id, updated_at = EXCLUDED.updated_at
"""
_SELLABLE = f"""
SELECT o.product_id FROM offer o WHERE o.id = $1 AND {visible_condition("o", "$2")}
"""


async def learn(actor: Actor, chosen: Sequence[tuple[str, UUID, UUID | None]]) -> None:
    """Remember which product, and which offer of it, the company means by its numbers.

    `chosen` holds (number as written, product, offer), of offers that the caller has checked. What
    was known of a number is replaced; of a number named twice the last counts. Needs
    `cart.manage`. Call it in the transaction of the choice.
    """
    actor.require(Permission.CART_MANAGE)
    distinct = {
        key: (number, product_id, offer_id)
        for number, product_id, offer_id in chosen
        if (key := article_key(number)) and len(key) <= NUMBER_LENGTH
    }
    await execute_many(
        _LEARN,
        [
            (new_id(), actor.company_id, number[:NUMBER_LENGTH], key, product_id, offer_id,
             actor.user_id)
            for key, (number, product_id, offer_id) in sorted(distinct.items())
        ],
    )  # fmt: skip


async def set_alias(actor: Actor, number: str, offer_id: UUID) -> UUID:
    """Say that the company means this offer's product by `number`; returns the alias's id.

    Replaces what was known of the number. Needs `cart.manage`. Raises `InvalidInput`, `NotFound`
    (the offer is hidden or absent).
    """
    actor.require(Permission.CART_MANAGE)
    cleaned = clean_text("number", number, NUMBER_LENGTH)
    key = article_key(cleaned)
    if not 1 <= len(key) <= NUMBER_LENGTH:
        raise InvalidInput(
            "number", "needs a letter or digit", "нужна хотя бы одна буква или цифра"
        )
    async with transaction():
        product_id: UUID | None = await fetch_value(_SELLABLE, offer_id, actor.company_id)
        if product_id is None:
            raise NotFound("offer").at("offerId")
        await learn(actor, [(cleaned, product_id, offer_id)])
        alias_id: UUID = await fetch_value(
            "SELECT id FROM buyer_alias WHERE company_id = $1 AND number_key = $2",
            actor.company_id,
            key,
        )
    return alias_id


async def remove_alias(actor: Actor, alias_id: UUID) -> None:
    """Forget one of the company's own numbers. Needs `cart.manage`. Raises `NotFound`."""
    actor.require(Permission.CART_MANAGE)
    gone = await execute(
        "DELETE FROM buyer_alias WHERE id = $1 AND company_id = $2", alias_id, actor.company_id
    )
    if not gone:
        raise NotFound("buyer alias").at("aliasId")
