"""Customer groups over GraphQL: by hand and by rule, the log in two languages, refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from entrepot.graphql.node import encode_id, split_id
from entrepot.platform.clock import SystemClock
from entrepot.platform.identity.actor import Actor
from entrepot.platform.pricing.groups import service
from entrepot.platform.pricing.groups.rules import GroupRule
from entrepot.platform.pricing.models import PriceList, PriceListAssignment
from tests.factories import make_buyer, make_seller
from tests.graphql_client import GraphQLClient
from tests.pricing.test_groups import order
from tests.sql_counter import counted_sql

ERROR = "... on UserError { __typename code message path }"
GROUP = """
id name memberCount rule { windowDays currency minTurnover minOrders minPaidOnTimePercent minYears }
members(first: 2) { pageInfo { hasNextPage } edges { node { companyId companyName } } }
moves(first: 2) { edges { node { companyId joined movedBy reason } } }
"""
LIST = (
    f"query ($first: Int!) {{ customerGroups(first: $first) {{ edges {{ node {{ {GROUP} }} }} }} }}"
)
RECOMPUTE = f"""
mutation {{ answer: recomputeCustomerGroups {{
  ... on RecomputeCustomerGroupsPayload {{ moved }} {ERROR} }} }}
"""
DELETE = f"""
mutation ($input: DeleteCustomerGroupInput!) {{ answer: deleteCustomerGroup(input: $input) {{
  ... on DeleteCustomerGroupPayload {{ customerGroupId }}
  ... on CustomerGroupInUse {{ priceLists assortments promotions }} {ERROR} }} }}
"""


def change(field: str, kind: str) -> str:
    """The mutation, with its group and its refusal."""
    return (
        f"mutation ($input: {kind}!) {{ answer: {field}(input: $input) {{"
        f" ... on CustomerGroupPayload {{ customerGroup {{ {GROUP} }} }} {ERROR} }} }}"
    )


CREATE = change("createCustomerGroup", "CreateCustomerGroupInput")
UPDATE = change("updateCustomerGroup", "UpdateCustomerGroupInput")
ADD = change("addCompanyToGroup", "CustomerGroupCompanyInput")
REMOVE = change("removeCompanyFromGroup", "CustomerGroupCompanyInput")


async def send(graphql: GraphQLClient, actor: Actor, document: str, **values: Any) -> Any:
    variables = {"input": values} if values else {}
    reply = await graphql.run(document, actor=actor, **variables)
    return reply.data["answer"]


async def test_a_rule_group_from_orders_to_sentences(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    now = datetime.now(UTC)
    await order(seller, buyer, now - timedelta(days=1), net="120000")
    company = encode_id("Company", buyer.company_id)
    rule = {"minTurnover": "100000", "currency": "RUB"}
    made = (await send(graphql, seller.actor, CREATE, name="Large", rule=rule))["customerGroup"]
    assert made["rule"] == {
        "windowDays": 365, "currency": "RUB", "minTurnover": "100000", "minOrders": None,
        "minPaidOnTimePercent": None, "minYears": None,
    }  # fmt: skip
    assert made["memberCount"] == 1
    assert [edge["node"]["companyId"] for edge in made["members"]["edges"]] == [company]
    (move,) = (edge["node"] for edge in made["moves"]["edges"])
    assert move == {
        "companyId": company, "joined": True, "movedBy": None,
        "reason": "Turnover 120 000 RUB in 365 days, at least 100 000 needed.",
    }  # fmt: skip
    assert await send(graphql, seller.actor, RECOMPUTE) == {"moved": 0}
    rule["minTurnover"] = "120000.01"
    updated = await send(
        graphql, replace(seller.actor, locale="ru"), UPDATE,
        customerGroupId=made["id"], name="Крупные", rule=rule,
    )  # fmt: skip
    assert (updated["customerGroup"]["name"], updated["customerGroup"]["memberCount"]) == (
        "Крупные", 0,
    )  # fmt: skip
    newest = updated["customerGroup"]["moves"]["edges"][0]["node"]
    assert (newest["joined"], newest["reason"]) == (
        False, "Оборот 120 000 RUB за 365 дн., нужно не менее 120 000.01.",
    )  # fmt: skip
    refused = await send(graphql, seller.actor, ADD, customerGroupId=made["id"], companyId=company)
    assert (refused["code"], refused["path"]) == (
        "CUSTOMER_GROUP_HAS_RULE", ["input", "customerGroupId"],
    )  # fmt: skip
    await order(seller, buyer, now, net="0.01")
    assert await send(graphql, seller.actor, RECOMPUTE) == {"moved": 1}


async def test_a_group_by_hand_and_what_names_it(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    company = encode_id("Company", buyer.company_id)
    made = (await send(graphql, seller.actor, CREATE, name="Friends"))["customerGroup"]
    assert (made["rule"], made["memberCount"]) == (None, 0)
    named = {"customerGroupId": made["id"], "companyId": company}
    for _ in range(2):
        added = await send(graphql, seller.actor, ADD, **named)
        assert added["customerGroup"]["memberCount"] == 1
        assert len(added["customerGroup"]["moves"]["edges"]) == 1
    prices = await PriceList.create(seller=seller.company, name="Gold", currency="RUB")
    _, group_id = split_id(made["id"])
    given = await PriceListAssignment.create(price_list=prices, group_id=group_id)
    used = await send(graphql, seller.actor, DELETE, customerGroupId=made["id"])
    assert used["code"] == "CUSTOMER_GROUP_IN_USE"
    assert (used["priceLists"], used["assortments"], used["promotions"]) == (1, 0, 0)
    await given.delete()
    removed = await send(graphql, seller.actor, REMOVE, **named)
    assert removed["customerGroup"]["memberCount"] == 0
    gone = await send(graphql, seller.actor, DELETE, customerGroupId=made["id"])
    assert gone == {"customerGroupId": made["id"]}


async def test_wrong_rules_name_their_field(graphql: GraphQLClient) -> None:
    seller, buyer = await make_seller(), await make_buyer()
    for rule, path in (
        ({}, ["input", "rule"]),
        ({"windowDays": 0, "minOrders": 1}, ["input", "rule", "windowDays"]),
        ({"minOrders": 0}, ["input", "rule", "minOrders"]),
        ({"minTurnover": "1"}, ["input", "rule", "currency"]),
        ({"minPaidOnTimePercent": "101"}, ["input", "rule", "minPaidOnTimePercent"]),
        ({"minYears": "0.1"}, ["input", "rule", "minYears"]),
    ):
        wrong = await send(graphql, seller.actor, CREATE, name="New", rule=rule)
        assert (wrong["code"], wrong["path"]) == ("INVALID_INPUT", path), rule
    assert (await send(graphql, buyer, CREATE, name="New"))["code"] == "FORBIDDEN"
    assert (await send(graphql, buyer, RECOMPUTE))["code"] == "FORBIDDEN"
    assert (await graphql.run(LIST, actor=buyer, first=1)).codes == ["FORBIDDEN"]


async def test_lists_do_not_grow_with_the_rows(graphql: GraphQLClient) -> None:
    seller = await make_seller()
    buyers = [await make_buyer() for _ in range(3)]

    async def fill(*names: str) -> None:
        for name in names:
            made = await service.create_group(seller.actor, name, clock=SystemClock())
            for buyer in buyers:
                await service.add_company(seller.actor, made, buyer.company_id, clock=SystemClock())
        rule = GroupRule(30, min_orders=1)
        await service.create_group(
            seller.actor, f"rule beside {names[0]}", rule=rule, clock=SystemClock()
        )

    await fill("A")
    async with counted_sql() as few:
        await graphql.run(LIST, actor=seller.actor, first=10)
    await fill("B", "C", "D")
    async with counted_sql() as many:
        reply = await graphql.run(LIST, actor=seller.actor, first=10)
    assert len(many) == len(few), many
    nodes = [edge["node"] for edge in reply.data["customerGroups"]["edges"]]
    assert [node["memberCount"] for node in nodes] == [3, 3, 3, 3, 0, 0]
    assert nodes[0]["members"]["pageInfo"]["hasNextPage"] is True
