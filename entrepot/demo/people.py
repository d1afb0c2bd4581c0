"""Companies and logins of the demo market."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from argon2 import PasswordHasher

from entrepot.demo.vocabulary import BUYER_PLACES, BUYER_WORDS, SELLERS
from entrepot.platform.identity.permissions import Role
from entrepot.platform.ids import new_id

PASSWORD = "entrepot-demo"
APPROVER = "approver@demo.example"
AGENTS = ("Agnes", "Anton", "Adele", "Artur", "Aglaya", "Axel")
BUYERS = 40
INN_WEIGHTS = (2, 4, 10, 3, 5, 9, 4, 6, 8)


def inn(number: int) -> str:
    """Return a valid ten-digit INN whose first nine digits hold `number`.

    Check digit: the weighted sum of the nine digits, modulo 11, modulo 10 (Federal Tax Service
    order MMV-7-6/435).
    """
    digits = f"77{number:07d}"
    total = sum(int(d) * w for d, w in zip(digits, INN_WEIGHTS, strict=True))
    return f"{digits}{total % 11 % 10}"


@dataclass
class Party:
    """A company of the demo with its legal entity and the people who sign in for it."""

    name: str
    kind: str  # seller | buyer | operator
    people: tuple[tuple[str, str, tuple[Role, ...], str], ...]  # e-mail, name, roles, locale
    id: UUID = field(default_factory=new_id)
    entity_id: UUID = field(default_factory=new_id)
    warehouse_id: UUID = field(default_factory=new_id)
    user_ids: dict[str, UUID] = field(init=False)  # by e-mail

    def __post_init__(self) -> None:
        self.user_ids = {mail: new_id() for mail, _, _, _ in self.people}

    @property
    def user_id(self) -> UUID:
        """Who manages the company's offers, or buys for it: its first person."""
        return next(iter(self.user_ids.values()))


def parties(rng: np.random.Generator) -> list[Party]:
    """Return the operator, six sellers and forty buyers."""
    found = [
        Party(
            "Entrepôt Demo Operator",
            "operator",
            (
                (
                    "operator@demo.example",
                    "Olga Operator",
                    (Role.OPERATOR, Role.ADMINISTRATOR),
                    "en",
                ),
            ),
        )
    ]
    for number, (name, _, _) in enumerate(SELLERS, start=1):
        manager = (f"seller{number}@demo.example", f"Manager of {name}",
                   (Role.SELLER_MANAGER, Role.ADMINISTRATOR), "en")  # fmt: skip
        keeper = (f"warehouse{number}@demo.example", f"Storekeeper of {name}",
                  (Role.WAREHOUSE,), "ru")  # fmt: skip
        agent = (f"agent{number}@demo.example", f"{AGENTS[number - 1]} Agent",
                 (Role.SALES_REPRESENTATIVE,), "en")  # fmt: skip
        found.append(Party(name, "seller", (manager, keeper, agent)))
    names = [f"{place} {word}" for place in BUYER_PLACES for word in BUYER_WORDS]
    chosen = rng.permutation(len(names))[:BUYERS]
    for number, index in enumerate(chosen, start=1):
        mail = "buyer" if number == 1 else f"buyer{number}"
        buyer = (f"{mail}@demo.example", f"Buyer of {names[index]}",
                 (Role.BUYER, Role.ADMINISTRATOR), "ru" if number % 3 == 0 else "en")  # fmt: skip
        others: tuple[tuple[str, str, tuple[Role, ...], str], ...] = ()
        if number == 1:
            others = (
                ("colleague@demo.example", "Carla Colleague", (Role.BUYER,), "en"),
                (APPROVER, "Alex Approver", (Role.APPROVER,), "en"),
                ("accountant@demo.example", "Anna Accountant", (Role.ACCOUNTANT,), "ru"),
            )
        found.append(Party(names[index], "buyer", (buyer, *others)))
    return found


def rows(found: list[Party], now: datetime) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """Return table → (columns, rows) for all parties. Everybody has the password `PASSWORD`."""
    password = PasswordHasher().hash(PASSWORD)
    companies, entities, users, memberships, warehouses = [], [], [], [], []
    for number, party in enumerate(found, start=1):
        companies.append((party.id, party.name, party.kind == "buyer", party.kind == "seller",
                          party.kind == "operator", True, f"demo-{number}", now))  # fmt: skip
        address = f"{100000 + 37 * number} Moscow, Skladskaya st. {number}"
        entities.append((party.entity_id, party.id, f"{party.name} LLC", "RU", inn(100000 + number),
                         "770101001", address, "Europe/Moscow", "RUB", True, now))  # fmt: skip
        if party.kind == "seller":
            warehouses.append((party.warehouse_id, party.id, "MAIN", "Main warehouse"))
        for mail, name, roles, locale in party.people:
            user_id = party.user_ids[mail]
            users.append((user_id, mail, name, password, locale, now, now))
            memberships.append((new_id(), user_id, party.id, [role.value for role in roles], now))
    return {
        "company": (["id", "name", "is_buyer", "is_seller", "is_operator", "active", "external_id",
                     "created_at"], companies),
        "legal_entity": (["id", "company_id", "name", "country", "tax_id",
                          "registration_reason_code", "address", "time_zone", "currency", "active",
                          "created_at"], entities),
        "user_account": (["id", "email", "name", "password_hash", "locale", "email_confirmed_at",
                          "created_at"], users),
        "membership": (["id", "user_id", "company_id", "roles", "created_at"], memberships),
        "warehouse": (["id", "seller_id", "code", "name"], warehouses),
    }  # fmt: skip
