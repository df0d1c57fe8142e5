"""Colleagues named in notes, texts to begin with, and the pages of correspondence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bihuan.customers.models import Contact
from bihuan.kernel.actor import SYSTEM, Scope
from bihuan.messaging.errors import MessagingError
from bihuan.messaging.models import Channel, InMessage, OutMessage
from bihuan.messaging.tests.conftest import imap, make_channel, office, one_imap  # noqa: F401
from bihuan.people.models import User
from bihuan.people.services import override_access
from bihuan.service import services
from bihuan.service.correspondence import templates
from bihuan.service.correspondence.mentions import suggestions, wish_mail
from bihuan.service.correspondence.taking import take
from bihuan.service.errors import CaseError
from bihuan.service.models import Case, CaseEvent, CaseMail, CaseNews, CaseTemplate

from .desk import Company, at, opened
from .post import BUYER, Desk, kinds, mail, told

pytestmark = pytest.mark.django_db
NOW = at("03-02 10:00")


@pytest.fixture(autouse=True)
def ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_NOW", NOW.isoformat())


@pytest.fixture
def desk(company: Company, make_channel: Callable[..., Any], office: Any, imap: Any) -> Desk:  # noqa: F811
    Contact.objects.filter(pk=company.contact.pk).update(email=BUYER)
    company.contact.refresh_from_db()
    channel = make_channel(smtp=office.port, imap=imap.port)
    Channel.objects.filter(pk=channel.pk).update(team=company.desk)
    channel.refresh_from_db()
    return Desk(company, channel, office, imap)


def named(company: Company, name: str, called: str) -> User:
    company.people[name].name = called
    company.people[name].save()
    return company.people[name]


def test_only_who_may_see_the_case_is_offered(company: Company):
    case = opened(company)
    found = [one.username for one in suggestions(company.actor("agent"), case, "", limit=20)]
    assert "second" in found
    assert "manager" in found
    assert "stranger" not in found
    assert "rival" not in found  # a salesperson without that customer
    assert "agent" not in found  # oneself


def test_only_colleagues_whom_one_sees_are_offered(company: Company):
    case = opened(company)
    override_access(
        actor=SYSTEM, role="service_agent", object_name="staff", action="view", scope=Scope.TEAM, classes=["public"], now=NOW
    )  # fmt: skip
    found = {one.username for one in suggestions(company.actor("agent"), case, "", limit=20)}
    assert found == {"second"}
    manager = company.people["manager"]
    services.add_note(
        actor=company.actor("agent"), case=case, text=f"@{manager.name}", mentions=[manager.pk], now=NOW
    )
    assert told(case, "mentioned") == []


def test_addresses_are_offered_to_who_reads_them(desk: Desk):
    case = opened(desk.company, contact=desk.company.contact)
    address = reverse("case_step", args=[case.pk, "respond"]) + "?by=mail"
    assert BUYER in desk.company.client("agent").get(address).content.decode()
    override_access(
        actor=SYSTEM, role="service_agent", object_name="contact", action="view", scope=Scope.ALL, classes=["public"], now=NOW
    )  # fmt: skip
    assert BUYER not in desk.company.client("agent").get(address).content.decode()


@pytest.mark.parametrize("typed", ["张", "伟", "张伟", "zw", "zhangw", "second"])
def test_a_chinese_name_is_found_by_any_part_its_sounds_and_its_initials(company: Company, typed: str):
    case = opened(company)
    named(company, "second", "张伟")
    assert [one.username for one in suggestions(company.actor("agent"), case, typed)] == ["second"]


def test_a_mention_is_kept_as_a_number_and_told_on_today(company: Company):
    case = opened(company)
    zhang = named(company, "second", "张伟")
    services.add_note(
        actor=company.actor("agent"), case=case, text="@张伟 请看一下", mentions=[zhang.pk], now=NOW
    )
    event = CaseEvent.objects.get(case=case, kind="noted")
    assert event.data["mentions"] == [zhang.pk]
    assert told(case, "mentioned") == ["second"]
    client = company.client("second")
    assert "提到了您" in client.get(reverse("today")).content.decode()
    client.post(reverse("case_news_read"))
    assert "提到了您" not in client.get(reverse("today")).content.decode()


def test_a_name_that_was_typed_or_struck_out_again_tells_nobody(company: Company):
    case = opened(company)
    zhang = named(company, "second", "张伟")
    agent = company.actor("agent")
    services.add_note(actor=agent, case=case, text="@张伟 请看", now=NOW)  # typed, not chosen
    services.add_note(actor=agent, case=case, text="算了", mentions=[zhang.pk], now=NOW)  # chosen, struck out
    assert CaseNews.objects.count() == 0
    with pytest.raises(CaseError):
        name = company.people["stranger"].name
        services.add_note(
            actor=agent, case=case, text=f"@{name}", mentions=[company.people["stranger"].pk], now=NOW
        )
    assert kinds(case) == ["opened", "noted", "noted"]


def test_a_technical_note_names_only_who_reads_technical_data(company: Company):
    case = opened(company)
    seller = company.people["seller"]
    given: dict[str, Any] = {
        "actor": company.actor("quality"),
        "case": case,
        "text": f"@{seller.name} 看",
        "mentions": [seller.pk],
    }
    with pytest.raises(CaseError):
        services.add_note(**given, is_technical=True, now=NOW)
    services.add_note(**given, now=NOW)
    assert told(case, "mentioned") == ["seller"]


def test_whoever_wishes_hears_of_a_mention_by_mail_without_the_notes_words(desk: Desk):
    company = desk.company
    case = opened(company)
    zhang = named(company, "second", "张伟")
    with pytest.raises(CaseError):
        wish_mail(actor=company.actor("second"), wanted=True, now=NOW)  # no address of theirs is known
    zhang.email = "zhang@example.com"
    zhang.save()
    wish_mail(actor=company.actor("second"), wanted=True, now=NOW)
    services.add_note(
        actor=company.actor("agent"), case=case, text="@张伟 底价八折", mentions=[zhang.pk], now=NOW
    )
    row = OutMessage.objects.get()
    assert (row.to, row.automatic, row.about) == (["zhang@example.com"], "auto-generated", "")
    assert case.number in row.subject
    assert "底价" not in row.subject + row.text
    wish_mail(actor=company.actor("second"), wanted=False, now=NOW)
    services.add_note(
        actor=company.actor("agent"), case=case, text="@张伟 再看", mentions=[zhang.pk], now=NOW
    )
    assert OutMessage.objects.count() == 1


def test_the_mention_list_is_404_for_who_does_not_see_the_case(company: Company):
    case = opened(company)
    address = reverse("case_mentions", args=[case.pk])
    assert company.client("stranger").get(address).status_code == 404
    assert "演示·second" in company.client("agent").get(address, {"q": "sec"}).content.decode()


def template(
    use: str = "answer", body: str = "{{ contact }}您好：{{ number }} 将于 {{ due }} 前处理。", **more: Any
) -> CaseTemplate:
    given: dict[str, Any] = {"name": "安抚", "body": body} | more
    return templates.save_template(actor=SYSTEM, template=None, use=use, now=NOW, **given)


def test_a_template_fills_in_what_is_known_and_refuses_what_nobody_fills(company: Company):
    case = opened(company, contact=company.contact)
    row = template()
    text = templates.filled(row, templates.values_for_case(company.actor("agent"), case))
    assert text == f"演示·王工您好：{case.number} 将于 2026-03-02 10:00 前处理。"
    with pytest.raises(CaseError):
        template(name="错", body="{{ price }}")
    with pytest.raises(CaseError):
        template(use="case", name="早", body="{{ number }}")  # a new case has none yet
    with pytest.raises(CaseError):
        template()  # the name is taken


def test_what_a_customer_is_called_is_not_read_as_a_template(company: Company):
    company.customer.name = "{{ signature }}"
    company.customer.save()
    row = template(body="致 {{ customer }}")
    case = opened(company)
    assert (
        templates.filled(row, templates.values_for_case(company.actor("agent"), case)) == "致 {{ signature }}"
    )
    with pytest.raises(MessagingError):
        templates.preview("answer", "{{ nobody }}")


def test_templates_are_managed_by_who_may_change_settings(company: Company):
    address = reverse("case_template_create", args=["note"])
    given: dict[str, Any] = {"name": "交接", "body": "交接 {{ number }}", "is_active": "on"}
    assert company.client("agent").post(address, given).status_code == 404
    override_access(
        actor=SYSTEM,
        role="manager",
        object_name="setting",
        action="view",
        scope=Scope.ALL,
        classes=["public"],
        now=NOW,
    )
    override_access(
        actor=SYSTEM,
        role="manager",
        object_name="setting",
        action="edit",
        scope=Scope.ALL,
        classes=["public"],
        now=NOW,
    )
    manager = company.client("manager")
    assert manager.post(address, given | {"only_preview": "1"}).status_code == 200
    assert not CaseTemplate.objects.exists()
    assert manager.post(address, given).status_code == 302
    assert manager.post(address, given | {"name": "坏", "body": "{{ x }}"}).status_code == 422
    assert "交接" in manager.get(reverse("case_templates")).content.decode()
    case = opened(company)
    agent = company.client("agent")
    text = agent.get(reverse("case_note_text", args=[case.pk]), {"template": CaseTemplate.objects.get().pk})
    assert text.content.decode() == f"交接 {case.number}"


def test_a_new_case_begins_with_a_template(company: Company):
    row = template(use="case", body="{{ customer }} 反映：", kind="complaint", severity=1, title="投诉")
    page = (
        company.client("agent")
        .get(reverse("case_create"), {"customer": company.customer.pk, "template": row.pk})
        .content.decode()
    )
    assert f"{company.customer.name} 反映：" in page
    assert '<option value="complaint" selected>' in page
    assert '<option value="1" selected>' in page


def test_the_answer_dialog_sends_a_mail_and_shows_its_state(desk: Desk):
    company = desk.company
    case = opened(company, contact=company.contact)
    desk.arrive(mail("如何了？", to=desk.address_of(case)), at=NOW)
    row = template()
    agent = company.client("agent")
    address = reverse("case_step", args=[case.pk, "respond"])
    page = agent.get(address).content.decode()
    assert f'value="{BUYER}"' in page
    assert case.number in page
    page = agent.get(f"{address}?by=mail&template={row.pk}").content.decode()
    assert "演示·王工您好" in page
    given: dict[str, Any] = {
        "by": "mail",
        "to": f"{BUYER}；boss@buyer.example",
        "subject": "回复",
        "text": "明天到",
        "once": "abc",
    }
    assert agent.post(address, given).status_code == 302
    assert agent.post(address, given).status_code == 302  # the second tab
    assert OutMessage.objects.get().to == [BUYER, "boss@buyer.example"]
    page = agent.get(reverse("case", args=[case.pk])).content.decode()
    assert "排队" in page or "待发送" in page
    assert page.count("明天到") == 1
    assert agent.post(address, given | {"to": "nobody", "once": "d"}).status_code == 422


def test_what_was_told_by_telephone_needs_no_mail(desk: Desk):
    case = opened(desk.company)
    address = reverse("case_step", args=[case.pk, "respond"])
    assert desk.company.client("agent").post(address, {"text": "电话里说了"}).status_code == 302
    assert OutMessage.objects.count() == 0
    assert kinds(case) == ["opened", "responded"]


def test_the_conversation_puts_theirs_left_ours_right_and_folds_quotes(desk: Desk):
    case = opened(desk.company, contact=desk.company.contact, text="结晶了")
    desk.arrive(mail("补充一句\n\n---- 原始邮件 ----\n早先的话", to=desk.address_of(case)), at=NOW)
    services.respond(actor=desk.company.actor("agent"), case=case, text="马上来", now=NOW)
    services.add_note(actor=desk.company.actor("agent"), case=case, text="内部的话", now=NOW)
    page = desk.company.client("agent").get(reverse("case", args=[case.pk])).content.decode()
    talk = page[page.index('id="conversation"') : page.index('id="files"')]
    assert talk.count("turn-theirs") == 2
    assert talk.count("turn-ours") == 1
    assert talk.index("早先的话") > talk.index("turn-quoted")
    assert "内部的话" not in talk
    assert BUYER in talk
    override_access(
        actor=SYSTEM,
        role="service_agent",
        object_name="case",
        action="view",
        scope=Scope.TEAM,
        classes=["public"],
        now=NOW,
    )
    page = desk.company.client("agent").get(reverse("case", args=[case.pk])).content.decode()
    assert BUYER not in page


def test_an_agent_decides_in_the_inbox_of_the_own_team_and_sees_no_other_mail(desk: Desk):
    company = desk.company
    (strange,) = desk.arrive(mail("要投诉", sender="who@elsewhere.example"), at=NOW)
    agent = company.client("agent")
    inbox = agent.get(reverse("mail_in", args=[strange.pk])).content.decode()
    new = reverse("case_from_mail", args=[strange.pk])
    assert new in inbox
    assert company.client("stranger").get(reverse("mail_in", args=[strange.pk])).status_code == 404
    assert company.client("stranger").get(new).status_code == 404
    answer = agent.post(new, {"other": company.customer.pk, "kind": "complaint", "severity": ""})
    case = Case.objects.get()
    assert answer["Location"] == reverse("case", args=[case.pk])
    assert agent.post(new, {"other": company.customer.pk, "kind": "complaint"}).status_code == 422
    # A mail about a case that an agent may not see is not in that agent's inbox, whatever channel it came by.
    Case.objects.update(team=company.other, owner=None)
    override_access(
        actor=SYSTEM,
        role="service_agent",
        object_name="case",
        action="view",
        scope=Scope.OWN,
        classes=["public"],
        now=NOW,
    )
    assert agent.get(reverse("mail_in", args=[strange.pk])).status_code == 404
    assert "要投诉" not in agent.get(reverse("mail_inbox") + "?state=all").content.decode()


def test_a_held_mail_is_decided_on_the_cases_page(desk: Desk):
    case = opened(desk.company)
    desk.arrive(mail("我换了邮箱", sender="Wang <new@gmail.example>", to=desk.address_of(case)), at=NOW)
    held = CaseMail.objects.get(case=case)
    address = reverse("case_mail_confirm", args=[case.pk, held.pk])
    assert desk.company.client("stranger").post(address).status_code == 404
    assert desk.company.client("seller").post(address).status_code == 403
    assert address in desk.company.client("agent").get(reverse("case", args=[case.pk])).content.decode()
    assert desk.company.client("agent").post(address).status_code == 302
    assert kinds(case)[-1] == "received"
    assert (
        desk.company.client("agent").post(reverse("case_mail_refuse", args=[case.pk, held.pk])).status_code
        == 302
    )
    held.refresh_from_db()
    assert held.standing == "taken"


def test_which_channel_opens_cases_is_set_by_an_administrator(desk: Desk):
    address = reverse("mail_case_channels")
    assert desk.company.client("agent").get(address).status_code == 404
    for action in ("view", "administer"):
        override_access(
            actor=SYSTEM,
            role="director",
            object_name="channel",
            action=action,
            scope=Scope.ALL,
            classes=["public"],
            now=NOW,
        )
    director = desk.company.client("director")
    given = {"channel": desk.channel.pk, "opens": "on", "kind": "quality_objection", "acknowledges": "on"}
    assert director.post(address, given).status_code == 302
    assert "质量异议" in director.get(address).content.decode()
    desk.arrive(mail("偏高"), at=NOW)
    assert Case.objects.get().kind == "quality_objection"
    assert InMessage.objects.get().state == "routed"


def test_a_case_with_many_mails_asks_no_more_than_one_with_few(desk: Desk):
    case = opened(desk.company, contact=desk.company.contact, channel="mail")
    agent = desk.company.client("agent")
    address = reverse("case", args=[case.pk])

    def write(start: int, count: int) -> int:
        for number in range(start, start + count):
            row = InMessage.objects.create(
                channel=desk.channel, message_id=f"<q{number}@x>", digest=str(number), sender=BUYER, text="演示", received_at=NOW,
                classification="message", state="routed", about=f"case:{case.pk}",
            )  # fmt: skip
            take(row, case.pk, NOW)
        agent.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert agent.get(address).status_code == 200
        return len(asked)

    assert write(0, 2) == write(2, 20)
