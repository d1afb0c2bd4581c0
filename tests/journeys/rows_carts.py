"""How the fields of carts, shopping lists and delivery addresses are called."""

from __future__ import annotations

from decimal import Decimal

from entrepot.graphql.node import encode_id
from entrepot.platform.carts import service as carts
from entrepot.platform.carts.shopping_lists import service as lists
from entrepot.platform.carts.shopping_lists.models import ShoppingListLine
from entrepot.platform.clock import SystemClock
from entrepot.platform.database import fetch_value
from entrepot.platform.identity import addresses
from tests.journeys.rows import BUYERS, MEMBERS, Row, Victims, row

_ADDRESS = {"name": "Gate #", "country": "RU", "city": "Tula", "street": "Lenina 1"}
_LINE = {"lineId": "$secretLine", "quantity": "9", "costCenter": "C", "note": "n"}
_CART = {"cartId": "$secretCart", "name": "N", "poNumber": "1", "costCenter": "C", "note": "n"}
_FUTURE = "2030-01-01"

ROWS = {
    "carts": Row({"first": 50}, may=BUYERS),
    "createCart": row(BUYERS, name="Mine"),
    "updateCart": row(**_CART),
    "shareCart": row(cartId="$secretCart", userIds=["$colleague"], withAll=True),
    "unshareCart": row(cartId="$secretCart", userIds=["$colleague"], fromAll=True),
    "copyCart": row(cartId="$secretCart", name="Stolen"),
    "mergeCarts": row(cartIds=["$secretCart"], intoId="$cart"),
    "deleteCart": row(cartId="$secretCart"),
    "acceptCartChanges": row(cartId="$secretCart"),
    "shoppingLists": Row({"first": 50}, may=BUYERS),
    "shoppingList": Row({"id": "$shoppingList"}),
    "createShoppingList": row(BUYERS, name="Mine"),
    "updateShoppingList": row(listId="$shoppingList", name="Stolen", sharedWithAll=True),
    "deleteShoppingList": row(listId="$shoppingList"),
    "setShoppingListLine": row(listId="$shoppingList", offerId="$offer", quantity="9"),
    "removeShoppingListLine": row(lineId="$shoppingListLine"),
    "deliveryAddresses": Row(may=MEMBERS),
    "createDeliveryAddress": row(MEMBERS, **_ADDRESS),
    "updateDeliveryAddress": row(addressId="$address", name="Stolen"),
    "retireDeliveryAddress": row(addressId="$freeAddress"),
}
VALID = {
    "cart": {"id": "$secretCart"},
    "carts": {"legalEntityId": "$entity", "first": 50},
    "createCart": {"input": {"name": "N", "legalEntityId": "$entity", "sharedWithAll": True}},
    "updateCart": {"input": {**_CART, "wantedOn": _FUTURE, "deliveryAddressId": "$address"}},
    "copyCart": {"input": {"cartId": "$secretCart", "name": "N", "legalEntityId": "$entity"}},
    "addToCart": {
        "input": {
            "offerId": "$offer",
            "quantity": "1",
            "unit": "PCE",
            "cartId": "$secretCart",
            "costCenter": "C",
            "note": "n",
            "wantedOn": _FUTURE,
        }
    },
    "updateCartLine": {
        "input": {
            **_LINE,
            "wantedOn": _FUTURE,
            "deliveries": [{"addressId": "$address", "quantity": "2"}],
        }
    },
    "shoppingLists": {"legalEntityId": "$entity", "first": 50},
    "createShoppingList": {
        "input": {"name": "N #", "legalEntityId": "$entity", "sharedWithAll": True}
    },
    "deliveryAddresses": {"legalEntityId": "$entity"},
    "createDeliveryAddress": {
        "input": {
            **_ADDRESS,
            "postalCode": "300000",
            "recipient": "R",
            "phone": "1",
            "isDefault": True,
            "legalEntityId": "$entity",
        }
    },
    "updateDeliveryAddress": {
        "input": {
            **_ADDRESS,
            "addressId": "$address",
            "postalCode": "300000",
            "recipient": "R",
            "phone": "1",
            "isDefault": True,
        }
    },
}
UNTOLD = (
    "secretCart", "secretLine", "shoppingList", "shoppingListLine", "address", "freeAddress",
)  # fmt: skip
HIDDEN_NODES = ("secretCart", "shoppingList", "address")


async def build(victims: Victims) -> dict[str, str]:
    """A private cart that goes to an address, and a private shopping list."""
    buyer, clock = victims.buyer, SystemClock()
    draft = addresses.AddressDraft("SECRET gate", "RU", "SECRET city", "SECRET street")
    address = await addresses.create_address(buyer, draft)
    free = addresses.AddressDraft("SECRET door", "RU", "SECRET city", "SECRET street")
    unused = await addresses.create_address(buyer, free)
    cart = await carts.create(buyer, "SECRET cart")
    lines = [carts.NewCartLine(victims.shown.id, Decimal(2), note="SECRET note")]
    await carts.add_lines(buyer, cart, lines, clock=clock)
    terms = carts.CartTerms(po_number="SECRET-PO", delivery_address_id=address)
    await carts.update(buyer, cart, terms, clock=clock)
    line = await fetch_value("SELECT id FROM cart_line WHERE cart_id = $1", cart)
    listed = await lists.create(buyer, "SECRET shopping", clock=clock)
    await lists.set_line(buyer, listed, victims.shown.id, Decimal(3), "SECRET note")
    entry = await ShoppingListLine.get(shopping_list_id=listed)
    return {
        "address": encode_id("DeliveryAddress", address),
        "freeAddress": encode_id("DeliveryAddress", unused),
        "secretCart": encode_id("Cart", cart),
        "secretLine": encode_id("CartLine", line),
        "shoppingList": encode_id("ShoppingList", listed),
        "shoppingListLine": encode_id("ShoppingListLine", entry.id),
    }
