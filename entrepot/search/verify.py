"""Proof that the index is the database: the checksum of every document, compared.

The first pass compares all offers while everything goes on, so it also finds changes under way.
What it suspects is looked at again, a thousand offers at a time, under the writer's lock: nobody
writes the index then, and an offer that still differs differs either because its event waits in
the outbox, and is left to it, or because the index is wrong. So what is reported is a fault of
the index and nothing else, however much is written meanwhile.

Memory: 33 bytes an offer, whatever the engine; a million offers take 33 MB, and twice that while
they are sorted.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import numpy as np

from entrepot.platform.catalog import search_rows
from entrepot.search.analysis import listed_documents
from entrepot.search.changes import offers_under_way
from entrepot.search.engine import SearchEngine
from entrepot.search.reindex import only_writer, update_offers

#: Ids of each kind that a report names.
NAMED_MAX: Final = 20
_PAGE: Final = 1_000
_ID: Final = 16

Progress = Callable[[int, int], None]


class Fault(StrEnum):
    """How an offer of the index differs from the database."""

    MISSING = "MISSING"
    """It is listed and not in the index."""
    SUPERFLUOUS = "SUPERFLUOUS"
    """It is in the index and not listed, or gone, or it is there twice."""
    STALE = "STALE"
    """Its document is not what the database says."""


@dataclass(slots=True)
class Verdict:
    """What was compared and what differs. `first` names at most `NAMED_MAX` offers of each kind.

    `under_way`: offers that differ because their changes still wait in the outbox.
    """

    indexed: int = 0
    listed: int = 0
    counts: dict[Fault, int] = field(default_factory=lambda: dict.fromkeys(Fault, 0))
    first: dict[Fault, list[UUID]] = field(default_factory=lambda: {one: [] for one in Fault})
    under_way: int = 0
    repaired: int = 0

    @property
    def faults(self) -> int:
        """How many offers the index has wrong."""
        return sum(self.counts.values())

    def note(self, fault: Fault, offer_id: UUID) -> None:
        """Count a fault, and name it while there is room."""
        self.counts[fault] += 1
        if len(self.first[fault]) < NAMED_MAX:
            self.first[fault].append(offer_id)


class _Held:
    """What the index holds: ids in order, their checksums, and which of them were seen."""

    def __init__(self, ids: bytearray, sums: array[int]) -> None:
        unsorted = np.frombuffer(bytes(ids), dtype=f"S{_ID}")
        order = np.argsort(unsorted, kind="stable")
        self.ids = unsorted[order]
        self.sums = np.frombuffer(sums, dtype=np.int64)[order]
        self.seen = np.zeros(len(self.ids), dtype=np.bool_)

    def differing(self, ids: bytes, sums: Sequence[int]) -> bytes:
        """Tick offers off and return those that are missing or have another checksum."""
        asked = np.frombuffer(ids, dtype=f"S{_ID}")
        if not len(self.ids):
            return ids
        places = np.minimum(np.searchsorted(self.ids, asked), len(self.ids) - 1)
        held = self.ids[places] == asked
        self.seen[places[held]] = True
        return _bytes(asked[~held | (self.sums[places] != np.array(sums, dtype=np.int64))])

    def unseen(self) -> bytes:
        """The offers that nobody ticked off."""
        return _bytes(self.ids[~self.seen])


def _bytes(ids: np.ndarray[Any, np.dtype[np.bytes_]]) -> bytes:
    # Not `join`: an element of such an array is cut at its last byte that is not zero.
    return np.ascontiguousarray(ids).tobytes()


async def verify(
    engine: SearchEngine,
    *,
    repair: bool = False,
    progress: Progress = lambda done, total: None,
) -> Verdict:
    """Compare the whole index with the database; `repair` indexes anew what differs, and only it.

    Raises `IndexBusy` while a rebuild runs, and `EngineUnavailable`.
    """
    verdict = Verdict()
    suspects = await _suspects(engine, verdict, progress)
    for start in range(0, len(suspects), _PAGE * _ID):
        chunk = suspects[start : start + _PAGE * _ID]
        ids = [UUID(bytes=chunk[at : at + _ID]) for at in range(0, len(chunk), _ID)]
        wrong = await _confirmed(engine, ids, verdict)
        if repair and wrong:
            await update_offers(engine, wrong)
            verdict.repaired += len(wrong)
    return verdict


async def _suspects(engine: SearchEngine, verdict: Verdict, progress: Progress) -> bytes:
    """Offers that differ, or differed for the moment between the two readings."""
    ids, sums = bytearray(), array("q")
    async for batch in engine.checksums():
        for offer_id, checksum in batch:
            ids += offer_id.bytes
            sums.append(checksum)
    held = await asyncio.to_thread(_Held, ids, sums)
    verdict.indexed = len(held.ids)
    total = await search_rows.count_listed()
    suspects = bytearray()
    last_id = UUID(int=0)
    while rows := await search_rows.after(last_id, _PAGE):
        last_id = rows[-1].offer_id
        found = await asyncio.to_thread(_checksums, rows)
        verdict.listed += len(found)
        suspects += held.differing(
            b"".join(one.bytes for one, _ in found), [checksum for _, checksum in found]
        )
        progress(verdict.listed, max(total, verdict.listed))
    return bytes(suspects) + held.unseen()


def _checksums(rows: Sequence[search_rows.SearchRow]) -> list[tuple[UUID, int]]:
    return [(one.offer_id, one.checksum()) for one in listed_documents(rows)]


async def _confirmed(engine: SearchEngine, ids: Sequence[UUID], verdict: Verdict) -> list[UUID]:
    """Those that are wrong and that no waiting event will mend.

    The events are read after the offers: a change that the rows show has its event in the outbox
    by then, or it was done before the lock was taken, and then the index has it.
    """
    async with only_writer():
        rows = await search_rows.by_offer_ids(ids)
        wanted = dict(await asyncio.to_thread(_checksums, rows))
        held: dict[UUID, int] = {}
        twice: set[UUID] = set()
        async for batch in engine.checksums(ids):
            for one, checksum in batch:
                if one in held:
                    twice.add(one)
                held[one] = checksum
        differing = [one for one in ids if wanted.get(one) != held.get(one) or one in twice]
        waiting = await offers_under_way() if differing else frozenset()
    wrong = [one for one in differing if one not in waiting]
    verdict.under_way += len(differing) - len(wrong)
    for one in wrong:
        missing, superfluous = one not in held, one not in wanted or one in twice
        kind = Fault.MISSING if missing else Fault.SUPERFLUOUS if superfluous else Fault.STALE
        verdict.note(kind, one)
    return wrong
