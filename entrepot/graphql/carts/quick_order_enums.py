"""Where lines of quick orders come from and what becomes of them, described for API users."""

from enum import Enum

import strawberry


@strawberry.enum(description="Where the lines of a quick order came from.")
class QuickOrderSource(Enum):
    """As stored."""

    PASTE = strawberry.enum_value("paste", description="Pasted text.")
    FILE = strawberry.enum_value("file", description="A CSV or XLSX file.")
    LIST = strawberry.enum_value("list", description="A shopping list.")
    REORDER = strawberry.enum_value("reorder", description="A past order.")


@strawberry.enum(description="Of all that can be said of a line, the most serious.")
class QuickOrderOutcome(Enum):
    """From fine to impossible."""

    EXACT = strawberry.enum_value("EXACT", description="Found by its number; taken as it is.")
    NORMALIZED = strawberry.enum_value(
        "NORMALIZED", description="Found without separators and look-alikes; taken as it is."
    )
    BUYER_ALIAS = strawberry.enum_value(
        "BUYER_ALIAS", description="Found by your company's own number; taken as it is."
    )
    CROSS_REFERENCE = strawberry.enum_value(
        "CROSS_REFERENCE", description="Another article, or another seller's offer, can stand in."
    )
    PACK_ROUNDED = strawberry.enum_value(
        "PACK_ROUNDED", description="Sold in packs or steps: another quantity is proposed."
    )
    BELOW_MINIMUM = strawberry.enum_value(
        "BELOW_MINIMUM", description="Below the least quantity, which is proposed."
    )
    ABOVE_MAXIMUM = strawberry.enum_value(
        "ABOVE_MAXIMUM", description="Above the largest quantity, which is proposed."
    )
    SHORT = strawberry.enum_value(
        "SHORT", description="Less is in stock; what is there is proposed."
    )
    AMBIGUOUS = strawberry.enum_value(
        "AMBIGUOUS", description="Several articles have the number: choose one."
    )
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="You can buy no such article.")
    INVALID = strawberry.enum_value(
        "INVALID", description="The quantity, the unit or the line cannot be taken."
    )


@strawberry.enum(description="How the article of a line was found.")
class QuickOrderMatch(Enum):
    """Looked for in the order alias, exact, normalised, cross-reference."""

    EXACT = strawberry.enum_value("EXACT", description="By its number as printed, or its GTIN.")
    NORMALIZED = strawberry.enum_value(
        "NORMALIZED", description="By its number without separators and look-alikes."
    )
    BUYER_ALIAS = strawberry.enum_value("BUYER_ALIAS", description="By your company's own number.")
    CROSS_REFERENCE = strawberry.enum_value(
        "CROSS_REFERENCE", description="By another maker's number that it can stand in for."
    )
