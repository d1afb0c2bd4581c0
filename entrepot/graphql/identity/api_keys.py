"""Ways in for programs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, mutation
from entrepot.graphql.identity.enums import Permission, stored
from entrepot.graphql.identity.errors import ApiKeyAlreadyMade, ScopeNotAllowed, TooManyApiKeys
from entrepot.graphql.identity.resources import identity_of
from entrepot.graphql.identity.types import ApiKey
from entrepot.graphql.node import decode_id
from entrepot.platform.errors import NotFound
from entrepot.platform.identity import queries, service
from entrepot.platform.identity.actor import Actor


@strawberry.input(description="What the key is for.")
class CreateApiKeyInput:
    name: str = strawberry.field(description="What it is for, at most 100 characters.")
    scopes: list[Permission] = strawberry.field(
        description="The most that it may do; among your own permissions."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When it ends; never, unless given."
    )


@strawberry.type(description="A fresh key.")
class CreateApiKeyPayload:
    key: str = strawberry.field(
        description="Send it as `Authorization: Bearer …`. It is shown this once."
    )
    api_key: ApiKey = strawberry.field(description="What is kept of it.")


CreateApiKeyResult = Annotated[
    CreateApiKeyPayload | ScopeNotAllowed | TooManyApiKeys | ApiKeyAlreadyMade | CommonErrors,
    strawberry.union("CreateApiKeyResult", description="The key, or why there is none."),
]


@strawberry.input(description="Which key to close.")
class RevokeApiKeyInput:
    api_key_id: strawberry.ID = strawberry.field(description="One of `viewer.apiKeys`.")


@strawberry.type(description="The key opens nothing any more.")
class RevokeApiKeyPayload:
    api_key: ApiKey = strawberry.field(description="The key, revoked.")


RevokeApiKeyResult = Annotated[
    RevokeApiKeyPayload | CommonErrors,
    strawberry.union("RevokeApiKeyResult", description="The payload, or why nothing was done."),
]


@strawberry.type
class ApiKeyMutation:
    """Making and closing keys."""

    @mutation(
        "Make an API key that acts as you, for the legal entity you act for now."
        " Needs API_KEY_MANAGE."
    )
    async def create_api_key(
        self, info: Info, input: Annotated[CreateApiKeyInput, argument("What the key is for.")]
    ) -> CreateApiKeyResult:
        actor = info.context.require_actor()
        created = await service.create_api_key(
            actor,
            input.name,
            [stored(scope) for scope in input.scopes],
            input.expires_at,
            identity_of(info.context).clock,
            info.context.idempotency_key,
        )
        return CreateApiKeyPayload(key=created.text, api_key=await _shown(actor, created.id))

    @mutation("Close an API key at once: your own, or any of your company as an administrator.")
    async def revoke_api_key(
        self, info: Info, input: Annotated[RevokeApiKeyInput, argument("Which key to close.")]
    ) -> RevokeApiKeyResult:
        actor = info.context.require_actor()
        key = decode_id(input.api_key_id, "ApiKey", "input", "apiKeyId")
        await service.revoke_api_key(actor, key, identity_of(info.context).clock)
        return RevokeApiKeyPayload(api_key=await _shown(actor, key))


async def _shown(actor: Actor, key: UUID) -> ApiKey:
    for row in await queries.api_keys(actor):
        if row.id == key:
            return ApiKey.from_row(row)
    raise NotFound("ApiKey")
