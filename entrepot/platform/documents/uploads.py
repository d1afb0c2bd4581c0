"""Uploads: announced by a person, sent once to a secret address, then used by their company."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from entrepot.platform.database import execute, fetch_one
from entrepot.platform.documents.errors import UploadGone, UploadTooLarge
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

VALID_FOR = timedelta(hours=1)
MAX_NAME = 255
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class NewUpload:
    """An announced upload; `token` is the secret part of its address, shown once."""

    id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that has arrived."""

    id: UUID
    file_name: str
    size: int
    blob_key: str


async def create_upload(
    actor: Actor, file_name: str, size: int | None, now: datetime, limit: int
) -> NewUpload:
    """Announce a file of `size` bytes: a catalogue, a price list, a list to order from.

    Needs one of `catalog.manage`, `prices.manage`, `cart.manage`. Raises `Forbidden`,
    `InvalidInput`, `UploadTooLarge`.
    """
    if not actor.permissions & {Permission.PRICES_MANAGE, Permission.CART_MANAGE}:
        actor.require(Permission.CATALOG_MANAGE)
    name = file_name.replace("\\", "/").rpartition("/")[2].strip()
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise InvalidInput("fileName", f"1–{MAX_NAME} characters", f"от 1 до {MAX_NAME} знаков")
    if size is not None and size < 0:
        raise InvalidInput("size", "must not be negative", "не может быть меньше нуля")
    if size is not None and size > limit:
        raise UploadTooLarge(limit // MIB).at("size")
    token, upload_id = secrets.token_urlsafe(32), new_id()
    await execute(
        "INSERT INTO upload (id, token_hash, user_id, company_id, file_name, media_type,"
        " created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, 'application/octet-stream', $6, $7)",
        upload_id,
        _digest(token),
        actor.user_id,
        actor.company_id,
        name,
        now,
        now + VALID_FOR,
    )
    return NewUpload(upload_id, token)


async def awaited_upload(token: str, now: datetime) -> UUID:
    """Return the upload that waits for its file at this address. Raises `UploadGone`."""
    row = await fetch_one(
        "SELECT id FROM upload WHERE token_hash = $1 AND blob_key IS NULL AND expires_at > $2",
        _digest(token),
        now,
    )
    if row is None:
        raise UploadGone
    upload_id: UUID = row["id"]
    return upload_id


async def complete_upload(upload_id: UUID, blob_key: str, size: int) -> None:
    """Note that the file has arrived. Raises `UploadGone` where another one was faster."""
    done = await execute(
        "UPDATE upload SET blob_key = $2, size = $3 WHERE id = $1 AND blob_key IS NULL",
        upload_id,
        blob_key,
        size,
    )
    if not done:
        raise UploadGone


async def received_file(actor: Actor, upload_id: UUID) -> ReceivedFile | None:
    """Return the file of an upload of the actor's company; None while it has not arrived.

    Raises `NotFound`.
    """
    row = await fetch_one(
        "SELECT id, file_name, size, blob_key FROM upload WHERE id = $1 AND company_id = $2",
        upload_id,
        actor.company_id,
    )
    if row is None:
        raise NotFound("upload").at("uploadId")
    return None if row["blob_key"] is None else ReceivedFile(**dict(row))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
