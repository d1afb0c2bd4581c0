"""How often identity's doors may be tried: by account and by network address.

Accounts are counted under a digest of the e-mail as typed, known or not, so counting tells
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from redis.asyncio import Redis

from entrepot.platform.identity.rules import throttle_subject
from entrepot.platform.limits import RateLimit


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `attempts` in `seconds`."""

    attempts: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Allowances:
    """What each door takes; tests and large offices behind one address may differ."""

    login_account: Allowance = Allowance(10, 15 * 60)
    login_address: Allowance = Allowance(100, 15 * 60)
    register_address: Allowance = Allowance(20, 60 * 60)
    letter_account: Allowance = Allowance(5, 60 * 60)
    letter_address: Allowance = Allowance(30, 60 * 60)
    invite_company: Allowance = Allowance(100, 24 * 60 * 60)


class Throttles:
    """Counts attempts in Redis. Every method raises `TooManyAttempts` past its limit."""

    def __init__(self, redis: Redis, allowed: Allowances) -> None:
        def limit(name: str, allowance: Allowance) -> RateLimit:
            return RateLimit(redis, name, allowance.attempts, allowance.seconds)

        self._login_account = limit("login-account", allowed.login_account)
        self._login_address = limit("login-address", allowed.login_address)
        self._register_address = limit("register-address", allowed.register_address)
        self._letter_account = limit("letter-account", allowed.letter_account)
        self._letter_address = limit("letter-address", allowed.letter_address)
        self._invite_company = limit("invite-company", allowed.invite_company)

    async def login(self, email: str, address: str) -> None:
        """Count an attempt to sign in."""
        await self._login_address.spend(throttle_subject(address))
        await self._login_account.spend(_account(email))

    async def login_succeeded(self, email: str) -> None:
        """Start anew for the account; the address keeps its count."""
        await self._login_account.forget(_account(email))

    async def registration(self, email: str, address: str) -> None:
        """Count a registration: it sends a letter to somebody."""
        await self._register_address.spend(throttle_subject(address))
        await self._letter_account.spend(_account(email))

    async def letter(self, email: str, address: str) -> None:
        """Count a request for a letter to an e-mail."""
        await self._letter_address.spend(throttle_subject(address))
        await self._letter_account.spend(_account(email))

    async def invitation(self, company_id: object) -> None:
        """Count an invitation by a company."""
        await self._invite_company.spend(str(company_id))


def _account(email: str) -> str:
    return sha256(email.encode()).hexdigest()
