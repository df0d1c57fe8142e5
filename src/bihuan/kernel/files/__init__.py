"""Files outside the database: mails, attachments, photos, documents, by the digest of their content.

The same content lies there once. What a file is says its content, never its name; what is handed out carries a type
that no browser runs. The rows that name a file belong to the rooms; who may read the row may read the file.
"""

from .serving import serve
from .store import keep, path_of, read, writing
from .types import CLOSED, PLAIN, SHOWN, type_of
from .uploads import FileRefused, Kept, keep_upload

__all__ = [
    "CLOSED",
    "PLAIN",
    "SHOWN",
    "FileRefused",
    "Kept",
    "keep",
    "keep_upload",
    "path_of",
    "read",
    "serve",
    "type_of",
    "writing",
]
