"""What an order must have done, and what it must not: stock, budgets, papers, letters."""

from __future__ import annotations

import io
from collections import Counter
from decimal import Decimal
from typing import Any

from pypdf import PdfReader

from entrepot.graphql.node import split_id
from tests.journeys.marketplace import eventually
from tests.journeys.professional_market import SELLERS, STOCK, Bought, Part, number
from tests.journeys.professional_opening import Cast, shows
from tests.journeys.professional_people import BUDGETS, PAPERS, SOLD, Colleague, amount, stock_of

PDF = "application/pdf"


async def act_for(person: Colleague, entity: str) -> None:
    """Act for another legal entity: orders are those of the one that somebody acts for."""
    await person.make("switchLegalEntity",
                      "SwitchLegalEntityPayload { viewer { legalEntity { id } } }",
                      legalEntityId=entity)  # fmt: skip


async def spent(cast: Cast, entity: str) -> dict[str, Decimal]:
    """What the budgets of a legal entity have spent; their entries sum to it."""
    edges = (await cast.director.run(BUDGETS, entity=entity))["budgets"]["edges"]
    for edge in edges:
        entries = edge["node"]["entries"]["edges"]
        entered = sum((amount(one["node"]["amount"]) for one in entries), Decimal(0))
        assert entered == amount(edge["node"]["spent"])
    return {edge["node"]["name"]: amount(edge["node"]["spent"]) for edge in edges}


async def uses(cast: Cast) -> int:
    """How many orders used the promotion."""
    found = await cast.sellers["W"].run(
        "query ($id: ID!) { node(id: $id) { ... on Promotion { orderCount } } }", id=cast.promotion
    )
    return int(found["node"]["orderCount"])


async def nothing_happened(cast: Cast) -> None:
    """No order, no stock reserved, nothing spent, no use of the promotion."""
    assert (await cast.manager.run(PAPERS))["orders"]["edges"] == []
    for seller in cast.sellers.values():
        assert {one[2] for one in (await stock_of(seller)).values()} == {Decimal(0)}
        assert (await seller.run(SOLD))["sellerOrders"]["edges"] == []
    found = await spent(cast, cast.main) | await spent(cast, cast.second)
    assert set(found.values()) == {Decimal(0)}
    assert await uses(cast) == 0


def compare(order: dict[str, Any], expected: dict[str, Part], carts: tuple[str, ...]) -> None:
    """Hold an order to what was reckoned, line by line and sum by sum."""
    by_name = {part["sellerName"]: part for part in order["sellerOrders"]}
    assert set(by_name) == {SELLERS[letter] for letter in expected}
    for letter, part in expected.items():
        got = by_name[SELLERS[letter]]
        lines = {}
        for line in got["lines"]:
            cart = "Workshop" if line["costCenter"] == "K-17" else carts[0]
            lines[line["articleNumber"], cart] = tuple(
                amount(line[name]) for name in ("unitPrice", "discount", "net")
            )
        assert lines == part.lines
        assert amount(got["deliveryNet"]) == part.delivery, letter
        assert (amount(got["net"]), amount(got["tax"]), amount(got["gross"])) == (
            part.net, part.tax, part.gross,
        ), letter  # fmt: skip


async def effects(
    cast: Cast, orders: dict[str, Any], held: dict[str, list[Bought]], main: dict[str, Part],
    trade: dict[str, Part],
) -> None:  # fmt: skip
    """Stock, budgets and the promotion: exactly what was ordered, once; where it all goes."""
    ordered: Counter[str] = Counter()
    for lines in held.values():
        for line in lines:
            ordered[line.article] += int(line.quantity)
    for letter, seller in cast.sellers.items():
        for article, (_, on_hand, reserved) in (await stock_of(seller)).items():
            assert on_hand == (7 if article.startswith("FEW") else STOCK)
            assert reserved == ordered[article], (letter, article)
        sold = (await seller.run(SOLD))["sellerOrders"]["edges"]
        assert {edge["node"]["buyerName"] for edge in sold} == {"Works"}
        assert sorted(amount(edge["node"]["gross"]) for edge in sold) == sorted(
            parts[letter].gross for parts in (main, trade) if letter in parts
        )
    workshop = [net for part in main.values() for (_, cart), (_, _, net) in part.lines.items()
                if cart == "Workshop"]  # fmt: skip
    assert await spent(cast, cast.main) == {
        "Works, all": sum(part.net for part in main.values()), "Workshop": sum(workshop),
    }  # fmt: skip
    assert await spent(cast, cast.second) == {
        "Trade, all": sum(part.net for part in trade.values())
    }
    assert await uses(cast) == 1
    places: dict[str, list[tuple[str, str]]] = {}
    for part in orders["Works LLC"]["sellerOrders"]:
        for line in part["lines"]:
            where = [(one["address"], one["quantity"]) for one in line["deliveries"]]
            places.setdefault(line["articleNumber"], []).extend(where)
    [split] = [
        sorted((("Zavodskaya 5" in at), quantity) for at, quantity in places[number("W", 1)])
    ]
    assert split == [(False, "5"), (True, "7")]
    assert sorted(("Zavodskaya 5" in at, quantity) for at, quantity in places[number("N", 1)]) == [
        (False, "30"), (True, "12"),
    ]  # fmt: skip


async def papers(cast: Cast, orders: dict[str, Any]) -> None:
    """The worker's invoices, one a seller order, as the buyer opens them."""

    async def invoiced() -> Any:
        edges = []
        for entity in (cast.second, cast.main):
            await act_for(cast.manager, entity)
            edges += (await cast.manager.run(PAPERS))["orders"]["edges"]
        parts = [part for edge in edges for part in edge["node"]["sellerOrders"]]
        return parts if all(one["invoice"] and one["invoice"]["url"] for one in parts) else None

    invoices = {part["id"]: part["invoice"] for part in await eventually(invoiced, "the invoices")}
    assert len({one["id"] for one in invoices.values()}) == 6
    for part in orders["Works LLC"]["sellerOrders"]:
        printed = await cast.manager.http.get(invoices[part["id"]]["url"])
        assert printed.headers["content-type"] == PDF
        pages = PdfReader(io.BytesIO(printed.content)).pages
        text = " ".join(" ".join(page.extract_text() for page in pages).split())
        delivery, discounts = amount(part["deliveryNet"]), map(discount_of, part["lines"])
        expected = [part["number"], "Works LLC", "PO-77", f"{amount(part['gross']):,.2f}"]
        if delivery:
            expected.append(f"{delivery:,.2f}")
        promoted = part["sellerName"] == SELLERS["W"]
        expected += [f"Discount −{one:,.2f}: Autumn sale" for one in discounts if promoted]
        for words in expected:
            assert words in text, (words, part["sellerName"], text)
        assert ("Discount" in text) == promoted
        both = part["sellerName"] in (SELLERS["W"], SELLERS["N"])
        assert ("Zavodskaya 5" in text, "Tverskaya 1" in text) == (True, both)


def discount_of(line: dict[str, Any]) -> Decimal:
    """What was taken off a line."""
    return amount(line["discount"])


async def letters(cast: Cast, orders: dict[str, Any]) -> None:
    """Everybody's letters, each once."""
    name = orders["Works LLC"]["placedBy"]
    first = {"Manager": cast.manager, "Colleague": cast.colleague}[name]
    late = cast.colleague if first is cast.manager else cast.manager

    parts = {"N": 2, "S": 2, "W": 1, "E": 1}

    def counted(person: Colleague, words: str) -> int:
        return sum(words in str(one["subject"]) for one in cast.market.letters(person.email))

    expected = [
        (first, "is placed", 2), (late, "is placed", 0), (late, "Invoice", 0),
        (cast.approver, "asks you to approve", 2), (cast.manager, "Approved: ", 2),
        (cast.colleague, "Approved: ", 0), (cast.stranger, "", 1), (cast.stranger, "Confirm", 1),
        *((first, f"from {SELLERS[letter]}", count) for letter, count in parts.items()),
        *((cast.sellers[letter], "New order", count) for letter, count in parts.items()),
    ]  # fmt: skip

    def arrived() -> bool:
        return all(counted(person, words) >= count for person, words, count in expected)

    await eventually(arrived, "everybody's letters")
    assert [counted(person, words) for person, words, _ in expected] == [
        count for _, _, count in expected
    ]
    attached = [
        part.get_content_type()
        for one in cast.market.letters(first.email)
        if "Invoice" in str(one["subject"])
        for part in one.iter_attachments()
    ]
    assert attached == [PDF] * 6


async def strangers_see_nothing(cast: Cast, carts: list[str], orders: dict[str, Any]) -> None:
    """For another company none of it exists; sellers see no part of another seller."""
    order = orders["Works LLC"]
    for cart in carts:
        assert not await shows(cast.manager, cart)  # what is ordered is a cart no more
    hidden = [cast.plant, order["id"], *order["approvalIds"]]
    hidden += [part["id"] for part in order["sellerOrders"]]
    for one in hidden:
        seen = await shows(cast.manager, one), await shows(cast.stranger, one)
        assert seen == (True, False), split_id(one)
    for one in (cast.promotion, orders["Works Trade LLC"]["id"]):
        assert not await shows(cast.stranger, one)
    seen = await cast.stranger.run(
        "{ orders { edges { node { id } } } carts { edges { node { id } } }"
        " budgets { edges { node { id } } } buyerAliases { edges { node { id } } }"
        " deliveryAddresses { id } }"
    )
    assert seen["orders"]["edges"] == seen["carts"]["edges"] == seen["budgets"]["edges"] == []
    assert seen["buyerAliases"]["edges"] == seen["deliveryAddresses"] == []
    for letter, other in (("N", "S"), ("E", "W")):
        mine = [one["id"] for order in orders.values() for one in order["sellerOrders"]
                if one["sellerName"] == SELLERS[letter]]  # fmt: skip
        assert [await shows(cast.sellers[other], one) for one in mine] == [False] * len(mine)
