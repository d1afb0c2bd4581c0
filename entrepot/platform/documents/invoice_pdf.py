"""The printed paper: content in, PDF bytes out (typst with the fonts it brings, no network)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
import typst

from entrepot.platform.documents.invoice_content import (
    ZERO,
    InvoiceContent,
    InvoiceLine,
    Party,
)
from entrepot.platform.documents.invoice_words import (
    COLUMNS,
    WORDS,
    figure,
    long_date,
    unit_name,
)

LOCALES = ("en", "ru")
_LONG_WORD = re.compile(r"\S{13,}")
_BREAK_EVERY = 12


def render_invoice(content: InvoiceContent, locale: str) -> bytes:
    """Return the invoice or pro forma as a PDF in `locale` (`ru`; anything else is English).

    Pure: the same content gives the same bytes. Values travel as data, so no text in them can
    act as markup. About 50 ms of CPU for 50 lines.
    """
    compiler = typst.Compiler(
        _template(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={
            "data": orjson.dumps(_page(content, "ru" if locale == "ru" else "en")).decode()
        },
    )
    made_at = datetime.combine(content.issued_on, time(0), UTC)
    pdf = compiler.compile(format="pdf", timestamp=int(made_at.timestamp()))
    assert isinstance(pdf, bytes)  # a list comes only for pictures
    return pdf


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@cache
def _template() -> bytes:
    return files(__package__).joinpath("templates/invoice.typ").read_bytes()


def _page(content: InvoiceContent, locale: str) -> dict[str, Any]:
    words = WORDS[locale]
    title = words["title" if content.kind == "invoice" else "pro_forma_title"]
    due = content.gross if content.paid_on is None else ZERO
    return {
        "lang": locale,
        "title": title.format(number=content.number),
        "kind": words[content.kind],
        "number": content.number,
        "footer": words["footer"].format(number=content.number, seller=content.seller.name),
        "seller": _party(content.seller, locale),
        "buyer": _party(content.buyer, locale),
        "addresses": _addresses(content),
        "labels": words | {"columns": COLUMNS[locale]},
        "facts": _facts(content, locale),
        "lines": [
            *(_line(line, content, locale) for line in content.lines),
            *([_delivery_charge(content, locale)] if content.delivery_net else []),
        ],
        "totals": [
            (words["net"], figure(content.net, locale)),
            *(
                (
                    words["vat"].format(rate=figure(rate, locale, 0), net=figure(net, locale)),
                    figure(tax, locale),
                )
                for rate, net, tax in content.tax_by_rate()
            ),
            (words["gross"], figure(content.gross, locale)),
        ],
        "due": f"{figure(due, locale)} {content.currency}",
        "terms": _terms(content, locale),
    }


def _facts(content: InvoiceContent, locale: str) -> list[tuple[str, str]]:
    words = WORDS[locale]
    facts = [(words["issued"], long_date(content.issued_on, locale))]
    if content.paid_on is None:
        facts.append((words["due_date"], long_date(content.due_on, locale)))
    facts.append((words["order"], content.order_number))
    if content.po_number:
        facts.append((words["po"], _breakable(content.po_number)))
    if cost_center := content.common_cost_center():
        facts.append((words["cost_center"], _breakable(cost_center)))
    return [*facts, (words["currency"], content.currency)]


def _addresses(content: InvoiceContent) -> list[str]:
    """Where it goes: numbered where there are several, as the lines refer to them."""
    one_row = [", ".join(text.split("\n")) for text in content.addresses]
    if len(one_row) > 1:
        one_row = [f"{place}.\u00a0{text}" for place, text in enumerate(one_row, start=1)]
    return [_breakable(text) for text in one_row]


def _party(party: Party, locale: str) -> dict[str, Any]:
    rows = []
    if party.country == "RU":
        labels = ("ИНН", "КПП") if locale == "ru" else ("INN", "KPP")
        text = f"{labels[0]} {party.tax_id}"
        if party.registration_reason_code:
            text += f", {labels[1]} {party.registration_reason_code}"
        rows.append(text)
    elif party.tax_id:
        rows.append(WORDS[locale]["tax_id"].format(tax_id=party.tax_id))
    rows.extend(row.strip() for row in party.address.splitlines() if row.strip())
    return {"name": party.name, "rows": [_breakable(row) for row in rows]}


def _line(line: InvoiceLine, content: InvoiceContent, locale: str) -> dict[str, Any]:
    return {
        "position": str(line.position),
        "article": _breakable(line.article_number),
        "title": _breakable(line.title_ru if locale == "ru" else line.title_en),
        "details": [_breakable(text) for text in _details(line, content, locale)],
        "quantity": figure(line.quantity, locale, 0),
        "unit": unit_name(line.unit, locale),
        "price": figure(line.unit_price, locale),
        "rate": f"{figure(line.tax_rate, locale, 0)}\u00a0%",
        "net": figure(line.net, locale),
    }


def _details(line: InvoiceLine, content: InvoiceContent, locale: str) -> list[str]:
    """What stands below the title: the discount and its reasons, the cost centre, the places."""
    words, found = WORDS[locale], []
    if line.discount:
        names = "; ".join(one.name_ru if locale == "ru" else one.name_en for one in line.promotions)
        text = words["discount_named" if names else "discount"]
        found.append(text.format(amount=figure(-line.discount, locale), names=names))
    if line.cost_center and not content.common_cost_center():
        found.append(words["line_cost_center"].format(cost_center=line.cost_center))
    if len(content.addresses) > 1:
        found += [
            words["line_delivery"].format(
                quantity=figure(one.quantity, locale, 0),
                unit=unit_name(line.unit, locale),
                place=one.place,
            )
            for one in line.deliveries
        ]
    return found


def _delivery_charge(content: InvoiceContent, locale: str) -> dict[str, Any]:
    return {
        "position": "",
        "article": "",
        "title": WORDS[locale]["delivery"],
        "details": [],
        "quantity": "",
        "unit": "",
        "price": "",
        "rate": f"{figure(content.delivery_tax_rate, locale, 0)}\u00a0%",
        "net": figure(content.delivery_net, locale),
    }


def _terms(content: InvoiceContent, locale: str) -> list[str]:
    words, by = WORDS[locale], long_date(content.due_on, locale)
    if content.paid_on is not None:
        return [words["terms_paid"].format(date=long_date(content.paid_on, locale))]
    reference = words["terms_reference"].format(number=content.number)
    if content.kind == "pro_forma":
        payee = [words["terms_payee"].format(payee=content.payee)] if content.payee else []
        rest = [words["terms_reserved"], words["terms_not_invoice"]]
        return [words["terms_advance"].format(date=by), *payee, reference, *rest]
    if content.payment_days > 0:
        first = words["terms_days"].format(days=content.payment_days, date=by)
    else:
        first = words["terms_now"]
    return [first, reference]


def _breakable(text: str) -> str:
    """Let words that are longer than a column break, by zero-width spaces."""

    def cut(match: re.Match[str]) -> str:
        word = match.group()
        pieces = [word[at : at + _BREAK_EVERY] for at in range(0, len(word), _BREAK_EVERY)]
        return "\u200b".join(pieces)

    return _LONG_WORD.sub(cut, text)
