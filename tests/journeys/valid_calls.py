"""For every root field a call that succeeds, for tests that then spoil one value of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.import_rules import ImportStatus
from entrepot.platform.catalog.models import AttributeDefinition, CatalogImport
from entrepot.platform.database import execute, fetch_one
from entrepot.platform.documents.service import complete_upload, create_upload
from entrepot.platform.forecasts.models import ForecastArticle
from entrepot.platform.identity import links, tokens
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import User
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.identity.service import invite_member
from entrepot.platform.ids import new_id
from tests.factories import make_product
from tests.graphql_client import GraphQLClient
from tests.journeys.isolation_world import NOW, World
from tests.journeys.rows import gathered, topics

COMPANIES = {"buyer": "SECRET Buyer", "seller": "Open Seller"}
PASSWORD = "correct horse battery"
CATALOGUE = "Артикул;Бренд;Наименование;Цена;Валюта\nKR-1;Крепёж;Болт;1,50;RUB\n;;без;;\n"
LEGAL = {
    "name": "Новая #",
    "country": "RU",
    "taxId": "7736050003",
    "currency": "RUB",
    "registrationReasonCode": "770701001",
}
_VALID: dict[str, dict[str, Any]] = {
    "login": {"email": "secret@buyer.test", "password": PASSWORD},
    "switchLegalEntity": {"legalEntityId": "$entity"},
    "registerCompany": {
        "email": "new#@example.test",
        "password": PASSWORD,
        "name": "X",
        "companyName": "X",
        "kind": "BUYER",
        "legalEntity": LEGAL,
        "locale": "EN",
    },
    "addLegalEntity": LEGAL,
    "confirmEmail": {"token": "$confirm_email"},
    "resetPassword": {"token": "$reset_password", "password": PASSWORD},
    "acceptInvitation": {"token": "$invite", "name": "X", "password": PASSWORD},
    "inviteMember": {"email": "friend#@example.test", "roles": ["BUYER"]},
    "cancelInvitation": {"invitationId": "$invitation"},
    "createCategory": {"parentId": "$category", "slug": "x-#", "nameEn": "X", "nameRu": "X"},
    "defineAttribute": {"code": "x#", "nameEn": "X", "nameRu": "X", "kind": "NUMBER"},
    "createProduct": {
        "brand": "Rival",
        "manufacturerNumber": "R-#",
        "titleEn": "X",
        "titleRu": "X",
        "attributes": [{"code": "colour", "value": "red"}],
    },
    "updateProduct": {
        "productId": "$product",
        "titleEn": "New",
        "discontinued": False,
        "replacedById": "$freeProduct",
        "attributes": [{"code": "colour", "value": "red"}],
    },
    "createOffer": {
        "productId": "$freeProduct",
        "articleNumber": "R-#",
        "listPrice": "1",
        "currency": "RUB",
    },
    "previewCatalogImport": {"uploadId": "$csv"},
    "attachProductFile": {"productId": "$product", "uploadId": "$pdf"},
    "placeOrder": {"poNumber": "4711", "acceptPriceChanges": True, "idempotencyKey": "k#"},
    "setStock": {"offerId": "$offer", "warehouseId": "$warehouse", "onHand": "40"},
    "setPriceTiers": {
        "priceListId": "$priceList",
        "lines": [{"offerId": "$offer", "tiers": [{"minQuantity": "1", "unitPrice": "1"}]}],
    },
}
VALID = (
    {name: {"input": values} for name, values in _VALID.items()}
    | {
        "node": {"id": "$order"},
        "searchOffers": {
            "query": "bolt",
            "filter": {"inStock": False},
            "sort": "RELEVANCE",
            "first": 20,
        },
    }
    | gathered("VALID")
)


async def prepare_world(api: GraphQLClient, world: World) -> dict[str, Actor]:
    """Give the world what valid calls need; return people of its buyer and its seller."""
    identity = api.resources.identity
    await User.filter(email="secret@buyer.test").update(
        password_hash=await identity.passwords.hash(PASSWORD)
    )
    people = {side: await _person(name) for side, name in COMPANIES.items()}
    await CatalogImport.all().update(status=ImportStatus.PREVIEWED.value)
    await ForecastArticle.all().update(method="gradient_boosting")
    await AttributeDefinition.create(code="colour", name_en="C", name_ru="C", kind="text")
    world.ids["freeProduct"] = encode_id("Product", (await make_product("FREE-1")).id)
    world.ids["free"] = encode_id("LegalEntity", people["buyer"].legal_entity_id)
    for name, content in (("csv", CATALOGUE.encode()), ("pdf", b"%PDF-1.4 nothing")):
        key = api.resources.blobs.put([content])
        upload = await create_upload(people["seller"], f"a.{name}", None, NOW, 10**6)
        await complete_upload(upload.id, key, len(content))
        world.ids[name] = encode_id("Upload", upload.id)
    await _letters(api, world, people["buyer"])
    for topic in topics():
        if hasattr(topic, "prepare"):
            await topic.prepare(api, world, people)
    return people


async def _person(company: str) -> Actor:
    """Somebody of a company who may do everything, with a session."""
    row = await fetch_one(
        "SELECT u.id, m.company_id, e.id AS entity_id FROM user_account u"
        " JOIN membership m ON m.user_id = u.id JOIN legal_entity e USING (company_id)"
        " JOIN company c ON c.id = m.company_id"
        " WHERE c.name = $1 ORDER BY u.created_at LIMIT 1",
        company,
    )
    assert row is not None
    session_id = new_id()
    await execute(
        "INSERT INTO session (id, token_hash, user_id, legal_entity_id, created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, now(), now() + interval '1 day')",
        session_id,
        session_id.hex * 2,
        row["id"],
        row["entity_id"],
    )
    return Actor(
        user_id=row["id"],
        company_id=row["company_id"],
        legal_entity_id=row["entity_id"],
        permissions=frozenset(Permission),
        session_id=session_id,
    )


async def _letters(api: GraphQLClient, world: World, buyer: Actor) -> None:
    """Issue what letters carry: links to confirm, reset and join."""
    identity = api.resources.identity
    within = timedelta(hours=1)
    for purpose in ("confirm_email", "reset_password"):
        record = await links.issue(
            identity.secret_key, purpose, buyer.user_id, identity.clock.now(), within
        )
        world.ids[purpose] = tokens.link_token(identity.secret_key, purpose, record)
    invitation = await invite_member(identity, buyer, "guest@example.test", ["buyer"])
    world.ids["invite"] = tokens.link_token(identity.secret_key, "invite", invitation)
    world.ids["invitation"] = encode_id("Invitation", invitation)
