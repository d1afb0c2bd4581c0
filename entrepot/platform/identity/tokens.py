"""Secrets that open a door: session tokens, API keys, links in letters.

A session token is `es_` and 256 random bits; an API key is `ek_`, a public prefix that finds its
row, and 256 random bits. Only SHA-256 digests are stored: with 256 bits of entropy nothing slower
is needed. The token of a link is derived by HMAC from the secret key and the id of its record, so
that the mail worker can make it again and no queue has to carry it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

SESSION_MARK = "es_"
API_KEY_MARK = "ek_"
SECRET_BYTES = 32
PREFIX_LENGTH = 12
_PREFIX_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # no look-alikes: people compare prefixes
MAX_TOKEN_LENGTH = 200  # longer texts are not ours and are not hashed

Purpose = Literal["confirm_email", "reset_password", "invite", "approve"]
"""What a link in a letter is for."""


class ApiKeyParts(NamedTuple):
    """An API key, taken apart."""

    prefix: str
    secret: str


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A fresh API key: `text` is shown once, the rest is stored."""

    text: str
    prefix: str
    secret_hash: str


def digest(token: str) -> str:
    """Return the SHA-256 of a token, hex, as it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def matches(token: str, stored: str) -> bool:
    """Say in constant time whether `stored` is the digest of `token`."""
    return hmac.compare_digest(digest(token), stored)


def new_session_token() -> str:
    """Return a fresh session token."""
    return SESSION_MARK + secrets.token_urlsafe(SECRET_BYTES)


def new_api_key() -> NewApiKey:
    """Return a fresh API key."""
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(PREFIX_LENGTH))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    return NewApiKey(f"{API_KEY_MARK}{prefix}_{secret}", prefix, digest(secret))


def split_api_key(text: str) -> ApiKeyParts | None:
    """Return the parts of an API key, or `None` for any other text."""
    prefix, _, secret = text.removeprefix(API_KEY_MARK).partition("_")
    if not text.startswith(API_KEY_MARK) or len(prefix) != PREFIX_LENGTH or not secret:
        return None
    return ApiKeyParts(prefix, secret)


def link_token(secret_key: bytes, purpose: Purpose, record_id: UUID) -> str:
    """Return the token of the link for a record: the same one each time, 256 bits."""
    message = f"entrepot link:{purpose}:{record_id}".encode()
    mac = hmac.digest(secret_key, message, "sha256")
    return urlsafe_b64encode(mac).rstrip(b"=").decode()
