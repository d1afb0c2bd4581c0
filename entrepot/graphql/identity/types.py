"""Companies, legal entities and people, and their batched loads."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import strawberry

from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.fields import field
from entrepot.graphql.identity.enums import CompanyKind, Locale, Permission, Role
from entrepot.graphql.node import Node, encode_id, register_node
from entrepot.platform.identity import queries


async def load_companies(
    _context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.CompanyRow]:
    """Load companies by id: public names."""
    return await queries.companies_by_ids(ids)


async def load_legal_entities(
    _context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.LegalEntityRow]:
    """Load legal entities by id; whoever shows one answers for its visibility."""
    return await queries.legal_entities_by_ids(ids)


@strawberry.type(description="A participant of the marketplace, as everybody sees it.")
class Company(Node):
    name: str = strawberry.field(description="Its name.")

    @classmethod
    def from_row(cls, row: queries.CompanyRow) -> "Company":
        """Show a company."""
        return cls(id=encode_id("Company", row.id), name=row.name)


@strawberry.type(description="A registered body of a company: it buys, sells, owes and is owed.")
class LegalEntity(Node):
    name: str = strawberry.field(description="Registered name.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    tax_id: str = strawberry.field(description="INN in Russia, VAT number in the EU.")
    registration_reason_code: str = strawberry.field(
        description="KPP of a Russian organisation; empty elsewhere."
    )
    address: str = strawberry.field(description="Registered address.")
    time_zone: str = strawberry.field(description="IANA name of its time zone.")
    currency: str = strawberry.field(description="ISO 4217 code of the currency it trades in.")
    row: strawberry.Private[queries.LegalEntityRow]

    @classmethod
    def from_row(cls, row: queries.LegalEntityRow) -> "LegalEntity":
        """Show a legal entity to somebody who may see it."""
        return cls(
            id=encode_id("LegalEntity", row.id),
            name=row.name,
            country=row.country,
            tax_id=row.tax_id,
            registration_reason_code=row.registration_reason_code,
            address=row.address,
            time_zone=row.time_zone,
            currency=row.currency,
            row=row,
        )

    @field("The company that it belongs to.")
    async def company(self, info: Info) -> Company | None:
        row = await info.context.load(load_companies, self.row.company_id)
        return Company.from_row(row) if row else None


@strawberry.type(description="A person who can sign in.")
class User(Node):
    email: str = strawberry.field(description="E-mail they sign in with.")
    name: str = strawberry.field(description="Their name.")
    locale: Locale = strawberry.field(description="Language of answers and letters.")

    @classmethod
    def from_row(cls, row: queries.PersonRow) -> "User":
        """Show a person to themselves or to an administrator of their company."""
        return cls(
            id=encode_id("User", row.id), email=row.email, name=row.name, locale=Locale(row.locale)
        )


@strawberry.type(description="A company you belong to, and your roles there.")
class Membership:
    company: Company = strawberry.field(description="The company.")
    kinds: list[CompanyKind] = strawberry.field(description="What the company does here.")
    roles: list[Role] = strawberry.field(description="Your roles.")

    @classmethod
    def from_row(cls, row: queries.MembershipRow) -> "Membership":
        """Show a membership."""
        return cls(
            company=Company.from_row(queries.CompanyRow(row.company_id, row.company_name)),
            kinds=[CompanyKind(kind) for kind in row.kinds],
            roles=[Role(role) for role in row.roles],
        )


@strawberry.type(description="A member of your company.")
class Member:
    user: User = strawberry.field(description="The person.")
    roles: list[Role] = strawberry.field(description="Their roles in your company.")
    joined_at: datetime = strawberry.field(description="When they became a member.")

    @classmethod
    def from_row(cls, row: queries.MemberRow) -> "Member":
        """Show a member."""
        return cls(
            user=User.from_row(row.person),
            roles=[Role(role) for role in row.roles],
            joined_at=row.joined_at,
        )


@strawberry.type(description="An e-mail that was invited and has not joined yet.")
class Invitation:
    id: strawberry.ID = strawberry.field(description="Global id, for `cancelInvitation`.")
    email: str = strawberry.field(description="The e-mail.")
    roles: list[Role] = strawberry.field(description="Roles they will have.")
    created_at: datetime = strawberry.field(description="When they were invited.")
    expires_at: datetime = strawberry.field(description="When the link in the letter dies.")

    @classmethod
    def from_row(cls, row: queries.InvitationRow) -> "Invitation":
        """Show an invitation."""
        return cls(
            id=encode_id("Invitation", row.id),
            email=row.email,
            roles=[Role(role) for role in row.roles],
            created_at=row.created_at,
            expires_at=row.expires_at,
        )


@strawberry.type(description="A program's way in. The key itself is shown once, when it is made.")
class ApiKey:
    id: strawberry.ID = strawberry.field(description="Global id, for `revokeApiKey`.")
    name: str = strawberry.field(description="What it is for.")
    prefix: str = strawberry.field(description="The part after `ek_`, by which to recognise it.")
    scopes: list[Permission] = strawberry.field(description="The most that it may do.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it ends; null: never.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last used, within an hour; null: never."
    )
    revoked_at: datetime | None = strawberry.field(description="When it was revoked, if it was.")
    row: strawberry.Private[queries.ApiKeyRow]

    @classmethod
    def from_row(cls, row: queries.ApiKeyRow) -> "ApiKey":
        """Show a key without its secret."""
        return cls(
            id=encode_id("ApiKey", row.id),
            name=row.name,
            prefix=row.prefix,
            scopes=[Permission(scope) for scope in row.scopes],
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
            row=row,
        )

    @field("The legal entity that it acts for.")
    async def legal_entity(self, info: Info) -> LegalEntity | None:
        row = await info.context.load(load_legal_entities, self.row.legal_entity_id)
        return LegalEntity.from_row(row) if row else None


async def _company_node(context: RequestContext, key: UUID) -> Company | None:
    if context.actor is None:
        return None
    row = await queries.company_for(context.actor, key)
    return Company.from_row(row) if row else None


async def _legal_entity_node(context: RequestContext, key: UUID) -> LegalEntity | None:
    if context.actor is None:
        return None
    rows = await queries.own_legal_entities(context.actor)
    return next((LegalEntity.from_row(row) for row in rows if row.id == key), None)


async def _user_node(context: RequestContext, key: UUID) -> User | None:
    if context.actor is None:
        return None
    row = await queries.fellow_member(context.actor, key)
    return User.from_row(row) if row else None


register_node("Company", _company_node)
register_node("LegalEntity", _legal_entity_node)
register_node("User", _user_node)
