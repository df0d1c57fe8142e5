// Naming colleagues in a note: after “@” those who may see the case are offered; what is chosen goes along as a number.
"use strict";
(() => {
  let box = null;
  let list = null;
  let asked = 0;
  const options = () => (list ? [...list.querySelectorAll("[role=option]")] : []);
  const typed = () => {
    const before = box.value.slice(0, box.selectionStart);
    const found = /(?:^|[^A-Za-z0-9._-])@([^\s@]{0,20})$/.exec(before);
    return found ? found[1] : null;
  };
  function close() {
    if (list) list.replaceChildren();
    if (!box) return;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }
  async function look() {
    const word = typed();
    if (word === null) return close();
    const mine = ++asked;
    const answer = await fetch(`${box.dataset.mentions}?q=${encodeURIComponent(word)}`, { headers: { "X-Requested-With": "fetch" } });
    if (mine !== asked || !answer.ok) return;
    list.innerHTML = await answer.text();
    if (box.nextElementSibling !== list) box.after(list);
    box.setAttribute("aria-expanded", "true");
    point(options()[0]);
  }
  function point(option) {
    options().forEach((one) => one.setAttribute("aria-selected", one === option));
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  }
  function choose(option) {
    const at = box.selectionStart;
    const start = at - typed().length;
    box.setRangeText(`${option.dataset.name} `, start, at, "end");
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "mentions", value: option.dataset.id });
    box.form.append(field);
    close();
    box.focus();
  }
  document.addEventListener("input", (event) => {
    if (!event.target.matches("textarea[data-mentions]") || event.isComposing) return;
    box = event.target;
    list = document.getElementById(box.getAttribute("aria-controls"));
    if (list) look();
  });
  document.addEventListener("compositionend", (event) => {
    if (event.target.matches("textarea[data-mentions]")) event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("keydown", (event) => {
    if (event.target !== box || event.isComposing || !options().length) return;
    const at = options().findIndex((one) => one.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) point(options()[(at + step + options().length) % options().length]);
    else if (event.key === "Enter" || event.key === "Tab") choose(options()[Math.max(at, 0)]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("click", (event) => {
    const option = event.target.closest(".mention-list [role=option]");
    if (option) choose(option);
    else if (!event.target.closest("textarea[data-mentions]")) close();
  });
  // the text of a template into the note
  document.addEventListener("change", async (event) => {
    if (!event.target.matches("[data-note-text]") || !event.target.value) return;
    const answer = await fetch(`${event.target.dataset.noteText}?template=${encodeURIComponent(event.target.value)}`);
    if (!answer.ok) return;
    const area = event.target.closest("form").querySelector("textarea");
    area.value = area.value ? `${area.value}\n${await answer.text()}` : await answer.text();
    event.target.value = "";
    area.focus();
  });
})();
