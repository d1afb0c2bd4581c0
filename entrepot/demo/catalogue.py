"""Products and offers of the demo market."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import product as combinations
from typing import Any
from uuid import UUID

import numpy as np
import orjson

from entrepot.demo.people import Party
from entrepot.demo.vocabulary import ATTRIBUTES, FAMILIES, ROOTS, RUSSIAN_SIZES, Family
from entrepot.platform.catalog.article_numbers import brand_key, number_key
from entrepot.platform.catalog.queries import AttributeValue
from entrepot.platform.ids import new_id

OFFERS = 20_000
Table = tuple[list[str], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A shared article of the demo."""

    id: UUID
    family: Family
    brand: str
    number: str
    title_en: str
    title_ru: str
    price: float
    attributes: dict[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class DemoOffer:
    """A seller's terms for a demo product; `weight` is how well it sells."""

    id: UUID
    product: DemoProduct
    seller: Party
    article_number: str
    price: Decimal
    pack: int
    weight: float

    @property
    def cost(self) -> Decimal:
        """What the seller paid: between 55 and 72 percent of the list price."""
        share = Decimal(55 + int(self.price * 100) % 18) / 100
        return (self.price * share).quantize(Decimal("0.01"))


def _attributes(family: Family, value: str) -> dict[str, AttributeValue]:
    kind = ATTRIBUTES[family.attribute][2]
    if kind != "number":
        return {family.attribute: value}
    number = float(value)
    return {family.attribute: int(number) if number.is_integer() else number}


def products(rng: np.random.Generator) -> list[DemoProduct]:
    """Return every brand × size of every family, each with a maker's number of its own style."""
    found: list[DemoProduct] = []
    for family in FAMILIES:
        sizes = list(combinations(range(len(family.sizes_a)), range(len(family.sizes_b))))
        for maker, brand in enumerate(family.brands):
            for index_a, index_b in sizes:
                a, b = family.sizes_a[index_a], family.sizes_b[index_b]
                share = (index_a / len(family.sizes_a) + index_b / len(family.sizes_b)) / 2
                price = family.price_from * (family.price_to / family.price_from) ** share
                price *= float(rng.uniform(0.85, 1.15))
                serial = 1000 + index_a * 37 + index_b
                style = (
                    f"{family.code}-{serial}.{maker + 1}",
                    f"{family.code}{maker}{serial}/{b[:2]}",
                    f"{serial}-{family.code}-{maker}{index_b:02d}",
                    f"{family.code} {serial} {maker}",
                )
                found.append(
                    DemoProduct(
                        id=new_id(),
                        family=family,
                        brand=brand,
                        number=style[maker % len(style)].upper(),
                        title_en=f"{family.name_en.format(a=a, b=b)}, {brand}",
                        title_ru=f"{_name_ru(family, a, b)}, {brand}",
                        price=price,
                        attributes=_attributes(family, a),
                    )
                )
    return _one_of_each_number(found)


def _name_ru(family: Family, a: str, b: str) -> str:
    words = RUSSIAN_SIZES.get(family.code, {})
    return family.name_ru.format(a=words.get(a, a), b=words.get(b, b))


def _one_of_each_number(found: list[DemoProduct]) -> list[DemoProduct]:
    unique: dict[tuple[str, str], DemoProduct] = {}
    for one in found:
        unique.setdefault((brand_key(one.brand), number_key(one.number)), one)
    return list(unique.values())


def offers(
    rng: np.random.Generator, found: list[DemoProduct], sellers: list[Party]
) -> list[DemoOffer]:
    """Return 20,000 offers: every product has one seller at least, popular ones have several."""
    pairs = {(index, int(rng.integers(len(sellers)))) for index in range(len(found))}
    while len(pairs) < OFFERS:
        pairs.add((int(rng.integers(len(found))), int(rng.integers(len(sellers)))))
    made: list[DemoOffer] = []
    for index, seller_index in sorted(pairs)[:OFFERS]:
        one = found[index]
        price = Decimal(f"{one.price * float(rng.uniform(0.95, 1.2)):.2f}")
        made.append(
            DemoOffer(
                id=new_id(),
                product=one,
                seller=sellers[seller_index],
                article_number=one.number,
                price=max(price, Decimal("0.10")),
                pack=one.family.pack if rng.random() < 0.6 else 1,
                weight=min(float(rng.pareto(1.6)), 15.0) if rng.random() < 0.45 else 0.0,
            )
        )
    return made


def category_rows() -> tuple[dict[str, UUID], Table]:
    """Return the id of each category path and the rows of the tree."""
    ids: dict[str, UUID] = {}
    rows: list[tuple[Any, ...]] = []
    for slug, (name_en, name_ru) in ROOTS.items():
        ids[slug] = new_id()
        rows.append((ids[slug], None, slug, name_en, name_ru))
    for family in FAMILIES:
        ids[family.path] = new_id()
        parent = ids[family.path.split("/")[0]]
        rows.append((ids[family.path], parent, family.path, family.category_en, family.category_ru))
    return ids, (["id", "parent_id", "path", "name_en", "name_ru"], rows)


def product_rows(found: list[DemoProduct], categories: dict[str, UUID], now: datetime) -> Table:
    """Return the rows of table `product`."""
    columns = ["id", "category_id", "brand", "brand_key", "manufacturer_number", "number_key",
               "gtins", "title_en", "title_ru", "description", "unit", "attributes", "discontinued",
               "replaced_by_id", "created_at", "updated_at"]  # fmt: skip
    successors = replacements(found)
    rows: list[tuple[Any, ...]] = []
    for serial, one in enumerate(found):
        unit = "MTR" if one.family.code == "CW" else "PCE"
        rows.append((one.id, categories[one.family.path], one.brand, brand_key(one.brand),
                     one.number, number_key(one.number), [gtin13(serial)], one.title_en,
                     one.title_ru, "", unit, orjson.dumps(one.attributes).decode(),
                     one.id in successors, successors.get(one.id), now, now))  # fmt: skip
    return columns, rows


def replacements(found: list[DemoProduct]) -> dict[UUID, UUID]:
    """Return discontinued products → their successors: the first toner of the next model."""
    toner = [one for one in found if one.family.code == "TN" and one.brand == "Papierhaus"]
    old = next(one for one in toner if one.attributes["model"] == "TX-12")
    new = next(one for one in toner if one.attributes["model"] == "TX-26")
    return {old.id: new.id}


def gtin13(serial: int) -> str:
    """Return a valid GTIN-13 in the range 2 (restricted circulation), GS1 check digit included."""
    body = f"29{serial:010d}"
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body))
    return f"{body}{-total % 10}"


def offer_rows(
    made: list[DemoOffer], now: datetime, gone: Container[UUID], hidden: Container[UUID]
) -> Table:
    """Return the rows of table `offer`; `gone` products have none that are sold."""
    columns = ["id", "product_id", "seller_id", "external_id", "article_number", "number_key",
               "list_price", "currency", "tax_included", "tax_rate", "pack_quantity",
               "min_order_quantity", "order_step", "lead_time_days", "active", "cost_price",
               "restricted", "created_at", "updated_at"]  # fmt: skip
    rows = [
        (one.id, one.product.id, one.seller.id, f"D{serial:06d}", one.article_number,
         number_key(one.article_number), one.price, "RUB", False, Decimal(20), Decimal(one.pack),
         Decimal(one.pack), Decimal(one.pack), 2 + serial % 9, one.product.id not in gone, one.cost,
         one.id in hidden, now, now)
        for serial, one in enumerate(made)
    ]  # fmt: skip
    return columns, rows


def unit_rows(made: list[DemoOffer]) -> Table:
    """Return boxes (rolls of cable): one holds a pack, or ten packs of less than 20."""
    rows = [
        (new_id(), one.id, "RO" if one.product.family.code == "CW" else "BX",
         Decimal(one.pack if one.pack >= 20 else one.pack * 10))
        for one in made
        if one.pack > 1
    ]  # fmt: skip
    return ["id", "offer_id", "unit", "quantity"], rows


def attribute_rows() -> Table:
    """Return the rows of table `attribute_definition`."""
    rows = [(new_id(), code, *definition) for code, definition in ATTRIBUTES.items()]
    return ["id", "code", "name_en", "name_ru", "kind", "unit"], rows


def cross_reference_rows(rng: np.random.Generator, found: list[DemoProduct]) -> Table:
    """Return analogs: the same size of a family from another brand of the demo."""
    groups: dict[str, list[DemoProduct]] = {}
    for one in found:
        groups.setdefault(one.title_en.rsplit(",", 1)[0], []).append(one)
    rows: list[tuple[Any, ...]] = []
    for group in groups.values():
        for one in group:
            if len(group) > 1 and rng.random() < 0.25:
                other = group[(group.index(one) + 1) % len(group)]
                rows.append((new_id(), one.id, other.brand, other.number, brand_key(other.brand),
                             number_key(other.number)))  # fmt: skip
    return ["id", "product_id", "brand", "number", "brand_key", "number_key"], rows
