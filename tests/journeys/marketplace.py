"""A marketplace as a newcomer starts it: one command; and its API over real HTTP."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx

START_SECONDS = 120
WAIT_SECONDS = 60
PASSWORD = "correct horse battery"

REGISTER = """
mutation Register($input: RegisterCompanyInput!) {
  registerCompany(input: $input) { __typename ... on UserError { code message path } }
}
"""
CONFIRM = """
mutation Confirm($token: String!) {
  confirmEmail(input: {token: $token}) { __typename ... on UserError { code message } }
}
"""
LOGIN = """
mutation Login($email: String!, $password: String!) {
  login(input: {email: $email, password: $password}) {
    __typename ... on LoginPayload { token } ... on UserError { code message }
  }
}
"""


def environment() -> dict[str, str]:
    """Our environment without any setting of Entrepôt."""
    return {key: value for key, value in os.environ.items() if not key.startswith("ENTREPOT_")}


async def command(*arguments: str, home: Path, allowed: tuple[int, ...] = (0,)) -> str:
    """Run `entrepot ARGUMENTS` on the marketplace's folder and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "entrepot", *arguments, "--home", str(home),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=environment(),
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode in allowed, output.decode()
    return output.decode()


@dataclass
class Marketplace:
    """`entrepot demo --no-data` on a folder of its own."""

    home: Path
    address: str = ""
    process: asyncio.subprocess.Process | None = None
    lines: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    """Further environment variables of it."""

    async def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "entrepot", "demo", "--no-data", "--port", "0",
            "--home", str(self.home),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env=environment() | self.settings,
        )  # fmt: skip
        assert self.process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            while True:
                line = (await self.process.stdout.readline()).decode()
                assert line, "".join(self.lines)
                self.lines.append(line)
                if "GraphQL http" in line:
                    break
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found
        self.address = found[0]

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Hang up everybody, stop it with a signal and return its exit code."""
        for person in self.people:
            await person.http.aclose()
        self.people.clear()
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
            await self.process.communicate()
        return self.process.returncode or 0

    def letters(self, recipient: str) -> list[EmailMessage]:
        """The letters to an address, in the order of their files' names."""
        found = []
        for path in sorted((self.home / "mail").glob("*.eml")):
            letter = message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(letter, EmailMessage)
            if recipient in str(letter["to"]):
                found.append(letter)
        return found


async def eventually(check: Callable[[], Any], what: str) -> Any:
    """Wait until `check` (may be asynchronous) returns something true; return that."""
    deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
    while True:
        found = check()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.1)


class Person:
    """Somebody at a frontend: sends operations over HTTP."""

    def __init__(self, marketplace: Marketplace, email: str) -> None:
        self.marketplace = marketplace
        self.email = email
        self.http = httpx.AsyncClient(base_url=marketplace.address, timeout=30)
        marketplace.people.append(self)

    async def run(self, query: str, **variables: Any) -> Any:
        """Run an operation and return its data; fails on any top-level error."""
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        body = response.json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def join(self, company: str, kind: str, tax_id: str) -> None:
        """Register a company, confirm the address by the letter's code, and sign in."""
        entity = {"name": f"{company} LLC", "country": "RU", "taxId": tax_id, "currency": "RUB",
                  "registrationReasonCode": "770701001", "address": "Moscow",
                  "timeZone": "Europe/Moscow"}  # fmt: skip
        registered = await self.run(
            REGISTER,
            input={"email": self.email, "password": PASSWORD, "name": self.email,
                   "companyName": company, "kind": kind, "legalEntity": entity, "locale": "EN"},
        )  # fmt: skip
        assert registered["registerCompany"]["__typename"] == "RegisterCompanyPayload"
        letter = (await eventually(lambda: self.marketplace.letters(self.email), "a letter"))[0]
        body = letter.get_body(("plain",))
        assert body is not None
        code = re.search(r"#token=(\S+)", body.get_content())
        assert code
        confirmed = await self.run(CONFIRM, token=code[1])
        assert confirmed["confirmEmail"]["__typename"] == "ConfirmEmailPayload"
        await self.sign_in()

    async def sign_in(self) -> None:
        """Sign in with the password and keep the token."""
        signed_in = await self.run(LOGIN, email=self.email, password=PASSWORD)
        assert signed_in["login"]["__typename"] == "LoginPayload", signed_in
        self.http.headers["authorization"] = f"Bearer {signed_in['login']['token']}"
