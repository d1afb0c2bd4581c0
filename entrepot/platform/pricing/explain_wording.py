"""The sentences of an explanation, in English and Russian."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from entrepot.platform.pricing.explain_rules import Candidate, Outcome
from entrepot.platform.pricing.list_rules import PriceRule, Rounding
from entrepot.platform.pricing.rules import Resolution
from entrepot.platform.quantities import plain

_SENTENCES = {
    Outcome.WINS: (
        "It applies: no other list comes before it.",
        "Применяется: ни один другой прайс-лист не стоит выше.",
    ),
    Outcome.INACTIVE: ("The list is switched off.", "Прайс-лист отключён."),
    Outcome.OTHER_CURRENCY: (
        "The list is in {list_currency}, the offer in {currency}.",
        "Прайс-лист в валюте {list_currency}, предложение в {currency}.",
    ),
    Outcome.OTHER_REGION: (
        "The list is not for buyers in {country}.",
        "Прайс-лист не для покупателей из {country}.",
    ),
    Outcome.NOT_YET_VALID: (
        "The list is in force from {valid_from} on.",
        "Прайс-лист начнёт действовать {valid_from}.",
    ),
    Outcome.EXPIRED: (
        "The list was in force until {valid_until}.",
        "Прайс-лист действовал до {valid_until}.",
    ),
    Outcome.NO_PRICE: (
        "The list has no price for this offer.",
        "В прайс-листе нет цены этого предложения.",
    ),
    Outcome.BELOW_TIER: (
        "Its prices begin at a quantity of {minimum}; you asked about {quantity}.",
        "Цены в нём начинаются от {minimum}, а вопрос о количестве {quantity}.",
    ),
    Outcome.BELOW_ORDER_VALUE: (
        "It asks for an order of at least {least} {currency} net; this line is worth {value}.",
        "Он для заказов от {least} {currency} без налога, а эта строка стоит {value}.",
    ),
    Outcome.LOWER_LEVEL: (
        "A list of the company or legal entity comes before one of a group.",
        "Прайс-лист компании или юридического лица важнее прайс-листа группы.",
    ),
    Outcome.LOWER_PRIORITY: (
        "Another list of the same level has a higher priority.",
        "У другого прайс-листа того же уровня приоритет выше.",
    ),
    Outcome.DEARER: (
        "Another list of the same level and priority is cheaper.",
        "Другой прайс-лист того же уровня и приоритета дешевле.",
    ),
    Outcome.SAME_PRICE: (
        "An older list of the same level and priority has the same price.",
        "У более старого прайс-листа того же уровня и приоритета такая же цена.",
    ),
}
_LIST_PRICE = {
    Outcome.WINS: (
        "It applies: no price list does.",
        "Применяется: ни один прайс-лист не подходит.",
    ),
    Outcome.LOWER_LEVEL: (
        "A price list comes before the list price.",
        "Прайс-лист важнее общей цены.",
    ),
}
_ROUNDED: dict[Rounding, tuple[str, str]] = {
    "none": ("", ""),
    "to_99": (", rounded to .99", ", округление до ,99"),
    "to_05": (", rounded to 0.05", ", округление до 0,05"),
    "to_whole": (", rounded to whole", ", округление до целого"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an explanation is about, as its sentences name it."""

    quantity: Decimal
    currency: str
    country: str
    time_zone: str
    line_value: Decimal


def _day(moment: datetime | None, asked: Asked, locale: str) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(asked.time_zone))
    return local.strftime("%d.%m.%Y %H:%M" if locale == "ru" else "%Y-%m-%d %H:%M")


def reason_of(candidate: Candidate, asked: Asked, locale: str) -> str:
    """Return one sentence on why the candidate applies or not."""
    russian = locale == "ru"
    given = candidate.given
    if given is None:
        return _LIST_PRICE[candidate.outcome][russian]
    return _SENTENCES[candidate.outcome][russian].format(
        currency=asked.currency,
        list_currency=given.currency,
        country=asked.country,
        valid_from=_day(given.valid_from, asked, locale),
        valid_until=_day(given.valid_until, asked, locale),
        minimum=plain(candidate.tier_minimum or Decimal(0)),
        quantity=plain(asked.quantity),
        least=plain(given.min_order_value or Decimal(0)),
        value=plain(asked.line_value),
    )


def sellers_reason(winner: Resolution, name: str | None, locale: str) -> str:
    """Return the sentence on the winning price for the seller, who knows the list by name."""
    russian = locale == "ru"
    if name is None:
        return (
            "Общая цена предложения: ни один прайс-лист покупателя не подходит."
            if russian
            else "The offer's list price: none of the buyer's price lists applies."
        )
    minimum = winner.tier_minimum
    group = winner.source == "group_list"
    if russian:
        whose = "группы покупателя" if group else "покупателя"
        return f"Прайс-лист {whose} «{name}»{f', от {plain(minimum)}' if minimum else ''}."
    whose = "the buyer's group" if group else "the buyer"
    return f"The price list “{name}” of {whose}{f', from {plain(minimum)} on' if minimum else ''}."


def rule_in_words(rule: PriceRule | None, locale: str) -> str:
    """Return what a step of a chain does, such as `-10 %, rounded to .99`; empty at its start."""
    if rule is None:
        return ""
    if rule.percent is not None:
        change = f"{_signed(rule.percent)} %"
    else:
        change = _signed(rule.amount or Decimal(0))
    return change + _ROUNDED[rule.rounding][locale == "ru"]


def _signed(value: Decimal) -> str:
    return plain(value) if value < 0 else f"+{plain(value)}"
