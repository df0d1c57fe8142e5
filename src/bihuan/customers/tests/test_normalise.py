import pytest

from bihuan.customers.matching import normalise as n
from bihuan.customers.matching.characters import fold, readings


@pytest.mark.parametrize(
    "written",
    [
        "江苏三木化工有限公司", "江蘇三木化工股份有限公司", "三木化工（江苏）有限责任公司", "江苏省三木化工", "三木化工集团有限公司", "三木化工有很公司",
        " 江苏 三木　化工　有限公司 ", "江苏三木化工厂",
    ],
)  # fmt: skip
def test_a_companys_key_is_its_name_without_place_form_and_width(written: str) -> None:
    assert n.name_key(written) == "三木化工"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Sanmu Chemical Co., Ltd.", "sanmu chemical"), ("SANMU CHEMICAL LIMITED", "sanmu chemical"), ("Müller GmbH & Co. KG", "muller"),
        ("The Widget Company, Inc.", "widget"), ("Widget Pty Ltd", "widget"), ("ＷＩＤＧＥＴ　ＬＬＣ", "widget"),
    ],
)  # fmt: skip
def test_latin_names_lose_their_legal_form(written: str, key: str) -> None:
    assert n.name_key(written) == key


def test_the_parts_of_a_name_are_told_apart() -> None:
    parts = n.parse_company("江苏三木化工股份有限公司苏州分公司")
    assert (parts.place, parts.stem, parts.business, parts.form, parts.branch) == (
        "32",
        "三木",
        "化工",
        "company",
        "苏州",
    )


def test_a_place_that_is_the_only_trade_name_stays() -> None:
    assert n.name_key("上海化工有限公司") == "上海化工"


def test_homophones_have_one_pinyin() -> None:
    assert n.name_pinyin("江苏三木化工有限公司") == n.name_pinyin("叁沐华公") == "san mu hua gong"


@pytest.mark.parametrize(
    ("text", "initials"),
    [("江苏三木", "jssm"), ("重庆长江", "cqcj"), ("厦门3号", "xm3h"), ("ABC化工", "ahg")],
)
def test_initials_are_what_people_type(text: str, initials: str) -> None:
    assert n.pinyin_initials(text) == initials


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("+86 (0512) 6660-1234 转 801", "051266601234"), ("0512-66601234", "051266601234"), ("86-512-66601234", "051266601234"),
        ("0086 138 0000 1111", "13800001111"), ("８６１３８００００１１１１", "13800001111"), ("+49 89 123456", "+4989123456"),
        ("021-12345678 / 13800001111", "02112345678"), ("无", ""), ("", ""), ("00000000", ""),
    ],
)  # fmt: skip
def test_phones_have_one_form(written: str, key: str) -> None:
    assert n.phone_key(written) == key


def test_a_credit_code_counts_only_with_its_check_digit() -> None:
    assert n.credit_code_key(" 91110000600037341l ") == "91110000600037341L"
    assert n.credit_code_key("911100006000373412") == ""


@pytest.mark.parametrize(
    "written", ["1980-2-3", "1980年2月3日", "19800203", "1980/02/03 00:00", "03/02/1980"]
)
def test_dates_have_one_form(written: str) -> None:
    assert n.date_key(written) == "19800203"


def test_chinese_and_latin_spelling_of_a_person_are_equal() -> None:
    assert n.person_name_key("张伟") == n.person_name_key("Zhang Wei") == n.person_name_key("張偉")


def test_the_packaged_tables_agree_with_opencc_and_pypinyin() -> None:
    from opencc import OpenCC
    from pypinyin import lazy_pinyin

    text = "臺灣華鑫國際貿易機械廠鋼鐵聯合發展電氣藥業實業鵬龍鳳麗"
    assert fold(text) == OpenCC("t2s").convert(text)
    common = (
        "江苏三木化工科技贸易商新材料机械钢铁塑料制品包装日香食医药电子环保能源物流实业进出口国际纺织橡胶水泥"
    )
    assert [readings()[sign] for sign in common] == lazy_pinyin(common)


def test_names_are_compared_without_the_heavy_libraries() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from bihuan.customers.matching import normalise as n; n.name_pinyin('江蘇三木'); n.phone_key('1');"
        "print([m for m in ('duckdb','splink','numpy','pyarrow','opencc','pypinyin') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
