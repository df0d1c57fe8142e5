"""What a mail is: a message, an automatic reply, a bounce, a loop, or a forged one.

The order matters: what has gone round is a loop whatever else it looks like; a bounce comes from nobody and is not
forged. Nothing is thrown away for what it is: the kind decides who is told, and that no machine answers it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address

from .message import DeliveryReport, Mail
from .threads import without_plus

LOOP_HEADER = "X-Bihuan-Loop"
MOST_HOPS = 30


class Kind(StrEnum):
    MESSAGE = "message"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LOOP = "loop"
    FORGED = "forged"


class Trust(StrEnum):
    """Whether the From line may be believed. Only `VERIFIED` may ever stand for a member of staff."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FORGED = "forged"


@dataclass(frozen=True)
class Surroundings:
    """What must be known of the receiving side.

    `addresses`: mailboxes of ours. `domains`: those from which colleagues write. `checked_by`: the name under which our
    own mail server writes Authentication-Results (RFC 8601); only its word counts in favour of a sender. `loop_mark`:
    what our own mails carry in `X-Bihuan-Loop`. `is_ours`: whether a Message-ID is of a mail that we sent.
    `recent_from_sender`: how many mails this sender wrote lately, and `most_from_sender` how many are still a person.
    """

    addresses: Collection[str] = ()
    domains: Collection[str] = ()
    checked_by: str = ""
    loop_mark: str = ""
    is_ours: Callable[[str], bool] = lambda _message_id: False
    recent_from_sender: int = 0
    most_from_sender: int = 30


@dataclass(frozen=True)
class Verdict:
    kind: Kind
    trust: Trust
    reason: str = ""  # a code for the log: which sign decided


def judge(mail: Mail, around: Surroundings) -> Verdict:
    trust, trust_reason = trust_of(mail, around)
    loop = loop_sign(mail, around)
    if loop:
        return Verdict(Kind.LOOP, trust, loop)
    bounce = bounce_sign(mail)
    if bounce:
        return Verdict(Kind.BOUNCE, trust, bounce)
    if trust is Trust.FORGED:
        return Verdict(Kind.FORGED, trust, trust_reason)
    auto = auto_sign(mail)
    if auto:
        return Verdict(Kind.AUTO_REPLY, trust, auto)
    if around.recent_from_sender >= around.most_from_sender:
        return Verdict(Kind.LOOP, trust, "rate")
    return Verdict(Kind.MESSAGE, trust, trust_reason)


# ---- loops


def loop_sign(mail: Mail, around: Surroundings) -> str:
    """Which sign says that this is our own mail come back, or one that goes round."""
    if around.loop_mark and around.loop_mark in (
        one.strip() for one in mail.headers.get(LOOP_HEADER.lower(), [])
    ):
        return "own_mark"
    if mail.has_own_id and around.is_ours(mail.message_id):
        return "own_message_id"
    own = {one.lower() for one in around.addresses}
    if any(one.lower() in own for one in ids_or_addresses(mail.headers.get("x-loop", []))):
        return "x_loop"
    if mail.sender.address and without_plus(mail.sender.address) in own:
        return "from_ourselves"
    if len(mail.headers.get("received", [])) > MOST_HOPS:
        return "hops"
    return ""


def ids_or_addresses(values: list[str]) -> list[str]:
    return [part for one in values for part in re.split(r"[\s,;<>]+", one) if part]


# ---- bounces

BOUNCE_SENDER = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|mdaemon|maildelivery)@", re.I)
BOUNCE_SUBJECT = re.compile(
    r"undeliver(able|ed)|delivery (status notification|failure|has failed|failed)|returned mail|failure notice|"
    r"mail delivery (failed|failure|system)|could not be delivered|退信|退件|投递失败|投遞失敗|无法投递|無法投遞|未送达|"
    r"发送失败|系统退回",
    re.I,
)
REASON_LINE = re.compile(r"\b([45]\d\d)[ -](?:#?([245]\.\d{1,3}\.\d{1,3}))?|\b([45]\.\d{1,3}\.\d{1,3})\b")
BARE_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-=]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")


def bounce_sign(mail: Mail) -> str:
    """Which sign says that a mail of ours did not arrive. A mere delay is none."""
    if mail.reports:
        return "dsn" if any(one.is_final for one in mail.reports) else ""
    if mail.content_type == "multipart/report" and "disposition-notification" in mail.header("content-type"):
        return ""
    if (BOUNCE_SENDER.match(mail.sender.address) or not mail.sender.address or null_path(mail)) and (
        BOUNCE_SUBJECT.search(mail.subject) or mail.header("x-failed-recipients")
    ):
        return "text"
    return ""


def null_path(mail: Mail) -> bool:
    """Sent from the empty address, as machines do."""
    return mail.header("return-path").strip() == "<>"


def reports_of(mail: Mail) -> list[DeliveryReport]:
    """For each recipient what became of the mail, from a delivery report or, where there is none, from the text."""
    if mail.reports:
        return mail.reports
    named = BARE_ADDRESS.findall(mail.header("x-failed-recipients")[:2000])
    # A bounce says its reason at the top, in short lines.
    text = "\n".join(line[:400] for line in mail.text[:20_000].split("\n"))
    top = re.split(
        r"(?im)^.*(below this line is a copy|original message|message headers|原始邮件|原邮件).*$", text
    )[0]
    if not named:
        written_by_machines = [BARE_ADDRESS.findall(line) for line in top.split("\n")]
        ours = {one.address.lower() for one in mail.to}
        named = [
            one for line in written_by_machines for one in line
            if one.lower() not in ours and not BOUNCE_SENDER.match(one)
        ][:1]  # fmt: skip
    found = REASON_LINE.search(top)
    status = next((one for one in found.groups()[::-1] if one), "") if found else ""
    line = next((one.strip() for one in top.split("\n") if REASON_LINE.search(one)), "")
    return [DeliveryReport(one[:254], "failed", status[:20], line[:500]) for one in dict.fromkeys(named)]


def returned_ids(mail: Mail) -> list[str]:
    """The Message-IDs of mails that this bounce may speak of."""
    quoted = re.findall(r"(?im)^[>\s]*message-id:\s*(<[^<>\s]+>)", mail.text[:200_000])
    return list(dict.fromkeys([*mail.returned_ids, *quoted, *mail.in_reply_to, *reversed(mail.references)]))


# ---- automatic replies

AUTO_SUBJECT = re.compile(
    r"^\s*(\[?(自动回复|自動回覆|自动答复|自動答覆|自动应答)|【自动回复】|(re:\s*)?automatic reply\b|auto(matic)?[- ]?(reply|response)\b|"
    r"autoreply\b|out[- ]of[- ](the[- ])?office\b|ooo:|abwesenheit|réponse automatique)",
    re.I,
)
OUT_OF_OFFICE = re.compile(r"(不在办公室|不在辦公室|休假(中|期间)|外出自动|vacation (reply|response))", re.I)
BULK = {"bulk", "junk", "list", "auto_reply", "auto-reply"}


def auto_sign(mail: Mail) -> str:
    """Which sign says that a machine wrote this (RFC 3834 and what mail programs did before it)."""
    submitted = mail.header("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return "auto_submitted"
    for name in ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-mail-autoreply", "x-qq-auto-reply"):
        if mail.header(name) and mail.header(name).strip().lower() not in ("no", "false", "0"):
            return "x_autoreply"
    if mail.header("precedence").strip().lower() in BULK:
        return "precedence"
    if AUTO_SUBJECT.search(mail.subject):
        return "subject"
    if OUT_OF_OFFICE.search(mail.subject):
        return "subject"
    if mail.reports or mail.content_type == "multipart/report":  # a delay, a receipt
        return "report"
    return "null_path" if null_path(mail) else ""


# ---- who wrote it

RESULT = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*(\w+)([^;]*)", re.I)
COMMENT = re.compile(r"\([^()]*\)")
RECEIVED_FROM = re.compile(r"\[(?:IPv6:)?([0-9a-fA-F:.]+)\]")


def trust_of(mail: Mail, around: Surroundings) -> tuple[Trust, str]:
    """Whether From may be believed, and the sign that said so.

    Our own server writes its results at the top, and others may write lines that look the same below: with
    `checked_by` only its lines count; without it the top line counts against a sender and never for one.
    """
    lines = mail.headers.get("authentication-results", [])
    ours = [one for one in lines if around.checked_by and _authority(one) == around.checked_by.lower()]
    domain = mail.sender.domain
    is_own = domain in {one.lower() for one in around.domains}
    counted = ours[:1] if around.checked_by else lines[:1]
    verdict = _results(counted[0], domain) if counted else ""
    if verdict == "fail":
        return Trust.FORGED, "authentication_failed"
    if verdict == "pass" and around.checked_by:
        return Trust.VERIFIED, "authenticated"
    if is_own and verdict != "pass" and came_from_outside(mail):
        return Trust.FORGED, "ours_from_outside"
    if len({one for one in ids_or_addresses(mail.headers.get("from", [])) if "@" in one}) > 1 and is_own:
        return Trust.FORGED, "two_senders"
    return Trust.UNVERIFIED, ""


def _authority(line: str) -> str:
    words = COMMENT.sub(" ", line).partition(";")[0].split()
    return words[0].lower() if words else ""


def _results(line: str, domain: str) -> str:
    """pass, fail or nothing certain. DMARC decides where it was asked; else a DKIM signature by the sender's domain."""
    results: dict[str, list[tuple[str, str]]] = {}
    for method, result, rest in RESULT.findall(COMMENT.sub(" ", line)):
        results.setdefault(method.lower(), []).append((result.lower(), rest))
    for result, _rest in results.get("dmarc", []):
        if result in ("pass", "fail"):
            return result
    signed = [
        result for result, rest in results.get("dkim", [])
        if re.search(rf"header\.(d=|i=\S*@){re.escape(domain)}\b", rest, re.I)
    ]  # fmt: skip
    if "pass" in signed:
        return "pass"
    sent = [
        result
        for result, rest in results.get("spf", [])
        if re.search(rf"[@=]{re.escape(domain)}\b", rest, re.I)
    ]
    if "pass" in sent:
        return "pass"
    every = [result for pairs in results.values() for result, _rest in pairs]
    return "fail" if "fail" in every and "pass" not in every else ""


def came_from_outside(mail: Mail) -> bool:
    """Whether any server handed the mail on from an address of the public net: colleagues within do not."""
    for line in mail.headers.get("received", []):
        found = RECEIVED_FROM.search(line.partition(" by ")[0])
        try:
            if found and ip_address(found.group(1)).is_global:
                return True
        except ValueError:
            continue
    return False
