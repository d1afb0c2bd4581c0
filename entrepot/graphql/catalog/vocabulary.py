"""The marketplace's own search words in GraphQL: the operator's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import enum_value

from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors, UserError, error_type
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import Node, decode_id, encode_id, register_node
from entrepot.graphql.once import once
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.platform.catalog.vocabulary import errors, queries, rules, service


@strawberry.enum(description="What an entry says about its words.")
class SearchWordKind(Enum):
    SYNONYM = enum_value("synonym", description="All of its words mean the same.")
    REPLACEMENT = enum_value(
        "replacement", description="Whoever writes one of its words also finds what it means."
    )
    STOP_WORD = enum_value("stop_word", description="Its words are not searched by.")
    UNIT = enum_value(
        "unit", description="Its words are spellings of a unit, whose UN/ECE Rec 20 code it means."
    )


@strawberry.type(description="An entry of the marketplace's own search words.")
class SearchWord(Node):
    kind: SearchWordKind = strawberry.field(description="What it says.")
    words: list[str] = strawberry.field(description="The words or phrases, as written.")
    means: list[str] = strawberry.field(
        description="What they mean: phrases, or the code of a unit. Empty where they mean each "
        "other, or nothing."
    )
    updated_at: datetime = strawberry.field(description="When it was last saved.")

    @classmethod
    def from_row(cls, row: queries.SearchWordRow) -> "SearchWord":
        """Show a row."""
        return cls(
            id=encode_id("SearchWord", row.id),
            kind=SearchWordKind(row.kind.value),
            words=list(row.words),
            means=list(row.means),
            updated_at=row.updated_at,
        )


async def load_search_words(
    context: RequestContext, ids: Sequence[UUID]
) -> Mapping[UUID, queries.SearchWordRow]:
    """Entries by id."""
    return await queries.search_words_by_ids(context.require_actor(), ids)


async def _search_word_node(context: RequestContext, key: UUID) -> SearchWord | None:
    row = await context.load(load_search_words, key)
    return SearchWord.from_row(row) if row else None


register_node("SearchWord", _search_word_node)


@error_type(
    errors.SearchWordContradiction,
    word="The word.",
    word_index="Its place in the list that `path` names, from 0.",
)
class SearchWordContradiction(UserError):
    """Another entry says the opposite about one of the words."""


@error_type(errors.TooManySearchWords, limit="How many there may be.")
class TooManySearchWords(UserError):
    """The marketplace has as many entries as it may."""


@strawberry.input(description="What search shall know about words.")
class SaveSearchWordInput:
    kind: SearchWordKind = strawberry.field(description="What the entry says.")
    words: list[str] = strawberry.field(
        description="Words or phrases: up to 20, of up to 6 words and 100 characters; two or more "
        "for synonyms, single words for stop words and units."
    )
    means: list[str] = strawberry.field(
        default_factory=list,
        description="For a replacement the phrases it also finds, for a unit its one code.",
    )
    search_word_id: strawberry.ID | None = strawberry.field(
        default=None, description="The `SearchWord` to replace; a new one without it."
    )


@strawberry.input(description="The entry to delete.")
class DeleteSearchWordInput:
    search_word_id: strawberry.ID = strawberry.field(description="A `SearchWord`.")


@strawberry.type(description="The entry as it is now.")
class SearchWordPayload:
    search_word: SearchWord = strawberry.field(description="The entry.")


@strawberry.type(description="The entry is deleted.")
class DeleteSearchWordPayload:
    search_word_id: strawberry.ID = strawberry.field(description="What it was.")


SaveSearchWordResult = Annotated[
    SearchWordPayload | SearchWordContradiction | TooManySearchWords | CommonErrors,
    strawberry.union("SaveSearchWordResult", description="The entry, or why it was not saved."),
]
DeleteSearchWordResult = Annotated[
    DeleteSearchWordPayload | CommonErrors,
    strawberry.union("DeleteSearchWordResult", description="The id, or why nothing was done."),
]


@strawberry.type
class SearchWordQuery:
    """Root fields."""

    @field("The marketplace's own search words, by their first word (needs `category.manage`).")
    async def search_words(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        kind: Annotated[SearchWordKind | None, argument("Of this kind only.")] = None,
    ) -> Connection[SearchWord]:
        actor = info.context.require_actor()
        wanted = rules.SearchWordKind(str(kind.value)) if kind else None
        page = page_of(first, after, order=f"searchWords.{wanted}", keys=(str, UUID))
        seen = (page.after[0], page.after[1]) if page.after else None
        rows = await queries.search_words(actor, wanted, after=seen, limit=page.limit)
        return connect(rows, page, node=SearchWord.from_row, key=lambda row: (row.words[0], row.id))


@strawberry.type
class SearchWordMutation:
    """Root fields."""

    @mutation("Add or replace an entry of the search words; searches see it at once.")
    async def save_search_word(
        self, info: Info, input: Annotated[SaveSearchWordInput, argument("The entry.")]
    ) -> SaveSearchWordResult:
        actor = info.context.require_actor()
        entry_id = (
            decode_id(input.search_word_id, "SearchWord", "input", "searchWordId")
            if input.search_word_id is not None
            else None
        )
        kind = rules.SearchWordKind(str(input.kind.value))

        async def save() -> UUID:
            return await service.save(actor, entry_id, kind, input.words, input.means)

        made = await once(info, input, save)
        rows = await queries.search_words_by_ids(actor, [made])
        return SearchWordPayload(search_word=SearchWord.from_row(rows[made]))

    @mutation("Delete an entry of the search words; searches see it at once.")
    async def delete_search_word(
        self, info: Info, input: Annotated[DeleteSearchWordInput, argument("The entry.")]
    ) -> DeleteSearchWordResult:
        actor = info.context.require_actor()
        key = decode_id(input.search_word_id, "SearchWord", "input", "searchWordId")

        async def delete() -> UUID:
            await service.delete(actor, key)
            return key

        await once(info, input, delete)
        return DeleteSearchWordPayload(search_word_id=input.search_word_id)
