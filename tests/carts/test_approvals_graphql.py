"""Approvals, rules, absences and budgets through the API, up to the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from entrepot.graphql.node import encode_id
from entrepot.platform.carts import service as carts
from entrepot.platform.clock import FixedClock
from entrepot.platform.database import fetch, fetch_value
from entrepot.platform.identity.actor import Actor
from entrepot.platform.identity.tokens import link_token
from entrepot.platform.orders import service as orders
from tests.carts.approval_world import World, cart_status, make_world
from tests.graphql_client import GraphQLClient
from tests.sql_counter import counted_sql

APPROVAL = """
  id status cartName note reasons currentStep mayDecide stuck legalEntityName
  requestedBy { name }
  steps { number approvers { id name } asked { id name } }
  lines { lineId articleNumber title quantity unitPrice { amount currency } unitPriceNow { amount }
          net { amount } netNow { amount } priceChanged offered costCenter sellerName }
  totals { net { amount currency } delivery { amount } netNow { amount } risen }
  decisions { step approved reason byLink decidedBy { name } standsInFor { name }
              changes { articleNumber before after } }
"""
ERRORS = "__typename ... on UserError { code message path lineIndex }"
SUBMIT = f"""
mutation ($input: SubmitCartInput!) {{ submitCart(input: $input) {{
  {ERRORS} ... on ApprovalPayload {{ approval {{ {APPROVAL} }} }} }} }}
"""
APPROVE = f"""
mutation ($input: ApproveCartInput!) {{ approveCart(input: $input) {{
  {ERRORS} ... on ApprovalPayload {{ approval {{ {APPROVAL} }} }}
  ... on PriceDrift {{ currency then now approvalId }}
  ... on TotalChanged {{ currency expected total }} }} }}
"""
BY_LINK = f"""
mutation ($input: DecideApprovalByLinkInput!) {{ decideApprovalByLink(input: $input) {{
  {ERRORS} ... on DecideApprovalByLinkPayload {{ approved }}
  ... on TotalChanged {{ currency expected total }} }} }}
"""
LIST = f"""
query ($filter: ApprovalFilter!, $first: Int!) {{ approvals(filter: $filter, first: $first) {{
  edges {{ node {{ {APPROVAL} }} }} }} }}
"""
PLACE = f"""
mutation ($input: PlaceOrderInput) {{ placeOrder(input: $input) {{
  {ERRORS}
  ... on ApprovalRequired {{ reasons approvers {{ name }} pendingApprovalId cartId }}
  ... on ApprovalOutdated {{ approvalId }}
  ... on BudgetExceeded {{ name left wanted currency }} }} }}
"""
CREATE_RULE = f"""
mutation ($input: CreateApprovalRuleInput!) {{ createApprovalRule(input: $input) {{
  {ERRORS} ... on NotAnApprover {{ userId }}
  ... on ApprovalRulePayload {{ rule {{ id name above {{ amount currency }} active
    steps {{ number approvers {{ id }} }} }} }} }} }}
"""
CREATE_BUDGET = f"""
mutation ($input: CreateBudgetInput!) {{ createBudget(input: $input) {{
  {ERRORS} ... on BudgetPayload {{ budget {{ id name spent {{ amount }} left {{ amount currency }}
    periodStartsOn periodEndsOn mode period active }} }} }} }}
"""
BUDGETS = """
query { budgets(first: 5) { edges { node { name spent { amount } left { amount }
  entries { edges { node { sellerOrderNumber amount { amount } } } } } } } }
"""


@pytest.fixture
async def world(graphql: GraphQLClient) -> World:
    """The company, at the present time, with links of the application's key."""
    made = await make_world()
    made.clock = FixedClock(datetime.now(UTC))
    made.key = graphql.resources.identity.secret_key
    return made


async def ask(graphql: GraphQLClient, query: str, actor: Actor | None, **values: Any) -> Any:
    """Run an operation with one root field; return its answer."""
    reply = await graphql.run(query, actor=actor, **values)
    [answer] = reply.data.values()
    return answer


async def test_the_whole_way_to_an_order(graphql: GraphQLClient, world: World) -> None:
    rule = await ask(
        graphql,
        CREATE_RULE,
        world.admin,
        input={
            "name": "Above 250",
            "aboveAmount": "250",
            "currency": "RUB",
            "steps": [{"approverIds": [encode_id("User", world.first.user_id)]}],
        },
    )
    assert rule["rule"]["above"] == {"amount": "250", "currency": "RUB"}
    cart = await world.fill("3")
    required = await ask(graphql, PLACE, world.buyer, input={})
    assert required["code"] == "APPROVAL_REQUIRED"
    assert required["reasons"] == ["Rule “Above 250”: 300 RUB is above 250 RUB"]
    assert [one["name"] for one in required["approvers"]] != []
    assert required["pendingApprovalId"] is None
    assert await fetch("SELECT id FROM purchase_order") == []

    submitted = (await ask(graphql, SUBMIT, world.buyer, input={"note": "Please"}))["approval"]
    assert submitted["status"] == "PENDING"
    assert submitted["totals"] == [
        {
            "net": {"amount": "300", "currency": "RUB"},
            "delivery": {"amount": "0"},
            "netNow": {"amount": "300"},
            "risen": False,
        }
    ]
    waiting = await ask(graphql, PLACE, world.buyer, input={})
    assert (waiting["code"], waiting["pendingApprovalId"]) == ("APPROVAL_REQUIRED", submitted["id"])

    await world.price("101")
    [shown] = (await ask(graphql, LIST, world.first, filter="WAITING_FOR_ME", first=2))["edges"]
    [line] = shown["node"]["lines"]
    assert (line["unitPrice"]["amount"], line["unitPriceNow"]["amount"]) == ("100", "101")
    assert line["priceChanged"]
    assert shown["node"]["totals"][0]["risen"]
    assert shown["node"]["mayDecide"]
    drift = await ask(graphql, APPROVE, world.first, input={"approvalId": submitted["id"]})
    assert (drift["code"], drift["then"], drift["now"]) == ("PRICE_DRIFT", "300", "303")
    own = await ask(graphql, APPROVE, world.buyer, input={"approvalId": submitted["id"]})
    assert own["code"] == "OWN_APPROVAL"
    approved = await ask(
        graphql,
        APPROVE,
        world.first,
        input={
            "approvalId": submitted["id"],
            "acceptPriceChanges": True,
            "changes": [{"lineId": line["lineId"], "quantity": "2"}],
            "reason": "Two will do",
        },
    )
    decided = approved["approval"]
    assert decided["status"] == "APPROVED"
    assert decided["decisions"][0]["changes"] == [
        {"articleNumber": line["articleNumber"], "before": "3", "after": "2"}
    ]
    changed = await ask(graphql, PLACE, world.buyer, input={})
    assert changed["code"] == "PRICE_CHANGED"  # the buyer has not seen 101 yet
    placed = await ask(graphql, PLACE, world.buyer, input={"acceptPriceChanges": True})
    assert placed["__typename"] == "PlaceOrderPayload"
    assert await cart_status(cart) == "placed"
    assert await fetch_value("SELECT net FROM seller_order") == 202
    used = await fetch_value("SELECT approval_ids[1] FROM purchase_order")
    assert encode_id("Approval", used) == submitted["id"]
    [mine] = (await ask(graphql, LIST, world.buyer, filter="MINE", first=2))["edges"]
    assert mine["node"]["status"] == "ORDERED"
    assert mine["node"]["lines"][0]["netNow"] is None


async def test_the_same_key_submits_and_decides_once(graphql: GraphQLClient, world: World) -> None:
    await world.rule([world.first], [world.first])
    await world.fill()
    ids = set()
    for _ in range(2):
        reply = await graphql.run(SUBMIT, actor=world.buyer, idempotency_key="k", input={})
        ids.add(reply.data["submitCart"]["approval"]["id"])
    assert len(ids) == 1
    [approval] = ids
    for _ in range(2):
        reply = await graphql.run(
            APPROVE,
            actor=world.first,
            idempotency_key="k",
            input={"approvalId": approval},
        )
        assert reply.data["approveCart"]["approval"]["currentStep"] == 2
    assert await fetch_value("SELECT count(*) FROM approval_decision") == 1


async def test_a_link_works_without_a_session_and_shows_that_approval_alone(
    graphql: GraphQLClient, world: World
) -> None:
    await world.rule(name="Первое")
    await world.fill()
    await world.submit()
    link = await fetch_value("SELECT id FROM approval_link")
    token = link_token(world.key, "approve", link)
    query = f"query ($token: String!) {{ approvalByLink(token: $token) {{ {APPROVAL} }} }}"
    shown = await ask(graphql, query, None, token=token)
    assert shown["mayDecide"]
    assert (await graphql.run(query, token="guess")).codes == ["INVALID_TOKEN"]
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await graphql.run(node, id=shown["id"])).data == {"node": None}
    refused = await ask(graphql, BY_LINK, None, input={"token": token, "approve": False})
    assert (refused["code"], refused["path"]) == ("INVALID_INPUT", ["input", "reason"])
    done = await ask(graphql, BY_LINK, None, input={"token": token, "approve": True})
    assert done == {"__typename": "DecideApprovalByLinkPayload", "approved": True}
    again = await ask(graphql, BY_LINK, None, input={"token": token, "approve": True})
    assert again["code"] == "INVALID_TOKEN"


async def test_what_is_agreed_to_is_what_was_shown(graphql: GraphQLClient, world: World) -> None:
    await world.rule([world.first])
    await world.fill("2")
    approval = await world.submit()
    await world.price("110")
    seen = [{"currency": "RUB", "net": "220"}]
    key = encode_id("Approval", approval)
    wanted = {"approvalId": key, "acceptPriceChanges": True, "expectedTotals": seen}
    await world.price("125.5")

    refused = await ask(graphql, APPROVE, world.first, input=wanted)
    assert refused == {
        "__typename": "TotalChanged",
        "code": "TOTAL_CHANGED",
        "message": "The total is 251 RUB, not 220 RUB. Look at it again.",
        "path": ["input", "expectedTotals"],
        "lineIndex": None,
        "currency": "RUB",
        "expected": "220",
        "total": "251",
    }
    told = await ask(graphql, APPROVE, replace(world.first, locale="ru"), input=wanted)
    assert told["message"] == "Итог 251 RUB, а не 220 RUB. Проверьте ещё раз."
    link = await fetch_value("SELECT id FROM approval_link")
    token = link_token(world.key, "approve", link)
    by_link = {"token": token, "approve": True, "acceptPriceChanges": True, "expectedTotals": seen}
    told = await ask(graphql, BY_LINK, None, input=by_link)
    assert (told["code"], told["expected"], told["total"]) == ("TOTAL_CHANGED", "220", "251")
    foreign = [{"currency": "RUB", "net": "251"}, {"currency": "EUR", "net": "1"}]
    told = await ask(graphql, APPROVE, world.first, input=wanted | {"expectedTotals": foreign})
    assert (told["currency"], told["expected"], told["total"]) == ("EUR", "1", "0")
    twice = await ask(graphql, APPROVE, world.first, input=wanted | {"expectedTotals": seen * 2})
    assert (twice["code"], twice["path"]) == (
        "INVALID_INPUT", ["input", "expectedTotals", "1", "currency"],
    )  # fmt: skip
    shown = await world.view(approval)
    assert (shown.status.value, shown.decisions) == ("pending", ())
    assert shown.snapshot.totals() == {"RUB": Decimal(200)}
    assert await fetch_value("SELECT count(*) FROM approval_link WHERE used_at IS NOT NULL") == 0

    seen[0]["net"] = "251"
    not_accepted = await ask(graphql, BY_LINK, None, input=by_link | {"acceptPriceChanges": False})
    assert not_accepted["code"] == "PRICE_DRIFT"
    done = await ask(graphql, BY_LINK, None, input=by_link)
    assert done == {"__typename": "DecideApprovalByLinkPayload", "approved": True}
    assert (await world.view(approval)).snapshot.totals() == {"RUB": Decimal(251)}


async def test_reasons_are_told_in_the_readers_language(
    graphql: GraphQLClient, world: World
) -> None:
    await world.above("100")
    await world.fill("2")
    told = await ask(graphql, PLACE, replace(world.buyer, locale="ru"), input={})
    assert told["reasons"] == ["Правило «Limit»: 200 RUB — больше 100 RUB"]
    assert told["message"].startswith("Заказ нужно сначала согласовать.")


async def test_a_list_costs_the_same_however_long(graphql: GraphQLClient, world: World) -> None:
    """All but today's prices, which belong to each cart as a whole."""
    query = """query { approvals(filter: ALL, first: 20) { edges { node {
      id status reasons requestedBy { name } steps { asked { name } } stuck mayDecide
      decisions { decidedBy { name } } } } } }"""
    await world.rule()
    counts = []
    for number in range(4):
        cart = await carts.create(world.buyer, f"Cart {number}")
        await world.fill(cart_id=cart)
        await world.submit(cart_id=cart)
        async with counted_sql() as statements:
            rows = await ask(graphql, query, world.admin)
        assert len(rows["edges"]) == number + 1
        counts.append(len(statements))
    assert len(set(counts)) == 1
    assert counts[0] <= 4


async def test_budgets_of_orders_and_cancellations(graphql: GraphQLClient, world: World) -> None:
    made = await ask(
        graphql,
        CREATE_BUDGET,
        world.admin,
        input={
            "name": "Tools",
            "amount": "500",
            "currency": "RUB",
            "period": "MONTH",
            "startsOn": "2026-01-31",
            "mode": "BLOCK",
        },
    )
    assert made["budget"]["left"] == {"amount": "500", "currency": "RUB"}
    await world.fill("4")
    placed = await ask(graphql, PLACE, world.buyer, input={})
    assert placed["__typename"] == "PlaceOrderPayload"
    await world.fill("2")
    refused = await ask(graphql, PLACE, world.buyer, input={})
    assert (refused["code"], refused["left"], refused["wanted"]) == (
        "BUDGET_EXCEEDED",
        "100",
        "200",
    )
    [row] = (await ask(graphql, BUDGETS, world.buyer))["edges"]
    assert (row["node"]["spent"]["amount"], row["node"]["left"]["amount"]) == ("400", "100")
    key = await fetch_value("SELECT id FROM seller_order")
    await orders.cancel(world.buyer, key, clock=world.clock)
    [row] = (await ask(graphql, BUDGETS, world.buyer))["edges"]
    assert row["node"]["left"]["amount"] == "500"
    amounts = [one["node"]["amount"]["amount"] for one in row["node"]["entries"]["edges"]]
    assert sorted(amounts, key=Decimal) == ["-400", "400"]
    placed = await ask(graphql, PLACE, world.buyer, input={})
    assert placed["__typename"] == "PlaceOrderPayload"


async def test_rules_and_absences_through_the_api(graphql: GraphQLClient, world: World) -> None:
    wrong = await ask(
        graphql,
        CREATE_RULE,
        world.admin,
        input={
            "name": "R",
            "steps": [
                {"approverIds": [encode_id("User", world.first.user_id)]},
                {"approverIds": [encode_id("User", world.buyer.user_id)]},
            ],
        },
    )
    assert wrong["code"] == "NOT_AN_APPROVER"
    assert wrong["path"] == ["input", "steps", "1", "approverIds"]
    assert wrong["userId"] == encode_id("User", world.buyer.user_id)
    away = f"""mutation ($input: SetApproverAbsenceInput!) {{ setApproverAbsence(input: $input) {{
      {ERRORS} ... on ApproverAbsencesPayload {{ absences {{ id user {{ id }} alternate {{ id }}
        startsAt endsAt }} }} }} }}"""
    made = await ask(
        graphql,
        away,
        world.first,
        input={
            "startsAt": "2030-01-01T00:00:00Z",
            "endsAt": "2030-01-15T00:00:00Z",
            "alternateId": encode_id("User", world.second.user_id),
        },
    )
    [absence] = made["absences"]
    assert absence["user"]["id"] == encode_id("User", world.first.user_id)
    forbidden = await ask(
        graphql,
        away,
        world.first,
        input={
            "startsAt": "2030-01-01T00:00:00Z",
            "endsAt": "2030-01-15T00:00:00Z",
            "alternateId": encode_id("User", world.first.user_id),
            "userId": encode_id("User", world.second.user_id),
        },
    )
    assert forbidden["code"] == "FORBIDDEN"
    cancel = f"""mutation ($input: CancelApproverAbsenceInput!) {{
      cancelApproverAbsence(input: $input) {{ {ERRORS}
        ... on ApproverAbsencesPayload {{ absences {{ id }} }} }} }}"""
    gone = await ask(graphql, cancel, world.first, input={"absenceId": absence["id"]})
    assert gone["absences"] == []
    rules = "query { approvalRules { edges { node { name } } } }"
    assert (await graphql.run(rules, actor=world.buyer)).codes == ["FORBIDDEN"]


async def test_budgets_with_entries_cost_the_same_however_many(
    graphql: GraphQLClient, world: World
) -> None:
    counts = []
    for number in range(3):
        await ask(
            graphql,
            CREATE_BUDGET,
            world.admin,
            input={
                "name": f"Budget {number}",
                "amount": "5000",
                "currency": "RUB",
                "period": "YEAR",
                "startsOn": "2024-02-29",
                "mode": "WARN",
            },
        )
        await world.fill("1")
        await ask(graphql, PLACE, world.buyer, input={})
        async with counted_sql() as statements:
            rows = (await ask(graphql, BUDGETS, world.buyer))["edges"]
        entries = [len(one["node"]["entries"]["edges"]) for one in rows]
        assert entries == list(range(number + 1, 0, -1))
        counts.append(len(statements))
    assert counts == [3, 3, 3]
    page = """query ($after: String) { budgets(first: 1) { edges { node {
      entries(first: 2, after: $after) { edges { node { seller: sellerOrderNumber } }
        pageInfo { endCursor hasNextPage } } } } } }"""
    first = (await ask(graphql, page, world.buyer, after=None))["edges"][0]["node"]["entries"]
    assert first["pageInfo"]["hasNextPage"]
    cursor = first["pageInfo"]["endCursor"]
    rest = (await ask(graphql, page, world.buyer, after=cursor))["edges"][0]["node"]["entries"]
    numbers = [one["node"]["seller"] for one in [*first["edges"], *rest["edges"]]]
    assert numbers == [f"SO-{world.clock.now().year}-00000{number}" for number in (3, 2, 1)]
