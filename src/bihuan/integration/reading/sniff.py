"""What a file is, judged by its bytes. The name is only a hint for messages."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bihuan.integration.reading.errors import refused
from bihuan.integration.reading.limits import DEFAULT_LIMITS, Limits

SAMPLE_BYTES = 1 << 20
CHUNK_BYTES = 1 << 20
DELIMITERS = (",", "\t", ";", "|")

# Signature, what people call it. Order matters where one is the start of another.
FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"(\xb5/\xfd", "zstd"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
    (b"PAR1", "Parquet"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
    (b"ID3", "MP3"),
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BIFF_STARTS = (b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00")


@dataclass(frozen=True, slots=True)
class Source:
    """What was found: ``kind`` is csv, xlsx or xls; the rest applies to text."""

    path: Path
    kind: str
    gzipped: bool = False
    encoding: str = ""
    delimiter: str = ""
    skip_lines: int = 0  # Excel's "sep=;" line


def sniff(path: Path, *, limits: Limits = DEFAULT_LIMITS, encoding: str = "", delimiter: str = "") -> Source:
    """Recognise a file, reading text once through to be sure of its encoding.

    Raises ``ImportRefused``: not_found, empty_file, wrong_type, web_page, password, damaged_workbook,
    damaged_gzip, binary, unknown_encoding, too_big, line_too_long.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8192)
    except OSError as error:
        raise refused("not_found", name=path.name) from error
    if size == 0:
        raise refused("empty_file")
    gzipped = head[:2] == b"\x1f\x8b"
    if gzipped:
        try:
            with gzip.open(path) as packed:
                head = packed.read(8192)
        except (OSError, EOFError, zlib.error) as error:
            raise refused("damaged_gzip") from error
        if not head:
            raise refused("empty_file")
    kind = _container(path, head, gzipped)
    if kind != "csv":
        return Source(path, kind)
    encoding = encoding or _encoding(path, gzipped, limits)
    sample = _sample_text(path, gzipped, encoding)
    if not sample.strip("\r\n\t ,;|\x00\ufeff"):
        raise refused("empty_file")
    _refuse_markup(sample)
    first = sample.partition("\n")[0]
    named = re.fullmatch(r'"?sep=(.)"?\s*', first.strip("\ufeff"))
    if named:
        return Source(path, "csv", gzipped, encoding, delimiter or named[1], 1)
    return Source(path, "csv", gzipped, encoding, delimiter or _delimiter(sample))


def _container(path: Path, head: bytes, gzipped: bool) -> str:
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        if gzipped:
            raise refused("wrong_type", found="gzip + ZIP")
        return _zip_kind(path)
    if head.startswith(OLE):
        if gzipped:
            raise refused("wrong_type", found="gzip + OLE")
        return _ole_kind(path)
    if head.startswith(BIFF_STARTS):
        return "xls"
    for signature, name in FOREIGN:
        # Two-letter signatures also begin honest words; they count only when the rest is not text.
        if head.startswith(signature) and (len(signature) > 2 or b"\x00" in head):
            raise refused("wrong_type", found=name)
    return "csv"


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise refused("damaged_workbook") from error
    if "xl/workbook.xml" in names or any(name.lower() == "xl/workbook.xml" for name in names):
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise refused("wrong_type", found="XLSB")
    if "word/document.xml" in names:
        raise refused("wrong_type", found="Word")
    if "ppt/presentation.xml" in names:
        raise refused("wrong_type", found="PowerPoint")
    if "content.xml" in names:
        raise refused("wrong_type", found="OpenDocument")
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return "xlsx"
    raise refused("wrong_type", found="ZIP")


def _ole_kind(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(1 << 16)
        file.seek(max(0, path.stat().st_size - (1 << 16)))
        ends = start + file.read(1 << 16)
    if "EncryptedPackage".encode("utf-16-le") in ends:
        raise refused("password")
    if "WordDocument".encode("utf-16-le") in ends:
        raise refused("wrong_type", found="Word")
    if "PowerPoint Document".encode("utf-16-le") in ends:
        raise refused("wrong_type", found="PowerPoint")
    return "xls"


def _refuse_markup(sample: str) -> None:
    start = sample.lstrip("\ufeff \r\n\t")[:2000].lower()
    if start.startswith(("<!doctype html", "<html", "<table", "<meta", "<head", "<style")) or (
        start.startswith("<") and "<table" in start
    ):
        raise refused("web_page")
    if start.startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise refused("wrong_type", found="XML Spreadsheet 2003")
    if start.startswith("<?xml"):
        raise refused("wrong_type", found="XML")
    if start.startswith(("{", "[{", "[\n", "[ ")) and re.match(r'[\[{\s]*"[^"\n]*"\s*:', start):
        raise refused("wrong_type", found="JSON")


# --- text -----------------------------------------------------------------------------------------------------------


@contextmanager
def open_bytes(path: Path, gzipped: bool) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked; a damaged stream is ``ImportRefused`` wherever it shows."""
    try:
        if gzipped:
            with gzip.open(path) as packed:
                yield packed  # type: ignore[misc]
        else:
            with path.open("rb") as plain:
                yield plain
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise refused("damaged_gzip") from error


def _encoding(path: Path, gzipped: bool, limits: Limits) -> str:
    """The encoding of the whole file, not of its start: the first umlaut may come in the last row."""
    seen = 0
    sample = b""
    decoders: dict[str, codecs.IncrementalDecoder] = {}
    controls = 0
    rows = 0
    broken = 0  # the row in which it ceases to be UTF-8
    with open_bytes(path, gzipped) as file:
        while chunk := file.read(CHUNK_BYTES):
            if not seen:
                fixed = _by_mark(chunk)
                if fixed:
                    return fixed
            seen += len(chunk)
            if seen > limits.text_bytes:
                raise refused("too_big", limit=limits.text_bytes // 1_000_000)
            controls += len(chunk) - len(chunk.translate(None, _CONTROLS))
            if controls > 8 and controls > seen // 2000:
                raise refused("binary")
            before, rows = rows, rows + chunk.count(b"\n")
            if not decoders:
                if chunk.isascii():
                    continue
                decoders = {name: codecs.getincrementaldecoder(name)() for name in _CANDIDATES}
            if len(sample) < SAMPLE_BYTES:
                sample += chunk
            for name in list(decoders):
                try:
                    decoders[name].decode(chunk)
                except UnicodeDecodeError as error:
                    del decoders[name]
                    if name == "utf-8":
                        broken = before + 1 + error.object[: error.start].count(b"\n")
            if (broken and len(sample) >= SAMPLE_BYTES // 4) or not decoders:
                _refuse_mixed(sample, broken)
            if not decoders:
                raise refused("unknown_encoding", tried=", ".join(_CANDIDATES))
    if not decoders:
        return "utf-8"
    for name in list(decoders):
        try:
            decoders[name].decode(b"", final=True)
        except UnicodeDecodeError:
            # A file cut within its last character is still best read in that encoding.
            if len(decoders) > 1:
                del decoders[name]
    if broken:
        _refuse_mixed(sample, broken)
    return _choose(sample[:SAMPLE_BYTES], list(decoders))


def _refuse_mixed(sample: bytes, row: int) -> None:
    """A file that is UTF-8 but for some rows, pasted together from two, would be readable rubbish in another encoding."""
    others = len(sample.translate(None, _ASCII))
    if others and sum(map(len, _UTF8.findall(sample))) > others * 0.7:
        raise refused("decode_error", row=row, encoding="utf-8")


_ASCII = bytes(range(128))
# Chinese and full-width characters, and accented Latin ones, several of one kind in a row.
_UTF8 = re.compile(rb"(?:[\xe3-\xe9\xef][\x80-\xbf]{2}){2,}|[\xc3-\xc5][\x80-\xbf]")
_CANDIDATES = ("utf-8", "gb18030", "big5", "cp1252")
_CONTROLS = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26}) + b"\x7f"


def _by_mark(start: bytes) -> str:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start.startswith(b"\x84\x31\x95\x33"):
        return "gb18030"
    # UTF-16 without a mark: separators and digits leave a zero beside them, always on the same side.
    head = start[: 1 << 14]
    head = head[: len(head) & ~1]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 2 and even * 4 < odd and _is_prose(head, "utf-16-le"):
        return "utf-16-le"
    if even > 2 and odd * 4 < even and _is_prose(head, "utf-16-be"):
        return "utf-16-be"
    return ""


def _is_prose(head: bytes, encoding: str) -> bool:
    text = head.decode(encoding, "replace")
    usual = sum(
        1
        for char in text
        if " " <= char <= "ÿ" or char in "\t\r\n" or "\u2000" <= char <= "\u9fff" or char >= "\uff00"
    )
    return usual - text.count("\ufffd") > len(text) * 0.95


def _choose(sample: bytes, left: list[str]) -> str:
    if "utf-8" in left or len(left) == 1:
        return left[0]
    if "cp1252" in left and _is_western(sample):
        return "cp1252"
    left = [name for name in left if name != "cp1252"] or left
    if left[0] == "gb18030" and "big5" in left:
        simple = _share(sample, "gb18030", "gb2312")
        traditional = _big5_common_share(sample)
        return "big5" if traditional > 0.9 and simple < traditional - 0.1 else "gb18030"
    return left[0]


def _is_western(sample: bytes) -> bool:
    """Lone accented letters among many plain ones. Chinese comes in pairs, and its lead bytes lie lower in Big5."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    lone = [run[0] for run in runs if len(run) == 1]
    letters = len(re.findall(rb"[A-Za-z]", sample))
    accents = sum(
        1 for byte in lone if byte >= 0xC7 or byte in b"\x80\xa3\xa9\xae\xb0\xc0\xc1\xc2\xc3\xc4\xc5\xc6"
    )
    return len(lone) > len(runs) / 2 and sum(map(len, runs)) < letters / 2 and accents > len(lone) / 2


def _share(sample: bytes, encoding: str, subset: str) -> float:
    """How much of the Chinese text, decoded so, lies within the subset's common characters."""
    han = [char for char in sample.decode(encoding, "ignore") if char >= "\u2e80"]
    if not han:
        return 0.0
    fit = sum(1 for char in han if _fits(char, subset))
    return fit / len(han)


def _fits(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _big5_common_share(sample: bytes) -> float:
    han = [char for char in sample.decode("big5", "ignore") if char >= "\u4e00"]
    if not han:
        return 0.0
    common = sum(1 for char in han if 0xA4 <= char.encode("big5")[0] <= 0xC6)
    return common / len(han)


def _sample_text(path: Path, gzipped: bool, encoding: str) -> str:
    with open_bytes(path, gzipped) as file:
        data = file.read(SAMPLE_BYTES // 4)
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data)
    except (UnicodeDecodeError, LookupError) as error:
        raise refused("unknown_encoding", tried=encoding) from error


def _delimiter(sample: str) -> str:
    """The separator that cuts most rows into the same number of cells, more cells winning."""
    lines = sample.splitlines(keepends=True)
    text = "".join(lines[:-1] if len(lines) > 1 else lines)[:200_000]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = _widths(text, delimiter)
        if not widths:
            continue
        mode = max(set(widths), key=lambda width: (widths.count(width), width))
        if mode < 2:
            continue
        agreement = widths.count(mode) / len(widths)
        score = agreement * agreement * min(mode, 12)
        if score > best_score * 1.05:
            best, best_score = delimiter, score
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(row):
                widths.append(len(row))
            if len(widths) >= 200:
                break
    except csv.Error:
        return widths
    return widths
