"""A corpus of awkward mail, built byte by byte: as mail programs, gateways and machines really write it."""

from __future__ import annotations

import base64
import struct

CR = b"\r\n"


def raw(headers: str | bytes, body: bytes | str = b"", encoding: str = "utf-8") -> bytes:
    """Headers as they stand (a text in the given encoding, unencoded), then the body."""
    head = headers if isinstance(headers, bytes) else headers.strip().encode(encoding)
    data = body if isinstance(body, bytes) else body.encode(encoding)
    return (
        head.replace(b"\r\n", b"\n").replace(b"\n", CR)
        + CR
        + CR
        + data.replace(b"\r\n", b"\n").replace(b"\n", CR)
    )


def word(text: str, charset: str, named: str = "", kind: str = "B") -> str:
    """An RFC 2047 word whose declared name may be another than the true one."""
    return f"=?{named or charset}?{kind}?{base64.b64encode(text.encode(charset)).decode()}?="


def simple(
    *,
    sender: str = "Li Lei <buyer@example.org>",
    to: str = "support@example.com",
    subject: str = "Order",
    body: str = "Hello",
    message_id: str = "<m1@example.org>",
    extra: str = "",
) -> bytes:
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}", "Date: Mon, 2 Mar 2026 08:00:00 +0800"]
    lines += [f"Message-ID: {message_id}"] if message_id else []
    lines += [
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    return raw("\n".join([*lines, *([extra] if extra else [])]), body)


def gb18030_without_encoding() -> bytes:
    """A subject and a body in GB18030, neither encoded nor declared, as old gateways send them."""
    head = "From: 张伟 <zhang@example.org>\nTo: support@example.com\nSubject: 关于㐂字批次的投诉\nMessage-ID: <gb@example.org>"
    return raw(head, "酸度不合格，请处理。", "gb18030")


def gb2312_that_holds_more() -> bytes:
    """Declared GB2312, with characters that only GBK has (镕, 喆)."""
    subject = word("朱镕先生与陶喆女士的样品", "gbk", "GB2312")
    head = f"From: {word('李喆', 'gbk', 'gb2312')} <li@example.org>\nTo: support@example.com\nSubject: {subject}\nMessage-ID: <gbk@example.org>\nContent-Type: text/plain; charset=gb2312"
    return raw(head.encode(), "样品已寄出，请镕工查收。".encode("gbk"))


def big5_mail() -> bytes:
    head = f"From: {word('陳先生', 'big5')} <chen@example.org>\nTo: support@example.com\nSubject: {word('關於品質異議', 'big5')}\nMessage-ID: <b5@example.org>\nContent-Type: text/plain; charset=big5"
    return raw(head.encode(), "請盡快回覆。".encode("big5"))


def wrong_charset() -> bytes:
    """Says ISO-8859-1 and writes UTF-8."""
    head = (
        b"From: a@example.org\nTo: support@example.com\nSubject: =?iso-8859-1?B?"
        + base64.b64encode("质量异议".encode())
        + b"?=\nMessage-ID: <wc@example.org>\nContent-Type: text/plain; charset=iso-8859-1"
    )
    return raw(head, "货物受潮。".encode())


def word_cut_in_a_character() -> bytes:
    """One character of three bytes cut between two encoded words."""
    data = "钢卷边部开裂".encode()
    first, second = base64.b64encode(data[:7]).decode(), base64.b64encode(data[7:]).decode()
    head = f"From: a@example.org\nTo: support@example.com\nSubject: =?utf-8?B?{first}?=\n =?utf-8?B?{second}?=\nMessage-ID: <cut@example.org>"
    return raw(head.encode(), "x")


def broken_words() -> bytes:
    """Padding that is missing, an encoding that does not exist, a word inside quotes."""
    lacking = base64.b64encode("投诉单".encode()).decode().rstrip("=") + "A"
    head = f'From: "=?utf-8?B?{base64.b64encode("王芳".encode()).decode()}?=" <wang@example.org>\nTo: support@example.com\nSubject: =?utf-8?B?{lacking}?= =?x-unknown?B?{base64.b64encode("急".encode()).decode()}?= =?utf-8?Q?=E6=80'
    return raw(head + "\nMessage-ID: <bw@example.org>", "x")


def html_only() -> bytes:
    html = (
        "<html><head><title>T</title><style>p{color:red}</style></head><body><p>您好，</p>"
        "<p>附件是<b>检测</b>报告&nbsp;&amp;照片。</p><script>alert(1)</script><table><tr><td>批号</td><td>A1</td></tr></table></body></html>"
    )
    head = "From: a@example.org\nTo: support@example.com\nSubject: html\nMessage-ID: <h@example.org>\nContent-Type: text/html; charset=utf-8"
    return raw(head, html)


def multipart(
    *parts: bytes, kind: str = "mixed", head: str = "", boundary: str = "b0undary", close: bool = True
) -> bytes:
    body = b"".join(
        b"--" + boundary.encode() + CR + one.replace(b"\r\n", b"\n").replace(b"\n", CR) + CR for one in parts
    )
    body += b"--" + boundary.encode() + b"--" + CR if close else b""
    given = (
        head or "From: a@example.org\nTo: support@example.com\nSubject: parts\nMessage-ID: <p@example.org>"
    )
    first = f'{given}\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="{boundary}"'
    return first.encode().replace(b"\n", CR) + CR + CR + body


def part(kind: str, data: bytes, name: str = "", more: str = "") -> bytes:
    head = f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n"
    head += f'Content-Disposition: attachment; filename="{name}"\n' if name else ""
    return (head + more).encode() + b"\n" + base64.encodebytes(data)


def attribute(level: int, identity: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, identity, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def winmail(files: dict[str, bytes], body: str = "", code_page: int = 936) -> bytes:
    """A winmail.dat as an Outlook with a Chinese code page writes it, long names in UTF-16 properties."""
    encoding = "gbk"
    data = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x89006, struct.pack("<I", 0x10000))
    data += attribute(1, 0x69007, struct.pack("<II", code_page, 0))
    if body:
        data += attribute(1, 0x2800C, body.encode(encoding) + b"\0")
    for name, content in files.items():
        data += attribute(2, 0x69002, b"\1\0" + b"\0" * 12)
        data += attribute(2, 0x18010, name.encode(encoding)[:8] + b"\0")
        data += attribute(2, 0x6800F, content)
        long_name = (name + "\0").encode("utf-16-le")
        padded = long_name + b"\0" * (-len(long_name) % 4)
        properties = struct.pack("<I", 2) + struct.pack("<HHi", 3, 0x3705, 1)
        properties += struct.pack("<HHII", 31, 0x3707, 1, len(long_name)) + padded
        data += attribute(2, 0x69005, properties)
    return data


def winmail_mail(data: bytes | None = None) -> bytes:
    data = winmail({"质检报告单（三月）.pdf": b"%PDF-1.4 x"}, "见附件。") if data is None else data
    return multipart(part("application/ms-tnef", data, "winmail.dat"))


def returned(message_id: str, recipient: str = "gone@example.org", action: str = "failed") -> bytes:
    """A delivery report (RFC 3464) with the headers of what came back."""
    status = f"Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n"
    original = f"From: support@example.com\nTo: {recipient}\nSubject: x\nMessage-ID: {message_id}\n\n"
    head = "From: MAILER-DAEMON@mx.example.org\nTo: support@example.com\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <dsn@mx.example.org>\nReturn-Path: <>\nAuto-Submitted: auto-replied"
    return multipart(
        b"Content-Type: text/plain\n\nYour mail could not be delivered.\n",
        b"Content-Type: message/delivery-status\n\n" + status.encode(),
        b"Content-Type: text/rfc822-headers\n\n" + original.encode(),
        kind="report; report-type=delivery-status", head=head,
    )  # fmt: skip


def plain_bounce(message_id: str) -> bytes:
    """As qmail and Chinese mail hosts write it: no report, only text."""
    body = f"""抱歉，您的邮件被退回来了……
无法发送到 gone@example.org
收件人邮件地址（gone@example.org）不存在，邮件无法送达。
host mx.example.org said: 550 5.1.1 Mailbox not found

--- Below this line is a copy of the message.

From: support@example.com
To: gone@example.org
Message-ID: {message_id}
"""
    return simple(
        sender="PostMaster@example.org", subject="系统退信", body=body, message_id="<pb@example.org>"
    )
