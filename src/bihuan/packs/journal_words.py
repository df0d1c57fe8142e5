"""Words for what is written into the journal."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions, name_objects

name_objects(
    {
        "pack": pgettext_lazy("journal", "Industry packs"),
    }
)
name_actions(
    {
        "pack.installed": pgettext_lazy("journal", "Installed an industry pack"),
        "company.made": pgettext_lazy("journal", "Made a simulated company"),
    }
)
