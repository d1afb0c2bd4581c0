"""Discontinued products and what took their place."""

from __future__ import annotations

import asyncio

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.catalog.errors import ProductShared, ReplacementCycle
from entrepot.platform.catalog.models import Product
from entrepot.platform.catalog.service import ProductChanges, Replacement, update_product
from entrepot.platform.database import Database
from entrepot.platform.errors import DomainError, NotFound
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id
from tests.factories import make_actor, make_company, make_offer, make_product, make_seller
from tests.graphql_client import GraphQLClient

UPDATE = """
mutation Replace($product: ID!, $by: ID) {
  updateProduct(input: {productId: $product, discontinued: true, replacedById: $by}) {
    ... on ProductPayload { product { discontinued replacedBy { id } } }
    ... on UserError { code path }
  }
}
"""


async def test_a_chain_and_no_cycle(graphql: GraphQLClient) -> None:
    """A → B → C is fine; C → A, A → A and a product that is not there are refused."""
    seller = await make_seller()
    products = [await make_product() for _ in range(3)]
    ids = [encode_id("Product", one.id) for one in products]

    async def replaced(product: str, by: str | None) -> dict[str, object]:
        reply = await graphql.run(UPDATE, actor=seller.actor, product=product, by=by)
        found: dict[str, object] = reply.data["updateProduct"]
        return found

    for old, new in ((ids[0], ids[1]), (ids[1], ids[2])):
        assert await replaced(old, new) == {
            "product": {"discontinued": True, "replacedBy": {"id": new}}
        }
    cycle = {"code": "REPLACEMENT_CYCLE", "path": ["input", "replacedById"]}
    assert await replaced(ids[2], ids[0]) == cycle
    assert await replaced(ids[2], ids[2]) == cycle
    missing = await replaced(ids[2], encode_id("Product", new_id()))
    assert missing == {"code": "NOT_FOUND", "path": ["input", "replacedById"]}
    assert await Product.filter(replaced_by_id=None).count() == 1
    assert (await Product.get(id=products[2].id)).discontinued is False
    assert await replaced(ids[0], None) == {"product": {"discontinued": True, "replacedBy": None}}


async def test_two_that_would_close_a_cycle_together(database: Database) -> None:
    """Ten pairs, both ways at once: one of each is refused."""
    seller = await make_seller()
    for _ in range(10):
        one, two = await make_product(), await make_product()
        results = await asyncio.gather(
            update_product(seller.actor, one.id, ProductChanges(replacement=Replacement(two.id))),
            update_product(seller.actor, two.id, ProductChanges(replacement=Replacement(one.id))),
            return_exceptions=True,
        )
        refused = [result for result in results if isinstance(result, DomainError)]
        assert [type(error) for error in refused] == [ReplacementCycle]
        assert results.count(None) == 1


async def test_who_may_say_so(database: Database) -> None:
    """As for the rest of a product: the operator, or its only seller."""
    seller, rival = await make_seller(), await make_seller()
    product, other = await make_product(), await make_product()
    await make_offer(rival, product)
    changes = ProductChanges(discontinued=True, replacement=Replacement(other.id))
    with pytest.raises(ProductShared):
        await update_product(seller.actor, product.id, changes)
    operator = await make_actor(*(await make_company(operator=True)), Role.OPERATOR)
    await update_product(operator, product.id, changes)
    assert (await Product.get(id=product.id)).discontinued is True
    with pytest.raises(NotFound):
        nothing = ProductChanges(replacement=Replacement(new_id()))
        await update_product(operator, product.id, nothing)
