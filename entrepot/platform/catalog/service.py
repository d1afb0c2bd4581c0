"""Everything that writes to the catalogue, in one place to import from."""

from __future__ import annotations

from entrepot.platform.catalog.categories import (
    create_category,
    define_attribute,
    rename_category,
)
from entrepot.platform.catalog.files import FILE_KINDS, ReceivedFile, attach_product_file
from entrepot.platform.catalog.offers import NewOffer, OfferChanges, create_offer, update_offer
from entrepot.platform.catalog.products import (
    NewProduct,
    ProductChanges,
    add_cross_reference,
    create_product,
    update_product,
)
from entrepot.platform.catalog.replacements import Replacement

__all__ = [
    "FILE_KINDS",
    "NewOffer",
    "NewProduct",
    "OfferChanges",
    "ProductChanges",
    "ReceivedFile",
    "Replacement",
    "add_cross_reference",
    "attach_product_file",
    "create_category",
    "create_offer",
    "create_product",
    "define_attribute",
    "rename_category",
    "update_offer",
    "update_product",
]
