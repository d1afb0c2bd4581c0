"""Meilisearch's filter expressions as the real server reads and refuses them.

Grammar: or, and, not, brackets, `=`, `!=`, `<`, `<=`, `>`, `>=`, `TO`, `IN`, `EXISTS`; words or
quoted values; an array is and, an array in it or.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

Json = dict[str, Any]
Check = Callable[[Json], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<word>[\w.-]+)"""
    r"""|(?P<sign><=|>=|!=|=|<|>|\(|\)|\[|\]|,))""",
)
_KEYWORDS = {
    "AND", "OR", "IN", "NOT", "TO", "EXISTS", "IS", "NULL", "EMPTY", "CONTAINS", "STARTS", "WITH",
    "_geoRadius", "_geoBoundingBox",
}  # fmt: skip
_DEPTH_MAX = 200


class Refusal(Exception):
    """An answer of the API that is not a success."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(message)

    def as_json(self) -> Json:
        kind = "auth" if self.status in (401, 403) else "invalid_request"
        return {
            "message": str(self),
            "code": self.code,
            "type": kind,
            "link": f"https://docs.meilisearch.com/errors#{self.code}",
        }


def bad(message: str) -> Refusal:
    return Refusal(400, "invalid_search_filter", message)


def normal(value: Any) -> str:
    """How strings are compared: trimmed, compatibility forms taken apart, in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _folded(str(value))


@lru_cache(maxsize=200_000)
def _folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text.strip()).lower()


def values_of(document: Json, attribute: str) -> list[Any]:
    """All values at a path, through objects and arrays."""
    if "." not in attribute:
        value = document.get(attribute)
        return value if isinstance(value, list) else [] if value is None else [value]
    found: list[Any] = [document]
    for part in attribute.split("."):
        inner: list[Any] = []
        for one in found:
            value = one.get(part) if isinstance(one, dict) else None
            inner += value if isinstance(value, list) else [] if value is None else [value]
        found = inner
    return found


def rule_of(attribute: str, rules: list[Any]) -> Json | None:
    """The features of the first rule that names an attribute; `None` where it is not filterable."""
    everything = {"facetSearch": True, "filter": {"equality": True, "comparison": True}}
    for rule in rules:
        named = [rule] if isinstance(rule, str) else rule["attributePatterns"]
        for name in named:
            stem = name.removesuffix("*")
            if attribute == name or (name != stem and attribute.startswith(stem)):
                return everything if isinstance(rule, str) else rule["features"]
            if attribute.startswith(f"{name}."):
                return everything if isinstance(rule, str) else rule["features"]
    return None


class _Parser:
    def __init__(self, index: str, text: str, rules: list[Any]) -> None:
        self._index, self._text, self._rules = index, text, rules
        self._tokens: list[tuple[str, str]] = []
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                raise bad(f"Was expecting a value at `{text[place:][:20]}`.\n{text[:100]}")
            kind = str(found.lastgroup)
            self._tokens.append((kind, found.group(kind)))
            place = found.end()
        self._at = 0

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ("end", "")

    def _take(self, text: str) -> bool:
        if self._peek()[1] == text and self._peek()[0] != "quoted":
            self._at += 1
            return True
        return False

    def whole(self) -> Check:
        check = self._or(0)
        if self._peek()[0] != "end":
            raise bad(f"Found unexpected characters at the end of the filter: `{self._peek()[1]}`.")
        return check

    def _or(self, depth: int) -> Check:
        if depth > _DEPTH_MAX:
            raise bad("The filter exceeded the maximum depth limit.")
        checks = [self._and(depth + 1)]
        while self._take("OR"):
            checks.append(self._and(depth + 1))
        return checks[0] if len(checks) == 1 else lambda each: any(one(each) for one in checks)

    def _and(self, depth: int) -> Check:
        checks = [self._not(depth + 1)]
        while self._take("AND"):
            checks.append(self._not(depth + 1))
        return checks[0] if len(checks) == 1 else lambda each: all(one(each) for one in checks)

    def _not(self, depth: int) -> Check:
        if self._take("NOT"):
            inner = self._not(depth + 1)
            return lambda each: not inner(each)
        if self._take("("):
            check = self._or(depth + 1)
            if not self._take(")"):
                raise bad("Expression is missing the following closing delimiter: `)`.")
            return check
        return self._condition()

    def _value(self) -> str:
        kind, text = self._peek()
        if kind == "quoted":
            self._at += 1
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind != "word" or text in _KEYWORDS:
            raise bad(f"Was expecting a value but instead got `{text}`.\n{self._text[:100]}")
        self._at += 1
        return text

    def _features(self, name: str, operator: str) -> None:
        rule = rule_of(name, self._rules)
        if rule is None:
            raise bad(f"Index `{self._index}`: Attribute `{name}` is not filterable.")
        needed = "comparison" if operator in ("<", "<=", ">", ">=", "TO") else "equality"
        if operator != "EXISTS" and not rule["filter"][needed]:
            raise bad(f"Filter operator `{operator}` is not allowed for the attribute `{name}`.")

    def _number(self) -> float:
        text = self._value()
        try:
            number = float(text)
        except ValueError as error:
            raise bad(f"invalid float literal `{text}`") from error
        if number in (float("inf"), float("-inf")) or number != number:
            raise bad(f"Non finite floats are not supported: `{text}`")
        return number

    def _condition(self) -> Check:
        name = self._value()
        inverted = self._take("NOT")
        if self._take("IN"):
            self._features(name, "IN")
            check = _equal(name, self._list())
        elif self._take("EXISTS"):
            self._features(name, "EXISTS")
            check = _exists(name)
        elif inverted:
            raise bad("Was expecting an operation after `NOT`.")
        else:
            check = self._compared(name)
        return (lambda each: not check(each)) if inverted else check

    def _list(self) -> set[str]:
        if not self._take("["):
            raise bad("Expected `[` after `IN` keyword.")
        found: set[str] = set()
        while not self._take("]"):
            found.add(normal(self._value()))
            if not self._take(",") and self._peek()[1] != "]":
                raise bad("Expected only comma-separated field names inside `IN[..]`.")
        return found

    def _compared(self, name: str) -> Check:
        kind, operator = self._peek()
        if kind == "sign" and operator in ("=", "!=", "<", "<=", ">", ">="):
            self._at += 1
            self._features(name, operator)
            if operator in ("=", "!="):
                check = _equal(name, {normal(self._value())})
                return check if operator == "=" else lambda each: not check(each)
            number = self._number()
            return _within(name, operator, number, number)
        if self._peek(1)[1] == "TO":
            self._features(name, "TO")
            low = self._number()
            self._at += 1
            return _within(name, "TO", low, self._number())
        raise bad(
            "Was expecting an operation `=`, `!=`, `>=`, `>`, `<=`, `<`, `IN`, `NOT IN`, `TO`,"
            f" `EXISTS`, `NOT EXISTS` at `{name}`.\n{self._text[:100]}"
        )


def _equal(name: str, wanted: set[str]) -> Check:
    def check(document: Json) -> bool:
        return any(normal(value) in wanted for value in values_of(document, name))

    return check


def _exists(name: str) -> Check:
    return lambda each: bool(values_of(each, name))


def _within(name: str, operator: str, low: float, high: float) -> Check:
    compare: dict[str, Callable[[float], bool]] = {
        "<": lambda value: value < low,
        "<=": lambda value: value <= low,
        ">": lambda value: value > low,
        ">=": lambda value: value >= low,
        "TO": lambda value: low <= value <= high,
    }
    return lambda each: any(
        compare[operator](value)
        for value in values_of(each, name)
        if isinstance(value, int | float) and not isinstance(value, bool)
    )


def parse_filter(index: str, given: Any, rules: list[Any]) -> Check:
    """The whole filter of a search: an expression, or arrays of them."""
    if given is None:
        return lambda each: True
    if isinstance(given, str):
        return _Parser(index, given, rules).whole() if given.strip() else lambda each: True
    if not isinstance(given, list):
        raise bad(f"Invalid syntax for the filter parameter: `expected String, Array, {given}`.")
    checks: list[Check] = []
    for part in given:
        inner = part if isinstance(part, list) else [part]
        if any(not isinstance(text, str) for text in inner):
            raise bad("Invalid syntax for the filter parameter: `expected String`.")
        ways = [_Parser(index, text, rules).whole() for text in inner]
        checks.append(lambda each, ways=ways: any(way(each) for way in ways))  # type: ignore[misc]
    return lambda each: all(check(each) for check in checks)
