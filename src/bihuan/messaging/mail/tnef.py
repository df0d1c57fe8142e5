"""winmail.dat (TNEF): the attachments and the plain text that an Outlook of old packed into it.

Only what a reader of mail needs is read: names and contents of attachments, the plain body. Formatted bodies (RTF) and
properties of appointments stay in the file, which is kept beside what was unpacked.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

SIGNATURE = 0x223E9F78
BODY, RENDER, TITLE, DATA, PROPERTIES = 0x2800C, 0x69002, 0x18010, 0x6800F, 0x69005
CODE_PAGE = 0x69007
LONG_NAME, SHORT_NAME = 0x3707, 0x3704
FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
MULTIPLE, NAMED = 0x1000, 0x8000


class NotTnef(ValueError):
    """The bytes are no TNEF, or end before they should."""


@dataclass
class TnefFile:
    name: bytes | str = b""
    data: bytes = b""


@dataclass
class Tnef:
    """What was unpacked; `code_page` is the one in which names and text are written."""

    body: bytes = b""
    code_page: str = ""
    files: list[TnefFile] = field(default_factory=list)
    is_whole: bool = True


def unpack(data: bytes, most_files: int = 200) -> Tnef:
    """Unpack; a file that breaks off gives what came before, marked as not whole."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE:
        raise NotTnef("no TNEF signature")
    found, place = Tnef(), 6
    while place + 9 <= len(data):
        _level, attribute, length = struct.unpack_from("<BII", data, place)
        content = data[place + 9 : place + 9 + length]
        place += 9 + length + 2
        if len(content) < length:
            found.is_whole = False
            break
        if attribute == CODE_PAGE and length >= 4:
            found.code_page = f"cp{struct.unpack_from('<I', content)[0]}"
        elif attribute == BODY:
            found.body = content.rstrip(b"\0")
        elif attribute == RENDER:
            if len(found.files) >= most_files:
                found.is_whole = False
                break
            found.files.append(TnefFile())
        elif found.files:
            _of_attachment(found.files[-1], attribute, content)
    if place != len(data):
        found.is_whole = False
    return found


def _of_attachment(file: TnefFile, attribute: int, content: bytes) -> None:
    if attribute == TITLE and not file.name:
        file.name = content.rstrip(b"\0")
    elif attribute == DATA:
        file.data = content
    elif attribute == PROPERTIES:
        try:
            name = _name_in(content)
        except struct.error:  # broken properties lose the long name only
            name = ""
        if name:
            file.name = name


def _name_in(data: bytes) -> bytes | str:
    """The long name of an attachment in its MAPI properties."""
    count, place = struct.unpack_from("<I", data)[0], 4
    for _ in range(min(count, 1000)):
        kind, identity = struct.unpack_from("<HH", data, place)
        place += 4
        if identity >= NAMED:
            place += 16
            is_text = struct.unpack_from("<I", data, place)[0]
            place += 4
            length = struct.unpack_from("<I", data, place)[0] if is_text else 0
            place += 4 + _padded(length)
        values = 1
        base = kind & ~MULTIPLE
        if kind & MULTIPLE or base in (13, 30, 31, 258):
            values = struct.unpack_from("<I", data, place)[0]
            place += 4
        for _value in range(min(values, 1000)):
            if base in FIXED:
                place += FIXED[base]
                continue
            length = struct.unpack_from("<I", data, place)[0]
            value = data[place + 4 : place + 4 + length]
            place += 4 + _padded(length)
            if identity == LONG_NAME:
                return (
                    value.decode("utf-16-le", "replace").rstrip("\0") if base == 31 else value.rstrip(b"\0")
                )
    return b""


def _padded(length: int) -> int:
    return (length + 3) // 4 * 4
