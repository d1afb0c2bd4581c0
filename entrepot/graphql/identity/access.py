"""Signing in and out, and choosing whom to act for."""

from datetime import datetime
from typing import Annotated

import strawberry

from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, mutation
from entrepot.graphql.identity.enums import Locale, stored
from entrepot.graphql.identity.errors import (
    EmailNotConfirmed,
    InvalidCredentials,
    NoCompany,
    SessionRequired,
)
from entrepot.graphql.identity.resources import give_cookie, identity_of, take_cookie
from entrepot.graphql.identity.viewer import Viewer
from entrepot.graphql.node import decode_id
from entrepot.platform.identity import service


@strawberry.input(description="Who signs in.")
class LoginInput:
    email: str = strawberry.field(description="E-mail of the account.")
    password: str = strawberry.field(description="Its password.")


@strawberry.type(description="A fresh session.")
class LoginPayload:
    token: str = strawberry.field(
        description="Send it as `Authorization: Bearer …`. It is shown this once."
    )
    expires_at: datetime = strawberry.field(
        description="When the session ends unless it is used; each use moves it on."
    )
    viewer: Viewer = strawberry.field(description="You, acting for the legal entity used last.")


LoginResult = Annotated[
    LoginPayload | InvalidCredentials | EmailNotConfirmed | NoCompany | CommonErrors,
    strawberry.union("LoginResult", description="The session, or why there is none."),
]


@strawberry.type(description="The session has ended.")
class LogoutPayload:
    signed_out: bool = strawberry.field(description="Always true.")


LogoutResult = Annotated[
    LogoutPayload | SessionRequired | CommonErrors,
    strawberry.union("LogoutResult", description="The payload, or why nothing was done."),
]


@strawberry.input(description="Whom to act for.")
class SwitchLegalEntityInput:
    legal_entity_id: strawberry.ID = strawberry.field(description="One of `viewer.legalEntities`.")


@strawberry.type(description="You, acting for another legal entity from now on.")
class SwitchLegalEntityPayload:
    viewer: Viewer = strawberry.field(description="You, with the permissions you have there.")


SwitchLegalEntityResult = Annotated[
    SwitchLegalEntityPayload | SessionRequired | CommonErrors,
    strawberry.union(
        "SwitchLegalEntityResult", description="The payload, or why nothing was done."
    ),
]


@strawberry.input(description="The language to speak.")
class SetLocaleInput:
    locale: Locale = strawberry.field(description="Language of answers and letters.")


@strawberry.type(description="You, after the change.")
class SetLocalePayload:
    viewer: Viewer = strawberry.field(description="You.")


SetLocaleResult = Annotated[
    SetLocalePayload | SessionRequired | CommonErrors,
    strawberry.union("SetLocaleResult", description="The payload, or why nothing was done."),
]


@strawberry.type
class AccessMutation:
    """The doors."""

    @mutation(
        "Sign in. The answer does not tell whether the e-mail has an account. Browsers also get"
        " the session as the cookie `entrepot_session`."
    )
    async def login(
        self, info: Info, input: Annotated[LoginInput, argument("Who signs in.")]
    ) -> LoginResult:
        context = info.context
        signed_in = await service.login(
            identity_of(context), input.email, input.password, context.client_address
        )
        give_cookie(context, signed_in.token, signed_in.expires_at)
        return LoginPayload(
            token=signed_in.token,
            expires_at=signed_in.expires_at,
            viewer=Viewer(actor=signed_in.actor),
        )

    @mutation("End the session that this request came with.")
    async def logout(self, info: Info) -> LogoutResult:
        context = info.context
        await service.logout(context.require_actor(), identity_of(context).clock)
        take_cookie(context)
        return LogoutPayload(signed_out=True)

    @mutation("Act for another of your legal entities, from the next request on.")
    async def switch_legal_entity(
        self, info: Info, input: Annotated[SwitchLegalEntityInput, argument("Whom to act for.")]
    ) -> SwitchLegalEntityResult:
        actor = info.context.require_actor()
        entity_id = decode_id(input.legal_entity_id, "LegalEntity", "input", "legalEntityId")
        return SwitchLegalEntityPayload(
            viewer=Viewer(actor=await service.switch_legal_entity(actor, entity_id))
        )

    @mutation("Choose the language of answers and letters.")
    async def set_locale(
        self, info: Info, input: Annotated[SetLocaleInput, argument("The language to speak.")]
    ) -> SetLocaleResult:
        actor = info.context.require_actor()
        await service.set_locale(actor, stored(input.locale))
        return SetLocalePayload(viewer=Viewer(actor=actor))
