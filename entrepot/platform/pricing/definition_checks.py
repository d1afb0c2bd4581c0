"""What price lists and promotions take alike: countries of buyers, priorities, currencies. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from entrepot.platform.errors import InvalidInput
from entrepot.platform.money import MINOR_DIGITS

MAX_PRIORITY = 1_000_000
MAX_REGIONS = 250
_COUNTRY = re.compile(r"[A-Z]{2}")


def clean_regions(regions: Iterable[str]) -> list[str]:
    """Return the countries in capitals, each once, sorted. Raises `InvalidInput`."""
    cleaned = {region.strip().upper() for region in regions}
    if len(cleaned) > MAX_REGIONS:
        raise InvalidInput("regions", f"at most {MAX_REGIONS}", f"не более {MAX_REGIONS}")
    if not all(_COUNTRY.fullmatch(region) for region in cleaned):
        raise InvalidInput(
            "regions",
            "two letters each, ISO 3166-1, such as RU or DE",
            "коды из двух букв, например RU",
        )
    return sorted(cleaned)


def check_priority(priority: int) -> None:
    """Raise `InvalidInput` unless the priority is within its bounds."""
    if abs(priority) > MAX_PRIORITY:
        raise InvalidInput(
            "priority",
            f"must be within ±{MAX_PRIORITY}",
            f"должен быть в пределах ±{MAX_PRIORITY}",
        )


def check_currency(currency: str) -> None:
    """Raise `InvalidInput` unless the currency is a known one."""
    if currency not in MINOR_DIGITS:
        raise InvalidInput(
            "currency", "must be a known ISO 4217 code", "нужен известный код ISO 4217"
        )
