"""Approvals of carts: the gate before ordering, handing in, withdrawing."""

from __future__ import annotations

from entrepot.platform.carts.approvals.gate import ensure_may_order

__all__ = ["ensure_may_order"]
