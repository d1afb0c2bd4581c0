"""The short way through execution answers exactly as the long way does, oddities included."""

import asyncio
import enum
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, execute, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from entrepot.graphql.execution import core_schema
from entrepot.graphql.executor import FastExecutor, Plan
from entrepot.graphql.fields import field
from entrepot.graphql.scalars import schema_config
from entrepot.graphql.short_way import short_way


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Leafs(Named):
    text: str = "x"
    maybe: str | None = None
    number: int = 1
    exact: Decimal = Decimal("1.50")
    colour: Colour = Colour.RED
    flag: bool = True
    key: strawberry.ID = strawberry.ID("7")

    @strawberry.field
    def method(self) -> str:
        return f"{self.name}!"

    @strawberry.field
    async def later(self) -> str:
        await asyncio.sleep(0)
        return "later"

    @strawberry.field
    def with_info(self, info: strawberry.Info[None, None]) -> str:
        return info.field_name

    @strawberry.field
    def with_argument(self, times: int = 2) -> str:
        return self.name * times

    @strawberry.field
    def with_option(self, info: strawberry.Info[None, None], suffix: str | None = None) -> str:
        return f"{info.path.key}{suffix}"

    @strawberry.field
    def perhaps_later(self, info: strawberry.Info[None, None]) -> str:
        return soon(info.field_name) if self.flag else "now"  # type: ignore[return-value]

    @strawberry.field
    def later_raises(self) -> str | None:
        return failing()  # type: ignore[return-value]

    @strawberry.field
    def raises(self) -> str | None:
        raise ValueError("raised")


@strawberry.type
class Plain:
    text: str = "plain"


@strawberry.type
class Holder:
    leafs: Leafs
    maybe: Leafs | None = None
    plain: Plain | None = None
    named: Named | None = None
    items: list[Leafs] = strawberry.field(default_factory=list)
    gaps: list[Leafs | None] | None = None
    words: list[str | None] = strawberry.field(default_factory=list)
    numbers: list[int] | None = None

    @strawberry.field
    def made(self) -> Leafs:
        return Leafs(name="made")

    @strawberry.field
    async def awaited(self) -> Leafs | None:
        await asyncio.sleep(0)
        return Leafs(name="awaited")


async def soon(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


async def failing() -> str:
    await asyncio.sleep(0)
    raise ValueError("later")


def lists(**values: Any) -> Holder:
    return Holder(leafs=Leafs(name="a"), **values)


def odd(**values: Any) -> Holder:
    return Holder(leafs=Leafs(name="a", **values), maybe=Leafs(name="b", **values))


CASES: dict[str, Any] = {
    "plain": lambda: Holder(
        leafs=Leafs(name="a"),
        plain=Plain(),
        named=Leafs(name="n"),
        items=[Leafs(name="i"), Leafs(name="j", text=None)],  # type: ignore[arg-type]
    ),
    "lists": lambda: lists(
        items=[Leafs(name="i"), Leafs(name="j", flag=False)],
        gaps=[None, Leafs(name="g"), None],
        words=["a", None, "b"],
        numbers=[1, 2],
    ),
    "bad objects in a list": lambda: lists(
        gaps=[Leafs(name="g"), Leafs(name=None), Plain()],  # type: ignore[arg-type]
    ),
    "null in a list": lambda: lists(items=[Leafs(name="a"), None]),
    "awaitable in a list": lambda: lists(gaps=[soon(Leafs(name="s")), Leafs(name="t")]),
    "awaitable list": lambda: lists(gaps=soon([Leafs(name="s")])),
    "tuple for a list": lambda: lists(gaps=(Leafs(name="s"),)),
    "text for a list": lambda: lists(words="abc"),
    "object for a list": lambda: lists(numbers=Plain()),
    "bad leafs in a list": lambda: lists(numbers=[1, "x"], words=["a", object]),
    "null leaf in a list": lambda: lists(numbers=[1, None]),
    "null where none may be": lambda: odd(text=None),
    "awaitable attribute": lambda: odd(text=soon("soon")),
    "exception as a value": lambda: odd(maybe=ValueError("value")),
    "number for text": lambda: odd(text=5),
    "object for text": lambda: odd(text=object),
    "number too large": lambda: odd(number=2**40),
    "text for number": lambda: odd(number="x"),
    "float for an id": lambda: odd(key=1.5),
    "unknown enum value": lambda: odd(colour="blue"),
    "object of another type": lambda: Holder(leafs=Plain()),  # type: ignore[arg-type]
    "null object": lambda: Holder(leafs=None),  # type: ignore[arg-type]
    "awaitable object": lambda: Holder(leafs=soon(Leafs(name="s"))),  # type: ignore[arg-type]
    "awaitable plain object": lambda: Holder(leafs=Leafs(name="a"), plain=soon(Plain())),  # type: ignore[arg-type]
}


@strawberry.type
class Query:
    @field("Case.")
    def case(self, name: str) -> Holder | None:
        made: Holder = CASES[name]()
        return made


CORE = core_schema(strawberry.Schema(query=Query, config=schema_config()))
FIELDS = """name text maybe number exact colour flag key method later withInfo withArgument raises
  withOption other: withOption(suffix: "!") perhapsLater laterRaises
  again: text __typename"""
QUERY = f"""query ($name: String!) {{ case(name: $name) {{
  leafs {{ {FIELDS} }} maybe {{ {FIELDS} }} plain {{ text }} named {{ name ... on Leafs {{ key }} }}
  items {{ {FIELDS} }} gaps {{ {FIELDS} }} words numbers made {{ {FIELDS} }} awaited {{ {FIELDS} }}
}} }}"""


async def outcome(name: str, **options: Any) -> tuple[Any, list[tuple[str, Any, Any]]]:
    result = execute(CORE, parse(QUERY), variable_values={"name": name}, **options)
    result = result if isinstance(result, ExecutionResult) else await result
    errors = [(e.message, e.path, e.locations) for e in result.errors or []]
    return result.data, sorted(errors, key=str)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
async def test_same_answer_both_ways(name: str) -> None:
    short = await outcome(name, executor_class=FastExecutor, operation_extensions=None)
    long = await outcome(
        name, executor_class=StrawberryGraphQLCoreExecutionContext, operation_extensions=None
    )
    assert short == long
    assert short[0] is not None or short[1]


def test_which_fields_take_the_short_way() -> None:
    leafs = CORE.type_map["Leafs"].fields  # type: ignore[attr-defined]
    holder = CORE.type_map["Holder"].fields  # type: ignore[attr-defined]
    short = {name for name, made in {**leafs, **holder}.items() if short_way(made)}
    plain = {"name", "text", "maybe", "number", "exact", "colour", "flag", "key", "method"}
    methods = {"raises", "withInfo", "withOption", "perhapsLater", "laterRaises", "made"}
    assert short == plain | methods | {"leafs", "plain", "items", "gaps", "words", "numbers"} | {
        "maybe"
    }


async def test_executions_share_a_plan() -> None:
    plan = Plan()
    for name in ("lists", "plain", "lists", "bad objects in a list", "lists"):
        shared = await outcome(
            name, executor_class=FastExecutor, operation_extensions=None, plan=plan
        )
        alone = await outcome(name, executor_class=FastExecutor, operation_extensions=None)
        assert shared == alone
