"""Filters and order of a search as callers write them, checked field by field."""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Final

import strawberry

from entrepot.graphql.catalog.loading import load_attributes
from entrepot.graphql.context import RequestContext
from entrepot.graphql.node import decode_id
from entrepot.platform.catalog.queries import AttributeRow
from entrepot.platform.catalog.technical_units import converted, unit_code
from entrepot.platform.errors import InvalidInput
from entrepot.search.query import AttributeFilter, SearchFilters, Sort

MAX_VALUES: Final = 50
MAX_ATTRIBUTES: Final = 20
MAX_TEXT: Final = 200
_BOUND_MAX: Final = Decimal(10**15)
_TRUTHS: Final = ("true", "false")


@strawberry.enum(description="In which order offers are listed.")
class OfferSort(Enum):
    """The orders that a search knows."""

    RELEVANCE = strawberry.enum_value("RELEVANCE", description="Best match first.")
    PRICE_ASC = strawberry.enum_value(
        "PRICE_ASC", description="Your company's lowest price first; needs `filter.currency`."
    )
    PRICE_DESC = strawberry.enum_value(
        "PRICE_DESC", description="Your company's highest price first; needs `filter.currency`."
    )
    DELIVERY = strawberry.enum_value("DELIVERY", description="Fewest days to delivery first.")
    NEWEST = strawberry.enum_value("NEWEST", description="Latest offered first.")


@strawberry.input(
    description="A condition on a property: any of `values`, or a number between `from` and `to`."
)
class OfferAttributeFilter:
    """Condition on one attribute; several on different attributes must all hold."""

    code: str = strawberry.field(description="The attribute's code, as the facets name it.")
    values: list[str] | None = strawberry.field(
        default=None, description="Texts, any of which; `true` or `false`; at most 50."
    )
    from_: Decimal | None = strawberry.field(
        default=None, name="from", description="Least value of a number, inclusive."
    )
    to: Decimal | None = strawberry.field(
        default=None, description="Greatest value of a number, inclusive."
    )
    unit: str | None = strawberry.field(
        default=None,
        description="Unit of `from` and `to`: a UN/ECE Rec 20 code or as people write it"
        " (`mm`, `кВт`); left out, the attribute's own.",
    )

    def checked(self, place: str, definition: AttributeRow | None) -> AttributeFilter:
        """Return the condition in the attribute's own unit. Raises `InvalidInput`."""
        if definition is None:
            raise InvalidInput(
                f"{place}.code",
                "no attribute has this code; take it from `facets.attributes`",
                "нет такого свойства; возьмите код из `facets.attributes`",
            )
        if definition.kind == "number":
            return self._measure(place, definition)
        if self.from_ is not None or self.to is not None or self.unit is not None:
            raise InvalidInput(
                f"{place}.from",
                "this attribute is no number: name `values`",
                "это свойство не числовое: укажите `values`",
            )
        values = tuple(self.values or ())
        if len(values) > MAX_VALUES:
            raise _too_many(f"{place}.values", MAX_VALUES)
        if definition.kind == "boolean" and any(one not in _TRUTHS for one in values):
            raise InvalidInput(
                f"{place}.values", "write `true` or `false`", "напишите `true` или `false`"
            )
        return AttributeFilter(self.code, values)

    def _measure(self, place: str, definition: AttributeRow) -> AttributeFilter:
        if self.values is not None:
            raise InvalidInput(
                f"{place}.values",
                "this attribute is a number: name `from` and `to`",
                "это числовое свойство: укажите `from` и `to`",
            )
        low = self._bound(f"{place}.from", self.from_, place, definition.unit)
        high = self._bound(f"{place}.to", self.to, place, definition.unit)
        if low is not None and high is not None and low > high:
            raise InvalidInput(
                f"{place}.to", "must not be less than `from`", "не может быть меньше `from`"
            )
        return AttributeFilter(self.code, low=low, high=high)

    def _bound(
        self, field: str, value: Decimal | None, place: str, own: str | None
    ) -> float | None:
        if value is None:
            return None
        if not value.is_finite() or abs(value) > _BOUND_MAX:
            raise InvalidInput(
                field, "a number up to 10^15 is needed", "нужно число не больше 10^15"
            )
        if self.unit is None:
            return float(value)
        code = unit_code(self.unit)
        found = None if code is None or own is None else converted(value, code, own)
        if found is None:
            raise InvalidInput(
                f"{place}.unit",
                f"is no unit of this attribute; its own is {own}"
                if own
                else "this attribute has no unit",
                f"не единица этого свойства; его единица — {own}"
                if own
                else "у этого свойства нет единицы",
            )
        return float(found)


@strawberry.input(description="Conditions that all must hold; leave out what does not matter.")
class OfferFilter:
    """Filters of a search."""

    category_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only this category and those below it."
    )
    brands: list[str] | None = strawberry.field(
        default=None, description="Any of these brands, as the facets name them; at most 50."
    )
    seller_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Only offers of these companies; at most 50."
    )
    in_stock: bool = strawberry.field(
        default=False, description="Only offers with something to order now."
    )
    delivery_days_max: int | None = strawberry.field(
        default=None, description="Only offers that are delivered within so many days."
    )
    currency: str | None = strawberry.field(
        default=None, description="Only offers in this currency; required with a price."
    )
    price_from: Decimal | None = strawberry.field(
        default=None, description="Least price of one unit that your company pays."
    )
    price_to: Decimal | None = strawberry.field(
        default=None, description="Greatest price of one unit that your company pays."
    )
    attributes: list[OfferAttributeFilter] | None = strawberry.field(
        default=None, description="Conditions on properties; at most 20."
    )


async def checked(
    context: RequestContext, filter: OfferFilter | None, sort: OfferSort
) -> tuple[SearchFilters, Sort]:
    """Return the filters and order of the search. Raises `InvalidInput` and `InvalidId`."""
    given = filter or OfferFilter()
    if given.currency is None:
        _refuse_prices(given, sort)
    _check_prices(given)
    brands, sellers = tuple(given.brands or ()), given.seller_ids or []
    for name, values in (("brands", brands), ("sellerIds", sellers)):
        if len(values) > MAX_VALUES:
            raise _too_many(f"filter.{name}", MAX_VALUES)
    if given.delivery_days_max is not None and given.delivery_days_max < 0:
        raise InvalidInput("filter.deliveryDaysMax", "0 or more", "0 или больше")
    category = given.category_id
    return SearchFilters(
        category_id=None
        if category is None
        else decode_id(category, "Category", "filter", "categoryId"),
        brands=tuple(brand[:MAX_TEXT] for brand in brands),
        seller_ids=tuple(
            decode_id(seller, "Company", "filter", "sellerIds", str(place))
            for place, seller in enumerate(sellers)
        ),
        in_stock=given.in_stock,
        lead_days_max=given.delivery_days_max,
        currency=given.currency,
        price_from=given.price_from,
        price_to=given.price_to,
        attributes=await _attributes(context, given.attributes or []),
    ), Sort[sort.name]


def _refuse_prices(given: OfferFilter, sort: OfferSort) -> None:
    priced = given.price_from is not None or given.price_to is not None
    if priced or sort in (OfferSort.PRICE_ASC, OfferSort.PRICE_DESC):
        raise InvalidInput(
            "filter.currency",
            "name the currency of the prices",
            "укажите валюту, в которой заданы цены",
        )


def _check_prices(given: OfferFilter) -> None:
    for name, price in (("priceFrom", given.price_from), ("priceTo", given.price_to)):
        if price is not None and (not price.is_finite() or price < 0):
            raise InvalidInput(
                f"filter.{name}", "a price is a number from 0 on", "цена — число от 0"
            )
    low, high = given.price_from, given.price_to
    if low is not None and high is not None and low > high:
        raise InvalidInput(
            "filter.priceTo",
            "must not be less than `priceFrom`",
            "не может быть меньше `priceFrom`",
        )


async def _attributes(
    context: RequestContext, given: list[OfferAttributeFilter]
) -> tuple[AttributeFilter, ...]:
    if len(given) > MAX_ATTRIBUTES:
        raise _too_many("filter.attributes", MAX_ATTRIBUTES)
    codes = list(dict.fromkeys(one.code[:MAX_TEXT] for one in given))
    rows = await context.load_many(load_attributes, codes) if codes else []
    known: Mapping[str, AttributeRow | None] = dict(zip(codes, rows, strict=True))
    return tuple(
        one.checked(f"filter.attributes.{place}", known.get(one.code))
        for place, one in enumerate(given)
    )


def _too_many(field: str, most: int) -> InvalidInput:
    return InvalidInput(field, f"at most {most}", f"не больше {most}")
