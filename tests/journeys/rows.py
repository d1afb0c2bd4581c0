"""How every root field is called: by outsiders, and validly. Each topic has a module of its own.

A module `rows_<topic>.py` beside this one may define

* `ROWS: dict[str, Row]`: a row for each root field of the topic;
* `VALID: dict[str, dict]`: arguments with which the victims' own people succeed, where the row's do
  not do (`#` becomes a number, `$name` an id);
* `UNTOLD: tuple[str, ...]`: names of ids that nobody else may learn; `HIDDEN_NODES`: those that
  `node` answers null for;
* `async def build(victims) -> dict[str, str]`: makes the victims' things, returns global ids;
* `async def prepare(api, world, people) -> None`: adds to `world.ids` what only valid calls need.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from entrepot.platform.catalog.models import Offer
from entrepot.platform.identity.actor import Actor
from tests.factories import Seller

MEMBERS = frozenset({"other_buyer", "other_seller"})
LOW = frozenset({"low_at_buyer", "low_at_seller"})
SIGNED_IN = MEMBERS | LOW
ALL = SIGNED_IN | {"anonymous"}
BUYERS, SELLERS = frozenset({"other_buyer"}), frozenset({"other_seller"})


@dataclass(frozen=True)
class Row:
    """How to call a field, and which outsiders may succeed: on public or their own things.

    Strings `$name` in the arguments stand for the victims' ids.
    """

    arguments: dict[str, Any] = field(default_factory=dict)
    may: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Victims:
    """Whose things outsiders are after: a seller with an offer, a buyer with an open cart."""

    seller: Seller
    buyer: Actor
    colleague: Actor
    shown: Offer
    cart_id: str
    """Global id of the buyer's open cart."""


def row(may: frozenset[str] = frozenset(), **values: Any) -> Row:
    """Return the row of a field that takes one `input`."""
    return Row({"input": values}, may)


def topics() -> list[ModuleType]:
    """Return the modules of all topics."""
    here = Path(__file__).parent
    return [
        importlib.import_module(f"tests.journeys.{path.stem}")
        for path in sorted(here.glob("rows_*.py"))
    ]


def gathered(name: str) -> dict[str, Any]:
    """Return the dicts of that name in all topics as one; no key may come twice."""
    found: dict[str, Any] = {}
    for topic in topics():
        values = getattr(topic, name, {})
        assert not found.keys() & values.keys(), (topic.__name__, found.keys() & values.keys())
        found |= values
    return found


def listed(name: str) -> tuple[str, ...]:
    """Return the tuples of that name in all topics as one."""
    return tuple(one for topic in topics() for one in getattr(topic, name, ()))
