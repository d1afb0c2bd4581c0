"""A million offers: the whole rebuild, its memory and disk, and the cost of one update."""

from __future__ import annotations

from benchmarks.million import million_rows

__all__ = ["million_rows"]
