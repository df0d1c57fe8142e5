"""What a mail means to a case, by its words and the moment. Pure: no database, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bihuan.service.matrix.model import MailRules

TITLE = 120
# A case's number as `open_case` makes it, standing alone: 2603-000012.
NUMBER = re.compile(r"(?<![\d-])(\d{4}-\d{6,12})(?![\d-])")
PREFIX = re.compile(
    r"^\s*((re|fw|fwd|aw|wg|回复|答复|转发|回覆|答覆|轉寄|轉發)\s*(\[\d+\])?\s*[:：]\s*)+", re.I
)
NUMBER_IN_BRACKETS = re.compile(r"\s*[\[【(（]\s*\d{4}-\d{6,12}\s*[\]】)）]\s*")
NOBODY = re.compile(
    r"^(no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?|notifications?)([+._-].*)?@", re.I
)

THANKS = (
    "谢谢", "多谢", "感谢", "非常感谢", "十分感谢", "谢谢您", "谢谢你", "谢谢你们", "谢谢了", "感谢支持", "感谢您的帮助", "感谢帮助", "谢谢帮助", "辛苦了",
    "辛苦", "收到", "已收到", "收到了", "好的", "好", "知道了", "了解", "明白", "明白了", "没问题了", "没有问题了", "问题已解决", "已解决", "解决了", "可以了", "已经好了",
    "非常满意", "满意", "謝謝", "多謝", "感謝", "非常感謝", "謝謝您", "辛苦了", "已收到", "問題已解決", "已解決",
    "thanks", "thank you", "many thanks", "thanks a lot", "thank you very much", "thank you for your help", "thanks for your help",
    "thank you so much", "received", "well received", "ok", "okay", "noted", "got it", "great", "perfect", "it works now",
    "problem solved", "solved", "all good",
)  # fmt: skip
GREETING = re.compile(
    r"(尊敬的|亲爱的)?.{0,8}(您好|你好|妳好|各位好|大家好)|(hi|hello|dear)( (all|team|sir|madam|[a-z]{2,15}))?|(mr|ms|mrs)\.? [a-z]{2,15}",
    re.I,
)
GOODBYE = re.compile(
    r"此致|敬礼|顺祝商祺|祝好|祝商祺|顺颂商祺|(best|kind|warm) regards|regards|best wishes|(yours )?sincerely|cheers|br",
    re.I,
)
SIGNATURE = re.compile(r"^(--|—+|-{3,}|_{3,}|发自我的.*|sent from my .*|来自.*手机.*)\s*$", re.I)
PIECES = re.compile(r"[，,。.！!；;、～~\s]*[，,。.！!；;～~\n:：]+[，,。.！!；;、～~\s]*")
MOST_THANKS = 200


def number_in(subject: str) -> str:
    """The case's number that a subject names; nothing where it names two."""
    found = set(NUMBER.findall(subject))
    return found.pop() if len(found) == 1 else ""


def title_of(subject: str, text: str) -> str:
    """A case's title out of a mail: the subject without what mail programs and we put around it, else the first line."""
    bare = NUMBER_IN_BRACKETS.sub(" ", PREFIX.sub("", subject)).strip()
    return (PREFIX.sub("", bare) or text.strip().split("\n", 1)[0])[:TITLE].strip()


def is_mere_thanks(text: str) -> bool:
    """Whether a mail says nothing but thanks, that it came, or that all is well. Each piece of each line has to be known;
    whatever else stands there, be it one word, makes it a mail that somebody has to read."""
    lines: list[str] = []
    for line in text.strip().split("\n"):
        bare = line.strip().rstrip("，,。.！!").strip()
        # What stands below a good-bye or a signature's mark is a name and an address.
        if SIGNATURE.match(line.strip()) or (lines and GOODBYE.fullmatch(bare)):
            break
        lines.append(line.strip())
    said = "\n".join(line for line in lines if line)
    if not said or len(said) > MOST_THANKS or "?" in said or "？" in said:
        return False
    pieces = [one.strip().lower() for one in PIECES.split(said) if one.strip()]
    while pieces and pieces[0] not in THANKS and GREETING.fullmatch(pieces[0]):
        pieces.pop(0)
    return bool(pieces) and all(one in THANKS for one in pieces)


def on_ended(
    status: str, ended_at: datetime | None, now: datetime, rules: MailRules, *, is_thanks: bool
) -> str:
    """What a customer's mail does to a case that is over: `add` it, `reopen` the case, or have a new one `follow` it.

    Thanks never reopen. A case that was refused stays so: whoever handles it reads the mail. Until `reopens_within` days after
    the end, to the moment, the same case goes on.
    """
    if is_thanks or status == "refused":
        return "add"
    if ended_at is None or now <= ended_at + timedelta(days=rules.reopens_within):
        return "reopen"
    return "follow"


def thread_keys(own: str, in_reply_to: Sequence[str], references: Sequence[str]) -> list[str]:
    """By what a conversation is known: the mail that began it, as far as this one tells, and this one."""
    root = next(iter((*references, *in_reply_to)), own)
    return list(dict.fromkeys((root, own)))


def takes_acknowledgement(address: str, list_headers: Iterable[str]) -> bool:
    """Whether anybody is there who reads an acknowledgement: not on lists, nor at addresses that nobody reads."""
    return bool(address) and not NOBODY.match(address) and not any(one.strip() for one in list_headers)
