"""What the buyers say to an order: where its lines go, and whether it is paid in advance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.ordering import LockedCart, LockedLine
from entrepot.platform.database import Row, fetch

ENTITIES = """
SELECT e.id AS entity_id, e.address AS registered, c.pays_in_advance,
       a.id, coalesce(a.legal_entity_id = e.id AND a.is_default AND a.active, false) AS main,
       a.name, a.recipient, a.street, a.postal_code, a.city, a.country, a.phone
  FROM legal_entity e
  JOIN company c ON c.id = e.company_id
  LEFT JOIN delivery_address a
    ON a.id = ANY($2::uuid[]) OR (a.legal_entity_id = e.id AND a.is_default AND a.active)
 WHERE e.id = ANY($1::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Place:
    """An address as it is printed; without id it is the legal entity's registered one."""

    address_id: UUID | None
    text: str


@dataclass(frozen=True, slots=True)
class BuyerSide:
    """The addresses that some carts name or fall back to, and the entities that pay in advance."""

    by_id: Mapping[UUID, Place]
    of_entity: Mapping[UUID, Place]
    pay_in_advance: frozenset[UUID]

    def split(self, cart: LockedCart, line: LockedLine) -> list[tuple[Place, Decimal]]:
        """Return how much of a line goes where, each place once.

        What the line's own deliveries leave over goes to the cart's address, else to the legal
        entity's main one, else to its registered one; with none of these it is not told.
        """
        parts: dict[Place, Decimal] = {}
        rest = line.quantity
        for delivery in line.deliveries:
            place = self.by_id[delivery.address_id]
            parts[place] = parts.get(place, Decimal(0)) + delivery.quantity
            rest -= delivery.quantity
        usual = self._usual(cart)
        if rest > 0 and usual is not None:
            parts[usual] = parts.get(usual, Decimal(0)) + rest
        return list(parts.items())

    def _usual(self, cart: LockedCart) -> Place | None:
        chosen = cart.cart.delivery_address_id
        if chosen is not None:
            return self.by_id[chosen]
        return self.of_entity.get(cart.cart.legal_entity_id)


async def buyer_side_of(carts: Sequence[LockedCart]) -> BuyerSide:
    """Return what the buyers of the carts say; one statement, however many carts."""
    named = {one.address_id for cart in carts for line in cart.lines for one in line.deliveries}
    named |= {
        cart.cart.delivery_address_id for cart in carts if cart.cart.delivery_address_id is not None
    }
    rows = await fetch(ENTITIES, list({cart.cart.legal_entity_id for cart in carts}), list(named))
    by_id = {row["id"]: Place(row["id"], _printed(row)) for row in rows if row["id"] is not None}
    of_entity = {
        row["entity_id"]: Place(None, row["registered"][:1000]) for row in rows if row["registered"]
    }
    of_entity |= {row["entity_id"]: by_id[row["id"]] for row in rows if row["main"]}
    paying = frozenset(row["entity_id"] for row in rows if row["pays_in_advance"])
    return BuyerSide(by_id, of_entity, paying)


def _printed(row: Row) -> str:
    """The address as on a parcel: who, street, place, country, telephone."""
    place = " ".join(part for part in (row["postal_code"], row["city"]) if part)
    who = row["recipient"] or row["name"]
    rows = (who, row["street"], place, row["country"], row["phone"])
    return "\n".join(part for part in rows if part)
