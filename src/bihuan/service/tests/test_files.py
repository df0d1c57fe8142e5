"""Photos, films and documents of cases: taken in by content, kept once, handed out only as what no browser runs."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.urls import reverse
from PIL import Image

from bihuan.kernel.actor import FieldClass, NotAllowed
from bihuan.kernel.files import keep_upload, path_of, type_of
from bihuan.kernel.files.uploads import tidy_name
from bihuan.service import queries, services
from bihuan.service.errors import CaseError
from bihuan.service.models import CaseEvent, CaseFile

from .desk import Company, at, opened

pytestmark = pytest.mark.django_db
TEN = at("03-02 10:00")


def photo(
    width: int = 1600, height: int = 1200, name: str = "现场照片.jpg", turned: int = 0
) -> SimpleUploadedFile:
    drawn = Image.effect_noise((width, height), 90).convert("RGB")
    out = io.BytesIO()
    exif = Image.Exif()
    if turned:
        exif[0x0112] = turned
        exif[0x010F] = "演示相机"
    drawn.save(out, "JPEG", quality=85, exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def file_of(company: Company, upload: Any, by: str = "agent", **more: Any) -> CaseFile:
    case = opened(company)
    return services.attach(company.actor(by), case, [upload], TEN, **more)[0]


def test_a_photo_is_kept_under_its_digest_with_a_small_upright_picture_without_the_camera_s_data(
    company: Company,
):
    row = file_of(company, photo(turned=6))
    assert path_of(row.sha256).stat().st_size == row.size
    with Image.open(path_of(row.small)) as small:
        assert (small.format, small.width, small.height) == ("WEBP", 360, 480)
        assert not small.getexif()
    event = CaseEvent.objects.get(kind="attached")
    assert event.data["files"] == [{"id": row.pk, "name": "现场照片.jpg"}]


def test_the_same_form_sent_twice_attaches_nothing_twice(company: Company):
    case, same = opened(company), photo()
    first = services.attach(company.actor("agent"), case, [same, same], TEN)
    again = services.attach(company.actor("second"), case, [same], TEN)
    assert [one.pk for one in first] == [one.pk for one in again]
    assert CaseFile.objects.count() == CaseEvent.objects.filter(kind="attached").count() == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("报告.jpg", b"<html><script>alert(1)</script>"),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("说明.txt", b"<!doctype html><script>x</script>"),
        ("程序.jpg", b"MZ\x90\x00" + bytes(200)),
        ("程序", b"\x7fELF" + bytes(200)),
        ("压缩.zip", b"PK\x03\x04" + bytes(200)),
        ("空.jpg", b""),
    ],
)
def test_what_is_no_photo_film_or_document_is_refused_by_its_name_and_nothing_of_the_form_is_kept(
    company: Company, name: str, data: bytes
):
    case = opened(company)
    bad = SimpleUploadedFile(name, data, "image/jpeg")
    with pytest.raises(CaseError, match=name) as refusal:
        services.attach(company.actor("agent"), case, [photo(), bad], TEN)
    assert refusal.value.field == "files"
    assert not CaseFile.objects.exists()


def test_documents_tables_and_a_phone_s_film_are_taken(company: Company):
    case = opened(company)
    film = b"\x00\x00\x00\x20ftypqt  " + bytes(500)
    uploads = [
        SimpleUploadedFile("检测报告.pdf", b"%PDF-1.7\n" + bytes(100), "application/pdf"),
        SimpleUploadedFile("数据.csv", "批号,纯度\nL1,99.5\n".encode("gb18030"), "application/vnd.ms-excel"),
        SimpleUploadedFile("异议函.docx", b"PK\x03\x04" + bytes(300), "application/zip"),
        SimpleUploadedFile("泄漏.mov", film, "video/quicktime"),
    ]
    rows = services.attach(company.actor("agent"), case, uploads, TEN)
    assert [one.content_type for one in rows] == [
        "application/pdf", "text/csv", "application/octet-stream", "video/quicktime",
    ]  # fmt: skip
    assert type_of(b"\x00\x00\x00\x18ftypheic" + bytes(50), "a") == "image/heic"


def test_more_than_the_limit_is_refused_before_it_is_written(company: Company, tmp_path: Any):
    class Endless(SimpleUploadedFile):
        def chunks(self, chunk_size: int | None = None) -> Any:
            raise AssertionError("nothing of it is read")

    big = Endless("大.jpg", photo(100, 100).read(), "image/jpeg")
    big.size = 26 * 1024 * 1024
    with pytest.raises(CaseError, match="25 MB"):
        services.attach(company.actor("agent"), opened(company), [big], TEN)


def test_names_that_deceive_are_tidied_and_keep_their_end():
    assert tidy_name("报\u202egpj.exe") == "报_gpj.exe"
    assert tidy_name("../../etc/passwd") == "_.._etc_passwd"
    long = tidy_name("长" * 300 + ".pdf")
    assert len(long) == 200 and long.endswith(".pdf")
    assert tidy_name(" . ") == "file"


def test_a_photo_is_shown_and_a_document_is_saved_never_run(company: Company):
    case = opened(company)
    document = SimpleUploadedFile("表.xlsx", b"PK\x03\x04" + bytes(300), "text/html")
    picture, sheet = services.attach(company.actor("agent"), case, [photo(), document], TEN)
    client = company.client("agent")
    shown = client.get(reverse("case_file", args=[case.pk, picture.pk]))
    assert shown["Content-Type"] == "image/jpeg" and "attachment" not in shown["Content-Disposition"]
    small = client.get(reverse("case_file_small", args=[case.pk, picture.pk]))
    assert small["Content-Type"] == "image/webp"
    saved = client.get(reverse("case_file", args=[case.pk, sheet.pk]))
    assert saved["Content-Type"] == "application/octet-stream"
    assert saved["Content-Disposition"].startswith("attachment")
    for one in (shown, small, saved):
        assert one["X-Content-Type-Options"] == "nosniff"
        assert one["Content-Security-Policy"].startswith("sandbox")
    assert client.get(reverse("case_file_small", args=[case.pk, sheet.pk])).status_code == 404


def test_who_may_not_see_the_case_the_class_or_what_was_withdrawn_is_told_that_nothing_is_there(
    company: Company,
):
    case = opened(company)
    plain = services.attach(company.actor("agent"), case, [photo()], TEN)[0]
    technical = services.attach(
        company.actor("quality"),
        case,
        [photo(900, 900)],
        TEN,
        is_internal=True,
        field_class=FieldClass.TECHNICAL,
    )[0]
    elsewhere = opened(company, customer=company.customer, text="演示：另一单")

    def status(name: str, file: CaseFile, of: Any = case) -> int:
        return company.client(name).get(reverse("case_file", args=[of.pk, file.pk])).status_code

    assert status("stranger", plain) == status("rival", plain) == 404
    assert status("agent", plain, elsewhere) == 404
    assert (status("quality", technical), status("seller", technical)) == (200, 404)
    services.withdraw_file(company.actor("agent"), case, plain, "传错了客户", TEN)
    assert status("agent", plain) == 404
    said = CaseEvent.objects.get(kind="detached").data
    assert said["reason"] == "传错了客户"


def test_withdrawing_asks_why_and_only_of_the_case_s_own_files(company: Company):
    case, other = opened(company), opened(company, text="演示：另一单")
    file = services.attach(company.actor("agent"), case, [photo()], TEN)[0]
    with pytest.raises(CaseError):
        services.withdraw_file(company.actor("agent"), case, file, " ", TEN)
    with pytest.raises(Http404):
        services.withdraw_file(company.actor("agent"), other, file, "演示", TEN)
    with pytest.raises(Http404):
        services.withdraw_file(company.actor("stranger"), case, file, "演示", TEN)


def test_who_may_not_write_on_the_case_leaves_nothing_on_the_disk(company: Company):
    upload = photo()
    with pytest.raises((NotAllowed, Http404)):
        services.attach(company.actor("stranger"), opened(company), [upload], TEN)
    assert not path_of(keep_name(upload)).exists()


def keep_name(upload: Any) -> str:
    import hashlib

    upload.seek(0)
    return hashlib.sha256(upload.read()).hexdigest()


def test_files_of_a_merged_case_are_seen_on_the_one_that_took_it_in(company: Company):
    case, survivor = opened(company), opened(company, text="演示：同一件事")
    before = services.attach(company.actor("agent"), case, [photo()], TEN)[0]
    services.merge_cases(actor=company.actor("agent"), case=case, into=survivor, now=TEN)
    late = services.attach(company.actor("agent"), case, [photo(800, 800)], TEN)[0]
    assert late.case_id == survivor.pk
    shown = queries.files_of(company.actor("agent"), survivor)
    assert {one.pk for one in shown} == {before.pk, late.pk}


def test_attaching_moves_no_clock_and_does_not_reopen(company: Company):
    case = opened(company)
    services.attach(company.actor("agent"), case, [photo()], TEN)
    case.refresh_from_db()
    assert case.status == "new"


def test_the_page_takes_several_and_says_which_was_refused(company: Company):
    case = opened(company)
    client, url = company.client("agent"), reverse("case_files", args=[case.pk])
    answer = client.post(url, {"files": [photo(), photo(900, 700, "二.jpg")]})
    assert answer.status_code == 302
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "现场照片.jpg" in page and "二.jpg" in page
    refused = client.post(url, {"files": [SimpleUploadedFile("木马.jpg", b"MZ" + bytes(99), "image/jpeg")]})
    assert refused.status_code == 422
    assert "不支持“木马.jpg”" in refused.content.decode()
    assert "请选择文件" in client.post(url, {}).content.decode()


def test_a_bomb_is_kept_and_not_drawn(company: Company):
    drawn = Image.new("1", (20_000, 20_000))
    out = io.BytesIO()
    drawn.save(out, "PNG")
    row = keep_upload(SimpleUploadedFile("大图.png", out.getvalue() + bytes(70_000), "image/png"))
    from bihuan.kernel.files.pictures import small_picture

    assert small_picture(row.sha256) == ""
