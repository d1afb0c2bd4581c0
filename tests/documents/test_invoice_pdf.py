"""The printed invoice, read back as text and looked at as a picture."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import orjson
import pypdfium2
import pytest
from pypdf import PdfReader

from entrepot.platform.documents.invoice_content import (
    InvoiceContent,
    InvoiceLine,
    LineDelivery,
    NamedDiscount,
    Party,
)
from entrepot.platform.documents.invoice_pdf import render_invoice
from entrepot.platform.documents.invoice_storage import dump_content, load_content
from entrepot.platform.documents.invoice_words import UNITS, WORDS, figure, long_date, unit_name

TITLE_EN = 'Bearing <b>6205</b> 17" #emph[x] $x^2$ *bold* \\ @ref'
TITLE_RU = "Подшипник «6205-2RS», чёрный"


def line(position: int, rate: str = "20", title: str = TITLE_EN) -> InvoiceLine:
    net = Decimal("1234.50") * position
    tax = (net * Decimal(rate) / 100).quantize(Decimal("0.01"))
    return InvoiceLine(
        position,
        f"AB-{position:04d}/2",
        title,
        TITLE_RU,
        Decimal(position),
        "PCE",
        Decimal("1234.5"),
        Decimal(rate),
        net,
        tax,
        net + tax,
    )


def invoice(*lines: InvoiceLine) -> InvoiceContent:
    return InvoiceContent(
        number="INV-2026-000042",
        issued_on=date(2026, 11, 23),
        due_on=date(2026, 12, 7),
        order_number="SO-2026-000123",
        po_number="PO 77/1",
        seller=Party("ООО «Северный крепёж»", "7707083893", "RU", "Санкт-Петербург", "770701001"),
        buyer=Party("Köhler GmbH", "DE136695976", "DE", "Industriestraße 17\n70565 Stuttgart"),
        currency="RUB",
        lines=lines,
        net=sum((one.net for one in lines), Decimal(0)),
        tax=sum((one.tax for one in lines), Decimal(0)),
        gross=sum((one.gross for one in lines), Decimal(0)),
    )


def texts(pdf: bytes) -> list[str]:
    return [
        " ".join(page.extract_text().replace("\u200b", "").split())
        for page in PdfReader(BytesIO(pdf)).pages
    ]


def full() -> InvoiceContent:
    """Two lines with all that an order can say, a delivery charge and two addresses."""
    discounted = replace(
        line(2),
        net=Decimal("2222.10"),
        tax=Decimal("444.42"),
        gross=Decimal("2666.52"),
        discount=Decimal("246.90"),
        promotions=(NamedDiscount("Autumn sale", "Осенние скидки", Decimal("246.90")),),
        cost_center="K1",
        deliveries=(LineDelivery(1, Decimal("1.5")), LineDelivery(2, Decimal("0.5"))),
    )
    content = invoice(line(1), discounted)
    return replace(
        content,
        net=content.net + 500,
        tax=content.tax + 50,
        gross=content.gross + 550,
        delivery_net=Decimal("500.00"),
        delivery_tax=Decimal("50.00"),
        delivery_tax_rate=Decimal(10),
        addresses=("Werk 3\nHafenstraße 12\n34125 Kassel", "Склад № 2\nМосква"),
    )


def test_discounts_delivery_addresses_and_cost_centres() -> None:
    content = full()
    assert content.net == sum(one.net for one in content.lines) + content.delivery_net
    assert content.net + content.tax == content.gross
    (page,) = texts(render_invoice(content, "en"))
    for expected in (
        "1. Werk 3, Hafenstraße 12, 34125 Kassel",
        "2. Склад № 2, Москва",
        "Discount −246.90: Autumn sale",
        "Cost centre K1",
        "1.5 pcs to address 1",
        "0.5 pcs to address 2",
        "Delivery 10 % 500.00",
        "VAT 10 % of 500.00 50.00",
        "VAT 20 % of 3,456.60 691.32",
        "Total without tax 3,956.60",
        "Amount due 4,697.92 RUB",
    ):
        assert expected in page
    (page,) = texts(render_invoice(content, "ru"))
    for expected in (
        "Скидка −246,90: Осенние скидки",
        "1,5 шт по адресу 1",
        "Доставка 10 % 500,00",
    ):
        assert expected in page
    common = replace(content, lines=tuple(replace(one, cost_center="K1") for one in content.lines))
    (page,) = texts(render_invoice(common, "en"))
    assert page.count("K1") == 1  # once, in the head


def test_a_pro_forma_asks_and_a_paid_invoice_does_not() -> None:
    asked = replace(full(), kind="pro_forma", number="SO-2026-000123", payee="Market LLC, 77")
    for locale, expected in (
        ("en", ("Pro forma", "Payable in advance, by 7 December 2026", "Pay to Market LLC, 77",
                "Please state SO-2026-000123", "Not a tax invoice", "Amount due 4,697.92 RUB")),
        ("ru", ("Счёт на оплату", "Предоплата до 7 декабря 2026 г.", "Получатель: Market LLC, 77",
                "К оплате 4 697,92 RUB")),
    ):  # fmt: skip
        (page,) = texts(render_invoice(asked, locale))
        assert all(one in page for one in expected)
    (page,) = texts(render_invoice(replace(full(), paid_on=date(2026, 11, 22)), "en"))
    assert "Paid in advance on 22 November 2026" in page
    assert "Amount due 0.00 RUB" in page
    assert "Payment due" not in page


def test_stored_content_stays_readable() -> None:
    content = replace(full(), paid_on=date(2026, 11, 22))
    assert load_content(dump_content(content)) == content
    plain = invoice(line(1))
    stored = orjson.loads(dump_content(plain))
    for name in asdict(full()).keys() - {
        "number", "issued_on", "due_on", "order_number", "po_number", "seller", "buyer", "currency",
        "lines", "net", "tax", "gross", "payment_days",
    }:  # fmt: skip
        del stored[name]
    for name in ("discount", "promotions", "cost_center", "deliveries"):
        del stored["lines"][0][name]
    assert load_content(orjson.dumps(stored).decode()) == plain  # as versions before wrote it


def test_one_line_in_english() -> None:
    (page,) = texts(render_invoice(invoice(line(1)), "en"))
    for expected in (
        "Invoice INV-2026-000042",
        "ООО «Северный крепёж» INN 7707083893, KPP 770701001",
        "Köhler GmbH VAT No. DE136695976 Industriestraße 17 70565 Stuttgart",
        "23 November 2026",
        "7 December 2026",
        "SO-2026-000123",
        "PO 77/1",
        "AB-0001/2",
        "1,234.50",
        "VAT 20 % of 1,234.50 246.90",
        "Amount due 1,481.40 RUB",
        "Page 1 of 1",
    ):
        assert expected in page
    assert 'Bearing <b>6205</b> 17"' in page
    assert "#emph[x]" in page
    assert "*bold*" in page


def test_one_line_in_russian() -> None:
    (page,) = texts(render_invoice(invoice(line(1)), "ru"))
    for expected in (
        "Счёт",
        "ИНН 7707083893, КПП 770701001",
        "23 ноября 2026 г.",
        TITLE_RU,
        "1 234,50",
        "НДС 20 % от 1 234,50 246,90",
        "К оплате 1 481,40 RUB",
        "Страница 1 из 1",
    ):
        assert expected in page


def test_sixty_lines_repeat_the_header_and_count_the_pages() -> None:
    rates = ("20", "10", "0")
    content = invoice(*(line(n, rates[n % 3]) for n in range(1, 61)))
    pages = texts(render_invoice(content, "en"))
    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert "No. Article Description" in page
        assert f"Page {number} of {len(pages)}" in page
    joined = " ".join(pages)
    assert all(f"AB-{n:04d}/2" in joined for n in range(1, 61))
    assert [rate for rate, _, _ in content.tax_by_rate()] == [0, 10, 20]
    assert f"Amount due {figure(content.gross, 'en')} RUB" in pages[-1]


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_the_page_is_drawn_within_its_margins(locale: str) -> None:
    long_word = "X" * 240
    content = replace(full(), addresses=(long_word, long_word), po_number=long_word[:50])
    wide = replace(line(1, title=long_word), cost_center=long_word[:50])
    pdf = render_invoice(replace(content, lines=(wide, *content.lines)), locale)
    page = pypdfium2.PdfDocument(pdf)[0]
    picture = page.render(scale=2).to_pil().convert("L")
    width, height = picture.size
    left = picture.crop((0, 0, width // 15, height))
    right = picture.crop((width - width // 16, 0, width, height))
    assert left.getextrema() == right.getextrema() == (255, 255)
    assert picture.getextrema()[0] < 60


def test_the_same_content_gives_the_same_bytes() -> None:
    content = invoice(line(1), line(2))
    assert render_invoice(content, "ru") == render_invoice(content, "ru")
    assert render_invoice(content, "de") == render_invoice(content, "en")


def test_figures_dates_and_units() -> None:
    assert figure(Decimal("-1234567.8"), "en") == "−1,234,567.80"
    assert figure(Decimal("1234.5678"), "ru") == "1\u00a0234,5678"
    assert figure(Decimal("10.000"), "en", 0) == "10"
    assert long_date(date(2026, 5, 1), "ru") == "1\u00a0мая 2026\u00a0г."
    assert (unit_name("PCE", "ru"), unit_name("XYZ", "ru")) == ("шт", "XYZ")
    assert WORDS["en"].keys() == WORDS["ru"].keys()
    assert all(len(names) == 2 for names in UNITS.values())
