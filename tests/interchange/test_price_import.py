"""Price lists from files: what each line does, and that nothing is half-written or locked."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from entrepot.interchange.price_import import commit_prices, preview_prices, write_refused_prices
from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.catalog.import_errors import ImportNotReady
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import Database, execute, fetch, fetch_value, transaction
from entrepot.platform.errors import Forbidden, NotFound
from entrepot.platform.pricing.models import PriceList, PriceTier
from entrepot.platform.pricing.price_imports import queries, service
from entrepot.platform.pricing.price_imports.errors import PriceListNotFixed
from tests.factories import Seller, make_buyer, make_offer, make_price_list, make_product
from tests.factories import make_seller as make_selling_company

HEADER = "Артикул;Цена;От\n"


class World:
    """A seller with three articles and a list that has prices for two of them."""

    seller: Seller
    list: PriceList
    offers: dict[str, Offer]
    blobs: FolderBlobs


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    """The seller; BO-1 costs 90 (80 from ten on), BO-2 costs 50, BO-3 has no price in the list."""
    made = World()
    made.seller = await make_selling_company()
    made.offers = {
        number: await make_offer(made.seller, await make_product(number))
        for number in ("BO-1", "BO-2", "BO-3")
    }
    first, second = made.offers["BO-1"].id, made.offers["BO-2"].id
    made.list = await make_price_list(
        made.seller,
        (await make_buyer()).company_id,
        {first: {"1": "90", "10": "80"}, second: {"1": "50"}},
    )
    made.blobs = FolderBlobs(tmp_path)
    return made


async def _start(world: World, text: str, mode: str = "merge") -> UUID:
    return await service.start_price_import(
        world.seller.actor,
        world.list.id,
        file_name="prices.csv",
        blob_key=world.blobs.put([text.encode()]),
        mode=mode,
        options={},
    )


async def _taken(world: World, text: str, mode: str = "merge") -> queries.PriceImportRow:
    import_id = await _start(world, text, mode)
    await preview_prices(import_id, world.blobs)
    await service.confirm_price_import(world.seller.actor, import_id)
    await commit_prices(import_id, world.blobs)
    return await queries.price_import_of(world.seller.actor, import_id)


async def _prices(world: World) -> list[tuple[str, Decimal, Decimal]]:
    rows = await fetch(
        "SELECT o.article_number, t.min_quantity, t.unit_price FROM price_tier t"
        " JOIN offer o ON o.id = t.offer_id WHERE t.price_list_id = $1 ORDER BY 1, 2",
        world.list.id,
    )
    return [tuple(row.values()) for row in rows]  # type: ignore[misc]


def _as_decimals(*rows: tuple[str, str, str]) -> list[tuple[str, Decimal, Decimal]]:
    return [(number, Decimal(start), Decimal(price)) for number, start, price in rows]


BEFORE = _as_decimals(("BO-1", "1", "90"), ("BO-1", "10", "80"), ("BO-2", "1", "50"))


async def test_a_preview_takes_nothing_and_says_what_each_line_would_do(world: World) -> None:
    text = HEADER + "BO-1;85,50;1\nBO-1;80;10\nBO-3;7;\nBO-9;1;\nBO-3;8;1\nBO-2;abc;\n"
    import_id = await _start(world, text)
    await preview_prices(import_id, world.blobs)

    seen = await queries.price_import_of(world.seller.actor, import_id)
    assert (seen.status, seen.lines_read, seen.refused) == ("PREVIEWED", 6, 3)
    assert seen.counts == {
        "CREATED": 1, "UPDATED": 1, "UNCHANGED": 1, "INVALID": 2, "DUPLICATE": 1,
    }  # fmt: skip
    refused = await queries.refused_page(import_id, after=0, limit=10)
    assert [(line.line_number, line.outcome, line.problem.code.value) for line in refused] == [
        (5, "INVALID", "NOT_FOUND"),
        (6, "DUPLICATE", "DUPLICATE_LINE"),
        (7, "INVALID", "NOT_A_NUMBER"),
    ]
    assert refused[1].problem.detail == "4"
    assert await _prices(world) == BEFORE
    assert await fetch_value("SELECT count(*) FROM outbox_event WHERE kind = 'PricesChanged'") == 0


async def test_merging_replaces_the_tiers_of_named_articles_only(world: World) -> None:
    done = await _taken(world, HEADER + "BO-1;85,50;1\nBO-3;7;\nBO-3;6;100\n")

    assert done.status == "COMMITTED"
    assert await _prices(world) == _as_decimals(
        ("BO-1", "1", "85.50"), ("BO-2", "1", "50"), ("BO-3", "1", "7"), ("BO-3", "100", "6")
    )
    events = await fetch("SELECT payload FROM outbox_event WHERE kind = 'PricesChanged'")
    assert len(events) == 1
    changed = {str(world.offers[name].id) for name in ("BO-1", "BO-3")}
    assert all(one in events[0]["payload"] for one in changed)
    assert str(world.offers["BO-2"].id) not in events[0]["payload"]


async def test_replacing_drops_what_the_file_does_not_name(world: World) -> None:
    await _taken(world, HEADER + "BO-1;90;1\nBO-1;80;10\n", mode="replace")
    assert await _prices(world) == BEFORE[:2]


async def test_the_same_file_again_changes_and_tells_nothing(world: World) -> None:
    text = HEADER + "BO-1;90;1\nBO-1;80;10\nBO-2;50;\n"
    done = await _taken(world, text)
    assert done.counts == {"UNCHANGED": 3}
    assert await _prices(world) == BEFORE
    assert await fetch_value("SELECT count(*) FROM outbox_event WHERE kind = 'PricesChanged'") == 0


async def test_articles_are_found_without_separators_and_by_the_sellers_own_key(
    world: World,
) -> None:
    key = world.offers["BO-2"].external_id
    text = f"external id;article;price\n;bo1;10\n{key};;20\nnobody;BO-3;30\n"
    done = await _taken(world, text)
    assert done.counts == {"UPDATED": 2, "INVALID": 1}
    assert await _prices(world) == _as_decimals(("BO-1", "1", "10"), ("BO-2", "1", "20"))


async def test_an_article_of_two_brands_needs_its_brand(world: World) -> None:
    await make_offer(world.seller, await make_product("BO-2", brand="Würth"))
    done = await _taken(world, "article;price;brand\nBO-2;1;\nBO-2;2;wurth\n")
    assert done.counts == {"INVALID": 1, "CREATED": 1}
    refused = await queries.refused_page(done.id, after=0, limit=10)
    assert refused[0].problem.code.value == "AMBIGUOUS_ARTICLE"
    assert refused[0].problem.detail == "Bosch, Würth"


async def test_another_currency_is_refused_line_by_line(world: World) -> None:
    await execute("UPDATE offer SET currency = 'EUR' WHERE id = $1", world.offers["BO-3"].id)
    done = await _taken(world, "article;price;currency\nBO-1;1;USD\nBO-2;2;₽\nBO-3;3;\nBO-1;1;zł\n")
    assert done.counts == {"INVALID": 3, "UPDATED": 1}
    refused = await queries.refused_page(done.id, after=0, limit=10)
    assert [line.problem.code.value for line in refused] == [
        "OTHER_CURRENCY",
        "OFFER_IN_OTHER_CURRENCY",
        "UNKNOWN_CURRENCY",
    ]


async def test_an_article_has_at_most_twenty_tiers(world: World) -> None:
    lines = "".join(f"BO-3;{100 - n};{n}\n" for n in range(1, 22))
    done = await _taken(world, HEADER + lines)
    assert done.counts == {"CREATED": 20, "INVALID": 1}
    refused = await queries.refused_page(done.id, after=0, limit=10)
    assert [(one.line_number, one.problem.code.value) for one in refused] == [
        (22, "TOO_MANY_TIERS")
    ]


@pytest.mark.parametrize("line", ["BO-1;0;1", "BO-1;1;0", "BO-1;1,00001;", "BO-1;-5;", ";5;"])
async def test_prices_and_quantities_out_of_range_are_refused(world: World, line: str) -> None:
    done = await _taken(world, HEADER + line + "\n")
    assert done.counts == {"INVALID": 1}
    assert await _prices(world) == BEFORE


async def test_a_file_that_is_no_price_list_is_refused_as_a_whole(world: World) -> None:
    import_id = await _start(world, "Товар;Вес\nболт;5\n")
    await preview_prices(import_id, world.blobs)
    seen = await queries.price_import_of(world.seller.actor, import_id)
    assert seen.status == "FAILED"
    assert seen.error is not None
    assert seen.error["code"] == "SPREADSHEET_COLUMNS_MISSING"
    with pytest.raises(ImportNotReady):
        await service.confirm_price_import(world.seller.actor, import_id)


async def test_refused_lines_come_back_with_reasons(world: World, tmp_path: Path) -> None:
    done = await _taken(world, HEADER + "BO-9;1;\nBO-1;91;1\n")
    path = tmp_path / "refused.csv"
    assert await write_refused_prices(done.id, path, "ru") == 1
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "Артикул;Цена;От;строка;столбец;причина;как исправить"
    assert lines[1].startswith("BO-9;1;;2;article_number;")
    assert "«BO-9» не найдено" in lines[1]


async def test_buyers_read_the_old_prices_until_all_the_new_ones_are_there(world: World) -> None:
    """The transaction is open while others read and write; nobody waits for it."""
    import_id = await _start(world, HEADER + "BO-1;1;1\nBO-2;1;1\n")
    await preview_prices(import_id, world.blobs)
    await service.confirm_price_import(world.seller.actor, import_id)
    written, go_on = asyncio.Event(), asyncio.Event()

    async def slow_commit() -> None:
        async with transaction():
            await commit_prices(import_id, world.blobs)  # a savepoint inside ours
            written.set()
            await go_on.wait()

    committing = asyncio.create_task(slow_commit())
    await written.wait()
    async with asyncio.timeout(10):
        assert await _prices(world) == BEFORE
        await execute(  # what a seller and a buyer may do meanwhile
            "UPDATE offer SET list_price = 101 WHERE id = $1", world.offers["BO-1"].id
        )
        await PriceTier.create(
            price_list=world.list, offer=world.offers["BO-3"], min_quantity=5, unit_price=5
        )
    go_on.set()
    await committing
    assert await _prices(world) == _as_decimals(
        ("BO-1", "1", "1"), ("BO-2", "1", "1"), ("BO-3", "5", "5")
    )


async def test_two_processes_take_a_file_over_once(world: World) -> None:
    import_id = await _start(world, HEADER + "BO-3;1;1\n")
    await asyncio.gather(*(preview_prices(import_id, world.blobs) for _ in range(3)))
    await service.confirm_price_import(world.seller.actor, import_id)
    await asyncio.gather(*(commit_prices(import_id, world.blobs) for _ in range(3)))
    seen = await queries.price_import_of(world.seller.actor, import_id)
    assert (seen.status, seen.counts) == ("COMMITTED", {"CREATED": 1})
    assert await fetch_value("SELECT count(*) FROM outbox_event WHERE kind = 'PricesChanged'") == 1


async def test_only_the_owner_with_the_right_to_may(world: World) -> None:
    rival: Any = (await make_selling_company()).actor
    buyer = await make_buyer()
    import_id = await _start(world, HEADER + "BO-1;1;1\n")
    with pytest.raises(NotFound):
        await queries.price_import_of(rival, import_id)
    with pytest.raises(NotFound):
        await service.confirm_price_import(rival, import_id)
    with pytest.raises(Forbidden):
        await service.confirm_price_import(buyer, import_id)
    with pytest.raises(NotFound):
        await service.start_price_import(
            rival, world.list.id, file_name="x", blob_key="0" * 64, mode="merge", options={}
        )


async def test_a_rule_list_takes_no_prices(world: World) -> None:
    derived = await PriceList.create(
        seller=world.seller.company, name="minus ten", currency="RUB", kind="rule",
        base_list=world.list, percent=Decimal(-10),
    )  # fmt: skip
    with pytest.raises(PriceListNotFixed):
        await service.start_price_import(
            world.seller.actor, derived.id, file_name="x", blob_key="0" * 64, mode="merge",
            options={},
        )  # fmt: skip
