"""Standing orders, in one place: the outer layers import these."""

from entrepot.platform.orders.standing.asking import who_is_asked
from entrepot.platform.orders.standing.dates import change, skip
from entrepot.platform.orders.standing.keeping import approve, create, end, pause, resume, update
from entrepot.platform.orders.standing.running import run_due, run_one
from entrepot.platform.orders.standing.terms import StandingLine, StandingTerms

__all__ = [
    "StandingLine",
    "StandingTerms",
    "approve",
    "change",
    "create",
    "end",
    "pause",
    "resume",
    "run_due",
    "run_one",
    "skip",
    "update",
    "who_is_asked",
]
