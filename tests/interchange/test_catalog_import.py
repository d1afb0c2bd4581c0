"""Catalogues imported into a real database: previews, commits, refused lines, resumption."""

from __future__ import annotations

import asyncio
import csv
import gzip
import shutil
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from entrepot.interchange.catalog_import import commit_import, read_import, write_refused
from entrepot.interchange.spreadsheets.writing import XlsxWriter
from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.catalog import import_queries, import_service
from entrepot.platform.catalog.errors import NotSelling
from entrepot.platform.catalog.import_errors import ImportNotReady
from entrepot.platform.catalog.import_queries import ImportRow
from entrepot.platform.catalog.import_service import BATCH_LINES
from entrepot.platform.catalog.models import Category, Offer, Product
from entrepot.platform.database import Database, fetch, fetch_value
from entrepot.platform.errors import Forbidden, NotFound
from entrepot.platform.identity.permissions import Role
from entrepot.platform.inventory.models import StockItem
from tests.factories import Seller, make_actor, make_buyer, make_seller

HEADER = "id;артикул;бренд;название;цена;остаток;категория;аналоги;характеристики\n"
GOOD = (
    HEADER
    + 'S1;AB-1;Ладога;Ключ 10;125,50;7;Инструмент > Ключи;SKF:6205;"{""цвет"": ""чёрный""}"\n'
    + "S2;AB-2;Ладога;Ключ 12;130,00;;Инструмент > Ключи;;\n"
    + "S3;ab 1;ЛАДОГА;Другой ключ;99,90;1;;;\n"
)


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


async def preview(seller: Seller, blobs: FolderBlobs, content: bytes) -> ImportRow:
    key = blobs.put([content])
    import_id = await import_service.start_import(seller.actor, "price.csv", key, {})
    await read_import(import_id, blobs)
    return await import_queries.import_of(seller.actor, import_id)


async def committed(seller: Seller, blobs: FolderBlobs, content: bytes) -> ImportRow:
    stored = await preview(seller, blobs, content)
    await import_service.confirm_import(seller.actor, stored.id)
    await commit_import(stored.id)
    return await import_queries.import_of(seller.actor, stored.id)


async def changed_offers() -> list[str]:
    rows = await fetch(
        "SELECT jsonb_array_elements_text(payload -> 'offer_ids') AS id FROM outbox_event"
        " WHERE kind = 'OffersChanged'"
    )
    return [row["id"] for row in rows]


async def test_a_preview_writes_nothing_and_a_commit_everything(
    database: Database, blobs: FolderBlobs
) -> None:
    seller = await make_seller()
    stored = await preview(seller, blobs, GOOD.encode("cp1251"))
    assert (stored.status, stored.counts) == ("PREVIEWED", {"CREATED": 3})
    assert await Product.all().count() == await Offer.all().count() == 0
    assert await Category.all().count() == 0

    await import_service.confirm_import(seller.actor, stored.id)
    await import_service.confirm_import(seller.actor, stored.id)
    await commit_import(stored.id)
    stored = await import_queries.import_of(seller.actor, stored.id)
    assert (stored.status, stored.counts) == ("COMMITTED", {"CREATED": 3})
    assert await Offer.all().count() == 3
    first, second = await Product.all().order_by("number_key")
    assert (first.title_en, first.number_key, first.attributes) == (
        "Ключ 10",
        "ab1",
        {"tsvet": "чёрный"},
    )
    assert second.title_en == "Ключ 12"
    paths = [category.path for category in await Category.all().order_by("path")]
    assert paths == ["instrument", "instrument/klyuchi"]
    offer = await Offer.get(external_id="S1").prefetch_related("stock")
    assert (offer.list_price, offer.currency) == (Decimal("125.5"), "RUB")
    assert [item.on_hand for item in offer.stock] == [Decimal(7)]
    assert await fetch_value("SELECT count(*) FROM cross_reference WHERE number = '6205'") == 1
    offers = [str(one.id) for one in await Offer.all()]
    assert sorted(await changed_offers()) == sorted(offers)
    lines = await import_queries.lines_page(stored.id, 10, 0)
    assert {str(line.offer_id) for line in lines} == set(offers)


async def test_the_same_file_again_changes_nothing(database: Database, blobs: FolderBlobs) -> None:
    seller = await make_seller()
    await committed(seller, blobs, GOOD.encode())
    events = len(await changed_offers())
    again = await committed(seller, blobs, GOOD.encode())
    assert again.counts == {"UNCHANGED": 3}
    assert len(await changed_offers()) == events

    dearer = await committed(seller, blobs, GOOD.replace("130,00", "131,00").encode())
    assert {k: v for k, v in dearer.counts.items() if v} == {"UPDATED": 1, "UNCHANGED": 2}
    assert (await Offer.get(external_id="S2")).list_price == Decimal(131)
    assert len(await changed_offers()) == events + 1


async def test_a_shared_product_keeps_its_texts(database: Database, blobs: FolderBlobs) -> None:
    first, second = await make_seller(), await make_seller()
    await committed(first, blobs, GOOD.encode())
    other = "артикул;бренд;название;цена;штрихкод\nAB-2;Ладога;Мой текст;5,5;4960999351865\n"
    stored = await committed(second, blobs, other.encode())
    assert stored.counts == {"CREATED": 1}
    product = await Product.get(number_key="ab2")
    assert (product.title_en, product.gtins) == ("Ключ 12", ["4960999351865"])
    assert await Offer.filter(product_id=product.id).count() == 2


async def test_bad_lines_come_back_with_reasons(
    database: Database, blobs: FolderBlobs, tmp_path: Path
) -> None:
    seller = await make_seller()
    text = (
        "id;article;title;price;gtin;quantity\n"
        "1;A-1;Bolt;10.5;;5\n"
        "2;A-2;Nut;-1;;5\n"
        "3;A-3;Nut;1e400;;5\n"
        "4;A-4;Nut;5;4960999351866;5\n"
        "1;A-5;Again;5;;5\n"
        '6;"open;Nut;5;;5\n'
        "7;A-7;Nut;5\n"
        "8;A-8;=1+1;8.25;;-1\n"
    )
    stored = await preview(seller, blobs, text.encode())
    assert stored.counts == {"CREATED": 1, "INVALID": 6, "DUPLICATE": 1}
    assert (stored.lines_read, stored.refused) == (8, 7)
    path = tmp_path / "refused.csv"
    assert await write_refused(stored.id, path, "en") == 7
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows[0] == [
        "id", "article", "title", "price", "gtin", "quantity", "line", "column", "reason",
        "how to mend",
    ]  # fmt: skip
    assert [row[6] for row in rows[1:]] == ["3", "4", "5", "6", "7", "8", "9"]
    assert rows[1][:6] == ["2", "A-2", "Nut", "-1", "", "5"]
    assert rows[1][7:9] == ["price", "price “-1” is outside the range 0.0001 – 1000000000."]
    assert rows[4][8] == "The same article is already in line 2 of this file."
    assert rows[5][0] == '6;"open;Nut;5;;5'
    await write_refused(stored.id, path, "ru")
    assert "Этот же артикул уже есть в строке 2" in path.read_text(encoding="utf-8-sig")

    await import_service.confirm_import(seller.actor, stored.id)
    await commit_import(stored.id)
    assert [offer.article_number for offer in await Offer.all()] == ["A-1"]
    assert await write_refused(stored.id, path, "en") == 7


async def test_a_workbook_is_imported_and_refused_as_a_workbook(
    database: Database, blobs: FolderBlobs, tmp_path: Path
) -> None:
    seller = await make_seller(currency="EUR")
    path = tmp_path / "in.xlsx"
    with XlsxWriter(path) as writer:
        writer.write(["article", "title", "price", "qty"])
        writer.write(["A-1", "Bolt", Decimal("1.25"), 5])
        writer.write(["A-2", "Nut", "many", 5])
    stored = await committed(seller, blobs, path.read_bytes())
    assert stored.counts == {"CREATED": 1, "INVALID": 1}
    offer = await Offer.get(article_number="A-1")
    assert (offer.list_price, offer.currency, offer.external_id) == (
        Decimal("1.25"),
        "EUR",
        ":a1",
    )
    refused = tmp_path / "out.xlsx"
    await write_refused(stored.id, refused, "en")
    again = await preview(seller, blobs, refused.read_bytes())
    assert again.counts == {"INVALID": 1}


async def test_a_file_that_is_no_catalogue_fails_with_a_reason(
    database: Database, blobs: FolderBlobs
) -> None:
    seller = await make_seller()
    stored = await preview(seller, blobs, b"")
    assert stored.status == "FAILED"
    assert stored.error is not None
    assert stored.error["code"] == "SPREADSHEET_EMPTY"
    assert "Файл пуст" in stored.error["ru"]
    with pytest.raises(ImportNotReady):
        await import_service.confirm_import(seller.actor, stored.id)


async def test_reserved_stock_cannot_be_imported_away(
    database: Database, blobs: FolderBlobs
) -> None:
    seller = await make_seller()
    await committed(seller, blobs, GOOD.encode())
    await StockItem.filter(offer__external_id="S1").update(reserved=Decimal(6))
    await committed(seller, blobs, GOOD.replace("125,50;7", "125,50;2").encode())
    item = await StockItem.get(offer__external_id="S1")
    assert (item.on_hand, item.reserved) == (Decimal(6), Decimal(6))


async def test_only_the_sellers_managers_import_and_see(
    database: Database, blobs: FolderBlobs
) -> None:
    seller, other = await make_seller(), await make_seller()
    stored = await preview(seller, blobs, GOOD.encode())
    warehouse = await make_actor(seller.company, seller.entity, Role.WAREHOUSE)
    buyer = await make_buyer(Role.SELLER_MANAGER)
    with pytest.raises(Forbidden):
        await import_service.start_import(warehouse, "x", stored.blob_key, {})
    with pytest.raises(NotSelling):
        await import_service.start_import(buyer, "x", stored.blob_key, {})
    for actor in (other.actor, buyer):
        with pytest.raises(NotFound):
            await import_queries.import_of(actor, stored.id)
        with pytest.raises(NotFound):
            await import_service.confirm_import(actor, stored.id)
    assert (await import_queries.import_of(seller.actor, stored.id)).status == "PREVIEWED"


def many(count: int) -> bytes:
    lines = [f"K{n};A-{n};Brand {n % 7};Title {n};{n % 900 + 1}.50;3" for n in range(count)]
    return "\n".join(["id;article;brand;title;price;quantity", *lines, ""]).encode()


async def test_interrupted_anywhere_no_line_is_lost_or_doubled(
    database: Database, blobs: FolderBlobs
) -> None:
    seller = await make_seller()
    total = 3 * BATCH_LINES + 17
    key = blobs.put([many(total)])
    import_id = await import_service.start_import(seller.actor, "price.csv", key, {})

    class Killed(Exception):
        pass

    def kill(_done: int) -> None:
        raise Killed

    for _ in range(3):
        with pytest.raises(Killed):
            await read_import(import_id, blobs, kill)
    await asyncio.gather(*(read_import(import_id, blobs) for _ in range(3)))
    stored = await import_queries.import_of(seller.actor, import_id)
    assert (stored.status, stored.counts) == ("PREVIEWED", {"CREATED": total})
    await import_service.confirm_import(seller.actor, import_id)
    with pytest.raises(Killed):
        await commit_import(import_id, kill)
    await asyncio.gather(*(commit_import(import_id) for _ in range(3)))
    stored = await import_queries.import_of(seller.actor, import_id)
    assert (stored.status, stored.counts) == ("COMMITTED", {"CREATED": total})
    assert await Offer.all().count() == await Product.all().count() == total
    changed = await changed_offers()
    assert len(changed) == len(set(changed)) == total


async def test_two_sellers_import_the_same_articles_at_once(
    database: Database, blobs: FolderBlobs
) -> None:
    sellers = [await make_seller() for _ in range(3)]
    content = many(1_500)
    await asyncio.gather(*(committed(seller, blobs, content) for seller in sellers))
    assert await Product.all().count() == 1_500
    assert await Offer.all().count() == 4_500


async def test_the_real_catalogue_is_accounted_for(
    database: Database, blobs: FolderBlobs, shared_data: Path, tmp_path: Path
) -> None:
    seller = await make_seller(currency="USD")
    plain = tmp_path / "catalogue.csv"
    with gzip.open(shared_data / "icecat_electronics.csv.gz") as packed, plain.open("wb") as out:
        shutil.copyfileobj(packed, out)
    stored = await committed(seller, blobs, plain.read_bytes())
    assert stored.status == "COMMITTED"
    assert sum(stored.counts.values()) == stored.lines_read == 19_406
    assert stored.counts == {"CREATED": 19_406}
    assert await Offer.all().count() == 19_406
    unindexed: list[UUID] = await fetch_value(
        "SELECT array_agg(id) FROM offer WHERE id::text NOT IN ("
        " SELECT jsonb_array_elements_text(payload -> 'offer_ids') FROM outbox_event)"
    )
    assert unindexed is None
