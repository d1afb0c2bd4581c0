"""What an actor finds: only what they may see, only what is still listed."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from entrepot.platform.catalog.models import Offer
from entrepot.platform.errors import Forbidden
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.models import Company
from entrepot.platform.identity.permissions import Role
from entrepot.search.asking import understand
from entrepot.search.backends.tantivy import TantivyEngine
from entrepot.search.errors import SearchUnavailable
from entrepot.search.find import FoundOffers, count_facets, search_offers
from entrepot.search.own_prices import PricedQuery
from entrepot.search.query import SearchQuery
from entrepot.search.reindex import rebuild
from tests.factories import Seller, make_buyer, make_offer, make_product
from tests.factories import make_seller as new_seller

pytestmark = pytest.mark.usefixtures("database")

NOW = datetime(2026, 11, 1, tzinfo=UTC)


async def find(
    engine: TantivyEngine, actor: Actor, text: str, *, first: int = 10, after: int = 0
) -> FoundOffers:
    query = await understand(actor, SearchQuery(text))
    return await search_offers(engine, actor, query, first=first, after=after, now=NOW)


def ids(page: FoundOffers) -> list[UUID]:
    return [hit.paged.offer.id for hit in page.offers]


async def four_offers(engine: TantivyEngine) -> tuple[Seller, list[UUID]]:
    """Four indexed offers of one seller for one product."""
    seller = await new_seller()
    product = await make_product("KR-4410")
    offers = [(await make_offer(seller, product, price="100")).id for _ in range(4)]
    await rebuild(engine)
    return seller, offers


async def test_pages_follow_ranks_to_the_end(tantivy_engine: TantivyEngine) -> None:
    _, offers = await four_offers(tantivy_engine)
    buyer = await make_buyer()
    first = await find(tantivy_engine, buyer, "kr4410", first=3)
    assert (len(first.offers), first.has_next, first.total) == (3, True, 4)
    rest = await find(tantivy_engine, buyer, "kr4410", first=3, after=first.offers[-1].rank)
    assert (len(rest.offers), rest.has_next) == (1, False)
    assert {*ids(first), *ids(rest)} == set(offers)
    beyond = await find(tantivy_engine, buyer, "kr4410", first=3, after=10**9)
    assert (ids(beyond), beyond.has_next) == ([], False)


async def test_an_offer_withdrawn_a_moment_ago_is_not_shown_and_the_page_is_filled(
    tantivy_engine: TantivyEngine,
) -> None:
    _, offers = await four_offers(tantivy_engine)
    buyer = await make_buyer()
    leading = ids(await find(tantivy_engine, buyer, "kr4410"))[0]
    await Offer.filter(id=leading).update(active=False)
    page = await find(tantivy_engine, buyer, "kr4410", first=3)
    assert set(ids(page)) == set(offers) - {leading}
    assert not page.has_next


async def test_offers_of_a_closed_seller_are_not_shown(tantivy_engine: TantivyEngine) -> None:
    seller, _ = await four_offers(tantivy_engine)
    await Company.filter(id=seller.id).update(active=False)
    assert ids(await find(tantivy_engine, await make_buyer(), "kr4410")) == []


async def test_a_seller_finds_and_counts_only_their_own(tantivy_engine: TantivyEngine) -> None:
    rival = await new_seller()
    own = await make_offer(rival, await make_product("KR-4410X", brand="Zeta"))
    seller, offers = await four_offers(tantivy_engine)
    page = await find(tantivy_engine, rival.actor, "kr4410")
    assert ids(page) == [own.id]
    assert page.total == 1
    facets = await count_facets(
        tantivy_engine, PricedQuery(await understand(rival.actor, SearchQuery("kr4410")))
    )
    assert [(facet.value, facet.count) for facet in facets.brands] == [("Zeta", 1)]
    assert sum(facet.count for facet in facets.categories) == 1
    assert set(ids(await find(tantivy_engine, seller.actor, ""))) == set(offers)


async def test_a_damaged_index_is_a_typed_refusal(tantivy_engine: TantivyEngine) -> None:
    await four_offers(tantivy_engine)
    (tantivy_engine.folders.current() / "meta.json").write_text("{")  # type: ignore[operator]
    with pytest.raises(SearchUnavailable):
        await find(tantivy_engine, await make_buyer(), "kr4410")


async def test_a_role_without_the_catalogue_is_refused(tantivy_engine: TantivyEngine) -> None:
    accountant = await make_buyer(Role.ACCOUNTANT)
    with pytest.raises(Forbidden):
        await understand(accountant, SearchQuery("kr4410"))
