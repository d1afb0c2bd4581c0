"""What a search can refuse."""

from __future__ import annotations

from entrepot.platform.errors import DomainError


class SearchUnavailable(DomainError):
    """The search engine does not answer, or its index is damaged; the log says which."""

    code = "SEARCH_UNAVAILABLE"
    en = "Search is not available right now. Try again in a minute; orders and prices still work."
    ru = "Поиск сейчас недоступен. Повторите через минуту; заказы и цены работают."
