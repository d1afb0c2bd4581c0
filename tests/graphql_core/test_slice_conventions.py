"""The conventions as a slice author meets them: a small slice, run through the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
import strawberry

from entrepot.graphql.context import Info, RequestContext
from entrepot.graphql.errors import CommonErrors, UserError, as_id, error_type
from entrepot.graphql.execution import Engine, GraphQLRequest
from entrepot.graphql.fields import argument, field, mutation
from entrepot.graphql.node import decode_id, encode_id
from entrepot.graphql.paging import After, Connection, First, connect, page_of
from entrepot.graphql.scalars import Quantity
from entrepot.graphql.schema import build_schema
from entrepot.graphql.service_info import ServiceQuery
from entrepot.platform import errors as shared
from entrepot.platform.config import load_settings
from entrepot.platform.errors import DomainError
from tests.graphql_client import offline_resources

WIDGETS = [UUID(int=number) for number in range(1, 8)]
batches: list[list[UUID]] = []


class OutOfWidgets(DomainError):
    """Fewer widgets are free than were asked for."""

    code = "OUT_OF_WIDGETS"
    en = "Only {available} left."
    ru = "Осталось только {available}."
    widget_id: UUID
    available: Decimal
    hint: str | None
    warehouse_note: str


class RareWidgetsGone(OutOfWidgets):
    """A case of `OutOfWidgets` without a GraphQL type of its own."""

    code = "RARE_WIDGETS_GONE"


class NotInUnion(DomainError):
    """Raised by a mutation whose union does not name it."""

    code = "NOT_IN_UNION"
    en = "Refused for {why}."
    ru = "Отказано: {why}."
    why: str


@dataclass(frozen=True)
class WidgetRow:
    id: UUID
    name: str


@error_type(
    OutOfWidgets,
    widget_id=as_id("Widget", "The widget."),
    available="What is left.",
    hint="What to do.",
)
class OutOfWidgetsError(UserError):
    """Too few widgets."""


async def load_widgets(context: RequestContext, keys: Sequence[UUID]) -> Mapping[UUID, WidgetRow]:
    batches.append(list(keys))
    return {key: WidgetRow(key, f"widget {key.int}") for key in keys if key in WIDGETS}


@strawberry.type(description="A thing.")
class Widget:
    id: strawberry.ID = strawberry.field(description="Id.")
    key: strawberry.Private[UUID]

    @field("Name.")
    async def name(self, info: Info) -> str | None:
        row = await info.context.load(load_widgets, self.key)
        return row.name if row else None

    @classmethod
    def of(cls, key: UUID) -> "Widget":
        return cls(id=encode_id("Widget", key), key=key)


@strawberry.type(description="Bought.")
class BuyPayload:
    widget: Widget = strawberry.field(description="It.")
    quantity: Quantity = strawberry.field(description="How much.")


BuyResult = Annotated[BuyPayload | OutOfWidgetsError | CommonErrors, strawberry.union("BuyResult")]


@strawberry.type
class WidgetQuery:
    @field("Widgets.")
    async def widgets(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[Widget]:
        page = page_of(first, after, order="widgets.id", keys=(UUID,))
        start = WIDGETS.index(page.after[0]) + 1 if page.after else 0
        rows = WIDGETS[start : start + page.limit]
        return connect(rows, page, node=Widget.of, key=lambda key: (key,))

    @field("Raises what it is told.")
    async def broken(self, info: Info, how: Annotated[str, argument("How.")]) -> str | None:
        if how == "domain":
            raise NotInUnion("fun")
        if how == "secret":
            raise RuntimeError("password=hunter2")
        return None

    @field("A number too large for GraphQL.")
    async def huge(self) -> int | None:
        return 2**40


@strawberry.type
class WidgetMutation:
    @mutation("Buy.")
    async def buy(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("Which.")],
        quantity: Annotated[Quantity, argument("How much.")],
        how: Annotated[str, argument("How to fail.")] = "",
    ) -> BuyResult:
        key = decode_id(id, "Widget", "id")
        if how == "auth":
            info.context.require_actor()
        if how == "out":
            raise OutOfWidgets(key, Decimal("2.50"), None, "behind the shelf").at("quantity")
        if how == "rare":
            raise RareWidgetsGone(key, Decimal(0), "wait", "")
        if how == "line":
            raise shared.InvalidInput("lines.3.sku", "bad", "плохо").at("lines", line_index=3)
        if how == "foreign":
            raise NotInUnion("fun")
        if how == "bug":
            raise KeyError("hunter2")
        return BuyPayload(widget=Widget.of(key), quantity=quantity)


SCHEMA = build_schema((ServiceQuery, WidgetQuery), (WidgetMutation,))
ENGINE = Engine(SCHEMA, load_settings())
RESOURCES = offline_resources(Path("/nonexistent"))


async def run(query: str, locale: str = "en", **variables: Any) -> dict[str, Any]:
    context = RequestContext(RESOURCES, None, locale, "request-1", "127.0.0.1")
    outcome = await ENGINE.run(GraphQLRequest(query=query, variables=variables), context)
    return outcome.body


BUY = """mutation ($id: ID!, $quantity: Quantity!, $how: String! = "") {
  buy(id: $id, quantity: $quantity, how: $how) {
    __typename
    ... on BuyPayload { quantity widget { name } }
    ... on OutOfWidgetsError { widgetId available hint }
    ... on UserError { code message path lineIndex }
    ... on InvalidId { given expected }
  }
}"""
FIRST_ID = encode_id("Widget", WIDGETS[0])


async def buy(how: str, locale: str = "en", widget: str = FIRST_ID) -> dict[str, Any]:
    return await run(BUY, locale, id=widget, quantity="3.5", how=how)


async def test_payload() -> None:
    body = await buy("")
    assert body["data"]["buy"] == {
        "__typename": "BuyPayload",
        "quantity": "3.5",
        "widget": {"name": "widget 1"},
    }
    assert "errors" not in body


async def test_domain_error_becomes_its_member_and_hides_unnamed_fields() -> None:
    body = await buy("out", "ru")
    assert body["data"]["buy"] == {
        "__typename": "OutOfWidgetsError",
        "widgetId": FIRST_ID,
        "available": "2.5",
        "hint": None,
        "code": "OUT_OF_WIDGETS",
        "message": "Осталось только 2.50.",
        "path": ["quantity"],
        "lineIndex": None,
    }
    assert "errors" not in body
    assert "shelf" not in SCHEMA.as_str()
    assert "warehouseNote" not in SCHEMA.as_str()


async def test_subclass_shows_as_its_parent_with_its_own_code() -> None:
    shown = (await buy("rare"))["data"]["buy"]
    assert (shown["__typename"], shown["code"], shown["hint"]) == (
        "OutOfWidgetsError",
        "RARE_WIDGETS_GONE",
        "wait",
    )


async def test_common_errors_are_members_of_every_union() -> None:
    assert (await buy("auth"))["data"]["buy"]["__typename"] == "Unauthenticated"
    line = (await buy("line", "ru"))["data"]["buy"]
    assert line["__typename"] == "InvalidInput"
    assert (line["path"], line["lineIndex"]) == (["lines"], 3)
    assert line["message"] == "lines.3.sku: плохо"


@pytest.mark.parametrize(
    "given",
    ["", "x", "нет", encode_id("Gadget", WIDGETS[0]), FIRST_ID + "=", "V2lkZ2V0OjE", "A" * 5000],
)
async def test_foreign_and_malformed_ids_are_typed(given: str) -> None:
    shown = (await buy("", widget=given))["data"]["buy"]
    assert shown["__typename"] == "InvalidId"
    assert shown["code"] == "INVALID_ID"
    assert shown["given"] == given[:80]
    assert shown["expected"] == "Widget"
    assert shown["path"] == ["id"]


async def test_error_outside_the_union_keeps_its_code() -> None:
    body = await buy("foreign", "ru")
    [error] = body["errors"]
    assert error["message"] == "Отказано: fun."
    assert error["extensions"] == {"code": "NOT_IN_UNION"}
    assert body["data"] is None


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ('{ broken(how: "secret") apiVersion }', {"broken": None}),
        ("{ huge }", {"huge": None}),
    ],
)
async def test_unexpected_errors_are_masked(query: str, data: dict[str, None]) -> None:
    body = await run(query)
    [error] = body["errors"]
    assert error["message"] == "Internal error"
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "request-1"}
    assert "hunter2" not in str(body)
    assert data.items() <= body["data"].items()


async def test_unexpected_error_in_a_mutation_is_masked_too() -> None:
    body = await buy("bug", "ru")
    [error] = body["errors"]
    assert error["message"] == "Внутренняя ошибка"
    assert "hunter2" not in str(body)


async def test_domain_error_in_a_query_is_a_top_level_error() -> None:
    body = await run('{ broken(how: "domain") }', "ru")
    [error] = body["errors"]
    assert error["message"] == "Отказано: fun."
    assert error["path"] == ["broken"]


async def test_pages_cover_the_list_once() -> None:
    query = """query ($after: String) { widgets(first: 3, after: $after) {
        edges { cursor node { name } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    names: list[str] = []
    after = None
    pages = 0
    while True:
        page = (await run(query, after=after))["data"]["widgets"]
        names += [edge["node"]["name"] for edge in page["edges"]]
        info = page["pageInfo"]
        assert info["startCursor"] == page["edges"][0]["cursor"]
        assert info["endCursor"] == page["edges"][-1]["cursor"]
        assert info["hasPreviousPage"] is (after is not None)
        pages += 1
        if not info["hasNextPage"]:
            break
        after = info["endCursor"]
    assert names == [f"widget {number}" for number in range(1, 8)]
    assert pages == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 0", "INVALID_INPUT"),
        ("first: -1", "INVALID_INPUT"),
        ("first: 101", "INVALID_INPUT"),
        ('first: 1, after: "x"', "INVALID_CURSOR"),
        ('first: 1, after: ""', "INVALID_CURSOR"),
        ('first: 1, after: "я"', "INVALID_CURSOR"),
    ],
)
async def test_bad_paging_is_typed(arguments: str, code: str) -> None:
    body = await run(f"{{ widgets({arguments}) {{ edges {{ cursor }} }} }}")
    assert [error["extensions"]["code"] for error in body["errors"]] == [code]


async def test_loads_of_one_level_are_one_batch() -> None:
    batches.clear()
    body = await run("{ widgets(first: 5) { edges { node { name again: name } } } }")
    assert "errors" not in body
    assert batches == [WIDGETS[:5]]


async def test_each_mutation_field_loads_afresh() -> None:
    batches.clear()
    bought = "{ ... on BuyPayload { widget { name } } }"
    fields = " ".join(f'{alias}: buy(id: "{FIRST_ID}", quantity: 1) {bought}' for alias in "ab")
    body = await run(f"mutation {{ {fields} }}")
    assert "errors" not in body
    assert batches == [[WIDGETS[0]], [WIDGETS[0]]]


@pytest.mark.parametrize(
    ("quantity", "words"), [("0", "greater than 0"), ("1e400", "at most"), (None, "non-null")]
)
async def test_bad_quantities_are_refused_before_any_resolver(quantity: object, words: str) -> None:
    body = await run(BUY, id=FIRST_ID, quantity=quantity)
    [error] = body["errors"]
    assert words in error["message"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "data" not in body


async def test_bad_literals_are_validation_errors() -> None:
    body = await run(f'mutation {{ buy(id: "{FIRST_ID}", quantity: 1e400) {{ __typename }} }}')
    [error] = body["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "Quantity" in error["message"]


def test_error_types_are_checked_when_defined() -> None:
    with pytest.raises(TypeError, match="NotInUnion has no field nope"):
        error_type(NotInUnion, nope="x")
    with pytest.raises(TypeError, match="OutOfWidgets already has a GraphQL type"):
        error_type(OutOfWidgets)
    with pytest.raises(TypeError, match="docstring"):

        @error_type(NotInUnion)
        class Undescribed(UserError):
            pass
