"""What people say about themselves."""

from __future__ import annotations

from entrepot.platform import database
from entrepot.platform.identity import rules
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.sessions import session_of


async def set_locale(actor: Actor, locale: str) -> None:
    """Choose the language of answers and letters, from the next request on.

    Raises `InvalidInput` for languages other than `en` and `ru`, `SessionRequired` for API keys.
    """
    session_of(actor)
    checked = rules.check_locale(locale)
    await database.execute(
        "UPDATE user_account SET locale = $2 WHERE id = $1", actor.user_id, checked
    )
