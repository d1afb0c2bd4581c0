"""How professionals buy: two legal entities, three carts, a pasted list, approval above the budget.

A real web server, worker, PostgreSQL, Redis and search engine, letters over SMTP, HTTP only. The
amounts are reckoned beside it by `professional_market`, with Decimals, from the documentation.
"""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.journeys.marketplace import command, eventually
from tests.journeys.professional_market import (
    RAISED,
    RAISED_TO,
    SELLERS,
    STOCK,
    Bought,
    Part,
    Pasted,
    number,
    pasted_list,
    reckon,
)
from tests.journeys.professional_opening import Cast, opened, shows
from tests.journeys.professional_people import (
    APPROVAL,
    BUDGETS,
    BY_LINK,
    CONFIRMED,
    EXPLAIN,
    ORDERED,
    PAPERS,
    PART,
    PARTS,
    QUICK_ORDER,
    SOLD,
    Colleague,
    Post,
    PostedMarketplace,
    amount,
    stock_of,
    text_of,
)
from tests.running_processes import none_left

CART = "CartPayload { cart { id name lines { id articleNumber } } }"
PDF = "application/pdf"


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[PostedMarketplace]:
    """A started, empty marketplace that sends its letters to a real SMTP server."""
    post = Post()
    await post.open()
    running = PostedMarketplace(
        tmp_path / "home", settings={"ENTREPOT_SMTP_URL": f"smtp://127.0.0.1:{post.port}"}
    )
    running.post = post
    await running.start()
    yield running
    await running.stop()
    await post.close()
    assert await none_left(running.home) == {}


async def prepared(person: Colleague, text: str) -> dict[str, Any]:
    """Paste a list."""
    made: dict[str, Any] = await person.make("prepareQuickOrder", QUICK_ORDER, text=text)
    return made


async def pasted(cast: Cast, cart: str, pasted: Pasted) -> None:
    """Paste 500 lines, look at every fault, and take what is good, proposed or chosen."""
    made = await prepared(cast.manager, pasted.text)
    lines = {line["lineNumber"]: line for line in made["allLines"]}
    assert len(lines) == 500
    assert {one["outcome"]: one["count"] for one in made["counts"]} == {
        "EXACT": 460 - pasted.sloppy, "NORMALIZED": pasted.sloppy, "BELOW_MINIMUM": 4,
        "PACK_ROUNDED": 4, "SHORT": 4, "AMBIGUOUS": 3, "NOT_FOUND": 8, "INVALID": 13,
    }  # fmt: skip
    assert (made["mergedCount"], made["takenCount"]) == (4, 0)
    proposals = {"BELOW_MINIMUM": "50", "PACK_ROUNDED": "12", "SHORT": "7"}
    for line_number, kind in pasted.faults.items():
        line = lines[line_number]
        if kind in proposals:
            assert (line["outcome"], line["proposedQuantity"]) == (kind, proposals[kind])
        elif kind == "REPEATED":
            first = lines[line["mergedInto"]]
            assert (line_number in first["mergedLines"], first["proposedQuantity"]) == (True, "7")
        elif kind in ("UNIT_TYPO", "LETTER_O"):
            assert (line["outcome"], line["quantity"], line["proposedQuantity"]) == (
                "INVALID", None, "10",
            ), line  # fmt: skip
            words = {"UNIT_TYPO": "штк", "LETTER_O": "1O"}
            assert words[kind] in line["reason"]
        elif kind == "UNIT_NOT_SOLD":
            assert (line["outcome"], line["unit"], line["proposedQuantity"]) == (
                "INVALID", "PF", None,
            ), line  # fmt: skip
        else:
            assert line["outcome"] == kind, line
    for line_number in set(lines) - set(pasted.faults):
        assert lines[line_number]["outcome"] in ("EXACT", "NORMALIZED"), lines[line_number]
    told = str(made)
    assert not any(cast.offers["N"][f"SECRET-{one}"] in told for one in (1, 2))

    # of two makers with one number, N's; for the first unknown number, an article of E
    choices = []
    for place, line_number in enumerate(pasted.numbers_of("AMBIGUOUS")):
        candidates = {one["seller"]["name"]: one["id"] for one in lines[line_number]["candidates"]}
        assert set(candidates) == {SELLERS["N"], SELLERS["S"]}
        choices.append({"lineNumber": line_number, "offerId": candidates[SELLERS["N"]]})
        pasted.taken[f"DX-5-0{place}"] = Decimal(4)
    unknown = pasted.numbers_of("NOT_FOUND")[0]
    choices.append({"lineNumber": unknown, "offerId": cast.offer("E", 120)})
    pasted.taken[number("E", 120)] = Decimal(5)
    done = await cast.manager.do(
        "confirmQuickOrder", CONFIRMED, quickOrderId=made["id"], cartId=cart,
        acceptProposals=True, lines=choices,
    )  # fmt: skip
    assert done["__typename"] == "ConfirmQuickOrderPayload", done
    held = {one["articleNumber"]: Decimal(one["quantity"]) for one in done["cart"]["lines"]}
    assert held == pasted.taken
    assert done["quickOrder"]["takenCount"] == 460 + 4 + 12 + 4
    assert len(done["quickOrder"]["remainingLinesFile"]["content"].splitlines()) == 1 + 20
    again = await cast.manager.do("confirmQuickOrder", CONFIRMED, quickOrderId=made["id"])
    assert again["code"] == "QUICK_ORDER_CONFIRMED"

    # what was chosen once is known by now: to the company, not to others
    for person, outcome in ((cast.colleague, "BUYER_ALIAS"), (cast.stranger, "NOT_FOUND")):
        made = await prepared(person, f"{lines[unknown]['number']};2")
        assert [one["outcome"] for one in made["allLines"]] == [outcome]
    made = await prepared(cast.manager, "dx 5 01 - 4 шт")
    [line] = made["allLines"]
    assert (line["outcome"], line["offer"]["articleNumber"]) == ("BUYER_ALIAS", "DX-5-01")


async def three_carts(cast: Cast, lists: Pasted) -> tuple[list[str], dict[str, list[Bought]]]:
    """Fill two carts of one legal entity and one of the other; return ids and what they hold."""
    manager = cast.manager
    carts: list[str] = []
    for name, entity, address in (
        ("Pasted list", cast.main, cast.plant),
        ("Workshop", cast.main, cast.office),
        ("Trade", cast.second, cast.office),
    ):
        made = await manager.make("createCart", CART, name=name, legalEntityId=entity,
                                  sharedWithAll=True)  # fmt: skip
        await manager.make("updateCart", CART, cartId=made["id"], deliveryAddressId=address,
                           costCenter="K-17" if name == "Workshop" else "")  # fmt: skip
        carts.append(made["id"])
    await pasted(cast, carts[0], lists)
    added = ((1, "N", 1, 30), (1, "W", 2, 40), (2, "N", 1, 12), (2, "S", 1, 5))
    held = {carts[0]: [Bought(seller_of(article), article, quantity, "Pasted list")
                       for article, quantity in lists.taken.items()],
            carts[1]: [], carts[2]: []}  # fmt: skip
    for place, seller, index, quantity in added:
        await manager.make("addToCart", CART, cartId=carts[place], quantity=str(quantity),
                           offerId=cast.offer(seller, index))  # fmt: skip
        name = ("", "Workshop", "Trade")[place]
        bought = Bought(seller, number(seller, index), Decimal(quantity), name)
        held[carts[place]].append(bought)
    # five of a line of twelve go to the office, the rest to the plant
    lines = (await manager.run("query ($id: ID!) { cart(id: $id) { lines { id articleNumber } } }",
                               id=carts[0]))["cart"]["lines"]  # fmt: skip
    [split] = [one["id"] for one in lines if one["articleNumber"] == number("W", 1)]
    await manager.make("updateCartLine", CART, lineId=split,
                       deliveries=[{"addressId": cast.office, "quantity": "5"}])  # fmt: skip
    return carts, held


def seller_of(article: str) -> str:
    """Whose article it is."""
    return article[1] if article.startswith("K") else article[-1] if article[-1].isalpha() else "N"


async def spent(cast: Cast, entity: str) -> dict[str, Decimal]:
    """What the budgets of a legal entity have spent; their entries sum to it."""
    edges = (await cast.director.run(BUDGETS, entity=entity))["budgets"]["edges"]
    for edge in edges:
        entries = edge["node"]["entries"]["edges"]
        entered = sum((amount(one["node"]["amount"]) for one in entries), Decimal(0))
        assert entered == amount(edge["node"]["spent"])
    return {edge["node"]["name"]: amount(edge["node"]["spent"]) for edge in edges}


async def nothing_happened(cast: Cast) -> None:
    """No order, no stock reserved, nothing spent, no use of the promotion."""
    assert (await cast.manager.run(PAPERS))["orders"]["edges"] == []
    for seller in cast.sellers.values():
        assert {one[2] for one in (await stock_of(seller)).values()} == {Decimal(0)}
        assert (await seller.run(SOLD))["sellerOrders"]["edges"] == []
    found = await spent(cast, cast.main) | await spent(cast, cast.second)
    assert set(found.values()) == {Decimal(0)}
    assert await uses(cast) == 0


async def act_for(person: Colleague, entity: str) -> None:
    """Act for another legal entity: orders are those of the one that somebody acts for."""
    await person.make("switchLegalEntity",
                      "SwitchLegalEntityPayload { viewer { legalEntity { id } } }",
                      legalEntityId=entity)  # fmt: skip


async def uses(cast: Cast) -> int:
    """How many orders used the promotion."""
    found = await cast.sellers["W"].run(
        "query ($id: ID!) { node(id: $id) { ... on Promotion { orderCount } } }", id=cast.promotion
    )
    return int(found["node"]["orderCount"])


async def agreed(cast: Cast, carts: list[str], held: dict[str, list[Bought]]) -> None:
    """Submit both carts of the entity; a price rises; one is agreed to by link, one by hand."""
    approvals = []
    for cart in carts[:2]:
        made = await cast.manager.make("submitCart", f"ApprovalPayload {{ {APPROVAL} }}",
                                       cartId=cart, note="For December")  # fmt: skip
        assert (made["status"], made["requestedBy"]["name"]) == ("PENDING", "Manager")
        assert "“Works, all”" in made["reasons"][0], made["reasons"]
        approvals.append(made)
    waiting = await cast.manager.do("placeOrder", ORDERED, cartIds=carts)
    assert (waiting["code"], waiting["pendingApprovalId"] in [one["id"] for one in approvals]) == (
        "APPROVAL_REQUIRED", True,
    )  # fmt: skip
    token = await cast.approver.letter_with_code("“Pasted list”")

    article = number(*RAISED)
    await cast.sellers["W"].make("updateOffer", "OfferPayload { offer { id } }",
                                 offerId=cast.offer(*RAISED), listPrice=str(RAISED_TO))  # fmt: skip
    shown = (await cast.approver.run(BY_LINK, token=token))["approvalByLink"]
    drifted = [line for line in shown["lines"] if line["priceChanged"]]
    assert [(one["articleNumber"], one["unitPrice"]["amount"], one["unitPriceNow"]["amount"])
            for one in drifted] == [(article, "32.13", "52.13")]  # fmt: skip
    parts = reckon(held[carts[0]], main_entity=True)
    [total] = shown["totals"]
    assert amount(total["netNow"]) == sum((part.net for part in parts.values()), Decimal(0))
    # 4 × 20 dearer, less the promotion's 7.5 %
    assert (amount(total["netNow"]) - amount(total["net"]), total["risen"]) == (Decimal(74), True)
    why = (await cast.approver.run(EXPLAIN, offer=cast.offer("S", 1), quantity="12",
                                   entity=cast.main))["explainPrice"]  # fmt: skip
    assert why["price"]["unitPrice"]["amount"] == "19.5"  # 20.53 − 5 % to the nearest 0.05
    assert [(one["source"], one["priceList"]) for one in why["candidates"]] == [
        ("COMPANY_LIST", None), ("LIST", None),
    ]  # fmt: skip

    by_link = "DecideApprovalByLinkPayload { approved } ... on PriceDrift { then now }"
    nobody = Colleague(cast.market, "nobody@example.test")
    drift = await nobody.do("decideApprovalByLink", by_link, token=token, approve=True)
    assert (drift["code"], Decimal(drift["now"]) - Decimal(drift["then"])) == ("PRICE_DRIFT", 74)
    own = await cast.manager.do("approveCart", "ApprovalPayload { approval { id } }",
                                approvalId=approvals[1]["id"])  # fmt: skip
    assert own["code"] in ("OWN_APPROVAL", "FORBIDDEN")
    await nothing_happened(cast)
    done = await nobody.do("decideApprovalByLink", by_link, token=token, approve=True,
                           acceptPriceChanges=True)  # fmt: skip
    assert done.get("approved") is True, done
    twice = await nobody.do("decideApprovalByLink", by_link, token=token, approve=False,
                            reason="Changed my mind")  # fmt: skip
    assert twice["code"] in ("INVALID_TOKEN", "ALREADY_DECIDED")
    waiting = await cast.manager.do("placeOrder", ORDERED, cartIds=carts, acceptPriceChanges=True)
    assert (waiting["code"], waiting["pendingApprovalId"]) == (
        "APPROVAL_REQUIRED", approvals[1]["id"],
    )  # fmt: skip
    approved = await cast.approver.make("approveCart", f"ApprovalPayload {{ {APPROVAL} }}",
                                        approvalId=approvals[1]["id"])  # fmt: skip
    assert approved["status"] == "APPROVED"
    await nothing_happened(cast)


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


async def test_buying_as_professionals_do(market: PostedMarketplace) -> None:
    cast = await opened(market)
    secret = cast.offers["N"]["SECRET-1"]
    assert (await shows(cast.manager, secret), await shows(cast.stranger, secret)) == (False, True)
    carts, held = await three_carts(cast, pasted_list())

    refused = await cast.manager.do("placeOrder", ORDERED, cartIds=carts)
    assert refused["code"] == "APPROVAL_REQUIRED", refused
    assert "“Works, all”" in refused["reasons"][0], refused
    assert [one["name"] for one in refused["approvers"]] == ["Approver"]
    await nothing_happened(cast)
    await agreed(cast, carts, held)

    # two colleagues order the same carts at once
    both = await asyncio.gather(*(
        person.do("placeOrder", ORDERED, cartIds=order, acceptPriceChanges=True, poNumber="PO-77")
        for person, order in ((cast.manager, carts), (cast.colleague, carts[::-1]))
    ))  # fmt: skip
    assert Counter(one["__typename"] for one in both) == {
        "PlaceOrderPayload": 1, "CartAlreadyOrdered": 1,
    }, both  # fmt: skip
    [placed] = [one for one in both if one["__typename"] == "PlaceOrderPayload"]
    orders = {one["legalEntityName"]: one for one in placed["orders"]}
    for name, entity in (("Works Trade LLC", cast.second), ("Works LLC", cast.main)):
        order = orders[name]
        assert not await shows(cast.manager, order["id"])
        await act_for(cast.manager, entity)
        found = (await cast.manager.run(PARTS, id=order["id"]))["node"]["sellerOrders"]
        order["sellerOrders"] = [
            (await cast.manager.run(PART, id=part["id"]))["node"] for part in found
        ]
    [late] = [one for one in both if one["__typename"] == "CartAlreadyOrdered"]
    assert late["number"] in [one["number"] for one in placed["orders"]]
    main = reckon(held[carts[0]] + held[carts[1]], main_entity=True)
    trade = reckon(held[carts[2]], main_entity=False)
    assert set(orders) == {"Works LLC", "Works Trade LLC"}
    compare(orders["Works LLC"], main, ("Pasted list",))
    compare(orders["Works Trade LLC"], trade, ("Trade",))
    assert len(orders["Works LLC"]["approvalIds"]) == 2
    await effects(cast, orders, held, main, trade)
    await papers(cast, orders)
    await strangers_see_nothing(cast, carts, orders)
    assert "FAIL" not in await command("doctor", home=market.home)


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
    """The worker's invoices, one a seller order, and everybody's letters."""

    async def invoiced() -> Any:
        edges = []
        for entity in (cast.second, cast.main):
            await act_for(cast.manager, entity)
            edges += (await cast.manager.run(PAPERS))["orders"]["edges"]
        parts = [part for edge in edges for part in edge["node"]["sellerOrders"]]
        return parts if all(one["invoice"] and one["invoice"]["url"] for one in parts) else None

    parts = {part["id"]: part for part in await eventually(invoiced, "the invoices")}
    assert len({part["invoice"]["id"] for part in parts.values()}) == len(parts) == 6
    for part in orders["Works LLC"]["sellerOrders"]:
        printed = await cast.manager.http.get(parts[part["id"]]["invoice"]["url"])
        assert printed.headers["content-type"] == PDF
        pages = PdfReader(io.BytesIO(printed.content)).pages
        text = " ".join(" ".join(page.extract_text() for page in pages).split())
        for words in (part["number"], "Works LLC", "PO-77", f"{amount(part['gross']):,}"):
            assert words in text, (words, part["sellerName"], text)
        promoted = part["sellerName"] == SELLERS["W"]
        assert ("Autumn sale" in text) == promoted
        both = part["sellerName"] in (SELLERS["W"], SELLERS["N"])
        assert ("Zavodskaya 5" in text, "Tverskaya 1" in text) == (True, both)
        delivery = amount(part["deliveryNet"])
        assert (f"{delivery:,.2f}" in text) == (delivery > 0), (delivery, text)

    def all_letters() -> bool:
        mine = [text_of(one) for one in cast.market.letters(cast.manager.email)]
        placed = placed_by(cast, orders)
        own = [text_of(one) for one in cast.market.letters(placed)]
        return (
            all(any(n["invoice"]["number"] in one for one in own) for n in parts.values())
            and sum("approved your cart" in one for one in mine) == 2
            and all(
                any(part["number"] in text_of(one) for one in cast.market.letters(seller.email))
                for letter, seller in cast.sellers.items()
                for part in parts.values()
                if part["sellerName"] == SELLERS[letter]
            )
        )

    await eventually(all_letters, "everybody's letters")
    assert len([one for one in cast.market.letters(cast.approver.email)
                if "asks you to approve" in str(one["subject"])]) == 2  # fmt: skip


def placed_by(cast: Cast, orders: dict[str, Any]) -> str:
    """The address of the colleague who was first."""
    name = orders["Works LLC"]["placedBy"]
    return {"Manager": cast.manager, "Colleague": cast.colleague}[name].email


async def strangers_see_nothing(cast: Cast, carts: list[str], orders: dict[str, Any]) -> None:
    """For another company none of it exists; no letter reached it after its own first one."""
    hidden = [*carts, cast.promotion, cast.plant]
    for order in orders.values():
        hidden += [order["id"], *order["approvalIds"]]
        hidden += [part["id"] for part in order["sellerOrders"]]
    for one in hidden:
        assert not await shows(cast.stranger, one)
    seen = await cast.stranger.run(
        "{ orders { edges { node { id } } } carts { edges { node { id } } }"
        " budgets { edges { node { id } } } buyerAliases { edges { node { id } } }"
        " deliveryAddresses { id } cart { lines { id } } }"
    )
    assert seen["orders"]["edges"] == seen["carts"]["edges"] == seen["budgets"]["edges"] == []
    assert seen["buyerAliases"]["edges"] == seen["deliveryAddresses"] == []
    assert len(cast.market.letters(cast.stranger.email)) == 1
    for letter, other in (("N", "S"), ("E", "W")):
        mine = [one["id"] for order in orders.values() for one in order["sellerOrders"]
                if one["sellerName"] == SELLERS[letter]]  # fmt: skip
        assert [await shows(cast.sellers[other], one) for one in mine] == [False] * len(mine)
