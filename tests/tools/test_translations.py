"""The tool that compiles and checks the catalogues, against the standard library's own reader of them."""

from __future__ import annotations

import gettext
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tools"))

from translation import catalogue, check, sources  # noqa: E402

CATALOGUE = """
# The head of a catalogue.
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Customer"
msgstr "客户"

msgctxt "month"
msgid "May"
msgstr "五月"

#, python-format
msgid "One order of %(name)s"
msgid_plural "%(count)s orders of %(name)s"
msgstr[0] "%(name)s 的 %(count)s 张订单"

msgid ""
"A text that \\"goes on\\"\\n"
"over two lines"
msgstr ""
"一段\\"很长\\"的\\n"
"文字"
#, fuzzy
msgid "Guessed"
msgstr "猜的"
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    room = tmp_path / "selling"
    (room / "locale/zh_Hans/LC_MESSAGES").mkdir(parents=True)
    (room / "templates/selling").mkdir(parents=True)
    (room / "__init__.py").touch()
    return room


def put_catalogue(room: Path, text: str) -> Path:
    path = room / check.CATALOGUE
    path.write_text(text, encoding="utf-8")
    return path


def found(room: Path) -> str:
    return "\n".join(check.problems([room], room.parent))


def test_a_compiled_catalogue_reads_as_gettext_reads_it(room: Path, tmp_path: Path):
    entries, obsolete = catalogue.read(put_catalogue(room, CATALOGUE))
    compiled = tmp_path / "django.mo"
    catalogue.compile_to(compiled, entries, "zh_Hans")
    with compiled.open("rb") as stream:
        chinese = gettext.GNUTranslations(stream)
    assert not obsolete
    assert chinese.gettext("Customer") == "客户"
    assert chinese.pgettext("month", "May") == "五月"
    assert chinese.gettext("May") == "May"
    assert chinese.ngettext("One order of %(name)s", "%(count)s orders of %(name)s", 1).startswith(
        "%(name)s 的"
    )
    assert chinese.gettext('A text that "goes on"\nover two lines') == '一段"很长"的\n文字'
    assert chinese.gettext("Guessed") == "Guessed"


def test_what_is_written_is_read_back(room: Path, tmp_path: Path):
    entries, _ = catalogue.read(put_catalogue(room, CATALOGUE))
    again = tmp_path / "again.po"
    catalogue.write(again, entries)
    strip = [(one.key, one.plural, one.translations) for one in entries]
    assert [(one.key, one.plural, one.translations) for one in catalogue.read(again)[0]] == strip


def test_messages_are_found_in_python_and_in_templates(room: Path):
    (room / "services.py").write_text(
        "from django.utils.translation import gettext_lazy as _, ngettext, pgettext as p\n"
        'a = _("Order " "placed")\nb = ngettext("one", "many", n)\nc = p("month", "May")\n',
        encoding="utf-8",
    )
    (room / "templates/selling/page.html").write_text(
        '{% load i18n %}\n{% translate "Customers" %}{% translate "Order" context "verb" as x %}\n'
        "{% blocktranslate count n=rows|length trimmed %}\n  {{ n }} line\n{% plural %}\n  {{ n }} lines\n"
        '{% endblocktranslate %}{{ _("Paid") }}{% blocktranslate %}Up 5 %{% endblocktranslate %}',
        encoding="utf-8",
    )
    uses = {(use.context, use.message, use.plural) for use in sources.of_room(room)}
    assert uses == {
        (None, "Order placed", None),
        (None, "one", "many"),
        ("month", "May", None),
        (None, "Customers", None),
        ("verb", "Order", None),
        (None, "%(n)s line", "%(n)s lines"),
        (None, "Paid", None),
        (None, "Up 5 %%", None),
    }


def test_a_complete_catalogue_passes(room: Path):
    (room / "rules.py").write_text('_("Customer")', encoding="utf-8")
    put_catalogue(room, 'msgid "Customer"\nmsgstr "客户"\n')
    assert found(room) == ""


def test_an_untranslated_message_is_named_with_an_entry_to_paste(room: Path):
    (room / "rules.py").write_text('_("Customer %(name)s")', encoding="utf-8")
    assert 'msgid "Customer %(name)s"\nmsgstr ""' in found(room)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('#, fuzzy\nmsgid "Paid %(n)s"\nmsgstr "已付 %(n)s"', "fuzzy"),
        ('msgid "Paid %(n)s"\nmsgstr ""', "empty"),
        ('msgid "Paid %(n)s"\nmsgstr "已付 %(m)s"', "placeholders differ"),
        ('msgid "Paid %(n)s"\nmsgstr "已付 %(n)s"\n\nmsgid "Gone"\nmsgstr "没了"', "no longer used"),
        ('msgid "Paid %(n)s"\nmsgstr "已付 %(n)s"\n\n#~ msgid "Old"\n#~ msgstr "旧"', "obsolete"),
        (
            'msgid "Paid %(n)s"\nmsgstr "已付 %(n)s"\n\nmsgid "Paid %(n)s"\nmsgstr "付讫 %(n)s"',
            "more than one way",
        ),
    ],
)
def test_each_fault_is_found(room: Path, entry: str, complaint: str):
    (room / "rules.py").write_text('_("Paid %(n)s")', encoding="utf-8")
    put_catalogue(room, entry + "\n")
    assert complaint in found(room)


def test_a_message_put_together_at_run_time_is_refused(room: Path):
    (room / "rules.py").write_text('_(f"Paid {n}")', encoding="utf-8")
    assert "must be written out" in found(room)
