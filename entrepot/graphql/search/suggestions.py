"""Suggestions in GraphQL, while somebody types a search."""

from typing import Annotated, Final

import strawberry

from entrepot.graphql.catalog.loading import viewer
from entrepot.graphql.catalog.parts import Category
from entrepot.graphql.catalog.types import Offer
from entrepot.graphql.context import Info
from entrepot.graphql.errors import CommonErrors
from entrepot.graphql.fields import argument, field, mutation
from entrepot.platform.errors import InvalidInput
from entrepot.search.suggest import forget, suggest

MAX_SUGGESTIONS: Final = 20


@strawberry.type(description="What an unfinished search may become, the best of each kind first.")
class SearchSuggestions:
    """Suggestions by kind."""

    recent: list[str] = strawberry.field(
        description="What you looked for and found before, latest first."
    )
    numbers: list[Offer] = strawberry.field(description="Offers whose article number begins so.")
    names: list[Offer] = strawberry.field(description="Offers whose name has the words.")
    categories: list[Category] = strawberry.field(description="Categories called so.")


@strawberry.type(description="Your recent searches are forgotten.")
class ClearRecentSearchesPayload:
    cleared: int = strawberry.field(description="How many there were.")


ClearRecentSearchesResult = Annotated[
    ClearRecentSearchesPayload | CommonErrors,
    strawberry.union("ClearRecentSearchesResult", description="Done, or why not."),
]


@strawberry.type
class SuggestionQueries:
    """Root fields of suggestions."""

    @field(
        "What a search may become while it is typed: article numbers, names, categories, and your"
        " own recent searches. A blank text gives the recent ones."
    )
    async def search_suggestions(
        self,
        info: Info,
        query: Annotated[str, argument("What has been typed so far; 256 characters are read.")],
        first: Annotated[int, argument("How many of each kind: 1 to 20.")] = 5,
    ) -> SearchSuggestions:
        actor = viewer(info.context)
        if not 1 <= first <= MAX_SUGGESTIONS:
            raise InvalidInput("first", f"1 to {MAX_SUGGESTIONS}", f"от 1 до {MAX_SUGGESTIONS}")
        resources = info.context.resources
        found = await suggest(resources.search, resources.redis, actor, query, limit=first)
        return SearchSuggestions(
            recent=list(found.recent),
            numbers=[Offer.from_page(one) for one in found.numbers],
            names=[Offer.from_page(one) for one in found.names],
            categories=[Category.from_row(row) for row in found.categories],
        )


@strawberry.type
class SuggestionMutation:
    """Root fields."""

    @mutation("Forget what you searched for in this company.")
    async def clear_recent_searches(self, info: Info) -> ClearRecentSearchesResult:
        actor = viewer(info.context)
        return ClearRecentSearchesPayload(cleared=await forget(info.context.resources.redis, actor))
