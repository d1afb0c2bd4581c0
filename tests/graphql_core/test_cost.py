"""The price of operations: what is counted, that it is counted once, and what is refused."""

from typing import Any

import pytest
from graphql import build_schema, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from entrepot.graphql.cost import (
    MAX_REPEATS,
    MAX_SPREADS,
    Cost,
    CostExceeded,
    DepthExceeded,
    DocumentTooComplex,
    check_shape,
    fragments_of,
    measure,
)
from entrepot.graphql.query_documents import Documents, InvalidDocument, find_operation

SCHEMA = build_schema("""
type Query {
  name: String
  product: Product
  products(first: Int = 20, after: String): ProductConnection
  openEnded(first: Int): ProductConnection
}
type ProductConnection {
  edges: [ProductEdge!]!
  pageInfo: PageInfo!
  total: Int
  facets: [Facet!]!
}
type Facet { value: String count: Int }
type PageInfo { hasNextPage: Boolean! }
type ProductEdge { node: Product! }
type Product { name: String offers: [Offer!]! similar(first: Int!): ProductConnection }
type Offer { price: String product: Product }
""")


def cost_of(query: str, operation: str | None = None, **variables: Any) -> tuple[int, int]:
    document = parse(query)
    cost = measure(SCHEMA, document, find_operation(document, operation), variables)
    return cost.requested, cost.depth


@pytest.mark.parametrize(
    ("query", "requested", "depth"),
    [
        ("{ name }", 1, 1),
        ("{ name name }", 2, 1),
        ("{ a: name b: name }", 2, 1),
        ("{ name @skip(if: true) }", 1, 1),
        ("{ product { name } }", 2, 2),
        ("{ product { offers { price } } }", 1 + 1 + 10 * 1, 3),
        ("{ products(first: 3) { edges { node { name } } } }", 1 + 3 * (1 + 1 + 1), 4),
        ("{ products { edges { node { name } } } }", 1 + 20 * 3, 4),
        ("{ openEnded { edges { node { name } } } }", 1 + 20 * 3, 4),
        ("{ products(first: 50) { total } }", 1 + 1, 2),
        (
            "{ products(first: 50) { total facets { value count } edges { node { name } } } }",
            1 + 1 + (1 + 10 * 2) + 50 * 3,
            4,
        ),
        (
            "{ products(first: 5) { ...P ...P } } fragment P on ProductConnection"
            " { total edges { node { name } } }",
            1 + 2 * (1 + 5 * 3),
            4,
        ),
        ("{ products(first: 0) { pageInfo { hasNextPage } } }", 1 + 1 * 2, 3),
        ("{ products(first: -5) { pageInfo { hasNextPage } } }", 1 + 1 * 2, 3),
        ("{ ... { name ... on Query { name } } }", 2, 1),
        ("{ ...F ...F } fragment F on Query { name product { name } }", 6, 2),
        ("{ nope { nope { nope } } }", 3, 3),
        ("{ ...Missing name }", 1, 1),
        ("{ __typename }", 1, 1),
        (get_introspection_query(), 1, 1),
    ],
)
def test_prices(query: str, requested: int, depth: int) -> None:
    assert cost_of(query) == (requested, depth)


def test_nested_pages_multiply() -> None:
    query = """{ products(first: 50) { edges { node {
        similar(first: 40) { edges { node { offers { price } } } } } } } }"""
    assert cost_of(query) == (1 + 50 * (2 + 1 + 40 * (2 + 1 + 10)), 8)


@pytest.mark.parametrize(
    ("variables", "requested"),
    [({}, 1 + 7 * 2), ({"n": 5}, 1 + 5 * 2), ({"n": None}, 1 + 20 * 2), ({"n": "x"}, 1 + 20 * 2)],
)
def test_first_from_variables(variables: dict[str, Any], requested: int) -> None:
    query = "query ($n: Int = 7) { products(first: $n) { edges { __typename } } }"
    assert cost_of(query, **variables)[0] == requested


def bomb(levels: int) -> str:
    fragments = (
        f"fragment F{level} on Query{{...F{level + 1} ...F{level + 1}}}" for level in range(levels)
    )
    return "{...F0}" + "".join(fragments) + f"fragment F{levels} on Query{{name}}"


def test_exponential_fragments_are_measured_once_each() -> None:
    query = bomb(22)
    assert len(query) < 850
    assert cost_of(query) == (2**22, 1)
    assert cost_of(bomb(60)) == (2**60, 1)


def test_the_bomb_is_refused_before_validation() -> None:
    documents = Documents(SCHEMA, max_cost=5000, max_depth=15, introspection=True, persisted={})
    with pytest.raises(CostExceeded) as refused:
        documents.prepare(bomb(22), None, {})
    assert refused.value.code == "COST_EXCEEDED"
    assert refused.value.requested == 2**22
    assert refused.value.cost == Cost(2**22, 1, 24)
    with pytest.raises(CostExceeded) as huge:
        documents.prepare(bomb(60), None, {})
    assert huge.value.requested == 2**31 - 1  # still an Int for clients


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C name ...A }"
        " fragment C on Query { name }",
        "{ product { ...P } } fragment P on Product { offers { product { ...P } } }",
    ],
)
def test_cycles_are_refused(query: str) -> None:
    with pytest.raises(DocumentTooComplex, match="contains itself"):
        cost_of(query)


def test_chains_of_fragments_are_bounded() -> None:
    chain = "".join(f"fragment F{i} on Query{{...F{i + 1}}}" for i in range(3000))
    with pytest.raises(DocumentTooComplex, match="nest"):
        cost_of("{...F0}" + chain + "fragment F3000 on Query{name}")


@pytest.mark.parametrize(
    "query",
    [
        "{" + "...F " * (MAX_SPREADS + 1) + "} fragment F on Query { name }",
        "{" + "... { name } " * (MAX_SPREADS + 1) + "}",
        "{" + "product { name } " * (MAX_REPEATS + 1) + "}",
    ],
)
def test_documents_that_validation_would_square_are_refused(query: str) -> None:
    document = parse(query)
    with pytest.raises(DocumentTooComplex):
        check_shape(document)


def test_limits() -> None:
    documents = Documents(SCHEMA, max_cost=61, max_depth=4, introspection=True, persisted={})
    page = "products { edges { node { name } } }"
    assert documents.prepare(f"{{ {page} }}", None, {})[2].requested == 61
    with pytest.raises(CostExceeded):
        documents.prepare(f"{{ name {page} }}", None, {})
    with pytest.raises(DepthExceeded) as deep:
        documents.prepare("{ product { offers { product { offers { price } } } } }", None, {})
    assert (deep.value.depth, deep.value.limit) == (5, 4)


def test_a_kept_document_is_priced_by_each_request() -> None:
    documents = Documents(SCHEMA, max_cost=100, max_depth=9, introspection=True, persisted={})
    query = "query ($n: Int) { products(first: $n) { edges { __typename } } }"
    assert documents.prepare(query, None, {"n": 10})[2].requested == 21
    with pytest.raises(CostExceeded):
        documents.prepare(query, None, {"n": 1000})
    assert documents.prepare(query, None, {"n": 10})[2].requested == 21
    for number in range(1, 50):
        assert documents.prepare(query, None, {"n": number})[2].requested == 1 + 2 * number


def test_invalid_documents_are_not_kept() -> None:
    documents = Documents(SCHEMA, max_cost=100, max_depth=9, introspection=True, persisted={})
    for _ in range(2):
        with pytest.raises(InvalidDocument):
            documents.prepare("{ nope }", None, {})
    first = documents.prepare("{ name }", None, {})[0]
    assert documents.prepare("{ name }", None, {})[0] is first


def test_introspection_can_be_off() -> None:
    documents = Documents(SCHEMA, max_cost=100, max_depth=9, introspection=False, persisted={})
    with pytest.raises(InvalidDocument) as refused:
        documents.prepare("{ __schema { types { name } } }", None, {})
    assert "introspection" in refused.value.errors[0].message
    with pytest.raises(InvalidDocument) as unknown:
        documents.prepare("{ nam }", None, {})
    assert "Did you mean" not in unknown.value.errors[0].message


@given(st.lists(st.integers(min_value=0, max_value=4), min_size=1, max_size=12))
def test_fragments_cost_what_their_text_would(widths: list[int]) -> None:
    """Measuring by name equals measuring the document with all fragments written out."""
    text = "name"
    fragments = f"fragment F{len(widths)} on Query {{ name }}"
    for level in range(len(widths) - 1, -1, -1):
        spread = f"...F{level + 1} " * widths[level]
        fragments += f" fragment F{level} on Query {{ name {spread} }}"
        text = "name " + f"... {{ {text} }} " * widths[level]
        if len(text) > 20_000:
            return
    assert cost_of(f"{{ ...F0 }} {fragments}") == cost_of(f"{{ {text} }}")


def test_fragments_of_lists_them_by_name() -> None:
    document = parse("{ name } fragment A on Query { name } fragment B on Query { name }")
    assert sorted(fragments_of(document)) == ["A", "B"]
