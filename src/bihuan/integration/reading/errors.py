"""What can be wrong with a file, and with one cell of it, in stable codes and in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from django.utils.translation import gettext


def _(text: str) -> str:
    """Mark a text for translation without asking for settings: this package is used without a project too."""
    return text


FILE_MESSAGES: Mapping[str, str] = {
    "not_found": _("The file %(name)s does not exist or cannot be read."),
    "empty_file": _("The file is empty."),
    "no_rows": _("The file has a header but no rows below it."),
    "no_header": _("No header row was found: none of the first rows looks like column names."),
    "wrong_type": _("This is %(found)s, not a table. Save it as XLSX or CSV and try again."),
    "web_page": _(
        "This file is a web page saved under a table's name. Open it in Excel, save it as XLSX and try again."
    ),
    "password": _("The workbook is protected by a password. Save it without one and try again."),
    "damaged_workbook": _("The workbook is damaged or was cut off while it was sent. Please send it again."),
    "damaged_gzip": _(
        "The compressed file is damaged or was cut off while it was sent. Please send it again."
    ),
    "binary": _("The file holds binary data, not a table."),
    "unknown_encoding": _(
        "The characters cannot be decoded (tried %(tried)s). Save the file as UTF-8 and try again."
    ),
    "decode_error": _("Row %(row)s cannot be decoded as %(encoding)s."),
    "field_too_large": _(
        "A cell in or after row %(row)s is longer than %(limit)s characters; a quotation mark may not be closed."
    ),
    "line_too_long": _(
        "The row after row %(row)s is longer than %(limit)s characters. This is not a table people could read."
    ),
    "open_quote": _("The quotation mark opened in row %(row)s is never closed."),
    "too_many_columns": _("The file has more than %(limit)s columns."),
    "too_many_rows": _("The file has more than %(limit)s rows. Split it and import the parts."),
    "too_big": _("Unpacked, the file would be larger than %(limit)s MB."),
    "zip_bomb": _("The workbook unpacks to far more than a table can hold; it was not opened."),
    "too_many_cells": _(
        "The sheet spans %(cells)s cells, more than %(limit)s. Delete what lies far out and try again."
    ),
    "no_sheet": _("The workbook has no sheet named “%(sheet)s”. Its sheets: %(sheets)s."),
    "mapping_unreadable": _("The mapping cannot be read: %(reason)s."),
    "mapping_unknown_field": _("The mapping names the field “%(field)s”, which %(kind)s do not have."),
    "mapping_unknown_column": _("The mapping names the column “%(column)s”, which the file does not have."),
    "mapping_constant": _(
        "The mapping gives the field “%(field)s” a constant that cannot be: it %(reason)s."
    ),
    "sum_too_large": _(
        "The lines of document %(document)s add up to more than can be kept. Correct its amounts and import the file again."
    ),
    "mapping_silent": _(
        "The mapping says nothing of these columns of %(file)s: %(columns)s. Map them, or list them under “ignore”."
    ),
    "mapping_incomplete": _("No column was found for: %(fields)s. Say which columns hold them."),
    "disk_full": _(
        "The disk is full. What was committed before is kept; free some space and start the same import again: it goes on from there."
    ),
    "disk_full_undo": _("The disk is full. Nothing was undone; free some space and undo the import again."),
    "database_busy": _(
        "The database was busy for too long. Start the same import again: it goes on from where it stopped."
    ),
    "database_error": _(
        "The database refused: %(reason)s. What was committed before is kept; the import can go on or be undone."
    ),
    "not_found_import": _("There is no import %(id)s."),
    "already_undone": _("Import %(id)s has been undone already."),
    "wrong_moment": _("The import has moved on meanwhile. Look at where it stands now."),
    "upload_too_big": _("The file is larger than %(limit)s MB."),
    "unknown_kind": _("“%(kind)s” cannot be imported. Known kinds: %(kinds)s."),
}

CELL_MESSAGES: Mapping[str, str] = {
    "required": _("is missing"),
    "not_a_date": _("“%(value)s” is not a date"),
    "ambiguous_date": _("“%(value)s” does not fit the order of day and month in this column"),
    "date_out_of_range": _("“%(value)s” lies outside the years 1900 to 2200"),
    "not_a_number": _("“%(value)s” is not a number"),
    "number_too_large": _("“%(value)s” is too large"),
    "negative": _("“%(value)s” must not be negative"),
    "not_yes_or_no": _("“%(value)s” is neither yes nor no"),
    "too_long": _("has %(length)s characters; at most %(limit)s fit"),
    "digits_lost": _(
        "“%(value)s” lost digits in the spreadsheet; format the column as text and enter it again"
    ),
    "formula_error": _("holds the formula error %(value)s"),
    "unknown_choice": _("“%(value)s” is not one of: %(choices)s"),
    "control_character": _("holds a control character"),
    "ambiguous_customer": _("“%(value)s” is the name of %(count)s customers; give the number, or merge them"),
    "others_customer": _("customer “%(value)s” is somebody else's, whose customers you may not change"),
    "others_record": _("“%(value)s” belongs to a customer of somebody else, which you may not change"),
    "unknown_customer": _("no customer “%(value)s” is known; import the customers first"),
    "extra_cells": _("The row has more cells than the header; a separator may be unquoted"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one cell was refused. Stands in the place of the cell's value."""

    code: str
    params: tuple[tuple[str, str], ...] = ()

    def message(self) -> str:
        """The reason in the active language; without the column's name."""
        text = CELL_MESSAGES.get(self.code)
        return gettext(text) % dict(self.params) if text else self.code


def problem(code: str, **params: object) -> Problem:
    """A ``Problem`` whose quoted value is cut to what a cell can show."""
    return Problem(code, tuple((name, _shorten(str(value))) for name, value in params.items()))


def _shorten(text: str, limit: int = 60) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


@dataclass(eq=False)
class ImportRefused(Exception):
    """The file as a whole cannot be imported; nothing was written.

    ``code`` is stable and one of ``FILE_MESSAGES`` (higher layers may add their own table of messages by
    passing ``template``); ``params`` fill the message.
    """

    code: str
    params: dict[str, object] = field(default_factory=dict)
    template: str = ""
    is_refusal: ClassVar[bool] = True  # a job that ends so has not failed by a fault of the program

    def message(self) -> str:
        """What happened and what to do, in the active language."""
        template = self.template or FILE_MESSAGES.get(self.code, self.code)
        return gettext(template) % self.params

    def __str__(self) -> str:
        return self.message()


def refused(code: str, **params: object) -> ImportRefused:
    """An ``ImportRefused`` ready to raise."""
    return ImportRefused(code, params)
