"""What can be wrong with one line of an imported file, in words the sender can act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SHOWN_VALUE_LENGTH = 80


class ProblemCode(StrEnum):
    """Kinds of refusal of a line; stable, part of the public schema."""

    BROKEN_LINE = "BROKEN_LINE"
    UNREADABLE_CHARACTERS = "UNREADABLE_CHARACTERS"
    LINE_TOO_LONG = "LINE_TOO_LONG"
    WRONG_CELL_COUNT = "WRONG_CELL_COUNT"
    FORMULA_WITHOUT_VALUE = "FORMULA_WITHOUT_VALUE"
    CELL_ERROR = "CELL_ERROR"
    MISSING = "MISSING"
    TOO_LONG = "TOO_LONG"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    AMBIGUOUS_NUMBER = "AMBIGUOUS_NUMBER"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    TOO_MANY_DECIMALS = "TOO_MANY_DECIMALS"
    NOT_WHOLE = "NOT_WHOLE"
    UNKNOWN_CURRENCY = "UNKNOWN_CURRENCY"
    CURRENCY_CONFLICT = "CURRENCY_CONFLICT"
    UNKNOWN_UNIT = "UNKNOWN_UNIT"
    BAD_GTIN = "BAD_GTIN"
    BAD_DATE = "BAD_DATE"
    BAD_ATTRIBUTES = "BAD_ATTRIBUTES"
    DUPLICATE_LINE = "DUPLICATE_LINE"
    NOT_FOUND = "NOT_FOUND"
    AMBIGUOUS_ARTICLE = "AMBIGUOUS_ARTICLE"
    OTHER_CURRENCY = "OTHER_CURRENCY"
    OFFER_IN_OTHER_CURRENCY = "OFFER_IN_OTHER_CURRENCY"
    TOO_MANY_TIERS = "TOO_MANY_TIERS"


@dataclass(frozen=True, slots=True)
class LineProblem:
    """One refusal: its kind, the field it concerns (None: the whole line), the value as sent.

    `detail` completes the sentence: a limit, a cell's name, the line first seen. Texts longer than
    `SHOWN_VALUE_LENGTH` are cut when the record is made, so that a report stays readable.
    """

    code: ProblemCode
    field: str | None = None
    value: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        if len(self.value) > SHOWN_VALUE_LENGTH:
            object.__setattr__(self, "value", self.value[: SHOWN_VALUE_LENGTH - 1] + "…")

    def message(self, locale: str) -> str:
        """Return what is wrong, one sentence in `locale` (`ru`; anything else is English)."""
        return self._text(_REASONS, locale)

    def remedy(self, locale: str) -> str:
        """Return what the sender can do about it."""
        return self._text(_REMEDIES, locale)

    def _text(self, texts: Mapping[ProblemCode, tuple[str, str]], locale: str) -> str:
        english, russian = texts[self.code]
        template = russian if locale == "ru" else english
        return template.format(field=self.field or "", value=self.value, detail=self.detail)

    def to_json(self) -> dict[str, str | None]:
        """Return the record as it is stored with the staged line."""
        return {
            "code": self.code.value,
            "field": self.field,
            "value": self.value,
            "detail": self.detail,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, str | None]) -> LineProblem:
        """Rebuild a record from `to_json`. Raises `ValueError` for an unknown code."""
        return cls(
            code=ProblemCode(stored["code"] or ""),
            field=stored.get("field"),
            value=stored.get("value") or "",
            detail=stored.get("detail") or "",
        )


_C = ProblemCode

_REASONS: dict[ProblemCode, tuple[str, str]] = {
    _C.BROKEN_LINE: (
        "The quotation marks of the line do not match.",
        "Кавычки в строке не парные.",
    ),
    _C.UNREADABLE_CHARACTERS: (
        "The line has characters that the encoding {detail} does not have.",
        "В строке есть символы, которых нет в кодировке {detail}.",
    ),
    _C.LINE_TOO_LONG: (
        "The line is longer than {detail} KiB.",
        "Строка длиннее {detail} КиБ.",
    ),
    _C.WRONG_CELL_COUNT: (
        "The line has {value} cells, the header has {detail}.",
        "В строке ячеек: {value}, в заголовке: {detail}.",
    ),
    _C.FORMULA_WITHOUT_VALUE: (
        "Cell {detail} holds a formula without a stored result.",
        "В ячейке {detail} формула без сохранённого результата.",
    ),
    _C.CELL_ERROR: (
        "Cell {detail} holds the error {value}.",
        "В ячейке {detail} ошибка {value}.",
    ),
    _C.MISSING: ("{field} is empty.", "Поле {field} не заполнено."),
    _C.TOO_LONG: (
        "{field} is longer than {detail} characters.",
        "Поле {field} длиннее {detail} символов.",
    ),
    _C.NOT_A_NUMBER: ("{field} “{value}” is not a number.", "{field}: «{value}» — не число."),
    _C.AMBIGUOUS_NUMBER: (
        "{field} “{value}” can be read in two ways.",
        "{field}: «{value}» можно прочитать двояко.",
    ),
    _C.OUT_OF_RANGE: (
        "{field} “{value}” is outside the range {detail}.",
        "{field}: «{value}» вне диапазона {detail}.",
    ),
    _C.TOO_MANY_DECIMALS: (
        "{field} “{value}” has more than {detail} decimal places.",
        "{field}: «{value}» — больше {detail} знаков после запятой.",
    ),
    _C.NOT_WHOLE: (
        "{field} “{value}” is not a whole number.",
        "{field}: «{value}» — не целое число.",
    ),
    _C.UNKNOWN_CURRENCY: (
        "The currency “{value}” is not known.",
        "Валюта «{value}» неизвестна.",
    ),
    _C.CURRENCY_CONFLICT: (
        "The currency “{value}” contradicts the column name, which says {detail}.",
        "Валюта «{value}» противоречит названию столбца: {detail}.",
    ),
    _C.UNKNOWN_UNIT: ("The unit “{value}” is not known.", "Единица «{value}» неизвестна."),
    _C.BAD_GTIN: (
        "“{value}” is not a GTIN: its length or check digit is wrong.",
        "«{value}» — не штрихкод GTIN: неверна длина или контрольная цифра.",
    ),
    _C.BAD_DATE: ("{field} “{value}” is not a date.", "{field}: «{value}» — не дата."),
    _C.BAD_ATTRIBUTES: (
        "The attributes are not a JSON object of texts, numbers and yes/no values.",
        "Характеристики — не объект JSON из текстов, чисел и значений да/нет.",
    ),
    _C.DUPLICATE_LINE: (
        "The same article is already in line {detail} of this file.",
        "Этот же артикул уже есть в строке {detail} этого файла.",
    ),
    _C.NOT_FOUND: ("{field} “{value}” was not found.", "{field}: «{value}» не найдено."),
    _C.AMBIGUOUS_ARTICLE: (
        "The article “{value}” exists under several brands: {detail}.",
        "Артикул «{value}» есть у нескольких брендов: {detail}.",
    ),
    _C.OTHER_CURRENCY: (
        "The price is in {value}, the price list in {detail}.",
        "Цена указана в {value}, а прайс-лист ведётся в {detail}.",
    ),
    _C.OFFER_IN_OTHER_CURRENCY: (
        "The article is sold in {value}, the price list is in {detail}.",
        "Артикул продаётся в {value}, а прайс-лист ведётся в {detail}.",
    ),
    _C.TOO_MANY_TIERS: (
        "The article has more than {detail} prices by quantity.",
        "У артикула больше {detail} цен в зависимости от количества.",
    ),
}

_REMEDIES: dict[ProblemCode, tuple[str, str]] = {
    _C.BROKEN_LINE: (
        "Put the text in quotes and double every quote inside it.",
        "Заключите текст в кавычки, а кавычки внутри него удвойте.",
    ),
    _C.UNREADABLE_CHARACTERS: (
        "Save the file as CSV UTF-8, or choose its encoding.",
        "Сохраните файл в CSV UTF-8 или укажите кодировку.",
    ),
    _C.LINE_TOO_LONG: (
        "Shorten the texts, or check the quotes above this line.",
        "Сократите тексты или проверьте кавычки выше этой строки.",
    ),
    _C.WRONG_CELL_COUNT: (
        "Quote texts that contain the delimiter; leave empty cells empty, do not omit them.",
        "Тексты с разделителем заключите в кавычки; пустые ячейки не пропускайте.",
    ),
    _C.FORMULA_WITHOUT_VALUE: (
        "Open and save the file in a spreadsheet program, or paste the values.",
        "Откройте и сохраните файл в табличной программе или вставьте значения.",
    ),
    _C.CELL_ERROR: ("Correct the formula or type the value.", "Исправьте формулу или значение."),
    _C.MISSING: ("Fill in {field}.", "Заполните поле {field}."),
    _C.TOO_LONG: ("Shorten {field}.", "Сократите поле {field}."),
    _C.NOT_A_NUMBER: (
        "Write it with digits, for example 1250.50.",
        "Запишите цифрами, например 1250,50.",
    ),
    _C.AMBIGUOUS_NUMBER: (
        "Write it without thousands separators, or say which decimal separator the file uses.",
        "Уберите разделители тысяч или укажите десятичный разделитель файла.",
    ),
    _C.OUT_OF_RANGE: ("Give a value within {detail}.", "Укажите значение в пределах {detail}."),
    _C.TOO_MANY_DECIMALS: (
        "Round it to {detail} places.",
        "Округлите до {detail} знаков после запятой.",
    ),
    _C.NOT_WHOLE: ("Give a whole number.", "Укажите целое число."),
    _C.UNKNOWN_CURRENCY: (
        "Use an ISO 4217 code such as EUR, USD or RUB.",
        "Укажите код ISO 4217, например RUB, EUR или USD.",
    ),
    _C.CURRENCY_CONFLICT: (
        "Leave one of the two.",
        "Оставьте одно из двух.",
    ),
    _C.UNKNOWN_UNIT: (
        "Use a UN/ECE code such as PCE, KGM, MTR, LTR, or leave the cell empty.",
        "Укажите, например, шт, кг, м, л или упак, либо оставьте ячейку пустой.",
    ),
    _C.BAD_GTIN: (
        "Check the digits, or leave the cell empty; format the column as text.",
        "Проверьте цифры или оставьте ячейку пустой; задайте столбцу текстовый формат.",
    ),
    _C.BAD_DATE: ("Write it as 2026-01-31.", "Запишите как 31.01.2026 или 2026-01-31."),
    _C.BAD_ATTRIBUTES: (
        'Write them as {{"colour": "black", "width": 12.5}}, or leave the cell empty.',
        'Запишите как {{"цвет": "чёрный", "ширина": 12.5}} или оставьте ячейку пустой.',
    ),
    _C.DUPLICATE_LINE: (
        "Remove one of the two lines, or give them different external ids.",
        "Удалите одну из двух строк или укажите разные внешние коды.",
    ),
    _C.NOT_FOUND: (
        "Check the spelling; import the catalogue first.",
        "Проверьте написание; сначала загрузите каталог.",
    ),
    _C.AMBIGUOUS_ARTICLE: ("Add the column brand.", "Добавьте столбец «бренд»."),
    _C.OTHER_CURRENCY: (
        "Convert the prices, or choose a list in that currency.",
        "Пересчитайте цены или выберите прайс-лист в этой валюте.",
    ),
    _C.OFFER_IN_OTHER_CURRENCY: (
        "Put it into a list of its own currency.",
        "Перенесите его в прайс-лист в его валюте.",
    ),
    _C.TOO_MANY_TIERS: ("Leave out this line.", "Уберите эту строку."),
}
