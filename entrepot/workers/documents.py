"""Invoices follow placed orders."""

from __future__ import annotations

from entrepot.platform.documents.service import issue_invoice
from entrepot.platform.orders.events import OrderPlaced
from entrepot.workers.consumers import Delivery, consumer
from entrepot.workers.resources import WorkerResources


@consumer("invoices", on=[OrderPlaced], queue="documents", transactional=False, seconds=120)
async def issue_invoices(
    event: OrderPlaced, _delivery: Delivery, resources: WorkerResources
) -> None:
    """Issue and print the invoice of each seller order, in order; a repeated call changes nothing.

    Not transactional: the counter of a seller's numbers stays locked only for each issue, not
    while a PDF is printed.
    """
    for seller_order_id in event.seller_order_ids:
        await issue_invoice(seller_order_id, resources.blobs, resources.clock)
