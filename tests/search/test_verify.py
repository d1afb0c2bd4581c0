"""`verify`: finds every way an index can differ, blames nothing that is under way, mends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
import tantivy

from entrepot.commands.exit_codes import ExitCode
from entrepot.platform.catalog import search_rows
from entrepot.platform.catalog.events import OffersChanged
from entrepot.platform.catalog.models import Offer
from entrepot.platform.database import execute, transaction
from entrepot.platform.identity.models import Company
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import record
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.backends.tantivy_document import to_tantivy
from entrepot.search.backends.tantivy_schema import open_index
from entrepot.search.document import OfferDocument, to_document
from entrepot.search.engine import SearchEngine
from entrepot.search.reindex import rebuild, update_offers
from entrepot.search.verify import NAMED_MAX, Fault, Verdict, verify
from tests.cli.conftest import run_command
from tests.factories import make_offer, make_product, make_seller

pytestmark = pytest.mark.usefixtures("database")


async def some_offers(count: int) -> list[UUID]:
    seller = await make_seller()
    return sorted([(await make_offer(seller)).id for _ in range(count)])


async def document_of(offer_id: UUID) -> OfferDocument:
    (row,) = await search_rows.by_offer_ids([offer_id])
    return to_document(row)


def faults(verdict: Verdict) -> dict[Fault, list[UUID]]:
    assert {one: len(ids) for one, ids in verdict.first.items()} == verdict.counts
    return {one: sorted(ids) for one, ids in verdict.first.items() if ids}


async def test_an_index_just_built_is_equal(engine: SearchEngine) -> None:
    await some_offers(3)
    assert (await verify(engine)).counts == {
        Fault.MISSING: 3,
        Fault.SUPERFLUOUS: 0,
        Fault.STALE: 0,
    }
    await rebuild(engine)
    told: list[tuple[int, int]] = []
    verdict = await verify(engine, progress=lambda done, total: told.append((done, total)))
    assert (verdict.indexed, verdict.listed, faults(verdict), verdict.under_way) == (3, 3, {}, 0)
    assert told == [(3, 3)]


async def test_each_kind_of_fault_is_named_and_only_faults_are_mended(
    engine: SearchEngine,
) -> None:
    good, stale, missing, inactive, closed = await some_offers(5)
    await rebuild(engine)
    gone = replace(await document_of(good), offer_id=new_id())
    wrong = replace(await document_of(stale), list_price=1)
    await engine.update([gone, wrong], [missing])
    await Offer.filter(id=inactive).update(active=False)
    other = await make_seller()
    await Offer.filter(id=closed).update(seller_id=other.id)
    await Company.filter(id=other.id).update(active=False)

    expected = {
        Fault.MISSING: [missing],
        Fault.SUPERFLUOUS: sorted([gone.offer_id, inactive, closed]),
        Fault.STALE: [stale],
    }
    verdict = await verify(engine)
    assert (verdict.indexed, verdict.listed, verdict.repaired) == (5, 3, 0)
    assert faults(verdict) == expected
    assert faults(await verify(engine)) == expected  # looking changes nothing
    mended = await verify(engine, repair=True)
    assert (faults(mended), mended.repaired) == (expected, 5)
    assert faults(await verify(engine)) == {}
    assert await engine.indexed_count() == 3


async def test_any_field_of_a_document_counts(tantivy_engine: TantivyEngine) -> None:
    (offer_id,) = await some_offers(1)
    right = await document_of(offer_id)
    for changes in (
        {"popularity": 1},
        {"rating": 401},
        {"lead_time_days": 9},
        {"created": right.created + 1},
        {"in_stock": not right.in_stock},
        {"visible_to": ("all",)},
        {"sound_terms": ("x",)},
        {"cross_keys": ("b77",)},
    ):
        await tantivy_engine.update([replace(right, **changes)])  # type: ignore[arg-type]
        assert faults(await verify(tantivy_engine)) == {Fault.STALE: [offer_id]}, changes
    await tantivy_engine.update([right])
    assert faults(await verify(tantivy_engine)) == {}


async def test_a_document_that_is_there_twice_is_one_too_many(
    tantivy_engine: TantivyEngine,
) -> None:
    first, _ = await some_offers(2)
    await rebuild(tantivy_engine)
    path = tantivy_engine.folders.current()
    assert path is not None
    index = open_index(path)
    writer = index.writer(heap_size=15_000_000, num_threads=1)
    writer.add_document(to_tantivy(await document_of(first), index.schema))
    writer.commit()
    writer.wait_merging_threads()
    assert isinstance(index, tantivy.Index)
    verdict = await verify(tantivy_engine, repair=True)
    assert faults(verdict) == {Fault.SUPERFLUOUS: [first]}
    assert faults(await verify(tantivy_engine)) == {}
    assert await tantivy_engine.indexed_count() == 2


async def test_more_than_a_page_differs_and_the_first_are_named(
    tantivy_engine: TantivyEngine,
) -> None:
    seller = await make_seller()
    offer = await make_offer(seller)
    await execute(
        "INSERT INTO offer SELECT (jsonb_populate_record(o, jsonb_build_object("
        " 'id', gen_random_uuid(), 'external_id', 'X' || n))).*"
        " FROM offer o, generate_series(1, 1100) n WHERE o.id = $1",
        offer.id,
    )
    verdict = await verify(tantivy_engine, repair=True)
    assert verdict.counts == {Fault.MISSING: 1101, Fault.SUPERFLUOUS: 0, Fault.STALE: 0}
    assert len(verdict.first[Fault.MISSING]) == NAMED_MAX
    assert verdict.repaired == 1101
    assert faults(await verify(tantivy_engine)) == {}


async def test_a_change_whose_event_waits_is_no_fault(tantivy_engine: TantivyEngine) -> None:
    told, untold = await some_offers(2)
    await rebuild(tantivy_engine)
    async with transaction():
        await Offer.filter(id__in=[told, untold]).update(list_price=Decimal(7))
        await record(OffersChanged((told,)))
    verdict = await verify(tantivy_engine)
    assert (faults(verdict), verdict.under_way) == ({Fault.STALE: [untold]}, 1)


class Overtaken(TantivyEngine):
    """Has offers changed, and all but one indexed, between the two readings of the first pass."""

    changing: Sequence[UUID] = ()

    async def checksums(
        self, offer_ids: Sequence[UUID] | None = None
    ) -> AsyncIterator[Sequence[tuple[UUID, int]]]:
        async for batch in super().checksums(offer_ids):
            yield batch
        changing, self.changing = self.changing, ()
        if changing:
            async with transaction():
                await Offer.filter(id__in=changing).update(list_price=Decimal(9))
                await record(OffersChanged(tuple(changing)))
            await update_offers(self, changing[1:])
            await execute("UPDATE outbox_event SET relayed_at = now()")
            async with transaction():
                await record(OffersChanged((changing[0],)))


async def test_changes_during_the_comparison_are_no_faults(tmp_path: Path) -> None:
    offers = await some_offers(4)
    engine = Overtaken(tmp_path / "search")
    await rebuild(engine)
    await engine.update([replace(await document_of(offers[3]), rating=1)])
    engine.changing = offers[:3]
    verdict = await verify(engine)
    assert (faults(verdict), verdict.under_way) == ({Fault.STALE: [offers[3]]}, 1)
    await engine.close()


class Held(TantivyEngine):
    """An engine whose updates can be held up after the database was read."""

    reached: asyncio.Event
    go_on: asyncio.Event

    async def update(
        self, documents: Sequence[OfferDocument], removed: Sequence[UUID] = ()
    ) -> None:
        self.reached.set()
        await self.go_on.wait()
        await super().update(documents, removed)


async def test_an_older_state_never_overwrites_a_newer_one(
    tantivy_engine: TantivyEngine,
) -> None:
    """The slow writer has read the old price; the quick one, which read later, ends later."""
    (offer_id,) = await some_offers(1)
    slow = Held(tantivy_engine.folders.root)
    slow.reached, slow.go_on = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(update_offers(slow, [offer_id]))
    await slow.reached.wait()
    await Offer.filter(id=offer_id).update(list_price=Decimal(55))
    second = asyncio.create_task(update_offers(tantivy_engine, [offer_id]))
    await asyncio.sleep(0.05)
    assert not second.done()  # it has not read yet: it waits for the lock
    slow.go_on.set()
    assert await first == await second == 1
    assert faults(await verify(tantivy_engine)) == {}
    await slow.close()


async def test_the_command_tells_names_and_mends(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    addresses = {"ENTREPOT_DATABASE_URL": database_url, "ENTREPOT_REDIS_URL": redis_url}
    home = ("--home", str(tmp_path))
    offer = await make_offer(await make_seller(), await make_product("KR-4410"))
    told = await run_command("search", "verify", *home, **addresses)
    assert told.code == ExitCode.CHECK_FAILED
    assert told.out.splitlines()[-3:] == [
        "Search index: 0 offers, database: 1; changes under way: 0.",
        f"  missing from the index: 1, such as {offer.id}",
        "`entrepot search verify --repair` indexes these anew.",
    ]
    mended = await run_command("search", "verify", "--repair", *home, **addresses)
    assert (mended.code, mended.out.splitlines()[-1]) == (0, "Indexed anew: 1 offers.")
    well = await run_command("--lang", "ru", "search", "verify", *home, **addresses)
    assert (well.code, well.out.splitlines()[-1]) == (0, "Индекс совпадает с базой.")
