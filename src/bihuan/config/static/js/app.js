// What every page needs: theme, sidebar, dialogs, palette, shortcuts, toasts, picked rows, charts on demand.
"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const root = document.documentElement;
  const typing = (element) => element && element.closest("input, textarea, select, [contenteditable='true']");

  // toasts ------------------------------------------------------------------------------------------------------
  const leave = (toast) => setTimeout(() => toast.remove(), 8000);
  function toast(text, level = "info") {
    const line = one("#toast-template").content.firstElementChild.cloneNode(true);
    line.className = `toast-line toast-${level}`;
    one(".toast-text", line).textContent = text;
    one("#toasts").append(line);
    if (level !== "error") leave(line);
  }
  document.addEventListener("toast", (event) => event.detail.value.forEach((line) => toast(line.text, line.level)));
  document.addEventListener("htmx:responseError", (event) => {
    const text = event.detail.xhr.responseText || "";
    const said = new DOMParser().parseFromString(text, "text/html").querySelector("[data-error]");
    toast(said ? said.textContent.trim() : `${event.detail.xhr.status} ${event.detail.xhr.statusText}`, "error");
  });
  document.addEventListener("htmx:sendError", () => toast(root.lang.startsWith("zh") ? "没有连上服务器。您的输入还在，请稍后再试。" : "The server could not be reached. What you typed is still here; try again.", "error"));

  // dialogs -----------------------------------------------------------------------------------------------------
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = one("#dialog");
    if (event.detail.target.id !== "dialog-content") return;
    if (event.detail.target.childElementCount && !dialog.open) dialog.showModal();
    const first = one("[autofocus], input:not([type=hidden]), select, textarea", dialog);
    if (first) first.focus();
  });
  document.addEventListener("close-dialog", () => one("#dialog").close());
  document.addEventListener("click", (event) => {
    if (event.target instanceof HTMLDialogElement && event.target.open) {
      const box = event.target.getBoundingClientRect();
      if (event.clientY < box.top || event.clientY > box.bottom || event.clientX < box.left || event.clientX > box.right) event.target.close();
    }
    const button = event.target.closest("[data-close-dialog], [data-dismiss='toast'], [data-open-palette], [data-open-shortcuts], [data-toggle-sidebar]");
    if (!button) return;
    if ("closeDialog" in button.dataset) button.closest("dialog").close();
    else if (button.dataset.dismiss) button.closest(".toast-line").remove();
    else if ("openPalette" in button.dataset) openPalette();
    else if ("openShortcuts" in button.dataset) one("#shortcuts").showModal();
    else toggleSidebar();
  });
  function toggleSidebar(open = !document.body.classList.contains("sidebar-open")) {
    document.body.classList.toggle("sidebar-open", open);
    all("[aria-controls='sidebar']").forEach((button) => button.setAttribute("aria-expanded", open));
    if (open) one("#sidebar a").focus();
  }

  // theme: the page changes at once, the choice is kept in the background -------------------------------------------
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-theme-switch]")) return;
    event.preventDefault();
    const field = one("[name=theme]", event.target);
    fetch(event.target.action, { method: "POST", body: new FormData(event.target), headers: { "X-Requested-With": "fetch" } });
    root.dataset.bsTheme = field.value;
    field.value = field.value === "dark" ? "light" : "dark";
    document.dispatchEvent(new Event("theme-changed"));
  });

  // palette -----------------------------------------------------------------------------------------------------
  const palette = () => one("#palette");
  function openPalette() {
    if (!palette() || palette().open) return;
    toggleSidebar(false);
    palette().showModal();
    const input = one("#palette-input");
    input.select();
    htmx.trigger(one(".palette-form"), "palette-open");
  }
  function choose(step) {
    const options = all("[role=option]", palette());
    if (!options.length) return;
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const next = options[(at + step + options.length) % options.length];
    options.forEach((option) => option.setAttribute("aria-selected", option === next));
    one("#palette-input").setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "palette-list") choose(1);
  });
  document.addEventListener("click", (event) => {
    const option = event.target.closest("#palette [role=option]");
    if (option) palette().close();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".palette-form")) return;
    event.preventDefault();
    const option = one("#palette [aria-selected='true']");
    if (option) option.click();
  });

  // keys --------------------------------------------------------------------------------------------------------
  let before = "";
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return openPalette();
    }
    if (event.target.id === "palette-input" && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      return choose(event.key === "ArrowDown" ? 1 : -1);
    }
    if (event.key === "Escape") toggleSidebar(false);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || one("dialog[open]")) return;
    const pair = `${before} ${event.key}`;
    before = "";
    const goal = one(`[data-keys="${CSS.escape(pair)}"]`) || one(`[data-keys="${CSS.escape(event.key)}"]`);
    if (goal) {
      event.preventDefault();
      goal.click();
    } else if (event.key === "/") {
      const search = one("[data-list-search]");
      event.preventDefault();
      if (search) search.focus(); else openPalette();
    } else if (event.key === "?") one("#shortcuts")?.showModal();
    else if (event.key === "g") {
      before = "g";
      setTimeout(() => (before = ""), 1200);
    }
  });

  // picked rows -------------------------------------------------------------------------------------------------
  function pickedChanged(list) {
    const boxes = all("input[name=ids]", list);
    const picked = boxes.filter((box) => box.checked);
    boxes.forEach((box) => box.closest("tr").classList.toggle("picked", box.checked));
    const bar = one("[data-bulk-bar]", list);
    const whole = one("input[name=whole]", list);
    if (!bar) return;
    bar.hidden = picked.length === 0;
    one("[data-picked]", bar).textContent = whole.value ? bar.dataset.whole : picked.length;
    one("[data-pick-whole]", bar).hidden = picked.length < boxes.length || Boolean(whole.value);
    const head = one("[data-pick-all]", list);
    head.checked = picked.length > 0 && picked.length === boxes.length;
    head.indeterminate = picked.length > 0 && picked.length < boxes.length;
  }
  document.addEventListener("change", (event) => {
    const list = event.target.closest("[data-list]");
    if (list && event.target.matches("[data-pick-all]")) {
      all("input[name=ids]", list).forEach((box) => (box.checked = event.target.checked));
      one("input[name=whole]", list).value = "";
      pickedChanged(list);
    } else if (list && event.target.matches("input[name=ids]")) {
      one("input[name=whole]", list).value = "";
      pickedChanged(list);
    }
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
    const name = event.target.dataset?.checkAll;
    if (name) all(`input[type=checkbox][name="${name}"]`, event.target.form).forEach((box) => (box.checked = event.target.checked));
  });
  document.addEventListener("click", (event) => {
    const list = event.target.closest("[data-list]");
    if (!list) return;
    if (event.target.closest("[data-pick-whole]")) {
      one("input[name=whole]", list).value = "1";
      pickedChanged(list);
    } else if (event.target.closest("[data-pick-none]")) {
      all("input[name=ids]", list).forEach((box) => (box.checked = false));
      one("input[name=whole]", list).value = "";
      pickedChanged(list);
    }
  });
  // columns and saved views ----------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const list = event.target.closest("[data-list]");
    if (!list) return;
    if (event.target.closest("[data-open-save-view]")) one("[data-save-view]", list).showModal();
    if (event.target.closest("[data-apply-columns]")) {
      const address = new URL(location.href);
      ["after", "before", "view"].forEach((name) => address.searchParams.delete(name));
      const names = all("[data-column]:checked", list).map((box) => box.value).join(",");
      if (names) address.searchParams.set("columns", names); else address.searchParams.delete("columns");
      location.assign(address);
    }
  });
  // an empty field does not belong into the address
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-clean-address]")) return;
    all("input[name], select[name]", event.target).forEach((field) => {
      if (!field.value) field.disabled = true;
    });
    setTimeout(() => all("[disabled]", event.target).forEach((field) => (field.disabled = false)), 50);
  });

  // charts, select boxes: the big scripts come only where they are needed ----------------------------------------------
  const loaded = {};
  const load = (path) => (loaded[path] ||= new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: path, onload: done, onerror: failed });
    document.head.append(script);
  }));
  const base = new URL("../", document.currentScript.src).pathname;
  // a table that is wider than its place is scrolled by keyboard too
  function reachable(within) {
    all(".table-wrap, pre.wording", within).forEach((box) => {
      if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  }
  addEventListener("resize", () => reachable(document));
  async function dress(within) {
    reachable(within.closest?.("body") || document);
    const charts = all("[data-chart]:not([data-drawn])", within);
    all(".table-wrap:not([tabindex])", within).forEach((wrap) => {
      if (wrap.scrollWidth <= wrap.clientWidth) return;
      const title = one("h2", wrap.closest(".card") || document.body) || one("h1");
      Object.entries({ tabindex: "0", role: "region", "aria-label": title.textContent.trim() }).forEach((pair) => wrap.setAttribute(...pair));
    });
    const selects = all("select[data-search-select]:not(.tomselected)", within);
    if (charts.length) {
      await load(`${base}vendor/echarts.min.js`);
      await load(`${base}js/charts.js`);
      charts.forEach((element) => window.drawChart(element));
    }
    if (selects.length) {
      await load(`${base}vendor/tom-select.min.js`);
      selects.forEach((element) => {
        new TomSelect(element, { maxOptions: 200 });
        element.setAttribute("aria-hidden", "true"); // the box that took its place has its label
      });
    }
  }
  document.addEventListener("DOMContentLoaded", () => {
    dress(document);
    all("#toasts .toast-line:not(.toast-error)").forEach(leave);
  });
  document.addEventListener("htmx:afterSettle", (event) => dress(event.detail.elt));
})();
