"""The demo market: invented companies, articles and two years of orders, from one seed."""

from entrepot.demo.guide import guide
from entrepot.demo.load import load

__all__ = ["guide", "load"]
