"""What administrators do: legal entities, invitations, members."""

from typing import Annotated

import strawberry

from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, mutation
from entrepot.graphql.identity.enums import Locale, Role, stored
from entrepot.graphql.identity.errors import (
    AlreadyMember,
    InvalidToken,
    LastAdministrator,
    LegalEntityTaken,
    RoleNotAllowed,
)
from entrepot.graphql.identity.registration import LegalEntityInput
from entrepot.graphql.identity.resources import identity_of
from entrepot.graphql.identity.types import (
    Company,
    Invitation,
    LegalEntity,
    Member,
    load_companies,
    load_legal_entities,
)
from entrepot.graphql.node import decode_id
from entrepot.platform.errors import NotFound
from entrepot.platform.identity import queries, service


@strawberry.type(description="The company has one more legal entity.")
class AddLegalEntityPayload:
    legal_entity: LegalEntity = strawberry.field(description="The new one.")


AddLegalEntityResult = Annotated[
    AddLegalEntityPayload | LegalEntityTaken | CommonErrors,
    strawberry.union("AddLegalEntityResult", description="The payload, or why nothing was done."),
]


@strawberry.input(description="Whom to invite.")
class InviteMemberInput:
    email: str = strawberry.field(description="A letter with a link goes there.")
    roles: list[Role] = strawberry.field(description="Roles they will have; at least one.")
    locale: Locale | None = strawberry.field(
        default=None, description="Language of the letter; yours, unless given."
    )


@strawberry.type(description="A letter is on its way. The same for every e-mail.")
class InviteMemberPayload:
    invitation: Invitation = strawberry.field(description="The invitation.")


InviteMemberResult = Annotated[
    InviteMemberPayload | AlreadyMember | RoleNotAllowed | CommonErrors,
    strawberry.union("InviteMemberResult", description="The payload, or why nothing was done."),
]


@strawberry.input(description="Which invitation to take back.")
class CancelInvitationInput:
    invitation_id: strawberry.ID = strawberry.field(description="One of `viewer.invitations`.")


@strawberry.type(description="The link in the letter is dead.")
class CancelInvitationPayload:
    invitation_id: strawberry.ID = strawberry.field(description="The invitation that was.")


CancelInvitationResult = Annotated[
    CancelInvitationPayload | CommonErrors,
    strawberry.union("CancelInvitationResult", description="The payload, or why nothing was done."),
]


@strawberry.input(description="How to join.")
class AcceptInvitationInput:
    token: str = strawberry.field(description="Token from the link in the letter; works once.")
    name: str | None = strawberry.field(
        default=None, description="Your name, if you have no account yet."
    )
    password: str | None = strawberry.field(
        default=None, description="A password, if you have no account yet."
    )
    locale: Locale | None = strawberry.field(
        default=None,
        description="Your language, if you have no account yet; that of the request, unless given.",
    )


@strawberry.type(description="You are a member; sign in.")
class AcceptInvitationPayload:
    email: str = strawberry.field(description="E-mail to sign in with.")
    company: Company = strawberry.field(description="The company you joined.")


AcceptInvitationResult = Annotated[
    AcceptInvitationPayload | InvalidToken | CommonErrors,
    strawberry.union("AcceptInvitationResult", description="The payload, or why nothing was done."),
]


@strawberry.input(description="A member and their roles.")
class SetMemberRolesInput:
    user_id: strawberry.ID = strawberry.field(description="The member.")
    roles: list[Role] = strawberry.field(description="All their roles from now on.")


@strawberry.type(description="The member after the change.")
class SetMemberRolesPayload:
    member: Member = strawberry.field(description="The member.")


SetMemberRolesResult = Annotated[
    SetMemberRolesPayload | RoleNotAllowed | LastAdministrator | CommonErrors,
    strawberry.union("SetMemberRolesResult", description="The payload, or why nothing was done."),
]


@strawberry.input(description="Who leaves.")
class RemoveMemberInput:
    user_id: strawberry.ID = strawberry.field(description="The member.")


@strawberry.type(description="The person is no member any more; their ways in are closed.")
class RemoveMemberPayload:
    user_id: strawberry.ID = strawberry.field(description="Who left.")


RemoveMemberResult = Annotated[
    RemoveMemberPayload | LastAdministrator | CommonErrors,
    strawberry.union("RemoveMemberResult", description="The payload, or why nothing was done."),
]


@strawberry.type
class CompanyMutation:
    """All but the last need COMPANY_MANAGE."""

    @mutation("Give your company one more legal entity. Needs COMPANY_MANAGE.")
    async def add_legal_entity(
        self, info: Info, input: Annotated[LegalEntityInput, argument("The legal entity.")]
    ) -> AddLegalEntityResult:
        context = info.context
        actor = context.require_actor()
        added = await service.add_legal_entity(
            actor, input.draft(), identity_of(context).clock, context.idempotency_key
        )
        row = await context.load(load_legal_entities, added)
        if row is None:
            raise NotFound("LegalEntity")
        return AddLegalEntityPayload(legal_entity=LegalEntity.from_row(row))

    @mutation(
        "Invite somebody into your company; inviting again replaces the link. The answer does not"
        " tell whether the e-mail has an account. Needs COMPANY_MANAGE."
    )
    async def invite_member(
        self, info: Info, input: Annotated[InviteMemberInput, argument("Whom to invite.")]
    ) -> InviteMemberResult:
        context = info.context
        actor = context.require_actor()
        identity = identity_of(context)
        roles = [stored(role) for role in input.roles]
        locale = stored(input.locale) if input.locale else None
        invited = await service.invite_member(
            identity, actor, input.email, roles, locale, context.idempotency_key
        )
        for row in await queries.invitations(actor, identity.clock.now()):
            if row.id == invited:
                return InviteMemberPayload(invitation=Invitation.from_row(row))
        raise NotFound("Invitation")

    @mutation("Take an invitation back before it is accepted. Needs COMPANY_MANAGE.")
    async def cancel_invitation(
        self,
        info: Info,
        input: Annotated[CancelInvitationInput, argument("Which invitation to take back.")],
    ) -> CancelInvitationResult:
        actor = info.context.require_actor()
        key = decode_id(input.invitation_id, "Invitation", "input", "invitationId")
        await service.cancel_invitation(actor, key, identity_of(info.context).clock)
        return CancelInvitationPayload(invitation_id=input.invitation_id)

    @mutation("Replace the roles of a member of your company. Needs COMPANY_MANAGE.")
    async def set_member_roles(
        self, info: Info, input: Annotated[SetMemberRolesInput, argument("A member and roles.")]
    ) -> SetMemberRolesResult:
        actor = info.context.require_actor()
        user_id = decode_id(input.user_id, "User", "input", "userId")
        await service.set_member_roles(actor, user_id, [stored(role) for role in input.roles])
        row = await queries.member(actor, user_id)
        if row is None:
            raise NotFound("User")
        return SetMemberRolesPayload(member=Member.from_row(row))

    @mutation(
        "End somebody's membership of your company, their sessions and API keys there with it."
        " Needs COMPANY_MANAGE."
    )
    async def remove_member(
        self, info: Info, input: Annotated[RemoveMemberInput, argument("Who leaves.")]
    ) -> RemoveMemberResult:
        actor = info.context.require_actor()
        user_id = decode_id(input.user_id, "User", "input", "userId")
        await service.remove_member(actor, user_id, identity_of(info.context).clock)
        return RemoveMemberPayload(user_id=input.user_id)

    @mutation("Join the company that invited you. Open to whoever holds the link.")
    async def accept_invitation(
        self, info: Info, input: Annotated[AcceptInvitationInput, argument("How to join.")]
    ) -> AcceptInvitationResult:
        context = info.context
        locale = stored(input.locale) if input.locale else context.locale
        joined = await service.accept_invitation(
            identity_of(context), input.token, input.name, input.password, locale
        )
        row = await context.load(load_companies, joined.company_id)
        if row is None:
            raise NotFound("Company")
        return AcceptInvitationPayload(email=joined.email, company=Company.from_row(row))
