"""Suggestions while somebody types: numbers, names, categories and what they looked for before.

The engine completes; what is shown comes from the database, for offers that the actor sees. The
searches of a person are theirs alone, kept in Redis for a month: losing them costs nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from entrepot.platform.catalog.queries import CategoryRow, categories_by_ids
from entrepot.platform.identity.actor import Actor
from entrepot.platform.pricing import offer_pages
from entrepot.platform.pricing.offer_pages import PagedOffer, Part
from entrepot.search.asking import understand_prefix
from entrepot.search.engine import SearchEngine
from entrepot.search.errors import SearchUnavailable
from entrepot.search.find import answering
from entrepot.search.pieces import folded_case, readable
from entrepot.search.query import Prefix
from entrepot.search.words import index_terms

#: Searches kept of a person, and how long.
RECENT_MAX: Final = 20
_RECENT_SECONDS: Final = 30 * 24 * 3600
#: A longer text is a pasted list, which nobody wants suggested.
_RECENT_TEXT_MAX: Final = 100
#: So many sellers may offer what is suggested once.
_OFFERS_A_PRODUCT: Final = 4
_WORD: Final = re.compile(r"[^\W_]+")

log = structlog.get_logger("entrepot.search")


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What an unfinished question may become, the best of each kind first.

    `numbers` and `names` are offers with their products, of each product one.
    """

    recent: tuple[str, ...] = ()
    numbers: tuple[PagedOffer, ...] = ()
    names: tuple[PagedOffer, ...] = ()
    categories: tuple[CategoryRow, ...] = ()


async def suggest(
    engine: SearchEngine, redis: Redis, actor: Actor, text: str, *, limit: int
) -> Suggestions:
    """Complete what the actor has typed, at most `limit` of each kind.

    A blank text suggests what the person looked for last. Raises `SearchUnavailable`. At
    most three statements and one round trip to Redis.
    """
    recent = await _recent(redis, actor)
    if not text.strip():
        return Suggestions(recent=recent[:limit])
    prefix = await understand_prefix(actor, text)
    with answering():
        found = await engine.suggest(prefix, limit=limit * _OFFERS_A_PRODUCT)
    hits = [*found.numbers, *found.names]
    wanted = list(dict.fromkeys(hit.offer_id for hit in hits))
    seen = await offer_pages.offers_by_ids(actor, wanted, Part.PRODUCT) if wanted else {}
    shown = {offer_id: one for offer_id, one in seen.items() if one.offer.active}
    categories = await _called(prefix, [UUID(one.value) for one in found.categories])
    return Suggestions(
        recent=_beginning(recent, text)[:limit],
        numbers=_once(
            [shown[hit.offer_id] for hit in found.numbers if hit.offer_id in shown], limit
        ),
        names=_once([shown[hit.offer_id] for hit in found.names if hit.offer_id in shown], limit),
        categories=categories[:limit],
    )


async def _called(prefix: Prefix, ids: list[UUID]) -> tuple[CategoryRow, ...]:
    """The categories whose own name has the unfinished word, not only that of one above."""
    rows = await categories_by_ids(ids) if ids else {}
    return tuple(
        rows[one]
        for one in ids
        if one in rows
        and any(
            term.startswith(prefix.unfinished)
            for term in index_terms(f"{rows[one].name_en} {rows[one].name_ru}")
        )
    )


def _once(offers: list[PagedOffer], limit: int) -> tuple[PagedOffer, ...]:
    """The best offer of each product, at most `limit`."""
    best: dict[UUID, PagedOffer] = {}
    for one in offers:
        best.setdefault(one.offer.product_id, one)
    return tuple(best.values())[:limit]


def _beginning(recent: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Those of the searches in which each word typed begins some word."""
    typed = _words(text)
    return tuple(
        one
        for one in recent
        if all(any(word.startswith(part) for word in _words(one)) for part in typed)
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(folded_case(readable(text)))


async def remember(redis: Redis, actor: Actor, text: str) -> None:
    """Put a search that found something first among the person's; never raises."""
    text = " ".join(text.split())
    if not text or len(text) > _RECENT_TEXT_MAX:
        return
    try:
        async with redis.pipeline(transaction=False) as together:
            together.lrem(_key(actor), 0, text)
            together.lpush(_key(actor), text)
            together.ltrim(_key(actor), 0, RECENT_MAX - 1)
            together.expire(_key(actor), _RECENT_SECONDS)
            await together.execute()
    except RedisError as error:
        log.warning("a search was not remembered", error=type(error).__name__)


async def forget(redis: Redis, actor: Actor) -> int:
    """Drop the person's searches in this company; return how many there were.

    Raises `SearchUnavailable` where Redis does not answer: then they are still there.
    """
    try:
        async with redis.pipeline(transaction=True) as together:
            together.llen(_key(actor))
            together.delete(_key(actor))
            count, _ = await together.execute()
    except RedisError as error:
        log.warning("searches were not forgotten", error=type(error).__name__)
        raise SearchUnavailable() from error
    return int(count)


async def _recent(redis: Redis, actor: Actor) -> tuple[str, ...]:
    try:
        found = await redis.lrange(_key(actor), 0, RECENT_MAX - 1)
    except RedisError as error:
        log.warning("searches cannot be recalled", error=type(error).__name__)
        return ()
    return tuple(one.decode() if isinstance(one, bytes) else one for one in found)


def _key(actor: Actor) -> str:
    """A person's searches in one company: who changes company finds those made there."""
    return f"entrepot:searches:{actor.company_id.hex}:{actor.user_id.hex}"
