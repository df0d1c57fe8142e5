"""Bytes to `Mail`. Never fails for what a sender wrote: what cannot be read is noted and the rest is kept."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from .message import Address, Attached, DeliveryReport, Limits, Mail
from .text import decode, decode_header, html_to_text
from .tnef import NotTnef, unpack

MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
ADDRESS_LIKE = re.compile(r"[^\s<>()\[\],;:\"'“”]+@[^\s<>()\[\],;:\"'“”]+")
NO_ID = "@no-id.invalid>"  # what we call a mail that came without a name
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
LONGEST_HEADER = 8_000  # characters that are looked at; mails of machines have had a megabyte
DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to")


def parse(raw: bytes, limits: Limits | None = None, *, headers_only: bool = False) -> Mail:
    """Read one mail. `headers_only`: the bytes end after the headers, because the mail is too large to be fetched."""
    limits = limits or Limits()
    # The older policy keeps headers as they came; the newer one raises on some of those that are broken.
    reader = BytesHeaderParser if headers_only else BytesParser
    root = reader(policy=policy.compat32).parsebytes(raw)
    kind = CONTROL.sub("", root.get_content_type())[:120]
    mail = Mail(headers=_headers(root), content_type=kind)
    mail.sender = next(iter(_addresses(mail.headers.get("from", []))), Address())
    mail.reply_to = _addresses(mail.headers.get("reply-to", []))
    mail.to = _addresses(mail.headers.get("to", []))
    mail.cc = _addresses(mail.headers.get("cc", []))
    delivered = [one for name in DELIVERED for one in mail.headers.get(name, [])]
    mail.delivered_to = tuple(one.lower() for text in delivered for one in ADDRESS_LIKE.findall(text))
    mail.subject = mail.header("subject")[:500]
    mail.sent_at = _date(mail.header("date"))
    mail.in_reply_to = ids_in(mail.header("in-reply-to"))
    mail.references = ids_in(" ".join(mail.headers.get("references", [])))
    if not headers_only:
        _read_parts(root, mail, limits)
    mail.digest = _digest(mail)
    own = ids_in(mail.header("message-id"))
    bare = re.sub(r"\s+", "", mail.header("message-id")).strip("<>")[:240]
    mail.has_own_id = bool(own or bare)
    # What has no name is known by its content, so that it is still taken in once only.
    mail.message_id = own[0] if own else f"<{bare}>" if bare else f"<{mail.digest}{NO_ID}"
    return mail


def ids_in(text: str) -> tuple[str, ...]:
    """The Message-IDs in a header, each once, in order."""
    return tuple(dict.fromkeys(MESSAGE_ID.findall(text)))


def _headers(part: Message) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in part.raw_items():  # as they came; get() would guess
        text = (value if isinstance(value, str) else str(value))[:LONGEST_HEADER]
        # Addresses are taken apart before their words are decoded: a decoded name may hold commas.
        kept = text if name.lower() in ("from", "to", "cc", "reply-to", "sender") else decode_header(text)
        found.setdefault(name.lower(), []).append(kept)
    return found


def _addresses(values: list[str]) -> tuple[Address, ...]:
    plain = [decode(one.encode("utf-8", "surrogateescape")) for one in values]
    plain = [re.sub(r"\r?\n[ \t]+", " ", one) for one in plain]
    found: list[Address] = []
    try:
        pairs = getaddresses(plain, strict=False)
    except (IndexError, ValueError, RecursionError):
        pairs = []
    for name, address in pairs:
        address = address.strip().strip("<>'\"").replace(" ", "")
        if "@" in address:
            found.append(Address(address[:254], decode_header(name)[:200]))
    if not found:  # brackets or quotes that are never closed: whatever looks like an address
        for text in plain:
            found += [Address(one[:254]) for one in ADDRESS_LIKE.findall(decode_header(text))]
    return tuple(found)


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC) if 1980 < moment.year < 2200 else None
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _digest(mail: Mail) -> str:
    """Of what the sender wrote: two copies of one mail, come by two ways, have the same."""
    said = [mail.sender.address.lower(), mail.subject, mail.header("date"), " ".join(mail.text.split())]
    said += [f"{one.name} {one.size}" for one in mail.attachments]
    return hashlib.sha256("\x1f".join(said).encode("utf-8", "replace")).hexdigest()[:40]


class _Walk:
    """What was found on the way through the parts."""

    def __init__(self, mail: Mail, limits: Limits) -> None:
        self.mail, self.limits = mail, limits
        self.plain: list[str] = []
        self.html: list[str] = []
        self.seen = 0

    def note(self, text: str) -> None:
        if text not in self.mail.notes:
            self.mail.notes.append(text)


def _read_parts(root: Message, mail: Mail, limits: Limits) -> None:
    walk = _Walk(mail, limits)
    _part(root, walk, 0)
    text = "\n\n".join(one for one in walk.plain if one.strip())
    if not text and walk.html:
        text, mail.is_from_html = html_to_text("\n".join(walk.html)), True
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if len(text) > limits.text:
        text = text[: limits.text]
        walk.note("text_cut")
    mail.text = text


def _part(part: Message, walk: _Walk, depth: int) -> None:
    walk.seen += 1
    if walk.seen > walk.limits.parts or depth > walk.limits.depth:
        walk.note("too_many_parts")
        return
    kind = CONTROL.sub("", part.get_content_type())[:120]
    if kind == "message/delivery-status":
        _delivery_status(part, walk.mail)
    elif kind in ("message/rfc822", "text/rfc822-headers"):
        _enclosed(part, kind, walk)
    elif part.is_multipart():
        children = part.get_payload()
        if kind == "multipart/alternative":
            children = _best_first(children)  # type: ignore[arg-type]
        for child in children:
            _part(child, walk, depth + 1)  # type: ignore[arg-type]
    else:
        _leaf(part, kind, walk)


def _best_first(children: list[Message]) -> list[Message]:
    """Of several forms of one text the plain one, if it says anything; what is not text (a calendar entry) stays."""
    plain = [one for one in children if one.get_content_type() == "text/plain"]
    if any(as_written(one).strip() for one in plain):
        return [one for one in children if one.get_content_type() != "text/html"]
    return [one for one in children if one not in plain]


def _leaf(part: Message, kind: str, walk: _Walk) -> None:
    name = _file_name(part)
    disposition = decode_header(raw_header(part, "content-disposition")).partition(";")[0].strip().lower()
    is_text = kind in ("text/plain", "text/html") and disposition != "attachment" and not name
    if is_text:
        text = decode(_payload(part), part.get_param("charset", None) and _charset(part))
        (walk.plain if kind == "text/plain" else walk.html).append(text)
        return
    _attach(part, kind, name, walk)


def _charset(part: Message) -> str | None:
    value = part.get_param("charset")
    return value[2] if isinstance(value, tuple) else str(value) if value else None


def _payload(part: Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):  # an encoding that breaks off
        data = as_written(part).encode("utf-8", "surrogateescape")
    return data if isinstance(data, bytes) else b""


def as_written(part: Message) -> str:
    """A part's content without undoing its encoding. The package raises for some names of encodings."""
    try:
        payload = part.get_payload()
    except (ValueError, LookupError):
        payload = part._payload  # type: ignore[attr-defined]
    return payload if isinstance(payload, str) else ""


def _file_name(part: Message) -> str:
    """RFC 2231, RFC 2047 within quotes (which the standards forbid and everybody sends), or bare bytes."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = _readable(part, header).get_param(parameter, None, header)
        except (ValueError, LookupError, IndexError):
            continue
        if isinstance(value, tuple):
            charset, _language, text = value
            if "%" in text:
                return clean_name(decode(unquote_to_bytes(text), charset))
            return clean_name(decode(text.encode("latin-1", "replace"), charset))
        if value:
            return clean_name(decode_header(value))
    return ""


def _readable(part: Message, header: str) -> Message:
    """The part itself, or, where the header holds bytes that nobody encoded, one with the header as text."""
    given = raw_header(part, header)
    if not any("\udc80" <= one <= "\udcff" for one in given):
        return part
    probe = Message()
    probe[header] = decode(given.encode("utf-8", "surrogateescape")).replace("\r", "").replace("\n", "")
    return probe


def raw_header(part: Message, name: str) -> str:
    """A header as it came. `Message.get` would lose the bytes that nobody encoded."""
    for own, value in part.raw_items():
        if own.lower() == name:
            return value if isinstance(value, str) else str(value)
    return ""


def clean_name(name: str) -> str:
    """A file's name for people: no folders, no control characters, nothing that turns the writing direction."""
    name = re.sub(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", name)
    name = re.split(r"[\\/]", name)[-1].strip().strip(".")
    if len(name) > 120:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[:100]}{dot}{ending[:19]}" if dot else name[:120]
    return name


def _attach(part: Message, kind: str, name: str, walk: _Walk) -> None:
    mail, limits = walk.mail, walk.limits
    if len(mail.attachments) >= limits.attachments:
        walk.note("too_many_attachments")
        return
    guessed = len(as_written(part)) * 3 // 4
    cid = decode_header(raw_header(part, "content-id")).strip().strip("<>")[:200]
    if guessed > limits.attachment * 1.1:  # not even decoded
        mail.attachments.append(
            Attached(name or clean_name(kind.replace("/", ".")), kind, guessed, None, cid, "too_large")
        )
        return
    data = _payload(part)
    if len(data) > limits.attachment:
        mail.attachments.append(
            Attached(name or clean_name(kind.replace("/", ".")), kind, len(data), None, cid, "too_large")
        )
        return
    is_tnef = kind in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat"
    unpacked = is_tnef and _unpack(data, walk)
    note = ("tnef_unpacked" if unpacked else "tnef_closed") if is_tnef else ""
    fallback = "winmail.dat" if is_tnef else kind.replace("/", ".")
    mail.attachments.append(Attached(name or fallback, kind, len(data), data, cid, note))


def _unpack(data: bytes, walk: _Walk) -> bool:
    """Lay what a winmail.dat holds beside it."""
    try:
        found = unpack(data)
    except NotTnef:
        walk.note("tnef_broken")
        return False
    if not found.is_whole:
        walk.note("tnef_broken")
    if found.body and not walk.plain:
        walk.plain.append(decode(found.body, found.code_page))
    for file in found.files[: walk.limits.attachments - len(walk.mail.attachments)]:
        name = file.name if isinstance(file.name, str) else decode(file.name, found.code_page)
        walk.mail.attachments.append(
            Attached(
                clean_name(name) or "winmail",
                "application/octet-stream",
                len(file.data),
                file.data if len(file.data) <= walk.limits.attachment else None,
                "",
                "from_tnef" if len(file.data) <= walk.limits.attachment else "too_large",
            )
        )
    return bool(found.body or found.files)


def _enclosed(part: Message, kind: str, walk: _Walk) -> None:
    """A mail within the mail: what a bounce returns, or what somebody forwards as an attachment."""
    payload = part.get_payload()
    if kind == "message/rfc822" and isinstance(payload, list) and payload:
        inner = payload[0]
        assert isinstance(inner, Message)
        own = ids_in(decode_header(raw_header(inner, "message-id")))
        subject = decode_header(raw_header(inner, "subject"))
        data = inner.as_bytes() if _writes(inner) else as_written(inner).encode("utf-8", "replace")
    else:
        data = _payload(part)
        headers = BytesHeaderParser(policy=policy.compat32).parsebytes(data)
        own, subject = ids_in(raw_header(headers, "message-id")), ""
    walk.mail.returned_ids += own
    if kind == "message/rfc822" and walk.mail.content_type != "multipart/report":
        name = clean_name(f"{subject[:80] or 'mail'}.eml")
        is_small = len(data) <= walk.limits.attachment
        walk.mail.attachments.append(
            Attached(name, kind, len(data), data if is_small else None, "", "" if is_small else "too_large")
        )


def _writes(inner: Message) -> bool:
    try:
        inner.as_bytes()
    except Exception:  # the package writes what it read, and raises in many ways for what is damaged
        return False
    return True


def _delivery_status(part: Message, mail: Mail) -> None:
    payload = part.get_payload()
    for block in payload if isinstance(payload, list) else []:
        assert isinstance(block, Message)
        recipient = raw_header(block, "final-recipient") or raw_header(block, "original-recipient")
        recipient = decode_header(recipient)
        if not recipient:
            continue
        address = recipient.partition(";")[2].strip() or recipient.strip()
        mail.reports.append(
            DeliveryReport(
                recipient=address.strip("<>")[:254],
                action=(decode_header(raw_header(block, "action")) or "failed").strip().lower()[:20],
                status=decode_header(raw_header(block, "status")).strip()[:20],
                diagnostic=decode_header(raw_header(block, "diagnostic-code"))[:500],
            )
        )
