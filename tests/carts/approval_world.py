"""A company with a buyer, approvers and an administrator, and a seller to buy from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from entrepot.platform.carts import service as carts
from entrepot.platform.carts.approvals import queries, service
from entrepot.platform.carts.approvals.service import QuantityChange, RuleTerms, Verdict
from entrepot.platform.carts.approvals.views import ApprovalView
from entrepot.platform.carts.ordering import lock_carts
from entrepot.platform.catalog.models import Offer
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import execute, fetch, fetch_value, transaction
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity
from entrepot.platform.identity.permissions import Role
from tests.factories import Seller, make_actor, make_company, make_offer, make_seller

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = b"a secret key of more than 32 characters"


@dataclass
class World:
    """People by what they do; one offer at 100 RUB net."""

    company: Company
    entity: LegalEntity
    buyer: Actor
    colleague: Actor
    first: Actor
    second: Actor
    boss: Actor
    admin: Actor
    seller: Seller
    offer: Offer
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    key: bytes = KEY

    async def rule(self, *steps: Sequence[Actor], name: str = "Rule", **conditions: Any) -> UUID:
        """Add a rule with these approvers; without conditions it asks always."""
        people = tuple([one.user_id for one in step] for step in steps or ([self.first],))
        terms = RuleTerms(name=name, steps=people, **conditions)
        return await service.create_rule(self.admin, terms, clock=self.clock)

    async def above(self, amount: str, *steps: Sequence[Actor], name: str = "Limit") -> UUID:
        """Add a rule on the net amount in RUB."""
        return await self.rule(*steps, name=name, above_amount=Decimal(amount), currency="RUB")

    async def fill(
        self,
        quantity: str = "2",
        *,
        offer: Offer | None = None,
        actor: Actor | None = None,
        cart_id: UUID | None = None,
        cost_center: str = "",
    ) -> UUID:
        """Put a quantity into a cart (the default one); returns the cart."""
        line = carts.NewCartLine(
            (offer or self.offer).id, Decimal(quantity), cost_center=cost_center
        )
        return await carts.add_lines(actor or self.buyer, cart_id, [line], clock=self.clock)

    async def submit(
        self, actor: Actor | None = None, cart_id: UUID | None = None, note: str = ""
    ) -> UUID:
        """Hand the default cart in."""
        return await service.submit(self.key, actor or self.buyer, cart_id, note, clock=self.clock)

    async def approve(
        self,
        actor: Actor,
        approval_id: UUID,
        *,
        accept: bool = False,
        changes: dict[UUID, str] | None = None,
        step: int | None = None,
    ) -> None:
        """Agree."""
        wanted = tuple(
            QuantityChange(line, Decimal(quantity)) for line, quantity in (changes or {}).items()
        )
        verdict = Verdict(True, "", accept, wanted, step)
        await service.decide(self.key, actor, approval_id, verdict, clock=self.clock)

    async def refuse(self, actor: Actor, approval_id: UUID, reason: str = "Too dear") -> None:
        """Refuse."""
        await service.decide(self.key, actor, approval_id, Verdict(False, reason), clock=self.clock)

    async def gate(self, *cart_ids: UUID, actor: Actor | None = None) -> list[UUID]:
        """Pass the gate of ordering as placing does."""
        who, now = actor or self.buyer, self.clock.now()
        async with transaction():
            requested = []
            for cart in await lock_carts(cart_ids):
                lines = {line.id: line for line in cart.lines}
                row = cart.cart
                requested.append(
                    await service.priced_cart(
                        cart.id, row.company_id, row.legal_entity_id, lines, now
                    )
                )
            return await service.ensure_may_order(who, requested, now)

    async def view(self, approval_id: UUID, actor: Actor | None = None) -> ApprovalView:
        """The approval as somebody sees it, the administrator unless named."""
        found = await queries.by_ids(actor or self.admin, [approval_id], self.clock.now())
        return found[approval_id]

    async def price(self, amount: str, offer: Offer | None = None) -> None:
        """Change an offer's list price."""
        await Offer.filter(id=(offer or self.offer).id).update(list_price=Decimal(amount))

    async def away(self, absent: Actor, alternate: Actor, days: int = 7) -> UUID:
        """Send an approver away from now on."""
        now = self.clock.now()
        return await service.set_absence(
            absent, None, now, now + timedelta(days=days), alternate.user_id, clock=self.clock
        )

    async def dismiss(self, actor: Actor) -> None:
        """End somebody's membership."""
        await execute("DELETE FROM membership WHERE user_id = $1", actor.user_id)

    async def new_seller_offer(self, price: str = "100", **values: Any) -> Offer:
        """An offer of somebody nobody bought from."""
        return await make_offer(await make_seller(), price=price, stock="1000", **values)


async def make_world(**entity: Any) -> World:
    """Create everything."""
    company, legal_entity = await make_company("Buyer Ltd", buyer=True)
    if entity:
        await LegalEntity.filter(id=legal_entity.id).update(**entity)
    seller = await make_seller("Acme")
    return World(
        company,
        legal_entity,
        buyer=await make_actor(company, legal_entity, Role.BUYER),
        colleague=await make_actor(company, legal_entity, Role.BUYER),
        first=await make_actor(company, legal_entity, Role.APPROVER),
        second=await make_actor(company, legal_entity, Role.APPROVER),
        boss=await make_actor(company, legal_entity, Role.APPROVER, Role.BUYER),
        admin=await make_actor(company, legal_entity, Role.ADMINISTRATOR),
        seller=seller,
        offer=await make_offer(seller, price="100", stock="1000"),
    )


async def cart_status(cart_id: UUID) -> str:
    """Where a cart stands."""
    found: str = await fetch_value("SELECT status FROM cart WHERE id = $1", cart_id)
    return found


async def events(kind: str) -> list[dict[str, Any]]:
    """The payloads of recorded events of a kind, in order."""
    rows = await fetch("SELECT payload FROM outbox_event WHERE kind = $1 ORDER BY id", kind)
    return [orjson.loads(row["payload"]) for row in rows]


async def asked_by_letter() -> list[UUID]:
    """Whose links were made, in the order of events."""
    found: list[UUID] = []
    for event in await events("ApprovalRequested"):
        for link in event["link_ids"]:
            found.append(
                await fetch_value("SELECT user_id FROM approval_link WHERE id = $1", UUID(link))
            )
    return found
