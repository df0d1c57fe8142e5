// A visit on the phone: the signature box, the position, and texts that outlive a lost network or a closed page.
(() => {
  const page = document.querySelector("[data-visit]");
  if (!page) return;
  const within = (selector, root = page) => [...root.querySelectorAll(selector)];

  // The signature: drawn with finger, pen or mouse; sent as a PNG.
  within("form[data-signature]").forEach((form) => {
    const canvas = form.querySelector("canvas");
    const field = form.querySelector("[name=picture]");
    const pen = canvas.getContext("2d");
    let drawing = false;
    const clear = () => {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      field.value = "";
    };
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
    };
    clear();
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#1d2733";
    canvas.addEventListener("pointerdown", (event) => {
      drawing = true;
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...at(event));
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      pen.lineTo(...at(event));
      pen.stroke();
    });
    ["pointerup", "pointercancel"].forEach((name) =>
      canvas.addEventListener(name, () => {
        if (drawing) field.value = canvas.toDataURL("image/png");
        drawing = false;
      }),
    );
    form.querySelector("[data-clear-signature]").addEventListener("click", clear);
  });

  // The position is asked for only when somebody taps the button.
  within("[data-position]").forEach((button) => {
    if (!navigator.geolocation) return;
    button.hidden = false;
    const form = button.closest("form");
    const said = form.querySelector("[data-position-said]");
    button.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        (found) => {
          form.elements.latitude.value = found.coords.latitude;
          form.elements.longitude.value = found.coords.longitude;
          said.textContent = button.dataset.found;
        },
        () => (said.textContent = button.dataset.denied),
        { timeout: 10000, maximumAge: 60000 },
      );
    });
  });

  // Texts are kept on the device until the server has them.
  const store = (() => {
    try {
      return window.localStorage;
    } catch {
      return null;
    }
  })();
  if (!store) return;
  const keyOf = (form) => `visit-${page.dataset.visit}-${form.dataset.draft}`;
  const done = new URLSearchParams(location.search).get("done");
  within("form[data-draft]").forEach((form) => {
    const fields = within("textarea, input:not([type=hidden])", form);
    const said = form.querySelector("[data-draft-said]");
    const whole = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
    if (form.dataset.draft.split("-")[0] === done) {
      const sent = store.getItem(`${keyOf(form)}-sent`);
      if (sent && sent === store.getItem(keyOf(form))) store.removeItem(keyOf(form));
    }
    store.removeItem(`${keyOf(form)}-sent`);
    const kept = store.getItem(keyOf(form));
    if (kept) {
      try {
        const values = JSON.parse(kept);
        fields.forEach((field) => (field.value = values[field.name] ?? field.value));
        if (said) said.textContent = said.dataset.kept;
      } catch {
        store.removeItem(keyOf(form));
      }
    }
    form.addEventListener("input", () => {
      store.setItem(keyOf(form), JSON.stringify(whole()));
      if (said) said.textContent = said.dataset.kept;
    });
    form.addEventListener("submit", () => {
      store.setItem(keyOf(form), JSON.stringify(whole()));
      store.setItem(`${keyOf(form)}-sent`, JSON.stringify(whole()));
    });
  });
  if (done) history.replaceState(null, "", location.pathname);
})();
