"""Chinese numerals up to 9999: 三十二 ↔ 32, 一百零五 ↔ 105."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["NUMERALS", "numeral", "value"]

#: Digits and units of plain numerals.
NUMERALS = "一二三四五六七八九十百千零〇两"
_DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}


@lru_cache(maxsize=4096)
def value(text: str) -> int | None:
    """The number that `text` says in one of the usual ways (十二, 一百零五, 一百〇五, 二〇), or None."""
    total, digit, last, zero = 0, -1, 10_000, False
    if not text:
        return None
    if "〇" in text[1:] and all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))  # 二〇: figure by figure
    for char in text:
        if char in _UNITS:
            unit = _UNITS[char]
            if unit >= last or digit == 0 or (digit < 0 and (total or zero or unit > 10)):
                return None
            total += (1 if digit < 0 else digit) * unit
            last, digit, zero = unit, -1, False
        elif char in _DIGITS:
            if digit >= 0:
                return None
            if _DIGITS[char] == 0:
                if not total or zero:
                    return None
                zero = True
            else:
                digit = _DIGITS[char]
        else:
            return None
    if digit > 0:
        if total and last > 10 and not zero:
            return None  # 一百五 says 150 to some, 105 to others
        total += digit
    elif zero:
        return None
    return total or None


def numeral(number: int) -> str:
    """`number`, 1 to 9999, as it is written in headings: 十二, 一百零五, 一百一十."""
    out, rest, gap = "", number, False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, rest = divmod(rest, unit)
        if digit:
            plain = "" if (unit == 10 and digit == 1 and not out) else "零一二三四五六七八九"[digit]
            out += ("零" if gap else "") + plain + name
            gap = False
        elif out:
            gap = True
    return out
