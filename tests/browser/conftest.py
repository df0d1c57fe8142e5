"""A made company with its server and worker, and a browser that looks at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.start_up.test_up_and_down import free_port

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--lang=zh-CN",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@dataclass(frozen=True)
class Company:
    """A company that is being served: its address, its home folder, its sign-ins."""

    address: str
    home: Path
    passwords: dict[str, str]

    def command(self, *words: str) -> str:
        """What a command prints, run beside the server on the same company."""
        told = os.environ | {"BIHUAN_HOME": str(self.home)}
        told.pop("BIHUAN_DATABASE_URL", None)
        command = [sys.executable, "-m", "bihuan.config", *words]
        return subprocess.run(command, env=told, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The terpene producer's demo company, on SQLite in a folder of its own."""
    home = tmp_path_factory.mktemp("story")
    port = free_port()
    told = os.environ | {"BIHUAN_HOME": str(home), "BIHUAN_PORT": str(port), "BIHUAN_PROCESSES": "1"}
    told.pop("BIHUAN_DATABASE_URL", None)
    told.pop("DJANGO_SETTINGS_MODULE", None)
    program = [sys.executable, "-m", "bihuan.config"]
    subprocess.run(
        [*program, "init", "--pack", "terpene", "--demo"], env=told, check=True, capture_output=True
    )
    log = (home / "log.txt").open("w")
    running = [
        subprocess.Popen([*program, word], env=told, stdout=log, stderr=log) for word in ("serve", "worker")
    ]
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        people = json.loads((home / "sign-ins.json").read_text(encoding="utf-8"))
        yield Company(address, home, {one["username"]: one["password"] for one in people})
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)
        log.close()


def _wait_for(address: str) -> None:
    for _attempt in range(240):
        try:
            urllib.request.urlopen(f"{address}/accounts/login/", timeout=5).read()
            return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError("the server did not answer")


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """Ends with its file: as long as it lives, its event loop keeps the same worker's other tests off the database."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_as(company: Company, chromium: object) -> Iterator[Callable[..., object]]:
    """`open_as("director", width=390)`: a page of that width, signed in through the sign-in form."""
    contexts = []

    def open_page(username: str, width: int = 1440) -> object:
        height = 844 if width < 500 else 900
        context = chromium.new_context(  # type: ignore[attr-defined]
            viewport={"width": width, "height": height}, locale="zh-CN", base_url=company.address,
            has_touch=width < 500, accept_downloads=True,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto("/accounts/login/")
        page.fill("input[name=login]", username)
        page.fill("input[name=password]", company.passwords[username])
        page.click("main button[type=submit], form button[type=submit]")
        page.wait_for_url(f"{company.address}/")
        return page

    yield open_page
    for context in contexts:
        context.close()
