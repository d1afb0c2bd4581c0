"""Why a cart could not be changed."""

from __future__ import annotations

from entrepot.platform.errors import DomainError


class CartFull(DomainError):
    """The cart holds as many lines as it may."""

    code = "CART_FULL"
    en = "The cart holds {limit} lines, the most it may. Order these first."
    ru = "В корзине {limit} строк — это предел. Сначала оформите их."
    limit: int
