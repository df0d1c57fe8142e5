"""Files and tables into the columns that are compared."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from . import normalise as n
from .columns import guess_columns, guess_identity

type Table = Mapping[str, Sequence[str | None]]


class NotATable(ValueError):
    """A file that is no CSV of people's or companies' records; the text says what it is."""


def read_table(path: Path) -> dict[str, list[str]]:
    """A CSV file as columns of stripped text: UTF-8 with or without a mark, UTF-16 with one, else GB18030; comma,
    semicolon, tab or bar. Of two columns with one header the first counts.

    Raises OSError where it cannot be read, and NotATable.
    """
    with path.open("rb") as stream:
        start = stream.read(4096)
        if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise NotATable(f"{path}: a workbook; save it as CSV · 这是工作簿，请另存为 CSV")
        wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
        if b"\0" in start and not wide:
            raise NotATable(f"{path}: not text · 不是文本文件")
        raw = start + stream.read()
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        headers = [header.strip() for header in next(rows, [])]
        width = len(headers)
        body = [(row + [""] * (width - len(row)))[:width] for row in rows if row]
    except csv.Error as error:
        raise NotATable(f"{path}: {error} · 不是可读的 CSV") from error
    columns = zip(*body, strict=True) if body else [[] for _ in headers]
    table: dict[str, list[str]] = {}
    for header, column in zip(headers, columns, strict=True):
        table.setdefault(header, [cell.strip() for cell in column])
    return table


def _column(table: Table, columns: Mapping[str, str], role: str, size: int) -> list[str]:
    if role not in columns:
        return [""] * size
    return [value or "" for value in table[columns[role]]]


def size_of(table: Table) -> int:
    return len(next(iter(table.values()), ()))


def identities(table: Table, columns: Mapping[str, str]) -> list[str]:
    """What a record is called in the answer: its id column, else its line (1 is the first record)."""
    size = size_of(table)
    header = columns.get("id") or guess_identity(table, columns.values())
    if header is not None:
        return [str(value) for value in table[header]]
    return [str(line) for line in range(1, size + 1)]


def _plain(value: str) -> str:
    text = n.fold(value).strip()
    return (
        " ".join(text.replace(".", " ").replace(",", " ").split())
        if text not in ("nan", "null", "none")
        else ""
    )


def _split_full_name(name: str) -> tuple[str, str]:
    """Given name and surname: 张伟 is (wei, zhang), "John A. Smith" is (john a, smith), "Smith, John" is (john, smith)."""
    text = name.strip()
    if any("\u3400" <= sign <= "\u9fff" for sign in text):
        cut = (
            2
            if text[:2] in ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒")
            else 1
        )
        return n.person_name_key(text[cut:]), n.person_name_key(text[:cut])
    if "," in text:
        surname, given = text.split(",", 1)
        return n.person_name_key(given), n.person_name_key(surname)
    given, _, surname = text.rpartition(" ")
    return n.person_name_key(given), n.person_name_key(surname)


def person_records(
    table: Table, mapping: Mapping[str, str] | None, first_id: int
) -> tuple[pa.Table, list[str]]:
    """The compared columns of persons (missing values are null) and the records' ids."""
    columns = guess_columns(table, "person", mapping)
    size = size_of(table)
    made: dict[str, list[str]] = {}
    for role in ("given_name", "surname"):
        made[role] = [n.person_name_key(value) for value in _column(table, columns, role, size)]
    if "full_name" in columns and not {"given_name", "surname"} & set(columns):
        split = [_split_full_name(value) for value in _column(table, columns, "full_name", size)]
        made["given_name"], made["surname"] = [g for g, _ in split], [s for _, s in split]
    made["birth_date"] = [n.date_key(value) for value in _column(table, columns, "birth_date", size)]
    for role in ("national_id", "street_number", "postcode"):
        made[role] = [n.digits_key(value) for value in _column(table, columns, role, size)]
    for role in ("street", "street_2", "suburb", "state"):
        values = _column(table, columns, role, size)
        made[role] = [_plain(value) if value.isascii() else n.person_name_key(value) for value in values]
    made["phone"] = [n.phone_key(value) for value in _column(table, columns, "phone", size)]
    made["email"] = [n.email_key(value) for value in _column(table, columns, "email", size)]
    arrays = {"unique_id": pa.array(range(first_id, first_id + size), pa.int64())}
    arrays |= {
        name: pa.array([value or None for value in values], pa.string()) for name, values in made.items()
    }
    return pa.table(arrays), identities(table, columns)
