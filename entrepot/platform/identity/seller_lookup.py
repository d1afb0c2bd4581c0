"""Finding a selling company by what a person at the shell knows of it."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.database import fetch
from entrepot.platform.errors import DomainError


class SellerUnclear(DomainError):
    """No selling company, or several, go by that name."""

    code = "SELLER_UNCLEAR"
    en = "“{name}” names {count} selling companies. Known: {known}. Give the id."
    ru = "Продавцов с именем «{name}»: {count}. Известны: {known}. Укажите идентификатор."
    name: str
    count: int
    known: str


async def find_seller(text: str) -> UUID:
    """Return the active selling company of that id, external id or name (any case).

    Raises `SellerUnclear`. For the shell: whoever calls decides who may act for it.
    """
    rows = await fetch(
        "SELECT id, name, external_id FROM company WHERE is_seller AND active ORDER BY name"
    )
    wanted = text.strip().casefold()
    found = [
        row["id"]
        for row in rows
        if wanted in (str(row["id"]), (row["external_id"] or "").casefold(), row["name"].casefold())
    ]
    if len(found) == 1:
        company_id: UUID = found[0]
        return company_id
    known = ", ".join(row["name"] for row in rows[:10]) or "-"
    raise SellerUnclear(text, len(found), known)
