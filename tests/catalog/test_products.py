"""Products, categories and attributes: who may write them, and what is refused."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from entrepot.platform.catalog import queries, service
from entrepot.platform.catalog.errors import (
    AttributeExists,
    CategoryExists,
    NotSelling,
    ProductExists,
    ProductShared,
)
from entrepot.platform.catalog.service import NewProduct, ProductChanges
from entrepot.platform.database import Database, fetch, fetch_value
from entrepot.platform.errors import DomainError, Forbidden, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from tests.factories import (
    make_actor,
    make_buyer,
    make_category,
    make_company,
    make_offer,
    make_product,
    make_seller,
)


async def make_operator() -> Actor:
    company, entity = await make_company(operator=True)
    return await make_actor(company, entity, Role.OPERATOR)


async def state() -> list[object]:
    tables = ("product", "category", "attribute_definition", "cross_reference", "outbox_event")
    return [
        [tuple(row.values()) for row in await fetch(f"SELECT * FROM {table} ORDER BY id")]
        for table in tables
    ]


async def events() -> list[str]:
    return [row["kind"] for row in await fetch("SELECT kind FROM outbox_event ORDER BY id")]


async def test_a_seller_proposes_a_product(database: Database) -> None:
    operator, seller = await make_operator(), await make_seller()
    root = await service.create_category(operator, None, "bolts", "Bolts", "Болты")
    leaf = await service.create_category(operator, root, "hex", "Hex bolts", "Шестигранные")
    await service.define_attribute(operator, "length", "Length", "Длина", "number", "MMT")
    await service.define_attribute(operator, "zinc", "Zinc plated", "Оцинкован", "boolean")

    made = await service.create_product(
        seller.actor,
        NewProduct(
            brand=" Würth ",
            manufacturer_number="KR-4410/2",
            title_ru="Болт M8",
            category_id=leaf,
            gtins=("4006381333931",),
            description="Steel\nzinc",
            attributes={"length": "12,5", "zinc": "да"},
        ),
    )

    row = (await queries.products_by_ids([made, new_id()]))[made]
    assert (row.brand, row.manufacturer_number, row.unit) == ("Würth", "KR-4410/2", "PCE")
    assert (row.title("en"), row.title("ru")) == ("Болт M8", "Болт M8")
    assert row.attributes == {"length": 12.5, "zinc": True}
    assert (row.category_id, row.gtins, row.description) == (
        leaf, ("4006381333931",), "Steel\nzinc",
    )  # fmt: skip
    tree = await queries.all_categories()
    assert [(node.path, node.parent_id) for node in tree] == [("bolts", None), ("bolts/hex", root)]
    assert (await queries.attributes_by_codes(["length", "none"]))["length"].unit == "MMT"
    assert await events() == ["CategoriesChanged", "CategoriesChanged", "ProductsChanged"]


async def test_the_same_number_in_another_spelling_is_the_same_product(database: Database) -> None:
    seller = await make_seller()
    first = await service.create_product(seller.actor, NewProduct("Bosch", "KR-4410", "Bolt"))
    before = await state()
    for brand, number in (("BOSCH", "kr4410"), ("Bosch", "КR 4410")):  # the К is Cyrillic
        with pytest.raises(ProductExists) as refusal:
            await service.create_product(seller.actor, NewProduct(brand, number, "Other"))
        error = refusal.value
        assert (error.product_id, error.brand, error.number) == (first, "Bosch", "KR-4410")
        assert error.path == ("manufacturerNumber",)
    assert await state() == before


async def test_of_many_who_propose_one_product_at_once_one_makes_it(database: Database) -> None:
    seller = await make_seller()

    async def propose() -> UUID:
        try:
            return await service.create_product(seller.actor, NewProduct("Bosch", "X-1", "Bolt"))
        except ProductExists as error:
            return error.product_id

    ids = await asyncio.gather(*(propose() for _ in range(20)))
    assert len(set(ids)) == 1
    assert await events() == ["ProductsChanged"]


async def test_what_cannot_be_a_product_is_refused(database: Database) -> None:
    seller = await make_seller()
    before = await state()
    refusals: list[tuple[NewProduct, type[DomainError], str]] = [
        (NewProduct(" ", "A-1", "Bolt"), InvalidInput, "brand"),
        (NewProduct("Bosch", "-/-", "Bolt"), InvalidInput, "manufacturerNumber"),
        (NewProduct("Bosch", "A" * 256, "Bolt"), InvalidInput, "manufacturerNumber"),
        (NewProduct("Bosch", "ß" * 150, "Bolt"), InvalidInput, "manufacturerNumber"),  # folds to ss
        (NewProduct("Bosch", "A\x00B", "Bolt"), InvalidInput, "manufacturerNumber"),
        (NewProduct("Bosch", "A-1"), InvalidInput, "titleRu"),
        (NewProduct("Bosch", "A-1", "x" * 501), InvalidInput, "titleEn"),
        (NewProduct("Bosch", "A-1", "Bolt", description="\x07"), InvalidInput, "description"),
        (NewProduct("Bosch", "A-1", "Bolt", gtins=("123",)), InvalidInput, "gtins"),
        (NewProduct("Bosch", "A-1", "Bolt", unit="piece"), InvalidInput, "unit"),
        (NewProduct("Bosch", "A-1", "Bolt", category_id=new_id()), NotFound, "categoryId"),
        (NewProduct("Bosch", "A-1", "Bolt", attributes={"x": "1"}), InvalidInput, "attributes"),
        (NewProduct("Bosch", "A-1", "Bolt", attributes={"\0": "1"}), InvalidInput, "attributes"),
    ]
    for new, error, field in refusals:
        with pytest.raises(error) as refusal:
            await service.create_product(seller.actor, new)
        assert refusal.value.path == (field,), new
        assert refusal.value.message("ru")
    assert await state() == before


async def test_a_product_is_changed_by_its_only_seller_or_the_operator(database: Database) -> None:
    operator = await make_operator()
    mine, other = await make_seller(), await make_seller()
    product = await make_product()
    await make_offer(mine, product)
    category = await make_category("tools")
    changes = ProductChanges(title_en="New", category_id=category.id, gtins=("96385074",))
    await service.update_product(mine.actor, product.id, changes)
    row = (await queries.products_by_ids([product.id]))[product.id]
    assert (row.title_en, row.title_ru, row.category_id, row.gtins) == (
        "New", "Hex bolt", category.id, ("96385074",),
    )  # fmt: skip

    await make_offer(other, product)
    before = await state()
    for actor in (mine.actor, other.actor):
        with pytest.raises(ProductShared):
            await service.update_product(actor, product.id, ProductChanges(title_en="Mine"))
        with pytest.raises(ProductShared):
            await service.add_cross_reference(actor, product.id, "SKF", "6204")
    with pytest.raises(NotFound):
        await service.update_product(operator, new_id(), ProductChanges(title_en="None"))
    assert await state() == before
    await service.update_product(operator, product.id, ProductChanges(title_ru="Общий"))
    assert (await queries.products_by_ids([product.id]))[product.id].title("ru") == "Общий"


async def test_cross_references_stand_once(database: Database) -> None:
    seller = await make_seller()
    product = await make_product("AB-1", brand="Bosch")
    first = await service.add_cross_reference(seller.actor, product.id, "SKF", "6204-2RS")
    again = await service.add_cross_reference(seller.actor, product.id, "skf", "62042RS")
    assert first == again
    assert await events() == ["ProductsChanged"]
    found = await queries.cross_references_by_product_ids([product.id])
    assert [(row.brand, row.number) for row in found[product.id]] == [("SKF", "6204-2RS")]
    before = await state()
    with pytest.raises(InvalidInput, match="own number"):
        await service.add_cross_reference(seller.actor, product.id, "BOSCH", "ab1")
    assert await state() == before


async def test_what_cannot_be_a_category_or_attribute_is_refused(database: Database) -> None:
    operator = await make_operator()
    root = await service.create_category(operator, None, "bolts", "Bolts", "Болты")
    await service.define_attribute(operator, "length", "Length", "Длина", "number", "MMT")
    before = await state()
    for error, path, attempt in (
        (CategoryExists, "slug", service.create_category(operator, None, "bolts", "B", "Б")),
        (InvalidInput, "slug", service.create_category(operator, root, "Hex Bolts", "B", "Б")),
        (InvalidInput, "nameRu", service.create_category(operator, root, "hex", "B", " ")),
        (NotFound, "parentId", service.create_category(operator, new_id(), "hex", "B", "Б")),
        (NotFound, "categoryId", service.rename_category(operator, new_id(), "B", "Б")),
        (InvalidInput, "nameEn", service.rename_category(operator, root, "", "Б")),
        (AttributeExists, "code", service.define_attribute(operator, "length", "L", "Д", "text")),
        (InvalidInput, "code", service.define_attribute(operator, "Длина", "L", "Д", "text")),
        (InvalidInput, "kind", service.define_attribute(operator, "x", "L", "Д", "date")),
        (InvalidInput, "unit", service.define_attribute(operator, "x", "L", "Д", "text", "MMT")),
    ):
        with pytest.raises(error) as refusal:
            await attempt
        assert refusal.value.path == (path,)
    assert await state() == before
    await service.rename_category(operator, root, "Screws", "Винты")
    assert (await queries.root_categories())[0].name("ru") == "Винты"


async def test_only_the_right_roles_write(database: Database) -> None:
    operator, seller, buyer = await make_operator(), await make_seller(), await make_buyer()
    clerk = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    company, entity = await make_company(buyer=True)
    outsider = await make_actor(company, entity, Role.SELLER_MANAGER)  # of a company not selling
    product = await make_product()
    before = await state()
    new, changes = NewProduct("Bosch", "A-1", "Bolt"), ProductChanges(title_en="New")
    for actor in (buyer, clerk, operator):
        with pytest.raises(Forbidden):
            await service.create_product(actor, new)
    for actor in (buyer, clerk):
        with pytest.raises(Forbidden):
            await service.update_product(actor, product.id, changes)
        with pytest.raises(Forbidden):
            await service.add_cross_reference(actor, product.id, "SKF", "1")
    for actor in (buyer, clerk, seller.actor):
        with pytest.raises(Forbidden):
            await service.create_category(actor, None, "bolts", "Bolts", "Болты")
        with pytest.raises(Forbidden):
            await service.define_attribute(actor, "x", "X", "Х", "text")
    for attempt in (
        service.create_product(outsider, new),
        service.update_product(outsider, product.id, changes),
    ):
        with pytest.raises(NotSelling):
            await attempt
    assert await state() == before
    assert await fetch_value("SELECT count(*) FROM outbox_event") == 0
