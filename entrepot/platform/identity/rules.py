"""What people and companies may be called, sign in with and do. Pure; times are arguments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from ipaddress import IPv6Address, ip_address
from zoneinfo import available_timezones

from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity.errors import RoleNotAllowed
from entrepot.platform.identity.permissions import Permission, Role, permissions_of
from entrepot.platform.money import MINOR_DIGITS

SESSION_IDLE = timedelta(days=14)
"""A session ends when it is not used for so long…"""
SESSION_LONGEST = timedelta(days=90)
"""…and in any case so long after the sign-in."""
TOUCH_EVERY = timedelta(hours=1)
"""How often at most the use of a session or key is written down."""
CONFIRM_WITHIN = timedelta(days=3)
RESET_WITHIN = timedelta(hours=1)
INVITATION_WITHIN = timedelta(days=7)

MIN_PASSWORD, MAX_PASSWORD = 10, 200
MIN_DIFFERENT = 5
MAX_EMAIL = 254
LOCALES = ("en", "ru")
COMMON_PASSWORDS = frozenset(
    files("entrepot.platform.identity").joinpath("common_passwords.txt").read_text("utf-8").split()
)
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

ROLE_NEEDS = {
    Role.BUYER: "buyer",
    Role.APPROVER: "buyer",
    Role.SELLER_MANAGER: "seller",
    Role.SALES_REPRESENTATIVE: "seller",
    Role.WAREHOUSE: "seller",
    Role.OPERATOR: "operator",
}
"""Which kind of company a role is for; roles not named are for all."""


def check_email(given: str, field: str = "email") -> str:
    """Return the address in its stored spelling: lower case, the domain in ASCII (punycode).

    Raises `InvalidInput`. Syntax of RFC 5321 without quoted names and address literals.
    """
    wrong = InvalidInput(
        field, "an e-mail address such as anna@example.com", "адрес вида anna@example.com"
    )
    text = given.strip().lower()
    local, at, domain = text.rpartition("@")
    if not at or len(given) > MAX_EMAIL or len(local) > 64 or not _LOCAL.fullmatch(local):
        raise wrong
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise wrong from None
    labels = domain.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise wrong
    address = f"{local}@{domain}"
    if len(address) > MAX_EMAIL:
        raise wrong
    return address


def check_password(given: str, email: str = "", field: str = "password") -> str:
    """Return the password if it may be set. Raises `InvalidInput`, never repeating the password."""
    if len(given) < MIN_PASSWORD:
        raise InvalidInput(
            field, f"at least {MIN_PASSWORD} characters", f"не короче {MIN_PASSWORD} знаков"
        )
    if len(given) > MAX_PASSWORD:
        raise InvalidInput(
            field, f"at most {MAX_PASSWORD} characters", f"не длиннее {MAX_PASSWORD} знаков"
        )
    folded = given.casefold().strip()
    if folded in COMMON_PASSWORDS or len(set(folded)) < MIN_DIFFERENT:
        raise InvalidInput(
            field, "too easy to guess; take another", "слишком простой, придумайте другой"
        )
    if email and folded in (email, email.partition("@")[0]):
        raise InvalidInput(field, "must not be the e-mail", "не должен совпадать с адресом")
    return given


def check_text(given: str, field: str, longest: int, *, required: bool = True) -> str:
    """Return a one-line text, trimmed, 1 (or 0, if not `required`) to `longest` characters.

    Raises `InvalidInput` for other lengths, line breaks and control characters.
    """
    text = given.strip()
    if required and not text:
        raise InvalidInput(field, "must not be empty", "не должно быть пустым")
    if len(text) > longest:
        raise InvalidInput(field, f"at most {longest} characters", f"не длиннее {longest} знаков")
    if _UNPRINTABLE.search(text):
        raise InvalidInput(
            field, "one line without control characters", "одна строка без управляющих знаков"
        )
    return text


def check_locale(given: str, field: str = "locale") -> str:
    """Return the language if it is one we speak. Raises `InvalidInput`."""
    if given not in LOCALES:
        raise InvalidInput(field, "en or ru", "en или ru")
    return given


def check_currency(given: str, field: str = "currency") -> str:
    """Return the ISO 4217 code, upper case. Raises `InvalidInput`."""
    code = given.strip().upper()
    if code not in MINOR_DIGITS:
        known = ", ".join(sorted(MINOR_DIGITS))
        raise InvalidInput(field, f"one of {known}", f"одна из: {known}")
    return code


@cache
def _time_zones() -> frozenset[str]:
    """The zones that Python and PostgreSQL both know.

    Python opens any file below its folders: `posix/Europe/Moscow`, and `localtime`, which means
    something else on every host.
    """
    return frozenset(available_timezones() - {"localtime", "Factory"})


def check_time_zone(given: str, field: str = "timeZone") -> str:
    """Return the name of an IANA time zone. Raises `InvalidInput`."""
    if given not in _time_zones():
        raise InvalidInput(
            field, "an IANA time zone such as Europe/Moscow", "часовой пояс, например Europe/Moscow"
        )
    return given


def check_roles(
    given: Sequence[str], company_kinds: frozenset[str], field: str = "roles"
) -> list[str]:
    """Return the roles in the order of `Role`, each once.

    `company_kinds` is a subset of buyer, seller, operator. Raises `InvalidInput` for none and for
    unknown roles, `RoleNotAllowed` for a role that is not for such a company.
    """
    known = {role.value: role for role in Role}
    wanted = set(given)
    if not wanted:
        raise InvalidInput(field, "at least one role", "хотя бы одна роль")
    if unknown := sorted(wanted - known.keys()):
        raise InvalidInput(field, f"unknown role {unknown[0][:40]}", f"нет роли {unknown[0][:40]}")
    for role in Role:
        needed = ROLE_NEEDS.get(role)
        if role.value in wanted and needed is not None and needed not in company_kinds:
            raise RoleNotAllowed(role.value, needed).at(*field.split("."))
    return [role.value for role in Role if role.value in wanted]


def permissions_with(
    roles: Sequence[str], scopes: Sequence[str] | None = None
) -> frozenset[Permission]:
    """Return the permissions of the roles, cut down to the scopes of an API key if given."""
    permissions = permissions_of(list(roles))
    if scopes is None:
        return permissions
    named = set(scopes)
    return frozenset(p for p in permissions if p.value in named)


def session_expiry(created_at: datetime, now: datetime) -> datetime:
    """Return when a session used at `now` ends."""
    return min(now + SESSION_IDLE, created_at + SESSION_LONGEST)


def worth_writing(last: datetime | None, now: datetime) -> bool:
    """Say whether a use at `now` should be written down, the last written one being `last`."""
    return last is None or now - last >= TOUCH_EVERY


def throttle_subject(address: str) -> str:
    """Return what attempts from an address are counted under: IPv6 by its /64 network."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address or "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> 64 << 64)) + "/64"
    return str(parsed)
