"""How the carts of the story are filled: a pasted list of 500 lines, and by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.journeys.professional_market import SELLERS, Bought, Pasted, number
from tests.journeys.professional_opening import Cast
from tests.journeys.professional_people import CONFIRMED, QUICK_ORDER, Colleague

CART = "CartPayload { cart { id name lines { id articleNumber } } }"


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
