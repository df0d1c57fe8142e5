"""The pages walk a person from the file to the result and back."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bihuan.audit.models import Entry
from bihuan.customers.models import Customer
from bihuan.integration.importing.facts import count_facts
from bihuan.integration.models import Import
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import run_job, take_next_job
from bihuan.kernel.models import Job
from bihuan.people import services
from bihuan.people.models import User
from bihuan.sales.models import OrderLine

from .files import NOW

pytestmark = pytest.mark.django_db

LINES = (
    "单号,日期,客户名称,产品名称,数量,单价\n"
    "S1,2024-03-01,江苏三木,硫酸,10,2.5\nS1,2024-03-01,江苏三木,盐酸,4,3\nS2,bad,江苏三木,硫酸,1,2.6\n"
)


def _person(username: str, *roles: str) -> User:
    return services.create_user(
        actor=SYSTEM, username=username, name=username.title(), roles=roles, now=NOW, language="en"
    )


@pytest.fixture
def director(client: Client) -> User:
    user = _person("dora", "director")
    client.force_login(user)
    return user


def _work() -> None:
    """What the worker does."""
    while row := take_next_job(NOW):
        run_job(row, clock=lambda: NOW)


def _upload(client: Client, text: str = LINES, kind: str = "orders", name: str = "销售明细.csv") -> str:
    file = SimpleUploadedFile(name, text.encode("gb18030"))
    reply = client.post("/imports/new/", {"file": file, "kind": kind})
    assert reply.status_code == 302, reply.content.decode()
    return str(reply["Location"])


def test_from_the_file_to_the_result_and_back(client: Client, director: User) -> None:
    before = count_facts()
    address = _upload(client)
    assert "Waiting for its turn" in client.get(address).content.decode()
    _work()
    page = client.get(address).content.decode()
    assert "江苏三木" in page
    assert '<option value="customer_name" selected>' in page
    columns = {
        f"column.{n}": name
        for n, name in enumerate(
            ("number", "ordered_at", "customer_name", "product_name", "quantity", "price")
        )
    }
    client.post(f"{address}mapping/", columns)
    _work()
    page = client.get(address).content.decode()
    assert "nothing has been written" in page
    assert count_facts() == before
    workbook = client.get(f"{address}refused/")
    assert workbook.getvalue()[:2] == b"PK"

    client.post(f"{address}start/")
    assert Job.objects.latest("pk").kind == "import.run"
    _work()
    assert OrderLine.objects.count() == 2
    page = client.get(address).content.decode()
    assert "Imported." in page
    assert "Undo this import" in page

    client.post(f"{address}undo/")
    _work()
    assert count_facts() == before
    assert "rows were removed" in client.get(address).content.decode()
    actions = set(Entry.objects.filter(object_type="import").values_list("action", flat=True))
    assert actions == {"import.upload", "import.run", "import.refused_rows_exported", "import.undo"}


def test_a_file_that_is_no_table_says_so_on_its_page(client: Client, director: User) -> None:
    file = SimpleUploadedFile("scan.xlsx", b"%PDF-1.7")
    address = client.post("/imports/new/", {"file": file, "kind": "orders"})["Location"]
    _work()
    page = client.get(address).content.decode()
    assert "PDF" in page
    assert Import.objects.get().state == Import.State.FAILED


def test_words_that_nobody_knows_are_asked_for(client: Client, director: User) -> None:
    address = _upload(client, "客户名称,状态\n甲公司,重点客户\n乙公司,江苏三木\n", "customers")
    _work()
    page = client.get(address).content.decode()
    assert "重点客户" in page
    said = {"column.0": "name", "column.1": "status", "word.status.0": "active", "word.status.1": "lost"}
    client.post(f"{address}mapping/", said)
    _work()
    client.post(f"{address}start/")
    _work()
    assert dict(Customer.objects.values_list("name", "status")) == {"甲公司": "active", "乙公司": "lost"}


def test_an_incomplete_mapping_comes_back_with_what_is_missing(client: Client, director: User) -> None:
    address = _upload(client)
    _work()
    client.post(f"{address}mapping/", {"column.0": "number"})
    _work()
    page = client.get(address).content.decode()
    assert "ordered_at" in page or "Order date" in page
    assert "Dry run" in page


def test_a_step_out_of_turn_does_nothing(client: Client, director: User) -> None:
    address = _upload(client)
    _work()
    client.post(f"{address}start/")
    client.post(f"{address}undo/")
    assert not Job.objects.filter(kind__in=("import.run", "import.undo")).exists()


def test_others_do_not_see_it(client: Client, director: User) -> None:
    address = _upload(client)
    client.force_login(_person("sam", "salesperson"))
    assert client.get(address).status_code in (403, 404)
    assert client.get("/imports/").status_code in (403, 404)
    client.force_login(_person("maria", "manager"))
    assert client.get(address).status_code == 404


def test_an_uploaded_name_cannot_leave_its_folder(client: Client, director: User, settings: object) -> None:
    file = io.BytesIO(LINES.encode())
    file.name = "../../../evil.csv"
    client.post("/imports/new/", {"file": file, "kind": "orders"})
    row = Import.objects.get()
    assert row.filename == "evil.csv"
    assert Path(row.path).parent.parent.name == "uploads"


def test_the_list_shows_imports(client: Client, director: User) -> None:
    _upload(client)
    page = client.get("/imports/").content.decode()
    assert "销售明细.csv" in page
