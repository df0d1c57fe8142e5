"""Cells as people write them."""

import datetime as dt

import pytest

from bihuan.integration.reading.columns import ColumnEvidence, decide_styles
from bihuan.integration.reading.dates import DateStyle, parse_moment
from bihuan.integration.reading.errors import Problem
from bihuan.integration.reading.fields import field_of
from bihuan.integration.reading.numbers import parse_number
from bihuan.integration.reading.parsers import ColumnParser, Style, parse_flag, shown_number
from bihuan.integration.reading.text import clean, is_blank, key


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("2.55", "2.55"),
        ("-11062.06", "-11062.06"),
        ("-0.5", "-0.5"),
        ("+3", "3"),
        ("1,234,567.89", "1234567.89"),
        ("１２３．５", "123.5"),
        ("１，２３４．５", "1234.5"),
        ("（1,200.00）", "-1200"),
        ("(3.5)", "-3.5"),
        ("120-", "-120"),
        ("￥1,234.50", "1234.5"),
        ("¥ 99", "99"),
        ("-$5.00", "-5"),
        ("$-5.00", "-5"),
        ("1.2万", "12000"),
        ("3 万元", "30000"),
        ("0.5亿", "50000000"),
        ("12.5%", "0.125"),
        ("１２％", "0.12"),
        ("1 234 567.5", "1234567.5"),
        ("1\u00a0234.5", "1234.5"),
        ("1E+05", "100000"),
        ("2.5e-3", "0.0025"),
        ("100元", "100"),
        ("CNY 100", "100"),
        ("−7", "-7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1,2345", "12345"),
        (0.1 + 0.2, "0.3"),
        (6.0, "6"),
        (7, "7"),
        ("1.23456789", "1.234568"),
    ],
)
def test_a_number_is_read_exactly(raw: object, shown: str) -> None:
    value = parse_number(raw)
    assert isinstance(value, int)
    assert shown_number(value) == shown


@pytest.mark.parametrize(
    "raw", ["", " ", "\u00a0", "&nbsp;", "-", "—", "N/A", "NULL", "null", "空", "无", "#N/A", "　"]
)
def test_a_blank_in_disguise_is_a_blank(raw: str) -> None:
    assert parse_number(raw) is None
    assert parse_moment(raw, DateStyle()) is None
    assert is_blank(clean(raw))


@pytest.mark.parametrize(
    "raw",
    ["abc", "12abc", "1,25", "1.2.3", "#REF!", "--5", "1e999999999", "99999999999999", "inf", True, "5 kg 3"],
)
def test_what_is_not_a_number_says_so(raw: object) -> None:
    assert isinstance(parse_number(raw), Problem)


@pytest.mark.parametrize(
    ("raw", "shown"), [("1.234,56", "1234.56"), ("12,5", "12.5"), ("1.234", "1234"), ("-0,5", "-0.5")]
)
def test_a_decimal_comma_is_read_where_the_column_has_it(raw: str, shown: str) -> None:
    value = parse_number(raw, comma=True)
    assert isinstance(value, int)
    assert shown_number(value) == shown


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2011-08-31", dt.datetime(2011, 8, 31)),
        ("2011/8/31 8:26", dt.datetime(2011, 8, 31, 8, 26)),
        ("20110831", dt.datetime(2011, 8, 31)),
        ("20110831082600", dt.datetime(2011, 8, 31, 8, 26)),
        ("2011.8.31", dt.datetime(2011, 8, 31)),
        ("2011年8月31日", dt.datetime(2011, 8, 31)),
        ("2011年08月31日 下午3:05", dt.datetime(2011, 8, 31, 15, 5)),
        ("２０１１－０８－３１", dt.datetime(2011, 8, 31)),
        ("2011-08-31T08:26:00Z", dt.datetime(2011, 8, 31, 8, 26, tzinfo=dt.UTC)),
        ("2011-08-31 08:26:00.123", dt.datetime(2011, 8, 31, 8, 26, 0, 123000)),
        ("31 Aug 2011", dt.datetime(2011, 8, 31)),
        ("Aug 31, 2011", dt.datetime(2011, 8, 31)),
        ("31-Aug-11", dt.datetime(2011, 8, 31)),
        ("40786", dt.datetime(2011, 8, 31)),
        ("40786.5", dt.datetime(2011, 8, 31, 12)),
        (40786.0, dt.datetime(2011, 8, 31)),
        (20110831.0, dt.datetime(2011, 8, 31)),
        (dt.date(2011, 8, 31), dt.datetime(2011, 8, 31)),
        (dt.datetime(2011, 8, 31, 8, 25, 59, 999997), dt.datetime(2011, 8, 31, 8, 26)),
        ("2011-08-31 星期三", dt.datetime(2011, 8, 31)),
        ("11年8月31日", dt.datetime(2011, 8, 31)),
    ],
)
def test_a_date_is_read(raw: object, expected: dt.datetime) -> None:
    assert parse_moment(raw, DateStyle()) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "2011-02-30",
        "31/31/2011",
        "yesterday",
        "2011年13月1日",
        "9999-12-31",
        "0",
        "1.5",
        True,
        dt.time(3),
        "2011-08",
    ],
)
def test_what_is_not_a_date_says_so(raw: object) -> None:
    value = parse_moment(raw, DateStyle())
    assert (
        isinstance(value, Problem)
        or (raw == "0" and value is None)
        or (raw == "1.5" and isinstance(value, Problem))
    )


def test_serials_count_from_1904_where_the_workbook_does() -> None:
    assert parse_moment("39324", DateStyle(from_1904=True)) == dt.datetime(2011, 8, 31)


def _decide(name: str, cells: list[object], kind: str = "orders") -> Style:
    field = field_of(kind, name)
    assert field is not None
    evidence = {name: ColumnEvidence(field)}
    evidence[name].add(cells)
    return decide_styles(evidence, {name: name})[name]


def test_the_whole_column_decides_the_order_of_day_and_month() -> None:
    assert _decide("ordered_at", ["12/1/2010", "1/2/2010", "13/1/2010"]).dates.order == "dmy"
    assert _decide("ordered_at", ["12/1/2010", "12/31/2010"]).dates.order == "mdy"
    assert _decide("ordered_at", ["24-03-05", "24-12-31"]).dates.order == "ymd"
    # Nothing proves it, but only as month/day do the days follow one another.
    assert (
        _decide("ordered_at", ["12/1/2010 8:26", "12/2/2010 9:01", "12/3/2010", "12/6/2010"]).dates.order
        == "mdy"
    )
    assert _decide("ordered_at", ["1.12.2010", "2.12.2010", "3.12.2010"]).dates.order == "dmy"


def test_a_cell_against_the_columns_order_is_refused_not_guessed() -> None:
    value = parse_moment("12/31/2010", DateStyle("dmy"))
    assert isinstance(value, Problem)
    assert value.code == "ambiguous_date"


def test_the_whole_column_decides_the_decimal_sign() -> None:
    assert _decide("price", ["1.234", "2,5", "3,75"]).comma
    assert not _decide("price", ["1,234", "2.5"]).comma
    assert not _decide("price", ["1,234", "1,500"]).comma


def test_an_undecided_column_follows_its_file() -> None:
    price, quantity = field_of("orders", "price"), field_of("orders", "quantity")
    assert price
    assert quantity
    evidence = {"price": ColumnEvidence(price), "quantity": ColumnEvidence(quantity)}
    evidence["price"].add(["2,55"])
    evidence["quantity"].add(["1.000"])
    styles = decide_styles(evidence, {})
    assert ColumnParser(quantity, styles["quantity"]).parse(["1.000"]) == [1000_000_000]


def test_codes_that_went_through_a_float_get_their_form_back() -> None:
    field = field_of("orders", "customer_id")
    assert field
    style = _decide("customer_id", ["17850.0", "13047.0", ""])
    assert ColumnParser(field, style).parse(["17850.0", "", 17850.0]) == ["17850", None, "17850"]
    # One code that honestly ends so keeps all as they are.
    style = _decide("customer_id", ["17850.0", "A.0"])
    assert ColumnParser(field, style).parse(["17850.0"]) == ["17850.0"]


def test_a_code_whose_digits_are_lost_is_refused() -> None:
    field = field_of("customers", "credit_code")
    assert field
    parsed = ColumnParser(field, Style()).parse(["9.13201E+17", 9.13201e17, "='x", '="00123"', "'00456"])
    assert [isinstance(one, Problem) for one in parsed[:2]] == [True, True]
    assert parsed[3:] == ["00123", "00456"]


def test_words_are_kept_apart_by_their_exact_text() -> None:
    """A slug of Chinese is empty; two different words must never become one."""
    field = field_of("customers", "status")
    assert field
    parser = ColumnParser(field, Style(), {"重点客户": "active", "江苏三木": "lost", "ＶＩＰ": "prospect"})
    assert parser.parse(["江苏三木", "重点客户", " vip ", "重点客户 "]) == [
        "lost",
        "active",
        "prospect",
        "active",
    ]
    assert key("江苏三木") != key("重点客户")
    (other,) = parser.parse(["江苏四木"])
    assert isinstance(other, Problem)
    assert other.code == "unknown_choice"


def test_headings_in_ten_thousands_multiply() -> None:
    field = field_of("orders", "amount")
    assert field
    evidence = {"amount": ColumnEvidence(field)}
    evidence["amount"].add(["1.5"])
    style = decide_styles(evidence, {"amount": "金额（万元）"})["amount"]
    assert ColumnParser(field, style).parse(["1.5"]) == [15_000_000_000]


def test_ticks_are_read() -> None:
    assert [parse_flag(raw) for raw in ["是", "Y", "true", True, "1", 1.0, "√"]] == [True] * 7
    assert [parse_flag(raw) for raw in ["否", "N", "FALSE", False, "0", 0.0]] == [False] * 6
    assert parse_flag("") is None
    assert isinstance(parse_flag("perhaps"), Problem)


def test_a_truth_value_is_not_taken_for_the_number_one() -> None:
    field = field_of("orders", "quantity")
    assert field
    one, true = ColumnParser(field, Style()).parse([1, True])
    assert one == 1_000_000
    assert isinstance(true, Problem)
