"""Why prices could not be imported."""

from __future__ import annotations

from entrepot.platform.errors import DomainError


class PriceListNotFixed(DomainError):
    """The list takes its prices from another by a rule: it has none of its own to set."""

    code = "PRICE_LIST_NOT_FIXED"
    en = "“{name}” is computed by a rule. Change its base list, or make a fixed list."
    ru = "«{name}» вычисляется по правилу. Измените исходный прайс-лист или создайте обычный."
    name: str
