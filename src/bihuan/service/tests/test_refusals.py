"""What cannot be done to a case, and what is said then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import Http404
from django.utils import translation

from bihuan.kernel.actor import NotAllowed
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.models import Case, CaseEvent

from .desk import Company, at, customer_of, opened

pytestmark = pytest.mark.django_db
NOW = at("03-02 09:30")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


WAIT = "waiting_for_customer"


def solved(company: Company, **more: Any) -> Case:
    case = opened(company, **more)
    return services.solve_case(actor=company.actor("agent"), case=case, solution="好", now=at("03-02 09:10"))


def closed(company: Company) -> Case:
    case = solved(company)
    return services.close_case(
        actor=company.actor("agent"), case=case, reason="客户不需要", now=at("03-02 09:15")
    )


def waiting(company: Company) -> Case:
    return services.pause_case(
        actor=company.actor("agent"), case=opened(company), reason=WAIT, now=at("03-02 09:10")
    )


def visited(company: Company) -> Case:
    return services.set_on_site(actor=company.actor("agent"), case=opened(company), now=at("03-02 09:10"))


def worked_around(company: Company) -> Case:
    return services.work_around(
        actor=company.actor("agent"), case=opened(company), text="备罐", now=at("03-02 09:10")
    )


STEPS: dict[str, tuple[Callable[[Company], Case], Callable[..., Any], dict[str, Any], str]] = {
    "an answer without words": (opened, services.respond, {"text": " "}, "Write what the customer is told."),
    "an answer to a closed case": (closed, services.respond, {"text": "好"}, "This case is closed. Reopen it first."),
    "an empty note": (opened, services.add_note, {"text": ""}, "Write the note."),
    "a note of endless length": (opened, services.add_note, {"text": "长" * 10_001}, "At most 10000 characters; here are 10001."),
    "a technical note for the customer": (
        opened, services.add_note, {"text": "酸值", "is_internal": False, "is_technical": True},
        "What the customer sees is not kept from colleagues.",
    ),
    "a pause for no known reason": (opened, services.pause_case, {"reason": "午休"}, "Pick what the case waits for."),
    "waiting for the same twice": (waiting, services.pause_case, {"reason": WAIT}, "The case waits for this already."),
    "pausing what is solved": (solved, services.pause_case, {"reason": WAIT}, "This case is solved. Reopen it first."),
    "going on without a pause": (opened, services.resume_case, {}, "The case does not wait."),
    "on site twice": (visited, services.set_on_site, {}, "Somebody was on site already; write a note instead."),
    "a second workaround": (worked_around, services.work_around, {"text": "x"}, "There is a workaround already; write a note instead."),
    "a workaround that says nothing": (opened, services.work_around, {"text": ""}, "Say what keeps the customer going."),
    "a solution that says nothing": (opened, services.solve_case, {"solution": ""}, "Say how it was solved."),
    "solving twice": (solved, services.solve_case, {"solution": "x"}, "This case is solved. Reopen it first."),
    "calling back before solving": (opened, services.call_back, {"satisfaction": 4}, "Call back after the case is solved."),
    "satisfaction beyond the scale": (solved, services.call_back, {"satisfaction": 6}, "Satisfaction is a number from 1 to 5."),
    "closing what is not solved": (opened, services.close_case, {}, "Only a solved case can be closed."),
    "closing twice": (closed, services.close_case, {}, "This case is closed already."),
    "closing without the call-back": (
        solved, services.close_case, {}, "The promised call-back was not made: say why it is left out.",
    ),
    "reopening what is open": (opened, services.reopen_case, {"reason": "x"}, "The case is open."),
    "reopening without a reason": (solved, services.reopen_case, {"reason": ""}, "Say why it is open again."),
    "reassigning to nobody": (opened, services.reassign_case, {}, "Name a person or a team."),
    "changing a closed case": (closed, services.change_case, {"severity": 2}, "This case is closed. Reopen it first."),
    "changing nothing": (opened, services.change_case, {"severity": 1}, "Nothing would change."),
    "a severity that is none": (opened, services.change_case, {"severity": 4}, "Severity is 1, 2 or 3."),
    "an urgency that is none": (opened, services.change_case, {"urgency": "yesterday"}, "There is no such choice."),
    "a status of another category": (
        opened, services.set_stage, {"stage": "closed"}, "That status does not fit; take the step that leads there.",
    ),
    "the status that it has": (opened, services.set_stage, {"stage": "new"}, "Nothing would change."),
    "keeping a promise that nobody made": (
        opened, services.keep_promise, {"kind": "on_site"}, "No such promise is open on this case.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_makes_no_sense_is_refused_with_a_reason(company: Company, name: str):
    given, step, arguments, said = STEPS[name]
    case = given(company)
    before = CaseEvent.objects.filter(case=case).count()
    with pytest.raises(CaseError, match=said.replace(".", r"\.")):
        step(actor=company.actor("agent"), case=case, now=NOW, **arguments)
    assert CaseEvent.objects.filter(case=case).count() == before


def test_a_complaint_is_not_closed_without_its_cause(company: Company):
    case = solved(company, kind="complaint")
    actor = company.actor("agent")
    services.call_back(actor=actor, case=case, satisfaction=4, now=NOW)
    with pytest.raises(CaseError, match="A complaint is closed with its cause"):
        services.close_case(actor=actor, case=case, now=NOW)
    assert services.close_case(actor=actor, case=case, cause="罐底残液", now=NOW).status == "closed"


def test_a_case_is_opened_with_words_and_with_a_contact_of_that_customer(company: Company):
    elsewhere = customer_of(company.other, company.people["rival"], "演示南海材料")
    with pytest.raises(CaseError, match="Say what happened"):
        opened(company, text="")
    with pytest.raises(CaseError, match="not a contact of that customer"):
        opened(company, customer=elsewhere, contact=company.contact)
    with pytest.raises(CaseError, match="Severity is 1, 2 or 3"):
        opened(company, severity=0)
    company.people["second"].is_active = False
    with pytest.raises(CaseError, match="does not work here any more"):
        opened(company, owner=company.people["second"])


def test_reassigning_asks_for_somebody_who_works_here_and_has_it_not_yet(company: Company):
    case, actor = opened(company), company.actor("agent")
    with pytest.raises(CaseError, match="It is there already"):
        services.reassign_case(actor=actor, case=case, owner=company.people["agent"], now=NOW)
    company.people["second"].is_active = False
    with pytest.raises(CaseError, match="does not work here any more"):
        services.reassign_case(actor=actor, case=case, owner=company.people["second"], now=NOW)


def test_a_case_goes_to_nobody_who_may_not_work_on_it(company: Company):
    case = opened(company)
    with pytest.raises(CaseError, match="may not work on cases"):
        services.reassign_case(
            actor=company.actor("agent"), case=case, owner=company.people["seller"], now=NOW
        )
    with pytest.raises(CaseError, match="may not work on cases"):
        opened(company, owner=company.people["dispatcher"])


def test_merging_refuses_itself_strangers_closed_ones_and_a_second_time(company: Company):
    actor, kept, twin = company.actor("agent"), opened(company), opened(company)
    elsewhere = customer_of(company.region, company.people["seller"], "演示北岸涂料")
    foreign, ended = opened(company, customer=elsewhere), closed(company)
    for into, said in (
        (twin, "cannot be merged with itself"),
        (foreign, "another customer's case"),
        (ended, "is closed; reopen it first"),
    ):
        with pytest.raises(CaseError, match=said):
            services.merge_cases(actor=actor, case=twin, into=into, now=NOW)
    services.merge_cases(actor=actor, case=twin, into=kept, now=NOW)
    with pytest.raises(CaseError, match=r"was merged into .* already"):
        services.merge_cases(actor=actor, case=twin, into=opened(company), now=NOW)
    with pytest.raises(CaseError, match="cannot be merged with itself"):
        services.merge_cases(actor=actor, case=kept, into=twin, now=NOW)


def test_an_agent_of_another_team_finds_no_such_case(company: Company):
    case = opened(company)
    for step, arguments in ((services.respond, {"text": "x"}), (services.solve_case, {"solution": "x"})):
        with pytest.raises(Http404):
            step(actor=company.actor("stranger"), case=case, now=NOW, **arguments)


def test_sales_may_open_and_note_for_their_own_customers_and_not_solve(company: Company):
    seller = company.actor("seller")
    case = opened(company, by="seller")
    assert (case.owner, case.team) == (None, company.desk)
    services.add_note(actor=seller, case=case, text="客户很急", now=NOW)
    for step, arguments in (
        (services.solve_case, {"solution": "x"}),
        (services.reassign_case, {"owner": company.people["agent"]}),
        (services.add_note, {"text": "酸值", "is_technical": True}),
    ):
        with pytest.raises(NotAllowed):
            step(actor=seller, case=case, now=NOW, **arguments)
    with pytest.raises(Http404):
        opened(company, by="rival")
    with pytest.raises(NotAllowed):
        opened(company, by="dispatcher")
