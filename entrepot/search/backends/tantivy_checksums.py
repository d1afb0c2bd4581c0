"""The checksums of an index's documents, a part at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final
from uuid import UUID

import tantivy
from tantivy import FieldType, Query

from entrepot.search.backends.tantivy_reader import Snapshot
from entrepot.search.backends.tantivy_schema import OFFER_ID
from entrepot.search.backends.tantivy_sight import any_of

#: Offers in a part, about. Checksums are spread evenly, so ranges of them are parts of one size.
_PART: Final = 5_000
_CHECKSUMS: Final = 1 << 63

Checksums = list[tuple[UUID, int]]


def of_offers(snapshot: Snapshot, offer_ids: Sequence[UUID]) -> Checksums:
    """Those of some offers, as far as the index holds them."""
    wanted = any_of(snapshot.schema, "offer", [offer.hex for offer in offer_ids])
    return of_part(snapshot, wanted)


def parts(snapshot: Snapshot) -> Iterator[Query]:
    """Queries that together find every offer of one state of the index once."""
    number = snapshot.searcher.num_docs // _PART + 1
    bounds = [_CHECKSUMS * part // number for part in range(number + 1)]
    for first, last in pairwise(bounds):
        yield Query.range_query(snapshot.schema, "checksum", FieldType.Unsigned, first, last - 1)


def of_part(snapshot: Snapshot, part: Query) -> Checksums:
    """Those of one of the `parts`."""
    limit = max(snapshot.searcher.num_docs, 1)
    found: list[tuple[float, tantivy.DocAddress]] = snapshot.searcher.search(
        part, limit=limit, count=False
    ).hits
    places = [place for _, place in found]
    return list(
        zip(snapshot.ids(OFFER_ID, places), snapshot.column("checksum", places), strict=True)
    )
