"""How like two cases are: pure, and the same for repeats, for the panel and for the warning."""

from __future__ import annotations

from itertools import combinations

from bihuan.service.finding.likeness import (
    POINTS,
    Traits,
    is_alike,
    is_likely_the_same,
    is_similar,
    likeness,
    said_words,
    words_in,
)

CRYSTALS = words_in("反应釜内结晶严重，管道堵塞")
YELLOW = words_in("松油烯颜色发黄，气味正常")
THINGS = {kind: frozenset({"1"}) for kind in POINTS if kind != "customer"}


def case(customer: int = 1, words: frozenset[str] = CRYSTALS, **things: str) -> Traits:
    return Traits(customer, words, {kind: frozenset([key]) for kind, key in things.items()})


def test_the_customer_alone_and_the_product_alone_make_nothing_alike():
    assert not is_similar(likeness(case(), case(words=YELLOW)))
    assert not is_similar(likeness(case(product="P"), case(2, YELLOW, product="P")))
    assert is_similar(likeness(case(product="P"), case(words=YELLOW, product="P")))


def test_the_lot_weighs_most_and_is_said_first():
    found = likeness(case(lot="A", product="P"), case(words=YELLOW, lot="A", product="P"))
    assert found.same == ("lot", "customer", "product")
    assert found.points == POINTS["lot"] + POINTS["customer"] + POINTS["product"]
    assert likeness(case(lot="A"), case(2, YELLOW, lot="B")).same == ()


def test_words_count_by_their_share_and_a_few_that_all_texts_have_do_not():
    same = likeness(case(1), case(2))
    assert same.share == 1.0 and is_similar(same)
    few = likeness(
        case(1, words_in("反应釜内结晶")), case(2, words_in("应釜外壳有锈斑，请派人来看一看并报价"))
    )
    assert few.share == 0.0 and few.words == frozenset()
    assert likeness(case(1, words_in("结晶")), case(2, words_in("结晶"))).share == 0.0


def test_while_hardly_anything_is_written_any_of_the_customer_s_may_be_it():
    assert is_likely_the_same(likeness(case(1, frozenset()), case(1, YELLOW)), 0)
    assert not is_likely_the_same(likeness(case(1), case(1, YELLOW)), len(CRYSTALS))
    assert is_likely_the_same(likeness(case(1), case(1)), len(CRYSTALS))
    assert not is_likely_the_same(likeness(case(1), case(2)), len(CRYSTALS))
    assert is_likely_the_same(likeness(case(1, lot="A"), case(2, YELLOW, lot="A")), len(CRYSTALS))


def test_shared_words_are_said_as_they_stand_in_the_text():
    text = "A0301 反应釜内结晶严重，管道堵塞"
    assert said_words(text, words_in(text) & words_in("a0301：釜内结晶，管道没事")) == [
        "a0301",
        "釜内结晶",
        "管道",
    ]
    assert said_words("结晶", frozenset()) == []


def test_likeness_is_the_same_from_both_sides_and_agrees_with_what_repeats_are_counted_by():
    sets = [frozenset(some) for size in range(6) for some in combinations("abcdef", size)]
    for one in sets:
        for other in sets:
            there, back = likeness(case(1, one), case(2, other)), likeness(case(2, other), case(1, one))
            assert there == back
            assert is_alike(len(one & other), len(one), len(other)) == (there.share >= 0.5)
