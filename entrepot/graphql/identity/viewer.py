"""Who is asking: the query `viewer`."""

from datetime import datetime
from uuid import UUID

import strawberry

from entrepot.graphql.context import Info
from entrepot.graphql.fields import field
from entrepot.graphql.identity.enums import Permission, stored
from entrepot.graphql.identity.resources import identity_of
from entrepot.graphql.identity.types import (
    ApiKey,
    Company,
    Invitation,
    LegalEntity,
    Member,
    Membership,
    User,
    load_companies,
    load_legal_entities,
)
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.errors import Unauthenticated
from entrepot.platform.identity import queries
from entrepot.platform.identity.actor import Actor


@strawberry.type(description="You, and whom you act for.")
class Viewer:
    actor: strawberry.Private[Actor]

    @field("You.")
    async def user(self) -> User:
        row = await queries.person(self.actor.user_id)
        if row is None:  # deleted since the request was let in
            raise Unauthenticated
        return User.from_row(row)

    @field("The company of the legal entity you act for.")
    async def company(self, info: Info) -> Company:
        row = await info.context.load(load_companies, self.actor.company_id)
        if row is None:
            raise Unauthenticated
        return Company.from_row(row)

    @field("The legal entity you act for.")
    async def legal_entity(self, info: Info) -> LegalEntity:
        row = await info.context.load(load_legal_entities, self.actor.legal_entity_id)
        if row is None:
            raise Unauthenticated
        return LegalEntity.from_row(row)

    @field("What you may do now, acting for this legal entity.")
    async def permissions(self) -> list[Permission]:
        held = {permission.value for permission in self.actor.permissions}
        return [permission for permission in Permission if stored(permission) in held]

    @field("Your companies, the oldest membership first.")
    async def memberships(self) -> list[Membership]:
        return [Membership.from_row(row) for row in await queries.memberships(self.actor)]

    @field("All legal entities you can act for: pass one to `switchLegalEntity`.")
    async def legal_entities(self) -> list[LegalEntity]:
        return [LegalEntity.from_row(row) for row in await queries.own_legal_entities(self.actor)]

    @field("API keys in this company, newest first: yours, or all of them for administrators.")
    async def api_keys(self) -> list[ApiKey]:
        return [ApiKey.from_row(row) for row in await queries.api_keys(self.actor)]

    @field("Members of the company, oldest first. Needs COMPANY_MANAGE.")
    async def members(self, first: First = 20, after: After = None) -> Connection[Member]:
        page = page_of(first, after, order="members.oldest", keys=(datetime, UUID))
        rows = await queries.members(self.actor, page.after, page.limit)
        return connect(
            rows, page, node=Member.from_row, key=lambda row: (row.joined_at, row.person.id)
        )

    @field("Open invitations of the company, newest first. Needs COMPANY_MANAGE.")
    async def invitations(self, info: Info) -> list[Invitation]:
        now = identity_of(info.context).clock.now()
        return [Invitation.from_row(row) for row in await queries.invitations(self.actor, now)]


@strawberry.type
class IdentityQuery:
    """The root fields of identity."""

    @field("Who you are; null when the request carries no valid session or API key.")
    async def viewer(self, info: Info) -> Viewer | None:
        actor = info.context.actor
        return None if actor is None else Viewer(actor=actor)
