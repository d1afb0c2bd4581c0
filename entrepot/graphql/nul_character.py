"""U+0000 is refused at the door: PostgreSQL stores no text with it, and nobody means it.

JSON can only write it as an escape, so most requests pay for one search in their bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import ASTValidationRule, GraphQLError, StringValueNode

NUL_IN_JSON = b"\\u0000"
"""How JSON writes it; a text without these bytes holds none."""


def nul_at(variables: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the path of a text that holds U+0000, however deep; None where there is none."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), variables)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and "\0" in value:
            return path
        if isinstance(value, Mapping):
            waiting += [((*path, name[:80]), inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, str(index)), inner) for index, inner in enumerate(value)]
    return None


class NoNulInDocument(ASTValidationRule):
    """Reports string literals that hold U+0000."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        """Look at one literal."""
        if "\0" in node.value:
            self.report_error(GraphQLError("A text contains the character U+0000.", node))
