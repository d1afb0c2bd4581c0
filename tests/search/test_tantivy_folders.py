"""Several processes on one tantivy index: who writes, who reads, what stays on disk."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tantivy

from entrepot.platform.catalog.search_rows import SearchRow
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.document import to_document
from entrepot.search.engine import EngineUnavailable, IndexBusy
from entrepot.search.query import SearchQuery, analyse

MakeRow = Callable[..., SearchRow]

HOLD_WRITER = """
import sys, time
from pathlib import Path
from entrepot.search.backends.tantivy import TantivyEngine
engine = TantivyEngine(Path(sys.argv[1]))
import asyncio
async def main():
    async with engine.rebuild():
        print("holding", flush=True)
        time.sleep(60)
asyncio.run(main())
"""


async def count(engine: TantivyEngine, text: str) -> int:
    query = analyse(SearchQuery(text))
    return (await engine.search(query, offset=0, limit=1, facets=False)).total


def folders(engine: TantivyEngine) -> set[str]:
    return {path.name for path in engine.folders.root.glob("offers-*")}


async def test_another_reader_sees_a_commit_and_a_swap_at_once(
    tantivy_engine: TantivyEngine, make_row: MakeRow
) -> None:
    reader = TantivyEngine(tantivy_engine.folders.root)
    assert await count(reader, "KR-4410") == 0
    await tantivy_engine.update([to_document(make_row(1, article_number="KR-4410"))])
    assert await count(reader, "KR-4410") == 1
    await tantivy_engine.update([to_document(make_row(2, article_number="KR-4410"))])
    assert await count(reader, "KR-4410") == 2
    async with tantivy_engine.rebuild() as rebuild:
        await rebuild.add([to_document(make_row(3, article_number="KR-4410"))])
        await rebuild.publish()
    assert await count(reader, "KR-4410") == 1
    await reader.close()


async def test_an_old_folder_goes_when_its_last_reader_has_moved_on(
    tantivy_engine: TantivyEngine, make_row: MakeRow
) -> None:
    reader = TantivyEngine(tantivy_engine.folders.root)
    await tantivy_engine.update([to_document(make_row(1, article_number="KR-4410"))])
    assert await count(reader, "KR-4410") == 1
    (old,) = folders(tantivy_engine)
    async with tantivy_engine.rebuild() as rebuild:
        await rebuild.publish()
    assert old in folders(tantivy_engine)
    assert await count(reader, "KR-4410") == 0
    assert folders(tantivy_engine) == {tantivy_engine.folders.pointer.read_text()}
    assert old not in folders(tantivy_engine)
    await reader.close()


async def test_a_second_writer_is_told_to_wait(
    tantivy_engine: TantivyEngine, make_row: MakeRow
) -> None:
    other = TantivyEngine(tantivy_engine.folders.root, wait_seconds=0)
    async with tantivy_engine.rebuild() as rebuild:
        with pytest.raises(IndexBusy):
            await other.update([to_document(make_row(1, article_number="KR-4410"))])
        with pytest.raises(IndexBusy):
            async with other.rebuild():
                pass
        await rebuild.publish()
    await other.update([to_document(make_row(1, article_number="KR-4410"))])
    assert await count(other, "KR-4410") == 1
    await other.close()


async def test_a_killed_rebuild_leaves_no_lock_and_no_folder(
    tantivy_engine: TantivyEngine, make_row: MakeRow
) -> None:
    root = tantivy_engine.folders.root
    await tantivy_engine.update([to_document(make_row(1, article_number="KR-4410"))])
    command = (sys.executable, "-c", HOLD_WRITER, os.fspath(root))
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"holding\n"
    with pytest.raises(IndexBusy):
        await tantivy_engine.update([to_document(make_row(2, article_number="B-22"))])
    process.kill()
    await process.wait()
    assert await count(tantivy_engine, "KR-4410") == 1
    await tantivy_engine.update([to_document(make_row(2, article_number="KR-4410"))])
    assert await count(tantivy_engine, "KR-4410") == 2
    assert len(folders(tantivy_engine)) == 2
    async with tantivy_engine.rebuild() as rebuild:
        await rebuild.publish()
    assert await count(tantivy_engine, "KR-4410") == 0
    assert len(folders(tantivy_engine)) == 1


@pytest.mark.parametrize("read_before", [True, False])
async def test_a_broken_index_says_so_and_a_rebuild_mends_it(
    tantivy_engine: TantivyEngine, make_row: MakeRow, read_before: bool
) -> None:
    document = to_document(make_row(1, article_number="KR-4410"))
    await tantivy_engine.update([document])
    if read_before:
        assert await count(tantivy_engine, "KR-4410") == 1
    folder: Path = tantivy_engine.folders.root / tantivy_engine.folders.pointer.read_text()
    (folder / "meta.json").write_text("{")
    with pytest.raises(EngineUnavailable, match="search rebuild"):
        await count(tantivy_engine, "KR-4410")
    with pytest.raises(EngineUnavailable, match="search rebuild"):
        await tantivy_engine.update([document])
    async with tantivy_engine.rebuild() as rebuild:
        await rebuild.add([document])
        await rebuild.publish()
    assert await count(tantivy_engine, "KR-4410") == 1
    assert len(folders(tantivy_engine)) == 1


async def test_an_index_of_another_version_says_so(
    tantivy_engine: TantivyEngine, make_row: MakeRow
) -> None:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("offer", stored=True)
    path = tantivy_engine.folders.create()
    tantivy.Index(builder.build(), path=os.fspath(path), reuse=False)
    tantivy_engine.folders.point_to(path)
    with pytest.raises(EngineUnavailable, match="search rebuild"):
        await count(tantivy_engine, "KR-4410")
    with pytest.raises(EngineUnavailable, match="search rebuild"):
        await tantivy_engine.update([to_document(make_row(1, article_number="KR-4410"))])


async def test_searches_find_the_offer_at_every_moment_of_many_rebuilds(
    tantivy_engine: TantivyEngine, make_row: MakeRow
) -> None:
    document = to_document(make_row(1, article_number="KR-4410"))
    await tantivy_engine.update([document])
    readers = [TantivyEngine(tantivy_engine.folders.root) for _ in range(3)]
    stopped = asyncio.Event()

    async def keep_searching(reader: TantivyEngine) -> list[int]:
        totals = []
        while not stopped.is_set():
            totals.append(await count(reader, "kr4410"))
            await asyncio.sleep(0)
        return totals

    searching = [asyncio.create_task(keep_searching(reader)) for reader in readers]
    for _ in range(8):
        async with tantivy_engine.rebuild() as rebuild:
            await rebuild.add([document])
            await rebuild.publish()
        await tantivy_engine.update([document])
    stopped.set()
    for totals in await asyncio.gather(*searching):
        assert len(totals) > 8
        assert set(totals) == {1}
    for reader in readers:
        assert await count(reader, "kr4410") == 1
        await reader.close()
    async with tantivy_engine.rebuild() as rebuild:
        await rebuild.publish()
    assert len(folders(tantivy_engine)) == 1


async def test_random_queries_are_all_answered(
    tantivy_engine: TantivyEngine, make_row: MakeRow
) -> None:
    rows = [make_row(n, article_number=f"KR-44{n:02d}/B", title_en="Valve") for n in range(1, 40)]
    await tantivy_engine.update([to_document(row) for row in rows])
    rng = random.Random(11)
    alphabets = ("kr40123/- ", "абвкр ё", "\u200b\u202e\x00\u0301\ufeff", "\"'*:^~()[]{}\\+-!&|")
    odd = "".join(chr(rng.randrange(0x110000)) for _ in range(200))
    for turn in range(1_000):
        length = 10_000 if turn % 200 == 0 else rng.randrange(1, 60)
        text = "".join(rng.choice(rng.choice((*alphabets, odd))) for _ in range(length))
        found = await tantivy_engine.search(
            analyse(SearchQuery(text)), offset=rng.choice((0, 5, 9_999)), limit=20, facets=True
        )
        assert len(found.hits) <= 20
        assert found.total <= 39
