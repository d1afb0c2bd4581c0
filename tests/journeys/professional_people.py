"""The people of the story, what they ask over HTTP, and the post that reaches them by SMTP."""

from __future__ import annotations

import asyncio
import re
import socket
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.journeys.marketplace import PASSWORD, Marketplace, Person, eventually

QUICK_ORDER = """QuickOrderPayload { quickOrder { id mergedCount takenCount
  counts { outcome count } allLines { lineNumber number quantity unit outcome matchedBy reason
    proposedQuantity available mergedInto mergedLines offer { id articleNumber }
    candidates { id seller { name } } suggestions { id articleNumber } } } }"""
CONFIRMED = """ConfirmQuickOrderPayload { cart { id lines { id articleNumber quantity } }
  quickOrder { takenCount remainingLinesFile { content } } }"""
APPROVAL = """approval { id status reasons mayDecide requestedBy { name }
  totals { net { amount } netNow { amount } risen }
  lines { articleNumber unitPrice { amount } unitPriceNow { amount } priceChanged } }"""
ORDERED = """PlaceOrderPayload { orders { id number legalEntityName placedBy approvalIds } }
  ... on ApprovalRequired { reasons approvers { name } pendingApprovalId cartId }
  ... on ApprovalOutdated { approvalId } ... on CartAlreadyOrdered { number }"""
PARTS = """query ($id: ID!) { node(id: $id) { ... on Order { sellerOrders { id } } } }"""
PART = """query ($id: ID!) { node(id: $id) { ... on SellerOrder { id number sellerName
  net { amount } tax { amount } gross { amount } deliveryNet { amount } paymentDueOn
  lines { articleNumber quantity unitPrice { amount } discount { amount } net { amount }
    costCenter promotions { name } deliveries { address quantity } } } } }"""
EXPLAIN = """query ($offer: ID!, $quantity: Quantity!, $entity: ID) {
  explainPrice(offerId: $offer, quantity: $quantity, legalEntityId: $entity) {
    price { unitPrice { amount } }
    candidates { source outcome priceList { name } unitPrice { amount } } } }"""
BY_LINK = """query ($token: String!) { approvalByLink(token: $token) {
  id status totals { net { amount } netNow { amount } risen }
  lines { articleNumber unitPrice { amount } unitPriceNow { amount } priceChanged } } }"""
BUDGETS = """query ($entity: ID) { budgets(legalEntityId: $entity, first: 10) { edges { node {
  name spent { amount } left { amount }
  entries(first: 50) { edges { node { sellerOrderNumber amount { amount } } } } } } } }"""
OFFERS = """query ($after: String) { myOffers(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor }
  edges { node { id articleNumber stock { onHand reserved } } } } }"""
SOLD = """{ sellerOrders(first: 50) { edges { node { number buyerName gross { amount } } } } }"""
PAPERS = """{ orders(first: 10) { edges { node { number sellerOrders { id number sellerName
  invoice { id number url } } } } } }"""
VIEWER = """{ viewer { user { id name } company { id name } legalEntity { id name }
  legalEntities { id name } } }"""


class Post:
    """A real SMTP server on the loopback that keeps every letter."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(  # noqa: N802 – the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the letter."""
        letter = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"

    async def open(self) -> None:
        """Listen."""
        await asyncio.to_thread(self._controller.start)

    async def close(self) -> None:
        """Listen no more."""
        await asyncio.to_thread(self._controller.stop)


class PostedMarketplace(Marketplace):
    """A marketplace that sends its letters to `post`."""

    post: Post

    def letters(self, recipient: str) -> list[EmailMessage]:
        """The letters to an address, in the order of their arrival."""
        return [one for one in self.post.letters if recipient in str(one["to"])]


def text_of(letter: EmailMessage) -> str:
    """The plain text of a letter."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


class Colleague(Person):
    """Somebody with a short way to say what they do."""

    async def do(
        self, mutation: str, chosen: str, *, input_type: str | None = None, **given: Any
    ) -> dict[str, Any]:
        """Run a mutation with one `input` and return what it answers, refusals too."""
        input_type = input_type or f"{mutation[0].upper()}{mutation[1:]}Input"
        query = (
            f"mutation ($input: {input_type}!) {{ {mutation}(input: $input) {{ __typename"
            f" ... on UserError {{ code message path lineIndex }} ... on {chosen} }} }}"
        )
        answer: dict[str, Any] = (await self.run(query, input=given))[mutation]
        return answer

    async def make(
        self, mutation: str, chosen: str, *, input_type: str | None = None, **given: Any
    ) -> Any:
        """The same where it must succeed; returns the payload's first field."""
        answer = await self.do(mutation, chosen, input_type=input_type, **given)
        assert "code" not in answer, answer
        return next(value for name, value in answer.items() if name != "__typename")

    async def letter_with_code(self, words: str) -> str:
        """Wait for a letter whose subject or text has the words; return the code of its link."""

        def look() -> str | None:
            for letter in reversed(self.marketplace.letters(self.email)):
                text = f"{letter['subject']}\n{text_of(letter)}"
                found = re.search(r"#token=(\S+)", text)
                if words in text and found:
                    return found[1]
            return None

        code: str = await eventually(look, f"a letter to {self.email} with “{words}”")
        return code

    async def join_colleagues(self, host: Colleague, role: str, name: str) -> None:
        """Be invited by `host`, accept by the letter's code, and sign in."""
        await host.make("inviteMember", "InviteMemberPayload { invitation { id } }",
                        email=self.email, roles=[role], locale="EN")  # fmt: skip
        code = await self.letter_with_code("invites you")
        await self.make("acceptInvitation", "AcceptInvitationPayload { email }",
                        token=code, name=name, password=PASSWORD, locale="EN")  # fmt: skip
        await self.sign_in()


def tax_id(number: int) -> str:
    """A Russian taxpayer's number of ten digits with the right check digit."""
    body = f"{770000000 + number}"
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return f"{body}{total % 11 % 10}"


def amount(money: dict[str, str] | None) -> Decimal:
    """The amount of a Money."""
    assert money is not None
    return Decimal(money["amount"])


async def stock_of(seller: Colleague) -> dict[str, tuple[str, Decimal, Decimal]]:
    """The seller's offers by article: id, on hand, reserved."""
    found: dict[str, tuple[str, Decimal, Decimal]] = {}
    after = None
    while True:
        page = (await seller.run(OFFERS, after=after))["myOffers"]
        for edge in page["edges"]:
            node = edge["node"]
            held = node["stock"]
            found[node["articleNumber"]] = (
                node["id"],
                sum((Decimal(one["onHand"]) for one in held), Decimal(0)),
                sum((Decimal(one["reserved"]) for one in held), Decimal(0)),
            )
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]
