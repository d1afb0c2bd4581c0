"""The printed invoice, read back as text and looked at as a picture."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import pypdfium2
import pytest
from pypdf import PdfReader

from entrepot.platform.documents.invoice_content import InvoiceContent, InvoiceLine, Party
from entrepot.platform.documents.invoice_pdf import render_invoice
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
    pdf = render_invoice(invoice(line(1, title=long_word), line(2)), locale)
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
