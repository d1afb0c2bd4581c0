"""How professionals buy: two legal entities, three carts, a pasted list, approval above the budget.

A real web server, worker, PostgreSQL, Redis and search engine, letters over SMTP, HTTP only. The
amounts are reckoned beside it by `professional_market`, with Decimals, from the documentation.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.journeys.marketplace import command
from tests.journeys.professional_aftermath import (
    act_for,
    compare,
    effects,
    letters,
    nothing_happened,
    papers,
    strangers_see_nothing,
)
from tests.journeys.professional_carts import three_carts
from tests.journeys.professional_market import (
    RAISED,
    RAISED_TO,
    Bought,
    number,
    pasted_list,
    reckon,
)
from tests.journeys.professional_opening import Cast, opened, shows
from tests.journeys.professional_people import (
    APPROVAL,
    BY_LINK,
    EXPLAIN,
    ORDERED,
    PART,
    PARTS,
    Colleague,
    Post,
    PostedMarketplace,
    amount,
)
from tests.running_processes import none_left


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
    why = (await cast.sellers["N"].run(EXPLAIN, offer=cast.offer("N", 1), quantity="42",
                                       entity=cast.main))["explainPrice"]  # fmt: skip
    # from 20 pieces 10.37 − 3, less 12.5 %: 6.44875, to the nearest .99
    assert why["candidates"][0] == {
        "source": "GROUP_LIST", "outcome": "WINS", "priceList": {"name": "Dealers −12.5 %"},
        "unitPrice": {"amount": "5.99"},
    }  # fmt: skip

    by_link = "DecideApprovalByLinkPayload { approved } ... on PriceDrift { then now }"
    nobody = Colleague(cast.market, "nobody@example.test")
    drift = await nobody.do("decideApprovalByLink", by_link, token=token, approve=True)
    assert (drift["code"], Decimal(drift["now"]) - Decimal(drift["then"])) == ("PRICE_DRIFT", 74)
    own = await cast.manager.do("approveCart", "ApprovalPayload { approval { id } }",
                                approvalId=approvals[1]["id"])  # fmt: skip
    assert own["code"] == "OWN_APPROVAL", own
    await nothing_happened(cast)
    done = await nobody.do("decideApprovalByLink", by_link, token=token, approve=True,
                           acceptPriceChanges=True)  # fmt: skip
    assert done.get("approved") is True, done
    twice = await nobody.do("decideApprovalByLink", by_link, token=token, approve=False,
                            reason="Changed my mind")  # fmt: skip
    assert twice["code"] == "INVALID_TOKEN", twice
    waiting = await cast.manager.do("placeOrder", ORDERED, cartIds=carts, acceptPriceChanges=True)
    assert (waiting["code"], waiting["pendingApprovalId"]) == (
        "APPROVAL_REQUIRED", approvals[1]["id"],
    )  # fmt: skip
    approved = await cast.approver.make("approveCart", f"ApprovalPayload {{ {APPROVAL} }}",
                                        approvalId=approvals[1]["id"])  # fmt: skip
    assert approved["status"] == "APPROVED"
    await nothing_happened(cast)


async def test_buying_as_professionals_do(market: PostedMarketplace) -> None:
    cast = await opened(market)
    secret = cast.offers["N"]["SECRET-1"]
    assert (await shows(cast.manager, secret), await shows(cast.stranger, secret)) == (False, True)
    carts, held = await three_carts(cast, pasted_list())
    for cart in carts:
        seen = [await shows(one, cart) for one in (cast.manager, cast.colleague, cast.stranger)]
        assert seen == [True, True, False]

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
    await letters(cast, orders)
    await strangers_see_nothing(cast, carts, orders)
    assert "FAIL" not in await command("doctor", home=market.home)
