"""Refusals of forecasts."""

from __future__ import annotations

from uuid import UUID

from entrepot.platform.errors import DomainError


class NoSalesHistory(DomainError):
    """The seller has sold nothing in a complete week yet, so there is nothing to learn from."""

    code = "NO_SALES_HISTORY"
    en = "There is no complete week of sales to forecast from yet."
    ru = "Ещё нет ни одной полной недели продаж, прогноз строить не из чего."
    seller_id: UUID
