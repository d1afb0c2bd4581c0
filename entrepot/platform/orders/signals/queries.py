"""What a company buys, for the ranking of its own searches."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from entrepot.platform.database import fetch


async def bought(company_id: UUID, product_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many seller orders of the company had each of the products.

    The caller passes the actor's own company: what another one buys is nobody's business. One
    statement, by the index of (company, product).
    """
    if not product_ids:
        return {}
    rows = await fetch(
        "SELECT product_id, times FROM company_purchase"
        " WHERE company_id = $1 AND product_id = ANY($2::uuid[])",
        company_id,
        list(product_ids),
    )
    return {row["product_id"]: row["times"] for row in rows}
