"""What a role may do. Roles are sets of permissions; services ask for permissions only."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """A right that a service call asks for."""

    CATALOG_VIEW = "catalog.view"
    CATALOG_MANAGE = "catalog.manage"
    CATEGORY_MANAGE = "category.manage"
    PRICES_MANAGE = "prices.manage"
    PROMOTION_MANAGE = "promotion.manage"
    STOCK_VIEW = "stock.view"
    STOCK_MANAGE = "stock.manage"
    CART_MANAGE = "cart.manage"
    ORDER_PLACE = "order.place"
    ORDER_VIEW = "order.view"
    ORDER_CANCEL = "order.cancel"
    ORDER_APPROVE = "order.approve"
    ORDER_ON_BEHALF = "order.on_behalf"
    APPROVAL_MANAGE = "approval.manage"
    SALES_VIEW = "sales.view"
    SALES_MANAGE = "sales.manage"
    INVOICE_VIEW = "invoice.view"
    FORECAST_VIEW = "forecast.view"
    COMPANY_MANAGE = "company.manage"
    API_KEY_MANAGE = "api_key.manage"
    PAYMENT_RECORD = "payment.record"
    MARKETPLACE_OPERATE = "marketplace.operate"


class Role(StrEnum):
    """A company role (CompanyRole)."""

    BUYER = "buyer"
    APPROVER = "approver"
    ACCOUNTANT = "accountant"
    SELLER_MANAGER = "seller_manager"
    SALES_REPRESENTATIVE = "sales_representative"
    WAREHOUSE = "warehouse"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


P = Permission
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.BUYER: frozenset(
        {
            P.CATALOG_VIEW,
            P.CART_MANAGE,
            P.ORDER_PLACE,
            P.ORDER_VIEW,
            P.ORDER_CANCEL,
            P.INVOICE_VIEW,
            P.API_KEY_MANAGE,
        }
    ),
    Role.APPROVER: frozenset({P.CATALOG_VIEW, P.ORDER_VIEW, P.ORDER_CANCEL, P.ORDER_APPROVE}),
    Role.ACCOUNTANT: frozenset({P.ORDER_VIEW, P.SALES_VIEW, P.INVOICE_VIEW}),
    Role.SELLER_MANAGER: frozenset(
        {
            P.CATALOG_VIEW,
            P.CATALOG_MANAGE,
            P.PRICES_MANAGE,
            P.PROMOTION_MANAGE,
            P.STOCK_VIEW,
            P.STOCK_MANAGE,
            P.SALES_VIEW,
            P.SALES_MANAGE,
            P.INVOICE_VIEW,
            P.FORECAST_VIEW,
            P.API_KEY_MANAGE,
        }
    ),
    Role.SALES_REPRESENTATIVE: frozenset(
        {P.CATALOG_VIEW, P.STOCK_VIEW, P.SALES_VIEW, P.ORDER_ON_BEHALF}
    ),
    Role.WAREHOUSE: frozenset({P.CATALOG_VIEW, P.STOCK_VIEW, P.STOCK_MANAGE, P.SALES_VIEW}),
    Role.OPERATOR: frozenset(
        {
            P.CATALOG_VIEW,
            P.CATEGORY_MANAGE,
            P.PROMOTION_MANAGE,
            P.ORDER_ON_BEHALF,
            P.PAYMENT_RECORD,
            P.MARKETPLACE_OPERATE,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {P.CATALOG_VIEW, P.COMPANY_MANAGE, P.APPROVAL_MANAGE, P.API_KEY_MANAGE}
    ),
}


def permissions_of(roles: list[str]) -> frozenset[Permission]:
    """Return the union of the roles' permissions; unknown roles give none."""
    known = {role.value: role for role in Role}
    return frozenset().union(*(ROLE_PERMISSIONS[known[name]] for name in roles if name in known))
