"""EPCIS 2.0, the language in which companies tell each other what happened to lots: reading, checking, event hash ids, writing.

Pure: no database, no clock, no network. `check` takes the bytes of a document and answers what is wrong where, and the hash
id of every event; `read_event`, `write_event` and `write_document` go between JSON-LD and dataclasses. Sources: GS1 EPCIS 2.0, GS1 CBV
2.0 (§8.9.2 for the hash), GS1 Tag Data Standard 2.0, GS1 Digital Link URI syntax 1.2.
"""

from bihuan.quality.epcis.checking import Report, check
from bihuan.quality.epcis.faults import MESSAGES, Fault
from bihuan.quality.epcis.writing import read_event, write_document, write_event

__all__ = ["MESSAGES", "Fault", "Report", "check", "read_event", "write_document", "write_event"]
