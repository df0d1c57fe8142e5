"""Files that were named wrongly, pasted together, or written by other programs than a spreadsheet."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from bihuan.integration.reading.errors import ImportRefused, Problem
from bihuan.integration.reading.field_words import CUSTOMERS
from bihuan.integration.reading.mapping import guess_mapping
from bihuan.integration.reading.parsers import ColumnParser, Style
from bihuan.integration.reading.sniff import sniff
from bihuan.integration.reading.table import open_table

ROWS: list[list[Any]] = [["单号", "日期", "客户名称", "数量"], ["S1", "2024-03-01", "江苏三木", 3]]
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def _xlsx(path: Path, sheet: str = "") -> Path:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(path)
    if not sheet:
        return path
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


@pytest.mark.parametrize("name", ["book.xls", "book.csv", "book", "book.XLSX", "book.xlsb"])
def test_a_workbook_is_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    assert len(open_table(_xlsx(tmp_path / name)).sample()) == 1


def test_an_old_workbook_is_read_whatever_its_name(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("一")
    for y, row in enumerate(ROWS):
        for x, cell in enumerate(row):
            sheet.write(y, x, cell)
    book.save(str(tmp_path / "old.xlsx"))
    assert len(open_table(tmp_path / "old.xlsx").sample()) == 1


@pytest.mark.parametrize("open_row", ["<row>", "<x:row>"])
def test_cells_that_do_not_say_where_they_are_are_counted(tmp_path: Path, open_row: str) -> None:
    """One wide row and many narrow ones would be held as one rectangle."""
    cell = "<x:c></x:c>" if "x:" in open_row else "<c></c>"
    close = open_row.replace("<", "</")
    wide = (
        SHEET
        + f"{open_row}{cell * 10_000}{close}"
        + f"{open_row}{cell}{close}" * 10_000
        + "</sheetData></worksheet>"
    )
    with pytest.raises(ImportRefused) as caught:
        open_table(_xlsx(tmp_path / "wide.xlsx", wide))
    assert caught.value.code == "too_many_cells"
    honest = SHEET + f"{open_row}{cell * 4}{close}" * 1000 + "</sheetData></worksheet>"
    with pytest.raises(ImportRefused) as caught:
        open_table(_xlsx(tmp_path / "empty.xlsx", honest))
    assert caught.value.code in ("empty_file", "no_rows")


@pytest.mark.parametrize("at", [0, 3, 2999])
@pytest.mark.parametrize("odd", ["发烟硫酸", "酸", "上海一木贸易有限公司"])
def test_text_pasted_together_from_two_encodings_is_refused_with_the_row(
    tmp_path: Path, odd: str, at: int
) -> None:
    """Read as GB18030 it would be rubbish, and nobody would notice before the customers are in."""
    lines = [f"S{n},江苏三木化工有限公司,浓硫酸九八\n".encode() for n in range(3000)]
    lines[at] = f"S,{odd},{odd}\n".encode("gb18030")
    path = tmp_path / "mixed.csv"
    path.write_bytes("单号,客户名称,产品名称\n".encode() + b"".join(lines))
    with pytest.raises(ImportRefused) as caught:
        sniff(path)
    assert caught.value.code == "decode_error"
    assert caught.value.params["row"] == at + 2


def test_chinese_in_gb18030_is_never_taken_for_utf_8_with_faults(tmp_path: Path) -> None:
    signs = "".join(chr(point) for point in range(0x4E00, 0x9FA5))
    text = "单号,客户名称\n" + "".join(f"{n},{signs[n * 7 : n * 7 + 7]}\n" for n in range(len(signs) // 7))
    path = tmp_path / "all.csv"
    path.write_bytes(text.encode("gb18030"))
    assert sniff(path).encoding == "gb18030"


def test_headings_and_words_in_traditional_characters_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "tw.csv"
    path.write_text(
        "單據編號,開票日期,客戶名稱,產品名稱,數量,單價,金額（萬元）\nS1,2024-03-01,三木,硫酸,1,2,3\n", "utf-8"
    )
    table = open_table(path)
    assert set(guess_mapping("orders", table).columns) == {
        "number", "ordered_at", "customer_name", "product_name", "quantity", "price", "amount",
    }  # fmt: skip
    status = next(one for one in CUSTOMERS if one.name == "status")
    assert ColumnParser(status, Style()).parse(["潛在客戶", "流失", "江蘇三木"])[:2] == ["prospect", "lost"]
    assert isinstance(ColumnParser(status, Style()).parse(["江蘇三木"])[0], Problem)
