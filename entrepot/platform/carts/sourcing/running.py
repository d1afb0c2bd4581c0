"""Solving beside the event loop: one problem at a time, a few waiting.

HiGHS works without the interpreter's lock (measured: a thread beside it that wants to run every
5 ms is never held up for more than 30 ms, while 500 lines are solved), so a thread will do.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from entrepot.platform.carts.sourcing.model import Problem
from entrepot.platform.carts.sourcing.solving import Solved, solve
from entrepot.platform.errors import TooManyAttempts

MAX_WAITING = 8
"""More would wait longer than a browser does."""
RETRY_SECONDS = 10
_solver = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sourcing")
_waiting = 0


async def solved(problem: Problem, *, seconds: float) -> Solved:
    """Solve in the process's one solver thread. Raises `TooManyAttempts` while too many wait."""
    global _waiting
    if _waiting >= MAX_WAITING:
        raise TooManyAttempts(RETRY_SECONDS)
    _waiting += 1
    try:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_solver, partial(solve, problem, seconds=seconds))
    finally:
        _waiting -= 1
