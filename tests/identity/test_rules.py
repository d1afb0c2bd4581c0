"""Rules of names, passwords, roles and times: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.platform.errors import InvalidInput
from entrepot.platform.identity import rules
from entrepot.platform.identity.errors import RoleNotAllowed
from entrepot.platform.identity.permissions import Permission, Role, permissions_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_email", "stored"),
    [
        (" Anna@Example.COM ", "anna@example.com"),
        ("o'neil+b2b@mail.example.co.uk", "o'neil+b2b@mail.example.co.uk"),
        ("отдел@x.ru", None),
        ("info@почта.рф", "info@xn--80a1acny.xn--p1ai"),
        ("a@b", None),
        ("a@1.2.3.4", None),
        ("a@@b.ru", None),
        ("a..b@x.ru", None),
        (".a@x.ru", None),
        ("a@-x.ru", None),
        ("a@x..ru", None),
        ("a b@x.ru", None),
        ("a@x.ru\n", "a@x.ru"),
        ("a\x00@x.ru", None),
        ("a@x\x00.ru", None),
        ("", None),
        ("@", None),
        ("x" * 65 + "@x.ru", None),
        ("x@" + "y" * 64 + ".ru", None),
        ("x@" + "y." * 130 + "ru", None),
    ],
)
def test_emails(given_email: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(InvalidInput) as refused:
            rules.check_email(given_email)
        assert refused.value.path == ("email",)
    else:
        assert rules.check_email(given_email) == stored


@given(st.text(max_size=300))
def test_any_text_is_an_email_or_a_typed_refusal(text: str) -> None:
    try:
        stored = rules.check_email(text)
    except InvalidInput:
        return
    assert rules.check_email(stored) == stored
    assert stored.isascii()
    assert stored == stored.lower()
    assert len(stored) <= 254


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("123456789", "at least 10 characters"),
        ("x" * 201, "at most 200 characters"),
        ("Qwertyuiop", "too easy to guess; take another"),
        ("  PASSWORD123  ", "too easy to guess; take another"),
        ("aaaabbbbcccc", "too easy to guess; take another"),
        ("anna.smith@example.com", "must not be the e-mail"),
        ("Anna.Smith", "must not be the e-mail"),
    ],
)
def test_weak_passwords_are_refused_without_repeating_them(password: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.check_password(password, "anna.smith@example.com")
    assert refused.value.reason == reason
    assert password not in refused.value.message("en") + refused.value.message("ru")


@pytest.mark.parametrize("password", ["correct horse battery", "йцукен-фыва-2026", "x1!y2?z3#w"])
def test_good_passwords_pass(password: str) -> None:
    assert rules.check_password(password, "anna@example.com") == password


@given(st.text(max_size=40))
def test_one_line_texts(text: str) -> None:
    try:
        checked = rules.check_text(text, "name", 20)
    except InvalidInput:
        return
    assert checked == text.strip()
    assert 1 <= len(checked) <= 20
    assert not {"\x00", "\n", "\r", "\u2028"} & set(checked)


@pytest.mark.parametrize(
    "zone",
    ["Moscow", "", "../../etc/passwd", "/etc/localtime", "x" * 60, "localtime", "posix/Asia/Omsk"],
)
def test_unknown_time_zones_are_refused(zone: str) -> None:
    with pytest.raises(InvalidInput):
        rules.check_time_zone(zone)


def test_known_time_zones_pass() -> None:
    assert rules.check_time_zone("Europe/Moscow") == "Europe/Moscow"


def test_currencies() -> None:
    assert rules.check_currency(" rub ") == "RUB"
    with pytest.raises(InvalidInput):
        rules.check_currency("XXX")


def test_roles_come_once_and_in_order() -> None:
    kinds = frozenset({"buyer", "seller"})
    given_roles = ["administrator", "buyer", "administrator"]
    assert rules.check_roles(given_roles, kinds) == ["buyer", "administrator"]


@pytest.mark.parametrize(
    ("role", "kinds", "needed"),
    [
        ("buyer", {"seller"}, "buyer"),
        ("approver", {"seller", "operator"}, "buyer"),
        ("seller_manager", {"buyer"}, "seller"),
        ("warehouse", {"buyer"}, "seller"),
        ("operator", {"buyer", "seller"}, "operator"),
    ],
)
def test_roles_that_do_not_fit_the_company(role: str, kinds: set[str], needed: str) -> None:
    with pytest.raises(RoleNotAllowed) as refused:
        rules.check_roles([role, "administrator"], frozenset(kinds))
    assert (refused.value.role, refused.value.needed) == (role, needed)
    assert refused.value.path == ("roles",)


@pytest.mark.parametrize("roles", [[], ["boss"], ["buyer", "root"]])
def test_no_roles_and_unknown_roles_are_refused(roles: list[str]) -> None:
    with pytest.raises(InvalidInput):
        rules.check_roles(roles, frozenset({"buyer"}))


@given(
    st.lists(st.sampled_from([role.value for role in Role])),
    st.lists(st.sampled_from([*(p.value for p in Permission), "root"])),
)
def test_a_key_never_has_more_than_its_maker(roles: list[str], scopes: list[str]) -> None:
    granted = rules.permissions_with(roles, scopes)
    assert granted <= permissions_of(roles)
    assert {permission.value for permission in granted} <= set(scopes)


@given(st.timedeltas(timedelta(0), timedelta(days=200)))
def test_a_session_never_outlives_its_longest(age: timedelta) -> None:
    expiry = rules.session_expiry(NOW, NOW + age)
    assert expiry <= NOW + rules.SESSION_LONGEST
    assert expiry <= NOW + age + rules.SESSION_IDLE


def test_uses_are_written_at_most_once_an_hour() -> None:
    assert rules.worth_writing(None, NOW)
    assert not rules.worth_writing(NOW - timedelta(minutes=59), NOW)
    assert rules.worth_writing(NOW - timedelta(minutes=60), NOW)


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_count_by_network(address: str, subject: str) -> None:
    assert rules.throttle_subject(address) == subject
