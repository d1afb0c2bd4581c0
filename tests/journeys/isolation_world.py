"""Two companies with secrets, and five outsiders who must not learn or change them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from entrepot.graphql.node import encode_id
from entrepot.platform.carts import service as carts
from entrepot.platform.catalog.models import CatalogImport, CatalogImportLine, Offer
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import execute, fetch, fetch_value
from entrepot.platform.documents.models import Invoice, Upload
from entrepot.platform.forecasts.models import ForecastArticle, ForecastPoint, ForecastRun
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import ApiKey, Company, LegalEntity, User
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from entrepot.platform.inventory.models import Warehouse
from entrepot.platform.orders import service as orders
from tests.factories import (
    Seller,
    make_actor,
    make_company,
    make_offer,
    make_price_list,
    make_product,
    make_seller,
)
from tests.journeys.rows import Victims, topics

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)
SECRET = "SECRET"
SECRET_PRICE = "77.7701"
SECRET_FORECAST = "31337"
SECRET_AMOUNTS = ("186.65", "155.54", "31.11")  # two at the secret price: gross, net, tax


@dataclass(frozen=True)
class World:
    """The victims' things by global id, and the outsiders by name (anonymous is None)."""

    ids: dict[str, str]
    outsiders: dict[str, Actor | None]


async def _victim_buyer() -> Actor:
    company, entity = await make_company("SECRET Buyer", buyer=True)
    await Company.filter(id=company.id).update(external_id="SECRET-COMPANY")
    return await make_actor(company, entity, Role.BUYER, Role.ADMINISTRATOR, Role.ACCOUNTANT)


async def _seller_things(seller: Seller, buyer: Actor, shown: Offer) -> dict[str, str]:
    hidden = await make_offer(
        seller, await make_product("SECRET-77", title="SECRET part"), active=False
    )
    await Offer.filter(id=shown.id).update(external_id="SECRET-EXT")
    await Warehouse.filter(id=seller.warehouse.id).update(name="SECRET hall")
    prices = await make_price_list(seller, buyer.company_id, {shown.id: {"1": SECRET_PRICE}})
    await execute("UPDATE price_list SET name = 'SECRET list'")
    job = await CatalogImport.create(
        seller=seller.company,
        created_by_id=seller.actor.user_id,
        file_name="SECRET.csv",
        blob_key="0" * 64,
        status="PREVIEWED",
    )
    await CatalogImportLine.create(
        catalog_import=job, line_number=2, outcome="INVALID", reason_en="SECRET", reason_ru="SECRET"
    )
    run = await ForecastRun.create(
        seller=seller.company, model="m", version="1", seed=1, horizon=13, metrics={},
        data_from=date(2025, 1, 6), data_to=date(2026, 11, 16), trained_at=NOW,
    )  # fmt: skip
    article = await ForecastArticle.create(
        run=run, offer=shown, method="gradient_boosting", beats_naive=True, history_weeks=90
    )
    await ForecastPoint.create(
        article=article, week=date(2026, 11, 30), mean=31337, low=1, median=31337, high=99999
    )
    return {
        "hidden": encode_id("Offer", hidden.id),
        "hiddenProduct": encode_id("Product", hidden.product_id),  # type: ignore[attr-defined]
        "priceList": encode_id("PriceList", prices.id),
        "import": encode_id("CatalogImport", job.id),
        "warehouse": encode_id("Warehouse", seller.warehouse.id),
    }


async def _buyer_things(buyer: Actor, shown: Offer, seller: Seller) -> dict[str, str]:
    await carts.add(buyer, shown.id, Decimal(2), clock=CLOCK)
    (order_id,) = await orders.place(buyer, clock=CLOCK, po_number="SECRET-PO")
    part: UUID = await fetch_value("SELECT id FROM seller_order")
    invoice = await Invoice.create(
        seller_order_id=part, legal_entity=seller.entity, number="SECRET-INV", issued_at=NOW,
        content={}, blob_key_en="1" * 64, blob_key_ru="1" * 64,
    )  # fmt: skip
    await carts.add(buyer, shown.id, Decimal(3), clock=CLOCK)
    line: UUID = await fetch_value(
        "SELECT l.id FROM cart_line l JOIN cart c ON c.id = l.cart_id WHERE c.status = 'open'"
    )
    key = await ApiKey.create(
        prefix="secretprefix", secret_hash="2" * 64, name="SECRET key", scopes=["cart.manage"],
        user_id=buyer.user_id, legal_entity_id=buyer.legal_entity_id,
    )  # fmt: skip
    cart: UUID = await fetch_value("SELECT id FROM cart WHERE status = 'open'")
    return {
        "order": encode_id("Order", order_id),
        "sellerOrder": encode_id("SellerOrder", part),
        "invoice": encode_id("Invoice", invoice.id),
        "cart": encode_id("Cart", cart),
        "cartLine": encode_id("CartLine", line),
        "apiKey": encode_id("ApiKey", key.id),
    }


async def build_world() -> World:
    """Create everything."""
    seller = await make_seller("Open Seller")
    buyer = await _victim_buyer()
    shown = await make_offer(
        seller, await make_product("OPEN-1", title="Open bolt"), price="100", stock="50"
    )
    ids = await _seller_things(seller, buyer, shown)
    ids |= await _buyer_things(buyer, shown, seller)
    colleague = await make_actor(
        *(await _company_of(buyer)), Role.BUYER
    )  # whom outsiders try to dismiss
    await User.filter(id=buyer.user_id).update(email="secret@buyer.test", name="SECRET Person")
    upload = await Upload.create(
        token_hash="3" * 64, user_id=seller.actor.user_id, company=seller.company,
        file_name="SECRET.csv", size=1, blob_key="0" * 64, expires_at=NOW.replace(year=2030),
    )  # fmt: skip
    ids |= {
        "offer": encode_id("Offer", shown.id),
        "product": encode_id("Product", shown.product_id),  # type: ignore[attr-defined]
        "category": encode_id("Category", await fetch_value("SELECT id FROM category LIMIT 1")),
        "entity": encode_id("LegalEntity", buyer.legal_entity_id),
        "company": encode_id("Company", buyer.company_id),
        "user": encode_id("User", buyer.user_id),
        "colleague": encode_id("User", colleague.user_id),
        "upload": encode_id("Upload", upload.id),
        "nothing": encode_id("Invitation", new_id()),
    }
    victims = Victims(seller, buyer, colleague, shown, ids["cart"])
    for topic in topics():
        if hasattr(topic, "build"):
            ids |= await topic.build(victims)
    rival = await make_seller("Rival")
    rival_all = await make_actor(
        rival.company, rival.entity, Role.SELLER_MANAGER, Role.WAREHOUSE, Role.ADMINISTRATOR,
        Role.ACCOUNTANT,
    )  # fmt: skip
    other, other_entity = await make_company("Other Buyer", buyer=True)
    outsiders = {
        "anonymous": None,
        "other_buyer": await make_actor(
            other, other_entity, Role.BUYER, Role.ADMINISTRATOR, Role.ACCOUNTANT, Role.APPROVER
        ),
        "other_seller": rival_all,
        "low_at_buyer": await make_actor(*(await _company_of(buyer))),
        "low_at_seller": await make_actor(seller.company, seller.entity),
    }
    return World(ids, outsiders)


async def _company_of(actor: Actor) -> tuple[Company, LegalEntity]:
    return (
        await Company.get(id=actor.company_id),
        await LegalEntity.get(id=actor.legal_entity_id),
    )


async def snapshot() -> dict[str, set[str]]:
    """Every row of every table as text; keys of what may change by itself are left out."""
    tables = await fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename NOT LIKE 'tortoise%'"
    )
    found: dict[str, set[str]] = {}
    for table in tables:
        name = table["tablename"]
        rows = await fetch(f'SELECT t::text AS row FROM "{name}" t')
        found[name] = {row["row"] for row in rows}
    return found
