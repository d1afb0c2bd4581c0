"""What is said of a line, in the reader's language: what was found, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from entrepot.platform.carts.quick_order.amounts import AmountProblem
from entrepot.platform.carts.quick_order.outcomes import MatchedBy, MatchedLine, Outcome
from entrepot.platform.carts.quick_order.parsing import LineProblem
from entrepot.platform.catalog.unit_names import unit_name
from entrepot.platform.quantities import plain

_FOUND: Final[Mapping[MatchedBy, tuple[str, str]]] = {
    MatchedBy.EXACT: ("Found by its number.", "Найдено по номеру."),
    MatchedBy.NORMALIZED: (
        "Found by its number, written differently.",
        "Найдено по номеру в другом написании.",
    ),
    MatchedBy.BUYER_ALIAS: ("Found by your own number.", "Найдено по вашему артикулу."),
    MatchedBy.CROSS_REFERENCE: (
        "Another article can stand in for it.",
        "Есть товар, который его заменяет.",
    ),
}
_PROBLEMS: Final[Mapping[str, tuple[str, str]]] = {
    LineProblem.NO_ARTICLE: ("The line names no article.", "В строке не указан артикул."),
    LineProblem.LINE_TOO_LONG: (
        "The line is longer than 1000 characters.",
        "Строка длиннее 1000 знаков.",
    ),
    LineProblem.NUMBER_TOO_LONG: (
        "The article number is longer than 255 characters.",
        "Артикул длиннее 255 знаков.",
    ),
    LineProblem.UNREADABLE: (
        "The line of the file cannot be read: quotes do not close, or characters are broken.",
        "Строка файла не читается: не закрыты кавычки или испорчены знаки.",
    ),
    AmountProblem.NOT_A_NUMBER: (
        "“{given}” is not a quantity.",
        "«{given}» — не количество.",
    ),
    AmountProblem.AMBIGUOUS_NUMBER: (
        "“{given}” may mean thousands or decimals. Write it without the comma.",
        "«{given}» можно понять как тысячи или как дробь. Запишите без запятой.",
    ),
    AmountProblem.NOT_POSITIVE: (
        "A quantity must be above zero, not “{given}”.",
        "Количество должно быть больше нуля, а не «{given}».",
    ),
    AmountProblem.TOO_LARGE: (
        "“{given}” is more than can be ordered at once (1000000000).",
        "«{given}» больше, чем можно заказать за раз (1000000000).",
    ),
    AmountProblem.TOO_MANY_DECIMALS: (
        "“{given}” has more than 3 decimal places.",
        "В «{given}» больше трёх знаков после запятой.",
    ),
    AmountProblem.UNKNOWN_UNIT: ("There is no unit “{given}”.", "Нет единицы «{given}»."),
}


def reason_of(line: MatchedLine, locale: str) -> str:
    """Return what is to be said of the line, in one to three sentences."""
    details = line.details
    russian = locale == "ru"
    if line.merged_into is not None:
        number = line.merged_into
        return f"Учтено в строке {number}." if russian else f"Counted in line {number}."
    parts = [_main(line, locale)]
    if line.outcome is not Outcome.INVALID and line.offer_id is not None:
        parts.append(_changed(line, locale))
    if details.get("merged"):
        numbers = ", ".join(str(one) for one in details["merged"])
        parts.append(f"Со строками {numbers}." if russian else f"With the lines {numbers}.")
    return " ".join(part for part in parts if part)


def _main(line: MatchedLine, locale: str) -> str:
    at = 1 if locale == "ru" else 0
    if line.outcome is Outcome.INVALID:
        return _refused(line, locale)
    if line.outcome is Outcome.NOT_FOUND:
        some = bool(line.details.get("suggestions"))
        if locale == "ru":
            return f"«{line.number}» не найдено." + (" Похожие предложены." if some else "")
        return f"“{line.number}” was not found." + (" Similar ones are suggested." if some else "")
    if line.outcome is Outcome.AMBIGUOUS:
        count = len(line.details.get("candidates", ()))
        if locale == "ru":
            return f"Под этим номером товаров: {count}. Выберите нужный."
        return f"{count} articles have this number. Choose one."
    if line.details.get("other_seller"):
        return (
            "The offer is not sold any more; another seller has the article.",
            "Предложение снято; этот товар есть у другого продавца.",
        )[at]
    if "replaces" in line.details:
        return (
            "The article is not sold any more; this one has taken its place.",
            "Товар больше не продаётся; его сменил этот.",
        )[at]
    stands_in = line.details.get("stands_in")
    if stands_in:
        return (f"It can stand in for {stands_in}.", f"Заменяет {stands_in}.")[at]
    return _FOUND[line.matched_by][at] if line.matched_by else ""


def _refused(line: MatchedLine, locale: str) -> str:
    details = line.details
    at = 1 if locale == "ru" else 0
    problem = details.get("problem", "")
    if problem == "UNIT_NOT_SOLD":
        unit, counted = (unit_name(details[k], locale) for k in ("given", "product_unit"))
        if locale == "ru":
            return f"Товар не продаётся в единицах «{unit}», он считается в «{counted}»."
        return f"The article is not sold by “{unit}”; it is counted in “{counted}”."
    if problem not in _PROBLEMS:
        return ""
    said = _PROBLEMS[problem][at].replace("{given}", str(details.get("given", "")))
    meant = _meant(details, locale)
    if not meant:
        return said
    return f"{said} " + (f"Имелось в виду {meant}?" if locale == "ru" else f"Was it {meant}?")


def _meant(details: Mapping[str, Any], locale: str) -> str:
    unit = details.get("meant_unit")
    words = [details.get("meant", ""), unit_name(unit, locale) if unit else ""]
    return " ".join(word for word in words if word)


def _changed(line: MatchedLine, locale: str) -> str:
    """What became of the quantity: converted, rounded, limited, short."""
    details = line.details
    unit = unit_name(details.get("product_unit", ""), locale)
    parts: list[str] = []
    wanted = details.get("wanted")
    alone = not details.get("merged")
    if wanted and alone and line.quantity is not None and line.unit is not None:
        written = unit_name(line.unit, locale)
        if Decimal(wanted) != line.quantity or line.unit != details.get("product_unit"):
            parts.append(f"{plain(line.quantity)} {written} = {wanted} {unit}.")
    check = details.get("check")
    if check is not None:
        parts.append(f"{wanted} → {check['proposed']}: {_LIMITS[check['problem']](check, locale)}.")
    if line.outcome is Outcome.SHORT:
        available = details.get("available", "0")
        some = bool(details.get("alternatives"))
        if locale == "ru":
            parts.append(f"В наличии {available} {unit}." + (" Есть у других." if some else ""))
        else:
            others = " Other sellers have the article." if some else ""
            parts.append(f"{available} {unit} in stock.{others}")
    return " ".join(parts)


_LIMITS: Final[Mapping[str, Callable[[Mapping[str, Any], str], str]]] = {
    "PACK_ROUNDED": lambda check, locale: (
        f"кратно {check['sold_by']}" if locale == "ru" else f"sold by {check['sold_by']}"
    ),
    "BELOW_MINIMUM": lambda check, locale: (
        f"не менее {check['smallest']}" if locale == "ru" else f"at least {check['smallest']}"
    ),
    "ABOVE_MAXIMUM": lambda check, locale: (
        f"не более {check['largest']}" if locale == "ru" else f"at most {check['largest']}"
    ),
}
