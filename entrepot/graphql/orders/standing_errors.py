"""Why standing orders stay as they are, in GraphQL."""

from entrepot.graphql.errors import UserError, as_id, error_type
from entrepot.platform.orders.standing import errors as standing_errors


@error_type(standing_errors.StandingOrderEnded)
class StandingOrderEnded(UserError):
    """An ended standing order stays as it is."""


@error_type(standing_errors.NoDates)
class NoDates(UserError):
    """No date of the calendar is still to come."""


@error_type(standing_errors.NotAStandingDate, due_on="The date.")
class NotAStandingDate(UserError):
    """The date is not one of the dates to come."""


@error_type(
    standing_errors.AboveEnvelope,
    offer_id=as_id("Offer", "The offer."),
    limit="The most that was agreed for it.",
)
class AboveEnvelope(UserError):
    """More than was agreed for the line."""


@error_type(standing_errors.OwnStandingOrder)
class OwnStandingOrder(UserError):
    """Who made or changed a standing order does not agree to it."""


@error_type(standing_errors.StandingOrderChanged)
class StandingOrderChanged(UserError):
    """It says something else than what you looked at."""


@error_type(standing_errors.EnvelopeOpen)
class EnvelopeOpen(UserError):
    """Nothing limits what a date may cost."""
