"""Files as people send them, and as nobody should."""

import gzip
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt

from bihuan.integration.reading.errors import FILE_MESSAGES, ImportRefused
from bihuan.integration.reading.limits import Limits
from bihuan.integration.reading.mapping import guess_mapping, read_mapping, signature
from bihuan.integration.reading.sniff import sniff
from bihuan.integration.reading.table import Table, open_table

CHINESE = '客户名称,金额,备注\n江苏三木化工有限公司,"1,200.50",老客户\n上海一木,3,无\n'


def _write(folder: Path, data: bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def _rows(table: Table) -> list[tuple[object, ...]]:
    return [row for batch in table.batches() for row in zip(*batch.columns, strict=True)]


def _book(
    folder: Path, rows: list[list[object]], *, merge: list[str] | None = None, name: str = "book.xlsx"
) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for area in merge or []:
        sheet.merge_cells(area)
    path = folder / name
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_text_in_any_encoding_is_read(tmp_path: Path, encoding: str, expected: str) -> None:
    path = _write(tmp_path, CHINESE.encode(encoding))
    table = open_table(path)
    assert table.source.encoding == expected
    assert [one.text for one in table.headers] == ["客户名称", "金额", "备注"]
    assert _rows(table)[0] == ("江苏三木化工有限公司", "1,200.50", "老客户")


def test_traditional_text_in_big5_is_told_from_gb18030(tmp_path: Path) -> None:
    text = "客戶名稱,金額,備註\n" + "臺灣化學纖維股份有限公司,100,長期合作的客戶\n聯華電子,200,訂單較多\n" * 5
    assert open_table(_write(tmp_path, text.encode("big5"))).source.encoding == "big5"
    assert open_table(_write(tmp_path, text.encode("gb18030"))).source.encoding == "gb18030"


def test_western_accents_are_not_taken_for_chinese(tmp_path: Path) -> None:
    path = _write(tmp_path, "Customer,Price £\nCafé Zoë,£5\nSão João,£7\n".encode("cp1252"))
    table = open_table(path)
    assert table.source.encoding == "cp1252"
    assert _rows(table)[0] == ("Café Zoë", "£5")


def test_the_first_chinese_character_may_come_late(tmp_path: Path) -> None:
    body = b"customer,amount\n" + b"Plain Company,1\n" * 200_000 + "江苏三木,2\n".encode("gb18030")
    assert sniff(_write(tmp_path, body)).encoding == "gb18030"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, delimiter: str) -> None:
    text = (
        delimiter.join(["客户名称", "金额", "日期"])
        + "\n"
        + delimiter.join(["甲,乙;丙", "1.5", "2024-01-01"])
        + "\n"
    )
    if delimiter in ",;":
        text = text.replace("甲,乙;丙", '"甲,乙;丙"')
    table = open_table(_write(tmp_path, text.encode()))
    assert table.source.delimiter == delimiter
    assert table.width == 3


def test_excels_own_separator_line_is_honoured(tmp_path: Path) -> None:
    table = open_table(_write(tmp_path, b"sep=;\r\nname;amount\r\nA;1,5\r\n"))
    assert [one.text for one in table.headers] == ["name", "amount"]
    assert _rows(table) == [("A", "1,5")]


def test_compressed_text_is_read_whatever_its_name(tmp_path: Path) -> None:
    table = open_table(_write(tmp_path, gzip.compress(CHINESE.encode("gb18030")), "export.csv"))
    assert len(_rows(table)) == 2


def test_line_breaks_and_quotes_within_cells_are_kept(tmp_path: Path) -> None:
    table = open_table(_write(tmp_path, b'name,note\r\n"A ""x"" Ltd","first\nsecond, third"\r\nB,\r\n'))
    assert _rows(table) == [('A "x" Ltd', "first\nsecond, third"), ("B", "")]


def test_blank_rows_are_left_out_and_row_numbers_stay(tmp_path: Path) -> None:
    table = open_table(_write(tmp_path, b"name,amount\nA,1\n\n,,\nB,2\n"))
    (batch,) = table.batches()
    assert list(batch.numbers) == [2, 5]
    assert [list(column) for column in batch.columns] == [["A", "B"], ["1", "2"]]


def test_titles_above_the_header_are_skipped(tmp_path: Path) -> None:
    path = _write(
        tmp_path, "2024年销售明细表,,\n制表人：甲,,\n,,\n订单号,客户名称,金额\nA1,甲公司,5\n".encode()
    )
    table = open_table(path)
    assert table.header_rows == (4, 4)
    assert [one.text for one in table.headers] == ["订单号", "客户名称", "金额"]


def test_a_merged_header_of_two_rows_is_joined(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["单号", "客户信息", None, "产品信息", None],
        [None, "名称", "编号", "名称", "数量"],
        ["A1", "甲公司", "K1", "硫酸", 3],
    ]
    table = open_table(_book(tmp_path, rows, merge=["A1:A2", "B1:C1", "D1:E1"]))
    assert [one.text for one in table.headers] == ["单号", "客户信息 名称", "编号", "产品信息 名称", "数量"]
    mapping = guess_mapping("orders", table)
    assert mapping.columns["number"] == 0
    assert mapping.columns["customer_name"] == 1
    assert mapping.columns["customer_id"] == 2
    assert mapping.columns["product_name"] == 3
    assert _rows(table) == [("A1", "甲公司", "K1", "硫酸", 3.0)]


def test_a_merged_header_exported_to_text_is_joined(tmp_path: Path) -> None:
    text = "单号,客户,,数量\n,名称,编号,\nA1,甲公司,K1,3\n"
    table = open_table(_write(tmp_path, text.encode()))
    assert [one.text for one in table.headers] == ["单号", "名称", "编号", "数量"]
    assert table.headers[2].parent == "客户"
    assert len(_rows(table)) == 1


def test_cells_merged_over_several_rows_count_for_each(tmp_path: Path) -> None:
    rows: list[list[object]] = [["单号", "客户", "数量"], ["A1", "甲", 1], [None, None, 2], ["A2", "乙", 3]]
    table = open_table(_book(tmp_path, rows, merge=["A2:A3", "B2:B3"]))
    assert _rows(table) == [("A1", "甲", 1.0), ("A1", "甲", 2.0), ("A2", "乙", 3.0)]


def test_repeated_headings_are_numbered(tmp_path: Path) -> None:
    table = open_table(_write(tmp_path, b"name,phone,phone\nA,1,2\n"))
    assert [one.text for one in table.headers] == ["name", "phone", "phone (2)"]


def test_a_row_with_too_many_cells_is_pointed_out(tmp_path: Path) -> None:
    table = open_table(_write(tmp_path, b"name,amount\nA,1,\nB, Ltd,2\n"))
    (batch,) = table.batches()
    assert batch.overfull == {1}


def test_the_sheet_with_the_table_is_chosen(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "说明"
    cover.append(["请按模板填写"])
    cover.append(["谢谢"])
    data = book.create_sheet("数据")
    data.append(["客户名称", "电话"])
    data.append(["甲", 13800000000])
    book.save(tmp_path / "two.xlsx")
    table = open_table(tmp_path / "two.xlsx")
    assert table.sheet is not None
    assert table.sheet.name == "数据"
    with pytest.raises(ImportRefused) as caught:
        open_table(tmp_path / "two.xlsx", sheet="没有")
    assert caught.value.code == "no_sheet"


def test_an_old_workbook_is_read(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("一")
    content: list[list[object]] = [["客户名称", "金额"], ["江苏三木", 12.5]]
    for row, cells in enumerate(content):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.save(str(tmp_path / "old.xls"))
    table = open_table(tmp_path / "old.xls")
    assert table.source.kind == "xls"
    assert _rows(table) == [("江苏三木", 12.5)]


def test_formulas_count_by_their_stored_value(tmp_path: Path) -> None:
    path = _book(tmp_path, [["name", "amount"], ["A", "=1+1"]])
    assert _rows(open_table(path)) in ([("A", "")], [("A", 0.0)], [("A", "=1+1")])


def test_guesses_survive_a_shuffle_of_columns(tmp_path: Path) -> None:
    text = "备注,含税单价（元）,销售数量(吨),客户,物料编码,开票日期,发票号码\n无,12.5,3,江苏三木,M1,2024/3/1,F1\n"
    table = open_table(_write(tmp_path, text.encode("gb18030")))
    mapping = guess_mapping("orders", table)
    assert {name: table.headers[index].text for name, index in mapping.columns.items()} == {
        "note": "备注",
        "price": "含税单价（元）",
        "quantity": "销售数量(吨)",
        "customer_name": "客户",
        "product_code": "物料编码",
        "ordered_at": "开票日期",
        "number": "发票号码",
    }
    assert mapping.missing() == []


def test_a_mapping_may_be_written_in_either_direction(tmp_path: Path) -> None:
    table = open_table(_write(tmp_path, b"x,y,z\nA,1,2024-01-01\n"))
    one = read_mapping({"columns": {"name": "x", "note": "B"}}, "customers", table.headers)
    other = read_mapping({"x": "name", "y": "note"}, "customers", table.headers)
    assert one.columns == other.columns == {"name": 0, "note": 1}
    wrong: list[tuple[dict[str, object], str]] = [
        ({"columns": {"nonsense": "x"}}, "mapping_unknown_field"),
        ({"columns": {"name": "q"}}, "mapping_unknown_column"),
        ({"columns": 3}, "mapping_unreadable"),
    ]
    for said, code in wrong:
        with pytest.raises(ImportRefused) as caught:
            read_mapping(said, "customers", table.headers)
        assert caught.value.code == code


def test_a_source_is_recognised_by_its_headings(tmp_path: Path) -> None:
    first = open_table(_write(tmp_path, b"name,amount\nA,1\n", "a.csv"))
    again = open_table(_write(tmp_path, b"Name,AMOUNT\nB,2\n", "b.csv"))
    other = open_table(_write(tmp_path, b"amount,name\n1,A\n", "c.csv"))
    assert signature("orders", first.headers) == signature("orders", again.headers)
    assert signature("orders", first.headers) != signature("orders", other.headers)
    assert signature("orders", first.headers) != signature("customers", first.headers)


# --- what is refused -----------------------------------------------------------------------------------------------------


def _zip(members: dict[str, bytes], *, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _xlsx_parts(sheet: bytes) -> dict[str, bytes]:
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml."
    return {
        "[Content_Types].xml": b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        b'<Override PartName="/xl/workbook.xml" ContentType="' + kind + b'sheet.main+xml"/>'
        b'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="' + kind + b'worksheet+xml"/></Types>',
        "_rels/.rels": b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + sheet
        + b"</sheetData></worksheet>",
    }


REFUSALS: list[tuple[str, bytes, str]] = [
    ("empty", b"", "empty_file"),
    ("only blanks", b"  \r\n\r\n", "empty_file"),
    ("only separators", b",,,\n,,,\n", "empty_file"),
    ("only a mark", b"\xef\xbb\xbf", "empty_file"),
    ("header only", "客户名称,金额\n".encode(), "no_rows"),
    ("PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "wrong_type"),
    ("PNG", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "wrong_type"),
    ("JSON", b'{"name": "A", "amount": 1}', "wrong_type"),
    ("web page", b"<html><table><tr><td>name</td></tr></table></html>", "web_page"),
    ("random bytes", bytes(range(256)) * 64, "binary"),
    ("plain zip", _zip({"a.txt": b"hello"}), "wrong_type"),
    ("Word", _zip({"[Content_Types].xml": b"", "word/document.xml": b""}), "wrong_type"),
    ("cut zip", _zip(_xlsx_parts(b"<row r='1'/>"))[:300], "damaged_workbook"),
    ("cut gzip", gzip.compress(CHINESE.encode() * 5000)[:-200], "damaged_gzip"),
    ("open quote", b'name,amount\nA,1\n"B,2\nC,3\n', "open_quote"),
    ("zip bomb", _zip(_xlsx_parts(b" " * 60_000_000)), "zip_bomb"),
    (
        "far cell",
        _zip(
            _xlsx_parts(
                b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
            )
        ),
        "too_many_cells",
    ),
]


@pytest.mark.parametrize(("name", "data", "code"), REFUSALS, ids=[one[0] for one in REFUSALS])
def test_what_cannot_be_read_is_refused_with_a_reason(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    path = _write(tmp_path, data)
    with pytest.raises(ImportRefused) as caught:
        for _ in open_table(path).batches():
            pass
    assert caught.value.code == code
    message = caught.value.message()
    assert code in FILE_MESSAGES
    assert "%(" not in message
    assert len(message) > 5


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as caught:
        open_table(tmp_path / "absent.csv")
    assert caught.value.code == "not_found"


def test_a_workbook_cut_anywhere_is_refused_and_never_half_read(tmp_path: Path) -> None:
    whole = _book(tmp_path, [["name", "amount"], *[[f"C{n}", n] for n in range(500)]]).read_bytes()
    for part in (0.1, 0.5, 0.9, 0.999):
        with pytest.raises(ImportRefused) as caught:
            open_table(_write(tmp_path, whole[: int(len(whole) * part)], "cut.xlsx"))
        assert caught.value.code in ("damaged_workbook", "wrong_type")


def test_an_archive_that_lies_about_its_sizes_is_measured(tmp_path: Path) -> None:
    data = bytearray(_zip(_xlsx_parts(b" " * 60_000_000)))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        real = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = bytes(data).replace(real.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with pytest.raises(ImportRefused) as caught:
        open_table(_write(tmp_path, lie, "lie.xlsx"))
    assert caught.value.code in ("zip_bomb", "damaged_workbook")


@pytest.mark.parametrize("bomb", ["columns", "field", "quoted_columns", "gzip_field"])
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_a_bomb_is_refused_in_bounded_memory(tmp_path: Path, bomb: str) -> None:
    """Ten million columns, a field of a gigabyte: refused, the whole process staying under 150 MB."""
    path = tmp_path / "bomb.csv"
    with gzip.open(path, "wb", compresslevel=1) if bomb == "gzip_field" else path.open("wb") as file:
        file.write(b"name,amount\n")
        if bomb == "columns":
            for _ in range(100):
                file.write(b"1," * 100_000)
        elif bomb == "quoted_columns":
            for _ in range(100):
                file.write(b'"\n",' * 100_000)
        else:
            for _ in range(1000):
                file.write(b"x" * 1_000_000)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from bihuan.integration.reading.table import open_table\n"
        "from bihuan.integration.reading.errors import ImportRefused\n"
        "try:\n"
        "    table = open_table(Path(sys.argv[1]))\n"
        "    for batch in table.batches(): pass\n"
        "except ImportRefused as error:\n"
        "    status = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "    print(error.code, int(status) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, env=os.environ, timeout=120
    )
    code, peak = done.stdout.split()
    assert code in ("line_too_long", "open_quote", "field_too_large", "too_many_columns"), done.stderr
    assert int(peak) < 150


def test_limits_are_limits(tmp_path: Path) -> None:
    path = _write(tmp_path, b"name,amount\n" + b"A,1\n" * 50)
    with pytest.raises(ImportRefused) as caught:
        list(open_table(path, limits=Limits(rows=20, header_rows=5)).batches())
    assert caught.value.code == "too_many_rows"
