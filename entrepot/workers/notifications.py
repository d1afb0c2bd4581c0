"""Letters follow events. A mail server that is away delays letters and loses none."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.platform.documents.events import InvoiceIssued, ProFormaIssued
from entrepot.platform.documents.letters import PaperLetter, invoice_letter, pro_forma_letter
from entrepot.platform.identity.service import LETTER_EVENTS, letter_for
from entrepot.platform.money import plain_amount
from entrepot.platform.notifications.queries import (
    letters_of_cancellation,
    letters_of_confirmation,
    letters_of_filled_cart,
    letters_of_order,
    letters_of_payment,
)
from entrepot.platform.notifications.service import (
    Attachment,
    MailRefused,
    MailUnavailable,
    OutgoingLetter,
    open_mailer,
    send_letter,
)
from entrepot.platform.orders.behalf.events import CartFilledOnBehalf
from entrepot.platform.orders.events import (
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    SellerOrderPaid,
)
from entrepot.platform.outbox import Event
from entrepot.workers.consumers import Delivery, Postpone, Undeliverable, consumer
from entrepot.workers.resources import WorkerResources

AWAY_SECONDS = 30.0


async def send_all(
    letters: Sequence[OutgoingLetter], delivery: Delivery, resources: WorkerResources
) -> None:
    """Send the letters of one delivery; those already sent are passed over.

    A refused recipient does not keep the others from their letters. Raises `Postpone` while the
    server is away, `Undeliverable` where recipients were refused for good.
    """
    mailer = open_mailer(resources.settings)
    refused: list[str] = []
    for letter in letters:
        try:
            await send_letter(letter, delivery.id, delivery.recorded_at, mailer, resources.settings)
        except MailRefused as error:
            refused.append(str(error))
        except MailUnavailable as error:
            raise Postpone(str(error), AWAY_SECONDS) from error
    if refused:
        raise Undeliverable("; ".join(refused))


@consumer("account_letters", on=LETTER_EVENTS, queue="mail", transactional=False, seconds=120)
async def write_account_letters(
    event: Event, delivery: Delivery, resources: WorkerResources
) -> None:
    """Confirmations, password resets, invitations."""
    letter = await letter_for(event, resources.settings, resources.clock.now())
    if letter is None:
        return
    outgoing = OutgoingLetter(
        letter.kind,
        letter.recipient,
        letter.locale,
        letter.name,
        {"company": letter.company, "invited_by": letter.invited_by},
        letter.link,
        letter.token,
        letter.expires_at,
    )
    await send_all([outgoing], delivery, resources)


@consumer("order_letters", on=[OrderPlaced], queue="mail", transactional=False, seconds=300)
async def write_order_letters(
    event: OrderPlaced, delivery: Delivery, resources: WorkerResources
) -> None:
    """Tell who ordered, and the sellers' managers."""
    await send_all(await letters_of_order(event.order_id), delivery, resources)


@consumer("behalf_letters", on=[CartFilledOnBehalf], queue="mail", transactional=False, seconds=120)
async def write_behalf_letters(
    event: CartFilledOnBehalf, delivery: Delivery, resources: WorkerResources
) -> None:
    """Tell a person of the cart that somebody filled for them."""
    letters = await letters_of_filled_cart(event.cart_id, event.placed_by, event.on_behalf_of)
    await send_all(letters, delivery, resources)


@consumer(
    "confirmation_letters", on=[OrderConfirmed], queue="mail", transactional=False, seconds=120
)
async def write_confirmation_letters(
    event: OrderConfirmed, delivery: Delivery, resources: WorkerResources
) -> None:
    """Tell who ordered."""
    await send_all(await letters_of_confirmation(event.seller_order_id), delivery, resources)


@consumer(
    "cancellation_letters", on=[OrderCancelled], queue="mail", transactional=False, seconds=300
)
async def write_cancellation_letters(
    event: OrderCancelled, delivery: Delivery, resources: WorkerResources
) -> None:
    """Tell the side that did not cancel."""
    letters = await letters_of_cancellation(event.seller_order_id, event.by)
    await send_all(letters, delivery, resources)


@consumer("invoice_letters", on=[InvoiceIssued], queue="mail", transactional=False, seconds=120)
async def write_invoice_letters(
    event: InvoiceIssued, delivery: Delivery, resources: WorkerResources
) -> None:
    """Send the invoice to who ordered, in their language."""
    facts = await invoice_letter(event.invoice_id)
    if facts is not None:
        await send_all([_with_paper("invoice_issued", facts, resources)], delivery, resources)


@consumer("pro_forma_letters", on=[ProFormaIssued], queue="mail", transactional=False, seconds=120)
async def write_pro_forma_letters(
    event: ProFormaIssued, delivery: Delivery, resources: WorkerResources
) -> None:
    """Ask who ordered to pay in advance."""
    facts = await pro_forma_letter(event.pro_forma_id)
    if facts is not None:
        await send_all([_with_paper("pro_forma_issued", facts, resources)], delivery, resources)


@consumer("payment_letters", on=[SellerOrderPaid], queue="mail", transactional=False, seconds=300)
async def write_payment_letters(
    event: SellerOrderPaid, delivery: Delivery, resources: WorkerResources
) -> None:
    """Tell who ordered that the money is here; of a payment in advance the seller as well."""
    letters = await letters_of_payment(event.seller_order_id, advance=event.advance)
    await send_all(letters, delivery, resources)


def _with_paper(kind: str, facts: PaperLetter, resources: WorkerResources) -> OutgoingLetter:
    with resources.blobs.open(facts.blob_key) as file:
        pdf = Attachment(f"{facts.number}.pdf", "application/pdf", file.read())
    return OutgoingLetter(
        kind,
        facts.recipient,
        facts.locale,
        facts.recipient_name,
        {
            "number": facts.number,
            "order": facts.order_number,
            "seller": facts.seller_name,
            "gross": plain_amount(facts.gross, facts.currency),
            "currency": facts.currency,
            "due_on": facts.due_on.isoformat() if facts.due_on else "",
        },
        attachments=(pdf,),
    )
