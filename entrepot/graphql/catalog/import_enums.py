"""The enumerations of imports, described for API users; names and values as in the domain."""

from enum import Enum

import strawberry
from strawberry import enum_value


@strawberry.enum(description="Where an import stands.")
class CatalogImportStatus(Enum):
    """Reading, previewed, then committed; or refused as a whole."""

    READING = enum_value("READING", description="The file is being read.")
    PREVIEWED = enum_value("PREVIEWED", description="Every line has an outcome; nothing is taken.")
    COMMITTING = enum_value("COMMITTING", description="The good lines are being taken.")
    COMMITTED = enum_value("COMMITTED", description="The good lines are in the catalogue.")
    FAILED = enum_value("FAILED", description="The file was refused as a whole.")


@strawberry.enum(description="What becomes of a line.")
class ImportLineOutcome(Enum):
    """The first three are taken, the others refused."""

    CREATED = enum_value("CREATED", description="A new offer.")
    UPDATED = enum_value("UPDATED", description="An offer you have, changed.")
    UNCHANGED = enum_value("UNCHANGED", description="An offer you have, as it is.")
    INVALID = enum_value("INVALID", description="Refused: see the problem.")
    DUPLICATE = enum_value("DUPLICATE", description="Refused: an earlier line has the article.")


@strawberry.enum(description="What is wrong with a line.")
class LineProblemCode(Enum):
    """Kinds of refusal."""

    BROKEN_LINE = enum_value("BROKEN_LINE", description="Quotes do not close.")
    UNREADABLE_CHARACTERS = enum_value(
        "UNREADABLE_CHARACTERS", description="Bytes that the file's encoding does not have."
    )
    LINE_TOO_LONG = enum_value("LINE_TOO_LONG", description="The line is longer than allowed.")
    WRONG_CELL_COUNT = enum_value(
        "WRONG_CELL_COUNT", description="More or fewer cells than the header has."
    )
    FORMULA_WITHOUT_VALUE = enum_value(
        "FORMULA_WITHOUT_VALUE", description="A formula whose result the file does not hold."
    )
    CELL_ERROR = enum_value("CELL_ERROR", description="The cell holds an error such as #N/A.")
    MISSING = enum_value("MISSING", description="A required value is missing.")
    TOO_LONG = enum_value("TOO_LONG", description="The text is longer than allowed.")
    NOT_A_NUMBER = enum_value("NOT_A_NUMBER", description="No number can be read.")
    AMBIGUOUS_NUMBER = enum_value(
        "AMBIGUOUS_NUMBER", description="A comma or point that may mean thousands or decimals."
    )
    OUT_OF_RANGE = enum_value("OUT_OF_RANGE", description="The number is too small or too large.")
    TOO_MANY_DECIMALS = enum_value("TOO_MANY_DECIMALS", description="Too many decimal places.")
    NOT_WHOLE = enum_value("NOT_WHOLE", description="A whole number is needed.")
    UNKNOWN_CURRENCY = enum_value("UNKNOWN_CURRENCY", description="No currency of this name.")
    CURRENCY_CONFLICT = enum_value(
        "CURRENCY_CONFLICT", description="Not the currency that the column's title names."
    )
    UNKNOWN_UNIT = enum_value("UNKNOWN_UNIT", description="No unit of this name.")
    BAD_GTIN = enum_value("BAD_GTIN", description="The GTIN's length or check digit is wrong.")
    BAD_DATE = enum_value("BAD_DATE", description="No date can be read.")
    BAD_ATTRIBUTES = enum_value("BAD_ATTRIBUTES", description="The attributes cannot be read.")
    DUPLICATE_LINE = enum_value("DUPLICATE_LINE", description="An earlier line has the article.")
    NOT_FOUND = enum_value("NOT_FOUND", description="What the line refers to does not exist.")
    AMBIGUOUS_ARTICLE = enum_value(
        "AMBIGUOUS_ARTICLE", description="Several articles fit the line."
    )
    OTHER_CURRENCY = enum_value(
        "OTHER_CURRENCY", description="The price is not in the price list's currency."
    )
    OFFER_IN_OTHER_CURRENCY = enum_value(
        "OFFER_IN_OTHER_CURRENCY", description="The article is sold in another currency."
    )
    TOO_MANY_TIERS = enum_value(
        "TOO_MANY_TIERS", description="The article has too many prices by quantity."
    )
