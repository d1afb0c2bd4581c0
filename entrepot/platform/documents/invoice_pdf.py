"""The printed invoice: content in, PDF bytes out (typst with the fonts it brings, no network)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
import typst

from entrepot.platform.documents.invoice_content import InvoiceContent, InvoiceLine, Party
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
    """Return the invoice as a PDF in `locale` (`ru`; anything else is English).

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
    net_by_rate = content.tax_by_rate()
    return {
        "lang": locale,
        "title": words["title"].format(number=content.number),
        "number": content.number,
        "footer": words["footer"].format(number=content.number, seller=content.seller.name),
        "seller": _party(content.seller, locale),
        "buyer": _party(content.buyer, locale),
        "labels": words | {"columns": COLUMNS[locale]},
        "facts": [
            (words["issued"], long_date(content.issued_on, locale)),
            (words["due_date"], long_date(content.due_on, locale)),
            (words["order"], content.order_number),
            *([(words["po"], content.po_number)] if content.po_number else []),
            (words["currency"], content.currency),
        ],
        "lines": [_line(line, locale) for line in content.lines],
        "totals": [
            (words["net"], figure(content.net, locale)),
            *(
                (
                    words["vat"].format(rate=figure(rate, locale, 0), net=figure(net, locale)),
                    figure(tax, locale),
                )
                for rate, net, tax in net_by_rate
            ),
            (words["gross"], figure(content.gross, locale)),
        ],
        "due": f"{figure(content.gross, locale)} {content.currency}",
        "terms": _terms(content, locale),
    }


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


def _line(line: InvoiceLine, locale: str) -> dict[str, str]:
    return {
        "position": str(line.position),
        "article": _breakable(line.article_number),
        "title": _breakable(line.title_ru if locale == "ru" else line.title_en),
        "quantity": figure(line.quantity, locale, 0),
        "unit": unit_name(line.unit, locale),
        "price": figure(line.unit_price, locale),
        "rate": f"{figure(line.tax_rate, locale, 0)}\u00a0%",
        "net": figure(line.net, locale),
    }


def _terms(content: InvoiceContent, locale: str) -> list[str]:
    words = WORDS[locale]
    if content.payment_days > 0:
        first = words["terms_days"].format(
            days=content.payment_days, date=long_date(content.due_on, locale)
        )
    else:
        first = words["terms_now"]
    return [first, words["terms_reference"].format(number=content.number)]


def _breakable(text: str) -> str:
    """Let words that are longer than a column break, by zero-width spaces."""

    def cut(match: re.Match[str]) -> str:
        word = match.group()
        pieces = [word[at : at + _BREAK_EVERY] for at in range(0, len(word), _BREAK_EVERY)]
        return "\u200b".join(pieces)

    return _LONG_WORD.sub(cut, text)
