"""One-time links in approvers' letters: who holds one may decide that one step, once.

Only the digest of a token is stored. A link is dead once used, when its approval expires, and when
its person could no longer decide in a session.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from entrepot.platform.carts.approvals.asking import Asked
from entrepot.platform.carts.approvals.events import ApprovalRequested
from entrepot.platform.database import execute, execute_many, fetch, fetch_one
from entrepot.platform.identity import tokens
from entrepot.platform.identity.errors import InvalidToken
from entrepot.platform.ids import new_id
from entrepot.platform.outbox import record

INSERT = """
INSERT INTO approval_link (id, token_hash, approval_id, step, user_id, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
LIVE = """
SELECT l.id, l.approval_id, l.step, l.user_id
  FROM approval_link l JOIN user_account u ON u.id = l.user_id
 WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND u.disabled_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Link:
    """A live link: whose it is, and for which step of which approval."""

    id: UUID
    approval_id: UUID
    step: int
    user_id: UUID


async def ask(
    secret_key: bytes, approval_id: UUID, step: int, people: Iterable[Asked], expires_at: datetime
) -> None:
    """Give everybody who has none a link for the step, and record `ApprovalRequested`.

    Call it with the approval locked; people who were asked before are not asked again.
    """
    rows = await fetch(
        "SELECT user_id FROM approval_link WHERE approval_id = $1 AND step = $2", approval_id, step
    )
    earlier = {row["user_id"] for row in rows}
    fresh = {new_id(): one.user_id for one in people if one.user_id not in earlier}
    if not fresh:
        return
    await execute_many(
        INSERT,
        [
            (link_id, digest_of(secret_key, link_id), approval_id, step, user_id, expires_at)
            for link_id, user_id in fresh.items()
        ],
    )
    await record(ApprovalRequested(approval_id, step, tuple(fresh)))


def digest_of(secret_key: bytes, link_id: UUID) -> str:
    """Return what is stored of a link's token."""
    return tokens.digest(tokens.link_token(secret_key, "approve", link_id))


async def live_link(token: str, now: datetime) -> Link:
    """Return the link of a token without using it up. Raises `InvalidToken`."""
    if len(token) > tokens.MAX_TOKEN_LENGTH:
        raise InvalidToken
    row = await fetch_one(LIVE, tokens.digest(token), now)
    if row is None:
        raise InvalidToken
    return Link(**row)


async def use(link: Link, now: datetime) -> None:
    """Use a link up, in the transaction of the decision. Raises `InvalidToken` if it was."""
    used = await execute(
        "UPDATE approval_link SET used_at = $2 WHERE id = $1 AND used_at IS NULL", link.id, now
    )
    if not used:
        raise InvalidToken
