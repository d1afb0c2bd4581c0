"""Files shown with products: datasheets, drawings, certificates, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from entrepot.platform.catalog.events import ProductsChanged
from entrepot.platform.catalog.products import lock_product, refuse_shared, require_editor
from entrepot.platform.catalog.rules import clean_text
from entrepot.platform.database import execute, fetch_one, fetch_value, transaction
from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import record

FILE_KINDS = ("datasheet", "manual", "certificate", "drawing", "picture")
NAME_LENGTH = 200
MAX_FILES = 50  # of one seller on one product
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "dxf": "image/vnd.dxf",
    "dwg": "image/vnd.dwg",
    "stp": "model/step",
    "step": "model/step",
    "txt": "text/plain",
    "zip": "application/zip",
}
"""What may be attached, by the end of the name; nothing that a browser would run."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file in the blob store; `size` in bytes."""

    blob_key: str
    name: str
    size: int


async def attach_product_file(
    actor: Actor, product_id: UUID, file: ReceivedFile, kind: str = "datasheet"
) -> UUID:
    """Show a file with a product; returns its id. Attaching the same bytes again changes nothing.

    The operator may, and sellers who offer the product (anyone while nobody does). Locks the
    product. Records `ProductsChanged`. Raises `Forbidden`, `NotSelling`, `NotFound` (the product),
    `ProductShared`, `InvalidInput` (kind, name, empty file, too many).
    """
    await require_editor(actor)
    if kind not in FILE_KINDS:
        kinds = ", ".join(FILE_KINDS)
        raise InvalidInput("kind", f"must be one of {kinds}", f"одно из {kinds}")
    name = clean_text("fileName", file.name, NAME_LENGTH)
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2].lower())
    if media_type is None or "." not in name:
        known = ", ".join(MEDIA_TYPES)
        raise InvalidInput("fileName", f"must end with one of {known}", f"допустимы {known}")
    if file.size <= 0:
        raise InvalidInput("fileName", "is empty", "файл пуст")
    async with transaction():
        await _lock_offered(actor, product_id)
        known_id: UUID | None = await fetch_value(
            "SELECT id FROM product_file"
            " WHERE product_id = $1 AND seller_id = $2 AND blob_key = $3 AND kind = $4",
            product_id,
            actor.company_id,
            file.blob_key,
            kind,
        )
        if known_id is not None:
            return known_id
        count = await fetch_value(
            "SELECT count(*) FROM product_file WHERE product_id = $1 AND seller_id = $2",
            product_id,
            actor.company_id,
        )
        if count >= MAX_FILES:
            raise InvalidInput("productId", f"has {MAX_FILES} files", f"уже {MAX_FILES} файлов")
        made = new_id()
        await execute(
            "INSERT INTO product_file"
            " (id, product_id, seller_id, kind, name, media_type, size, blob_key, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now())",
            made,
            product_id,
            actor.company_id,
            kind,
            name,
            media_type,
            file.size,
            file.blob_key,
        )
        await record(ProductsChanged((product_id,)))
    return made


async def _lock_offered(actor: Actor, product_id: UUID) -> None:
    await lock_product(product_id)
    if actor.may(Permission.MARKETPLACE_OPERATE):
        return
    row = await fetch_one(
        "SELECT count(*) AS offers, count(*) FILTER (WHERE seller_id = $2) AS own"
        "  FROM offer WHERE product_id = $1",
        product_id,
        actor.company_id,
    )
    if row is not None and row["offers"] > 0 and row["own"] == 0:
        await refuse_shared(actor, product_id)
