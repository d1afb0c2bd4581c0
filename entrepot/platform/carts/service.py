"""The services of carts, in one place: other slices and the outer layers import these."""

from entrepot.platform.carts.changing import remove, set_quantity
from entrepot.platform.carts.filling import NewCartLine, add, add_lines
from entrepot.platform.carts.keeping import create

__all__ = [
    "NewCartLine",
    "add",
    "add_lines",
    "create",
    "remove",
    "set_quantity",
]
