"""Fixed words of invoices and pro formas, and figures and dates as each language writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "invoice": "Invoice",
        "title": "Invoice {number}",
        "pro_forma": "Pro forma",
        "pro_forma_title": "Pro forma {number}",
        "bill_to": "Bill to",
        "issued": "Issued",
        "due_date": "Payment due",
        "order": "Order",
        "po": "Your reference",
        "currency": "Currency",
        "net": "Total without tax",
        "vat": "VAT {rate} % of {net}",
        "gross": "Total",
        "due": "Amount due",
        "terms": "Payment terms",
        "terms_days": "Payable within {days} days, by {date}",
        "terms_now": "Payable on receipt",
        "terms_reference": "Please state {number} with your payment",
        "terms_paid": "Paid in advance on {date}",
        "terms_advance": "Payable in advance, by {date}",
        "terms_payee": "Pay to {payee}",
        "terms_reserved": "The goods are reserved until then; the seller starts when you have paid",
        "terms_not_invoice": "Not a tax invoice; that follows your payment",
        "deliver_to": "Deliver to",
        "delivery": "Delivery",
        "cost_center": "Cost centre",
        "line_cost_center": "Cost centre {cost_center}",
        "discount": "Discount {amount}",
        "discount_named": "Discount {amount}: {names}",
        "line_delivery": "{quantity} {unit} to address {place}",
        "page": "Page",
        "of": "of",
        "tax_id": "VAT No. {tax_id}",
        "footer": "{number} · {seller}",
    },
    "ru": {
        "invoice": "Счёт",
        "title": "Счёт № {number}",
        "pro_forma": "Счёт на оплату",
        "pro_forma_title": "Счёт на оплату № {number}",
        "bill_to": "Покупатель",
        "issued": "Дата",
        "due_date": "Оплатить до",
        "order": "Заказ",
        "po": "Ваш номер",
        "currency": "Валюта",
        "net": "Итого без НДС",
        "vat": "НДС {rate} % от {net}",
        "gross": "Всего с НДС",
        "due": "К оплате",
        "terms": "Условия оплаты",
        "terms_days": "Оплата в течение {days} дн., до {date}",
        "terms_now": "Оплата по получении",
        "terms_reference": "В назначении платежа укажите {number}",
        "terms_paid": "Оплачено авансом {date}",
        "terms_advance": "Предоплата до {date}",
        "terms_payee": "Получатель: {payee}",
        "terms_reserved": "До этого дня товар в резерве; продавец приступит после оплаты",
        "terms_not_invoice": "Не является налоговым документом: он последует за оплатой",
        "deliver_to": "Доставка",
        "delivery": "Доставка",
        "cost_center": "Центр затрат",
        "line_cost_center": "Центр затрат {cost_center}",
        "discount": "Скидка {amount}",
        "discount_named": "Скидка {amount}: {names}",
        "line_delivery": "{quantity} {unit} по адресу {place}",
        "page": "Страница",
        "of": "из",
        "tax_id": "Налоговый номер {tax_id}",
        "footer": "{number} · {seller}",
    },
}
COLUMNS = {
    "en": ("No.", "Article", "Description", "Quantity", "Unit", "Unit price", "VAT", "Net amount"),
    "ru": ("№", "Артикул", "Наименование", "Кол-во", "Ед.", "Цена", "НДС", "Сумма без НДС"),
}
UNITS: dict[str, tuple[str, str]] = {
    "PCE": ("pcs", "шт"), "KGM": ("kg", "кг"), "GRM": ("g", "г"), "TNE": ("t", "т"),
    "MTR": ("m", "м"), "CMT": ("cm", "см"), "MMT": ("mm", "мм"), "MTK": ("m²", "м²"),
    "MTQ": ("m³", "м³"), "LTR": ("l", "л"), "MLT": ("ml", "мл"), "PK": ("pack", "уп"),
    "BX": ("box", "кор"), "SET": ("set", "компл"), "PR": ("pair", "пар"), "RO": ("roll", "рул"),
    "CEN": ("×100", "×100"), "MIL": ("×1000", "×1000"), "HUR": ("h", "ч"),
}  # fmt: skip
_MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"),
    "ru": ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
           "октября", "ноября", "декабря"),
}  # fmt: skip


def figure(value: Decimal, locale: str, least: int = 2) -> str:
    """Return the number with grouped thousands and at least `least` decimal places.

    English: `1,234.50`; Russian: `1 234,50` with no-break spaces.
    """
    exponent = value.normalize().as_tuple().exponent
    places = max(least, -exponent if isinstance(exponent, int) else 0)
    text = f"{value:,.{places}f}"
    if locale == "ru":
        return text.replace(",", "\u00a0").replace(".", ",").replace("-", "−")
    return text.replace("-", "−")


def long_date(day: date, locale: str) -> str:
    """Return `23 November 2026` or `23 ноября 2026 г.`."""
    month = _MONTHS[locale][day.month - 1]
    text = f"{day.day}\u00a0{month} {day.year}"
    return text + "\u00a0г." if locale == "ru" else text


def unit_name(code: str, locale: str) -> str:
    """Return the unit as printed; codes nobody named are printed as they are."""
    names = UNITS.get(code)
    return code if names is None else names[locale == "ru"]
