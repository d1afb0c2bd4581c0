"""Ways to hand an e-mail over: an SMTP server, or readable files where none is configured."""

from __future__ import annotations

import asyncio
import os
from copy import deepcopy
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from entrepot.platform.config import InvalidSettings, Settings

TIMEOUT_SECONDS = 20.0
_PERMANENT = range(500, 600)
_READABLE = policy.SMTPUTF8.clone(cte_type="8bit", linesep="\n")


class MailUnavailable(Exception):
    """The letter was not taken now and may be later: no connection, a busy server, a bad login."""


class MailRefused(Exception):
    """The server will never take this letter: the recipient does not exist, say."""


class Mailer(Protocol):
    """Hands messages over."""

    async def send(self, message: EmailMessage, key: str) -> None:
        """Hand a message over; `key` names it. Raises `MailUnavailable`, `MailRefused`."""
        ...


class FolderMailer:
    """Writes `KEY.eml` files, each whole or not at all; sending again overwrites the same file.

    Their headers and texts are plain UTF-8, so that any editor shows them, Russian ones too. They
    hold links that open accounts: only the account that runs the worker may read them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage, key: str) -> None:
        """Write the file. Raises `MailUnavailable` where the disk does not take it."""
        try:
            await asyncio.to_thread(self._write, readable(message), key)
        except OSError as error:
            raise MailUnavailable(str(error)) from error

    def _write(self, content: bytes, key: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = self._folder / f".{key}.{os.getpid()}.part"
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._folder / f"{key}.eml")


def readable(message: EmailMessage) -> bytes:
    """Return the message with its texts as they are, neither base64 nor quoted-printable."""
    copy = deepcopy(message)
    for part in copy.walk():
        if part.get_content_maintype() == "text" and not part.get_filename():
            # Headers that belong to the letter, not to the text, stay: only the content is new.
            part.set_content(part.get_content(), subtype=part.get_content_subtype(), cte="8bit")
    return copy.as_bytes(policy=_READABLE)


class SmtpMailer:
    """An SMTP server by URL: `smtp://user:password@host:587` (STARTTLS where offered) or `smtps://`.

    Raises `InvalidSettings` for a URL that is neither.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise InvalidSettings("ENTREPOT_SMTP_URL: smtp://user:password@host:port expected")
        self._host = parts.hostname
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, message: EmailMessage, key: str) -> None:
        """Send over a connection of its own: workers send now and then, not in bulk."""
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            if codes and all(code in _PERMANENT for code in codes):
                raise MailRefused(f"{key}: {codes[0]}") from error
            raise MailUnavailable(f"{key}: {codes}") from error
        except aiosmtplib.SMTPAuthenticationError as error:
            raise MailUnavailable(f"login refused: {error.code}") from error
        except aiosmtplib.SMTPResponseException as error:
            if error.code in _PERMANENT:
                raise MailRefused(f"{key}: {error.code} {error.message}") from error
            raise MailUnavailable(f"{key}: {error.code} {error.message}") from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise MailUnavailable(f"{self._host}:{self._port}: {error}") from error


def open_mailer(settings: Settings) -> Mailer:
    """Return the mailer that the settings ask for. Raises `InvalidSettings`."""
    if settings.smtp_url:
        return SmtpMailer(settings.smtp_url)
    return FolderMailer(settings.home / "mail")
