"""One contract, both engines: updates, rebuilds beside, checksums and suggestions."""

from __future__ import annotations

from uuid import UUID

import pytest

from entrepot.search.document import to_document
from entrepot.search.engine import FacetCount, SearchEngine, Suggested
from entrepot.search.query import Prefix, SearchQuery, analyse
from entrepot.search.reading import Term
from tests.search.engine_asking import PUMPS, ROOT, VALVES, MakeRow, fill, find


async def test_updates_replace_and_removals_remove(engine: SearchEngine, make_row: MakeRow) -> None:
    await fill(engine, make_row(1, article_number="OLD-100"), make_row(2, article_number="B-2222"))
    await fill(engine, make_row(1, article_number="NEW-999"))
    assert await find(engine, "OLD-100") == []
    assert await find(engine, "NEW-999") == [(1, "EXACT_NUMBER")]
    assert await engine.indexed_count() == 2
    await engine.update([], [UUID(int=1), UUID(int=77)])
    assert await find(engine, "NEW-999") == []
    assert await engine.indexed_count() == 1


async def test_a_rebuild_is_invisible_until_it_is_published(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(engine, make_row(1, article_number="OLD-100"))
    async with engine.rebuild() as rebuild:
        await rebuild.add([to_document(make_row(2, article_number="NEW-999"))])
        assert await find(engine, "OLD-100") == [(1, "EXACT_NUMBER")]
        assert await find(engine, "NEW-999") == []
        await rebuild.publish()
    assert await find(engine, "OLD-100") == []
    assert await find(engine, "NEW-999") == [(2, "EXACT_NUMBER")]
    await fill(engine, make_row(3, article_number="MORE-55"))
    assert await engine.indexed_count() == 2


async def test_a_failed_rebuild_leaves_the_index_as_it_was(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    await fill(engine, make_row(1, article_number="OLD-100"))
    with pytest.raises(RuntimeError, match="power cut"):
        async with engine.rebuild() as rebuild:
            await rebuild.add([to_document(make_row(2, article_number="NEW-999"))])
            raise RuntimeError("power cut")
    assert await find(engine, "OLD-100") == [(1, "EXACT_NUMBER")]
    assert await find(engine, "NEW-999") == []


async def test_the_same_update_twice_changes_nothing(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    rows = [make_row(n, article_number=f"KR-{n}", title_en="valve") for n in range(1, 13)]
    await fill(engine, *rows)
    query = analyse(SearchQuery("valve"))
    before = await engine.search(query, offset=0, limit=50, facets=True)
    for _ in range(3):
        await fill(engine, *rows)
    assert await engine.search(query, offset=0, limit=50, facets=True) == before
    assert await engine.indexed_count() == 12
    await engine.update([])
    await engine.update([], [UUID(int=99)])
    assert await engine.indexed_count() == 12


async def checksums(engine: SearchEngine, *asked: UUID) -> dict[int, int]:
    found = [one async for part in engine.checksums(asked or None) for one in part]
    assert len(dict(found)) == len(found)
    return {offer_id.int: checksum for offer_id, checksum in found}


async def test_checksums_are_those_of_the_documents(
    engine: SearchEngine, make_row: MakeRow
) -> None:
    assert await checksums(engine) == {}
    rows = [make_row(n, article_number=f"KR-{n}") for n in range(1, 8)]
    await fill(engine, *rows)
    expected = {row.offer_id.int: to_document(row).checksum() for row in rows}
    assert await checksums(engine) == expected
    changed = make_row(3, article_number="KR-3", in_stock=False)
    await engine.update([to_document(changed)], [UUID(int=5)])
    expected[3] = to_document(changed).checksum()
    del expected[5]
    assert await checksums(engine) == expected
    some = await checksums(engine, UUID(int=3), UUID(int=5), UUID(int=7))
    assert some == {3: expected[3], 7: expected[7]}
    assert [part async for part in engine.checksums(())] == []


async def test_suggestions(engine: SearchEngine, make_row: MakeRow) -> None:
    pumps = {"category_ids": (ROOT, PUMPS), "category_names": ("Parts", "Pumps Насосы")}
    valves = {"category_ids": (ROOT, VALVES), "category_names": ("Parts", "Valves")}
    await fill(
        engine,
        make_row(1, article_number="KR-44100", title_en="Ball valve brass", **valves),
        make_row(2, article_number="KR-4410", title_en="Pump", **pumps),
        make_row(3, article_number="XKR-441", title_en="Brass ball", **pumps),
        make_row(4, article_number="Z-1", title_en="Pump", in_stock=False, **pumps),
    )

    async def suggested(*keys: str, words: str = "", starts: str = "") -> tuple[list[int], ...]:
        prefix = Prefix(keys, tuple(Term(one) for one in words.split()), tuple(starts.split()))
        found = await engine.suggest(prefix, limit=2)
        hits = [[hit.offer_id.int for hit in kind] for kind in (found.numbers, found.names)]
        return *hits, [UUID(one.value).int for one in found.categories]

    assert await suggested("kr441") == ([2, 1], [], [])
    assert await suggested("kr44100", "z1") == ([1, 4], [], [])
    assert await suggested(words="ball", starts="bra") == ([], [3, 1], [])
    assert await suggested(starts="pum") == ([], [2, 4], [PUMPS.int])
    assert await suggested(starts="насо") == ([], [], [PUMPS.int])
    assert await suggested(words="part") == ([], [], [ROOT.int, PUMPS.int])
    assert await suggested(starts="nothing") == ([], [], [])
    assert await suggested() == ([], [], [])
    assert await engine.suggest(Prefix(("kr",), (), ()), limit=0) == Suggested()
    found = await engine.suggest(Prefix((), (), ("pum",)), limit=1)
    assert found.categories == (FacetCount(str(PUMPS), 3),)
