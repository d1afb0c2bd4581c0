"""Tokens and password hashes: what they are made of, and what they cost."""

from __future__ import annotations

import asyncio
import threading
from uuid import UUID

from argon2 import PasswordHasher as Argon2

from entrepot.platform.identity import tokens
from entrepot.platform.identity.passwords import PRODUCTION, Cost, PasswordHasher

CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
RECORD = UUID("019a0000-0000-7000-8000-000000000001")


def test_session_tokens_are_256_random_bits() -> None:
    made = {tokens.new_session_token() for _ in range(200)}
    assert len(made) == 200
    assert all(token.startswith("es_") and len(token) == 3 + 43 for token in made)


def test_an_api_key_can_be_taken_apart_whatever_its_secret_holds() -> None:
    for _ in range(200):  # secrets may hold "_" themselves
        key = tokens.new_api_key()
        parts = tokens.split_api_key(key.text)
        assert parts is not None
        assert parts.prefix == key.prefix
        assert tokens.matches(parts.secret, key.secret_hash)
        assert not tokens.matches(parts.secret + "x", key.secret_hash)
        assert parts.secret not in key.secret_hash


def test_other_texts_are_no_api_keys() -> None:
    for text in (
        "",
        "ek_",
        "ek_short_secret",
        "ek_abcdefghijkm_",
        "es_" + "x" * 43,
        "abcdefghijkm_x",
    ):
        assert tokens.split_api_key(text) is None


def test_a_links_token_follows_from_key_purpose_and_record_only() -> None:
    token = tokens.link_token(b"secret", "confirm_email", RECORD)
    assert token == tokens.link_token(b"secret", "confirm_email", RECORD)
    assert len(token) == 43
    others = {
        tokens.link_token(b"other", "confirm_email", RECORD),
        tokens.link_token(b"secret", "reset_password", RECORD),
        tokens.link_token(b"secret", "confirm_email", UUID(int=RECORD.int + 1)),
    }
    assert token not in others
    assert len(others) == 3


async def test_a_hash_opens_to_its_password_only() -> None:
    hasher = PasswordHasher(CHEAP)
    stored = await hasher.hash("correct horse battery")
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert (await hasher.verify("correct horse battery", stored)).right
    assert not (await hasher.verify("correct horse batterz", stored)).right
    assert hasher.computations == 3


async def test_composed_and_decomposed_letters_are_one_password() -> None:
    hasher = PasswordHasher(CHEAP)
    stored = await hasher.hash("й" * 5 + "abcdef")
    assert (await hasher.verify("и\u0306" * 5 + "abcdef", stored)).right


async def test_an_unknown_account_costs_a_run_of_argon2_and_is_never_right() -> None:
    hasher = PasswordHasher(CHEAP)
    assert not (await hasher.verify("correct horse battery", None)).right
    assert hasher.computations == 1
    assert not (await hasher.verify("correct horse battery", "!")).right
    assert hasher.computations == 2


async def test_a_hash_with_other_parameters_is_renewed() -> None:
    stored = await PasswordHasher(CHEAP).hash("correct horse battery")
    stronger = PasswordHasher(Cost(memory_kib=16, passes=1, lanes=1))
    verdict = await stronger.verify("correct horse battery", stored)
    assert verdict.right
    assert verdict.renewed_hash is not None
    assert verdict.renewed_hash.startswith("$argon2id$v=19$m=16,t=1,p=1$")
    assert (await stronger.verify("correct horse battery", verdict.renewed_hash)).right
    wrong = await stronger.verify("wrong horse battery", stored)
    assert (wrong.right, wrong.renewed_hash) == (False, None)


async def test_production_parameters_are_those_that_owasp_asks_for() -> None:
    stored = await PasswordHasher().hash("correct horse battery")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert Argon2().verify(stored, "correct horse battery")
    assert (PRODUCTION.memory_kib, PRODUCTION.passes, PRODUCTION.lanes) == (19456, 2, 1)


async def test_the_event_loop_goes_on_while_hashing() -> None:
    hasher = PasswordHasher()
    assert threading.current_thread() is threading.main_thread()
    hashing = asyncio.create_task(hasher.hash("correct horse battery"))
    turns = 0
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0)
    assert (await hashing).startswith("$argon2id$")
    assert turns > 10
