"""Keeping searches that found nothing; operators work the list off."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

import asyncpg
import structlog

from entrepot.platform.catalog.unmet_demand import rules
from entrepot.platform.clock import Clock
from entrepot.platform.database import execute, fetch_value
from entrepot.platform.errors import NotFound
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.permissions import Permission
from entrepot.platform.ids import new_id

log = structlog.get_logger("entrepot.search")

_KEEP = """
INSERT INTO unmet_query AS kept (id, key, text, company_id, week, searches, first_at, last_at)
SELECT $1, $2::varchar, $3, me.id, $5::date, 1, $6, $6
  FROM company me
 WHERE me.id = $4 AND me.active AND me.is_buyer
   AND (EXISTS (SELECT 1 FROM unmet_query same
                 WHERE same.key = $2 AND same.company_id = $4 AND same.week = $5)
        OR (SELECT count(*) FROM (SELECT 1 FROM unmet_query today
                                   WHERE today.company_id = $4 AND today.first_at >= $7
                                   LIMIT $8) few) < $8)
ON CONFLICT (key, company_id, week) DO UPDATE
   SET searches = least(kept.searches + 1, $9), text = EXCLUDED.text,
       last_at = greatest(kept.last_at, EXCLUDED.last_at)
"""


async def keep(actor: Actor, text: str, *, clock: Clock) -> None:
    """Count a search of the actor's company that found nothing; one statement, never raises.

    Kept are questions of buying companies; an operator who looks whether something is there now
    asks for nothing. Of new questions a company has `rules.NEW_A_DAY` a day, so that a script
    cannot fill the table (some more where it asks in parallel). A database that does not take it
    is logged: the answer of the search stands.
    """
    asked = rules.question(text)
    if asked is None or actor.may(Permission.MARKETPLACE_OPERATE):
        return
    now = clock.now()
    try:
        await execute(
            _KEEP,
            new_id(),
            asked.key,
            asked.text,
            actor.company_id,
            rules.week_of(now),
            now,
            now - timedelta(days=1),
            rules.NEW_A_DAY,
            rules.SEARCHES_MAX,
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        log.warning("an unmet search was not kept", error=type(error).__name__)


class Verdict(StrEnum):
    """What an operator says of a question: listed again when asked again, or never."""

    DONE = "done"
    SPAM = "spam"


_DISMISS = """
INSERT INTO unmet_dismissal (id, key, verdict, dismissed_by_id, dismissed_at)
SELECT $1, $2::varchar, $3, $4, $5
 WHERE EXISTS (SELECT 1 FROM unmet_query q WHERE q.key = $2)
ON CONFLICT (key) DO UPDATE
   SET verdict = EXCLUDED.verdict, dismissed_by_id = EXCLUDED.dismissed_by_id,
       dismissed_at = EXCLUDED.dismissed_at
RETURNING key
"""


async def dismiss(actor: Actor, text: str, verdict: Verdict, *, clock: Clock) -> None:
    """Take a question, in any spelling, off the operators' list.

    `done` until somebody asks it after now, `spam` for good; what was counted stays. Needs
    `marketplace.operate`. Raises `NotFound` for what nobody asked.
    """
    actor.require(Permission.MARKETPLACE_OPERATE)
    asked = rules.question(text)
    found = asked and await fetch_value(
        _DISMISS, new_id(), asked.key, verdict.value, actor.user_id, clock.now()
    )
    if not found:
        raise NotFound("unmet query").at("query")
