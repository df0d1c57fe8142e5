"""New text apart from what it quotes, in the forms that Chinese and English mail programs write."""

from __future__ import annotations

import re
from typing import NamedTuple

# A line that begins the quoted part; everything from it to the end was written before.
DIVIDERS = (
    re.compile(
        r"^[>\s]*-{2,}\s*(原始邮件|原始郵件|原邮件|转发邮件|轉寄郵件|回复的原邮件|Original Message|Forwarded message)\s*-{2,}",
        re.I,
    ),
    re.compile(
        r"^[>\s]*-{2,}\s*(Original|Originalnachricht|Ursprüngliche Nachricht|Message d'origine)\b.*-{2,}\s*$",
        re.I,
    ),
    re.compile(r"^\s*(在|于)\s?.{4,150}(写道|寫道|写到)\s*[：:]\s*$"),
    re.compile(r"^\s*\d{4}\s?[年/-].{4,150}(写道|寫道|写到)\s*[：:]\s*$"),
    re.compile(r"^\s*.{2,100}(于|於)\s?\d{4}.{4,60}(写道|寫道)\s*[：:]\s*$"),
    re.compile(r"^\s*(On|At)\s.{6,200}\swrote\s*:\s*$", re.I),
    re.compile(r"^\s*Am\s.{6,200}\sschrieb.{0,120}:\s*$"),
    re.compile(r"^\s*_{20,}\s*$"),
)
# Mail programs that write the old mail's headers: two or more of these lines one after the other.
HEADER_LINE = re.compile(
    r"^[>\s*]*(发件人|寄件者|寄件人|发送时间|傳送時間|发送日期|日期|收件人|收件者|抄送|副本|主题|主旨|"
    r"From|Sent|Date|To|Cc|Subject)\s*\**\s*[：:]\**",
    re.I,
)
FIRST_HEADER = re.compile(r"^[>\s*]*(发件人|寄件者|寄件人|From)\s*\**\s*[：:]", re.I)
QUOTED = re.compile(r"^\s*>")


LONGEST_LINE = 500  # no divider is longer


class Split(NamedTuple):
    new: str
    quoted: str


def split_quoted(text: str) -> Split:
    """What the writer added, and what stood before. Answers written between quoted lines stay with the quotes' text
    in `new`: cutting them out would lose what was said. A mail that is nothing but quotes is all new."""
    lines = text.split("\n")
    cut = _divider(lines)
    new, quoted = lines[:cut], lines[cut:]
    # Quotes at the end of what remains; those above an answer are its context and stay.
    end = len(new)
    while end and (QUOTED.match(new[end - 1]) or not new[end - 1].strip()):
        end -= 1
    quoted = new[end:] + quoted
    kept = "\n".join(new[:end]).strip()
    if not kept:
        return Split(text.strip(), "")
    return Split(kept, "\n".join(quoted).strip("\n"))


def _divider(lines: list[str]) -> int:
    for number, line in enumerate(lines):
        if len(line) > LONGEST_LINE:
            continue
        if any(one.match(line) for one in DIVIDERS):
            # A rule of underscores begins a quote only where headers follow it (Outlook), else it is a signature's.
            if not line.strip().startswith("_") or _headers_follow(lines, number + 1):
                return number
        elif FIRST_HEADER.match(line) and _headers_follow(lines, number):
            return number
        elif number + 1 < len(lines) and len(line) + len(lines[number + 1]) < 250:
            # The line “On … wrote:” broken in two.
            joined = f"{line.rstrip()} {lines[number + 1].strip()}"
            if re.match(r"^\s*(On\s|At\s|在|于)", line) and any(one.match(joined) for one in DIVIDERS[2:6]):
                return number
    return len(lines)


def _headers_follow(lines: list[str], start: int) -> bool:
    near = [line[:LONGEST_LINE] for line in lines[start : start + 8] if line.strip()][:4]
    return sum(bool(HEADER_LINE.match(line)) for line in near) >= 2
