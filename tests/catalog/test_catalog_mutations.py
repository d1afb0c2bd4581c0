"""Writing the catalogue through the public API: payloads, and each refusal as a union member."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.database import execute, fetch
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from tests.factories import make_actor, make_buyer, make_company, make_offer, make_seller
from tests.graphql_client import GraphQLClient

ERROR = "... on UserError { code message path }"
MUTATIONS = {
    "createCategory": "... on CategoryPayload { category { id path name } }",
    "renameCategory": "... on CategoryPayload { category { id path name } }",
    "defineAttribute": "... on DefineAttributePayload { attribute { code kind unit } }",
    "createProduct": "... on ProductPayload { product { id brand attributes { value } } }"
    " ... on ProductExists { productId brand number }",
    "updateProduct": "... on ProductPayload { product { id titleEn titleRu } }",
    "addCrossReference": "... on ProductPayload { product { crossReferences { number } } }",
    "createOffer": "... on OfferPayload { offer { id externalId listPrice { amount } active } }"
    " ... on ExternalIdTaken { offerId }",
    "updateOffer": "... on OfferPayload { offer { id listPrice { amount } active } }",
}


async def call(
    graphql: GraphQLClient, actor: Actor | None, name: str, /, **values: Any
) -> dict[str, Any]:
    kind = f"{name[0].upper()}{name[1:]}Input"
    document = (
        f"mutation ($input: {kind}!) {{ {name}(input: $input)"
        f" {{ __typename {ERROR} {MUTATIONS[name]} }} }}"
    )
    reply = await graphql.run(document, actor=actor, input=values)
    result: dict[str, Any] = reply.data[name]
    return result


async def state() -> list[object]:
    tables = ("product", "offer", "category", "attribute_definition", "cross_reference")
    return [
        [tuple(row.values()) for row in await fetch(f"SELECT * FROM {table} ORDER BY id")]
        for table in (*tables, "outbox_event")
    ]


async def make_operator() -> Actor:
    return await make_actor(*await make_company(operator=True), Role.OPERATOR)


async def test_from_a_category_to_an_offer(graphql: GraphQLClient) -> None:
    operator, seller = await make_operator(), await make_seller()
    made = await call(
        graphql, operator, "createCategory", slug="bolts", nameEn="Bolts", nameRu="Болты"
    )
    category = made["category"]
    assert (category["path"], category["name"]) == ("bolts", "Bolts")
    renamed = await call(
        graphql, operator, "renameCategory", categoryId=category["id"], nameEn="Nuts", nameRu="Г"
    )
    assert renamed["category"] == category | {"name": "Nuts"}
    defined = await call(
        graphql, operator, "defineAttribute", code="length", nameEn="L", nameRu="Д",
        kind="NUMBER", unit="MMT",
    )  # fmt: skip
    assert defined["attribute"] == {"code": "length", "kind": "NUMBER", "unit": "MMT"}
    terms = {
        "brand": "Bosch",
        "manufacturerNumber": "A-1",
        "titleRu": "Болт",
        "categoryId": category["id"],
        "attributes": [{"code": "length", "value": "12,5"}],
    }
    product = (await call(graphql, seller.actor, "createProduct", **terms))["product"]
    assert product["attributes"] == [{"value": "12.5"}]
    again = await call(graphql, seller.actor, "createProduct", **terms)
    assert (again["__typename"], again["productId"]) == ("ProductExists", product["id"])
    changed = await call(
        graphql, seller.actor, "updateProduct", productId=product["id"], titleEn="Bolt"
    )
    assert changed["product"]["titleEn"] == "Bolt"
    crossed = await call(
        graphql, seller.actor, "addCrossReference", productId=product["id"], brand="SKF", number="6"
    )
    assert crossed["product"]["crossReferences"] == [{"number": "6"}]
    offer = await call(
        graphql, seller.actor, "createOffer", productId=product["id"], articleNumber="X-1",
        listPrice="12.5", currency="RUB", packQuantity="10",
    )  # fmt: skip
    assert offer["offer"] | {"id": ""} == {
        "id": "", "externalId": "X-1", "listPrice": {"amount": "12.5"}, "active": True,
    }  # fmt: skip
    updated = await call(
        graphql,
        seller.actor,
        "updateOffer",
        offerId=offer["offer"]["id"],
        listPrice="1",
        active=False,
    )
    assert updated["offer"] == {
        "id": offer["offer"]["id"], "listPrice": {"amount": "1"}, "active": False,
    }  # fmt: skip
    twice = await call(
        graphql, seller.actor, "createOffer", productId=product["id"], articleNumber="X-1",
        listPrice="1", currency="RUB",
    )  # fmt: skip
    assert (twice["__typename"], twice["offerId"]) == ("ExternalIdTaken", offer["offer"]["id"])


async def test_refusals_are_members_of_the_result_and_change_nothing(
    graphql: GraphQLClient,
) -> None:
    operator, seller, other = await make_operator(), await make_seller(), await make_seller()
    buyer = await make_buyer(locale="ru")
    offer = await make_offer(seller)
    await make_offer(other, await offer.product)
    key, product = encode_id("Offer", offer.id), encode_id("Product", offer.product_id)
    nothing = encode_id("Offer", new_id())
    new = {"brand": "Bosch", "manufacturerNumber": "A-1", "titleEn": "Bolt"}
    before = await state()
    cases: list[tuple[Actor | None, str, dict[str, Any], str]] = [
        (None, "createProduct", new, "UNAUTHENTICATED"),
        (buyer, "createProduct", new, "FORBIDDEN"),
        (seller.actor, "createProduct", new | {"brand": " "}, "INVALID_INPUT"),
        (seller.actor, "createProduct", new | {"categoryId": key}, "INVALID_ID"),
        (
            seller.actor,
            "createProduct",
            new | {"attributes": [{"code": "x", "value": "1"}] * 2},
            "INVALID_INPUT",
        ),
        (seller.actor, "updateProduct", {"productId": product, "titleEn": "X"}, "PRODUCT_SHARED"),
        (operator, "updateProduct", {"productId": nothing, "titleEn": "X"}, "INVALID_ID"),
        (seller.actor, "createCategory", {"slug": "x", "nameEn": "X", "nameRu": "X"}, "FORBIDDEN"),
        (operator, "createCategory", {"slug": "X", "nameEn": "X", "nameRu": "X"}, "INVALID_INPUT"),
        (other.actor, "updateOffer", {"offerId": key, "listPrice": "1"}, "NOT_FOUND"),
        (seller.actor, "updateOffer", {"offerId": nothing, "listPrice": "1"}, "NOT_FOUND"),
        (seller.actor, "updateOffer", {"offerId": key, "listPrice": "-1"}, "INVALID_INPUT"),
        (seller.actor, "updateOffer", {"offerId": key, "listPrice": "0"}, "INVALID_INPUT"),
        (buyer, "updateOffer", {"offerId": key, "listPrice": "1"}, "FORBIDDEN"),
    ]
    for actor, name, values, code in cases:
        result = await call(graphql, actor, name, **values)
        assert result["code"] == code, (name, values, result)
        assert result["message"]
    hidden = await call(graphql, other.actor, "updateOffer", offerId=key, active=False)
    absent = await call(graphql, other.actor, "updateOffer", offerId=nothing, active=False)
    assert hidden == absent
    russian = await call(graphql, buyer, "createProduct", **new)
    assert russian["message"].startswith("У вашей роли нет права CATALOG_MANAGE.")
    assert await state() == before


ANNOUNCE = """mutation { createUpload(input: {fileName: "sheet.pdf"}) {
  ... on CreateUploadPayload { uploadId url } } }"""
DEFINE = """mutation ($input: DefineAttributeInput!) { defineAttribute(input: $input) {
  ... on UserError { code } ... on DefineAttributePayload { attribute { code nameEn } } } }"""
ATTACH = """mutation ($input: AttachProductFileInput!) { attachProductFile(input: $input) {
  __typename ... on UserError { code }
  ... on AttachProductFilePayload { product { files { name kind mediaType size url } } } } }"""


async def test_a_definition_sent_again_is_the_same_one(graphql: GraphQLClient) -> None:
    operator = await make_operator()

    async def define(key: str | None, name: str = "L") -> dict[str, Any]:
        wanted = {"code": "length", "nameEn": name, "nameRu": "Д", "kind": "NUMBER", "unit": "MMT"}
        reply = await graphql.run(DEFINE, actor=operator, idempotency_key=key, input=wanted)
        result: dict[str, Any] = reply.data["defineAttribute"]
        return result

    first = await define("k")
    assert first == {"attribute": {"code": "length", "nameEn": "L"}}
    assert await define("k") == first
    assert await define("k", "Other") == {"code": "IDEMPOTENCY_CONFLICT"}
    assert await define("other") == await define(None) == {"code": "ATTRIBUTE_EXISTS"}
    rows = await fetch("SELECT name_en FROM attribute_definition WHERE code = 'length'")
    assert [row["name_en"] for row in rows] == ["L"]


async def test_an_attachment_sent_again_is_not_made_again(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    product = encode_id("Product", (await make_offer(seller)).product_id)
    upload = (await graphql.run(ANNOUNCE, actor=seller.actor)).data["createUpload"]

    async def attach(**values: str) -> dict[str, Any]:
        wanted = {"productId": product, "uploadId": upload["uploadId"]} | values
        reply = await graphql.run(ATTACH, actor=seller.actor, idempotency_key="k", input=wanted)
        result: dict[str, Any] = reply.data["attachProductFile"]
        return result

    assert (await attach())["code"] == "UPLOAD_NOT_COMPLETE"
    await graphql.http.put(upload["url"], content=b"%PDF-1.7 data")
    assert len((await attach())["product"]["files"]) == 1  # what failed may be sent again
    await execute("DELETE FROM product_file")
    assert (await attach())["product"]["files"] == []  # done once; what came after stays
    assert (await attach(kind="MANUAL"))["code"] == "IDEMPOTENCY_CONFLICT"
    assert await fetch("SELECT 1 FROM product_file") == []


@pytest.mark.parametrize("offered", [True, False])
async def test_a_datasheet_is_attached_and_fetched(graphql: GraphQLClient, offered: bool) -> None:
    seller, other, buyer = await make_seller(), await make_seller(), await make_buyer()
    offer = await make_offer(seller if offered else other)
    product = encode_id("Product", offer.product_id)
    upload = (await graphql.run(ANNOUNCE, actor=seller.actor)).data["createUpload"]
    wanted = {"productId": product, "uploadId": upload["uploadId"]}

    async def attach(actor: Actor, **values: str) -> dict[str, Any]:
        reply = await graphql.run(ATTACH, actor=actor, input=wanted | values)
        result: dict[str, Any] = reply.data["attachProductFile"]
        return result

    assert (await attach(seller.actor))["code"] == "UPLOAD_NOT_COMPLETE"
    sent = await graphql.http.put(upload["url"], content=b"%PDF-1.7 data")
    assert sent.status_code == 201
    assert (await attach(other.actor))["code"] == "NOT_FOUND"  # another company's upload
    assert (await attach(buyer))["code"] == "FORBIDDEN"
    done = await attach(seller.actor)
    if not offered:
        assert done["code"] == "PRODUCT_SHARED"
        assert await fetch("SELECT 1 FROM product_file") == []
        return
    (file,) = done["product"]["files"]
    assert (file["name"], file["kind"], file["mediaType"], file["size"]) == (
        "sheet.pdf", "datasheet", "application/pdf", 13,
    )  # fmt: skip
    assert (await graphql.http.get(file["url"])).content == b"%PDF-1.7 data"
    assert len((await attach(seller.actor))["product"]["files"]) == 1  # again: nothing new
    assert len((await attach(seller.actor, kind="MANUAL"))["product"]["files"]) == 2
    assert (await attach(seller.actor, productId=encode_id("Product", new_id())))["code"] == (
        "NOT_FOUND"
    )
