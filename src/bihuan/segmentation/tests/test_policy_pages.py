"""A policy from change to decision on its pages: typed, refused or simulated, drafted, approved, proposed, decided."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import run_job, take_next_job
from bihuan.kernel.models import Job
from bihuan.kernel.outbox import deliver_due
from bihuan.kernel.time import local_date, now
from bihuan.people.models import User
from bihuan.people.services import create_user
from bihuan.rulebook.models import PolicyVersion
from bihuan.rulebook.queries import find_draft, version_in_force
from bihuan.rulebook.services import import_policy
from bihuan.segmentation.deciding.population import evaluated_population
from bihuan.segmentation.deciding.queries import explain_now
from bihuan.segmentation.models import MetricRow, Proposal, Standing
from bihuan.segmentation.refreshing import refresh_metrics, values_at

from .conftest import POLICY
from .made_sales import DAYS, FIRST, NOW, make_sales

DAY = FIRST + timedelta(days=DAYS)
pytestmark = pytest.mark.django_db(transaction=True)


def person(username: str, role: str, language: str = "en") -> User:
    return create_user(
        actor=SYSTEM, username=username, name=username.title(), roles=(role,), language=language, now=NOW
    )


def signed_in(username: str, role: str, language: str = "en") -> Client:
    client = Client()
    client.force_login(person(username, role, language))
    return client


@pytest.fixture
def version(lake: Path) -> PolicyVersion:
    """Twelve customers with values as of a past day, and the policy of that company."""
    make_sales(11, customers=12, orders=150)
    refresh_metrics(actor=SYSTEM, as_of=DAY, now=NOW)
    return import_policy(document=POLICY, valid_from=date(1900, 1, 1), now=NOW)


def work_off() -> Job:
    row = take_next_job(now())
    assert row is not None
    return run_job(row, clock=now)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize(("language", "said"), [("en", "a number"), ("zh-hans", "数值")])
def test_a_bad_number_is_refused_in_the_readers_language_and_stays_in_its_field(
    version: PolicyVersion, language: str, said: str
) -> None:
    client = signed_in("boss", "director", language)
    form = {"threshold.a_revenue": "一百万左右", "threshold.b_revenue": "100", "reason": "试一试"}
    answer = client.post("/policies/test_tiers/draft/", form)
    assert answer.status_code == 422
    page = text_of(answer)
    assert said in page
    assert 'value="一百万左右"' in page
    assert 'value="试一试"' in page
    assert find_draft(version.policy) is None
    assert said in text_of(client.post("/policies/test_tiers/simulate/", form))


def test_thresholds_that_leave_a_tier_without_anybody_are_refused(version: PolicyVersion) -> None:
    client = signed_in("boss", "director")
    answer = client.post(
        "/policies/test_tiers/draft/", {"threshold.a_revenue": "50", "threshold.b_revenue": "100"}
    )
    assert answer.status_code == 422
    assert "tiers" in text_of(answer)
    assert find_draft(version.policy) is None


def test_a_simulation_shows_who_moves_and_why_and_writes_nothing(version: PolicyVersion) -> None:
    client = signed_in("boss", "director")
    best = MetricRow.objects.order_by("-revenue_12m").select_related("customer").first()
    assert best is not None
    border = best.revenue_12m + 1
    client.post("/policies/test_tiers/simulate/", {"threshold.a_revenue": str(border)})
    job = work_off()
    assert job.state == Job.State.DONE, job.message
    page = text_of(client.get(f"/policies/test_tiers/simulations/{job.pk}/"))
    assert best.customer.name in page
    assert "Grade A → <strong>Grade B</strong>" in page
    assert "A revenue: 1,000 →" in page
    assert not Standing.objects.exists()
    assert find_draft(version.policy) is None


def test_a_whole_wording_is_drafted_simulated_and_approved_by_somebody_else(version: PolicyVersion) -> None:
    author, approver = signed_in("author", "director"), signed_in("approver", "director")
    wording = copy.deepcopy(POLICY)
    wording["tiers"][0]["when"] = {"metric": "orders_12m", "gte": 1}
    wording["cases"] = [
        {"name": "有单即甲", "given": {"orders_12m": 1, "revenue_12m": 0}, "expect": {"tier": "A"}},
        {"name": "无单看额", "given": {"orders_12m": 0, "revenue_12m": 100}, "expect": {"tier": "B"}},
        {"name": "都没有", "given": {"orders_12m": 0, "revenue_12m": 0}, "expect": {"tier": "C"}},
    ]
    wording["thresholds"].pop("a_revenue")
    text = yaml.safe_dump(wording, allow_unicode=True, sort_keys=False)
    answer = author.post("/policies/test_tiers/draft/", {"document": text, "reason": "按单数"})
    assert answer.status_code == 302
    author.post("/policies/test_tiers/simulate/", {})
    job = work_off()
    assert job.state == Job.State.DONE, job.message
    assert "the wording of the draft" in text_of(author.get(f"/policies/test_tiers/simulations/{job.pk}/"))
    today = local_date(now()).isoformat()
    page = text_of(approver.get("/policies/test_tiers/"))
    seen = page.split('name="seen" value="')[1].split('"')[0]
    author.post("/policies/test_tiers/approve/", {"valid_from": today, "seen": seen})
    assert version_in_force("test_tiers", local_date(now())) == version
    approver.post("/policies/test_tiers/approve/", {"valid_from": today, "seen": seen})
    held = version_in_force("test_tiers", local_date(now()))
    assert held is not None
    assert held.document["tiers"][0]["when"] == {"metric": "orders_12m", "gte": 1}


@pytest.mark.parametrize(
    ("place", "said"),
    [("unknown", "revenue_12n"), ("circle", "x"), ("unreadable", "YAML"), ("cases", "3")],
)
def test_a_wording_that_cannot_be_used_is_refused_with_its_place_and_not_lost(
    version: PolicyVersion, place: str, said: str
) -> None:
    wording = copy.deepcopy(POLICY)
    if place == "unknown":
        wording["tiers"][1]["when"]["metric"] = "revenue_12n"
        for case in wording["cases"]:
            case["given"]["revenue_12n"] = 1
    if place == "circle":
        wording["derived"] = [
            {
                "id": one,
                "label": {"zh-Hans": one, "en": one},
                "unit": "money",
                "value": {"add": [{"derived": other}, 1]},
            }
            for one, other in (("x", "y"), ("y", "x"))
        ]
    if place == "cases":
        wording["cases"] = wording["cases"][:1]
    text = yaml.safe_dump(wording, allow_unicode=True)
    if place == "unreadable":
        text = "id: [unclosed\nYAML: &"
    client = signed_in("boss", "director")
    answer = client.post("/policies/test_tiers/draft/", {"document": text})
    assert answer.status_code == 422
    page = text_of(answer)
    alert = page.split('role="alert"')[1].split("</div>")[0]
    assert said in alert
    assert text.splitlines()[0].split(":")[0] in page.split("<textarea")[1]
    assert find_draft(version.policy) is None


def test_a_draft_whose_cases_fail_says_which_and_cannot_be_approved(version: PolicyVersion) -> None:
    author, approver = signed_in("author", "director"), signed_in("approver", "director")
    author.post("/policies/test_tiers/draft/", {"threshold.a_revenue": "1500"})
    page = text_of(approver.get("/policies/test_tiers/"))
    assert "千元为甲: expected Grade A, comes out as Grade B" in page
    today = local_date(now()).isoformat()
    answer = approver.post("/policies/test_tiers/approve/", {"valid_from": today}, follow=True)
    assert "千元为甲" in text_of(answer)
    assert version_in_force("test_tiers", local_date(now())) == version


def test_one_customer_is_explained_under_the_thresholds_of_the_form(version: PolicyVersion) -> None:
    director, seller = signed_in("boss", "director"), signed_in("seller", "salesperson")
    best = MetricRow.objects.order_by("-revenue_12m").select_related("customer").first()
    assert best is not None
    Customer.objects.filter(pk=best.customer_id).update(owner_a=User.objects.get(username="seller"))
    asked = {"customer": best.customer.external_id or best.customer.name}
    stricter = asked | {"threshold.a_revenue": str(best.revenue_12m + 1)}
    assert "<strong>Grade A</strong>" in text_of(director.get("/policies/test_tiers/explain/", asked))
    assert "<strong>Grade B</strong>" in text_of(director.get("/policies/test_tiers/explain/", stricter))
    # Who may not simulate cannot find a hidden figure by trying thresholds.
    assert "<strong>Grade A</strong>" in text_of(seller.get("/policies/test_tiers/explain/", stricter))


def test_candidates_of_a_past_day_are_found_by_the_policy_of_today(version: PolicyVersion) -> None:
    """The values may end years ago: a threshold that was approved today decides about them all the same."""
    author, approver = signed_in("author", "director"), signed_in("approver", "director")
    best = MetricRow.objects.order_by("-revenue_12m").first()
    assert best is not None
    border = int(best.revenue_12m) + 1000
    wording = copy.deepcopy(POLICY)
    wording["thresholds"]["a_revenue"]["value"] = border
    wording["cases"] = [
        {"name": str(value), "given": {"revenue_12m": value}, "expect": {"tier": tier}}
        for value, tier in ((border, "A"), (border - 1, "B"), (0, "C"))
    ]
    author.post("/policies/test_tiers/draft/", {"document": yaml.safe_dump(wording, allow_unicode=True)})
    approver.post("/policies/test_tiers/approve/", {"valid_from": local_date(now()).isoformat()})
    author.post("/policies/test_tiers/propose/", {"as_of": DAY.isoformat()})
    job = work_off()
    assert job.state == Job.State.DONE, job.message
    proposal = Proposal.objects.get()
    assert proposal.as_of == DAY
    assert proposal.items.exists()
    assert not proposal.items.filter(to_tier="A").exists()


def test_the_committee_decides_in_part_and_the_proposer_cannot(version: PolicyVersion) -> None:
    proposer, committee = signed_in("proposer", "director"), signed_in("committee", "director")
    proposer.post("/policies/test_tiers/propose/", {"as_of": DAY.isoformat(), "reason": "半年评定"})
    work_off()
    proposal = Proposal.objects.get()
    first, *_rest = proposal.items.order_by("id")
    today = local_date(now()).isoformat()
    verdict = {
        "verdict": "yes",
        "effective_on": today,
        "extent": "ticked",
        "customer": str(first.customer_id),
    }
    address = f"/proposals/{proposal.pk}/decide/"
    assert "Somebody other" in text_of(proposer.post(address, verdict, follow=True))
    assert not Standing.objects.exists()
    page = text_of(committee.post(address, verdict, follow=True))
    assert "1 candidate decided." in page
    assert list(Standing.objects.values_list("customer", "tier")) == [(first.customer_id, first.to_tier)]
    refused = {"verdict": "no", "effective_on": today, "extent": "all", "reason": ""}
    assert "needs a reason" in text_of(committee.post(address, refused, follow=True))
    committee.post(address, refused | {"reason": "合作尚浅"})
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.DECIDED
    decision = first.decision
    replayed = text_of(committee.get(f"/decisions/{decision.pk}/?replay"))
    assert "the same, byte for byte" in replayed


def test_an_approved_health_policy_is_applied_without_waiting_for_the_night(version: PolicyVersion) -> None:
    deliver_due(now())
    health = {
        "id": "test_health",
        "kind": "health",
        "version": 1,
        "title": {"zh-Hans": "健康", "en": "Health"},
        "owner": "评审小组",
        "reason": "测试",
        "dimensions": [
            {
                "id": "orders",
                "label": {"zh-Hans": "单数", "en": "Orders"},
                "metric": "orders_12m",
                "weight": 1,
                "linear": [{"at": 0, "rating": 0}, {"at": 10, "rating": 100}],
            }
        ],
        "tiers": [
            {"id": "well", "label": {"zh-Hans": "好", "en": "Well"}, "when": {"score": True, "gte": 50}},
            {"id": "ill", "label": {"zh-Hans": "差", "en": "Ill"}},
        ],
        "default": "ill",
        "cases": [
            {"name": str(count), "given": {"orders_12m": count}, "expect": {"tier": state}}
            for count, state in ((0, "ill"), (5, "well"), (10, "well"))
        ],
    }
    import_policy(document=health, valid_from=local_date(now()), now=now())
    assert not Standing.objects.filter(health__isnull=False).exists()
    deliver_due(now())
    job = work_off()
    assert (job.kind, job.state) == ("segmentation.keep_metrics_fresh", Job.State.DONE), job.message
    assert Standing.objects.filter(health__isnull=False).count() == Customer.objects.count()
    assert MetricRow.objects.filter(as_of=DAY).exists(), "the day that was asked for stays"
    deliver_due(now())
    assert take_next_job(now()) is None


def test_a_place_among_all_is_explained_as_the_candidate_list_has_it(version: PolicyVersion) -> None:
    wording = copy.deepcopy(POLICY) | {"id": "ranked", "thresholds": {}}
    for tier, share in zip(wording["tiers"], (0.2, 0.5), strict=False):
        tier["when"] = {"rank_share": "revenue_12m", "lte": share}
    wording["cases"] = [
        {"name": str(share), "given": {"rank_share(revenue_12m)": share}, "expect": {"tier": tier}}
        for share, tier in ((0.2, "A"), (0.5, "B"), (0.51, "C"))
    ]
    ranked = import_policy(document=wording, valid_from=date(1900, 1, 1), now=NOW)
    with evaluated_population(
        document=ranked.document,
        baseline=None,
        customers=Customer.objects.all(),
        values=values_at(actor=SYSTEM, as_of=DAY, now=NOW),
        as_of=DAY,
    ) as population:
        found = {one.customer_id: one.tier for one in population.candidates()}
    assert set(found.values()) == {"A", "B", "C"}
    for customer in Customer.objects.all():
        explained = explain_now(SYSTEM, customer, ranked.document, DAY)
        assert explained is not None
        assert explained.tier_id == found[customer.pk]
