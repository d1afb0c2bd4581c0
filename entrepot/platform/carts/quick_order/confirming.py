"""Confirming a quick order: the good lines and those the buyer chose go into a cart, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.quick_order.choosing import Wanted, fit
from entrepot.platform.carts.quick_order.errors import (
    LineNotTakeable,
    NothingToOrder,
    QuickOrderConfirmed,
)
from entrepot.platform.carts.quick_order.finding import FoundOffer, offers_by_ids
from entrepot.platform.carts.quick_order.outcomes import (
    GOOD,
    PROPOSED,
    MatchedBy,
    MatchedLine,
    Outcome,
)
from entrepot.platform.carts.quick_order.queries import all_lines, quick_order_of
from entrepot.platform.carts.service import NewCartLine, add_lines
from entrepot.platform.catalog.aliases.service import learn
from entrepot.platform.catalog.errors import UnitNotSold
from entrepot.platform.clock import Clock
from entrepot.platform.database import execute, transaction
from entrepot.platform.errors import DomainError, InvalidInput, NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission

_TAKE = """
UPDATE quick_order_line SET taken = true
 WHERE quick_order_id = $1 AND (line_number = ANY($2::int[])
       OR (details->>'merged_into')::int = ANY($2::int[]))
"""
_CONFIRM = "UPDATE quick_order SET confirmed_at = $2, cart_id = $3 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class LineChoice:
    """What the buyer says of a line: leave it out, or take it, with an offer or quantity of theirs.

    A quantity is in the product's unit. Neither: the line is taken as it is proposed.
    """

    line_number: int
    offer_id: UUID | None = None
    quantity: Decimal | None = None
    skip: bool = False


@dataclass(frozen=True, slots=True)
class _Taken:
    line: MatchedLine
    offer_id: UUID
    quantity: Decimal
    by_choice: bool


async def confirm(
    actor: Actor,
    quick_order_id: UUID,
    choices: Sequence[LineChoice],
    *,
    clock: Clock,
    cart_id: UUID | None = None,
    accept_proposals: bool = False,
) -> UUID:
    """Put the good lines and the chosen ones into the cart, all or none; returns the cart's id.

    Without `cart_id` they go into the default cart of the quick order's legal entity. Good are
    lines found by a number whose quantity can be ordered as it is; with `accept_proposals` those
    with a proposal too (another quantity, an analog, what is in stock). Where the buyer names an
    offer for a line that was not found, was ambiguous, or was matched by an analog or an alias,
    the number is learned as the company's alias for it; what we proposed teaches nothing.

    Needs `cart.manage`. Locks the quick order, then the cart. Raises `NotFound`,
    `QuickOrderConfirmed`, `NothingToOrder`, `LineNotTakeable`, `UnitNotSold`, `InvalidInput` and
    what `carts.service.add_lines` does; errors about a line carry its number, from zero, as the
    line index.
    """
    actor.require(Permission.CART_MANAGE)
    async with transaction():
        quick_order = await quick_order_of(actor, quick_order_id, lock=True)
        if quick_order.cart_id is not None:
            raise QuickOrderConfirmed(quick_order.cart_id)
        lines = {row.line.line_number: row.line for row in await all_lines(quick_order_id)}
        by_line = _checked(choices, lines)
        buyer = replace(actor, legal_entity_id=quick_order.legal_entity_id)
        named = {choice.offer_id for choice in choices if choice.offer_id and not choice.skip}
        offers = await _offers(buyer, named)
        taken = _taken(lines, by_line, offers, accept_proposals)
        if not taken:
            raise NothingToOrder
        try:
            cart = await add_lines(
                buyer, cart_id, [NewCartLine(t.offer_id, t.quantity) for t in taken], clock=clock
            )
        except DomainError as error:
            raise _at_line(error, taken) from None
        await learn(actor, _lessons(taken, offers))
        await execute(_TAKE, quick_order_id, [one.line.line_number for one in taken])
        await execute(_CONFIRM, quick_order_id, clock.now(), cart)
    return cart


async def _offers(buyer: Actor, named: set[UUID]) -> Mapping[UUID, FoundOffer]:
    if not named:
        return {}
    return await offers_by_ids(buyer.company_id, buyer.legal_entity_id, named)


def _checked(
    choices: Sequence[LineChoice], lines: Mapping[int, MatchedLine]
) -> dict[int, LineChoice]:
    found: dict[int, LineChoice] = {}
    for index, choice in enumerate(choices):
        line = lines.get(choice.line_number)
        field = f"lines.{index}.lineNumber"
        if line is None:
            raise InvalidInput(field, "is not a line of this list", "в списке нет такой строки")
        if choice.line_number in found:
            raise InvalidInput(field, "is chosen twice", "строка выбрана дважды")
        if line.merged_into is not None and not choice.skip:
            into = line.merged_into
            raise InvalidInput(field, f"is counted in line {into}", f"учтена в строке {into}")
        found[choice.line_number] = choice
    return found


def _taken(
    lines: Mapping[int, MatchedLine],
    by_line: Mapping[int, LineChoice],
    offers: Mapping[UUID, FoundOffer],
    accept_proposals: bool,
) -> list[_Taken]:
    """The lines that go into the cart, in their order."""
    taken: list[_Taken] = []
    for number, line in lines.items():
        choice = by_line.get(number)
        if line.merged_into is not None or (choice is not None and choice.skip):
            continue
        if choice is not None:
            taken.append(_chosen(line, choice, lines, offers))
            continue
        fine = line.outcome in GOOD or (accept_proposals and line.outcome in PROPOSED)
        if fine and line.offer_id is not None and line.proposed_quantity is not None:
            taken.append(_Taken(line, line.offer_id, line.proposed_quantity, by_choice=False))
    return taken


def _chosen(
    line: MatchedLine,
    choice: LineChoice,
    lines: Mapping[int, MatchedLine],
    offers: Mapping[UUID, FoundOffer],
) -> _Taken:
    offer_id, quantity = choice.offer_id or line.offer_id, choice.quantity
    if choice.offer_id is not None and choice.offer_id not in offers:
        raise NotFound("offer").at("lines", str(line.line_number), "offerId", line_index=_at(line))
    if quantity is None and offer_id == line.offer_id:
        quantity = line.proposed_quantity
    if quantity is None and offer_id is not None and offer_id in offers:
        quantity = _orderable(line, offers[offer_id], lines)
    if offer_id is None or quantity is None:
        raise LineNotTakeable(line.line_number).at(
            "lines", str(line.line_number), line_index=_at(line)
        )
    return _Taken(line, offer_id, quantity, by_choice=choice.offer_id is not None)


def _orderable(
    line: MatchedLine, offer: FoundOffer, lines: Mapping[int, MatchedLine]
) -> Decimal | None:
    """What the line and those counted in it come to with this offer, as it can be ordered."""
    together = [line, *(lines[number] for number in line.details.get("merged", ()))]
    wanted = [one for each in together if (one := _wanted(each)) is not None]
    if not wanted:
        return None
    found = fit(offer, wanted)
    if found is None:
        unit = next(unit for _, unit in wanted if unit is not None)
        raise UnitNotSold(unit, offer.product_unit, tuple(sorted(offer.units))).at(
            "lines", str(line.line_number), line_index=_at(line)
        )
    return found.proposal.proposed


def _wanted(line: MatchedLine) -> Wanted | None:
    meant = line.details.get("meant")
    if meant is not None:
        return Decimal(meant), line.details.get("meant_unit") or line.unit
    return None if line.quantity is None else (line.quantity, line.unit)


def _lessons(
    taken: Iterable[_Taken], offers: Mapping[UUID, FoundOffer]
) -> list[tuple[str, UUID, UUID | None]]:
    """What a person taught: (number, product, offer)."""
    unsure = (None, MatchedBy.CROSS_REFERENCE, MatchedBy.BUYER_ALIAS)
    return [
        (one.line.number, offers[one.offer_id].product_id, one.offer_id)
        for one in taken
        if one.by_choice
        and one.line.outcome is not Outcome.INVALID
        and (one.line.outcome is Outcome.AMBIGUOUS or one.line.matched_by in unsure)
    ]


def _at(line: MatchedLine) -> int:
    return line.line_number - 1


def _at_line(error: DomainError, taken: Sequence[_Taken]) -> DomainError:
    """Let an error about a line of the cart tell the line of the list."""
    if error.line_index is None or error.line_index >= len(taken):
        return error
    line = taken[error.line_index].line
    return error.at("lines", str(line.line_number), *error.path[2:], line_index=_at(line))
