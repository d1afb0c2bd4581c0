"""Signing in and out, and what a token is worth."""

from __future__ import annotations

from entrepot.platform.clock import FixedClock
from entrepot.platform.identity.service import (
    Identity,
    authenticate,
    login,
)
from tests.identity.accounts import PASSWORD, make_account


async def test_a_signed_in_token_is_the_actor(identity: Identity, clock: FixedClock) -> None:
    account = await make_account(identity)
    signed_in = await login(identity, f"  {account.email.upper()} ", PASSWORD, "192.0.2.1")
    actor = await authenticate(signed_in.token, clock)
    assert actor == signed_in.actor
    assert actor is not None
    assert actor.user_id == account.actor.user_id
    assert actor.permissions == account.actor.permissions
