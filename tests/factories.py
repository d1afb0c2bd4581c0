"""Makes companies, people and offers for tests, straight through the models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from uuid import UUID

from entrepot.platform.catalog.article_numbers import brand_key, number_key
from entrepot.platform.catalog.models import Category, Offer, Product
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company, LegalEntity, Membership, User
from entrepot.platform.identity.permissions import Role, permissions_of
from entrepot.platform.inventory.models import StockItem, Warehouse
from entrepot.platform.pricing.models import PriceList, PriceListAssignment, PriceTier

_numbers = count(1)
NO_PASSWORD = "!"  # nobody signs in with it


async def make_company(
    name: str | None = None,
    *,
    buyer: bool = False,
    seller: bool = False,
    operator: bool = False,
    country: str = "RU",
    currency: str = "RUB",
) -> tuple[Company, LegalEntity]:
    """Create a company with one legal entity."""
    number = next(_numbers)
    company = await Company.create(
        name=name or f"Company {number}", is_buyer=buyer, is_seller=seller, is_operator=operator
    )
    entity = await LegalEntity.create(
        company=company,
        name=f"{company.name} LLC",
        country=country,
        tax_id=f"{number:010d}",
        registration_reason_code=f"{number:09d}",
        currency=currency,
    )
    return company, entity


async def make_actor(
    company: Company, entity: LegalEntity, *roles: Role, locale: str = "en"
) -> Actor:
    """Create a person with the roles in the company and return them as an actor."""
    number = next(_numbers)
    user = await User.create(
        email=f"person{number}@example.test",
        name=f"Person {number}",
        password_hash=NO_PASSWORD,
        locale=locale,
        email_confirmed_at=datetime.now(UTC),
    )
    await Membership.create(user=user, company=company, roles=[role.value for role in roles])
    return Actor(
        user_id=user.id,
        company_id=company.id,
        legal_entity_id=entity.id,
        permissions=permissions_of([role.value for role in roles]),
        locale=locale,
    )


async def make_buyer(*roles: Role, country: str = "RU", locale: str = "en") -> Actor:
    """Create a buying company and a person in it (a buyer, unless roles are named)."""
    company, entity = await make_company(buyer=True, country=country)
    return await make_actor(company, entity, *(roles or (Role.BUYER,)), locale=locale)


@dataclass(frozen=True)
class Seller:
    """A selling company with a manager and a warehouse."""

    actor: Actor
    company: Company
    entity: LegalEntity
    warehouse: Warehouse

    @property
    def id(self) -> UUID:
        """The company's id."""
        return self.company.id


async def make_seller(name: str | None = None, *, currency: str = "RUB") -> Seller:
    """Create a selling company."""
    company, entity = await make_company(name, seller=True, currency=currency)
    actor = await make_actor(company, entity, Role.SELLER_MANAGER)
    warehouse = await Warehouse.create(seller=company, code="MAIN", name="Main")
    return Seller(actor, company, entity, warehouse)


async def make_category(path: str = "fasteners") -> Category:
    """Create a category with its ancestors."""
    parent: Category | None = None
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        found, _ = await Category.get_or_create(
            path="/".join(parts[:depth]),
            defaults={"parent": parent, "name_en": parts[depth - 1], "name_ru": parts[depth - 1]},
        )
        parent = found
    assert parent is not None
    return parent


async def make_product(
    number: str | None = None, *, brand: str = "Bosch", title: str = "Hex bolt", path: str = "bolts"
) -> Product:
    """Create a shared product."""
    number = number or f"AB-{next(_numbers):05d}"
    return await Product.create(
        category=await make_category(path),
        brand=brand,
        brand_key=brand_key(brand),
        manufacturer_number=number,
        number_key=number_key(number),
        title_en=title,
        title_ru=title,
    )


async def make_offer(
    seller: Seller,
    product: Product | None = None,
    *,
    price: str = "100",
    stock: str = "10",
    pack: str = "1",
    minimum: str = "1",
    step: str = "1",
    tax_rate: str = "20",
    active: bool = True,
) -> Offer:
    """Create an offer with stock in the seller's warehouse."""
    product = product or await make_product()
    offer = await Offer.create(
        product=product,
        seller=seller.company,
        external_id=f"E{next(_numbers)}",
        article_number=product.manufacturer_number,
        number_key=product.number_key,
        list_price=Decimal(price),
        currency=seller.entity.currency,
        pack_quantity=Decimal(pack),
        min_order_quantity=Decimal(minimum),
        order_step=Decimal(step),
        tax_rate=Decimal(tax_rate),
        active=active,
    )
    await StockItem.create(offer=offer, warehouse=seller.warehouse, on_hand=Decimal(stock))
    return offer


async def make_price_list(
    seller: Seller, company_id: UUID, tiers: dict[UUID, dict[str, str]], *, priority: int = 0
) -> PriceList:
    """Create a list with `{offer id: {minimum quantity: price}}`, given to one company."""
    price_list = await PriceList.create(
        seller=seller.company,
        name=f"List {next(_numbers)}",
        currency=seller.entity.currency,
        priority=priority,
    )
    await PriceListAssignment.create(price_list=price_list, company_id=company_id)
    for offer_id, steps in tiers.items():
        for quantity, price in steps.items():
            await PriceTier.create(
                price_list=price_list,
                offer_id=offer_id,
                min_quantity=Decimal(quantity),
                unit_price=Decimal(price),
            )
    return price_list
