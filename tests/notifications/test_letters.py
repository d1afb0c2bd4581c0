"""Letters: written in both languages, sent once, kept while the mail server is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from entrepot.platform.carts import service as carts
from entrepot.platform.clock import FixedClock
from entrepot.platform.config import InvalidSettings, Settings
from entrepot.platform.database import Database, fetch, fetch_value
from entrepot.platform.documents.service import issue_invoice
from entrepot.platform.identity.events import CompanyAlreadyRegistered
from entrepot.platform.identity.models import User
from entrepot.platform.notifications.mailers import FolderMailer, SmtpMailer, open_mailer
from entrepot.platform.notifications.service import MailUnavailable, send_letter
from entrepot.platform.notifications.words import LETTERS
from entrepot.platform.notifications.writing import Attachment, OutgoingLetter, write_message
from entrepot.platform.orders import service as orders
from entrepot.platform.outbox import Event, load
from entrepot.workers.consumers import Delivery, Postpone, Undeliverable
from entrepot.workers.notifications import (
    write_account_letters,
    write_cancellation_letters,
    write_confirmation_letters,
    write_invoice_letters,
    write_order_letters,
)
from entrepot.workers.resources import WorkerResources, open_resources
from tests.conftest import free_port
from tests.factories import make_buyer, make_offer, make_seller

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
VALUES = {
    "company": "Nord <b>& Co</b>",
    "invited_by": "Anna",
    "number": "N-1",
    "po_number": "PO 1",
    "parts": [{"seller": "S", "number": "SO-1", "gross": "1.00", "currency": "RUB", "lines": 2}],
    "buyer": "B",
    "by": "B",
    "by_company": "C",
    "unpaid": False,
    "paid": "",
    "advance": False,
    "due_on": "2026-11-30",
    "cart": "Cart",
    "standing": "Paper",
    "requester": "Anna",
    "entity": "Nord LLC",
    "totals": "1.00 RUB",
    "reasons": ["— Rule <b>."],
    "reason": "Too dear",
    "note": "Soon, please",
    "lines": [{"number": "N", "title": "T", "quantity": "1", "price": "1", "net": "1.00 RUB"}],
    "more": 3,
    "changes": [{"number": "N", "before": "2", "after": "1"}],
    "purchase": "PO-1",
    "invoice": "INV-1",
    "seller": "S",
    "order": "SO-1",
    "gross": "1.00",
    "currency": "RUB",
}


class Server:
    """A real SMTP server that keeps what it takes, and can be told what to answer."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.recipient_answer = "250 OK"
        self.data_answer = "250 OK"
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_RCPT(  # noqa: N802 – the name that aiosmtpd calls
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(  # noqa: N802 – the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.data_answer.startswith("250"):
            self.taken.append(read(cast(bytes, envelope.content)))
        return self.data_answer

    async def start(self) -> None:
        await asyncio.to_thread(self._controller.start)

    async def stop(self) -> None:
        await asyncio.to_thread(self._controller.stop)


def read(content: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(content, policy=policy.default))


def plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return cast(str, body.get_content())


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def resources(settings: Settings) -> AsyncIterator[WorkerResources]:
    async with open_resources(settings) as opened:
        yield opened


def with_server(resources: WorkerResources, port: int) -> WorkerResources:
    url = f"smtp://127.0.0.1:{port}"
    return replace(resources, settings=resources.settings.model_copy(update={"smtp_url": url}))


def delivery(number: int = 1) -> Delivery:
    return Delivery(number, number, "letters", 1, None, NOW)


def mail_folder(resources: WorkerResources) -> list[Path]:
    return sorted((resources.settings.home / "mail").iterdir())


LETTER = CompanyAlreadyRegistered("anna@example.test", "Анна", "Север", "ru")


@pytest.mark.parametrize("kind", sorted(LETTERS))
@pytest.mark.parametrize("locale", ["en", "ru"])
def test_every_letter_is_whole_in_both_languages(kind: str, locale: str, tmp_path: Path) -> None:
    link = "https://market.example/x#token=SECRET" if LETTERS[kind]["en"].button else None
    letter = OutgoingLetter(
        kind,
        "anna@example.test",
        locale,
        "Анна",
        VALUES,
        link,
        "SECRET" if link else None,
        NOW,
        (Attachment("Счёт.pdf", "application/pdf", b"%PDF"),),
    )
    assert "SECRET" not in repr(letter)
    settings = Settings(home=tmp_path, public_url="https://market.example")
    message = read(bytes(write_message(letter, 7, NOW, settings)))
    assert message["Message-ID"].startswith("<7-")
    assert message["Message-ID"].endswith("@market.example>")
    assert message["To"] == "anna@example.test"
    assert message["Content-Language"] == locale
    text = plain(message)
    html = message.get_body(("html",))
    assert html is not None
    page = html.get_content()
    for body in (text, page, message["Subject"]):
        assert "{{" not in body
        assert "{%" not in body
    assert ("Здравствуйте, Анна!" if locale == "ru" else "Hello Анна,") in text
    assert "<b>" not in page
    if link:
        assert link in text
        assert f'href="{link}"' in page
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "Счёт.pdf"
    assert bytes(write_message(letter, 7, NOW, settings)).count(b"Message-ID: <7-") == 1


def test_names_cannot_forge_headers(tmp_path: Path) -> None:
    values = VALUES | {"company": "X\r\nBcc: all@example.test", "invited_by": "Y\n\nbody"}
    letter = OutgoingLetter("invitation", "a@example.test", "en", "", values, "https://x", "t", NOW)
    message = read(bytes(write_message(letter, 1, NOW, Settings(home=tmp_path))))
    assert message["Bcc"] is None
    assert message["Subject"] == "Y body invites you to X Bcc: all@example.test"


async def test_without_a_server_letters_are_readable_files(resources: WorkerResources) -> None:
    await write_account_letters(LETTER, delivery(), resources)
    await write_account_letters(LETTER, delivery(), resources)
    (file,) = mail_folder(resources)
    assert file.name.startswith("1-")
    assert file.suffix == ".eml"
    assert "«Север» уже есть на площадке" in plain(read(file.read_bytes()))
    rows = await fetch("SELECT template, sent_at IS NOT NULL AS sent FROM email_message")
    assert [dict(row) for row in rows] == [{"template": "company_already_registered", "sent": True}]


async def test_a_server_takes_each_letter_once(resources: WorkerResources, server: Server) -> None:
    wired = with_server(resources, server.port)
    for number in (1, 1, 2):
        await write_account_letters(LETTER, delivery(number), wired)
    assert len(server.taken) == 2
    assert len({message["Message-ID"] for message in server.taken}) == 2
    assert server.taken[0]["To"] == "anna@example.test"


async def test_a_server_that_is_away_loses_nothing(resources: WorkerResources) -> None:
    server = Server()
    wired = with_server(resources, server.port)
    with pytest.raises(Postpone):
        await write_account_letters(LETTER, delivery(), wired)
    assert await fetch_value("SELECT count(*) FROM email_message WHERE sent_at IS NULL") == 1
    await server.start()
    try:
        server.data_answer = "451 later"
        with pytest.raises(Postpone):
            await write_account_letters(LETTER, delivery(), wired)
        server.data_answer = "250 OK"
        await write_account_letters(LETTER, delivery(), wired)
        assert len(server.taken) == 1
    finally:
        await server.stop()
    assert await fetch_value("SELECT count(*) FROM email_message WHERE sent_at IS NULL") == 0


async def test_an_unknown_recipient_is_given_up(resources: WorkerResources, server: Server) -> None:
    wired = with_server(resources, server.port)
    server.recipient_answer = "550 no such user"
    with pytest.raises(Undeliverable, match="550"):
        await write_account_letters(LETTER, delivery(), wired)
    server.recipient_answer = "450 busy"
    with pytest.raises(Postpone):
        await write_account_letters(LETTER, delivery(), wired)
    assert server.taken == []


async def test_an_order_and_its_invoice_are_told_of(resources: WorkerResources) -> None:
    clock = FixedClock(NOW)
    one, two, buyer = await make_seller("One"), await make_seller("Two"), await make_buyer()
    await User.filter(id=buyer.user_id).update(locale="ru")
    for seller in (one, two):
        offer = await make_offer(seller, price="100")
        await carts.add(buyer, offer.id, Decimal(2), clock=clock)
    await orders.place(buyer, clock=clock)
    row = (await fetch("SELECT kind, payload FROM outbox_event WHERE kind = 'OrderPlaced'"))[0]
    placed: Event = load(row["kind"], row["payload"])
    await write_order_letters(placed, delivery(1), resources)  # type: ignore[arg-type]
    letters = [read(file.read_bytes()) for file in mail_folder(resources)]
    assert len(letters) == 3
    bought = next(one for one in letters if one["Content-Language"] == "ru")
    assert bought["Subject"] == "Заказ PO-2026-000001 оформлен"
    assert "One: SO-2026-000001, 240.00 RUB" in plain(bought)
    assert "Two: SO-2026-000001, 240.00 RUB" in plain(bought)
    sold = [one for one in letters if one["Content-Language"] == "en"]
    assert {one["Subject"].partition(" from ")[0] for one in sold} == {"New order SO-2026-000001"}

    order_id = await fetch_value("SELECT id FROM seller_order LIMIT 1")
    await issue_invoice(order_id, resources.blobs, clock)
    row = (await fetch("SELECT kind, payload FROM outbox_event WHERE kind = 'InvoiceIssued'"))[0]
    issued: Event = load(row["kind"], row["payload"])
    await write_invoice_letters(issued, delivery(2), resources)  # type: ignore[arg-type]
    invoice = next(
        read(file.read_bytes()) for file in mail_folder(resources) if file.name.startswith("2-")
    )
    assert invoice["Subject"].startswith("Счёт INV-2026-000001 от «")
    (attached,) = invoice.iter_attachments()
    assert attached.get_filename() == "INV-2026-000001.pdf"
    assert attached.get_content()[:5] == b"%PDF-"


async def test_a_cancellation_is_told_to_the_other_side(resources: WorkerResources) -> None:
    clock = FixedClock(NOW)
    seller, buyer = await make_seller("One"), await make_buyer()
    for _ in range(2):
        await carts.add(buyer, (await make_offer(seller)).id, Decimal(1), clock=clock)
        await orders.place(buyer, clock=clock)
    mine, theirs = [row["id"] for row in await fetch("SELECT id FROM seller_order ORDER BY number")]
    await issue_invoice(mine, resources.blobs, clock)
    await orders.cancel(buyer, mine, clock=clock)
    await orders.cancel(seller.actor, theirs, clock=clock)
    events = await fetch("SELECT kind, payload FROM outbox_event ORDER BY id")
    for number, row in enumerate(events):
        event: Event = load(row["kind"], row["payload"])
        if row["kind"] == "OrderCancelled":
            await write_cancellation_letters(event, delivery(number), resources)  # type: ignore[arg-type]
        elif row["kind"] == "InvoiceIssued":  # too late: it is void
            await write_invoice_letters(event, delivery(number), resources)  # type: ignore[arg-type]
    people = await User.filter(id__in=[seller.actor.user_id, buyer.user_id]).order_by("email")
    email = {person.id: person.email for person in people}
    letters = [read(file.read_bytes()) for file in mail_folder(resources)]
    assert {(one["To"], one["Subject"]) for one in letters} == {
        (email[seller.actor.user_id], "Order SO-2026-000001 is cancelled"),
        (email[buyer.user_id], "Order SO-2026-000002 is cancelled"),
    }
    assert ["The invoice INV-2026-000001 is void." in plain(one) for one in letters].count(
        True
    ) == 1


async def test_a_confirmation_is_told_to_the_buyer(resources: WorkerResources) -> None:
    clock = FixedClock(NOW)
    seller, buyer = await make_seller("One"), await make_buyer()
    await User.filter(id=buyer.user_id).update(locale="ru")
    for _ in range(2):
        await carts.add(buyer, (await make_offer(seller, price="100")).id, Decimal(1), clock=clock)
        await orders.place(buyer, clock=clock)
    kept, dropped = [
        row["id"] for row in await fetch("SELECT id FROM seller_order ORDER BY number")
    ]
    await orders.confirm(seller.actor, kept, clock=clock)
    await orders.confirm(seller.actor, dropped, clock=clock)
    await orders.cancel(buyer, dropped, clock=clock)
    events = await fetch("SELECT kind, payload FROM outbox_event WHERE kind = 'OrderConfirmed'")
    assert len(events) == 2
    for number, row in enumerate(events):
        event: Event = load(row["kind"], row["payload"])
        await write_confirmation_letters(event, delivery(number), resources)  # type: ignore[arg-type]
    (letter,) = [read(file.read_bytes()) for file in mail_folder(resources)]
    assert letter["To"] == (await User.get(id=buyer.user_id)).email
    assert letter["Subject"] == "Заказ SO-2026-000001 подтверждён"
    assert "«One» подтверждает заказ SO-2026-000001 (PO-2026-000001) на сумму 120.00 RUB." in (
        " ".join(plain(letter).split())
    )


async def test_a_full_disk_delays(database: Database, tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "taken"
    folder.write_text("a file where a folder should be")
    letter = OutgoingLetter("password_changed", "a@example.test", "en")
    with pytest.raises(MailUnavailable):
        await send_letter(letter, 1, NOW, FolderMailer(folder), settings)
    assert await send_letter(letter, 1, NOW, FolderMailer(tmp_path / "mail"), settings)
    assert not await send_letter(letter, 1, NOW, FolderMailer(tmp_path / "mail"), settings)


async def test_files_are_readable_by_an_editor_and_by_nobody_else(
    database: Database, tmp_path: Path, settings: Settings
) -> None:
    attached = Attachment("счёт.pdf", "application/pdf", b"%PDF-")
    letter = OutgoingLetter(
        "password_changed", "a@example.test", "ru", name="Иван", attachments=(attached,)
    )
    folder = tmp_path / "mail"
    assert await send_letter(letter, 1, NOW, FolderMailer(folder), settings)
    (file,) = folder.iterdir()
    text = file.read_text("utf-8")
    assert "Subject: Пароль" in text
    assert "Здравствуйте, Иван!" in text.splitlines()
    message = read(file.read_bytes())
    assert message["Content-Language"] == "ru"
    assert [one.get_content() for one in message.iter_attachments()] == [b"%PDF-"]
    assert (folder.stat().st_mode & 0o077, file.stat().st_mode & 0o077) == (0, 0)


def test_the_address_of_the_server_is_checked(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings):
        SmtpMailer("http://mail.example")
    assert isinstance(open_mailer(Settings(home=tmp_path)), FolderMailer)
