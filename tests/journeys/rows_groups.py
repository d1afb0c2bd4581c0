"""Calls of customer groups."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from entrepot.graphql.node import encode_id
from entrepot.platform.pricing.groups.models import (
    CustomerGroup,
    CustomerGroupMember,
    CustomerGroupMove,
)
from tests.journeys.rows import SELLERS, Row, Victims, row

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_RULE = {"windowDays": 365, "minTurnover": "1000", "currency": "RUB"}
ROWS = {
    "customerGroups": Row({"first": 50}, may=SELLERS),
    "createCustomerGroup": row(SELLERS, name="Mine", rule=_RULE),
    "updateCustomerGroup": row(customerGroupId="$ruleGroup", name="Stolen", rule=_RULE),
    "deleteCustomerGroup": row(customerGroupId="$idleGroup"),
    "addCompanyToGroup": row(customerGroupId="$group", companyId="$company"),
    "removeCompanyFromGroup": row(customerGroupId="$group", companyId="$company"),
    "recomputeCustomerGroups": Row(may=SELLERS),
}
VALID = {
    "createCustomerGroup": {"input": {"name": "Mine #", "rule": _RULE | {"minYears": "1.25"}}},
    "updateCustomerGroup": {
        "input": {"customerGroupId": "$ruleGroup", "name": "New #", "rule": _RULE}
    },
}
UNTOLD = HIDDEN_NODES = ("group", "ruleGroup", "idleGroup")


async def build(victims: Victims) -> dict[str, str]:
    """A group by hand with the buyer in it, one by a rule, and one that nothing names."""
    seller = victims.seller.company
    group = await CustomerGroup.create(seller=seller, name="SECRET group")
    for log in (
        CustomerGroupMember(group=group, company_id=victims.buyer.company_id, since=_SINCE),
        CustomerGroupMove(
            group=group, company_id=victims.buyer.company_id, joined=True, moved_at=_SINCE,
            moved_by_id=victims.seller.actor.user_id, facts={"by_hand": True},
        ),
    ):  # fmt: skip
        await log.save()
    ruled = await CustomerGroup.create(
        seller=seller, name="SECRET rule", kind="rule", currency="RUB", min_turnover=Decimal(10**6)
    )
    idle = await CustomerGroup.create(seller=seller, name="SECRET idle")
    return {
        "group": encode_id("CustomerGroup", group.id),
        "ruleGroup": encode_id("CustomerGroup", ruled.id),
        "idleGroup": encode_id("CustomerGroup", idle.id),
    }
