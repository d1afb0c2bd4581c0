"""Why carts were not changed, in GraphQL."""

from typing import TypeAlias, Union

from entrepot.graphql.errors import CommonErrors, UserError, as_id, error_type
from entrepot.platform.carts import errors as cart_errors


@error_type(cart_errors.CartFull, limit="The most lines a cart may hold.")
class CartFull(UserError):
    """The cart holds as many lines as it may."""


@error_type(
    cart_errors.QuantityNotOrderable,
    offer_id=as_id("Offer", "The offer."),
    requested="The quantity asked for.",
    proposed="The nearest quantity that can be ordered.",
    outcome="BELOW_MINIMUM, PACK_ROUNDED or ABOVE_MAXIMUM.",
)
class QuantityNotOrderable(UserError):
    """The seller does not sell that quantity; `proposed` would do."""


@error_type(
    cart_errors.CartTooLarge, quantity="What the line would hold.", limit="The most it may hold."
)
class CartTooLarge(UserError):
    """The line would hold more than can be ordered at once."""


@error_type(cart_errors.CartSubmitted)
class CartSubmitted(UserError):
    """The cart waits for an approval and must not change meanwhile."""


@error_type(cart_errors.CartAlreadyOrdered, number="The order's number.")
class CartAlreadyOrdered(UserError):
    """The cart became an order, by you or a colleague."""


@error_type(cart_errors.CartClosed, status="`merged` or `deleted`.")
class CartClosed(UserError):
    """The cart was merged into another one or deleted."""


@error_type(
    cart_errors.DeliveriesExceedLine,
    assigned="What goes to named addresses.",
    quantity="What the line holds.",
)
class DeliveriesExceedLine(UserError):
    """More of the line goes to named addresses than it holds."""


@error_type(cart_errors.CartNotYours)
class CartNotYours(UserError):
    """Only who made the cart may take it back from colleagues."""


@error_type(cart_errors.CartsOfDifferentEntities)
class CartsOfDifferentEntities(UserError):
    """Carts of several legal entities cannot become one; they can be ordered together."""


CartErrors: TypeAlias = Union[  # noqa: UP007  (strawberry flattens typing.Union)
    CartSubmitted, CartAlreadyOrdered, CartClosed, CommonErrors
]
"""Put it into the result union of every mutation of a cart."""
