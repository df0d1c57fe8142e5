"""What this room hangs into pages."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.pages.registry import menu_item, palette_action

from . import journal_words, lists  # noqa: F401  (registers the words and the list)

menu_item(_("Imports"), "imports", "database-import", object="import", section="data", order=80, keys="g i")
palette_action(
    _("Import a file"), "import_upload", "file-import", object="import", words="excel csv xlsx 导入 表格"
)
