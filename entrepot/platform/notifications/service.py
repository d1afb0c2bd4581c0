"""Sending letters: each once for each delivery and recipient, as far as SMTP lets anybody know."""

from __future__ import annotations

from datetime import datetime

from entrepot.platform.config import Settings
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.ids import new_id
from entrepot.platform.notifications.mailers import (
    Mailer,
    MailRefused,
    MailUnavailable,
    open_mailer,
)
from entrepot.platform.notifications.writing import (
    Attachment,
    OutgoingLetter,
    delivery_key,
    subject_of,
    write_message,
)

__all__ = [
    "Attachment",
    "MailRefused",
    "MailUnavailable",
    "Mailer",
    "OutgoingLetter",
    "open_mailer",
    "send_letter",
]


async def send_letter(
    letter: OutgoingLetter,
    delivery_id: int,
    recorded_at: datetime,
    mailer: Mailer,
    settings: Settings,
) -> bool:
    """Write the letter down, hand it over, mark it sent; False where that was done before.

    Killed between handing over and marking, it is handed over again under the same Message-ID,
    by which mail programs know it for the same letter. The log and the table hold the subject
    only, never the body. Not to be called inside a transaction. Raises `MailUnavailable`,
    `MailRefused`.
    """
    await execute(
        "INSERT INTO email_message (id, delivery_id, recipient, template, subject, created_at)"
        " VALUES ($1, $2, $3, $4, $5, now()) ON CONFLICT (delivery_id, recipient) DO NOTHING",
        new_id(),
        delivery_id,
        letter.recipient,
        letter.kind,
        subject_of(letter),
    )
    waiting = await fetch_value(
        "SELECT template = $3 AND sent_at IS NULL FROM email_message"
        " WHERE delivery_id = $1 AND recipient = $2",
        delivery_id,
        letter.recipient,
        letter.kind,
    )
    if not waiting:
        return False
    message = write_message(letter, delivery_id, recorded_at, settings)
    await mailer.send(message, delivery_key(delivery_id, letter.recipient))
    await execute(
        "UPDATE email_message SET sent_at = now() WHERE delivery_id = $1 AND recipient = $2",
        delivery_id,
        letter.recipient,
    )
    return True
