"""From the queue to a closed complaint on a laptop: an agent takes it in and answers, a quality engineer finds its cause in
8D and proves the cure, the agent solves it, calls back and closes. Each page is looked at on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from .looking import check_page

TITLE = "演示：整线停产，松油烯发黄"


def put(scope: Any, name: str, value: str) -> None:
    """Fill a field or choose in it; a list that can be searched is a plain one underneath. "#2" is its second choice."""
    field = scope.locator(f"[name={name}]").first
    if value.startswith("#"):
        offered = field.evaluate("one => [...one.options].map(of => of.value).filter(of => of)")
        field.select_option(offered[int(value[1:]) - 1], force=True)
    elif field.evaluate("one => one.tagName") == "SELECT":
        field.select_option(value, force=True)
    else:
        field.fill(value)


def take(page: Any, step: str, **given: str) -> None:
    """One step on the case, in its dialog."""
    page.click(f"button[hx-get$='/step/{step}/']")
    page.wait_for_selector("#dialog-content form")
    for name, value in given.items():
        put(page.locator("#dialog-content"), name, value)
    check_page(page)
    with page.expect_navigation():
        page.click("#dialog-content .btn-primary")


def enter(page: Any, step: str, what: str, **given: str) -> None:
    """One entry in a step of the 8D, in place."""
    page.click(f"#{step} button[hx-get*='/{what}/']")
    page.wait_for_selector(f"#form-{step} form")
    for name, value in given.items():
        put(page.locator(f"#form-{step}"), name, value)
    with page.expect_navigation():
        page.click(f"#form-{step} button.btn-primary")


def finish(page: Any, step: str) -> None:
    page.wait_for_load_state("networkidle")
    with page.expect_navigation():
        page.click(f"#{step} button[hx-post*='/finish/']")
    page.wait_for_selector(f"#{step} .step-number.is-done")


@pytest.mark.slow
def test_a_complaint_goes_from_the_queue_through_an_8d_to_its_end(open_as: Callable[..., Any]):
    agent = open_as("service")
    agent.goto("/cases/")
    check_page(agent)
    agent.click("button[hx-get='/cases/new/'], a[hx-get='/cases/new/']")
    agent.wait_for_selector("#dialog-content [name=find]")
    agent.fill("#dialog-content [name=find]", "演示")
    agent.click("#picks label >> nth=0")
    put(agent.locator("#dialog-content"), "text", f"{TITLE}\n演示：三号釜，今早七点发现")
    put(agent.locator("#dialog-content"), "kind", "complaint")
    put(agent.locator("#dialog-content"), "severity", "1")
    check_page(agent)
    with agent.expect_navigation():
        agent.click("#dialog-content .btn-primary")
    agent.wait_for_url(re.compile(r"/cases/\d+/"))
    case = agent.url
    check_page(agent)

    # Every clock says why: the promise, its calendar, its hours.
    chips = agent.locator(".clock-chips li")
    assert chips.count() >= 2
    agent.goto("/cases/")
    queue = agent.inner_text("main")
    assert TITLE in queue
    check_page(agent)
    with agent.expect_navigation():
        agent.click(f"a:has-text('{TITLE}')")
    take(agent, "respond", text="演示：已收到，工程师今天联系您")

    # The quality engineer joins it to an investigation of its own and works through D1 to D8.
    quality = open_as("quality")
    quality.goto(case.split("?")[0])
    check_page(quality)
    quality.click("#panel-investigation button[hx-get*='investigations/new']")
    quality.wait_for_selector("#dialog-content [name=title]")
    with quality.expect_navigation():
        quality.click("#dialog-content .btn-primary")
    yesterday, today = (date.today() - timedelta(days=1)).isoformat(), date.today().isoformat()

    enter(quality, "d1", "team", owner="#1", members="#2")
    finish(quality, "d1")
    enter(quality, "d2", "is", text="演示：三号釜的料发黄")
    enter(quality, "d2", "is_not", text="演示：一、二号釜正常")
    finish(quality, "d2")
    enter(quality, "d3", "write", text="演示：在库同批隔离")
    finish(quality, "d3")
    for chain, root in (("why_occurred", "root_occurred"), ("why_escaped", "root_escaped")):
        enter(quality, "d4", chain, text="演示：回流比偏低")
        enter(quality, "d4", root, text="演示：流量计漂移", factor="machine", evidence="演示：校验记录")
    finish(quality, "d4")
    check_page(quality)
    enter(quality, "d5", "corrective", text="演示：更换流量计", owner="#1", due_on=today)
    finish(quality, "d5")
    enter(quality, "d5", "done", done_on=yesterday)
    finish(quality, "d6")
    enter(quality, "d7", "preventive", text="演示：半年校验一次", owner="#2", due_on=today)
    enter(quality, "d7", "done", done_on=yesterday)
    finish(quality, "d7")
    # Without data from after the actions the investigation does not close, and says so.
    enter(quality, "d5", "effect", is_effective="1", effect="演示：回流比稳定", checked_on=today)
    enter(quality, "d7", "effect", is_effective="1", effect="演示：计划已生效", checked_on=today)
    quality.click("#d8 button[hx-post*='/finish/']")
    quality.wait_for_selector("#form-d8 .note-red")
    enter(quality, "d8", "observe", observed_on=today, text="演示：5 批色号合格", is_good="1")
    finish(quality, "d8")
    check_page(quality)

    # The agent hears the outcome, solves, calls back and closes.
    agent.goto(case.split("?")[0])
    take(agent, "solve", solution="演示：流量计已更换，补发一批")
    check_page(agent)
    take(agent, "call-back", satisfaction="5", text="演示：客户满意")
    quality.goto(case.split("?")[0])
    agent.reload()
    agent.click("button[hx-get$='/step/close/']")
    agent.wait_for_selector("#dialog-content form")
    if agent.locator("#dialog-content [name=cause]").count():
        put(agent.locator("#dialog-content"), "cause", "演示：流量计漂移，回流比偏低")
    with agent.expect_navigation():
        agent.click("#dialog-content .btn-primary")
    agent.wait_for_load_state("networkidle")
    assert "已关闭" in agent.inner_text("body")
    check_page(agent)
