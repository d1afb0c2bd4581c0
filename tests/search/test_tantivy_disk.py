"""A disk that cannot be read or is full: typed errors, and the index stays as it was."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.document import to_document
from entrepot.search.engine import EngineUnavailable
from entrepot.search.query import SearchQuery, analyse
from tests.search.engine_asking import MakeRow, fill, find


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond a few bytes, as if there were no room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_root_that_is_no_folder(tmp_path: Path, make_row: MakeRow) -> None:
    root = tmp_path / "search"
    root.write_text("not a folder")
    engine = TantivyEngine(root, wait_seconds=0.1)
    document = to_document(make_row(1, title_en="valve"))
    for _ in range(2):
        with pytest.raises(EngineUnavailable, match="search"):
            await engine.search(analyse(SearchQuery("valve")), offset=0, limit=1, facets=True)
        with pytest.raises(EngineUnavailable):
            await engine.update([document])
        with pytest.raises(EngineUnavailable):
            await engine.indexed_count()
        with pytest.raises(EngineUnavailable):
            async with engine.rebuild():
                pass
    root.unlink()
    await engine.update([document])
    assert await find(engine, "valve") == [(1, "TEXT")]
    await engine.close()


async def test_a_pointer_that_cannot_be_read(
    tantivy_engine: TantivyEngine, make_row: MakeRow
) -> None:
    await fill(tantivy_engine, make_row(1, title_en="valve"))
    kept = tantivy_engine.folders.pointer.read_text()
    tantivy_engine.folders.pointer.unlink()
    tantivy_engine.folders.pointer.mkdir()
    for _ in range(2):
        with pytest.raises(EngineUnavailable):
            await find(tantivy_engine, "valve")
    tantivy_engine.folders.pointer.rmdir()
    tantivy_engine.folders.pointer.write_text(kept)
    assert await find(tantivy_engine, "valve") == [(1, "TEXT")]


async def test_a_full_disk_leaves_the_index_as_it_was(
    tantivy_engine: TantivyEngine, make_row: MakeRow
) -> None:
    await fill(tantivy_engine, make_row(1, title_en="valve"))
    more = [to_document(make_row(number, title_en="valve")) for number in range(2, 50)]
    with full_disk():
        with pytest.raises(EngineUnavailable):
            await tantivy_engine.update(more)
        with pytest.raises(EngineUnavailable):
            async with tantivy_engine.rebuild() as building:
                await building.add(more)
                await building.publish()
        assert await find(tantivy_engine, "valve") == [(1, "TEXT")]
    await tantivy_engine.update(more)
    assert len(await find(tantivy_engine, "valve", limit=100)) == 49
    assert len(list(tantivy_engine.folders.root.glob("offers-*"))) == 1
