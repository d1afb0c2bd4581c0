"""`Idempotency-Key` on mutations whose repetition would do something twice, or be refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from entrepot.graphql.context import Info
from entrepot.platform import idempotency


async def once(info: Info, input: object, work: Callable[[], Awaitable[UUID]]) -> UUID:
    """Do the work of a mutation field once per `Idempotency-Key`; returns the id that it gave.

    A key belongs to the person, the field and its alias (one request may add two things); with
    other input or for another legal entity it raises `IdempotencyConflict`. `input` is the field's
    input object, which JSON can hold.
    """
    key = info.context.idempotency_key
    if key is None:
        return await work()
    actor = info.context.require_actor()
    scope = f"{actor.user_id}:{info.field_name}:{info.path.key}"[:100]
    return await idempotency.once(scope, key, [actor.legal_entity_id, input], work)
