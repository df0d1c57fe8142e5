"""Documents are made and read back: what went in stands on the paper, whatever it was."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

import bihuan
from bihuan.kernel.documents import DocumentError, FontMissing, render_pdf

PACKAGE = Path(bihuan.__file__).parent


def specimen(**other):
    return {
        "title": "质量异议处理协议书",
        "number": "YY-2026-0001",
        "company": "某某钢铁有限公司",
        "lang": "zh",
        "note": "第 1 版",
        "facts": [("合同号", "HT-2026-118"), ("炉号", "H2611-07"), ("备注", None)],
        "heading": "处理意见",
        "text": "热轧卷板表面结疤",
        "header": ["项目", "日期", "金额"],
        "rows": [["折让", date(2026, 11, 5), Decimal("1234567.50")]],
        "parties": [("甲公司", "供方"), ("乙公司", "需方")],
    } | other


def pages(pdf: bytes) -> list[str]:
    # Letters of Chinese come back as they stand; spaces between them depend on the line's setting.
    return [page.extract_text().replace(" ", "") for page in PdfReader(io.BytesIO(pdf)).pages]


def test_what_went_in_can_be_read_back():
    (text,) = pages(render_pdf("kernel/specimen", specimen()))
    for wanted in ("质量异议处理协议书", "YY-2026-0001", "某某钢铁有限公司", "H2611-07", "热轧卷板表面结疤"):
        assert wanted in text
    assert "2026年11月5日" in text
    assert "1,234,567.50" in text
    assert "第1页，共1页" in text
    assert "供方" in text and "签字盖章" in text
    assert "备注\n—" in text or "备注—" in text


def test_english_is_set_in_english():
    (text,) = pages(render_pdf("kernel/specimen", specimen(lang="en", title="Agreement")))
    assert "2026-11-05" in text and "Page1of1" in text


def test_a_long_table_breaks_over_pages_and_repeats_its_head():
    rows = [[f"项目{one}", date(2026, 1, 1), Decimal(one)] for one in range(200)]
    found = pages(render_pdf("kernel/specimen", specimen(rows=rows)))
    assert len(found) > 3
    assert all("金额" in text for text in found[:-1])
    assert f"第2页，共{len(found)}页" in found[1]
    assert all(f"项目{one}" in "".join(found) for one in range(200))


@pytest.mark.parametrize(
    "wrote", ['#read("/config/settings.py")', "*粗* _斜_ = 标题", "\\ $ 1 $ ` <a> @b", '"]}, "lang": "en']
)
def test_what_people_write_is_never_read_as_markup(wrote):
    (text,) = pages(render_pdf("kernel/specimen", specimen(text=wrote, title=wrote, facts=[("名", wrote)])))
    assert text.count(wrote.replace(" ", "")) == 3
    assert "共1页" in text


def test_the_same_data_give_the_same_bytes():
    at = datetime(2026, 11, 25, tzinfo=UTC)
    first, again = (render_pdf("kernel/specimen", specimen(), at=at) for _ in range(2))
    assert first == again
    assert first != render_pdf("kernel/specimen", specimen(text="另"), at=at)
    about = PdfReader(io.BytesIO(first)).metadata
    assert about is not None and about.creation_date is not None
    assert about.creation_date.date() == date(2026, 11, 25)


def test_no_machine_font_is_used():
    fonts = set()
    for page in PdfReader(io.BytesIO(render_pdf("kernel/specimen", specimen()))).pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            fonts.add(str(font.get_object()["/BaseFont"]).partition("+")[2])
    assert fonts and all(name.startswith("NotoSansSC") for name in fonts)


def test_a_missing_font_is_named(settings, tmp_path):
    (tmp_path / "NotoSansSC-Regular.ttf").write_bytes(b"")
    settings.DOCUMENT_FONTS = tmp_path
    with pytest.raises(FontMissing, match=r"NotoSansSC-Bold\.ttf"):
        render_pdf("kernel/specimen", specimen())


def test_a_damaged_font_is_told_instead_of_a_document_of_empty_boxes(settings, tmp_path):
    for name in ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"):
        (tmp_path / name).write_bytes(b"not a font")
    settings.DOCUMENT_FONTS = tmp_path
    with pytest.raises(DocumentError, match="font"):
        render_pdf("kernel/specimen", specimen())


@pytest.mark.parametrize(
    "name", ["kernel/none", "specimen", "../specimen", "kernel/../documents/specimen", "kernel/base/x"]
)
def test_only_templates_of_rooms_are_made(name):
    with pytest.raises(DocumentError, match="no such document template"):
        render_pdf(name, specimen())


def test_what_a_template_lacks_is_told_with_its_name():
    with pytest.raises(DocumentError, match=r"kernel/specimen.*company"):
        wanted = specimen()
        del wanted["company"]
        render_pdf("kernel/specimen", wanted)


def test_a_float_is_refused():
    with pytest.raises(TypeError, match="float"):
        render_pdf("kernel/specimen", specimen(text=0.1))


def test_templates_fetch_nothing():
    templates = [*PACKAGE.glob("*/documents/*.typ")]
    assert templates
    assert [path.name for path in templates if "@" in path.read_text(encoding="utf-8")] == []


def test_making_a_document_weighs_nothing_on_the_process_that_asks():
    """Peak memory of a process of its own, before and after: kB on Linux."""
    script = (
        "import os, resource, sys\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'bihuan.config.settings'\n"
        "from bihuan.kernel.documents import render_pdf\n"
        f"data = {specimen(rows=[['a', '2026-01-01', '1']])!r}\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "render_pdf('kernel/specimen', data)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 'typst' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    grown, loaded = done.stdout.split()
    assert loaded == "False"
    assert int(grown) < 8_000
