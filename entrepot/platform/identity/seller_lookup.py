"""Finding a selling company by what a person at the shell knows of it."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.database import fetch, fetch_value
from entrepot.platform.errors import DomainError, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

NOBODY = UUID(int=0)
"""Stands for no person: what the system does is nobody's doing."""


class SellerUnclear(DomainError):
    """No selling company, or several, go by that name."""

    code = "SELLER_UNCLEAR"
    en = "“{name}” names {count} selling companies. Known: {known}. Give the id."
    ru = "Продавцов с именем «{name}»: {count}. Известны: {known}. Укажите идентификатор."
    name: str
    count: int
    known: str

    def message(self, locale: str) -> str:
        """Return the sentence for none, or for several."""
        if self.count:
            return super().message(locale)
        if locale == "ru":
            return f"Продавца с именем «{self.name}» нет. Известны: {self.known}."
        return f"No selling company is called “{self.name}”. Known: {self.known}."


async def find_seller(text: str) -> UUID:
    """Return the active selling company of that id, external id, name or start of a name.

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
    ] or [row["id"] for row in rows if wanted and row["name"].casefold().startswith(wanted)]
    if len(found) == 1:
        company_id: UUID = found[0]
        return company_id
    known = ", ".join(row["name"] for row in rows[:10]) or "-"
    raise SellerUnclear(text, len(found), known)


async def actor_of_seller(seller_id: UUID) -> Actor:
    """Return the system acting for a selling company's catalogue, through its oldest entity.

    Raises `NotFound` where the company has no active legal entity.
    """
    entity_id = await fetch_value(
        "SELECT id FROM legal_entity WHERE company_id = $1 AND active"
        " ORDER BY created_at, id LIMIT 1",
        seller_id,
    )
    if entity_id is None:
        raise NotFound("legal entity")
    return Actor(
        user_id=NOBODY,
        company_id=seller_id,
        legal_entity_id=entity_id,
        permissions=frozenset({Permission.CATALOG_MANAGE, Permission.PRICES_MANAGE}),
        via="system",
    )
