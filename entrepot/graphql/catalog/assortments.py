"""Assortments in GraphQL: what a seller shows to all, or to some companies and groups only."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.catalog.errors import NotSelling
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors, UserError, as_id, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.catalog.assortments import errors, queries, service
from entrepot.platform.catalog.queries import OfferRow
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

_WHY = "The payload, or why nothing was done."

ContentPage = tuple[UUID, UUID | None, int]
"""An assortment, the offer to continue after, and how many rows."""


def _manager(context: RequestContext) -> Actor | None:
    actor = context.actor
    return actor if actor is not None and actor.may(Permission.CATALOG_MANAGE) else None


async def load_assortments(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.AssortmentRow]:
    """The actor's company's own assortments by id, with `catalog.manage`."""
    actor = _manager(context)
    return await queries.assortments_by_ids(actor, ids) if actor else {}


async def load_content(
    context: RequestContext, pages: Sequence[ContentPage]
) -> Mapping[ContentPage, list[OfferRow]]:
    """Offers by assortment and page. Two statements for each distinct page."""
    actor = _manager(context)
    found: dict[ContentPage, list[OfferRow]] = {}
    if actor is None:
        return found
    for after, limit in {(after, limit) for _, after, limit in pages}:
        ids = [key for key, *page in pages if page == [after, limit]]
        rows = await queries.offers_of(actor, ids, after=after, limit=limit)
        found |= {(key, after, limit): offers for key, offers in rows.items()}
    return found


@strawberry.type(
    description="Offers that your company shows together: to all, or to its audience. An offer in "
    "no assortment is shown to all; one in several to whoever sees any of them."
)
class Assortment(Node):
    name: str = strawberry.field(description="Its name; buyers never see it.")
    shown_to_all: bool = strawberry.field(description="Whether every buyer sees it.")
    offer_count: int = strawberry.field(description="How many offers are in it.")
    company_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of the companies that see it while it is not shown to all."
    )
    group_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of your customer groups whose members see it, likewise."
    )
    key: strawberry.Private[UUID]

    @classmethod
    def from_row(cls, row: queries.AssortmentRow) -> "Assortment":
        """Show a row of the actor's own company."""
        return cls(
            id=encode_id("Assortment", row.id),
            name=row.name,
            shown_to_all=row.shown_to_all,
            offer_count=row.offer_count,
            company_ids=[encode_id("Company", key) for key in row.company_ids],
            group_ids=[encode_id("CustomerGroup", key) for key in row.group_ids],
            key=row.id,
        )

    @field("The offers in it, inactive ones too.")
    async def offers(self, info: Info, first: First = 20, after: After = None) -> Connection[Offer]:
        page = page_of(first, after, order="assortment.offers", keys=(UUID,))
        seen = page.after[0] if page.after else None
        rows = await info.context.load(load_content, (self.key, seen, page.limit)) or []
        return connect(rows, page, node=Offer.from_row, key=lambda row: (row.id,))


@error_type(errors.AssortmentNameTaken, name="The name.")
class AssortmentNameTaken(UserError):
    """Your company already has an assortment of this name."""


@error_type(errors.OfferNamedTwice, offer_id=as_id("Offer", "The offer."))
class OfferNamedTwice(UserError):
    """The same offer is named twice in one change."""


@strawberry.type(description="An assortment after the change.")
class AssortmentPayload:
    assortment: Assortment = strawberry.field(description="The assortment.")


@strawberry.type(description="What was deleted.")
class DeleteAssortmentPayload:
    assortment_id: strawberry.ID = strawberry.field(description="Global id it had.")


@strawberry.input(description="A new assortment, empty.")
class CreateAssortmentInput:
    name: str = strawberry.field(description="Its name, for you.")
    shown_to_all: bool = strawberry.field(
        default=False, description="Whether every buyer sees it; its audience if not."
    )


@strawberry.input(description="What to change; leave out what stays.")
class UpdateAssortmentInput:
    assortment_id: strawberry.ID = strawberry.field(description="Your assortment.")
    name: str | None = strawberry.field(default=None, description="Its name.")
    shown_to_all: bool | None = strawberry.field(
        default=None, description="Whether every buyer sees it."
    )


@strawberry.input(description="An assortment to delete.")
class DeleteAssortmentInput:
    assortment_id: strawberry.ID = strawberry.field(description="Your assortment.")


@strawberry.input(description="Offers to put in and take out, 1 to 1000 together.")
class SetAssortmentOffersInput:
    assortment_id: strawberry.ID = strawberry.field(description="Your assortment.")
    add_offer_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Offers of yours to put in."
    )
    remove_offer_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Offers of yours to take out."
    )


@strawberry.input(description="Who sees an assortment; each list replaces the former one.")
class SetAssortmentAudienceInput:
    assortment_id: strawberry.ID = strawberry.field(description="Your assortment.")
    company_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Buying companies, at most 1000; leave out to keep them."
    )
    group_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Your customer groups, at most 1000; leave out to keep them."
    )


CreateAssortmentResult = Annotated[
    AssortmentPayload | AssortmentNameTaken | NotSelling | CommonErrors,
    strawberry.union("CreateAssortmentResult", description=_WHY),
]
UpdateAssortmentResult = Annotated[
    AssortmentPayload | AssortmentNameTaken | CommonErrors,
    strawberry.union("UpdateAssortmentResult", description=_WHY),
]
DeleteAssortmentResult = Annotated[
    DeleteAssortmentPayload | CommonErrors,
    strawberry.union("DeleteAssortmentResult", description=_WHY),
]
SetAssortmentOffersResult = Annotated[
    AssortmentPayload | OfferNamedTwice | CommonErrors,
    strawberry.union("SetAssortmentOffersResult", description=_WHY),
]
SetAssortmentAudienceResult = Annotated[
    AssortmentPayload | CommonErrors,
    strawberry.union("SetAssortmentAudienceResult", description=_WHY),
]


@strawberry.type
class AssortmentQuery:
    """Root fields."""

    @field("Your company's assortments, by name (needs `catalog.manage`).")
    async def assortments(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Assortment]:
        actor = info.context.require_actor()
        actor.require(Permission.CATALOG_MANAGE)
        page = page_of(first, after, order="catalog.assortments", keys=(str, UUID))
        seen = (page.after[0], page.after[1]) if page.after else None
        rows = await queries.own_assortments(actor, after=seen, limit=page.limit)
        return connect(rows, page, node=Assortment.from_row, key=lambda row: (row.name, row.id))


@strawberry.type
class AssortmentMutation:
    """Root fields; all need `catalog.manage` in the company that owns the assortment."""

    @mutation("Start an empty assortment (`catalog.manage`).")
    async def create_assortment(
        self, info: Info, input: Annotated[CreateAssortmentInput, argument("The assortment.")]
    ) -> CreateAssortmentResult:
        actor = info.context.require_actor()
        made = await once(
            info,
            input,
            lambda: service.create_assortment(actor, input.name, shown_to_all=input.shown_to_all),
        )
        return await _payload(actor, made)

    @mutation("Rename an assortment, or show it to all or to its audience (`catalog.manage`).")
    async def update_assortment(
        self, info: Info, input: Annotated[UpdateAssortmentInput, argument("The changes.")]
    ) -> UpdateAssortmentResult:
        actor = info.context.require_actor()
        key = _own(input.assortment_id)
        await service.update_assortment(
            actor, key, name=input.name, shown_to_all=input.shown_to_all
        )
        return await _payload(actor, key)

    @mutation("Delete an assortment; offers in no other are shown to all (`catalog.manage`).")
    async def delete_assortment(
        self, info: Info, input: Annotated[DeleteAssortmentInput, argument("Which one.")]
    ) -> DeleteAssortmentResult:
        actor = info.context.require_actor()
        key = _own(input.assortment_id)

        async def delete() -> UUID:
            await service.delete_assortment(actor, key)
            return key

        await once(info, input, delete)
        return DeleteAssortmentPayload(assortment_id=input.assortment_id)

    @mutation("Put offers into an assortment and take others out (`catalog.manage`).")
    async def set_assortment_offers(
        self, info: Info, input: Annotated[SetAssortmentOffersInput, argument("Which offers.")]
    ) -> SetAssortmentOffersResult:
        actor = info.context.require_actor()
        key = _own(input.assortment_id)
        add = _keys(input.add_offer_ids, "Offer", "addOfferIds")
        remove = _keys(input.remove_offer_ids, "Offer", "removeOfferIds")
        await service.set_offers(actor, key, add=add, remove=remove)
        return await _payload(actor, key)

    @mutation("Say which companies and customer groups see an assortment (`catalog.manage`).")
    async def set_assortment_audience(
        self, info: Info, input: Annotated[SetAssortmentAudienceInput, argument("Who sees it.")]
    ) -> SetAssortmentAudienceResult:
        actor = info.context.require_actor()
        key = _own(input.assortment_id)
        companies, groups = input.company_ids, input.group_ids
        await service.set_audience(
            actor,
            key,
            company_ids=None if companies is None else _keys(companies, "Company", "companyIds"),
            group_ids=None if groups is None else _keys(groups, "CustomerGroup", "groupIds"),
        )
        return await _payload(actor, key)


def _own(given: str) -> UUID:
    return decode_id(given, "Assortment", "input", "assortmentId")


def _keys(given: Sequence[str], kind: str, name: str) -> list[UUID]:
    return [decode_id(one, kind, "input", name, str(index)) for index, one in enumerate(given)]


async def _payload(actor: Actor, key: UUID) -> AssortmentPayload:
    row = (await queries.assortments_by_ids(actor, [key])).get(key)
    if row is None:  # deleted since: by a colleague, or before the request came a second time
        raise NotFound("assortment").at("input", "assortmentId")
    return AssortmentPayload(assortment=Assortment.from_row(row))


async def _node(context: RequestContext, key: UUID) -> Assortment | None:
    row = await context.load(load_assortments, key)
    return Assortment.from_row(row) if row else None


register_node("Assortment", _node)
