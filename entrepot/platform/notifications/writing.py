"""A letter as an e-mail message: plain text and HTML of the same words, files attached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from jinja2 import DictLoader, Environment, StrictUndefined

from entrepot.platform.config import Settings
from entrepot.platform.notifications.words import CODE, EXPIRES, FOOTER, GREETING, LETTERS


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """A letter to write: `kind` is a key of `words.LETTERS`, `values` fill its templates.

    `link` and `token` are secrets: they go into the message and nowhere else.
    """

    kind: str
    recipient: str
    locale: str
    name: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    link: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()


def delivery_key(delivery_id: int, recipient: str) -> str:
    """Return the name of one letter of one delivery: the same however often it is sent."""
    digest = blake2b(recipient.encode(), digest_size=5).hexdigest()
    return f"{delivery_id}-{digest}"


def subject_of(letter: OutgoingLetter) -> str:
    """Return the letter's subject on one line."""
    locale = "ru" if letter.locale == "ru" else "en"
    subject = _texts().from_string(LETTERS[letter.kind][locale].subject)
    return " ".join(subject.render(**letter.values).split())[:300]


def write_message(
    letter: OutgoingLetter, delivery_id: int, recorded_at: datetime, settings: Settings
) -> EmailMessage:
    """Return the message. Pure: writing it again gives the same headers and texts.

    Raises `jinja2.UndefinedError` where the letter lacks a value its words need.
    """
    locale = "ru" if letter.locale == "ru" else "en"
    words = LETTERS[letter.kind][locale]
    host = urlsplit(settings.public_url).hostname or "localhost"
    named, nameless = GREETING[locale]
    expires = letter.expires_at
    page = {
        "locale": locale,
        "subject": subject_of(letter),
        "greeting": named.format(name=letter.name) if letter.name else nameless,
        "paragraphs": [
            text
            for paragraph in words.paragraphs
            if (text := _texts().from_string(paragraph).render(**letter.values).strip())
        ],
        "button": words.button,
        "link": letter.link,
        "token": letter.token,
        "code": CODE[locale],
        "expires": EXPIRES[locale].format(moment=f"{expires:%Y-%m-%d %H:%M}") if expires else "",
        "footer": FOOTER[locale].format(site=settings.public_url),
    }
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.mail_from
    message["To"] = letter.recipient
    message["Subject"] = page["subject"]
    message["Date"] = format_datetime(recorded_at)
    message["Message-ID"] = f"<{delivery_key(delivery_id, letter.recipient)}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_layouts(html=False).get_template("letter.txt").render(**page))
    message.add_alternative(
        _layouts(html=True).get_template("letter.html").render(**page), subtype="html"
    )
    for attachment in letter.attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(
            attachment.content, maintype=main, subtype=sub, filename=attachment.name
        )
    message["Content-Language"] = locale  # last: adding parts moves Content-… headers into them
    return message


@cache
def _texts() -> Environment:
    """Words are written by us and give plain text, which the HTML layout escapes."""
    texts = Environment(autoescape=False, undefined=StrictUndefined)
    texts.filters["russian_day"] = _russian_day
    return texts


def _russian_day(day: str) -> str:
    """Write a day of ISO 8601 as Russian readers do: `2026-12-01` is `01.12.2026`."""
    return ".".join(reversed(day.split("-")))


@cache
def _layouts(*, html: bool) -> Environment:
    folder = files(__package__).joinpath("templates")
    sources = {
        name: folder.joinpath(name).read_text(encoding="utf-8")
        for name in ("letter.txt", "letter.html")
    }
    return Environment(loader=DictLoader(sources), autoescape=html, undefined=StrictUndefined)
