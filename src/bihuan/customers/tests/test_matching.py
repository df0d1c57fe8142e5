import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from bihuan.customers.matching.columns import UnknownColumn, guess_columns
from bihuan.customers.matching.decide import Weighed, clusters, one_to_one
from bihuan.customers.matching.link import PairResult, dedupe, link

from .made_companies import Noise, make_companies

SHARED = Path(os.environ.get("BIHUAN_SHARED_DATA") or Path(__file__).parents[5] / "shared" / "data")
FEBRL = SHARED / "febrl"
needs_febrl = pytest.mark.skipif(not FEBRL.is_dir(), reason="the Febrl data sets are not beside the project")


def _merged(rows: list[dict[str, str]], profile: str = "company") -> set[frozenset[str]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = {name: [row.get(name, "") for row in rows] for name in names}
    return {frozenset((pair.a, pair.b)) for pair in dedupe(table, profile) if pair.merge}


def _companies(*names: str, **more: list[str]) -> set[frozenset[str]]:
    rows = [
        {"id": name, "name": name, **{key: values[at] for key, values in more.items()}}
        for at, name in enumerate(names)
    ]
    return _merged(rows)


def _quality(found: list[PairResult], truth: dict[str, int], pairs: int) -> tuple[float, float]:
    merged = [pair for pair in found if pair.merge]
    true = sum(truth[pair.a] == truth[pair.b] for pair in merged)
    return true / len(merged), true / pairs


def test_one_company_written_in_two_ways_is_merged_in_a_tiny_file() -> None:
    assert _companies("江苏三木化工有限公司", "江蘇三木化工股份有限公司", "浙江绿源食品有限公司") == {
        frozenset(("江苏三木化工有限公司", "江蘇三木化工股份有限公司"))
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("江苏三木化工有限公司", "江苏三木贸易有限公司"),  # daughters of a group
        ("江苏三木化工有限公司", "浙江三木化工有限公司"),  # one trade name in two provinces
        ("江苏三木化工有限公司", "江苏三木化工有限公司苏州分公司"),  # head office and branch
        ("江苏三木化工有限公司苏州分公司", "江苏三木化工有限公司无锡分公司"),
        ("南京第一化工厂", "南京第二化工厂"),
        ("江苏三木化工有限公司", "江苏三水化工有限公司"),
        ("江苏三木化工有限公司", "宜兴三木化工有限公司"),  # a province's firm and a city's
    ],
)
def test_look_alikes_are_not_merged_even_with_a_shared_phone(one: str, other: str) -> None:
    assert _companies(one, other) == set()
    if "三水" not in other:  # one character and the same phone: a slip
        assert _companies(one, other, phone=["13800001111", "13800001111"]) == set()


def test_a_name_that_fits_two_companies_goes_to_neither() -> None:
    assert _companies("上海华信贸易有限公司", "北京华信贸易有限公司", "华信贸易") == set()


def test_a_phone_decides_between_two_companies_of_one_name() -> None:
    found = _companies(
        "上海华信贸易有限公司", "北京华信贸易有限公司", "华信贸易",
        phone=["021-66601234", "010-88801234", "+86 21 6660 1234"],
    )  # fmt: skip
    assert found == {frozenset(("上海华信贸易有限公司", "华信贸易"))}


def test_different_credit_codes_part_what_names_join() -> None:
    codes = ["91110000600037341L", "91350211M000100Y46"]
    assert _companies("江苏三木化工有限公司", "江苏三木化工股份有限公司", credit_code=codes) == set()


@pytest.mark.parametrize("seed", [1, 2])
def test_made_duplicates_are_found_without_false_merges(seed: int) -> None:
    made = make_companies(20_000, seed=seed, alike=0.0)
    precision, recall = _quality(list(dedupe(made.columns, "company")), made.truth, len(made.pairs))
    assert precision >= 0.999
    assert recall >= 0.93


def test_a_file_where_most_records_lack_their_credit_code_is_merged_with_more_care() -> None:
    made = make_companies(20_000, seed=4, alike=0.0)
    codes = [code if at % 5 < 2 else "" for at, code in enumerate(made.columns["credit_code"])]
    table = made.columns | {"credit_code": codes}
    precision, recall = _quality(list(dedupe(table, "company")), made.truth, len(made.pairs))
    assert precision >= 0.999
    assert recall >= 0.93


def test_a_short_name_with_another_character_needs_something_beside_that_agrees() -> None:
    """In a file whose other records teach that a slip is a slip."""
    noise = Noise(one_character=0.9, region_dropped=0, homophone=0, phone_changed=0.2)
    made = make_companies(4_000, seed=1, alike=0.0, noise=noise, duplicates=0.5)
    taught = {name: [*values] for name, values in made.columns.items()}
    for row in (("a", "合肥桂桥石材有限公司", "", "13800001111"), ("b", "合肥桂松石材有限公司", "", "13900002222"),
                ("c", "合肥辰格石材有限公司", "", "13700003333"), ("d", "合肥辰洛石材有限公司", "", "13700003333")):  # fmt: skip
        for name, value in zip(("id", "name", "credit_code", "phone"), row, strict=True):
            taught[name].append(value)
    merged = {(pair.a, pair.b) for pair in dedupe(taught, "company") if pair.merge}
    assert ("a", "b") not in merged
    assert ("c", "d") in merged


def test_among_look_alikes_what_fits_two_companies_is_left_to_a_person() -> None:
    made = make_companies(20_000, seed=1)
    precision, recall = _quality(list(dedupe(made.columns, "company")), made.truth, len(made.pairs))
    assert precision >= 0.999
    assert recall >= 0.92


def test_merges_are_whole() -> None:
    made = make_companies(3_000, seed=7, duplicates=0.5)
    merged = {(pair.a, pair.b) for pair in dedupe(made.columns, "company") if pair.merge}
    both = merged | {(b, a) for a, b in merged}
    partners: dict[str, set[str]] = {}
    for a, b in both:
        partners.setdefault(a, {a}).add(b)
    assert all(partners[a] == partners[b] for a, b in merged)


def test_linking_gives_each_record_at_most_one_partner() -> None:
    made = make_companies(4_000, seed=5)
    rows = [
        dict(zip(made.columns, values, strict=True)) for values in zip(*made.columns.values(), strict=True)
    ]
    sides = [{name: [row[name] for row in rows[at::2]] for name in made.columns} for at in (0, 1)]
    merged = [pair for pair in link(sides[0], sides[1], "company") if pair.merge]
    assert len(merged) > 150
    assert (
        max(Counter(pair.a for pair in merged).values())
        == max(Counter(pair.b for pair in merged).values())
        == 1
    )
    assert sum(made.truth[pair.a] == made.truth[pair.b] for pair in merged) / len(merged) >= 0.99


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_records_are_no_trouble(rows: int) -> None:
    table = {"id": list("ab")[:rows], "name": ["江苏三木化工有限公司"] * rows}
    assert len([pair for pair in dedupe(table, "company") if pair.merge]) == (1 if rows == 2 else 0)
    assert list(link(table, {"id": [], "name": []}, "company")) == []


def _person(
    name: str, surname: str, born: str, number: str, street: str = "12 pinkerton circuit"
) -> dict[str, str]:
    return {"rec_id": f"{name}-{number}", "given_name": name, "surname": surname, "date_of_birth": born, "soc_sec_id": number,
            "address_1": street, "suburb": "richlands", "postcode": "4560", "state": "vic"}  # fmt: skip


def test_twins_and_father_and_son_stay_two_persons() -> None:
    twins = [
        _person("anna", "painter", "19800101", "1234567"),
        _person("emma", "painter", "19800101", "7654321"),
    ]
    father = [
        _person("john", "painter", "19500101", "1234567"),
        _person("john", "painter", "19800612", "7654321"),
    ]
    assert _merged(twins, "person") == _merged(father, "person") == set()


def test_a_person_with_slips_is_found_in_a_tiny_file() -> None:
    same = [
        _person("courtney", "painter", "19161214", "4066625"),
        _person("courtny", "painter", "19161214", "4066652"),
    ]
    assert len(_merged(same, "person")) == 1


@needs_febrl
def test_febrl_4_is_linked_without_a_false_merge() -> None:
    merged = [pair for pair in link(FEBRL / "dataset4a.csv", FEBRL / "dataset4b.csv", "person") if pair.merge]
    assert [pair for pair in merged if pair.a.split("-")[1] != pair.b.split("-")[1]] == []
    assert len(merged) / 5000 >= 0.945


@needs_febrl
def test_febrl_3_on_which_thresholds_were_fixed_has_no_false_merge() -> None:
    with (FEBRL / "dataset3.csv").open() as file:
        sizes = Counter(row[0].split("-")[1] for row in csv.reader(file) if row and "-" in row[0])
    pairs = sum(size * (size - 1) // 2 for size in sizes.values())
    merged = [pair for pair in dedupe(FEBRL / "dataset3.csv", "person") if pair.merge]
    assert [pair for pair in merged if pair.a.split("-")[1] != pair.b.split("-")[1]] == []
    assert len(merged) / pairs >= 0.945


def test_columns_are_guessed_from_english_and_chinese_headers() -> None:
    assert guess_columns(["客户编号", "公司名称", "统一社会信用代码", "联系电话"], "company") == {
        "id": "客户编号", "name": "公司名称", "credit_code": "统一社会信用代码", "phone": "联系电话",
    }  # fmt: skip
    assert guess_columns(["x", "Firma"], "company", {"name": "Firma"}) == {"name": "Firma"}
    with pytest.raises(UnknownColumn):
        guess_columns(["x", "y"], "company")
    with pytest.raises(UnknownColumn):
        guess_columns(["name"], "company", {"name": "nome"})


def test_headers_that_nobody_listed_are_understood_by_what_they_hold() -> None:
    assert guess_columns(["客户公司名称", "办公电话（总机）", "社会统一信用代码", "详细通讯地址"], "company") == {
        "name": "客户公司名称", "phone": "办公电话（总机）", "credit_code": "社会统一信用代码", "address": "详细通讯地址",
    }  # fmt: skip
    assert guess_columns(["Buyer Name", "Main Tel.", "Tax No"], "company") == {
        "name": "Buyer Name", "phone": "Main Tel.", "credit_code": "Tax No",
    }  # fmt: skip
    assert guess_columns(["Patient First", "Patient Last", "Date Of Birth (d/m/y)", "Home City"], "person") == {
        "given_name": "Patient First", "surname": "Patient Last", "birth_date": "Date Of Birth (d/m/y)", "suburb": "Home City",
    }  # fmt: skip


@pytest.mark.parametrize("header", ["Customer No.", "Buyer ref", "档案号", "A"])
def test_records_keep_the_numbers_of_their_file_whatever_the_column_is_called(header: str) -> None:
    table = {header: ["x-7", "x-9", "x-11"], "名称": ["江苏三木化工有限公司", "江蘇三木化工", "绿源食品"]}
    assert [(pair.a, pair.b) for pair in dedupe(table, "company") if pair.merge] == [("x-7", "x-9")]


def test_a_column_that_numbers_nothing_is_no_number() -> None:
    table = {"等级号": ["A", "A"], "名称": ["江苏三木化工有限公司", "江蘇三木化工"]}
    assert [(pair.a, pair.b) for pair in dedupe(table, "company") if pair.merge] == [("1", "2")]


def test_a_cluster_never_joins_what_a_veto_parts() -> None:
    pairs = [
        Weighed(0, 1, 1.0, 29.0, True, False),
        Weighed(1, 2, 1.0, 19.0, True, False),
        Weighed(0, 2, 0.1, -3.0, False, True),
    ]
    assert clusters(pairs) == {0: [0, 1]}


def test_a_close_second_leaves_a_link_undecided() -> None:
    pairs = [Weighed(0, 10, 1.0, 20.0, True, False), Weighed(0, 11, 1.0, 19.0, True, False)]
    assert not any(pair.merge for pair in one_to_one(pairs))


def test_files_in_gb18030_and_utf8_with_a_mark_are_read(tmp_path: Path) -> None:
    text = "编号,名称\n1,江苏三木化工有限公司\n2,江蘇三木化工\n"
    for name, encoding in (("a.csv", "gb18030"), ("b.csv", "utf-8-sig")):
        (tmp_path / name).write_text(text, encoding=encoding)
        assert [(pair.a, pair.b) for pair in dedupe(tmp_path / name, "company") if pair.merge] == [("1", "2")]
