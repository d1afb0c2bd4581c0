"""Inviting an e-mail into a company, and accepting.

The inviter never learns whether the e-mail has an account: the invitation waits under the e-mail,
and only whoever reads that mailbox can accept it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.platform import database, idempotency, outbox
from entrepot.platform.clock import Clock, SystemClock
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity import rules, tokens
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.errors import AlreadyMember, InvalidToken
from entrepot.platform.identity.events import EmailConfirmed, MemberInvited, MemberJoined
from entrepot.platform.identity.members import lock_company
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.identity.registration import insert_membership, insert_person
from entrepot.platform.identity.resources import Identity
from entrepot.platform.ids import new_id

SYSTEM_CLOCK = SystemClock()

_LIVE = """
SELECT i.id, i.company_id, i.email, i.roles, u.id AS user_id,
       u.email_confirmed_at IS NOT NULL AS confirmed, u.disabled_at IS NOT NULL AS disabled
  FROM invitation i
  JOIN company c ON c.id = i.company_id
  LEFT JOIN user_account u ON u.email = i.email
 WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.expires_at > $2 AND c.active
"""


@dataclass(frozen=True, slots=True)
class Joined:
    """Who joined which company."""

    email: str
    company_id: UUID


async def invite_member(
    identity: Identity,
    actor: Actor,
    email: str,
    roles: Sequence[str],
    locale: str | None = None,
    idempotency_key: str | None = None,
) -> UUID:
    """Invite an e-mail into the actor's company and return the invitation's id.

    An earlier invitation of the same e-mail is replaced, its link dies; the same
    `idempotency_key` again returns the first invitation. Needs COMPANY_MANAGE. Raises
    `InvalidInput`, `RoleNotAllowed`, `AlreadyMember`, `TooManyAttempts`, `IdempotencyConflict`.
    Emits `MemberInvited`; the letter is in `locale` (the actor's, unless given).
    """
    actor.require(Permission.COMPANY_MANAGE)
    checked = rules.check_email(email)
    language = rules.check_locale(locale or actor.locale)
    await identity.throttles.invitation(actor.company_id)
    now, invitation_id = identity.clock.now(), new_id()
    scope = f"inviteMember:{actor.company_id}"
    digest = idempotency.request_hash([checked, sorted(roles), language])
    key = None if idempotency_key is None else idempotency.check_key(idempotency_key)
    async with database.transaction():
        if key is not None:
            earlier = await idempotency.earlier_result(scope, key, digest)
            if earlier is not None:
                return UUID(earlier["invitation_id"])
        wanted = rules.check_roles(roles, await lock_company(actor.company_id))
        member = await database.fetch_value(
            "SELECT m.id FROM membership m JOIN user_account u ON u.id = m.user_id"
            " WHERE m.company_id = $1 AND u.email = $2",
            actor.company_id,
            checked,
        )
        if member is not None:
            raise AlreadyMember(checked).at("email")
        await database.execute(
            "DELETE FROM invitation WHERE company_id = $1 AND email = $2",
            actor.company_id,
            checked,
        )
        token = tokens.link_token(identity.secret_key, "invite", invitation_id)
        await database.execute(
            "INSERT INTO invitation"
            " (id, token_hash, company_id, email, roles, invited_by_id, created_at, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            invitation_id,
            tokens.digest(token),
            actor.company_id,
            checked,
            wanted,
            actor.user_id,
            now,
            now + rules.INVITATION_WITHIN,
        )
        await outbox.record(
            MemberInvited(invitation_id, actor.company_id, actor.user_id, checked, language)
        )
        if key is not None:
            result = {"invitation_id": str(invitation_id)}
            await idempotency.remember(scope, key, digest, result)
    return invitation_id


async def cancel_invitation(actor: Actor, invitation_id: UUID, clock: Clock = SYSTEM_CLOCK) -> None:
    """Take an open invitation of the actor's company back; its link dies.

    Needs COMPANY_MANAGE. Raises `NotFound` for those of others, and for those accepted or expired.
    """
    actor.require(Permission.COMPANY_MANAGE)
    deleted = await database.execute(
        "DELETE FROM invitation WHERE id = $1 AND company_id = $2 AND accepted_at IS NULL"
        " AND expires_at > $3",
        invitation_id,
        actor.company_id,
        clock.now(),
    )
    if not deleted:
        raise NotFound("Invitation").at("invitationId")


async def accept_invitation(
    identity: Identity, token: str, name: str | None, password: str | None, locale: str = "en"
) -> Joined:
    """Join the company that a link invites to.

    Whoever has a confirmed account keeps it as it is; `name` and `password` are then ignored.
    Everybody else needs both: a new account is made, and an unconfirmed one, which anybody may
    have made, is taken over by the mailbox's owner, its sessions ended. Raises `InvalidToken` (a
    disabled account too), `InvalidInput` (the link stays good). Emits `MemberJoined`, and
    `EmailConfirmed` for a new or unconfirmed account. Locks the company's row.
    """
    if len(token) > tokens.MAX_TOKEN_LENGTH:
        raise InvalidToken
    now, token_hash = identity.clock.now(), tokens.digest(token)
    live = await database.fetch_one(_LIVE, token_hash, now)
    if live is None or live["disabled"]:
        raise InvalidToken
    newcomer: tuple[str, str] | None = None
    if not live["confirmed"]:
        checked = _checked(live["email"], name, password)
        rules.check_locale(locale)
        newcomer = (checked[0], await identity.passwords.hash(checked[1]))
    async with database.transaction():
        await lock_company(live["company_id"])
        used = await database.execute(
            "UPDATE invitation SET accepted_at = $2"
            " WHERE token_hash = $1 AND accepted_at IS NULL AND expires_at > $2",
            token_hash,
            now,
        )
        if not used:
            raise InvalidToken
        user_id = live["user_id"]
        if newcomer is not None:
            user_id = await _settle(live["email"], *newcomer, locale, now)
            await outbox.record(EmailConfirmed(user_id))
        if await insert_membership(user_id, live["company_id"], live["roles"], now):
            await outbox.record(MemberJoined(user_id, live["company_id"]))
    return Joined(live["email"], live["company_id"])


def _checked(email: str, name: str | None, password: str | None) -> tuple[str, str]:
    if name is None:
        raise InvalidInput("name", "tell your name", "укажите имя")
    if password is None:
        raise InvalidInput("password", "choose a password", "придумайте пароль")
    return rules.check_text(name, "name", 200), rules.check_password(password, email)


async def _settle(email: str, name: str, password_hash: str, locale: str, now: datetime) -> UUID:
    """Give the mailbox's owner an account: a new one, or the unconfirmed one under their name."""
    user_id = await insert_person(email, name, password_hash, locale, now, confirmed_at=now)
    if user_id is not None:
        return user_id
    taken_over: UUID | None = await database.fetch_value(
        "UPDATE user_account SET name = $2, password_hash = $3, email_confirmed_at = $4"
        " WHERE email = $1 AND email_confirmed_at IS NULL RETURNING id",
        email,
        name,
        password_hash,
        now,
    )
    if taken_over is None:  # confirmed in this very moment: their account stays as it is
        existing: UUID = await database.fetch_value(
            "SELECT id FROM user_account WHERE email = $1", email
        )
        return existing
    await database.execute(
        "UPDATE session SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL",
        taken_over,
        now,
    )
    return taken_over
