"""Requests per second, latency and server CPU of the public API beside a bare server.

Bare Starlette and asyncpg do the same reads and writes without accounts, permissions, typed
errors, events or GraphQL. CPU of the server process a request is the figure to compare: it
survives a noisy machine.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from benchmarks.load import Call, Measured, Source, run
from benchmarks.market import Buyer, Market, running_market
from entrepot.graphql.node import encode_id
from entrepot.graphql.paging import encode_cursor

T = TypeVar("T")

HELLO = "{ apiVersion }"
PRODUCT = """query Page($id: ID!) { product(id: $id) { id brand manufacturerNumber titleEn unit
  offers { id articleNumber seller { name } price { unitPrice { amount currency } }
    availability { available } } } }"""
SEARCH = """query Find($text: String!) { searchOffers(query: $text, first: 20) { totalCount
  edges { matchedBy price { unitPrice { amount } }
    node { id articleNumber product { titleEn } availability { available } } } } }"""
LIST = """query Mine($after: String) { myOffers(first: 20, after: $after) { edges { node {
  id articleNumber product { titleEn } price { unitPrice { amount currency } }
  availability { available } } } } }"""
ADD = """mutation Add($id: ID!, $n: Quantity!) {
  addToCart(input: {offerId: $id, quantity: $n}) { __typename
    ... on CartPayload { cart { id } } ... on UserError { code message } } }"""
PLACE = """mutation { placeOrder { __typename
  ... on PlaceOrderPayload { order { id number } } ... on UserError { code message } } }"""
WORDS = ("болт м8", "hex bolt", "bearing 2RS", "лампа E27", "drill 6.8", "gloves nitrile", "шланг",
         "cable 2.5", "HB-1125", "6204", "circuit breaker C16", "бумага A4")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """The same thing asked of both servers; the CPU ratio to hold is the design's."""

    name: str
    ours: Source
    bare: Source
    hold: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """Both measurements of a scenario."""

    scenario: str
    ours: Measured
    bare: Measured
    hold: float | None

    @property
    def cpu_ratio(self) -> float:
        """Our CPU a request over the bare server's."""
        return self.ours.cpu / self.bare.cpu


def _graphql(
    query: str, variables: Callable[[int, int], dict[str, object]], buyers: list[Buyer]
) -> Source:
    def source(client: int, number: int) -> Call:
        body = json.dumps({"query": query, "variables": variables(client, number)}).encode()
        token = buyers[client].token
        headers = ["Accept: application/json", f"Authorization: Bearer {token}"]
        return Call.post("/graphql", body, headers)

    return source


def _cursor(place: tuple[str, UUID]) -> str:
    return encode_cursor("offers.own", place)


def _alternating(first: Source, second: Source) -> Source:
    return lambda client, number: (second if number % 2 else first)(client, number)


def scenarios(market: Market, clients: int) -> list[Scenario]:
    """Return the scenarios; our clients and the bare ones act for different buyers."""
    ours, bare = market.buyers[:clients], market.buyers[clients : 2 * clients]

    sellers = [market.seller.person] * clients

    def pick(keys: list[T], client: int, number: int) -> T:
        return keys[random.Random(client * 100_003 + number).randrange(len(keys))]

    def offer(client: int, number: int) -> UUID:
        # two offers an order: neighbouring numbers of one client share a part of the catalogue
        return pick(market.offer_ids, client, number // 2 * 2)

    def bare_add(client: int, number: int) -> Call:
        buyer = bare[client]
        body = {"entity": str(buyer.entity_id), "user": str(buyer.user_id),
                "offer": str(offer(client, number)), "quantity": "600"}  # fmt: skip
        return Call.post("/cart", json.dumps(body).encode())

    def bare_place(client: int, number: int) -> Call:
        buyer = bare[client]
        body = {"entity": str(buyer.entity_id), "user": str(buyer.user_id),
                "company": str(buyer.company_id)}  # fmt: skip
        return Call.post("/order", json.dumps(body).encode())

    def bare_product(client: int, number: int) -> Call:
        key = pick(market.product_ids, client, number)
        return Call.get(f"/product?id={key}&company={bare[client].company_id}")

    def bare_list(client: int, number: int) -> Call:
        key = pick(market.offer_ids[:-20], client, number)
        return Call.get(f"/list?after={key}&company={bare[client].company_id}")

    def bare_own(client: int, number: int) -> Call:
        article, key = pick(market.seller.offers[:-20], client, number)
        query = urlencode({"after": str(key), "article": article,
                           "company": str(market.seller.person.company_id)})  # fmt: skip
        return Call.get(f"/own?{query}")

    add = _graphql(ADD, lambda c, n: {"id": encode_id("Offer", offer(c, n)), "n": "600"}, ours)
    product = _graphql(
        PRODUCT, lambda c, n: {"id": encode_id("Product", pick(market.product_ids, c, n))}, ours
    )
    place = _graphql(PLACE, lambda c, n: {}, ours)
    own = _graphql(
        LIST, lambda c, n: {"after": _cursor(pick(market.seller.offers[:-20], c, n))}, sellers
    )
    search = _graphql(SEARCH, lambda c, n: {"text": WORDS[(c + n) % len(WORDS)]}, ours)
    return [
        Scenario("hello", _graphql(HELLO, lambda c, n: {}, ours), lambda c, n: Call.get("/hello"),
                 None),
        Scenario("product page", product, bare_product, 2.0),
        Scenario("list of 20 with prices", own, bare_own, 2.0),
        Scenario("search, 20 with prices", search, bare_list, 2.0),
        Scenario("add to cart", add, bare_add, 2.5),
        Scenario("add to cart + place order", _alternating(place, add),
                 _alternating(bare_place, bare_add), 3.0),
    ]  # fmt: skip


def table(results: list[Result]) -> str:
    """Return the results as a Markdown table."""
    lines = [
        "| scenario | req/s | p50 ms | p99 ms | CPU ms | bare req/s | bare p50 | bare p99 |"
        " bare CPU ms | CPU ratio | hold |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in results:
        a, b = one.ours, one.bare
        hold = f"≤ {one.hold:g}" if one.hold else ""
        lines.append(
            f"| {one.scenario} | {a.per_second:.0f} | {a.p50:.1f} | {a.p99:.1f} | {a.cpu:.2f} |"
            f" {b.per_second:.0f} | {b.p50:.1f} | {b.p99:.1f} | {b.cpu:.2f} |"
            f" {one.cpu_ratio:.1f} | {hold} |"
        )
    return "\n".join(lines)


async def measure(requests: int, clients: int) -> list[Result]:
    """Run every scenario against both servers in turn."""
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-") as folder:
        async with running_market(Path(folder)) as market:
            for one in scenarios(market, clients):
                sys.stderr.write(f"{one.name} …\n")
                load = {"clients": clients, "requests": requests}
                ours = await run(market.port, market.pid, one.ours, **load)
                bare = await run(market.bare_port, market.bare_pid, one.bare, **load)
                results.append(Result(one.name, ours, bare, one.hold))
    return results


def report(results: list[Result], json_path: Path) -> None:
    """Print the table and write the figures as JSON."""
    sys.stdout.write(table(results) + "\n")
    rows = [asdict(one) | {"cpu_ratio": one.cpu_ratio} for one in results]
    json_path.parent.mkdir(parents=True, exist_ok=True)
    json_path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
