"""Two problems in one case become two cases; a case that is not ours is refused, and can come back."""

from __future__ import annotations

import pytest
from django.http import Http404
from django.urls import reverse

from bihuan.kernel.actor import NotAllowed
from bihuan.kernel.files import keep
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.models import Case, CaseClock, CaseEvent, CaseFile
from bihuan.service.queries import splits_of
from bihuan.service.sweeping import sweep

from .desk import Company, at, opened

pytestmark = pytest.mark.django_db
TEN = at("03-02 10:00")


def split(company: Company, case: Case, text: str = "演示：另有两袋破损", **more: object) -> Case:
    given = {"actor": company.actor("agent"), "case": case, "text": text, "now": TEN} | more
    return services.split_case(**given)  # type: ignore[arg-type]


def file_of(case: Case, name: str = "a.txt", **more: object) -> CaseFile:
    given = {
        "sha256": keep(name.encode()),
        "content_type": "text/plain",
        "size": 5,
        "actor": "staff:0",
        "actor_name": "x",
        "at": TEN,
    }
    return CaseFile.objects.create(case=case, name=name, **given | more)


def kinds(case: Case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def test_events_stay_where_they_are_and_both_point_at_each_other(company: Company):
    case = opened(company)
    services.respond(actor=company.actor("agent"), case=case, text="好", now=at("03-02 09:10"))
    made = split(company, case, severity=2)
    assert kinds(case) == ["opened", "responded", "split_off"]
    assert kinds(made) == ["opened", "split_from"]
    assert (made.customer, made.owner, made.team, made.split_from) == (
        case.customer,
        case.owner,
        case.team,
        case,
    )
    client = company.client("agent")
    assert made.number in client.get(reverse("case", args=[case.pk])).content.decode()
    assert case.number in client.get(reverse("case", args=[made.pk])).content.decode()


def test_the_customer_has_waited_since_the_first_report_unless_it_came_up_only_now(company: Company):
    case = opened(company)
    first = split(company, case)
    second = split(company, case, text="演示：第三件", came_up_now=True)
    started = {one: CaseClock.objects.get(case=one, kind="response").started_at for one in (first, second)}
    assert started == {first: at("03-02 09:00"), second: TEN}
    # The first one's clocks are untouched by it.
    assert CaseClock.objects.get(case=case, kind="response").due_at == at("03-02 10:00")


def test_chosen_files_go_along_and_stay(company: Company):
    case = opened(company)
    taken, left = file_of(case), file_of(case, "b.txt")
    inner = file_of(case, "c.txt", is_internal=True, field_class="technical")
    made = split(company, case, files=[taken.pk, inner.pk])
    assert list(made.files.order_by("id").values_list("name", "sha256", "is_internal", "field_class")) == [
        ("a.txt", taken.sha256, False, "public"), ("c.txt", inner.sha256, True, "technical"),
    ]  # fmt: skip
    assert case.files.count() == 3 and left.sha256
    events = CaseEvent.objects.filter(case=made, kind="attached")
    assert {(one.is_internal, one.field_class) for one in events} == {(False, "public"), (True, "technical")}


def test_files_of_another_case_or_withdrawn_or_not_to_be_read_are_refused(company: Company):
    case, other = opened(company), opened(company)
    gone = file_of(case, withdrawn_at=TEN)
    for wrong in (file_of(other), gone):
        with pytest.raises(CaseError):
            split(company, case, files=[wrong.pk])
    assert Case.objects.count() == 2


def test_a_split_that_makes_no_sense_is_refused(company: Company):
    case = opened(company)
    with pytest.raises(CaseError):
        split(company, case, text=" ")
    with pytest.raises(CaseError):
        split(company, case, kind="poem")
    split(company, case)
    with pytest.raises(CaseError):  # sent twice, from two tabs
        split(company, case)
    with pytest.raises(Http404):
        split(company, case, actor=company.actor("stranger"), text="x")
    with pytest.raises(NotAllowed):
        split(company, case, actor=company.actor("seller"), text="x")
    actor = company.actor("agent")
    services.solve_case(actor=actor, case=case, solution="好", now=TEN)
    services.close_case(actor=actor, case=case, reason="x", cause="x", now=TEN)
    with pytest.raises(CaseError):
        split(company, case, text="演示：迟来的")


def test_what_was_split_off_can_be_merged_back_and_comes_to_the_survivor(company: Company):
    case, actor = opened(company), company.actor("agent")
    made = split(company, case)
    survivor = services.merge_cases(actor=actor, case=made, into=case, now=at("03-02 10:10"))
    assert survivor.pk == case.pk
    services.respond(actor=actor, case=made, text="好", now=at("03-02 10:20"))
    assert kinds(case)[-1] == "responded"
    again = split(
        company, made, text="演示：还是两件", now=at("03-02 10:30")
    )  # of the merged one: of the survivor
    assert again.split_from_id == case.pk


def test_the_first_may_be_merged_into_what_was_split_off(company: Company):
    case, actor = opened(company), company.actor("agent")
    made = split(company, case)
    survivor = services.merge_cases(actor=actor, case=case, into=made, now=at("03-02 10:10"))
    assert survivor.pk == made.pk
    assert company.client("agent").get(reverse("case", args=[case.pk])).status_code == 200
    assert company.client("agent").get(reverse("case", args=[made.pk])).status_code == 200


def test_a_split_off_case_that_went_elsewhere_is_not_named_to_who_does_not_see_it(company: Company):
    case = opened(company)
    made = split(company, case)
    stranger = company.people["stranger"]
    services.reassign_case(actor=company.actor("director"), case=made, owner=stranger, now=TEN)
    events = list(case.events.all())
    assert splits_of(company.actor("director"), case, events) == [made]
    assert splits_of(company.actor("agent"), case, events) == []


def test_the_dialog_splits(company: Company):
    case = opened(company)
    file = file_of(case)
    address = reverse("case_step", args=[case.pk, "split"])
    client = company.client("agent")
    assert "a.txt" in client.get(address).content.decode()
    sent = client.post(
        address, {"text": "演示：另一件", "kind": "question", "severity": "3", "files": [file.pk]}
    )
    made = Case.objects.get(split_from=case)
    assert sent["Location"] == reverse("case", args=[made.pk]) and made.files.count() == 1


# Refusing ---------------------------------------------------------------------------------------------------------------


def refuse(company: Company, case: Case, **more: object) -> Case:
    given = {
        "actor": company.actor("agent"),
        "case": case,
        "code": "not_our_goods",
        "text": "演示：非我司产品",
        "now": TEN,
    }
    return services.refuse_case(**given | more)  # type: ignore[arg-type]


def test_a_refused_case_is_told_and_all_its_clocks_stop(company: Company):
    case = opened(company, severity=2)
    done = refuse(company, case)
    assert (done.status, done.stage, done.closed_at, done.next_due_at) == ("refused", "refused", TEN, None)
    assert not CaseClock.objects.filter(case=case, stopped_at=None).exists()
    assert not CaseClock.objects.get(case=case, kind="response").is_breached
    assert not CaseEvent.objects.filter(
        case=case, kind__in=["responded", "refused"], is_internal=True
    ).exists()
    sweep(at("04-02 10:00"))
    assert not case.notices.exists()
    page = company.client("agent").get(reverse("case", args=[case.pk])).content.decode()
    assert "演示：非我司产品" in page and "不予受理" in page


def test_a_refused_case_comes_back_and_its_clocks_run_on(company: Company):
    case = refuse(company, opened(company))
    with pytest.raises(CaseError):
        services.respond(actor=company.actor("agent"), case=case, text="x", now=TEN)
    back = services.reopen_case(
        actor=company.actor("agent"), case=case, reason="演示：补了发货单", now=at("03-02 11:00")
    )
    assert (back.status, back.closed_at) == ("open", None)
    assert CaseClock.objects.filter(case=case, kind="resolution", stopped_at=None).exists()
    assert refuse(company, back, now=at("03-02 12:00")).status == "refused"


@pytest.mark.parametrize("more", [{"code": "mood"}, {"code": ""}, {"text": "  "}])
def test_a_refusal_without_reason_or_word_is_refused(company: Company, more: dict):
    case = opened(company)
    with pytest.raises(CaseError):
        refuse(company, case, **more)
    assert kinds(case) == ["opened"]


def test_only_open_cases_are_refused_and_only_once(company: Company):
    case = refuse(company, opened(company))
    with pytest.raises(CaseError):
        refuse(company, case)
    other = opened(company)
    services.solve_case(actor=company.actor("agent"), case=other, solution="好", now=TEN)
    with pytest.raises(CaseError):
        refuse(company, other)
    with pytest.raises(NotAllowed):
        refuse(company, opened(company), actor=company.actor("seller"))
    with pytest.raises(CaseError):
        services.merge_cases(actor=company.actor("agent"), case=opened(company), into=case, now=TEN)


def test_the_dialog_refuses_and_offers_reopening(company: Company):
    case = opened(company)
    address = reverse("case_step", args=[case.pk, "refuse"])
    client = company.client("agent")
    assert client.post(address, {"code": "not_our_task", "text": ""}).status_code == 422
    assert client.post(address, {"code": "not_our_task", "text": "演示：请找承运商"}).status_code == 302
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert reverse("case_step", args=[case.pk, "reopen"]) in page
    assert reverse("case_step", args=[case.pk, "respond"]) not in page
