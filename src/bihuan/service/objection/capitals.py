"""Amounts of money in Chinese capital numerals 大写金额, as invoices and agreements carry them. Pure."""

from __future__ import annotations

from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")
MOST = Decimal(10) ** 16


def capital_amount(amount: Decimal) -> str:
    """`capital_amount(Decimal("16409.02")) == "壹万陆仟肆佰零玖元零贰分"`, after the rules for filling in bills [K].

    In yuan, from 0 to less than 10^16, with two decimals at most: `ValueError` otherwise, because a rounded amount is
    another one. 整 follows where no 分 does; zeros within are written once, zeros before 元 not at all.
    """
    if not amount.is_finite() or not 0 <= amount < MOST:
        raise ValueError("an amount from 0 to less than 10^16")
    cents = amount * 100
    if cents != int(cents):
        raise ValueError("an amount with two decimals at most")
    yuan, rest = divmod(int(cents), 100)
    tenths, hundredths = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if tenths:
        text += f"{DIGITS[tenths]}角"
    elif hundredths and yuan:
        text += "零"
    if hundredths:
        return text + f"{DIGITS[hundredths]}分"
    return (text or "零元") + "整"


def _whole(number: int) -> str:
    """A whole number above 0, in groups of four digits."""
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text = ""
    gap = False
    for level in reversed(range(len(groups))):
        group = groups[level]
        if group == 0:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += DIGITS[0]
        text += _group(group) + GROUPS[level]
        if level == 3 and groups[2]:  # 万亿 before 亿: the 亿 is said once
            text = text.removesuffix("亿")
        gap = False
    return text


def _group(number: int) -> str:
    """1 to 9999."""
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += (DIGITS[0] if gap and text else "") + DIGITS[digit] + PLACES[place]
            gap = False
        else:
            gap = True
    return text
