"""Cases made of mail, acknowledgements, answers, and the whole way of a complaint, against real servers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from bihuan.customers.models import Contact
from bihuan.kernel.actor import SYSTEM, Scope
from bihuan.kernel.files import Kept, keep
from bihuan.messaging import routing
from bihuan.messaging.models import Channel, InMessage, OutMessage
from bihuan.messaging.tests.conftest import imap, make_channel, office, one_imap  # noqa: F401
from bihuan.people.services import override_access
from bihuan.service import services
from bihuan.service.correspondence.answering import answer_by_mail
from bihuan.service.correspondence.deciding import add_to_case, make_case
from bihuan.service.errors import CaseError
from bihuan.service.models import Case, CaseClock, CaseEvent, CaseMail, MailThread
from bihuan.service.services import attach_kept

from .desk import Company, at, customer_of, opened
from .post import BUYER, Desk, fresh, kinds, mail, sent, told

pytestmark = pytest.mark.django_db
TEN = at("03-02 10:00")


@pytest.fixture
def desk(company: Company, make_channel: Callable[..., Any], office: Any, imap: Any) -> Desk:  # noqa: F811
    Contact.objects.filter(pk=company.contact.pk).update(email=BUYER)
    company.contact.refresh_from_db()
    return Desk(company, make_channel(smtp=office.port, imap=imap.port), office, imap)


def answer(desk: Desk, case: Case, **more: Any) -> Case:
    given: dict[str, Any] = {
        "subject": f"回复：酸度 [{case.number}]", "text": "请取样。", "to": [BUYER], "now": at("03-02 10:30"),
    }  # fmt: skip
    return answer_by_mail(actor=desk.company.actor("agent"), case=case, **(given | more))


def parsed(desk: Desk, index: int = -1) -> Any:
    return message_from_bytes(bytes(desk.office.arrived[index].content or b""), policy=policy.default)


def test_a_mail_of_a_known_person_opens_a_case_with_customer_tier_and_kind(desk: Desk):
    desk.opens("quality_objection")
    (came,) = desk.arrive(mail("整批偏高，请尽快", subject="Re: 【紧急】三月批次酸度偏高"), at=TEN)
    case = Case.objects.get()
    assert came.about == f"case:{case.pk}"
    assert (case.customer, case.contact, case.tier, case.kind) == (
        desk.company.customer, desk.company.contact, "A", "quality_objection",
    )  # fmt: skip
    assert (case.title, case.text, case.channel) == ("【紧急】三月批次酸度偏高", "整批偏高，请尽快", "mail")
    assert case.team == desk.company.desk
    assert kinds(case) == ["opened"]
    assert CaseMail.objects.get(case=case).standing == "taken"


def test_without_the_channels_setting_and_from_strangers_mail_waits_in_the_inbox(desk: Desk):
    (known,) = desk.arrive(mail("您好"), at=TEN)
    desk.opens()
    (strange,) = desk.arrive(mail("您好", "m2", sender="who@elsewhere.example"), at=TEN)
    assert (known.state, strange.state, Case.objects.count()) == ("waiting", "waiting", 0)


def test_an_address_of_two_customers_is_nobodys_until_a_person_says_whose(desk: Desk):
    other = customer_of(desk.company.region, desk.company.people["seller"], "演示远大化工")
    Contact.objects.create(
        customer=other, name="演示·王工", email=BUYER.upper(), created_at=TEN, updated_at=TEN
    )
    desk.opens()
    (came,) = desk.arrive(mail("哪一家？"), at=TEN)
    assert came.state == "waiting"
    case = make_case(
        actor=desk.company.actor("manager"),
        message=came,
        customer=other,
        kind="complaint",
        now=at("03-02 10:10"),
    )
    came.refresh_from_db()
    assert (came.state, came.about, case.customer) == ("routed", f"case:{case.pk}", other)
    assert kinds(case) == ["opened"]
    with pytest.raises(CaseError):
        make_case(
            actor=desk.company.actor("manager"), message=came, customer=other, kind="complaint", now=TEN
        )


def test_a_person_makes_a_case_of_a_strangers_mail_and_what_waits_with_it_comes_along(desk: Desk):
    desk.opens()
    stranger = "Zhao <zhao@gmail.example>"
    first, _second, third = desk.arrive(
        mail("货坏了", "z1", sender=stranger),
        mail("补充照片", "z2", sender=stranger, extra="In-Reply-To: <z1@buyer.example>"),
        mail("别的事", "z3", sender=stranger), at=TEN,
    )  # fmt: skip
    case = make_case(
        actor=desk.company.actor("agent"),
        message=first,
        customer=desk.company.customer,
        kind="complaint",
        now=TEN,
    )
    assert kinds(case) == ["opened", "received"]
    assert case.owner == desk.company.people["agent"]
    third.refresh_from_db()
    assert third.state == "waiting"
    again = mail("还有", "z4", sender=stranger, extra="References: <z1@buyer.example> <z2@buyer.example>")
    desk.arrive(again, at=at("03-02 11:00"))
    assert kinds(case) == ["opened", "received", "received"]
    add_to_case(actor=desk.company.actor("agent"), message=third, number=case.number, now=at("03-02 11:10"))
    assert kinds(case)[-1] == "received"


def test_mail_is_added_to_no_case_that_one_may_not_work_on(desk: Desk):
    case = opened(desk.company)
    (came,) = desk.arrive(mail("您好", sender="who@elsewhere.example"), at=TEN)
    with pytest.raises(CaseError):
        add_to_case(actor=desk.company.actor("stranger"), message=came, number=case.number, now=TEN)
    assert kinds(case) == ["opened"]


def test_the_second_mail_of_a_conversation_goes_to_the_same_case(desk: Desk):
    desk.opens()
    desk.arrive(mail("一", "t1"), at=TEN)
    desk.arrive(mail("二", "t2", extra="References: <t1@buyer.example>"), at=at("03-02 10:05"))
    assert kinds(Case.objects.get()) == ["opened", "received"]


def test_two_mails_that_answer_the_same_unknown_mail_make_one_case(desk: Desk):
    """Both answer a mail that never came here; they lie in the mailbox together."""
    desk.opens()
    desk.arrive(
        mail("一", "p1", extra="References: <root@buyer.example>"),
        mail("二", "p2", extra="In-Reply-To: <root@buyer.example>"), at=TEN,
    )  # fmt: skip
    assert kinds(Case.objects.get()) == ["opened", "received"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite lets one write at a time; threads share its cache here"
)
def test_two_mails_of_one_conversation_at_once_make_one_case(desk: Desk):
    desk.opens()
    rows = desk.arrive(
        mail("一", "p1", extra="References: <root@buyer.example>", sender="x@y.example"),
        mail("二", "p2", extra="References: <root@buyer.example>", sender="x@y.example"), at=TEN,
    )  # fmt: skip
    CaseMail.objects.all().delete()
    MailThread.objects.all().delete()
    InMessage.objects.update(state="new", sender=BUYER)
    start = threading.Barrier(2)

    def work(key: int) -> None:
        start.wait()
        routing.route_message(key, now=TEN)
        connection.close()

    threads = [threading.Thread(target=work, args=(one.pk,)) for one in rows]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert kinds(Case.objects.get()) == ["opened", "received"]
    assert set(InMessage.objects.values_list("state", flat=True)) == {"routed"}


def test_an_acknowledgement_names_number_and_due_time_once_for_a_conversation(desk: Desk):
    desk.opens("complaint", acknowledges=True)
    desk.arrive(mail("一", "t1", subject="酸度偏高"), at=TEN)
    case = Case.objects.get()
    desk.arrive(mail("二", "t2", extra="References: <t1@buyer.example>"), at=at("03-02 10:05"))
    desk.send(at("03-02 10:06"))
    assert len(desk.office.arrived) == 1
    out = parsed(desk)
    assert case.number in str(out["Subject"])
    assert "2026-03-02 15:00" in out.get_content()  # severity 2: four working hours, an hour of noon between
    assert (out["Auto-Submitted"], out["In-Reply-To"]) == ("auto-replied", "<t1@buyer.example>")
    assert out["Reply-To"].addresses[0].addr_spec == desk.address_of(case)
    assert CaseClock.objects.get(case=case, kind="response").stopped_at is None
    assert kinds(case) == ["opened", "acknowledged", "received"]


def test_no_acknowledgement_goes_to_lists_machines_or_whoever_had_three_today(desk: Desk):
    desk.opens(acknowledges=True)
    desk.arrive(
        mail("一", "l1", extra="List-Id: <trade.example>"),
        mail("二", "l2", extra="Precedence: bulk"),
        mail("三", "l3", extra="Auto-Submitted: auto-generated"), at=TEN,
    )  # fmt: skip
    assert OutMessage.objects.count() == 0
    desk.arrive(*(mail(f"新 {n}", f"n{n}", subject=f"事 {n}") for n in range(5)), at=at("03-02 10:10"))
    assert Case.objects.count() == 6
    assert OutMessage.objects.count() == 3
    desk.arrive(mail("明天", "n9"), at=at("03-03 10:11"))
    assert OutMessage.objects.count() == 4


def test_an_answer_stops_the_response_clock_when_it_is_queued(desk: Desk):
    case = opened(desk.company, contact=desk.company.contact)
    row = answer(desk, case)
    clock = CaseClock.objects.get(case=case, kind="response")
    assert clock.stopped_at == at("03-02 10:30")
    assert row.status == "open"
    assert sent().state == "queued"
    desk.send(at("03-02 10:31"))
    out = parsed(desk)
    assert out["Reply-To"].addresses[0].addr_spec == desk.address_of(case)
    assert out["To"].addresses[0].addr_spec == BUYER
    assert out["Auto-Submitted"] is None
    assert sent().state == "sent"


def test_an_answer_that_was_sent_twice_from_the_form_is_one_mail(desk: Desk):
    case = opened(desk.company)
    for _twice in range(2):
        answer(desk, case, once="f00d")
    assert OutMessage.objects.count() == 1
    assert kinds(case) == ["opened", "responded"]


def test_a_mail_that_cannot_be_delivered_is_told_once_and_the_clock_stays_stopped(desk: Desk):
    case = opened(desk.company)
    answer(desk, case)
    desk.office.to_recipient[BUYER] = "550 5.1.1 no such user"
    desk.send(at("03-02 10:31"))
    desk.send(at("03-02 10:32"))
    assert sent().state == "dead"
    assert kinds(case) == ["opened", "responded", "undelivered"]
    assert told(case, "undelivered") == ["agent"]
    assert CaseClock.objects.get(case=case, kind="response").stopped_at is not None


def test_answers_take_files_of_the_case_and_never_those_for_colleagues(desk: Desk):
    case = opened(desk.company)
    agent = desk.company.actor("agent")
    data = b"%PDF-1.4 x"
    (free,) = attach_kept(agent, case, [Kept(keep(data), "报告.pdf", "application/pdf", len(data))], TEN)
    (own,) = attach_kept(
        agent, case, [Kept(keep(b"%PDF-1.4 y"), "内部.pdf", "application/pdf", 10)], TEN, is_internal=True
    )
    services.add_note(actor=agent, case=case, text="绝密：底价八折", now=TEN)
    with pytest.raises(CaseError) as refused:
        answer(desk, case, file_ids=[own.pk])
    assert refused.value.field == "attached"
    answer(desk, case, file_ids=[free.pk])
    desk.send(at("03-02 10:31"))
    out = parsed(desk)
    assert [one.get_filename() for one in out.iter_attachments()] == ["报告.pdf"]
    whole = out.get_body().get_content()
    assert "绝密" not in whole
    assert "内部" not in whole


@pytest.mark.parametrize(
    ("given", "field"),
    [({"to": ["王工"]}, "to"), ({"to": []}, "to"), ({"subject": " "}, "subject"), ({"text": ""}, "text")],
)
def test_what_cannot_be_sent_is_said_beside_its_field_and_nothing_is_queued(
    desk: Desk, given: dict[str, Any], field: str
):
    case = opened(desk.company)
    with pytest.raises(CaseError) as refused:
        answer(desk, case, **given)
    assert refused.value.field == field
    assert OutMessage.objects.count() == 0
    assert kinds(case) == ["opened"]


def test_a_complaint_by_mail_from_first_word_to_thanks(desk: Desk):
    """A buyer of tier A complains; the clock of first response runs, we answer, the buyer writes back, it is solved, thanks."""
    company = desk.company
    desk.opens("complaint", acknowledges=True)
    desk.arrive(mail("反应釜内结晶，整线停产", "c1", subject="三月批次结晶"), at=TEN)
    case = Case.objects.get()
    agent = company.actor("agent")
    services.change_case(actor=agent, case=case, severity=1, now=at("03-02 10:05"))
    clock = CaseClock.objects.get(case=case, kind="response")
    assert (clock.due_at, clock.stopped_at) == (
        TEN + timedelta(hours=1),
        None,
    )  # severity 1 is answered in one hour
    services.reassign_case(actor=agent, case=case, owner=company.people["agent"], now=at("03-02 10:06"))
    answer(desk, case, now=at("03-02 10:20"))
    clock.refresh_from_db()
    assert clock.stopped_at == at("03-02 10:20")
    assert not clock.is_breached
    desk.send(at("03-02 10:21"))
    ours = parsed(desk)
    assert ours["In-Reply-To"] == "<c1@buyer.example>"
    reply = mail(
        "已取样，晚上寄出", "c2", to=desk.address_of(case), extra=f"In-Reply-To: {ours['Message-ID']}"
    )
    desk.arrive(reply, at=at("03-02 15:00"))
    assert told(case, "received") == ["agent"]
    services.solve_case(actor=agent, case=case, solution="换货两吨", cause="温度", now=at("03-04 09:00"))
    desk.arrive(mail("您好，已收到，谢谢！", "c3", to=desk.address_of(case)), at=at("03-05 09:00"))
    assert fresh(case).status == "solved"
    assert kinds(case) == [
        "opened", "acknowledged", "changed", "reassigned", "responded", "received", "solved", "received",
    ]  # fmt: skip
    said = list(CaseEvent.objects.filter(case=case, kind="received").values_list("data__text", flat=True))
    assert said == ["已取样，晚上寄出", "您好，已收到，谢谢！"]
    services.close_case(actor=agent, case=case, reason="客户已书面确认", now=at("03-06 09:00"))
    assert fresh(case).status == "closed"


def test_whose_a_mail_may_be_is_suggested_among_the_customers_that_one_sees(desk: Desk):
    company = desk.company
    (strange,) = desk.arrive(mail("要投诉", sender="who@elsewhere.example"), at=TEN)
    Channel.objects.update(team=company.desk)
    Contact.objects.filter(pk=company.contact.pk).update(email="who@elsewhere.example")
    new = reverse("case_from_mail", args=[strange.pk])
    for scope, is_said in ((Scope.ALL, True), (Scope.OWN, False)):
        override_access(
            actor=SYSTEM, role="service_agent", object_name="customer", action="view", scope=scope, classes=["public"], now=TEN
        )  # fmt: skip
        assert (company.customer.name in company.client("agent").get(new).content.decode()) is is_said
