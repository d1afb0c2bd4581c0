"""Typed attributes of imported lines: every value stands under a definition of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from entrepot.platform.catalog.import_rules import CatalogLine
from entrepot.platform.catalog.import_texts import attribute_code, attribute_name
from entrepot.platform.database import execute, fetch
from entrepot.platform.ids import new_id

_DEFINE = """
INSERT INTO attribute_definition (id, code, name_en, name_ru, kind)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $3::text[], $4::text[])
ON CONFLICT (code) DO NOTHING
"""


def kind_of(value: object) -> str:
    """Return the kind of a JSON value: text, number or boolean."""
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


async def with_typed_attributes(lines: Sequence[CatalogLine], *, define: bool) -> list[CatalogLine]:
    """Return the lines with attributes by code, each code of one kind.

    Where a code is taken by another kind (`4.5` beside `yes`), the value goes to `code_number`,
    `code_text` or `code_boolean`. `define`: write the definitions that are missing.
    """
    wanted: dict[str, tuple[str, str]] = {}
    for line in lines:
        for key, value in (line.attributes or {}).items():
            kind, code = kind_of(value), attribute_code(key)
            wanted.setdefault(code, (kind, key))
            wanted.setdefault(f"{code}_{kind}", (kind, key))
    if not wanted:
        return list(lines)
    kinds = await _kinds(list(wanted))
    fresh: dict[str, tuple[str, str]] = {}
    for line in lines:
        for key, value in (line.attributes or {}).items():
            code, kind = _place(key, value, kinds)
            if code not in kinds:
                kinds[code] = kind
                fresh[code] = (kind, attribute_name(key))
    if fresh and define:
        codes = sorted(fresh)
        names = [fresh[code][1] for code in codes]
        made = [fresh[code][0] for code in codes]
        await execute(_DEFINE, [new_id() for _ in codes], codes, names, made)
        kinds |= await _kinds(codes)
    return [_typed(line, kinds) for line in lines]


async def _kinds(codes: list[str]) -> dict[str, str]:
    rows = await fetch(
        "SELECT code, kind FROM attribute_definition WHERE code = ANY($1::text[])", codes
    )
    return {row["code"]: row["kind"] for row in rows}


def _place(key: str, value: object, kinds: dict[str, str]) -> tuple[str, str]:
    code, kind = attribute_code(key), kind_of(value)
    return (code if kinds.get(code, kind) == kind else f"{code}_{kind}"), kind


def _typed(line: CatalogLine, kinds: dict[str, str]) -> CatalogLine:
    if not line.attributes:
        return line
    placed: dict[str, Any] = {}
    for key, value in line.attributes.items():
        placed.setdefault(_place(key, value, kinds)[0], value)
    return replace(line, attributes=placed)
