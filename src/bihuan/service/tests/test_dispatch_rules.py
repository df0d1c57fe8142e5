"""Who is suggested: never somebody unfit or busy, the nearer never later, and whom the document lets go. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.clocks import Calendar, ClockFault, packaged_calendar
from bihuan.packs.pack import PACKS, read_pack
from bihuan.service.dispatch.document import Need, parse_dispatching
from bihuan.service.dispatch.journeys import HOME, STATION, VISIT, Stay
from bihuan.service.dispatch.places import ByRoad, Point, city_point, distance_km, nearest, point_of
from bihuan.service.dispatch.rules import Candidate, Held, Job, KitAt, overlap, suggest

from .desk import at

NINE = at("03-02 09:00")
HOUR = timedelta(hours=1)
SHANGHAI, BEIJING = Point(31.23, 121.47), Point(39.90, 116.41)


def calendar(name: str = "7x12") -> Calendar:
    found = packaged_calendar(name)
    assert found is not None
    return found.latest


def someone(key: int = 1, **more: Any) -> Candidate:
    given: dict[str, Any] = {
        "name": f"演示{key}", "home": SHANGHAI, "calendar": calendar(), "skills": frozenset({"sampling"}),
        "kits": (KitAt(key, "purity"),), "certificates": (Held("pharma", date(2025, 1, 1)),),
        "trainings": ((date(2026, 1, 10), 200.0),),
    }  # fmt: skip
    return Candidate(key, **(given | more))


NEED = Need(frozenset({"sampling"}), frozenset({"purity"}), frozenset({"pharma"}), 200, 365, 2 * HOUR)


def job(**more: Any) -> Job:
    given: dict[str, Any] = {"place": Point(31.30, 120.58), "need": NEED, "earliest": NINE}
    return Job(**(given | more))


def test_distances_along_the_great_circle():
    assert distance_km(SHANGHAI, BEIJING) == pytest.approx(1067, abs=3)
    assert distance_km(SHANGHAI, SHANGHAI) == 0
    assert distance_km(Point(0, 179.5), Point(0, -179.5)) == pytest.approx(111.2, abs=0.1)
    assert distance_km(Point(90, 0), Point(-90, 0)) == pytest.approx(20015, abs=1)
    assert ByRoad(1.25, 80)(SHANGHAI, Point(31.30, 120.58)) == timedelta(minutes=80)
    assert ByRoad()(SHANGHAI, SHANGHAI) == timedelta(minutes=30)
    assert ByRoad(1.3, 60).reach_km(4 * HOUR) == pytest.approx(184.6, abs=0.1)


def test_places_by_name_and_by_position():
    assert city_point("苏州市") == city_point("苏州") == Point(31.30, 120.58, is_exact=False)
    assert city_point("没有的地方", "广西壮族自治区") == Point(22.82, 108.37, is_exact=False)
    assert city_point("", "Atlantis") is None
    assert point_of(31.0, 121.0, "苏州") == Point(31.0, 121.0)
    assert point_of(None, 121.0, "苏州市") == Point(31.30, 120.58, is_exact=False)
    assert point_of(95.0, 121.0) is None
    assert nearest(SHANGHAI, [], ByRoad()) is None


WHEN = st.integers(0, 14 * 24 * 4).map(lambda quarters: NINE + timedelta(minutes=15 * quarters))
SPANS = st.lists(
    st.tuples(WHEN, st.integers(1, 40)).map(lambda one: (one[0], one[0] + one[1] * timedelta(minutes=30))),
    max_size=6,
)
POINTS = st.tuples(st.floats(20, 45), st.floats(100, 125)).map(lambda one: Point(*one))
PEOPLE = st.lists(
    st.tuples(
        POINTS, SPANS, st.sampled_from(["7x12", "24x7", "cn-office"]),
        st.sets(st.sampled_from(["sampling", "application"])), st.sets(st.sampled_from(["pharma", "coatings"])),
        st.sampled_from([0.0, 199.5, 200.0]), st.sampled_from(["purity", "refraction", ""]),
        st.lists(st.integers(0, 10).map(lambda days: date(2026, 3, 2) + timedelta(days=days)), max_size=3), SPANS,
    ),
    max_size=6,
)  # fmt: skip


def made(rows: list[Any]) -> list[Candidate]:
    return [
        Candidate(
            key, f"{key}", home, calendar(hours), frozenset(skills),
            (KitAt(key, kit, busy=tuple(kit_busy)),) if kit else (),
            tuple(Held(one, date(2025, 1, 1), date(2026, 3, 9)) for one in held), ((date(2026, 1, 10), trained),),
            tuple((day, day) for day in away), tuple(busy),
        )
        for key, (home, busy, hours, skills, held, trained, kit, away, kit_busy) in enumerate(rows)
    ]  # fmt: skip


@given(PEOPLE, WHEN)
def test_nobody_unfit_busy_or_away_is_ever_suggested(rows: list[Any], earliest: datetime):
    people = made(rows)
    known = {one.key: one for one in people}
    found = suggest(job(earliest=earliest), people, ByRoad())
    assert {one.key for one in (*found.fit, *found.unfit)} == set(known)
    assert all(one.lacks for one in found.unfit)
    for one in found.fit:
        who, slot, kit = known[one.key], one.slot, one.kit
        assert slot is not None and kit is not None and kit.kind == "purity"
        assert NEED.skills <= who.skills
        day = slot.starts_at.astimezone(who.calendar.zone).date()
        assert any(each.kind == "pharma" and each.covers(day) for each in who.certificates)
        assert who.trained_hours(day, 365) >= 200
        taken = (slot.leaves_at, slot.ends_at)
        assert not any(overlap(taken, span) for span in (*who.busy, *kit.busy))
        last = slot.ends_at.astimezone(who.calendar.zone)
        first = slot.leaves_at.astimezone(who.calendar.zone)
        assert not any(
            first.date() <= one_day <= last.date()
            and last != datetime.combine(one_day, datetime.min.time(), who.calendar.zone)
            for one_day, _same in who.absences
        )
        assert slot.leaves_at >= earliest
        assert slot.starts_at - slot.leaves_at >= slot.way
        assert slot.ends_at - slot.starts_at == NEED.length
        for moment in (slot.leaves_at, slot.starts_at):
            assert who.calendar.between(moment, moment + timedelta(seconds=1)) == timedelta(seconds=1)


@given(POINTS, POINTS, SPANS, st.sampled_from(["7x12", "24x7", "cn-office"]))
def test_the_nearer_of_two_who_are_otherwise_alike_is_never_later_and_comes_first(
    one: Point, other: Point, busy: list[Any], hours: str
):
    place = Point(31.30, 120.58)
    near, far = sorted((one, other), key=lambda home: distance_km(home, place))
    people = [
        someone(key, home=home, busy=tuple(busy), calendar=calendar(hours))
        for key, home in ((1, far), (2, near))
    ]
    found = {each.key: each for each in suggest(job(place=place), people, ByRoad()).fit}
    if 1 in found:
        assert found[2].slot is not None and found[1].slot is not None
        assert found[2].slot.starts_at <= found[1].slot.starts_at
        if found[2].slot.starts_at < found[1].slot.starts_at:
            assert [each.key for each in suggest(job(place=place), people, ByRoad()).fit] == [2, 1]


@given(PEOPLE)
def test_the_order_does_not_depend_on_the_order_in_which_they_are_asked(rows: list[Any]):
    people = made(rows)
    assert suggest(job(), people, ByRoad()) == suggest(job(), people[::-1], ByRoad())


SUZHOU, WUXI = Point(31.30, 120.58), Point(31.49, 120.31)


def visited(
    starts: str, ends: str, place: Point = WUXI, kit: int | None = None, left: str = ""
) -> dict[str, Any]:
    """A visit in the way, and where it is."""
    return {
        "busy": ((at(left or starts), at(ends)),),
        "stays": (Stay(at(starts), at(ends), place, kit),),
    }


@pytest.mark.parametrize(
    ("more", "leaves", "starts", "origin"),
    [
        ({}, "03-02 09:00", "03-02 10:20", HOME),
        # The kit of the station was taken along to Wuxi: straight on from there, 33 km off.
        (visited("03-02 09:30", "03-02 11:30", kit=1), "03-02 11:30", "03-02 12:01", VISIT),
        # It was not: back to the station for it.
        (visited("03-02 09:30", "03-02 11:30"), "03-02 11:30", "03-02 14:37", STATION),
        # One's own kit is where one is.
        (
            {**visited("03-02 09:30", "03-02 11:30"), "kits": (KitAt(1, "purity", is_carried=True),)},
            "03-02 11:30", "03-02 12:01", VISIT,
        ),
        # What is over counts as a place, though nobody is busy there any more.
        (
            {"stays": (Stay(at("03-02 08:00"), at("03-02 08:50"), WUXI, 1),)},
            "03-02 09:00", "03-02 09:31", VISIT,
        ),
        # Yesterday's does not: at night one is at home.
        ({"stays": (Stay(at("03-01 16:00"), at("03-01 19:00"), WUXI, 1),)}, "03-02 09:00", "03-02 10:20", HOME),
    ],
)  # fmt: skip
def test_one_sets_out_from_the_visit_before_on_that_day(more: Any, leaves: str, starts: str, origin: str):
    (found,) = suggest(job(place=SUZHOU), [someone(**more)], ByRoad(1.25, 80)).fit
    assert found.slot is not None
    assert (found.slot.leaves_at, found.slot.starts_at, found.slot.origin) == (at(leaves), at(starts), origin)


def test_the_next_visit_of_the_day_is_still_reached():
    # Free from 9:00 to 13:00; Suzhou would end at 12:20, and Beijing is not reached by two.
    far = visited("03-02 14:00", "03-02 16:00", BEIJING, kit=1, left="03-02 13:00")
    (found,) = suggest(job(place=SUZHOU), [someone(**far)], ByRoad(1.25, 80)).fit
    assert found.slot is not None and found.slot.leaves_at >= at("03-02 16:00")
    near = visited("03-02 14:00", "03-02 16:00", WUXI, kit=1, left="03-02 13:00")
    (found,) = suggest(job(place=SUZHOU), [someone(**near)], ByRoad(1.25, 80)).fit
    assert found.slot is not None and (found.slot.leaves_at, found.slot.ends_at) == (NINE, at("03-02 12:20"))


@given(POINTS, POINTS, st.lists(st.tuples(WHEN, POINTS), max_size=4))
def test_no_suggestion_leaves_before_the_last_visit_ends_or_misses_the_next(
    home: Point, place: Point, visits: list[tuple[datetime, Point]]
):
    travel = ByRoad()
    stays: list[Stay] = []
    for moment, where in visits:
        stay = Stay(moment, moment + 2 * HOUR, where)
        if not any(overlap((stay.starts_at, stay.ends_at), (one.starts_at, one.ends_at)) for one in stays):
            stays.append(stay)
    who = someone(
        home=home, stays=tuple(stays), busy=tuple((one.starts_at, one.ends_at) for one in stays),
        kits=(KitAt(1, "purity", is_carried=True),),
    )  # fmt: skip
    for one in suggest(job(place=place), [who], travel).fit:
        slot = one.slot
        assert slot is not None
        first, last = (
            moment.astimezone(who.calendar.zone).date() for moment in (slot.leaves_at, slot.ends_at)
        )
        before = [each for each in stays if each.ends_at <= slot.leaves_at]
        origin = max(before, key=lambda each: each.ends_at, default=None)
        if origin is not None and origin.ends_at.astimezone(who.calendar.zone).date() != first:
            origin = None
        assert (slot.way, slot.origin) == (
            (travel(home, place), HOME) if origin is None else (travel(origin.place, place), VISIT)
        )
        after = min(
            (each for each in stays if each.starts_at >= slot.ends_at),
            key=lambda each: each.starts_at,
            default=None,
        )
        if after is not None and after.starts_at.astimezone(who.calendar.zone).date() == last:
            assert slot.ends_at + travel(place, after.place) <= after.starts_at


def test_who_is_in_time_comes_before_who_has_less_to_do():
    busy = someone(1, busy=((at("03-04 09:00"), at("03-04 19:00")),))
    idle = someone(2, home=BEIJING)
    found = suggest(job(deadline=at("03-02 12:00")), [idle, busy], ByRoad())
    assert [(one.key, one.in_time) for one in found.fit] == [(1, True), (2, False)]
    alike = someone(3)
    assert [one.key for one in suggest(job(), [busy, alike], ByRoad()).fit] == [3, 1]


def test_each_lack_is_named_and_only_certificates_and_time_are_final():
    bare = someone(1, skills=frozenset(), kits=(), certificates=(), trainings=())
    (offer,) = suggest(job(), [bare], ByRoad()).unfit
    assert [(one.kind, one.is_final) for one in offer.lacks] == [
        ("certificate", True), ("skill", False), ("training", False), ("kit", False),
    ]  # fmt: skip
    away = someone(2, absences=((date(2026, 3, 1), date(2026, 6, 1)),))
    (offer,) = suggest(job(), [away], ByRoad()).unfit
    assert ([one.kind for one in offer.lacks], offer.may_override) == (["kit", "time"], False)
    green = someone(3, trainings=((date(2025, 3, 2), 500.0), (date(2025, 3, 3), 120.0)))
    (offer,) = suggest(job(), [green], ByRoad()).unfit
    assert [(one.what, one.amount) for one in offer.lacks] == [
        ("120", 200)
    ]  # a year and a day ago counts no more
    assert offer.may_override


def test_a_place_that_is_not_known_is_reckoned_at_the_given_hours():
    (offer,) = suggest(job(place=None, unknown_way=3 * HOUR), [someone()], ByRoad()).fit
    assert offer.slot is not None
    assert (offer.slot.starts_at, offer.distance_known) == (at("03-02 12:00"), False)


def test_who_arrives_at_night_begins_in_the_morning():
    (offer,) = suggest(job(place=None, unknown_way=14 * HOUR), [someone()], ByRoad()).fit
    assert offer.slot is not None
    assert (offer.slot.leaves_at, offer.slot.starts_at) == (NINE, at("03-03 08:00"))


def test_needs_that_fit_add_up():
    document = parse_dispatching(read_pack("terpene").dispatch)
    need = document.need_of({"kind": "complaint", "severity": "2", "tier": "A", "industry": "医药"})
    assert need == Need(
        frozenset({"sampling"}),
        frozenset({"purity", "refraction"}),
        frozenset({"pharma"}),
        200,
        365,
        3 * HOUR,
    )
    plain = document.need_of({"kind": "question", "severity": "3", "tier": "C", "industry": "贸易"})
    assert plain == Need(training_hours=200)


@pytest.mark.parametrize("pack", PACKS)
def test_every_pack_s_document_can_be_read_and_names_tiers_that_it_has(pack: str):
    found = read_pack(pack)
    document = parse_dispatching(found.dispatch)
    assert set(document.circle_tiers) <= set(found.service["tiers"])
    assert document.rules and document.skills and document.kits


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], ""),
        ({"skils": []}, "skils"),
        ({"skills": [{"id": "a", "label": {"en": "A"}}]}, "skills[0].label"),
        ({"skills": [{"label": {"en": "A", "zh-Hans": "甲"}}]}, "skills[0]"),
        ({"needs": [{"skills": "flying"}]}, "needs[0].skills"),
        ({"needs": [{"when": {"colour": "red"}}]}, "needs[0].when.colour"),
        ({"needs": [{"hours": 0}]}, "needs[0].hours"),
        ({"travel": {"kmh": "fast"}}, "travel.kmh"),
        ({"travel": {"kmh": "nan"}}, "travel.kmh"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_used_is_refused_with_its_place(document: Any, place: str):
    with pytest.raises(ClockFault) as caught:
        parse_dispatching(document)
    assert caught.value.path == place
