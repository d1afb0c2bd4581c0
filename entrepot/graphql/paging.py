"""Relay connections by keyset: a cursor holds the sort values of the row it stands after.

    page = page_of(first, after, order="orders.newest", keys=(datetime, UUID))
    rows = await queries.newest(db, actor, after=page.after, limit=page.limit)
    return connect(rows, page, node=OrderType.from_row, key=lambda row: (row.placed_at, row.id))

The query compares whole tuples (`WHERE (placed_at, id) < ($1, $2)`), so pages neither skip nor
repeat rows while others are inserted.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Annotated, Any, Generic, TypeAlias, TypeVar
from uuid import UUID

import orjson
import strawberry

from entrepot.graphql.fields import argument
from entrepot.platform.errors import DomainError, InvalidInput

T = TypeVar("T")
R = TypeVar("R")

DEFAULT_FIRST = 20
MAX_FIRST = 100
_CHECK_BYTES = 4

First: TypeAlias = Annotated[int, argument("How many rows to return: 1 to 100.")]
After: TypeAlias = Annotated[
    str | None, argument("Return the rows after this cursor (`pageInfo.endCursor`).")
]


class InvalidCursor(DomainError):
    """A cursor that we never gave out, or one of a list in another order."""

    code = "INVALID_CURSOR"
    en = "This cursor does not belong to this list. Start again without `after`."
    ru = "Курсор не относится к этому списку. Начните заново, без `after`."


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's page information; paging goes forward only."""

    has_next_page: bool = strawberry.field(description="Whether rows follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows precede this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first row, if any.")
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last row, if any: pass it as `after`."
    )


@strawberry.type(description="A row and its place in the list.")
class Edge(Generic[T]):
    """One row of a connection."""

    node: T = strawberry.field(description="The row.")
    cursor: str = strawberry.field(description="Its place: pass it as `after` to go on from here.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """A page; fetch the next one with `after: pageInfo.endCursor`."""

    edges: list[Edge[T]] = strawberry.field(description="The rows of this page, in order.")
    page_info: PageInfo = strawberry.field(description="Whether and where to go on.")


@dataclass(frozen=True, slots=True)
class Page:
    """A checked request for a page.

    `limit` is one row more than `first`, so that a query tells whether rows follow; `after` holds
    the typed sort values to continue after, or None for the first page.
    """

    first: int
    after: tuple[Any, ...] | None
    order: str

    @property
    def limit(self) -> int:
        """How many rows the query should fetch."""
        return self.first + 1


_READERS: dict[type, Callable[[Any], Any]] = {
    UUID: UUID,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def _write(value: object) -> object:
    if value is None or isinstance(value, str | int | float):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _read(value: object, kind: type) -> Any:
    if value is None:
        return None
    reader = _READERS.get(kind)
    if reader is not None:
        if not isinstance(value, str):
            raise ValueError
        return reader(value)
    if type(value) is not kind:
        raise ValueError
    return value


def encode_cursor(order: str, values: Sequence[object]) -> str:
    """Return the cursor of a row with these sort values in the list order named `order`."""
    body = orjson.dumps([order, *map(_write, values)])
    check = blake2b(body, digest_size=_CHECK_BYTES).digest()
    return urlsafe_b64encode(check + body).rstrip(b"=").decode()


def decode_cursor(cursor: str, order: str, keys: Sequence[type]) -> tuple[Any, ...]:
    """Return a cursor's sort values as `keys` types; raises `InvalidCursor` for any other text.

    The check sum finds damage, not forgery: a forged cursor can only name a place in a list that
    its reader may see anyhow.
    """
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        check, body = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
        if check != blake2b(body, digest_size=_CHECK_BYTES).digest():
            raise ValueError
        found, *values = orjson.loads(body)
        if found != order or len(values) != len(keys):
            raise ValueError
        return tuple(_read(value, kind) for value, kind in zip(values, keys, strict=True))
    except (ValueError, ArithmeticError, TypeError):
        raise InvalidCursor().at("after") from None


def page_of(first: int, after: str | None, *, order: str, keys: Sequence[type]) -> Page:
    """Check the paging arguments of a field.

    `order` names the list and its sorting; `keys` are the types of the sort values. Raises
    `InvalidInput` for `first` outside 1..100 and `InvalidCursor`.
    """
    if not 1 <= first <= MAX_FIRST:
        raise InvalidInput("first", f"take 1 to {MAX_FIRST}", f"допустимо от 1 до {MAX_FIRST}")
    return Page(first, None if after is None else decode_cursor(after, order, keys), order)


def connect(
    rows: Sequence[R],
    page: Page,
    *,
    node: Callable[[R], T],
    key: Callable[[R], Sequence[object]],
) -> Connection[T]:
    """Wrap up to `page.limit` fetched rows as a connection of at most `page.first` nodes.

    `key` returns the sort values of a row, in the order of `page_of(keys=…)`.
    """
    edges = [
        Edge(node=node(row), cursor=encode_cursor(page.order, key(row)))
        for row in rows[: page.first]
    ]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=len(rows) > page.first,
            has_previous_page=page.after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )
