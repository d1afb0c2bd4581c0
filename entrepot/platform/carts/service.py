"""The services of carts, in one place: other slices and the outer layers import these."""

from entrepot.platform.carts.changing import (
    LineTerms,
    accept_changes,
    remove,
    set_line,
    set_quantity,
)
from entrepot.platform.carts.combining import MergedLine, copy, merge, merge_report
from entrepot.platform.carts.filling import NewCartLine, add, add_lines
from entrepot.platform.carts.keeping import CartTerms, create, delete, share, unshare, update
from entrepot.platform.carts.lines import LineDelivery

__all__ = [
    "CartTerms",
    "LineDelivery",
    "LineTerms",
    "MergedLine",
    "NewCartLine",
    "accept_changes",
    "add",
    "add_lines",
    "copy",
    "create",
    "delete",
    "merge",
    "merge_report",
    "remove",
    "set_line",
    "set_quantity",
    "share",
    "unshare",
    "update",
]
