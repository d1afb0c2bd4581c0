"""How the fields of sourcing are called."""

from __future__ import annotations

from typing import Any

from tests.journeys.rows import BUYERS, row

ROWS = {
    "proposeSourcing": row(BUYERS, lines=[{"productId": "$product", "quantity": "2"}]),
    "applySourcing": row(cartId="$cart", splits=[{"offerId": "$offer", "quantity": "2"}]),
}
VALID: dict[str, dict[str, Any]] = {
    "proposeSourcing": {
        "input": {
            "cartId": "$cart",
            "lines": [],
            "maxSellers": 2,
            "deliverWithinDays": 30,
            "currency": "RUB",
        }
    },
}
