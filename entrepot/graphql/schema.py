"""The schema: root fields of all slices, merged.

A slice adds its `…Query` and `…Mutation` classes here, and nothing else.
"""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.tools import merge_types

from entrepot.graphql.carts.approval_rules import ApprovalRulesMutation, ApprovalRulesQuery
from entrepot.graphql.carts.approvals import ApprovalsMutation, ApprovalsQuery
from entrepot.graphql.carts.budgets import BudgetsMutation, BudgetsQuery
from entrepot.graphql.carts.cart import CartsMutation, CartsQuery
from entrepot.graphql.carts.keeping import CartKeepingMutation
from entrepot.graphql.carts.quick_order import QuickOrderMutation, QuickOrderQuery
from entrepot.graphql.carts.shopping_lists import ShoppingListsMutation, ShoppingListsQuery
from entrepot.graphql.carts.sourcing import SourcingMutation
from entrepot.graphql.catalog.aliases import BuyerAliasMutation, BuyerAliasQuery
from entrepot.graphql.catalog.assortments import AssortmentMutation, AssortmentQuery
from entrepot.graphql.catalog.files import ProductFilesMutation
from entrepot.graphql.catalog.imports import CatalogImportMutation, CatalogImportQuery
from entrepot.graphql.catalog.mutation import CatalogMutation
from entrepot.graphql.catalog.query import CatalogQuery
from entrepot.graphql.catalog.units import OfferUnitsMutation
from entrepot.graphql.catalog.unmet_demand import UnmetDemandMutation, UnmetDemandQuery
from entrepot.graphql.catalog.vocabulary import SearchWordMutation, SearchWordQuery
from entrepot.graphql.errors import UserError, handlers
from entrepot.graphql.forecasts import ForecastQuery
from entrepot.graphql.identity import IDENTITY_MUTATIONS, IDENTITY_QUERIES
from entrepot.graphql.inventory import InventoryMutation, InventoryQuery
from entrepot.graphql.node import Node, NodeQuery
from entrepot.graphql.orders.behalf import BehalfMutation, BehalfQuery
from entrepot.graphql.orders.order import OrdersQuery
from entrepot.graphql.orders.placing import OrdersMutation
from entrepot.graphql.orders.reorder import ReorderMutation
from entrepot.graphql.orders.standing import StandingOrdersMutation, StandingOrdersQuery
from entrepot.graphql.payments import PaymentsMutation, PaymentsQuery
from entrepot.graphql.pricing.explain import ExplainQuery
from entrepot.graphql.pricing.groups import CustomerGroupsMutation, CustomerGroupsQuery
from entrepot.graphql.pricing.imports import PriceImportMutation, PriceImportQuery
from entrepot.graphql.pricing.lists import PricingMutation, PricingQuery
from entrepot.graphql.pricing.promotions import PromotionMutation, PromotionQuery
from entrepot.graphql.pricing.terms import SellerTermsMutation, SellerTermsQuery
from entrepot.graphql.scalars import schema_config
from entrepot.graphql.search.query import SearchQueries
from entrepot.graphql.search.suggestions import SuggestionMutation, SuggestionQueries
from entrepot.graphql.service_info import ServiceQuery

QUERIES: tuple[type, ...] = (
    ServiceQuery,
    NodeQuery,
    *IDENTITY_QUERIES,
    CatalogQuery,
    CatalogImportQuery,
    AssortmentQuery,
    SearchWordQuery,
    UnmetDemandQuery,
    PricingQuery,
    CustomerGroupsQuery,
    ExplainQuery,
    PriceImportQuery,
    PromotionQuery,
    SellerTermsQuery,
    InventoryQuery,
    CartsQuery,
    ShoppingListsQuery,
    QuickOrderQuery,
    BuyerAliasQuery,
    ApprovalsQuery,
    ApprovalRulesQuery,
    BudgetsQuery,
    OrdersQuery,
    StandingOrdersQuery,
    BehalfQuery,
    PaymentsQuery,
    SearchQueries,
    SuggestionQueries,
    ForecastQuery,
)
MUTATIONS: tuple[type, ...] = (
    *IDENTITY_MUTATIONS,
    CatalogMutation,
    CatalogImportMutation,
    ProductFilesMutation,
    AssortmentMutation,
    SearchWordMutation,
    UnmetDemandMutation,
    PricingMutation,
    CustomerGroupsMutation,
    PriceImportMutation,
    PromotionMutation,
    SellerTermsMutation,
    InventoryMutation,
    CartsMutation,
    QuickOrderMutation,
    BuyerAliasMutation,
    OfferUnitsMutation,
    CartKeepingMutation,
    ShoppingListsMutation,
    ApprovalsMutation,
    ApprovalRulesMutation,
    BudgetsMutation,
    SourcingMutation,
    OrdersMutation,
    StandingOrdersMutation,
    ReorderMutation,
    BehalfMutation,
    PaymentsMutation,
    SuggestionMutation,
)


def build_schema(
    queries: tuple[type, ...] = QUERIES,
    mutations: tuple[type, ...] = MUTATIONS,
    types: tuple[Any, ...] = (),
) -> strawberry.Schema:
    """Assemble a schema from slices; `types` are those reachable only through interfaces."""
    return strawberry.Schema(
        query=merge_types("Query", queries),
        mutation=merge_types("Mutation", mutations) if mutations else None,
        types=[Node, UserError, *types],
        exception_handlers=handlers(),
        config=schema_config(),
    )


schema = build_schema()
