"""Promotions in GraphQL: made by sellers and the operator, shown to those they are for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.errors import NotSelling
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import decode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.graphql.pricing.promotion_errors import PromotionBelowCost
from entrepot.graphql.pricing.promotion_inputs import (
    CreatePromotionInput,
    EndPromotionInput,
    UpdatePromotionInput,
)
from entrepot.graphql.pricing.promotion_types import ActivePromotion, Promotion
from entrepot.platform.identity.actor import Actor
from entrepot.platform.pricing.promotions import queries, service

_WHY = "The payload, or why nothing was done."


@strawberry.type(description="A promotion after the change.")
class PromotionPayload:
    promotion: Promotion = strawberry.field(description="The promotion.")


CreatePromotionResult = Annotated[
    PromotionPayload | PromotionBelowCost | NotSelling | CommonErrors,
    strawberry.union("CreatePromotionResult", description=_WHY),
]
UpdatePromotionResult = Annotated[
    PromotionPayload | CommonErrors, strawberry.union("UpdatePromotionResult", description=_WHY)
]
EndPromotionResult = Annotated[
    PromotionPayload | CommonErrors, strawberry.union("EndPromotionResult", description=_WHY)
]


@strawberry.type
class PromotionQuery:
    """Root fields."""

    @field("The promotions that your company made, the newest first (`promotion.manage`).")
    async def promotions(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Promotion]:
        actor = info.context.require_actor()
        page = page_of(first, after, order="promotions.newest", keys=(datetime, UUID))
        seen = (page.after[0], page.after[1]) if page.after else None
        rows = await queries.own_promotions(actor, after=seen, limit=page.limit)
        return connect(
            rows, page, node=Promotion.from_row, key=lambda row: (row.created_at, row.id)
        )

    @field("The promotions that run for the legal entity you act for, the newest first.")
    async def active_promotions(
        self,
        info: Info,
        seller_id: Annotated[
            strawberry.ID | None, argument("Only those on this company's offers.")
        ] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[ActivePromotion]:
        actor = info.context.require_actor()
        seller = None if seller_id is None else decode_id(seller_id, "Company", "sellerId")
        page = page_of(first, after, order="promotions.active", keys=(datetime, UUID))
        seen = (page.after[0], page.after[1]) if page.after else None
        rows = await queries.active_promotions(
            actor,
            info.context.resources.clock.now(),
            seller_id=seller,
            after=seen,
            limit=page.limit,
        )
        return connect(
            rows,
            page,
            node=lambda row: ActivePromotion.from_row(row, info.context.locale),
            key=lambda row: (row.created_at, row.id),
        )


@strawberry.type
class PromotionMutation:
    """Root fields; all need `promotion.manage`."""

    @mutation("Make a promotion on your offers; operators: on any seller's (`promotion.manage`).")
    async def create_promotion(
        self, info: Info, input: Annotated[CreatePromotionInput, argument("The promotion.")]
    ) -> CreatePromotionResult:
        actor = info.context.require_actor()
        new = input.read()
        made = await once(info, input, lambda: service.create_promotion(actor, new))
        return await _payload(actor, made)

    @mutation("Change a promotion's schedule, limits, order or names (`promotion.manage`).")
    async def update_promotion(
        self, info: Info, input: Annotated[UpdatePromotionInput, argument("The changes.")]
    ) -> UpdatePromotionResult:
        actor = info.context.require_actor()
        key = decode_id(input.promotion_id, "Promotion", "input", "promotionId")
        await service.update_promotion(actor, key, input.read())
        return await _payload(actor, key)

    @mutation("End a promotion now; orders keep what they got (`promotion.manage`).")
    async def end_promotion(
        self, info: Info, input: Annotated[EndPromotionInput, argument("The promotion.")]
    ) -> EndPromotionResult:
        actor = info.context.require_actor()
        key = decode_id(input.promotion_id, "Promotion", "input", "promotionId")
        await service.end_promotion(actor, key, clock=info.context.resources.clock)
        return await _payload(actor, key)


async def _payload(actor: Actor, key: UUID) -> PromotionPayload:
    rows = await queries.promotions_by_ids(actor, [key])
    return PromotionPayload(promotion=Promotion.from_row(rows[key]))


async def load_promotions(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.PromotionRow]:
    """Those that the actor's company made."""
    return await queries.promotions_by_ids(context.actor, ids) if context.actor else {}


async def load_active_promotions(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.PublicPromotionRow]:
    """Those that run for the actor's legal entity."""
    if context.actor is None:
        return {}
    return await queries.active_promotions_by_ids(context.actor, ids, context.resources.clock.now())


async def _node(context: RequestContext, key: UUID) -> Promotion | None:
    row = await context.load(load_promotions, key)
    return Promotion.from_row(row) if row else None


async def _active_node(context: RequestContext, key: UUID) -> ActivePromotion | None:
    row = await context.load(load_active_promotions, key)
    return ActivePromotion.from_row(row, context.locale) if row else None


register_node("Promotion", _node)
register_node("ActivePromotion", _active_node)
