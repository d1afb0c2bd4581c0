"""The columns of maximum and cost: imported, kept, changed, exported, imported again."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from entrepot.interchange.catalog_import import commit_import, read_import
from entrepot.interchange.exports import export_catalog
from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.catalog import import_queries, import_service
from entrepot.platform.catalog.import_queries import ImportRow
from entrepot.platform.database import Database, fetch
from tests.factories import Seller, make_seller

FIRST = (
    "id;артикул;название;цена;упаковка;макс. заказ;себестоимость\n"
    "S1;AB-1/х;Болт;10,00;10;500;6,5\n"
    "S2;AB-2;Гайка;20,00;10;;\n"
    "S3;AB-3;Шайба;30,00;10;7;\n"
)
WITHOUT = "id;артикул;название;цена\nS1;AB-1/х;Болт;11,00\n"


async def imported(seller: Seller, blobs: FolderBlobs, content: bytes) -> ImportRow:
    """Preview and commit a file."""
    key = blobs.put([content])
    import_id = await import_service.start_import(seller.actor, "price.csv", key, {})
    await read_import(import_id, blobs)
    await import_service.confirm_import(seller.actor, import_id)
    await commit_import(import_id)
    return await import_queries.import_of(seller.actor, import_id)


async def offers() -> list[tuple[object, ...]]:
    """What is stored of each offer."""
    rows = await fetch(
        "SELECT external_id, number_key, list_price, max_order_quantity, cost_price FROM offer"
        " ORDER BY external_id"
    )
    return [tuple(row.values()) for row in rows]


async def test_in_and_out_again(database: Database, tmp_path: Path) -> None:
    seller, blobs = await make_seller(), FolderBlobs(tmp_path / "blobs")
    stored = await imported(seller, blobs, FIRST.encode())
    assert stored.counts == {"CREATED": 2, "INVALID": 1}
    (line,) = await import_queries.lines_page(stored.id, 10, 0, ["INVALID"])
    assert line.problem is not None
    assert (line.line_number, line.problem.field) == (4, "max_order_quantity")
    first = ("S1", "ab1x", Decimal(10), Decimal(500), Decimal("6.5"))
    second = ("S2", "ab2", Decimal(20), None, None)
    assert await offers() == [first, second]
    again = await imported(seller, blobs, WITHOUT.encode())
    assert again.counts == {"UPDATED": 1}
    changed = ("S1", "ab1x", Decimal(11), Decimal(500), Decimal("6.5"))
    assert await offers() == [changed, second]
    path = tmp_path / "out.csv"
    assert await export_catalog(seller.id, path, lambda _done, _total: None) == 2
    same = await imported(seller, blobs, path.read_bytes())
    assert same.counts == {"UNCHANGED": 2}
    assert await offers() == [changed, second]
