"""Password hashing: argon2id, away from the event loop, and the same work for unknown accounts.

Parameters are those of the OWASP password storage cheat sheet: 19 MiB, 2 passes, 1 lane, about
23 ms CPU here. A stored hash carries its own parameters; one made with others is renewed at the
next sign-in.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError

MAX_AT_ONCE = 4
"""Hashes computed at the same time in a process: bounds memory (19 MiB each) and CPU."""


@dataclass(frozen=True, slots=True)
class Cost:
    """How dear a hash is: `memory_kib`, passes over it, lanes."""

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1


PRODUCTION = Cost()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right, and a fresh hash to store where the old one is outdated."""

    right: bool
    renewed_hash: str | None = None


class PasswordHasher:
    """Hashes and checks passwords in threads. One a process.

    `computations` counts every run of argon2, so that a test can tell that an unknown account
    costs what a known one costs.
    """

    def __init__(self, cost: Cost = PRODUCTION) -> None:
        self._argon2 = Argon2(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes
        )
        self._nobodys_hash = self._argon2.hash(secrets.token_urlsafe(16))
        self._slots = asyncio.Semaphore(MAX_AT_ONCE)
        self.computations = 0

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        async with self._slots:
            self.computations += 1
            return await asyncio.to_thread(self._argon2.hash, _normal(password))

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Check a password; `None` for an unknown account, which takes as long and is wrong."""
        async with self._slots:
            self.computations += 1
            known = await asyncio.to_thread(
                self._check, _normal(password), self._nobodys_hash if stored is None else stored
            )
        if stored is None or not known:
            return Verdict(False)
        outdated = self._argon2.check_needs_rehash(stored)
        return Verdict(True, await self.hash(password) if outdated else None)

    def _check(self, password: str, stored: str) -> bool:
        try:
            return self._argon2.verify(stored, password)
        except InvalidHashError:  # an account without a password: do the work all the same
            self._check(password, self._nobodys_hash)
            return False
        except VerificationError:
            return False


def _normal(password: str) -> str:
    """One spelling for passwords that look the same (NFKC, as NIST SP 800-63B advises)."""
    return unicodedata.normalize("NFKC", password)
