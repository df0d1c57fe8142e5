"""Mail on cases against real servers: what comes to a case, from whom, and what it does there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bihuan.customers.models import Contact
from bihuan.kernel.settings_store import change_setting
from bihuan.messaging.models import InMessage
from bihuan.messaging.tests import mails
from bihuan.messaging.tests.conftest import imap, make_channel, office, one_imap  # noqa: F401
from bihuan.service import services
from bihuan.service.correspondence.deciding import confirm_mail, held_on, refuse_mail
from bihuan.service.errors import CaseError
from bihuan.service.matrix_store import SERVICE_MATRIX
from bihuan.service.models import Case, CaseEvent, CaseFile, CaseMail
from bihuan.service.promised import default_document

from .desk import Company, at, opened
from .post import BUYER, Desk, fresh, kinds, mail, sent, told

pytestmark = pytest.mark.django_db
NINE, TEN = at("03-02 09:00"), at("03-02 10:00")


@pytest.fixture
def desk(company: Company, make_channel: Callable[..., Any], office: Any, imap: Any) -> Desk:  # noqa: F811
    Contact.objects.filter(pk=company.contact.pk).update(email=BUYER)
    company.contact.refresh_from_db()
    return Desk(company, make_channel(smtp=office.port, imap=imap.port), office, imap)


@pytest.fixture
def case(desk: Desk) -> Case:
    return opened(desk.company, contact=desk.company.contact)


def solved(desk: Desk, case: Case, when: str = "03-03 09:00") -> Case:
    return services.solve_case(
        actor=desk.company.actor("agent"), case=case, solution="演示：换货", now=at(when)
    )


def test_a_mail_to_the_plus_address_goes_to_its_case_with_words_quotes_and_files(desk: Desk, case: Case):
    body = "已按要求取样，照片见附件。\n\n---- 原始邮件 ----\n请取样。"
    raw = mails.multipart(
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + body.encode(),
        mails.part("application/pdf", b"%PDF-1.4 x", "report.pdf"),
        head=f"From: {BUYER}\nTo: {desk.address_of(case)}\nSubject: Re: x\nMessage-ID: <a@buyer.example>",
    )
    (came,) = desk.arrive(raw, at=TEN)
    assert (came.state, came.about) == ("routed", f"case:{case.pk}")
    event = CaseEvent.objects.get(case=case, kind="received")
    assert (event.data["text"], event.actor_name) == ("已按要求取样，照片见附件。", "演示·王工")
    assert "请取样。" in came.quoted
    file = CaseFile.objects.get(case=case)
    assert (file.name, file.content_type, file.is_internal) == ("report.pdf", "application/pdf", False)
    assert fresh(case).status == "new"
    assert told(case, "received") == ["agent"]


def test_an_answer_by_reference_without_the_plus_address_finds_the_case(desk: Desk, case: Case):
    services_answer(desk, case)
    desk.send(TEN)
    reply = mail("收到，下午取样", extra=f"In-Reply-To: {sent().message_id}\nReferences: {sent().message_id}")
    desk.arrive(reply, at=at("03-02 11:00"))
    assert kinds(case) == ["opened", "responded", "received"]


def test_the_number_in_the_subject_counts_for_a_known_sender_only(desk: Desk, case: Case):
    known = mail("补充：共三桶", subject=f"关于 {case.number} 的补充")
    guessed = mail("给我结果", "x", sender="who@elsewhere.example", subject=f"RE: [{case.number}]")
    first, second = desk.arrive(known, guessed, at=TEN)
    assert (first.about, second.about, second.state) == (f"case:{case.pk}", "", "waiting")
    assert kinds(case) == ["opened", "received"]


def test_a_subject_in_gb18030_without_any_encoding_is_read(desk: Desk, case: Case):
    raw = mails.raw(
        f"From: {BUYER}\nTo: {desk.address_of(case)}\nSubject: 关于㐂字批次的投诉\nMessage-ID: <gb@buyer.example>",
        "酸度不合格，请处理。", "gb18030",
    )  # fmt: skip
    (came,) = desk.arrive(raw, at=TEN)
    assert came.subject == "关于㐂字批次的投诉"
    assert CaseEvent.objects.get(case=case, kind="received").data["text"] == "酸度不合格，请处理。"


def test_a_winmail_dat_is_unpacked_and_its_files_are_the_cases(desk: Desk, case: Case):
    data = mails.winmail({"质检报告单（三月）.pdf": b"%PDF-1.4 x"}, "见附件。")
    raw = mails.multipart(
        mails.part("application/ms-tnef", data, "winmail.dat"),
        head=f"From: {BUYER}\nTo: {desk.address_of(case)}\nSubject: x\nMessage-ID: <w@buyer.example>",
    )
    desk.arrive(raw, at=TEN)
    assert list(CaseFile.objects.filter(case=case).values_list("name", flat=True)) == [
        "质检报告单（三月）.pdf"
    ]


def test_a_huge_attachment_stays_in_the_mailbox_and_the_case_says_so(desk: Desk, case: Case):
    desk.channel.settings = desk.channel.settings | {"largest_mail": 200_000}
    desk.channel.save()
    raw = mails.multipart(
        b"Content-Type: text/plain\n\nsee the film",
        mails.part("video/mp4", b"\0" * 300_000, "film.mp4"),
        head=f"From: {BUYER}\nTo: {desk.address_of(case)}\nSubject: film\nMessage-ID: <h@buyer.example>",
    )
    (came,) = desk.arrive(raw, at=TEN)
    assert came.about == f"case:{case.pk}"
    assert "mail_too_large" in came.notes
    assert not CaseFile.objects.filter(case=case).exists()
    page = desk.company.client("agent").get(f"/cases/{case.pk}/").content.decode()
    assert "超过通道上限" in page or "larger than the channel" in page


def test_a_loop_does_nothing(desk: Desk, case: Case):
    services_answer(desk, case)
    desk.send(TEN)
    (came,) = desk.arrive(bytes(desk.office.arrived[0].content or b""), at=at("03-02 10:05"))
    assert came.classification == "loop"
    assert kinds(case) == ["opened", "responded"]


def test_a_bounce_is_shown_on_the_case_and_told_to_its_owner(desk: Desk, case: Case):
    services_answer(desk, case)
    desk.send(TEN)
    desk.arrive(mails.returned(sent().message_id, BUYER), at=at("03-02 10:05"))
    assert kinds(case) == ["opened", "responded", "returned"]
    assert told(case, "returned") == ["agent"]
    assert sent().bounced_at is not None
    assert fresh(case).status == "open"


def test_a_forged_sender_is_kept_and_taken_in_by_nobody_but_a_person(desk: Desk, case: Case):
    forged = mail("请改付款账号", to=desk.address_of(case), extra="Authentication-Results: mx; dmarc=fail")
    (came,) = desk.arrive(forged, at=TEN)
    assert (came.classification, came.state, came.about) == ("forged", "waiting", f"case:{case.pk}")
    assert kinds(case) == ["opened"]
    panels = desk.company.client("agent").get(f"/panels/case/{case.pk}/?place=side").content.decode()
    assert 'id="panel-held_mail"' in panels
    assert "请改付款账号" not in panels


def test_an_unknown_sender_with_the_plus_address_is_held_until_somebody_confirms(desk: Desk, case: Case):
    stranger = mail(
        "我是王工的同事，补充两张照片", sender="Zhao <zhao@gmail.example>", to=desk.address_of(case)
    )
    desk.arrive(stranger, at=TEN)
    held = CaseMail.objects.get(case=case)
    assert (held.standing, kinds(case)) == ("held", ["opened", "mail_held"])
    assert told(case, "held") == ["agent"]
    for _twice in range(2):
        confirm_mail(actor=desk.company.actor("agent"), mail=held, now=at("03-02 10:30"))
    assert kinds(case) == ["opened", "mail_held", "received"]
    # From now on the case knows this sender.
    again = mail("还有一张", "m2", sender="Zhao <zhao@gmail.example>", to=desk.address_of(case))
    desk.arrive(again, at=at("03-02 11:00"))
    assert kinds(case)[-1] == "received"


def test_a_held_mail_that_is_not_the_customers_changes_nothing(desk: Desk, case: Case):
    desk.arrive(mail("广告", sender="ad@spam.example", to=desk.address_of(case)), at=TEN)
    held = CaseMail.objects.get(case=case)
    refuse_mail(actor=desk.company.actor("agent"), mail=held, now=TEN)
    held.refresh_from_db()
    assert (held.standing, held.decided_by) == ("refused", "演示·agent")
    assert kinds(case) == ["opened", "mail_held"]
    confirm_mail(actor=desk.company.actor("agent"), mail=held, now=TEN)  # a mistake can be mended
    with pytest.raises(CaseError):
        refuse_mail(actor=desk.company.actor("agent"), mail=held, now=TEN)


def test_a_reply_to_a_merged_case_follows_the_pointer(desk: Desk, case: Case):
    other = opened(desk.company, text="演示：同一批次")
    services.merge_cases(actor=desk.company.actor("agent"), case=case, into=other, now=at("03-02 09:30"))
    (came,) = desk.arrive(mail("补充", to=desk.address_of(case)), at=TEN)
    assert came.about == f"case:{other.pk}"
    assert kinds(other)[-1] == "received"


def test_a_mail_held_on_a_case_that_was_merged_is_decided_on_the_one_that_took_it_in(desk: Desk, case: Case):
    desk.arrive(
        mail("我是同事", sender="Zhao <zhao@gmail.example>", to=desk.address_of(case)), at=at("03-02 09:20")
    )
    other = opened(desk.company, text="演示：同一批次")
    services.merge_cases(actor=desk.company.actor("agent"), case=case, into=other, now=at("03-02 09:30"))
    (held,) = held_on(fresh(other))
    agent = desk.company.client("agent")
    address = f"/cases/{other.pk}/mails/{held.pk}/confirm/"
    assert address in agent.get(f"/cases/{other.pk}/").content.decode()
    assert agent.post(address).status_code == 302
    assert kinds(other)[-1] == "received"


def test_an_out_of_office_on_a_solved_case_reopens_nothing_and_is_not_answered(desk: Desk, case: Case):
    solved(desk, case)
    auto = mail("我在休假，3 月 9 日回来", to=desk.address_of(case), extra="Auto-Submitted: auto-replied")
    desk.opens(acknowledges=True)
    desk.arrive(auto, at=at("03-03 10:00"))
    assert fresh(case).status == "solved"
    assert kinds(case) == ["opened", "solved", "auto_replied"]
    assert told(case, "received") == []
    desk.send(at("03-03 10:01"))
    assert desk.office.arrived == []


def test_an_automatic_reply_does_not_end_waiting_for_the_customer(desk: Desk, case: Case):
    pause(desk, case)
    desk.arrive(
        mail("自动回复", to=desk.address_of(case), extra="Auto-Submitted: auto-replied"), at=at("03-02 12:00")
    )
    assert fresh(case).status == "waiting"


def pause(desk: Desk, case: Case, reason: str = "waiting_for_customer") -> None:
    services.pause_case(actor=desk.company.actor("agent"), case=case, reason=reason, now=at("03-02 11:00"))


def test_a_reply_ends_waiting_for_the_customer_and_no_other_waiting(desk: Desk, case: Case):
    other = opened(desk.company, text="演示：另一件", contact=desk.company.contact)
    pause(desk, case)
    pause(desk, other, "waiting_for_others")
    desk.arrive(
        mail("批号是 A1", to=desk.address_of(case)), mail("如何了", "m2", to=desk.address_of(other)),
        at=at("03-02 12:00"),
    )  # fmt: skip
    assert (fresh(case).status, fresh(other).status) == ("open", "waiting")
    assert kinds(case) == ["opened", "paused", "received", "resumed"]


def test_a_reply_soon_after_the_solution_reopens_and_thanks_do_not(desk: Desk, case: Case):
    solved(desk, case)
    desk.arrive(
        mail("李工您好：\n收到，非常感谢！\n\n祝好\n王工", to=desk.address_of(case)), at=at("03-04 09:00")
    )
    assert fresh(case).status == "solved"
    desk.arrive(mail("谢谢，但还是偏高", "m2", to=desk.address_of(case)), at=at("03-05 09:00"))
    assert fresh(case).status == "open"
    assert kinds(case) == ["opened", "solved", "received", "received", "reopened"]


def test_the_window_of_reopening_is_to_the_moment_and_the_matrix_says_how_long(desk: Desk, case: Case):
    mine = {**default_document(), "mail": {"reopens_within_days": 2}}
    change_setting(SERVICE_MATRIX, [{"valid_from": None, "document": mine}], now=NINE)
    other = opened(desk.company, text="演示：另一件", contact=desk.company.contact)
    for one in (case, other):
        solved(desk, one)
    edge = at("03-03 09:00") + timedelta(days=2)
    desk.arrive(mail("又坏了", to=desk.address_of(case)), at=edge)
    assert fresh(case).status == "open"
    desk.arrive(mail("又坏了", "m2", to=desk.address_of(other)), at=edge + timedelta(seconds=1))
    assert fresh(other).status == "solved"
    later = Case.objects.latest("id")
    assert kinds(later) == ["opened", "follows"]
    assert kinds(other) == ["opened", "solved", "followed"]
    assert (later.customer_id, later.contact_id, later.kind, later.owner) == (
        other.customer_id, desk.company.contact.pk, other.kind, other.owner,
    )  # fmt: skip
    # The next mail to the old address goes on there, not into a third case.
    desk.arrive(mail("补充", "m3", to=desk.address_of(other)), at=edge + timedelta(hours=1))
    assert kinds(later) == ["opened", "follows", "received"]


def test_the_same_mail_twice_and_by_two_channels_is_one_word(
    desk: Desk,
    case: Case,
    make_channel: Callable[..., Any],  # noqa: F811
):
    raw = mail("一次", to=desk.address_of(case))
    desk.arrive(raw, raw, at=TEN)
    assert kinds(case) == ["opened", "received"]
    second = make_channel(imap=desk.imap.port, name="销售", address="sales@example.com")
    Desk(desk.company, second, desk.office, desk.imap).arrive(raw, at=at("03-02 10:05"))
    assert InMessage.objects.filter(about=f"case:{case.pk}").count() == 2
    assert kinds(case) == ["opened", "received"]


def services_answer(desk: Desk, case: Case, **more: Any) -> Case:
    from bihuan.service.correspondence.answering import answer_by_mail

    given: dict[str, Any] = {
        "subject": f"回复：酸度 [{case.number}]",
        "text": "请取样。",
        "to": [BUYER],
        "now": at("03-02 09:40"),
    } | more
    return answer_by_mail(actor=desk.company.actor("agent"), case=case, **given)
