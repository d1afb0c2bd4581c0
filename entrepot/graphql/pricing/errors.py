"""Refusals of price lists in GraphQL."""

from entrepot.graphql.errors import UserError, as_id, as_type, error_type
from entrepot.platform.pricing import errors


@error_type(errors.PriceListNameTaken, name="The name.")
class PriceListNameTaken(UserError):
    """Your company already has a price list of this name."""


@error_type(
    errors.DuplicateTier,
    offer_id=as_id("Offer", "The offer."),
    min_quantity="Where both tiers start.",
)
class DuplicateTier(UserError):
    """Two tiers of one offer start at the same quantity."""


@error_type(errors.DuplicateOffer, offer_id=as_id("Offer", "The offer."))
class DuplicateOffer(UserError):
    """The same offer is named twice."""


@error_type(
    errors.CurrencyMismatch,
    offer_id=as_id("Offer", "The offer."),
    list_currency="Currency of the list.",
    offer_currency="Currency of the offer.",
)
class CurrencyMismatch(UserError):
    """The list's currency is not the offer's."""


@error_type(errors.FixedListHasNoRule, name="Name of the list.")
class FixedListHasNoRule(UserError):
    """The list has fixed prices; a rule needs a list of its own."""


@error_type(
    errors.BaseListCurrency,
    list_currency="Currency of the list.",
    base_currency="Currency of its base.",
)
class BaseListCurrency(UserError):
    """The list and its base are in different currencies."""


@error_type(
    errors.PriceListCycle,
    chain=as_type(list[str], "Names of the lists, each computed from the next one.", list),
)
class PriceListCycle(UserError):
    """The lists would be computed from each other."""


@error_type(errors.PriceListChainTooLong, limit="How many lists a chain may have.")
class PriceListChainTooLong(UserError):
    """Too many lists would be computed one from another."""
