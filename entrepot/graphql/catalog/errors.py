"""The catalogue's refusals as members of result unions."""

from entrepot.graphql.errors import UserError, as_id, error_type
from entrepot.platform.catalog import errors


@error_type(
    errors.ProductExists,
    product_id=as_id("Product", "The product that is there already."),
    brand="Its brand.",
    number="Its number, as printed.",
)
class ProductExists(UserError):
    """The brand already has a product with this number."""


@error_type(errors.ProductShared, product_id=as_id("Product", "The product."))
class ProductShared(UserError):
    """Other sellers offer the product too, so only the operator may change it."""


@error_type(
    errors.ExternalIdTaken,
    external_id="The external id.",
    offer_id=as_id("Offer", "Your offer that has it."),
)
class ExternalIdTaken(UserError):
    """Another of your offers has this external id."""


@error_type(errors.CategoryExists, category_path="Path of the category that is there already.")
class CategoryExists(UserError):
    """The parent already has a category with this slug."""


@error_type(errors.AttributeExists, attribute_code="The code.")
class AttributeExists(UserError):
    """The attribute code is defined already."""


@error_type(
    errors.ReplacementCycle,
    product_id=as_id("Product", "The product."),
    replaced_by_id=as_id("Product", "What should have replaced it."),
)
class ReplacementCycle(UserError):
    """A product cannot be replaced by itself, nor by what it replaces in the end."""


@error_type(errors.NotSelling)
class NotSelling(UserError):
    """Your company does not sell here."""
