"""Refusals of documents, uploads and links."""

from __future__ import annotations

from entrepot.platform.errors import DomainError


class UploadTooLarge(DomainError):
    """The file is above what the marketplace accepts; nothing of it was kept."""

    code = "UPLOAD_TOO_LARGE"
    en = "The file is larger than {limit_mib} MiB. Split it into parts."
    ru = "Файл больше {limit_mib} МиБ. Разделите его на части."
    limit_mib: int


class UploadGone(DomainError):
    """The address for sending a file is unknown, used or expired."""

    code = "UPLOAD_GONE"
    en = "This upload address is unknown, already used or expired. Call createUpload again."
    ru = "Адрес загрузки неизвестен, использован или просрочен. Вызовите createUpload ещё раз."


class LinkExpired(DomainError):
    """The link to a file is forged, damaged or older than it may be."""

    code = "LINK_EXPIRED"
    en = "This link is no longer valid. Open the document again to get a new one."
    ru = "Ссылка больше не действует. Откройте документ снова, чтобы получить новую."
