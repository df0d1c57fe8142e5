"""Raw mails and attachments lie in the store of files; a queued message refers to them."""

from __future__ import annotations

from typing import Any

from bihuan.kernel.files import CLOSED, PLAIN, SHOWN, keep, path_of, read, type_of, writing

__all__ = ["CLOSED", "PLAIN", "SHOWN", "attach", "keep", "path_of", "read", "type_of", "writing"]


def attach(data: bytes, name: str, declared: str = "") -> dict[str, Any]:
    """Keep a file and give the reference that a queued message carries."""
    return {
        "name": name[:200],
        "type": type_of(data, name, declared),
        "size": len(data),
        "sha256": keep(data),
    }
