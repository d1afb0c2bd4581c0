"""Why orders are refused, in GraphQL."""

from entrepot.graphql.errors import UserError, as_id, error_type
from entrepot.platform.orders import errors as order_errors


@error_type(order_errors.CartEmpty)
class CartEmpty(UserError):
    """There is nothing to order."""


@error_type(
    order_errors.OfferUnavailable,
    offer_id=as_id("Offer", "The offer."),
    article_number="The seller's number of the article.",
)
class OfferUnavailable(UserError):
    """A line's offer can no longer be bought."""


@error_type(
    order_errors.PriceChanged,
    offer_id=as_id("Offer", "The offer."),
    article_number="The seller's number of the article.",
    seen_price="The unit price you last saw.",
    price="The unit price now.",
    seen_discount="What came off the line when you last saw it.",
    discount="What comes off the line now.",
)
class PriceChanged(UserError):
    """A line costs more than you saw; place the order with `acceptPriceChanges` if that is fine."""


@error_type(
    order_errors.TotalChanged,
    currency="The currency (ISO 4217).",
    expected="The total you expect: gross of orders, net of approvals.",
    total="The total that it would be.",
)
class TotalChanged(UserError):
    """It would come to another sum than you expect; nothing was ordered or agreed to."""


@error_type(
    order_errors.BelowMinimumOrderValue,
    seller="Name of the seller.",
    currency="The currency (ISO 4217).",
    value="Net value of the goods, without delivery.",
    minimum="The least net value that the seller takes.",
)
class BelowMinimumOrderValue(UserError):
    """A seller takes no order as small as this."""


@error_type(
    order_errors.OrderNotCancellable,
    number="Number of the seller order.",
    status="Where it stands.",
)
class OrderNotCancellable(UserError):
    """The seller order has gone too far to be cancelled."""


@error_type(
    order_errors.OrderNotConfirmable,
    number="Number of the seller order.",
    status="Where it stands.",
)
class OrderNotConfirmable(UserError):
    """Only a placed seller order can be confirmed."""


@error_type(
    order_errors.OrderNotPaid,
    number="Number of the seller order.",
    open_amount="What has not been paid yet.",
    currency="The currency (ISO 4217).",
)
class OrderNotPaid(UserError):
    """The buyer pays in advance and has not paid all yet."""
