"""Roles, permissions and kinds of companies."""

from enum import Enum

import strawberry


def stored(member: Enum) -> str:
    """Return what the platform calls a role, permission, kind or language."""
    return str(member.value)


@strawberry.enum(description="What a company does on this marketplace.")
class CompanyKind(Enum):
    """As stored."""

    BUYER = strawberry.enum_value("buyer", description="It buys.")
    SELLER = strawberry.enum_value("seller", description="It sells.")
    OPERATOR = strawberry.enum_value("operator", description="It runs the marketplace.")


@strawberry.enum(description="What a company registers as.")
class RegistrationKind(Enum):
    """As stored; nobody registers as the operator."""

    BUYER = strawberry.enum_value("buyer", description="It wants to buy.")
    SELLER = strawberry.enum_value("seller", description="It wants to sell.")


@strawberry.enum(description="A role of a person in a company: a set of permissions.")
class Role(Enum):
    """As stored."""

    BUYER = strawberry.enum_value(
        "buyer", description="Fills carts, places and cancels orders. Buying companies only."
    )
    APPROVER = strawberry.enum_value(
        "approver", description="Agrees to carts, sees and cancels orders. Buying companies only."
    )
    ACCOUNTANT = strawberry.enum_value("accountant", description="Sees orders, sales and invoices.")
    SELLER_MANAGER = strawberry.enum_value(
        "seller_manager",
        description="Keeps offers, prices and stock, serves orders. Selling companies only.",
    )
    SALES_REPRESENTATIVE = strawberry.enum_value(
        "sales_representative",
        description="Orders for buyers who gave the company leave to. Selling companies only.",
    )
    WAREHOUSE = strawberry.enum_value(
        "warehouse", description="Keeps stock and sees what is to be shipped. Selling companies."
    )
    OPERATOR = strawberry.enum_value(
        "operator", description="Runs the marketplace. The operating company only."
    )
    ADMINISTRATOR = strawberry.enum_value(
        "administrator", description="Keeps members, legal entities and API keys of the company."
    )


@strawberry.enum(description="A right that an operation asks for.")
class Permission(Enum):
    """As stored."""

    CATALOG_VIEW = strawberry.enum_value("catalog.view", description="See the catalogue.")
    CATALOG_MANAGE = strawberry.enum_value("catalog.manage", description="Keep own offers.")
    CATEGORY_MANAGE = strawberry.enum_value("category.manage", description="Keep categories.")
    PRICES_MANAGE = strawberry.enum_value("prices.manage", description="Keep own price lists.")
    PROMOTION_MANAGE = strawberry.enum_value("promotion.manage", description="Keep promotions.")
    STOCK_VIEW = strawberry.enum_value("stock.view", description="See own stock.")
    STOCK_MANAGE = strawberry.enum_value("stock.manage", description="Keep own stock.")
    CART_MANAGE = strawberry.enum_value("cart.manage", description="Fill carts.")
    ORDER_PLACE = strawberry.enum_value("order.place", description="Place orders.")
    ORDER_VIEW = strawberry.enum_value("order.view", description="See own orders.")
    ORDER_CANCEL = strawberry.enum_value("order.cancel", description="Cancel own orders.")
    ORDER_APPROVE = strawberry.enum_value(
        "order.approve", description="Agree to carts of colleagues."
    )
    ORDER_ON_BEHALF = strawberry.enum_value(
        "order.on_behalf", description="Order for a buyer, with leave."
    )
    APPROVAL_MANAGE = strawberry.enum_value(
        "approval.manage", description="Keep approval rules and budgets."
    )
    SALES_VIEW = strawberry.enum_value("sales.view", description="See orders received.")
    SALES_MANAGE = strawberry.enum_value("sales.manage", description="Serve orders received.")
    INVOICE_VIEW = strawberry.enum_value("invoice.view", description="See invoices.")
    FORECAST_VIEW = strawberry.enum_value("forecast.view", description="See demand forecasts.")
    COMPANY_MANAGE = strawberry.enum_value(
        "company.manage", description="Keep members and legal entities."
    )
    API_KEY_MANAGE = strawberry.enum_value("api_key.manage", description="Make API keys.")
    PAYMENT_RECORD = strawberry.enum_value(
        "payment.record", description="Record money that came in."
    )
    MARKETPLACE_OPERATE = strawberry.enum_value(
        "marketplace.operate", description="Run the marketplace."
    )


@strawberry.enum(description="A language of answers and letters.")
class Locale(Enum):
    """As stored."""

    EN = strawberry.enum_value("en", description="English.")
    RU = strawberry.enum_value("ru", description="Russian.")
