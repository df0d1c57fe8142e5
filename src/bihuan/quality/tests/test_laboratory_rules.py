"""What laboratories write is read as they mean it, or refused."""

from __future__ import annotations

import pytest

from bihuan.quality.errors import LotError
from bihuan.quality.laboratory.rules import read_result, read_uncertainty, unit_key


@pytest.mark.parametrize(
    ("text", "unit", "read"),
    [
        ("99.50", "%", ("99.50", 99.5, False)),
        ("９９．５％", "%", ("99.5", 99.5, False)),
        ("−12.5 ℃", "°C", ("-12.5", -12.5, False)),
        ("<0.05", "mg/kg", ("<0.05", 0.05, True)),
        ("＜0.05 毫克/千克", "mg/kg", ("<0.05", 0.05, True)),
        ("小于 0.05", "mg/kg", ("<0.05", 0.05, True)),
        ("未检出（<0.05）", "mg/kg", ("<0.05", 0.05, True)),
        ("ND (<0.05 mg/kg)", "mg/kg", ("<0.05", 0.05, True)),
        ("1.2×10³", "CFU/g", ("1.2×10^3", 1200.0, False)),
        ("5e-3", "", ("5e-3", 0.005, False)),
        ("871 kg/m3", "kg/m³", ("871", 871.0, False)),
        ("无色透明", "", ("无色透明", None, False)),
        ("未检出", "mg/kg", ("未检出", None, False)),
    ],
)
def test_a_result_is_read_as_it_is_meant(text: str, unit: str, read: tuple[str, float | None, bool]):
    assert tuple(read_result(text, unit)) == read


@pytest.mark.parametrize(
    ("text", "unit", "code"),
    [
        ("", "%", "value"), ("x" * 81, "", "value"), ("1,5", "%", "value"), ("1 000", "%", "value"), ("5-6", "%", "value"),
        ("0.5±0.1", "%", "value"), ("1e999", "%", "value"), ("<0", "%", "value"), ("<少量", "%", "value"),
        ("0.5 mg/kg", "%", "unit"), ("5 g", "", "unit"), ("5 mPa", "MPa", "unit"), ("<0.05 %", "mg/kg", "unit"),
    ],
)  # fmt: skip
def test_what_is_no_result_is_refused(text: str, unit: str, code: str):
    with pytest.raises(LotError) as refused:
        read_result(text, unit)
    assert refused.value.code == code and str(refused.value)


def test_an_uncertainty_belongs_to_a_number():
    number = read_result("99.5", "%")
    assert (read_uncertainty("", number), read_uncertainty("± 0.05", number)) == (None, 0.05)
    for text, of in (("0.05", "<0.1"), ("0.05", "无色"), ("-1", "99.5"), ("x", "99.5")):
        with pytest.raises(LotError) as refused:
            read_uncertainty(text, read_result(of, ""))
        assert refused.value.code == "uncertainty"


def test_one_unit_written_in_two_ways_is_one_unit():
    assert unit_key("毫克／千克") == unit_key("mg / kg") == unit_key("mg/kg") != unit_key("Mg/kg")
    assert unit_key("立方米") == unit_key("m³") == unit_key("㎥")
