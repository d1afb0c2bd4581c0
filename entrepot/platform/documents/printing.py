"""Printing a paper in both languages, off the event loop."""

from __future__ import annotations

import asyncio

from entrepot.platform.blobs import FolderBlobs
from entrepot.platform.documents.invoice_content import InvoiceContent
from entrepot.platform.documents.invoice_pdf import LOCALES, render_invoice


async def print_both(content: InvoiceContent, blobs: FolderBlobs) -> list[str]:
    """Return the blob keys of the English and the Russian PDF; the same for the same content."""
    return [await asyncio.to_thread(_print, content, locale, blobs) for locale in LOCALES]


def _print(content: InvoiceContent, locale: str, blobs: FolderBlobs) -> str:
    return blobs.put([render_invoice(content, locale)])
