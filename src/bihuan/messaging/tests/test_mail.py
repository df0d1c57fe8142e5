"""The mail layer over the corpus: bytes in, what people read out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.messaging.mail import kinds, threads
from bihuan.messaging.mail.kinds import Kind, Surroundings, Trust, judge
from bihuan.messaging.mail.message import Limits
from bihuan.messaging.mail.parse import parse
from bihuan.messaging.mail.quotes import split_quoted

from . import mails

OURS = Surroundings(addresses=["support@example.com"], domains=["example.com"], loop_mark="m4rk")
KEY = b"k" * 32


@pytest.mark.parametrize(
    ("mail", "subject", "text"),
    [
        (mails.gb18030_without_encoding(), "关于㐂字批次的投诉", "酸度不合格，请处理。"),
        (mails.gb2312_that_holds_more(), "朱镕先生与陶喆女士的样品", "样品已寄出，请镕工查收。"),
        (mails.big5_mail(), "關於品質異議", "請盡快回覆。"),
        (mails.wrong_charset(), "质量异议", "货物受潮。"),
        (mails.word_cut_in_a_character(), "钢卷边部开裂", "x"),
    ],
    ids=["GB18030 bare", "GB2312 that is GBK", "Big5", "UTF-8 called Latin-1", "a character cut in two"],
)
def test_chinese_is_read_whatever_the_sender_calls_it(mail: bytes, subject: str, text: str):
    read = parse(mail)
    assert (read.subject, read.text) == (subject, text)


def test_names_in_bare_gb18030_are_read_too():
    assert parse(mails.gb18030_without_encoding()).sender.name == "张伟"
    assert parse(mails.gb2312_that_holds_more()).sender.name == "李喆"


def test_broken_encoded_words_lose_no_more_than_they_must():
    read = parse(mails.broken_words())
    assert read.subject.startswith("投诉单急")
    assert (read.sender.name, read.sender.address) == ("王芳", "wang@example.org")


def test_html_alone_becomes_text_without_its_scripts():
    read = parse(mails.html_only())
    assert read.is_from_html
    assert read.text.split("\n") == ["您好，", "", "附件是检测报告 &照片。", "", "批号\tA1"] or (
        "附件是检测报告 &照片。" in read.text and "alert" not in read.text and "color" not in read.text
    )


def test_of_two_forms_of_one_text_the_plain_one_is_taken():
    parts = (b"Content-Type: text/plain\n\nplain", b"Content-Type: text/html\n\n<b>html</b>")
    assert parse(mails.multipart(*parts, kind="alternative")).text == "plain"
    empty = (b"Content-Type: text/plain\n\n ", parts[1])
    assert parse(mails.multipart(*empty, kind="alternative")).text == "html"


def test_winmail_dat_is_unpacked_beside_itself():
    read = parse(mails.winmail_mail())
    assert [(one.name, one.note) for one in read.attachments] == [
        ("质检报告单（三月）.pdf", "from_tnef"),
        ("winmail.dat", "tnef_unpacked"),
    ]
    assert read.attachments[0].data == b"%PDF-1.4 x"
    assert read.text == "见附件。"


@pytest.mark.parametrize("cut", [3, 20, 64, 150, 200])
def test_a_winmail_dat_that_breaks_off_stays_an_attachment(cut: int):
    read = parse(mails.winmail_mail(mails.winmail({"a.pdf": b"%PDF-1.4 x" * 9}, "见附件。")[:cut]))
    assert read.attachments[-1].name == "winmail.dat"
    assert "tnef_broken" in read.notes or read.attachments[-1].note == "tnef_closed"


def test_a_mail_within_a_mail_is_an_attachment_of_its_own():
    inner = mails.simple(subject="原件", message_id="<inner@example.org>")
    read = parse(
        mails.multipart(b"Content-Type: text/plain\n\nsee", b"Content-Type: message/rfc822\n\n" + inner)
    )
    assert [one.name for one in read.attachments] == ["原件.eml"]
    assert read.message_id == "<p@example.org>"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename*=UTF-8''%E8%B4%A8%E6%A3%80.pdf", "质检.pdf"),
        ("attachment; filename*=GBK''%D6%CA%BC%EC.pdf", "质检.pdf"),
        ('attachment; filename="质检.pdf"', "质检.pdf"),
        (f'attachment; filename="{mails.word("质检.pdf", "gbk", "gb2312")}"', "质检.pdf"),
        ('attachment; filename="..\\\\..\\\\evil/../a.pdf"', "a.pdf"),
        ('attachment; filename="fdp.\u202eexe"', "fdp.exe"),
    ],
)
def test_names_of_files_are_read_and_made_harmless(header: str, name: str):
    body = mails.part("application/pdf", b"%PDF", more=f"Content-Disposition: {header}\n")
    assert parse(mails.multipart(body)).attachments[0].name == name


def test_a_name_in_bare_gbk_is_read():
    body = mails.part("application/pdf", b"%PDF", "@@").replace(b"@@", "检验单.pdf".encode("gbk"))
    assert parse(mails.multipart(body)).attachments[0].name == "检验单.pdf"


def test_a_huge_attachment_is_named_and_not_taken():
    body = mails.part("video/mp4", b"\0" * 300_000, "录像.mp4".encode().decode("latin-1"))
    read = parse(mails.multipart(body), Limits(attachment=100_000))
    assert (read.attachments[0].data, read.attachments[0].note) == (None, "too_large")
    assert read.attachments[0].size >= 300_000


def test_parts_within_parts_come_to_an_end():
    inner = b"Content-Type: text/plain\n\ndeep"
    for number in range(40):
        body = mails.multipart(inner, boundary=f"b{number}")
        inner = b"Content-Type: multipart/mixed; boundary=b%d\n\n" % number + body.partition(b"\r\n\r\n")[2]
    read = parse(mails.multipart(inner, boundary="top"))
    assert read.notes == ["too_many_parts"]


def test_a_mail_without_an_id_is_known_by_its_content():
    first, again = parse(mails.simple(message_id="")), parse(mails.simple(message_id=""))
    assert first.message_id == again.message_id
    assert not first.has_own_id
    assert parse(mails.simple(message_id="", body="Other")).message_id != first.message_id


@given(st.binary(max_size=600))
def test_no_bytes_whatever_stop_the_reader(data: bytes):
    read = parse(data)
    judge(read, OURS)
    kinds.reports_of(read)
    read.text.encode("utf-8")
    read.subject.encode("utf-8")
    assert "\0" not in read.text


CORPUS = [
    mails.gb18030_without_encoding(), mails.gb2312_that_holds_more(), mails.broken_words(), mails.html_only(),
    mails.winmail_mail(), mails.returned("<x@example.com>"), mails.plain_bounce("<x@example.com>"), mails.simple(),
    mails.multipart(b"Content-Type: message/rfc822\n\n" + mails.simple(subject="原件")),
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(CORPUS),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3), st.binary(max_size=6)), max_size=6),
)
def test_no_damage_to_a_mail_stops_the_reader(mail: bytes, damages: list[tuple[int, int, bytes]]):
    for place, lost, written in damages:
        place %= len(mail) or 1
        mail = mail[:place] + written + mail[place + lost :]
    read = parse(mail)
    judge(read, OURS)
    kinds.reports_of(read)
    kinds.returned_ids(read)
    split_quoted(read.text)
    said = [
        read.text,
        read.subject,
        read.sender.name,
        read.message_id,
        *(one.name for one in read.attachments),
    ]
    assert all("\0" not in one and one.encode("utf-8") is not None for one in said)


@given(st.text(max_size=120), st.sampled_from(["utf-8", "gb18030"]))
def test_any_subject_comes_through_an_encoded_word(text: str, charset: str):
    wanted = " ".join(text.replace("\0", "").removeprefix("\ufeff").split())
    try:
        given_word = mails.word(text, charset)
    except UnicodeEncodeError:
        return
    assert parse(mails.raw(f"Subject: {given_word}")).subject == wanted


# ---- quotes

ANSWERS = [
    "好的，明天发货。\n\n-----原始邮件-----\n发件人: a\n主题: b\n\n旧文",
    "好的，明天发货。\n\n------------------ 原始邮件 ------------------\n发件人: \"a\" <a@example.org>;\n发送时间: 2026年3月2日\n旧文",
    "好的，明天发货。\n\n发件人： 张伟 <z@example.org>\n发送时间： 2026年3月2日 9:00\n收件人： support@example.com\n主题： 询价\n\n旧文",
    "好的，明天发货。\n\n在 2026年3月2日，09:00，support@example.com 写道：\n\n> 旧文",
    "好的，明天发货。\n\n于2026年3月2日周一 09:00写道：\n> 旧文",
    "好的，明天发货。\n\n闭环客服 <support@example.com> 于2026年3月2日周一 09:00写道：\n\n> 旧文",
    "好的，明天发货。\n\nAt 2026-03-02 09:00:00, \"support\" <support@example.com> wrote:\n>旧文",
    "好的，明天发货。\n\nOn Mon, Mar 2, 2026 at 9:00 AM Support <support@example.com>\nwrote:\n\n> 旧文",
    "好的，明天发货。\n\n________________________________\nFrom: Support <support@example.com>\nSent: Monday\nTo: Li\nSubject: RE\n\n旧文",
    "好的，明天发货。\n\n-----Original Message-----\nFrom: a\n旧文",
    "好的，明天发货。\n\n> 旧文\n> 还有",
]  # fmt: skip


@pytest.mark.parametrize("text", ANSWERS, ids=range(len(ANSWERS)))
def test_what_an_answer_quotes_is_told_from_what_is_new(text: str):
    split = split_quoted(text)
    assert split.new == "好的，明天发货。"
    assert "旧文" in split.quoted


@pytest.mark.parametrize(
    "text",
    [
        "发件人：请写全称。\n其余照旧。",
        "> 只有引用",
        "在合同里写道：\n价格不变。",
        "a\n________________________\n李雷 电话 1",
    ],
)
def test_text_that_only_looks_like_a_quote_stays(text: str):
    assert split_quoted(text) == (text, "")


def test_answers_between_quoted_lines_are_kept():
    assert "第二点同意" in split_quoted("> 一\n> 二\n第二点同意\n> 三").new


# ---- kinds


def test_a_delivery_report_is_a_bounce_and_names_who_and_which_mail():
    read = parse(mails.returned("<x1@example.com>"))
    assert judge(read, OURS).kind is Kind.BOUNCE
    assert [(one.recipient, one.status) for one in kinds.reports_of(read)] == [("gone@example.org", "5.1.1")]
    assert kinds.returned_ids(read) == ["<x1@example.com>"]


def test_a_delay_is_no_bounce():
    assert judge(parse(mails.returned("<x1@example.com>", action="delayed")), OURS).kind is Kind.AUTO_REPLY


def test_a_bounce_in_plain_text_is_one_too():
    read = parse(mails.plain_bounce("<x1@example.com>"))
    assert judge(read, OURS).kind is Kind.BOUNCE
    found = kinds.reports_of(read)[0]
    assert (found.recipient, found.status) == ("gone@example.org", "5.1.1")
    assert kinds.returned_ids(read) == ["<x1@example.com>"]


@pytest.mark.parametrize(
    ("subject", "extra"),
    [
        ("Re: Order", "Auto-Submitted: auto-replied (vacation)"),
        ("Re: Order", "X-Autoreply: yes"),
        ("News", "Precedence: bulk"),
        ("自动回复：询价", ""),
        ("【自动回复】您好", ""),
        ("Automatic reply: Order", ""),
        ("Out of Office: Order", ""),
        ("询价", "Return-Path: <>"),
    ],
)
def test_what_a_machine_answers_is_recognised(subject: str, extra: str):
    assert judge(parse(mails.simple(subject=subject, extra=extra)), OURS).kind is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "subject", ["你们的自动回复功能坏了", "Re: Order", "关于退信的问题", "Office out of stock"]
)
def test_what_a_person_writes_is_a_message(subject: str):
    assert judge(parse(mails.simple(subject=subject, extra="Auto-Submitted: no")), OURS).kind is Kind.MESSAGE


@pytest.mark.parametrize(
    ("mail", "sign"),
    [
        (mails.simple(extra="X-Bihuan-Loop: m4rk"), "own_mark"),
        (mails.simple(extra="X-Loop: support@example.com"), "x_loop"),
        (mails.simple(sender="Support+c1-x@example.com"), "from_ourselves"),
        (mails.simple(extra="\n".join(f"Received: from h{n} by h{n}" for n in range(31))), "hops"),
    ],
)
def test_loops_are_recognised(mail: bytes, sign: str):
    verdict = judge(parse(mail), OURS)
    assert (verdict.kind, verdict.reason) == (Kind.LOOP, sign)


def test_a_mark_that_is_not_ours_is_no_loop():
    assert judge(parse(mails.simple(extra="X-Bihuan-Loop: other")), OURS).kind is Kind.MESSAGE


def test_our_own_message_ids_and_a_flood_are_loops():
    read = parse(mails.simple())
    own = Surroundings(is_ours=lambda one: one == "<m1@example.org>")
    assert judge(read, own).reason == "own_message_id"
    assert judge(read, Surroundings(recent_from_sender=30)).reason == "rate"


OUTSIDE = "Received: from evil.example.net (evil.example.net [93.184.216.34]) by mx.example.com"
INSIDE = "Received: from desk.example.com ([10.0.0.7]) by mx.example.com"
STAFF = "Boss <boss@example.com>"


@pytest.mark.parametrize(
    ("sender", "extra", "checked_by", "trust"),
    [
        (STAFF, OUTSIDE, "", Trust.FORGED),
        (STAFF, INSIDE, "", Trust.UNVERIFIED),
        (STAFF, "Authentication-Results: mx.example.com; dmarc=fail header.from=example.com", "", Trust.FORGED),
        (STAFF, "Authentication-Results: mx.example.com; dmarc=pass header.from=example.com", "mx.example.com",
         Trust.VERIFIED),
        # Anybody can write such a line: without knowing our server's name it speaks for nobody.
        (STAFF, OUTSIDE + "\nAuthentication-Results: evil.example.net; dkim=pass header.d=evil.example.net", "",
         Trust.FORGED),
        (STAFF, OUTSIDE + "\nAuthentication-Results: evil.example.net; dmarc=pass", "mx.example.com", Trust.FORGED),
        ("a@example.org", "Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=a@example.org", "",
         Trust.FORGED),
        ("a@example.org", "Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=x@fwd.example.net;"
         " dkim=pass header.d=example.org", "mx.example.com", Trust.VERIFIED),
        ("a@example.org", OUTSIDE, "", Trust.UNVERIFIED),
    ],
)  # fmt: skip
def test_from_lines_are_believed_only_where_our_own_server_vouches(
    sender: str, extra: str, checked_by: str, trust: Trust
):
    around = Surroundings(["support@example.com"], ["example.com"], checked_by)
    verdict = judge(parse(mails.simple(sender=sender, extra=extra)), around)
    assert verdict.trust is trust
    assert (verdict.kind is Kind.FORGED) == (trust is Trust.FORGED)


# ---- threads


def test_a_signed_address_names_its_object_and_a_forged_one_none():
    address = threads.plus_address("support@example.com", KEY, "c", 123)
    own = ["support@example.com"]
    assert threads.named_by_address(address.upper(), own, [KEY]) == ("c", 123)
    assert threads.named_by_address(address.replace("c123", "c124"), own, [KEY]) is None
    assert threads.named_by_address(address.replace("c123", "d123"), own, [KEY]) is None
    assert threads.named_by_address(address, own, [b"x" * 32]) is None
    assert threads.named_by_address(address.replace("example.com", "example.org"), own, [KEY]) is None


def test_a_mail_to_two_objects_names_none():
    both = ", ".join(threads.plus_address("support@example.com", KEY, "c", one) for one in (1, 2))
    assert threads.named_by_recipients(parse(mails.simple(to=both)), ["support@example.com"], [KEY]) is None


def test_the_nearest_answered_mail_comes_first():
    extra = "In-Reply-To: <c@x>\nReferences: <a@x>\n <b@x> <c@x>"
    assert threads.answered_ids(parse(mails.simple(extra=extra))) == ["<c@x>", "<b@x>", "<a@x>"]


@pytest.mark.parametrize(
    "many",
    ["=?utf-8?B?", "a@", "(", "<", "x", '"', "-", "On ", "发件人：", "<!--", "<a ", "<div>", "<script>", "&"],
)
def test_no_mail_keeps_the_reader_busy(many: str):
    """Each of these took minutes once, or more depth than there is: the library's parsers look back."""
    text = many * (200_000 // len(many))
    heads = "".join(
        f"\n{name}: {text[:20_000]}" for name in ("To", "From", "Delivered-To", "References", "Received")
    )
    started = time.process_time()
    for kind in ("plain", "html"):
        head = f"Subject: Undelivered {text[:5_000]}\nReturn-Path: <>\nContent-Type: text/{kind}{heads}"
        read = parse(mails.raw(head, text))
        judge(read, OURS)
        kinds.reports_of(read)
        kinds.returned_ids(read)
        split_quoted(read.text)
    assert time.process_time() - started < 5


def test_names_of_encodings_and_types_that_hold_nul_are_borne():
    assert parse(mails.raw(b"Content-Type: text/plain; charset=ut\0f-8", "hello")).text == "hello"
    read = parse(mails.multipart(mails.part("appli\0cation/x", b"x")))
    assert "\0" not in read.attachments[0].declared_type + read.attachments[0].name
