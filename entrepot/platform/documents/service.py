"""Documents: uploads, invoices, pro formas and links to their files."""

from __future__ import annotations

from entrepot.platform.documents.file_links import FileLink, opened, sign
from entrepot.platform.documents.invoices import issue_invoice
from entrepot.platform.documents.pro_formas import issue_pro_forma
from entrepot.platform.documents.uploads import (
    awaited_upload,
    complete_upload,
    create_upload,
    received_file,
)

__all__ = [
    "FileLink",
    "awaited_upload",
    "complete_upload",
    "create_upload",
    "issue_invoice",
    "issue_pro_forma",
    "opened",
    "received_file",
    "sign",
]
