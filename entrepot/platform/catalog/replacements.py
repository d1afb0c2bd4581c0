"""What took a product's place: chains without cycles."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.catalog.errors import ReplacementCycle
from entrepot.platform.catalog.queries import visible_products_by_ids
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor

_LEADS_BACK = """
WITH RECURSIVE later AS (
    SELECT $1::uuid AS id
    UNION
    SELECT p.replaced_by_id FROM later JOIN product p ON p.id = later.id
     WHERE p.replaced_by_id IS NOT NULL
)
SELECT true FROM later WHERE id = $2
"""


@dataclass(frozen=True, slots=True)
class Replacement:
    """The product that takes another's place; None: none does."""

    product_id: UUID | None


async def lock_replacements() -> None:
    """Let nobody else change replacements until the transaction ends.

    Two changes that would close a cycle together are so seen. Before any product is locked: the
    change needs the replacement's row as well as the product's.
    """
    await execute("SELECT pg_advisory_xact_lock(hashtextextended('product.replaced_by', 0))")


async def check_replacement(actor: Actor, product_id: UUID, replacement: Replacement) -> None:
    """Check that a product may be replaced so, after `lock_replacements`.

    Raises `NotFound` (the replacement), `ReplacementCycle`.
    """
    wanted = replacement.product_id
    if wanted is None:
        return
    if wanted not in await visible_products_by_ids(actor, [wanted]):
        raise NotFound("product").at("replacedById")
    if await fetch_value(_LEADS_BACK, wanted, product_id):
        raise ReplacementCycle(product_id, wanted).at("replacedById")
