"""Words for what is written into the journal."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions

name_actions(
    {
        "import.upload": pgettext_lazy("journal", "Uploaded a file to import"),
        "import.run": pgettext_lazy("journal", "Imported a file"),
        "import.undo": pgettext_lazy("journal", "Undid an import"),
        "import.refused_rows_exported": pgettext_lazy("journal", "Exported refused rows of an import"),
    }
)
