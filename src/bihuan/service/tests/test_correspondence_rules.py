"""What mails mean, by their words and the moment: pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bihuan.service.correspondence import rules
from bihuan.service.matrix import MatrixFault, parse_matrix
from bihuan.service.matrix.model import MailRules
from bihuan.service.promised import default_document

END = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "谢谢！",
        "您好，收到，谢谢。",
        "李工您好：\n问题已解决，非常感谢！\n\n祝好\n王工\n电话 021-1234",
        "Thanks a lot!\n\nBest regards\nLi Lei",
        "Dear Li,\nthank you.\n-- \nX",
        "謝謝您",
        "ok",
    ],
)
def test_mere_thanks_are_known(text: str):
    assert rules.is_mere_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "谢谢，但是还有一桶没到",
        "您好，货还没到，谢谢",
        "收到\n停工",
        "Thank you, when do you come?",
        "谢谢，什么时候到？",
        "Hello still broken, thanks",
        "祝好",
        "谢谢" * 200,
        "收到，谢谢。\n批号 A1 也有问题",
    ],
)
def test_whatever_says_more_than_thanks_is_read(text: str):
    assert not rules.is_mere_thanks(text)


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Re: 酸度 [2603-000012]", "2603-000012"),
        ("2603-000012", "2603-000012"),
        ("2603-000012 和 2603-000013", ""),
        ("电话 021-2603-000012", ""),
        ("单号 12603-0000123", ""),
        ("", ""),
    ],
)
def test_a_subject_names_one_case_or_none(subject: str, number: str):
    assert rules.number_in(subject) == number


def test_a_title_is_the_subject_without_what_programs_put_before_it():
    assert rules.title_of("Re: 回复：FW: 【2603-000012】酸度偏高", "x") == "酸度偏高"
    assert rules.title_of("Re:", "第一行\n第二行") == "第一行"
    assert len(rules.title_of("长" * 400, "")) == rules.TITLE


@pytest.mark.parametrize(
    ("status", "after", "thanks", "what"),
    [
        ("solved", timedelta(days=14), False, "reopen"),
        ("solved", timedelta(days=14, microseconds=1), False, "follow"),
        ("closed", timedelta(days=1), False, "reopen"),
        ("solved", timedelta(days=1), True, "add"),
        ("solved", timedelta(days=400), True, "add"),
        ("refused", timedelta(days=400), False, "add"),
    ],
)
def test_what_a_mail_does_to_a_case_that_is_over(status: str, after: timedelta, thanks: bool, what: str):
    assert rules.on_ended(status, END, END + after, MailRules(), is_thanks=thanks) == what


def test_a_conversation_is_known_by_its_first_mail_and_by_each():
    assert rules.thread_keys("<c>", ["<b>"], ["<a>", "<b>"]) == ["<a>", "<c>"]
    assert rules.thread_keys("<c>", ["<b>"], []) == ["<b>", "<c>"]
    assert rules.thread_keys("<c>", [], []) == ["<c>"]


@pytest.mark.parametrize(
    "address", ["", "no-reply@x.example", "NOREPLY@x.example", "mailer-daemon@x.example"]
)
def test_an_address_that_nobody_reads_gets_no_acknowledgement(address: str):
    assert not rules.takes_acknowledgement(address, [])
    assert rules.takes_acknowledgement("wang@x.example", ["", ""])
    assert not rules.takes_acknowledgement("wang@x.example", ["<list.x.example>"])


def test_the_matrix_says_how_long_and_for_which_waiting():
    usual = parse_matrix(default_document()).mail
    assert (usual.reopens_within, usual.resumes) == (14, {"waiting_for_customer"})
    mine = {"reopens_within_days": 0, "resumes": ["waiting_for_others"], "source": "[D]"}
    own = parse_matrix({**default_document(), "mail": mine}).mail
    assert (own.reopens_within, own.resumes) == (0, {"waiting_for_others"})


@pytest.mark.parametrize(
    ("section", "place"),
    [
        ({"reopens_within_days": -1}, "mail.reopens_within_days"),
        ({"resumes": ["nothing"]}, "mail.resumes[0]"),
        ({"days": 3}, "mail.days"),
        ([], "mail"),
    ],
)
def test_a_faulty_section_is_refused_with_its_place(section: object, place: str):
    with pytest.raises(MatrixFault) as fault:
        parse_matrix({**default_document(), "mail": section})
    assert fault.value.path == place
