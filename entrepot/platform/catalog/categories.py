"""Writes of the category tree and of attribute definitions: the operator's."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.catalog.errors import AttributeExists, CategoryExists
from entrepot.platform.catalog.events import CategoriesChanged
from entrepot.platform.catalog.rules import (
    ATTRIBUTE_KINDS,
    check_attribute_code,
    check_slug,
    check_unit,
    clean_text,
)
from entrepot.platform.database import execute, fetch_one, transaction
from entrepot.platform.errors import InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import record

NAME_LENGTH = 200
MAX_PATH = 500


async def create_category(
    actor: Actor, parent_id: UUID | None, slug: str, name_en: str, name_ru: str
) -> UUID:
    """Add a category below `parent_id` (None: a root); returns its id.

    Records `CategoriesChanged`. Raises `Forbidden`, `InvalidInput`, `NotFound` (the parent),
    `CategoryExists`.
    """
    actor.require(Permission.CATEGORY_MANAGE)
    path = check_slug("slug", slug)
    name_en = clean_text("nameEn", name_en, NAME_LENGTH)
    name_ru = clean_text("nameRu", name_ru, NAME_LENGTH)
    async with transaction():
        if parent_id is not None:
            parent = await fetch_one(
                "SELECT path FROM category WHERE id = $1 FOR KEY SHARE", parent_id
            )
            if parent is None:
                raise NotFound("category").at("parentId")
            path = f"{parent['path']}/{slug}"
        if len(path) > MAX_PATH:
            raise InvalidInput("parentId", "is nested too deep", "слишком глубокая вложенность")
        row = await fetch_one(
            "INSERT INTO category (id, parent_id, path, name_en, name_ru)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (path) DO NOTHING RETURNING id",
            new_id(),
            parent_id,
            path,
            name_en,
            name_ru,
        )
        if row is None:
            raise CategoryExists(path).at("slug")
        created: UUID = row["id"]
        await record(CategoriesChanged((created,)))
    return created


async def rename_category(actor: Actor, category_id: UUID, name_en: str, name_ru: str) -> None:
    """Give a category other names; its place and slug stay.

    Records `CategoriesChanged`. Raises `Forbidden`, `InvalidInput`, `NotFound`.
    """
    actor.require(Permission.CATEGORY_MANAGE)
    name_en = clean_text("nameEn", name_en, NAME_LENGTH)
    name_ru = clean_text("nameRu", name_ru, NAME_LENGTH)
    async with transaction():
        touched = await execute(
            "UPDATE category SET name_en = $2, name_ru = $3 WHERE id = $1",
            category_id,
            name_en,
            name_ru,
        )
        if touched == 0:
            raise NotFound("category").at("categoryId")
        await record(CategoriesChanged((category_id,)))


async def define_attribute(
    actor: Actor, code: str, name_en: str, name_ru: str, kind: str, unit: str | None = None
) -> UUID:
    """Define an attribute: its `kind` is text, number or boolean; only numbers have a unit.

    Raises `Forbidden`, `InvalidInput`, `AttributeExists`.
    """
    actor.require(Permission.CATEGORY_MANAGE)
    check_attribute_code("code", code)
    name_en = clean_text("nameEn", name_en, NAME_LENGTH)
    name_ru = clean_text("nameRu", name_ru, NAME_LENGTH)
    if kind not in ATTRIBUTE_KINDS:
        kinds = ", ".join(ATTRIBUTE_KINDS)
        raise InvalidInput("kind", f"must be one of {kinds}", f"одно из {kinds}")
    if unit is not None:
        check_unit("unit", unit)
        if kind != "number":
            raise InvalidInput("unit", "goes with numbers only", "единица бывает только у чисел")
    row = await fetch_one(
        "INSERT INTO attribute_definition (id, code, name_en, name_ru, kind, unit)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (code) DO NOTHING RETURNING id",
        new_id(),
        code,
        name_en,
        name_ru,
        kind,
        unit,
    )
    if row is None:
        raise AttributeExists(code).at("code")
    created: UUID = row["id"]
    return created
