"""Writes of shared products: proposed by sellers, kept by the operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from uuid import UUID

import orjson

from entrepot.platform.catalog.article_numbers import brand_key, number_key
from entrepot.platform.catalog.errors import NotSelling, ProductExists, ProductShared
from entrepot.platform.catalog.events import ProductsChanged
from entrepot.platform.catalog.queries import attributes_by_codes, is_selling
from entrepot.platform.catalog.replacements import (
    Replacement,
    check_replacement,
    lock_replacements,
)
from entrepot.platform.catalog.rows import AttributeValue
from entrepot.platform.catalog.rules import check_gtins, check_unit, clean_text, read_attributes
from entrepot.platform.catalog.visibility import hidden_product_ids
from entrepot.platform.database import execute, fetch_one, fetch_value, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import record

BRAND_LENGTH = 200
NUMBER_LENGTH = 255
TITLE_LENGTH = 500
DESCRIPTION_LENGTH = 20_000


@dataclass(frozen=True, slots=True)
class NewProduct:
    """What a proposed product is. One title may be empty; `attributes` are texts by code."""

    brand: str
    manufacturer_number: str
    title_en: str = ""
    title_ru: str = ""
    category_id: UUID | None = None
    gtins: tuple[str, ...] = ()
    description: str = ""
    unit: str = "PCE"
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProductChanges:
    """What to change; None leaves it. `attributes` and `gtins` replace the whole set."""

    title_en: str | None = None
    title_ru: str | None = None
    category_id: UUID | None = None
    gtins: tuple[str, ...] | None = None
    description: str | None = None
    attributes: Mapping[str, str] | None = None
    discontinued: bool | None = None
    replacement: Replacement | None = None


def _identity(brand: str, number: str, number_field: str) -> tuple[str, str, str, str]:
    """Return brand and number as printed, and their keys."""
    brand = clean_text("brand", brand, BRAND_LENGTH)
    number = clean_text(number_field, number, NUMBER_LENGTH)
    keys = brand_key(brand), number_key(number)
    for name, key, longest in zip(
        ("brand", number_field), keys, (BRAND_LENGTH, NUMBER_LENGTH), strict=True
    ):
        if not 1 <= len(key) <= longest:
            raise InvalidInput(name, "must hold letters or digits", "должны быть буквы или цифры")
    return brand, number, *keys


def _long_text(name: str, value: str) -> str:
    """Return a description: line breaks are allowed, other control characters are not."""
    for line in value.splitlines():
        clean_text(name, line.replace("\t", " "), DESCRIPTION_LENGTH, empty=True)
    cleaned = value.strip()
    if len(cleaned) > DESCRIPTION_LENGTH:
        raise InvalidInput(
            name,
            f"must be at most {DESCRIPTION_LENGTH} characters",
            f"не более {DESCRIPTION_LENGTH} знаков",
        )
    return cleaned


async def _attributes(given: Mapping[str, str]) -> dict[str, AttributeValue]:
    """Return typed values; codes that cannot be stored are unknown like any other."""
    codes = [code for code in given if code.isprintable()]
    return read_attributes(await attributes_by_codes(codes), given) if given else {}


async def _check_category(category_id: UUID | None) -> None:
    if category_id is not None and not await fetch_value(
        "SELECT true FROM category WHERE id = $1", category_id
    ):
        raise NotFound("category").at("categoryId")


async def create_product(actor: Actor, new: NewProduct) -> UUID:
    """Put a product into the shared catalogue (a seller proposes it); returns its id.

    Brand and manufacturer's number are its identity, compared without case, accents, separators
    and look-alike letters. Records `ProductsChanged`. Raises `Forbidden`, `NotSelling`,
    `InvalidInput`, `NotFound` (the category), `ProductExists`.
    """
    await _require_proposer(actor)
    brand, number, brand_k, number_k = _identity(
        new.brand, new.manufacturer_number, "manufacturerNumber"
    )
    title_en = clean_text("titleEn", new.title_en, TITLE_LENGTH, empty=True)
    title_ru = clean_text("titleRu", new.title_ru, TITLE_LENGTH, empty=bool(title_en))
    description = _long_text("description", new.description)
    gtins = check_gtins(list(new.gtins))
    unit = check_unit("unit", new.unit)
    async with transaction():
        await _check_category(new.category_id)
        attributes = await _attributes(new.attributes)
        row = await fetch_one(
            "INSERT INTO product (id, category_id, brand, brand_key, manufacturer_number,"
            " number_key, gtins, title_en, title_ru, description, unit, attributes, created_at,"
            " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb,"
            " now(), now()) ON CONFLICT (brand_key, number_key) DO NOTHING RETURNING id",
            new_id(),
            new.category_id,
            brand,
            brand_k,
            number,
            number_k,
            gtins,
            title_en or title_ru,
            title_ru or title_en,
            description,
            unit,
            orjson.dumps(attributes).decode(),
        )
        if row is None:
            known = await fetch_one(
                "SELECT id, brand, manufacturer_number FROM product"
                " WHERE brand_key = $1 AND number_key = $2",
                brand_k,
                number_k,
            )
            assert known is not None  # products are never deleted
            if known["id"] in await hidden_product_ids(actor.company_id, [known["id"]]):
                # Told in the caller's own words: how it is printed is not for them to know.
                raise ProductExists(known["id"], brand, number).at("manufacturerNumber")
            raise ProductExists(known["id"], known["brand"], known["manufacturer_number"]).at(
                "manufacturerNumber"
            )
        created: UUID = row["id"]
        await record(ProductsChanged((created,)))
    return created


async def update_product(actor: Actor, product_id: UUID, changes: ProductChanges) -> None:
    """Change what a product says; its brand, number and unit are its identity and stay.

    The operator may always; a seller only while no other seller offers it (and it looks absent
    where it is hidden from them). Locks the product, so
    that no offer appears meanwhile. Records `ProductsChanged`. Raises `Forbidden`, `NotSelling`,
    `NotFound`, `ProductShared`, `ReplacementCycle`, `InvalidInput`.
    """
    await require_editor(actor)
    values: dict[str, object] = {}
    if changes.title_en is not None:
        values["title_en"] = clean_text("titleEn", changes.title_en, TITLE_LENGTH)
    if changes.title_ru is not None:
        values["title_ru"] = clean_text("titleRu", changes.title_ru, TITLE_LENGTH)
    if changes.description is not None:
        values["description"] = _long_text("description", changes.description)
    if changes.gtins is not None:
        values["gtins"] = check_gtins(list(changes.gtins))
    async with transaction():
        if changes.replacement is not None:
            await lock_replacements()
        await _lock_editable(actor, product_id)
        if changes.category_id is not None:
            await _check_category(changes.category_id)
            values["category_id"] = changes.category_id
        if changes.attributes is not None:
            attributes = await _attributes(changes.attributes)
            values["attributes"] = orjson.dumps(attributes).decode()
        if changes.discontinued is not None:
            values["discontinued"] = changes.discontinued
        if changes.replacement is not None:
            await check_replacement(actor, product_id, changes.replacement)
            values["replaced_by_id"] = changes.replacement.product_id
        if not values:
            return
        settings = ", ".join(f"{column} = ${i}" for i, column in enumerate(values, start=2))
        await execute(
            f"UPDATE product SET {settings}, updated_at = now() WHERE id = $1",
            product_id,
            *values.values(),
        )
        await record(ProductsChanged((product_id,)))


async def _require_proposer(actor: Actor) -> None:
    actor.require(Permission.CATALOG_MANAGE)
    if not await is_selling(actor.company_id):
        raise NotSelling()


async def require_editor(actor: Actor) -> None:
    """Raise `Forbidden` or `NotSelling` unless the actor operates the marketplace or sells on it.

    Whether they may change a certain product is decided by `_lock_editable`.
    """
    if not actor.may(Permission.MARKETPLACE_OPERATE):
        await _require_proposer(actor)


async def lock_product(product_id: UUID) -> None:
    """Lock a product, so that nobody changes or offers it meanwhile. Raises `NotFound`."""
    if await fetch_one("SELECT id FROM product WHERE id = $1 FOR UPDATE", product_id) is None:
        raise NotFound("product").at("productId")


async def _lock_editable(actor: Actor, product_id: UUID) -> None:
    """Lock a product for a change by the actor. Raises `NotFound` or `ProductShared`."""
    await lock_product(product_id)
    if actor.may(Permission.MARKETPLACE_OPERATE):
        return
    if await fetch_value(
        "SELECT true FROM offer WHERE product_id = $1 AND seller_id <> $2 LIMIT 1",
        product_id,
        actor.company_id,
    ):
        await refuse_shared(actor, product_id)


async def refuse_shared(actor: Actor, product_id: UUID) -> NoReturn:
    """Raise `ProductShared`, or `NotFound` for a product that is hidden from the actor."""
    if await hidden_product_ids(actor.company_id, [product_id]):
        raise NotFound("product").at("productId")
    raise ProductShared(product_id).at("productId")


async def add_cross_reference(actor: Actor, product_id: UUID, brand: str, number: str) -> UUID:
    """Say that the product can stand in for another maker's number; returns the reference's id.

    Adding it again returns the same id. Records `ProductsChanged`. Raises as `update_product`,
    and `InvalidInput` for the product's own number.
    """
    await require_editor(actor)
    brand, number, brand_k, number_k = _identity(brand, number, "number")
    async with transaction():
        await _lock_editable(actor, product_id)
        if await fetch_value(
            "SELECT true FROM product WHERE id = $1 AND brand_key = $2 AND number_key = $3",
            product_id,
            brand_k,
            number_k,
        ):
            raise InvalidInput("number", "is the product's own number", "это номер самого товара")
        row = await fetch_one(
            "INSERT INTO cross_reference (id, product_id, brand, number, brand_key, number_key)"
            " VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT (product_id, brand_key, number_key) DO NOTHING RETURNING id",
            new_id(),
            product_id,
            brand,
            number,
            brand_k,
            number_k,
        )
        if row is None:
            known: UUID = await fetch_value(
                "SELECT id FROM cross_reference"
                " WHERE product_id = $1 AND brand_key = $2 AND number_key = $3",
                product_id,
                brand_k,
                number_k,
            )
            return known
        await record(ProductsChanged((product_id,)))
        created: UUID = row["id"]
        return created
