"""Refusals of a whole import."""

from __future__ import annotations

from entrepot.platform.errors import DomainError


class ImportNotReady(DomainError):
    """The import is not at the step that was asked for."""

    code = "IMPORT_NOT_READY"
    en = "The import is {status}. It can be committed once, after its preview is complete."
    ru = "Состояние загрузки: {status}. Подтвердить её можно один раз, после предпросмотра."
    status: str


class UploadNotComplete(DomainError):
    """No file has arrived for the upload yet."""

    code = "UPLOAD_NOT_COMPLETE"
    en = "The file has not been sent yet. PUT its bytes to the upload's url first."
    ru = "Файл ещё не передан. Сначала отправьте его методом PUT по адресу загрузки."
