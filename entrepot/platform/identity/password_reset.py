"""A forgotten password: a letter to whoever owns the e-mail, then a new password.

Asking never looks the account up: it writes one event whatever the e-mail, so neither text nor
time nor rows tell. The link is made when the worker makes the letter (`letters.letter_for`).
"""

from __future__ import annotations

from entrepot.platform import database, outbox
from entrepot.platform.identity import links, rules
from entrepot.platform.identity.events import PasswordChanged, PasswordResetRequested
from entrepot.platform.identity.resources import Identity
from entrepot.platform.ids import new_id


async def request_password_reset(identity: Identity, email: str, address: str) -> None:
    """Ask for a letter with a link that resets the password.

    `address` is the caller's network address. Raises `InvalidInput` for what is no e-mail,
    `TooManyAttempts`. Emits `PasswordResetRequested`, for unknown e-mails too.
    """
    checked = rules.check_email(email)
    await identity.throttles.letter(checked, address)
    async with database.transaction():
        await outbox.record(PasswordResetRequested(checked, new_id()))


async def reset_password(identity: Identity, token: str, password: str) -> str:
    """Set a new password, end every session, and return the e-mail, which counts as confirmed.

    Raises `InvalidToken` (used, expired, unknown) before the password is hashed, `InvalidInput`
    for a weak password (the link stays good). Emits `PasswordChanged`. Locks the person's row.
    """
    rules.check_password(password)
    now = identity.clock.now()
    user_id = await links.owner("reset_password", token, now)
    password_hash = await identity.passwords.hash(password)
    async with database.transaction():
        await links.use("reset_password", token, now)
        person = await database.fetch_one(
            "UPDATE user_account SET password_hash = $2,"
            " email_confirmed_at = coalesce(email_confirmed_at, $3)"
            " WHERE id = $1 RETURNING email, locale",
            user_id,
            password_hash,
            now,
        )
        assert person is not None  # the link belongs to a person, and they go together
        email: str = person["email"]
        rules.check_password(password, email)
        await database.execute(
            "UPDATE session SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL",
            user_id,
            now,
        )
        await outbox.record(PasswordChanged(user_id, email, person["locale"]))
    await identity.throttles.login_succeeded(email)
    return email
