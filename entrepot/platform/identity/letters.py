"""Identity's letters: what the notification worker needs to write one, link included.

Links are derived here, at the last moment, so no queue and no table ever holds one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from entrepot.platform import database
from entrepot.platform.config import Settings
from entrepot.platform.identity import links, rules, tokens
from entrepot.platform.identity.events import (
    CompanyAlreadyRegistered,
    EmailAlreadyRegistered,
    MemberInvited,
    PasswordChanged,
    PasswordResetRequested,
    PersonRegistered,
)
from entrepot.platform.identity.resources import secret_key_of
from entrepot.platform.outbox import Event

LetterKind = Literal[
    "confirm_email",
    "email_already_registered",
    "company_already_registered",
    "reset_password",
    "password_changed",
    "invitation",
]
PAGES: dict[tokens.Purpose, str] = {
    "confirm_email": "confirm-email",
    "reset_password": "reset-password",
    "invite": "accept-invitation",
}
LETTER_EVENTS: tuple[type[Event], ...] = (
    PersonRegistered,
    EmailAlreadyRegistered,
    CompanyAlreadyRegistered,
    PasswordResetRequested,
    PasswordChanged,
    MemberInvited,
)
"""The events that `letter_for` makes letters of."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail to write: `kind` names the template, `locale` its language.

    `name` is the recipient's (empty where unknown). `link` and `token` open the same door: a link
    for people, a token for those who call the API. Secrets: keep both out of logs.
    """

    kind: LetterKind
    recipient: str
    locale: str
    name: str = ""
    company: str = ""
    invited_by: str = ""
    link: str | None = None
    token: str | None = None
    expires_at: datetime | None = None


async def letter_for(happened: Event, settings: Settings, now: datetime) -> Letter | None:
    """Return the letter that an event calls for; `None` where none is due (any more).

    Calling it again gives the same letter. Raises `SecretKeyMissing`.
    """
    match happened:
        case PersonRegistered():
            return await _with_link("confirm_email", "confirm_email", happened, settings, now)
        case EmailAlreadyRegistered():
            return await _with_link(
                "email_already_registered", "reset_password", happened, settings, now
            )
        case CompanyAlreadyRegistered():
            return Letter(
                "company_already_registered",
                happened.email,
                happened.locale,
                name=happened.name,
                company=happened.company_name,
            )
        case PasswordResetRequested():
            return await _reset(happened, settings, now)
        case PasswordChanged():
            name = await database.fetch_value(
                "SELECT name FROM user_account WHERE id = $1", happened.user_id
            )
            return Letter("password_changed", happened.email, happened.locale, name=name or "")
        case MemberInvited():
            return await _invitation(happened, settings, now)
    return None


async def _with_link(
    kind: LetterKind,
    purpose: links.PersonalPurpose,
    happened: PersonRegistered | EmailAlreadyRegistered,
    settings: Settings,
    now: datetime,
) -> Letter | None:
    row = await database.fetch_one(
        "SELECT u.name, t.expires_at, ("
        "   SELECT c.name FROM membership m JOIN company c ON c.id = m.company_id"
        "    WHERE m.user_id = u.id ORDER BY m.created_at LIMIT 1) AS company"
        "  FROM one_time_token t JOIN user_account u ON u.id = t.user_id"
        " WHERE t.id = $1 AND t.used_at IS NULL AND t.expires_at > $2",
        happened.token_id,
        now,
    )
    if row is None:
        return None
    token = tokens.link_token(secret_key_of(settings), purpose, happened.token_id)
    return Letter(
        kind,
        happened.email,
        happened.locale,
        name=row["name"],
        company=row["company"] or "",
        link=_link(settings, purpose, token),
        token=token,
        expires_at=row["expires_at"],
    )


async def _reset(
    happened: PasswordResetRequested, settings: Settings, now: datetime
) -> Letter | None:
    person = await database.fetch_one(
        "SELECT id, name, locale FROM user_account WHERE email = $1 AND disabled_at IS NULL",
        happened.email,
    )
    if person is None:
        return None
    secret_key = secret_key_of(settings)
    await links.issue(
        secret_key, "reset_password", person["id"], now, rules.RESET_WITHIN, happened.token_id
    )
    expires_at = await database.fetch_value(
        "SELECT expires_at FROM one_time_token"
        " WHERE id = $1 AND used_at IS NULL AND expires_at > $2",
        happened.token_id,
        now,
    )
    if expires_at is None:
        return None
    token = tokens.link_token(secret_key, "reset_password", happened.token_id)
    return Letter(
        "reset_password",
        happened.email,
        person["locale"],
        name=person["name"],
        link=_link(settings, "reset_password", token),
        token=token,
        expires_at=expires_at,
    )


async def _invitation(happened: MemberInvited, settings: Settings, now: datetime) -> Letter | None:
    row = await database.fetch_one(
        "SELECT i.expires_at, c.name AS company, u.name AS invited_by"
        "  FROM invitation i JOIN company c ON c.id = i.company_id"
        "  JOIN user_account u ON u.id = i.invited_by_id"
        " WHERE i.id = $1 AND i.accepted_at IS NULL AND i.expires_at > $2",
        happened.invitation_id,
        now,
    )
    if row is None:
        return None
    token = tokens.link_token(secret_key_of(settings), "invite", happened.invitation_id)
    return Letter(
        "invitation",
        happened.email,
        happened.locale,
        company=row["company"],
        invited_by=row["invited_by"],
        link=_link(settings, "invite", token),
        token=token,
        expires_at=row["expires_at"],
    )


def _link(settings: Settings, purpose: tokens.Purpose, token: str) -> str:
    # in the fragment, which browsers send to no server: links stay out of logs and referrers
    return f"{settings.public_url.rstrip('/')}/{PAGES[purpose]}#token={token}"
