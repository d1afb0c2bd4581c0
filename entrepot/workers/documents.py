"""Papers follow orders: invoices what is placed or paid, pro formas what waits for its payment."""

from __future__ import annotations

from entrepot.platform.documents.service import issue_invoice, issue_pro_forma
from entrepot.platform.orders.events import OrderPlaced, SellerOrderPaid
from entrepot.workers.consumers import Delivery, consumer
from entrepot.workers.resources import WorkerResources


@consumer("invoices", on=[OrderPlaced], queue="documents", transactional=False, seconds=120)
async def issue_invoices(
    event: OrderPlaced, _delivery: Delivery, resources: WorkerResources
) -> None:
    """Issue and print each seller order's invoice, in order, or the pro forma of what must be paid.

    A repeated call changes nothing. Not transactional: the counter of a seller's numbers stays
    locked only for each issue, not while a PDF is printed.
    """
    for seller_order_id in event.seller_order_ids:
        await issue_pro_forma(seller_order_id, resources.blobs, resources.clock)
        await issue_invoice(seller_order_id, resources.blobs, resources.clock)


@consumer(
    "invoices_of_paid", on=[SellerOrderPaid], queue="documents", transactional=False, seconds=120
)
async def issue_paid_invoice(
    event: SellerOrderPaid, _delivery: Delivery, resources: WorkerResources
) -> None:
    """Issue the invoice of what was paid in advance; the others have theirs already."""
    await issue_invoice(event.seller_order_id, resources.blobs, resources.clock)
