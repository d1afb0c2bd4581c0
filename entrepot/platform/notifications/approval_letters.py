"""Letters about approvals: to those asked, with a link of their own, and to who asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from entrepot.platform.carts.approvals.events import ApprovalRequested
from entrepot.platform.carts.approvals.queries import for_letter
from entrepot.platform.carts.approvals.rules import ApprovalStatus
from entrepot.platform.carts.approvals.views import ApprovalView
from entrepot.platform.config import Settings
from entrepot.platform.database import fetch, fetch_one
from entrepot.platform.identity import tokens
from entrepot.platform.identity.resources import secret_key_of
from entrepot.platform.money import plain_amount, told_amount
from entrepot.platform.notifications.writing import OutgoingLetter
from entrepot.platform.quantities import plain

SHOWN_LINES = 15
PAGE = "approve"
_ASKED = """
SELECT l.id, l.expires_at, u.email, u.name, u.locale
  FROM approval_link l JOIN user_account u ON u.id = l.user_id
 WHERE l.id = ANY($1::uuid[]) AND l.used_at IS NULL AND l.expires_at > $2
   AND u.disabled_at IS NULL
 ORDER BY u.email
"""


async def letters_of_request(
    event: ApprovalRequested, settings: Settings, now: datetime
) -> list[OutgoingLetter]:
    """Return the letters to those asked at a step; none once the step is decided.

    Links are derived here, at the last moment, so no queue and no table ever holds one. Raises
    `SecretKeyMissing`.
    """
    view = await for_letter(event.approval_id, now)
    if view is None or view.status is not ApprovalStatus.PENDING or view.current_step != event.step:
        return []
    secret_key = secret_key_of(settings)
    letters = []
    for person in await fetch(_ASKED, list(event.link_ids), now):
        token = tokens.link_token(secret_key, "approve", person["id"])
        letters.append(
            OutgoingLetter(
                "approval_requested",
                person["email"],
                person["locale"],
                person["name"],
                _request(view, person["locale"]),
                # in the fragment, which browsers send to no server
                f"{settings.public_url.rstrip('/')}/{PAGE}#token={token}",
                token,
                person["expires_at"],
            )
        )
    return letters


async def letters_of_decision(approval_id: UUID, now: datetime) -> list[OutgoingLetter]:
    """Return the letter to who asked, that their cart was agreed to or refused."""
    view = await for_letter(approval_id, now)
    if view is None or not view.decisions:
        return []
    last = view.decisions[-1]
    numbers = {line.line_id: line.article_number for line in view.snapshot.lines}
    values = {
        "by": last.decided_by.name,
        "reason": last.reason,
        "changes": [
            {"number": numbers.get(line_id, ""), "before": plain(before), "after": plain(after)}
            for decision in view.decisions
            for line_id, before, after in decision.changes
        ],
    }
    kind = "approval_granted" if last.approved else "approval_refused"
    return await _to_requester(view, kind, values)


async def letters_of_expiry(approval_id: UUID, now: datetime) -> list[OutgoingLetter]:
    """Return the letter to who asked, that nobody decided in time."""
    view = await for_letter(approval_id, now)
    return [] if view is None else await _to_requester(view, "approval_expired", {})


async def _to_requester(
    view: ApprovalView, kind: str, values: Mapping[str, object]
) -> list[OutgoingLetter]:
    person = await fetch_one(
        "SELECT email, name, locale FROM user_account WHERE id = $1 AND disabled_at IS NULL",
        view.requested_by.id,
    )
    if person is None:
        return []
    shown = {"cart": view.snapshot.cart_name, "totals": _totals(view), **values}
    return [OutgoingLetter(kind, person["email"], person["locale"], person["name"], shown)]


def _request(view: ApprovalView, locale: str) -> dict[str, object]:
    lines = view.snapshot.lines
    return {
        "requester": view.requested_by.name,
        "entity": view.legal_entity_name,
        "cart": view.snapshot.cart_name,
        "totals": _totals(view),
        "reasons": [f"— {reason.sentence(locale)}." for reason in view.reasons],
        "note": view.note,
        "lines": [
            {
                "number": line.article_number,
                "title": line.title(locale),
                "quantity": plain(line.quantity),
                "price": told_amount(line.unit_price, line.currency),
                "net": _money(line.net, line.currency),
            }
            for line in lines[:SHOWN_LINES]
        ],
        "more": max(0, len(lines) - SHOWN_LINES),
    }


def _money(amount: Decimal, currency: str) -> str:
    return f"{plain_amount(amount, currency)} {currency}"


def _totals(view: ApprovalView) -> str:
    sums = sorted(view.snapshot.totals().items())
    return " + ".join(_money(net, currency) for currency, net in sums)
