"""Quick orders over the real application: paste, file, list; confirm; what is learned."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from openpyxl import Workbook

from entrepot.graphql.carts.quick_order_enums import QuickOrderMatch, QuickOrderOutcome
from entrepot.graphql.node import encode_id
from entrepot.platform.carts import service as carts
from entrepot.platform.carts.models import Cart
from entrepot.platform.carts.quick_order.outcomes import MatchedBy, Outcome
from entrepot.platform.carts.shopping_lists.models import ShoppingList, ShoppingListLine
from entrepot.platform.catalog.models import Offer, Product
from entrepot.platform.database import fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Role
from entrepot.platform.retention import delete_old_quick_orders
from entrepot.search.reindex import rebuild
from tests.carts.quick_order_world import Market, article, cross_reference, make_market
from tests.factories import make_actor, make_buyer, make_offer, make_price_list
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

LINE = """
fragment Line on QuickOrderLine {
  lineNumber text number quantity unit outcome matchedBy reason proposedQuantity proposedUnit
  available mergedInto mergedLines taken
  offer { id price(quantity: "5") { unitPrice { amount } } }
  candidates { id } alternatives { id } suggestions { id }
}
"""
PREPARE = (
    """
mutation ($input: PrepareQuickOrderInput!) { prepareQuickOrder(input: $input) {
  __typename
  ... on UserError { code message path }
  ... on QuickOrderPayload { quickOrder {
    id source fileName confirmedAt mergedCount takenCount counts { outcome count }
    allLines { ...Line }
    remainingLinesFile { fileName mediaType content }
  } } } }
"""
    + LINE
)
CONFIRM = """
mutation ($input: ConfirmQuickOrderInput!) { confirmQuickOrder(input: $input) {
  __typename
  ... on UserError { code message path lineIndex }
  ... on ConfirmQuickOrderPayload {
    cart { id lines { quantity offer { id } } }
    quickOrder { confirmedAt takenCount cart { id } allLines { lineNumber taken }
                 remainingLinesFile { content } } } } }
"""
PAGE = """
query ($id: ID!, $first: Int!, $after: String, $outcomes: [QuickOrderOutcome!]) {
  quickOrder(id: $id) { lines(first: $first, after: $after, outcomes: $outcomes) {
    edges { node { lineNumber } } pageInfo { hasNextPage endCursor } } } }
"""
UPLOAD = """
mutation { createUpload(input: {fileName: "list.csv"}) {
  __typename ... on CreateUploadPayload { uploadId url } } }
"""


@pytest.fixture
async def market(graphql: GraphQLClient) -> Market:
    return await make_market()


async def prepare(graphql: GraphQLClient, actor: Actor, **given: Any) -> dict[str, Any]:
    """Prepare a quick order and return it."""
    reply = await graphql.run(PREPARE, actor=actor, input=given)
    payload = reply.data["prepareQuickOrder"]
    assert payload["__typename"] == "QuickOrderPayload", payload
    made: dict[str, Any] = payload["quickOrder"]
    return made


async def confirm(graphql: GraphQLClient, actor: Actor, **given: Any) -> dict[str, Any]:
    """Confirm and return the payload, whatever it is."""
    reply = await graphql.run(CONFIRM, actor=actor, input=given)
    payload: dict[str, Any] = reply.data["confirmQuickOrder"]
    return payload


async def send(graphql: GraphQLClient, actor: Actor, content: bytes) -> str:
    """Upload a file; return the upload's id."""
    made = (await graphql.run(UPLOAD, actor=actor)).data["createUpload"]
    assert made["__typename"] == "CreateUploadPayload", made
    sent = await graphql.http.put(urlsplit(made["url"]).path, content=content)
    assert sent.status_code == 201, sent.text
    upload_id: str = made["uploadId"]
    return upload_id


def offer_id(offer: Offer) -> str:
    return encode_id("Offer", offer.id)


async def held(actor: Actor) -> dict[UUID, str]:
    """What lies in the carts of the actor's legal entity: quantity by offer."""
    rows = await fetch(
        "SELECT l.offer_id, l.quantity FROM cart_line l JOIN cart c ON c.id = l.cart_id"
        " WHERE c.legal_entity_id = $1",
        actor.legal_entity_id,
    )
    return {row["offer_id"]: format(row["quantity"].normalize(), "f") for row in rows}


async def test_paste_look_confirm(graphql: GraphQLClient, market: Market) -> None:
    bolt = await article(market.seller, "KR-1", pack="10")
    nut = await article(market.seller, "KR-2")
    made = await prepare(graphql, market.buyer, text="Артикул\tКол-во\nKR-1\t4\nkr2\t3\nNO-3\t1")
    assert made["source"] == "PASTE"
    assert made["counts"] == [
        {"outcome": "NORMALIZED", "count": 1},
        {"outcome": "PACK_ROUNDED", "count": 1},
        {"outcome": "NOT_FOUND", "count": 1},
    ]
    first, second, third = made["allLines"]
    assert (first["lineNumber"], first["offer"]["id"]) == (2, offer_id(bolt))
    assert first["offer"]["price"]["unitPrice"]["amount"] == "100"
    assert (first["quantity"], first["proposedQuantity"]) == ("4", "10")
    assert (second["outcome"], second["matchedBy"]) == ("NORMALIZED", "NORMALIZED")
    assert (third["outcome"], third["offer"], third["taken"]) == ("NOT_FOUND", None, False)
    assert await held(market.buyer) == {}
    done = await confirm(graphql, market.buyer, quickOrderId=made["id"])
    assert done["__typename"] == "ConfirmQuickOrderPayload", done
    assert done["cart"]["lines"] == [{"quantity": "3", "offer": {"id": offer_id(nut)}}]
    assert done["quickOrder"]["takenCount"] == 1
    assert done["quickOrder"]["cart"] == {"id": done["cart"]["id"]}
    assert [line["taken"] for line in done["quickOrder"]["allLines"]] == [False, True, False]
    content = done["quickOrder"]["remainingLinesFile"]["content"]
    assert content.splitlines() == [
        "line;article;quantity;unit;reason",
        "2;KR-1;4;;Found by its number. 4 → 10: sold by 10.",
        "4;NO-3;1;;“NO-3” was not found.",
    ]


async def test_proposals_are_taken_where_they_are_accepted(
    graphql: GraphQLClient, market: Market
) -> None:
    bolt = await article(market.seller, "KR-1", pack="10")
    analog = await article(market.seller, "KR-2")
    await cross_reference(analog.product_id, "SKF", "6204")
    typo = await article(market.seller, "KR-3")
    short = await article(market.seller, "KR-4", stock="2")
    text = "KR-1 4\n6204 2\nKR-3;1O\nKR-4 5\nNO-1 1"
    made = await prepare(graphql, market.buyer, text=text)
    done = await confirm(graphql, market.buyer, quickOrderId=made["id"], acceptProposals=True)
    assert done["__typename"] == "ConfirmQuickOrderPayload", done
    assert await held(market.buyer) == {bolt.id: "10", analog.id: "2", short.id: "2"}
    assert await fetch_value("SELECT count(*) FROM buyer_alias") == 0  # a machine taught nothing
    again = await prepare(graphql, market.buyer, text="KR-3;1O")
    line = again["allLines"][0]
    assert (line["outcome"], line["proposedQuantity"], line["offer"]["id"]) == (
        "INVALID", "10", offer_id(typo)
    )  # fmt: skip
    chosen = await confirm(
        graphql, market.buyer, quickOrderId=again["id"], lines=[{"lineNumber": 1}]
    )
    assert chosen["__typename"] == "ConfirmQuickOrderPayload", chosen
    assert (await held(market.buyer))[typo.id] == "10"


async def test_what_a_person_chooses_is_learned_and_used(
    graphql: GraphQLClient, market: Market
) -> None:
    bolt = await article(market.seller, "KR-1")
    made = await article(market.seller, "100200", brand="Makita")
    await article(market.seller, "100-200", brand="Bosch")
    analog = await article(market.seller, "AN-1")
    await cross_reference(analog.product_id, "SKF", "6204")
    text = "OUR-77 5\n100 200;2\n6204 3\nKR-1 1"
    quick = await prepare(graphql, market.buyer, text=text)
    assert [line["outcome"] for line in quick["allLines"]] == [
        "NOT_FOUND", "AMBIGUOUS", "CROSS_REFERENCE", "EXACT"
    ]  # fmt: skip
    done = await confirm(
        graphql,
        market.buyer,
        quickOrderId=quick["id"],
        lines=[
            {"lineNumber": 1, "offerId": offer_id(bolt)},
            {"lineNumber": 2, "offerId": offer_id(made), "quantity": "7"},
            {"lineNumber": 3, "offerId": offer_id(analog)},
        ],
    )
    assert done["__typename"] == "ConfirmQuickOrderPayload", done
    assert await held(market.buyer) == {bolt.id: "6", made.id: "7", analog.id: "3"}
    rows = await fetch("SELECT number, offer_id, company_id FROM buyer_alias ORDER BY number")
    assert [(row["number"], row["offer_id"]) for row in rows] == [
        ("100 200", made.id), ("6204", analog.id), ("OUR-77", bolt.id)
    ]  # fmt: skip
    assert {row["company_id"] for row in rows} == {market.buyer.company_id}
    again = await prepare(graphql, market.buyer, text=text)
    assert [line["outcome"] for line in again["allLines"]] == [
        "BUYER_ALIAS", "BUYER_ALIAS", "BUYER_ALIAS", "EXACT"
    ]  # fmt: skip


async def test_once_and_only_once(graphql: GraphQLClient, market: Market) -> None:
    offer = await article(market.seller, "KR-1")
    made = await prepare(graphql, market.buyer, text="KR-1 4")
    given = {"quickOrderId": made["id"]}
    first = await graphql.run(CONFIRM, actor=market.buyer, idempotency_key="k1", input=given)
    assert first.data["confirmQuickOrder"]["__typename"] == "ConfirmQuickOrderPayload"
    repeated = await graphql.run(CONFIRM, actor=market.buyer, idempotency_key="k1", input=given)
    assert repeated.data["confirmQuickOrder"] == first.data["confirmQuickOrder"]
    second = await confirm(graphql, market.buyer, **given)
    assert second["code"] == "QUICK_ORDER_CONFIRMED"
    assert await held(market.buyer) == {offer.id: "4"}


async def test_refused_confirmations_change_nothing(graphql: GraphQLClient, market: Market) -> None:
    offer = await article(market.seller, "KR-1", pack="5")
    other = await article(market.seller, "KR-9")
    hidden = await article(market.seller, "KR-3", active=False)
    made = await prepare(graphql, market.buyer, text="KR-9 1\nNO-1 2\nKR-1 5\nKR-1 5\nKR-1 2 кг")
    refused: list[tuple[list[dict[str, Any]], str, list[str]]] = [
        ([{"lineNumber": 2}], "LINE_NOT_TAKEABLE", ["input", "lines", "2"]),
        ([{"lineNumber": 77}], "INVALID_INPUT", ["input", "lines", "0", "lineNumber"]),
        ([{"lineNumber": 1}] * 2, "INVALID_INPUT", ["input", "lines", "1", "lineNumber"]),
        ([{"lineNumber": 4}], "INVALID_INPUT", ["input", "lines", "0", "lineNumber"]),
        (
            [{"lineNumber": 2, "offerId": offer_id(hidden)}],
            "NOT_FOUND",
            ["input", "lines", "2", "offerId"],
        ),
        (
            [{"lineNumber": 3, "quantity": "7"}],
            "QUANTITY_NOT_ORDERABLE",
            ["input", "lines", "3", "quantity"],
        ),
        ([{"lineNumber": 5, "offerId": offer_id(other)}], "UNIT_NOT_SOLD", ["input", "lines", "5"]),
        (
            [{"lineNumber": 1, "skip": True}, {"lineNumber": 3, "skip": True}],
            "NOTHING_TO_ORDER",
            [],
        ),
    ]
    for lines, code, path in refused:
        answer = await confirm(graphql, market.buyer, quickOrderId=made["id"], lines=lines)
        assert (answer.get("code"), answer.get("path")) == (code, path), answer
    assert await held(market.buyer) == {}
    assert await fetch_value("SELECT count(*) FROM buyer_alias") == 0
    done = await confirm(graphql, market.buyer, quickOrderId=made["id"])
    assert done["__typename"] == "ConfirmQuickOrderPayload"
    assert await held(market.buyer) == {offer.id: "10", other.id: "1"}


async def test_a_chosen_offer_takes_the_quantity_of_the_line(
    graphql: GraphQLClient, market: Market
) -> None:
    cheap = await article(market.seller, "KR-1", price="10", stock="1000")
    product = await Product.get(id=cheap.product_id)
    packed = await make_offer(market.rival, product, price="20", stock="1000", pack="12")
    made = await prepare(graphql, market.buyer, text="KR-1 4\nkr1 9")
    line = made["allLines"][0]
    assert (line["offer"]["id"], line["proposedQuantity"]) == (offer_id(cheap), "13")
    assert (line["alternatives"], line["mergedLines"]) == ([{"id": offer_id(packed)}], [2])
    assert made["mergedCount"] == 1
    choice = [{"lineNumber": 1, "offerId": offer_id(packed)}]
    done = await confirm(graphql, market.buyer, quickOrderId=made["id"], lines=choice)
    assert done["__typename"] == "ConfirmQuickOrderPayload", done
    assert await held(market.buyer) == {packed.id: "24"}
    assert [line["taken"] for line in done["quickOrder"]["allLines"]] == [True, True]


async def test_files(graphql: GraphQLClient, market: Market) -> None:
    bolt = await article(market.seller, "KR-1", pack="2")
    cable = await article(market.seller, "W-2", unit="MTR", step="0.5", minimum="0.5", pack="0.5")
    text = (
        "Наш артикул;Что это;Кол-во;Ед. изм.\r\nkr1;болт;4;шт\r\nW-2;кабель;1,5;м\r\n;пусто;3;\r\n"
    )
    upload_id = await send(graphql, market.buyer, text.encode("windows-1251"))
    made = await prepare(graphql, market.buyer, uploadId=upload_id)
    assert (made["source"], made["fileName"]) == ("FILE", "list.csv")
    found = [
        (one["lineNumber"], one["outcome"], one["proposedQuantity"]) for one in made["allLines"]
    ]
    assert found == [(2, "NORMALIZED", "4"), (3, "EXACT", "1.5"), (4, "INVALID", None)]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["SKU", "Qty"], ["KR-1", 6], ["W-2", 2.5]):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    upload_id = await send(graphql, market.buyer, content.getvalue())
    made = await prepare(graphql, market.buyer, uploadId=upload_id)
    assert [(one["offer"]["id"], one["proposedQuantity"]) for one in made["allLines"]] == [
        (offer_id(bolt), "6"),
        (offer_id(cable), "2.5"),
    ]
    named = [{"field": "number", "title": "Foo"}, {"field": "quantity", "title": "Bar"}]
    upload_id = await send(graphql, market.buyer, b"Foo;Bar\nKR-1;8\n")
    made = await prepare(graphql, market.buyer, uploadId=upload_id, columns=named)
    assert made["allLines"][0]["proposedQuantity"] == "8"


async def test_files_without_titles(graphql: GraphQLClient, market: Market) -> None:
    bolt = await article(market.seller, "KR-1", pack="2")
    upload_id = await send(graphql, market.buyer, b"KR-1;4\n\nNO-2;1\n6;kr1\n")
    made = await prepare(graphql, market.buyer, uploadId=upload_id)
    found = [(one["lineNumber"], one["outcome"]) for one in made["allLines"]]
    assert found == [(1, "EXACT"), (3, "NOT_FOUND"), (4, "NORMALIZED")]
    assert made["allLines"][0]["proposedQuantity"] == "10"
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([8, "KR-1"])
    content = io.BytesIO()
    book.save(content)
    upload_id = await send(graphql, market.buyer, content.getvalue())
    made = await prepare(graphql, market.buyer, uploadId=upload_id)
    (line,) = made["allLines"]
    assert (line["offer"]["id"], line["proposedQuantity"]) == (offer_id(bolt), "8")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "SPREADSHEET_EMPTY"),
        (b"sku;qty\n", "SPREADSHEET_NO_LINES"),
        (b"foo;bar\n1;2\n", "SPREADSHEET_COLUMNS_MISSING"),
        (b"PK\x03\x04 not a workbook", "SPREADSHEET_DAMAGED"),
        (b"%PDF-1.7 ...", "SPREADSHEET_FORMAT_UNSUPPORTED"),
        (b"sku;article;qty\n1;2;3\n", "SPREADSHEET_COLUMN_TWICE"),
        (b"sku;qty\n" + b"A;1\n" * 1001, "TOO_MANY_LINES"),
    ],
)
async def test_bad_files(graphql: GraphQLClient, market: Market, content: bytes, code: str) -> None:
    upload_id = await send(graphql, market.buyer, content)
    reply = await graphql.run(PREPARE, actor=market.buyer, input={"uploadId": upload_id})
    assert reply.data["prepareQuickOrder"]["code"] == code
    assert await fetch_value("SELECT count(*) FROM quick_order") == 0


async def test_other_refusals(graphql: GraphQLClient, market: Market) -> None:
    async def code(**given: Any) -> tuple[str, list[str]]:
        reply = await graphql.run(PREPARE, actor=market.buyer, input=given)
        payload = reply.data["prepareQuickOrder"]
        return payload["code"], payload["path"]

    stranger = await make_buyer()
    assert await code() == ("INVALID_INPUT", ["input", "text"])
    assert await code(text="A 1", uploadId="x") == ("INVALID_INPUT", ["input", "text"])
    assert await code(text="\n# nothing\n---\n") == ("NOTHING_TO_ORDER", [])
    assert await code(text="A;1\n" * 1001) == ("TOO_MANY_LINES", [])
    theirs = encode_id("LegalEntity", stranger.legal_entity_id)
    assert await code(text="A 1", legalEntityId=theirs) == (
        "NOT_FOUND",
        ["input", "legalEntityId"],
    )
    waiting = (await graphql.run(UPLOAD, actor=market.buyer)).data["createUpload"]["uploadId"]
    assert await code(uploadId=waiting) == ("UPLOAD_NOT_COMPLETE", ["input", "uploadId"])
    foreign = await send(graphql, stranger, b"sku\nA\n")
    assert await code(uploadId=foreign) == ("NOT_FOUND", ["input", "uploadId"])


async def test_from_a_shopping_list(graphql: GraphQLClient, market: Market) -> None:
    here = await article(market.seller, "KR-1", pack="2")
    gone = await article(market.seller, "KR-2", active=False)
    product = await Product.get(id=gone.product_id)
    other = await make_offer(market.rival, product, stock="100")
    made = await ShoppingList.create(
        legal_entity_id=market.buyer.legal_entity_id, created_by_id=market.buyer.user_id, name="W"
    )
    for position, (offer, quantity) in enumerate(((here, "3"), (gone, "5"))):
        await ShoppingListLine.create(
            shopping_list=made, offer=offer, quantity=quantity, position=position
        )
    list_id = encode_id("ShoppingList", made.id)
    quick = await prepare(graphql, market.buyer, shoppingListId=list_id)
    assert quick["source"] == "LIST"
    first, second = quick["allLines"]
    assert (first["outcome"], first["proposedQuantity"]) == ("PACK_ROUNDED", "4")
    assert (second["outcome"], second["offer"]["id"]) == ("CROSS_REFERENCE", offer_id(other))
    assert second["reason"] == "The offer is not sold any more; another seller has the article."
    reply = await graphql.run(PREPARE, actor=await make_buyer(), input={"shoppingListId": list_id})
    assert reply.data["prepareQuickOrder"]["code"] == "NOT_FOUND"


async def test_pages_of_lines(graphql: GraphQLClient, market: Market) -> None:
    await article(market.seller, "A-0")
    text = "\n".join(f"A-{number}" for number in range(45))
    made = await prepare(graphql, market.buyer, text=text)
    seen: list[int] = []
    after = None
    while True:
        reply = await graphql.run(PAGE, actor=market.buyer, id=made["id"], first=20, after=after)
        page = reply.data["quickOrder"]["lines"]
        seen += [edge["node"]["lineNumber"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == list(range(1, 46))
    reply = await graphql.run(PAGE, actor=market.buyer, id=made["id"], first=20, outcomes=["EXACT"])
    page = reply.data["quickOrder"]["lines"]
    assert [edge["node"]["lineNumber"] for edge in page["edges"]] == [1]


async def test_a_thousand_lines_in_one_request(graphql: GraphQLClient, market: Market) -> None:
    for number in range(5):
        await article(market.seller, f"A-{number}")

    async def ask(count: int) -> tuple[list[str], list[dict[str, Any]]]:
        text = "\n".join(f"A-{number % 5} {number + 1}\nNO-{number} 1" for number in range(count))
        async with counted_sql() as statements:
            made = await prepare(graphql, market.buyer, text=text)
        return list(statements), made["allLines"]

    few, _ = await ask(60)
    many, lines = await ask(500)
    assert len(lines) == 1000
    assert len(many) == len(few), many
    assert sum(line["mergedInto"] is not None for line in lines) == 495


async def test_suggestions_for_what_was_not_found(graphql: GraphQLClient, market: Market) -> None:
    near = await article(market.seller, "KR-4410")
    secret = await article(market.seller, "KR-4411")
    await Offer.filter(id=secret.id).update(restricted=True)
    await rebuild(graphql.resources.search)
    made = await prepare(graphql, market.buyer, text="KR-4419 2\nWXYZQ-7 1")
    first, second = made["allLines"]
    assert (first["outcome"], first["suggestions"]) == ("NOT_FOUND", [{"id": offer_id(near)}])
    assert first["reason"] == "“KR-4419” was not found. Similar ones are suggested."
    assert second["suggestions"] == []


async def test_a_quick_order_is_its_makers(graphql: GraphQLClient, market: Market) -> None:
    await article(market.seller, "KR-1")
    made = await prepare(graphql, market.buyer, text="KR-1 4")
    stranger = await make_buyer()
    for other in (stranger, market.seller.actor):
        reply = await graphql.run(PAGE, actor=other, id=made["id"], first=1)
        assert reply.codes == (["FORBIDDEN"] if other is market.seller.actor else ["NOT_FOUND"])
        answer = await confirm(graphql, other, quickOrderId=made["id"])
        assert answer["code"] in ("NOT_FOUND", "FORBIDDEN")
    assert await held(market.buyer) == {}


async def test_the_file_of_the_rest_can_be_sent_again(
    graphql: GraphQLClient, market: Market
) -> None:
    offer = await article(market.seller, "KR-1")
    russian = replace(market.buyer, locale="ru")
    reply = await graphql.run(
        PREPARE, actor=russian, input={"text": "KR-1 5 штк\nKR1;-4\nNO;2 кор"}
    )
    made = reply.data["prepareQuickOrder"]["quickOrder"]
    content = made["remainingLinesFile"]["content"]
    assert content.splitlines() == [
        "строка;артикул;количество;ед;причина",
        "1;KR-1;5;штк;Нет единицы «штк». Имелось в виду 5 шт?",
        "2;KR1;-4;;Количество должно быть больше нуля, а не «-4». Имелось в виду 4?",
        "3;NO;2;кор;«NO» не найдено.",
    ]
    mended = content.replace(";5;штк;", ";5;шт;").replace(";-4;", ";4;")
    again = await prepare(graphql, market.buyer, text=mended)
    assert [(line["outcome"], line["mergedInto"]) for line in again["allLines"]] == [
        ("EXACT", None), ("NORMALIZED", 2), ("NOT_FOUND", None)
    ]  # fmt: skip
    upload_id = await send(graphql, market.buyer, mended.encode())
    sent = await prepare(graphql, market.buyer, uploadId=upload_id)
    assert sent["allLines"][0]["offer"]["id"] == offer_id(offer)


async def test_prices_are_those_of_the_legal_entity_named(
    graphql: GraphQLClient, market: Market
) -> None:
    await article(market.seller, "KR-1")
    reader = await make_actor(  # without `cart.manage`
        market.seller.company, market.seller.entity, Role.ACCOUNTANT
    )
    reply = await graphql.run(PREPARE, actor=reader, input={"text": "KR-1"})
    assert reply.data["prepareQuickOrder"]["code"] == "FORBIDDEN"
    entity = encode_id("LegalEntity", market.buyer.legal_entity_id)
    made = await prepare(graphql, market.buyer, text="KR-1", legalEntityId=entity)
    assert made["allLines"][0]["outcome"] == "EXACT"


async def test_two_confirmations_at_once(graphql: GraphQLClient, market: Market) -> None:
    offer = await article(market.seller, "KR-1")
    made = await prepare(graphql, market.buyer, text="KR-1 4")
    answers = await asyncio.gather(
        *(confirm(graphql, market.buyer, quickOrderId=made["id"]) for _ in range(5))
    )
    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["ConfirmQuickOrderPayload", *["QuickOrderConfirmed"] * 4]
    assert await held(market.buyer) == {offer.id: "4"}


async def test_old_quick_orders_are_forgotten(graphql: GraphQLClient, market: Market) -> None:
    await article(market.seller, "KR-1")
    made = await prepare(graphql, market.buyer, text="KR-1 4")
    await confirm(graphql, market.buyer, quickOrderId=made["id"])
    now = datetime.now(UTC)
    assert await delete_old_quick_orders(now + timedelta(days=89)) == 0
    assert await delete_old_quick_orders(now + timedelta(days=91)) == 1
    assert await fetch_value("SELECT count(*) FROM quick_order_line") == 0
    assert len(await held(market.buyer)) == 1


async def test_into_a_cart_of_choice(graphql: GraphQLClient, market: Market) -> None:
    offer = await article(market.seller, "KR-1")
    mine = await carts.create(market.buyer, "Workshop")
    stranger = await make_buyer()
    theirs = await carts.create(stranger, "Theirs")
    made = await prepare(graphql, market.buyer, text="KR-1 4")
    refused = await confirm(
        graphql, market.buyer, quickOrderId=made["id"], cartId=encode_id("Cart", theirs)
    )
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["input", "cartId"])
    await Cart.filter(id=mine).update(status="submitted")
    waiting = {"quickOrderId": made["id"], "cartId": encode_id("Cart", mine)}
    assert (await confirm(graphql, market.buyer, **waiting))["code"] == "CART_SUBMITTED"
    assert await held(market.buyer) == await held(stranger) == {}
    await Cart.filter(id=mine).update(status="open")
    done = await confirm(graphql, market.buyer, **waiting)
    assert done["cart"]["id"] == encode_id("Cart", mine)
    assert await held(market.buyer) == {offer.id: "4"}


async def test_the_prices_of_the_legal_entity_decide(
    graphql: GraphQLClient, market: Market
) -> None:
    dear = await article(market.seller, "KR-1", price="100")
    product = await Product.get(id=dear.product_id)
    cheap = await make_offer(market.rival, product, price="90", stock="1000")
    text = {"text": "KR-1 4"}
    assert (await prepare(graphql, market.buyer, **text))["allLines"][0]["offer"]["id"] == (
        offer_id(cheap)
    )
    await make_price_list(market.seller, market.buyer.company_id, {dear.id: {"1": "80"}})
    (line,) = (await prepare(graphql, market.buyer, **text))["allLines"]
    assert line["offer"]["id"] == offer_id(dear)
    assert line["offer"]["price"] == {"unitPrice": {"amount": "80"}}
    stranger = await make_buyer()
    (line,) = (await prepare(graphql, stranger, **text))["allLines"]
    assert line["offer"]["id"] == offer_id(cheap)


def test_the_enumerations_are_those_of_the_domain() -> None:
    assert [one.value for one in QuickOrderOutcome] == [one.value for one in Outcome]
    assert [one.value for one in QuickOrderMatch] == [one.value for one in MatchedBy]
