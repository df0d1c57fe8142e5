"""What can be wrong with events, logs and bundles, as codes. `quality.evidence_wording` says them in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MESSAGES: Mapping[str, str] = {
    # values and events
    "not_text": "A text is expected here.",
    "not_object": "A JSON object is expected here.",
    "not_list": "A list of at least one is expected here.",
    "not_json": "This is not JSON in UTF-8: %(detail)s",
    "not_canonical": "This is not in canonical form.",
    "no_float": "A number with a fraction is written as a text here, for its digits have to stay as they are.",
    "number_range": "Whole numbers lie between -(2^53-1) and 2^53-1 here; larger ones are written as a text.",
    "not_nfc": "This text is not in Unicode's normal form C.",
    "surrogate": "This text holds half a character (a surrogate).",
    "key_twice": "The name “%(key)s” stands here twice.",
    "bad_key": "“%(key)s” is no name: small letters, digits and _ only, a letter first, 64 at most.",
    "bad_type": "A value of the kind “%(type)s” has no place in an event.",
    "too_deep": "This is nested too deeply.",
    "too_large": "An event has %(limit)s bytes at most; this one has %(size)s.",
    "unknown_kind": "There is no event of the kind “%(kind)s”.",
    "unknown_field": "The field “%(field)s” is not part of this event.",
    "missing_field": "The field “%(field)s” is missing.",
    "bad_field": "“%(value)s” is not what this field holds (%(type)s).",
    "same_id": "The id “%(id)s” stands at index %(index)s already, with other contents.",
    "same_id_here": "The id “%(id)s” stands twice in this batch, with different contents.",
    # the log as it lies on disk
    "no_log": "There is no evidence log in %(folder)s yet.",
    "busy": "Another process is writing to the evidence log. Try again in a moment.",
    "no_head": "The log's head is missing. Restore the folder %(folder)s from a backup.",
    "bad_head": "This head cannot be read, or its signature does not belong to it.",
    "other_log": "This head belongs to another log: %(origin)s.",
    "bad_key_record": "The record of key %(number)s cannot be read, or its signature does not belong to it.",
    "no_private_key": "The private key %(number)s is missing or is not the one of its record. Restore it from a backup.",
    "missing_file": "The file is missing or too short.",
    "bad_entries": "The entries in this file cannot be told apart: a length in it was altered.",
    "does_not_add_up": "The log's files do not add up to its head, so nothing is added. “bihuan evidence verify” says what is wrong.",
    "cut_off": "The log ends at %(size)s, and had %(known)s entries before: its end was cut off. Nothing is added. Restore it from a backup.",
    "no_such_leaf": "There is no entry %(index)s; the log has %(size)s.",
    "no_such_id": "There is no entry with the id “%(id)s”.",
    "nothing_of_lot": "The evidence log holds nothing of lot %(lot)s yet.",
    "no_such_size": "The log has never had %(size)s entries; it has %(now)s.",
    # findings
    "entry_altered": "This entry is not the one that was signed.",
    "entry_or_tile_altered": "This entry and its hash do not belong together, and neither is what was signed.",
    "entries_rewritten": "These entries were altered together with their hashes.",
    "tile_altered": "Hashes in this tile are not those that were signed.",
    "tile_missing": "This tile is missing or too short.",
    "entries_missing": "These entries are missing: the log was cut off, or the file was removed.",
    "root_differs": "The entries do not lead to the root of the signed head: the log was rewritten. The last head that still fits has size %(size)s.",
    "head_altered": "This head was altered: its signature does not belong to it.",
    "head_missing": "The head that should stand here is missing.",
    "head_forked": "This head was signed for other entries than those in the log: the log was forked.",
    "head_key_retired": "This head was signed with a key that was not in use at this size.",
    "truncated": "A head of size %(known)s was signed, and the log has only %(size)s entries: its end was cut off.",
    "kept_forked": "The head that was kept has another root than this log had at that size: the log was forked or rewritten.",
    "kept_longer": "The head that was kept has size %(known)s, and the log has only %(size)s entries: its end was cut off.",
    "row_altered": "The row in the database is not what the log holds.",
    "row_missing": "The row of this entry is missing in the database.",
    "row_unknown": "The database has a row for an entry that the log does not have.",
    "series_altered": "The series in %(file)s is not the one that was sealed.",
    "series_missing": "The file of this series, %(file)s, is missing.",
    "more": "There are %(count)s more findings of this kind.",
}


class EvidenceFault(ValueError):
    """One fault: `path` says where (`parents[2].quantity`, `entry 17`), `code` is one of MESSAGES, `params` fill it."""

    def __init__(self, code: str, path: str = "", **params: Any) -> None:
        self.code, self.path, self.params = code, path, params
        text = MESSAGES[code] % params
        super().__init__(f"{path}: {text}" if path else text)


class LogBusy(EvidenceFault):
    """Another process is writing just now."""
