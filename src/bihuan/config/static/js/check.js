// Checks a bundle of the evidence log in the browser: the same as bihuan_verify.py, by WebCrypto (SHA-256, Ed25519).
(() => {
  const place = document.getElementById("check");
  if (!place) return;
  const one = (selector) => document.querySelector(selector);
  const text = new TextEncoder();
  const subtle = window.isSecureContext && window.crypto ? window.crypto.subtle : undefined;
  const word = (name) => {
    const found = document.getElementById("words").content.querySelector(`[data-word="${name}"]`);
    return found ? found.textContent : name;
  };

  class Wrong extends Error {}
  const refuse = (code) => {
    throw new Wrong(code);
  };

  // Bytes -------------------------------------------------------------------------------------------------------------
  const join = (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
    return whole;
  };
  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const fromHex = (digits) => {
    if (typeof digits !== "string" || !/^[0-9a-f]{64}$/.test(digits)) refuse("bad_part");
    return Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));
  };
  const fromBase64 = (letters, length) => {
    let bytes;
    try {
      bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
    } catch {
      return null;
    }
    return bytes.length === length && btoa(String.fromCharCode(...bytes)) === letters ? bytes : null;
  };
  const same = (a, b) => a !== null && b !== null && hex(a) === hex(b);
  const sha256 = async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes));
  const node = (left, right) => sha256(join(Uint8Array.of(1), left, right));

  // Signed notes, keys, heads -------------------------------------------------------------------------------------------
  const readNote = (note, code) => {
    const found = typeof note === "string" ? /^([\s\S]+\n)\n— (\S+) (\S+)\n$/.exec(note) : null;
    const both = found ? fromBase64(found[3], 68) : null;
    if (!both) refuse(code);
    return { text: found[1], name: found[2], lines: found[1].slice(0, -1).split("\n"), id: both.slice(0, 4), signature: both.slice(4) };
  };
  const isBy = async (note, key) => {
    const id = (await sha256(join(text.encode(`${note.name}\n`), Uint8Array.of(1), key))).slice(0, 4);
    if (!same(id, note.id)) return false;
    const imported = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return subtle.verify({ name: "Ed25519" }, imported, note.signature, text.encode(note.text));
  };
  const whole = (digits) => (/^(?:0|[1-9][0-9]{0,14})$/.test(digits) ? Number(digits) : -1);

  const readKeys = async (records) => {
    const keys = [];
    let origin = "";
    for (const [at, record] of records.entries()) {
      const note = readNote(record, "bad_key_record");
      const [title, name, number, encoded, digits] = note.lines;
      const key = fromBase64(encoded || "", 32);
      const size = whole(digits || "");
      if (!key || note.lines.length !== 6) refuse("bad_key_record");
      if (at === 0) origin = `bihuan/${hex(await sha256(key)).slice(0, 32)}`;
      const before = at === 0 ? { key, size: 0 } : keys[at - 1];
      const fits = at === 0 ? size === 0 : size >= before.size;
      const named = title === "bihuan evidence key" && name === origin && number === String(at + 1) && note.name === origin;
      if (!fits || !named || !(await isBy(note, before.key))) refuse("bad_key_record");
      keys.push({ key, size });
    }
    if (!keys.length) refuse("bad_key_record");
    return { keys, origin };
  };
  const readHead = async (head, { keys, origin }) => {
    const note = readNote(head, "head_altered");
    const [name, digits, encoded, time] = note.lines;
    const size = whole(digits || "");
    const root = fromBase64(encoded || "", 32);
    if (note.lines.length !== 4 || name !== origin || note.name !== name || size < 0 || !root || !time.startsWith("time ")) refuse("head_altered");
    for (const [at, { key, size: start }] of keys.entries()) {
      const end = at + 1 < keys.length ? keys[at + 1].size : size;
      if (await isBy(note, key)) return start <= size && size <= end ? { size, root, time: time.slice(5) } : refuse("head_altered");
    }
    return refuse("head_altered");
  };

  // The tree, RFC 9162, 2.1; sizes go beyond 32 bits, so that halving is a division. -----------------------------------
  const half = (number) => Math.floor(number / 2);
  const odd = (number) => number % 2 === 1;
  const rootOf = async (index, size, leaf, proof) => {
    let [at, last, value] = [index, size - 1, leaf];
    if (at > last) return null;
    for (const beside of proof) {
      if (last === 0) return null;
      if (odd(at) || at === last) {
        value = await node(beside, value);
        while (!odd(at) && at) [at, last] = [half(at), half(last)];
      } else value = await node(value, beside);
      [at, last] = [half(at), half(last)];
    }
    return last === 0 ? value : null;
  };
  const isConsistent = async (old, now, proof) => {
    if (old.size > now.size) return false;
    if (old.size === now.size) return !proof.length && same(old.root, now.root);
    if (old.size === 0) return !proof.length && same(old.root, await sha256(new Uint8Array()));
    const isPower = Number.isInteger(Math.log2(old.size)) && 2 ** Math.log2(old.size) === old.size;
    const path = [...(isPower ? [old.root] : []), ...proof];
    if (!path.length) return false;
    let [at, last] = [old.size - 1, now.size - 1];
    while (odd(at)) [at, last] = [half(at), half(last)];
    let [first, second] = [path[0], path[0]];
    for (const beside of path.slice(1)) {
      if (last === 0) return false;
      if (odd(at) || at === last) {
        [first, second] = [await node(beside, first), await node(beside, second)];
        while (!odd(at) && at) [at, last] = [half(at), half(last)];
      } else second = await node(second, beside);
      [at, last] = [half(at), half(last)];
    }
    return last === 0 && same(first, old.root) && same(second, now.root);
  };

  // The bundle --------------------------------------------------------------------------------------------------------
  const isOfLot = (event) => {
    const lots = event.lots || [event];
    return lots.some((lot) => lot.lot === place.dataset.lot.normalize("NFC") && lot.product === place.dataset.product.normalize("NFC"));
  };
  const check = async (bundle) => {
    const names = Object.keys(bundle).sort().join();
    if (names !== "format,head,kept,keys,leaves" || bundle.format !== "bihuan-bundle/1") refuse("bad_part");
    const chain = await readKeys(bundle.keys);
    const head = await readHead(bundle.head, chain);
    const findings = new Set();
    const events = [];
    let last = -1;
    for (const leaf of bundle.leaves) {
      if (!Number.isInteger(leaf.index) || leaf.index <= last || typeof leaf.event !== "string") refuse("bad_part");
      last = leaf.index;
      const hash = await sha256(join(Uint8Array.of(0), text.encode(leaf.event)));
      if (hex(hash) !== leaf.hash) findings.add("event_altered");
      const root = await rootOf(leaf.index, head.size, fromHex(leaf.hash), leaf.proof.map(fromHex));
      if (!same(root, head.root)) findings.add("proof_altered");
      const event = JSON.parse(leaf.event);
      if (!isOfLot(event)) findings.add("other_lot");
      events.push(event);
    }
    if (!events.length) refuse("bad_part");
    for (const earlier of bundle.kept) {
      const old = await readHead(earlier.head, chain);
      if (!(await isConsistent(old, head, earlier.proof.map(fromHex)))) findings.add("kept_proof_altered");
    }
    return { origin: chain.origin, head, events, findings: [...findings] };
  };

  // The page ------------------------------------------------------------------------------------------------------------
  const show = (state) => document.querySelectorAll("[data-state]").forEach((element) => (element.hidden = element.dataset.state !== state));
  // A characteristic's name, where the page knows it: the event holds its code.
  const called = (code) => {
    const found = [...document.getElementById("words").content.querySelectorAll("[data-name-of]")].find((element) => element.dataset.nameOf === code);
    return found ? found.textContent : code;
  };
  // Events and heads hold UTC; people read the time of where they are.
  const moment = (utc) => {
    const at = new Date(utc);
    if (Number.isNaN(at.getTime())) return utc;
    const two = (number) => String(number).padStart(2, "0");
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
  };
  const said = (event) => {
    const about = { lot_tested: `${called(event.characteristic)}: ${event.value} ${event.unit || ""}`, certificate_issued: `${event.certificate}-${event.version}` };
    return about[event.kind] || "";
  };
  const line = (parent, parts) => {
    const item = parent.appendChild(document.createElement("li"));
    parts.forEach(([content, css, exactly]) => {
      const span = item.appendChild(document.createElement("span"));
      span.textContent = `${content} `;
      if (css) span.className = css;
      if (exactly) span.title = exactly;
    });
  };
  const tell = (result) => {
    const facts = { origin: result.origin, size: String(result.head.size), root: hex(result.head.root), time: moment(result.head.time) };
    Object.entries(facts).forEach(([name, value]) => (one(`[data-fact="${name}"]`).textContent = value));
    one('[data-fact="time"]').title = result.head.time;
    one("[data-facts]").hidden = false;
    const list = one("[data-events]");
    result.events.forEach((event) => line(list, [[word(event.kind), ""], [said(event), "nowrap", event.characteristic], [moment(event.at), "text-secondary nowrap", event.at]]));
  };
  const tellFindings = (codes) => {
    const list = one("[data-findings]");
    codes.forEach((code) => line(list, [[word(code), ""]]));
    list.hidden = !codes.length;
  };
  const takesPapers = (events) => {
    const papers = events.filter((event) => event.kind === "certificate_issued");
    const input = one("#paper");
    input.disabled = !papers.length;
    one("[data-papers]").hidden = !papers.length;
    input.addEventListener("change", async () => {
      if (!input.files.length) return;
      const digest = hex(await sha256(new Uint8Array(await input.files[0].arrayBuffer())));
      const found = papers.find((event) => event.document === digest);
      if (found) one("[data-paper-name]").textContent = `${found.certificate}-${found.version}`;
      document.querySelectorAll("[data-paper]").forEach((element) => (element.hidden = element.dataset.paper !== (found ? "same" : "other")));
    });
  };
  const knowsSignatures = async () => {
    if (!subtle) return false;
    try {
      await subtle.importKey("raw", fromHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), { name: "Ed25519" }, false, ["verify"]);
      return true;
    } catch {
      return false;
    }
  };
  const run = async () => {
    if (!(await knowsSignatures())) return show("unable");
    let loaded;
    try {
      const answer = await fetch(place.dataset.bundle, { cache: "no-store" });
      if (!answer.ok) return show("unread");
      loaded = await answer.text();
    } catch {
      return show("unread");
    }
    try {
      const result = await check(JSON.parse(loaded));
      tell(result);
      tellFindings(result.findings);
      show(result.findings.length ? "bad" : "good");
      if (!result.findings.length) takesPapers(result.events);
    } catch (error) {
      tellFindings([error instanceof Wrong ? error.message : "bad_part"]);
      show("bad");
    }
    return undefined;
  };
  run();
})();
