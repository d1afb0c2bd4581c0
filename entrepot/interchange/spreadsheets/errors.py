"""Refusals of a whole file: what is wrong with it and how to mend it, in both languages."""

from __future__ import annotations

from entrepot.platform.errors import DomainError


class SpreadsheetError(DomainError):
    """The file cannot be read as a table at all; nothing of it was taken."""

    code = "SPREADSHEET_UNREADABLE"
    en = "The file cannot be read as a table."
    ru = "Файл не удаётся прочитать как таблицу."


class EmptyFile(SpreadsheetError):
    """The file has no bytes, or only blank lines."""

    code = "SPREADSHEET_EMPTY"
    en = "The file is empty. Send a CSV or XLSX file whose first line names the columns."
    ru = "Файл пуст. Пришлите CSV или XLSX, в первой строке которого названы столбцы."


class NoLines(SpreadsheetError):
    """There is a header and nothing under it."""

    code = "SPREADSHEET_NO_LINES"
    en = "The file has column names but no lines under them."
    ru = "В файле есть названия столбцов, но под ними нет ни одной строки."


class FileTooLarge(SpreadsheetError):
    """The file, or what it unpacks to, is above the limit."""

    code = "FILE_TOO_LARGE"
    en = "The file is larger than {limit_mib} MiB. Split it, or send it as CSV."
    ru = "Файл больше {limit_mib} МиБ. Разделите его на части или пришлите в формате CSV."
    limit_mib: int


class SuspiciousArchive(SpreadsheetError):
    """A ZIP file unpacks to far more than a spreadsheet would (a zip bomb)."""

    code = "SPREADSHEET_ARCHIVE_SUSPICIOUS"
    en = "The archive unpacks to far more data than a spreadsheet holds. Send it as CSV."
    ru = "Архив распаковывается в объём, невозможный для таблицы. Пришлите данные в CSV."


class UnsupportedFormat(SpreadsheetError):
    """The bytes are some other kind of file; `found` names it."""

    code = "SPREADSHEET_FORMAT_UNSUPPORTED"
    en = "This is {found}. Save it as “Excel workbook (.xlsx)” or “CSV UTF-8” and send that."
    ru = "Это {found_ru}. Сохраните как «Книга Excel (.xlsx)» или «CSV UTF-8» и пришлите."
    found: str
    found_ru: str


class MacroWorkbook(SpreadsheetError):
    """The workbook contains macros."""

    code = "SPREADSHEET_HAS_MACROS"
    en = "The workbook contains macros. Save it as “Excel workbook (.xlsx)”, without macros."
    ru = "Книга содержит макросы. Сохраните её как «Книга Excel (.xlsx)», без макросов."


class DamagedWorkbook(SpreadsheetError):
    """The XLSX file is cut short or not a valid workbook."""

    code = "SPREADSHEET_DAMAGED"
    en = "The workbook is damaged or cut short. Open it in your spreadsheet program and save anew."
    ru = "Книга повреждена или обрезана. Откройте её в табличной программе и сохраните заново."


class NoSuchSheet(SpreadsheetError):
    """The workbook has no sheet of that name."""

    code = "SPREADSHEET_NO_SUCH_SHEET"
    en = "The workbook has no sheet “{sheet}”. It has: {sheets}."
    ru = "В книге нет листа «{sheet}». Есть: {sheets}."
    sheet: str
    sheets: str


class ColumnsNotFound(SpreadsheetError):
    """The header does not name the columns that are needed."""

    code = "SPREADSHEET_COLUMNS_MISSING"
    en = "No column is named {missing}. The first line names: {found}. Rename a column or map it."
    ru = "Нет столбца {missing}. В первой строке: {found}. Переименуйте столбец или укажите его."
    missing: str
    found: str


class ColumnNamedTwice(SpreadsheetError):
    """Two columns of the header mean the same field."""

    code = "SPREADSHEET_COLUMN_TWICE"
    en = "The columns {columns} mean the same field. Remove or rename one."
    ru = "Столбцы {columns} означают одно и то же поле. Удалите или переименуйте один из них."
    columns: str


class UnknownEncoding(SpreadsheetError):
    """The encoding asked for is not offered."""

    code = "SPREADSHEET_ENCODING_UNKNOWN"
    en = "The encoding “{encoding}” is not supported. Supported: {supported}."
    ru = "Кодировка «{encoding}» не поддерживается. Поддерживаются: {supported}."
    encoding: str
    supported: str


class UnknownDelimiter(SpreadsheetError):
    """The delimiter asked for is not offered."""

    code = "SPREADSHEET_DELIMITER_UNKNOWN"
    en = "The delimiter must be a semicolon, a comma or a tab."
    ru = "Разделителем может быть точка с запятой, запятая или табуляция."
