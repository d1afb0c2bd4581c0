"""Links to files: who holds one may fetch that file, for some minutes, and nothing else.

A link is made only for an actor who may see the document. It carries what it opens and until
when, signed with HMAC-SHA256, so that serving a file needs no session.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast, get_args
from uuid import UUID

from entrepot.platform.documents.errors import LinkExpired

FileKind = Literal["invoice", "pro_forma", "refused", "refused_prices", "product"]
"""The PDF of an invoice or pro forma, refused lines of an import, a file of a product."""
VALID_FOR = timedelta(minutes=15)
MAX_TOKEN_LENGTH = 400
_MAC_BYTES = 32


@dataclass(frozen=True, slots=True)
class FileLink:
    """What a link opens: the record's id and, where it exists in two, the language."""

    kind: FileKind
    record_id: UUID
    locale: str


def sign(secret_key: bytes, link: FileLink, now: datetime) -> str:
    """Return the token of a link, valid for `VALID_FOR`."""
    until = int((now + VALID_FOR).timestamp())
    body = f"{link.kind}:{link.record_id}:{link.locale}:{until}".encode()
    return urlsafe_b64encode(_mac(secret_key, body) + body).rstrip(b"=").decode()


def opened(secret_key: bytes, token: str, now: datetime) -> FileLink:
    """Return what a token opens. Raises `LinkExpired` for any text that is not a valid one."""
    try:
        if len(token) > MAX_TOKEN_LENGTH:
            raise ValueError
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, _mac(secret_key, body)):
            raise ValueError
        kind, record_id, locale, until = body.decode().split(":")
        if kind not in get_args(FileKind) or now.timestamp() > int(until):
            raise ValueError
        return FileLink(cast(FileKind, kind), UUID(record_id), locale)
    except ValueError:
        raise LinkExpired from None


def _mac(secret_key: bytes, body: bytes) -> bytes:
    return hmac.digest(secret_key, b"entrepot file:" + body, hashlib.sha256)
