"""The first story: from one command to a catalogue, a search, an order, an invoice, a forecast.

A real web process and real workers, over HTTP and the command line only.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.conftest import SHARED_DATA
from tests.journeys.marketplace import Marketplace, Person, command, eventually
from tests.running_processes import none_left

TITLES = ["external_id", "article_number", "brand", "title", "gtin", "list_price_usd"]
OWN_CATALOGUE = """\
Артикул;Бренд;Наименование;Цена;Валюта;Остаток;Упаковка
KR-4410/2;Крепёж;Болт М8x30 оцинкованный;12,50;RUB;500;10
KR-4411/2;Крепёж;Болт М10x40 оцинкованный;19,90;RUB;300;10
;Крепёж;Строка без артикула;1,00;RUB;1;1
KR-4412/2;Крепёж;Гайка М8;минус пять;RUB;100;1
KR-4413/2;Крепёж;Гайка М10;3,10;RUB;1000;100
"""
SEARCH = """
query Find($text: String!) {
  searchOffers(query: $text, first: 5) {
    totalCount
    facets { brands { value count } }
    edges {
      matchedBy
      price { unitPrice { amount currency } reason }
      node { id articleNumber seller { name } availability { available } product { title } }
    }
  }
}
"""
ADD = """
mutation Add($id: ID!, $quantity: Quantity!) {
  addToCart(input: {offerId: $id, quantity: $quantity}) {
    __typename ... on UserError { code message } ... on QuantityNotOrderable { proposed }
  }
}
"""
PLACE = """
mutation Place($key: String!) {
  placeOrder(input: {poNumber: "4711", idempotencyKey: $key}) {
    __typename ... on UserError { code message }
    ... on PlaceOrderPayload { order { id number sellerOrders { number sellerName } } }
  }
}
"""
INVOICES = """
{ orders(first: 1) { edges { node { sellerOrders { number sellerName gross { amount }
  invoice { number url } } } } } }
"""
IMPORT = """
mutation Preview($id: ID!) {
  previewCatalogImport(input: {uploadId: $id}) {
    __typename ... on UserError { code message }
    ... on CatalogImportPayload { catalogImport {
      id status counts { outcome count } rejectedLinesUrl
      lines(outcomes: [INVALID]) { edges { node { lineNumber problem { message remedy } } } } } }
  }
}
"""
COMMIT = """
mutation Commit($id: ID!) {
  commitCatalogImport(input: {importId: $id}) {
    __typename ... on UserError { code message } ... on CatalogImportPayload { __typename }
  }
}
"""
FORECAST = """
query Forecast($id: ID!) {
  demandForecast(offerId: $id, weeks: 4) {
    problem reason method dataTo weeks { week mean low high } history { week demand }
  }
}
"""


@pytest.fixture
async def marketplace(tmp_path: Path) -> AsyncIterator[Marketplace]:
    """A started, empty marketplace; stopped afterwards with nothing left behind."""
    running = Marketplace(tmp_path / "home")
    await running.start()
    yield running
    await running.stop()
    assert await none_left(running.home) == {}


def catalogue(folder: Path) -> tuple[Path, dict[str, str], int]:
    """A catalogue file, one of its lines, and how many lines it has."""
    real = SHARED_DATA / "icecat_electronics.csv.gz"
    path = folder / "catalogue.csv"
    if real.is_file():
        with gzip.open(real, "rt", encoding="utf-8", newline="") as source:
            text = source.read()
    else:
        lines = io.StringIO()
        writer = csv.writer(lines, delimiter=";")
        writer.writerow(TITLES)
        for n in range(1000):
            writer.writerow([n, f"DV-{n:04d}/ab", "Maker", f"Notebook {n}", "", f"{n + 1}.95"])
        text = lines.getvalue()
    path.write_text(text, encoding="utf-8", newline="")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    wanted = next(row for row in rows if row["article_number"].lower().startswith("dv"))
    return path, wanted, len(rows)


async def upload(person: Person, name: str, content: bytes) -> str:
    """Announce a file, send it, and return its upload's id."""
    created = await person.run(
        "mutation Upload($name: String!) { createUpload(input: {fileName: $name}) {"
        " __typename ... on CreateUploadPayload { uploadId url } ... on UserError { code } } }",
        name=name,
    )
    payload = created["createUpload"]
    assert payload["__typename"] == "CreateUploadPayload", payload
    sent = await person.http.put(payload["url"], content=content)
    assert sent.status_code in (200, 201, 204), sent.text
    upload_id: str = payload["uploadId"]
    return upload_id


async def import_own_catalogue(seller: Person) -> None:
    """Preview a Windows-1251 file with two bad lines, commit the good ones by a worker."""
    upload_id = await upload(seller, "прайс.csv", OWN_CATALOGUE.encode("windows-1251"))
    preview = (await seller.run(IMPORT, id=upload_id))["previewCatalogImport"]["catalogImport"]
    assert preview["counts"] == [
        {"outcome": "CREATED", "count": 3},
        {"outcome": "INVALID", "count": 2},
    ]
    bad = [edge["node"]["lineNumber"] for edge in preview["lines"]["edges"]]
    assert bad == [4, 5]
    refused = await seller.http.get(preview["rejectedLinesUrl"])
    assert "Строка без артикула" in refused.content.decode("windows-1251")
    committed = await seller.run(COMMIT, id=preview["id"])
    assert committed["commitCatalogImport"]["__typename"] == "CatalogImportPayload"

    async def done() -> bool:
        query = "query ($id: ID!) { catalogImport(id: $id) { status } }"
        found = await seller.run(query, id=preview["id"])
        return bool(found["catalogImport"]["status"] == "COMMITTED")

    await eventually(done, "the worker's commit")


async def first_hit(person: Person, text: str, *articles: str) -> Any:
    """The first offer found for a text, once the index has one of these articles in front."""

    async def look() -> Any:
        edges = (await person.run(SEARCH, text=text))["searchOffers"]["edges"]
        return edges[0] if edges and edges[0]["node"]["articleNumber"] in articles else None

    return await eventually(look, f"{articles} as the first hit for {text}")


def sales_history(article: str) -> str:
    """Two years of weekly sales of an article, as a seller's old system exports them."""
    rng = random.Random(7)
    now = datetime.now(UTC)
    lines = ["order_date;external_id;buyer;article_number;quantity;price;currency"]
    for week in range(104, 0, -1):
        day = (now - timedelta(weeks=week)).date()
        lines.append(f"{day};{week};Old Customer;{article};{rng.randint(40, 60)};12,50;RUB")
    return "\n".join(lines) + "\n"


async def test_from_one_command_to_an_order_and_a_forecast(
    marketplace: Marketplace, tmp_path: Path
) -> None:
    one = Person(marketplace, "one@seller.test")
    two = Person(marketplace, "two@seller.test")
    buyer = Person(marketplace, "ann@buyer.test")
    await one.join("Gadget Wholesale", "SELLER", "7707083893")
    await two.join("Крепёж Опт", "SELLER", "7736050003")
    await buyer.join("Workshop", "BUYER", "7728168971")

    # the catalogues: a real one by the command line, an own one through the API
    path, wanted, lines = catalogue(tmp_path)
    rejects = tmp_path / "rejects.csv"
    told = await command(
        "import", "catalog", str(path), "--seller", "Gadget Wholesale", "--rejects", str(rejects),
        home=marketplace.home, allowed=(0, 7),
    )  # fmt: skip
    assert "catalogue.csv" in told
    with rejects.open(encoding="utf-8", newline="") if rejects.exists() else io.StringIO() as file:
        refused = max(0, sum(1 for _ in csv.reader(file, delimiter=";")) - 1)
    await import_own_catalogue(two)
    mine = await one.run("{ myOffers(first: 1) { edges { node { id } } } }")
    assert len(mine["myOffers"]["edges"]) == 1

    # the search: exactly, sloppily, by words; only what may be bought
    number = wanted["article_number"]
    exact = await first_hit(buyer, number, number)
    assert exact["matchedBy"] == "EXACT_NUMBER"
    assert exact["node"]["seller"]["name"] == "Gadget Wholesale"
    sloppy = await first_hit(buyer, number.replace("-", " ").upper(), number)
    assert sloppy["node"]["id"] == exact["node"]["id"]
    bolt = await first_hit(buyer, "болт М8", "KR-4410/2")
    assert bolt["price"]["unitPrice"] == {"amount": "12.5", "currency": "RUB"}
    await first_hit(buyer, "оцинкованый болт", "KR-4410/2", "KR-4411/2")  # with a typo

    # stock of the first seller, then one order of both
    warehouse = await one.run(
        'mutation { createWarehouse(input: {code: "M", name: "Main"}) {'
        " ... on CreateWarehousePayload { warehouse { id } } } }"
    )
    stocked = await one.run(
        "mutation ($offer: ID!, $warehouse: ID!) { setStock(input: {offerId: $offer,"
        ' warehouseId: $warehouse, onHand: "5"}) { __typename } }',
        offer=exact["node"]["id"],
        warehouse=warehouse["createWarehouse"]["warehouse"]["id"],
    )
    assert stocked["setStock"]["__typename"] == "SetStockPayload"
    wrong = await buyer.run(ADD, id=bolt["node"]["id"], quantity="24")
    assert wrong["addToCart"]["proposed"] == "30"
    for offer, quantity in ((exact, "2"), (bolt, "30")):
        added = await buyer.run(ADD, id=offer["node"]["id"], quantity=quantity)
        assert added["addToCart"]["__typename"] == "CartPayload", added
    placed = (await buyer.run(PLACE, key="first"))["placeOrder"]
    assert placed["__typename"] == "PlaceOrderPayload", placed
    again = (await buyer.run(PLACE, key="first"))["placeOrder"]
    assert again["order"]["id"] == placed["order"]["id"]
    sellers = {part["sellerName"] for part in placed["order"]["sellerOrders"]}
    assert sellers == {"Gadget Wholesale", "Крепёж Опт"}

    # what the workers do of it: invoices, letters, the index
    async def invoiced() -> Any:
        parts = (await buyer.run(INVOICES))["orders"]["edges"][0]["node"]["sellerOrders"]
        return parts if all(part["invoice"] and part["invoice"]["url"] for part in parts) else None

    for part in await eventually(invoiced, "the invoices"):
        printed = await buyer.http.get(part["invoice"]["url"])
        assert printed.headers["content-type"] == "application/pdf"
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed.content)).pages)
        for words in (part["invoice"]["number"], part["number"], "Workshop LLC"):
            assert words in text, (words, text)
    for person, least in ((buyer, 2), (one, 2), (two, 2)):  # a confirmation of the address first
        await eventually(
            lambda person=person, least=least: len(marketplace.letters(person.email)) >= least,
            f"letters to {person.email}",
        )

    async def index_knows() -> bool:
        edges = (await buyer.run(SEARCH, text=number))["searchOffers"]["edges"]
        return bool(edges[0]["node"]["availability"]["available"] == "3")

    await eventually(index_knows, "the new stock")

    # the forecast, for its seller only
    history = tmp_path / "history.csv"
    history.write_text(sales_history("KR-4410/2"), encoding="utf-8")
    await command("import", "orders", str(history), "--seller", "Крепёж Опт", home=marketplace.home)
    await command("analytics", "forecast", "--seller", "Крепёж Опт", home=marketplace.home)
    forecast = (await two.run(FORECAST, id=bolt["node"]["id"]))["demandForecast"]
    assert forecast["problem"] is None, forecast
    assert len(forecast["weeks"]) == 4
    for week in forecast["weeks"]:
        assert 30 <= week["mean"] <= 70
        assert week["low"] <= week["mean"] <= week["high"]
    hidden = await buyer.http.post(
        "/graphql", json={"query": FORECAST, "variables": {"id": bolt["node"]["id"]}}
    )
    assert hidden.json()["data"] is None

    # nothing lost, nothing doubled, nothing broken
    report = await command("doctor", home=marketplace.home)
    assert "FAIL" not in report
    counted = await one.run("{ sellerOrders(first: 10) { edges { node { number } } } }")
    assert len(counted["sellerOrders"]["edges"]) == 1
    assert lines - refused > 0
