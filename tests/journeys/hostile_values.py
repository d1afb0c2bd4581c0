"""What nobody should send: values for every type of input, and the places to put them.

Values are JSON texts, so that numbers reach the server as they are written here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    get_nullable_type,
)

from entrepot.graphql.node import encode_id, split_id
from entrepot.platform.ids import new_id

LONG = 900_000
"""Characters: what the limit of a body just lets through."""

TEXTS = (
    "", " ", "\t\r\n", "\0", "a\0b", "\u200b\u200d\ufeff", "\u202egnp.exe", "مقبس كهربائي",
    "\u2066\u2069", "\ufffe\uffff", "\x1b[31m", "\x7f\x85", "😀" * 40, "e" + "\u0301" * 400,
    "ŉ" * 60, "İ" * 60, "ﷺ" * 60, "²", "٣٤", "１２３", "-1", "NaN", "null", "%s%n {0} {field} $1",
    "'; DROP TABLE offer; --", "../../etc/passwd", "a@b", "a@" + "b." * 200 + "c", "ß@ß.test",
    "x" * 51, "x" * 256, "x" * 4001, "я" * 101, "x" * LONG,
)  # fmt: skip
NUMBERS = (
    "0", "-1", "-0", "1e400", "-1e400", "1e-400", "1E+15", "NaN", "sNaN", "Infinity", "", " ",
    "\0", "1\0", "٣", "²", "1_000", "1,5", "0x10", "0.0001", "0.00001", "999999999999999.9999",
    "999999999999999", "99999999999999", "9999999999", "1000000000", "9" * 41, "1" * LONG,
)  # fmt: skip
MOMENTS = (
    "", "\0", "now", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "2026-02-30",
    "2026-01-01T00:00:00", "2026-01-01T25:00:00Z", "٢٠٢٦-01-01T00:00:00Z", "2026-W01-1",
    "2026-01-01T00:00:00+99:99", "x" * LONG,
)  # fmt: skip
INTEGERS = ("-1", "0", "101", "2147483647", "2147483648", "-2147483648", "9223372036854775808")
WRONG_TYPES = (
    "null", "true", "5", "123456789012345678901234567890", "[]", "{}", "[[]]", '["x"]',
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """One wrong value at one place: the variables as JSON text, and words for a report."""

    where: str
    variables: str


def _texts(values: tuple[str, ...]) -> Iterator[str]:
    return (json.dumps(value) for value in values)


def _ids(valid: str) -> Iterator[str]:
    """Ids of nothing, of another type, and almost right."""
    texts = ["", " ", "\0", "x", "x" * LONG, "T2ZmZXI6", "T2ZmZXI6AA", "é", "%00", "-1"]
    try:
        name, key = split_id(valid)
    except Exception:
        name, key = "Offer", new_id()
    wrong = "Company" if name != "Company" else "Offer"
    texts += [
        encode_id(name, new_id()), encode_id(wrong, key), encode_id("Nothing", key),
        encode_id(name, key) + "=", encode_id(name, key).swapcase(), str(key),
    ]  # fmt: skip
    return _texts(tuple(texts))


def hostile(of: GraphQLInputType, valid: Any) -> Iterator[str]:
    """Wrong values for a place of this type, as JSON."""
    yield from WRONG_TYPES
    bare = get_nullable_type(of)
    named = get_named_type(of)
    if isinstance(bare, GraphQLList):
        one = valid[0] if isinstance(valid, list) and valid else sample(bare.of_type)
        yield from (json.dumps([one, one]), json.dumps([None]), json.dumps([one] * 3000))
    elif isinstance(named, GraphQLEnumType | GraphQLInputObjectType):
        yield from _texts(("", "\0", "NO_SUCH", "x" * LONG))
    else:
        match named.name:
            case "ID":
                yield from _ids(valid if isinstance(valid, str) else "")
            case "String":
                yield from _texts(TEXTS)
            case "Int":
                yield from INTEGERS
            case "Decimal" | "Quantity":
                yield from _texts(NUMBERS)
            case "DateTime" | "Date":
                yield from _texts(MOMENTS)


def sample(of: GraphQLInputType) -> Any:
    """Something of the right type."""
    bare = get_nullable_type(of)
    if isinstance(bare, GraphQLList):
        return [sample(bare.of_type)]
    if isinstance(bare, GraphQLInputObjectType):
        return {
            name: sample(found.type)
            for name, found in bare.fields.items()
            if isinstance(found.type, GraphQLNonNull)
        }
    if isinstance(bare, GraphQLEnumType):
        return next(iter(bare.values))
    return {
        "ID": encode_id("Offer", new_id()),
        "Int": 1,
        "Boolean": True,
        "DateTime": "2030-01-01T00:00:00Z",
        "Date": "2030-01-01",
        "Decimal": "1",
        "Quantity": "1",
    }.get(cast(Any, bare).name, "x")


_MARK = "the place 6f1d"
_fresh = count(1)


def attempts(arguments: dict[str, tuple[GraphQLInputType, Any]]) -> Iterator[Attempt]:
    """Every wrong value at every place, however deep, while the rest is valid.

    `arguments`: name to type and valid value; a `#` in a valid text becomes a fresh number each
    time, so that an attempt never fails for a name that an earlier one took.
    """
    valid = {name: value for name, (_, value) in arguments.items() if value is not None}
    for name, (of, value) in arguments.items():
        for place in _places(name, of, value):
            head, tail = json.dumps({**valid, name: place.whole}).split(json.dumps(_MARK))
            for bad in hostile(place.of, place.valid):
                number = str(next(_fresh))
                text = head.replace("#", number) + bad + tail.replace("#", number)
                yield Attempt(f"{place.path} = {bad[:60]}", text)


@dataclass(frozen=True)
class _Place:
    """Where a value goes: path and type, the valid value, and the whole input with a mark."""

    path: str
    of: GraphQLInputType
    valid: Any
    whole: Any


def _places(path: str, of: GraphQLInputType, valid: Any) -> Iterator[_Place]:
    """Each place at and below an input."""
    yield _Place(path, of, valid, _MARK)
    bare = get_nullable_type(of)
    if isinstance(bare, GraphQLList):
        given = valid if isinstance(valid, list) and valid else [sample(bare.of_type)]
        for inner in _places(f"{path}[0]", bare.of_type, given[0]):
            yield replace(inner, whole=[inner.whole, *given[1:]])
    elif isinstance(bare, GraphQLInputObjectType):
        whole = valid if isinstance(valid, dict) else sample(bare)
        for name, found in bare.fields.items():
            for inner in _places(f"{path}.{name}", found.type, whole.get(name)):
                yield replace(inner, whole={**whole, name: inner.whole})
