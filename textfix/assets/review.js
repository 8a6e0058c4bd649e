"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const about = read("about"), files = read("files"), items = read("items");
  const at = (id) => document.getElementById(id);
  const list = at("list"), status = at("status"), open = at("open"), search = at("search");
  const FILE = 0, LINE = 1, COLUMN = 2, MADE = 3, OLD = 4, NEW = 5, KIND = 6, SURE = 7, WHY = 8, BEFORE = 9, AFTER = 10,
    WHERE = 11;
  const CHUNK = 100;
  const off = new Set();
  const store = "textfix.review." + about.id;

  // Decisions in the order in which they were made: key → {verdict, scope, item}. A place is known by the pair and its
  // surroundings, as in textfix/review/decisions.py, so the same place in another file is decided with it.
  let decided = new Map();
  const pairOf = items.map((item) => JSON.stringify([item[OLD], item[NEW]]));
  const placeOf = items.map((item, n) => pairOf[n] + JSON.stringify(item[WHERE]));

  let shown = [], drawn = 0, current = -1;  // current is a place in shown

  function decision(n) {
    return decided.get(placeOf[n]) || decided.get(pairOf[n]);
  }

  function keep() {
    const rows = Array.from(decided.values(), ({ verdict, scope, item }) => [verdict, scope, item]);
    try { localStorage.setItem(store, JSON.stringify(rows)); } catch (error) { /* a browser that keeps nothing */ }
  }

  function decide(n, verdict, scope) {
    const key = scope === "everywhere" ? pairOf[n] : placeOf[n];
    decided.delete(key);
    if (scope === "everywhere") for (const [other, known] of decided) {
      if (known.scope === "here" && pairOf[known.item] === key) decided.delete(other);
    }
    decided.set(key, { verdict, scope, item: n });
  }

  function takeBack(n) {
    if (!decided.delete(placeOf[n])) decided.delete(pairOf[n]);
  }

  function element(tag, cls, text) {
    const made = document.createElement(tag);
    if (cls) made.className = cls;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // White space and what has no width is shown by a sign, or nobody could judge it.
  const SIGNS = { "\n": "↵", "\r": "␍", "\t": "⇥", " ": "␣", "\u3000": "⬚", "\u00a0": "⍽" };
  function visible(text) {
    return text.replace(/[\n\r\t \u3000\u00a0]/g, (char) => SIGNS[char])
      .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
        (char) => "⟨" + char.charCodeAt(0).toString(16) + "⟩");
  }

  function card(n) {
    const item = items[n], made = element("li", "edit");
    made.dataset.n = n;
    const text = element("div", "text");
    text.lang = "zh";
    const old = element("del", "k k-" + item[KIND], visible(item[OLD])), now = element("ins", "k k-" + item[KIND], visible(item[NEW]));
    text.append(item[BEFORE].replace(/[\r\n]+/g, "↵"));
    if (item[OLD]) text.append(old); else text.append(element("i", "", "∅"));
    text.append(element("i", "", " → "));
    if (item[NEW]) text.append(now); else text.append(element("i", "", "∅"));
    text.append(item[AFTER].replace(/[\r\n]+/g, "↵"));
    const told = element("div", "about");
    const sure = element("span", "sure", item[SURE].toFixed(2));
    sure.style.setProperty("--p", (item[SURE] * 100).toFixed(0) + "%");
    sure.title = "the probability that this edit is right";
    told.append(element("b", "", item[KIND]), element("span", "", item[MADE] ? "made" : "only suggested"), sure,
      element("span", "file", `${files[item[FILE]]}:${item[LINE]}:${item[COLUMN]}`));
    for (const [key, value] of Object.entries(item[WHY])) told.append(element("span", "", `${key} ${value}`));
    const acts = element("div", "acts");
    for (const [verdict, key] of [["accept", "a"], ["reject", "r"]]) {
      const button = element("button", "", verdict[0].toUpperCase() + verdict.slice(1) + " ");
      button.type = "button";
      button.dataset.do = verdict;
      button.append(element("kbd", "noprint", key));
      acts.append(button);
    }
    acts.append(element("span", "everywhere"));
    made.append(text, told, acts);
    mark(made);
    return made;
  }

  function mark(made) {
    const known = decision(Number(made.dataset.n));
    made.classList.toggle("accept", known?.verdict === "accept");
    made.classList.toggle("reject", known?.verdict === "reject");
    for (const button of made.querySelectorAll("[data-do]")) {
      button.setAttribute("aria-pressed", String(known?.verdict === button.dataset.do));
    }
    made.querySelector(".everywhere").textContent = known?.scope === "everywhere" ? "everywhere" : "";
  }

  function wanted(n) {
    const item = items[n], words = search.value.trim();
    return !off.has(item[KIND]) && !off.has(item[MADE] ? "made" : "left") && !(open.checked && decision(n)) &&
      (!words || [item[BEFORE] + item[OLD] + item[AFTER], item[BEFORE] + item[NEW] + item[AFTER], files[item[FILE]]]
        .some((text) => text.includes(words)));
  }

  function draw(count) {
    const more = document.createDocumentFragment();
    for (const end = Math.min(shown.length, drawn + count); drawn < end; drawn++) more.append(card(shown[drawn]));
    list.append(more);
  }

  function filter() {
    const before = shown[current];
    shown = items.map((_, n) => n).filter(wanted);
    list.replaceChildren();
    drawn = 0;
    draw(CHUNK);
    at("none").hidden = shown.length > 0;
    const place = shown.indexOf(before);
    current = -1;
    if (shown.length) select(Math.max(place, 0), place >= 0);
    tell();
  }

  function select(place, follow = true) {
    if (place < 0 || place >= shown.length) return;
    while (drawn <= place + 1 && drawn < shown.length) draw(CHUNK);
    list.children[current]?.classList.remove("on");
    current = place;
    list.children[current].classList.add("on");
    if (follow) list.children[current].scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  function tell() {
    let accepted = 0, rejected = 0;
    for (let n = 0; n < items.length; n++) {
      const known = decision(n);
      if (known) known.verdict === "accept" ? accepted++ : rejected++;
    }
    const made = items.reduce((sum, item) => sum + item[MADE], 0);
    status.textContent = `${items.length} edits, ${made} made and ${items.length - made} only suggested · ` +
      `${accepted} accepted, ${rejected} rejected, ${items.length - accepted - rejected} to decide · ${shown.length} shown`;
  }

  function changed() {
    for (const made of list.children) mark(made);
    keep();
    tell();
  }

  function act(verdict, scope) {
    if (current < 0) return;
    if (verdict) decide(shown[current], verdict, scope); else takeBack(shown[current]);
    changed();
    if (verdict) select(current + 1);
  }

  function nextOpen() {
    for (let step = 1; step <= shown.length; step++) {
      const place = (current + step) % shown.length;
      if (!decision(shown[place])) return select(place);
    }
  }

  function dump() {
    const rows = Array.from(decided.values(), ({ verdict, scope, item }) => {
      const seen = items[item];
      return { verdict, scope, observed: seen[OLD], replacement: seen[NEW], kind: seen[KIND], contexts: seen[WHERE],
        file: files[seen[FILE]], line: seen[LINE] };
    });
    return JSON.stringify({ format: about.format, version: about.version, decisions: rows }, null, 1) + "\n";
  }

  function save() {
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([dump()], { type: "application/json" }));
    link.download = "decisions.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // Decisions that were downloaded earlier, for as far as this page has their places.
  function load(text) {
    const held = JSON.parse(text);
    if (held.format !== about.format || held.version !== about.version) throw new Error("not a file of decisions");
    let taken = 0;
    for (const row of held.decisions) {
      const pair = JSON.stringify([row.observed, row.replacement]);
      const places = new Set(row.contexts.map((where) => JSON.stringify(where)));
      const n = items.findIndex((item, n) => pairOf[n] === pair &&
        (row.scope === "everywhere" || item[WHERE].some((where) => places.has(JSON.stringify(where)))));
      if (n >= 0) { decide(n, row.verdict, row.scope); taken++; }
    }
    filter();
    changed();
    status.textContent = `${taken} of ${held.decisions.length} decisions loaded; the others are about other edits`;
  }

  for (const chip of document.querySelectorAll("[data-kind], [data-show]")) chip.addEventListener("click", () => {
    const name = chip.dataset.kind || chip.dataset.show;
    if (!off.delete(name)) off.add(name);
    chip.setAttribute("aria-pressed", String(!off.has(name)));
    filter();
  });
  open.addEventListener("change", filter);
  search.addEventListener("input", filter);
  at("save").addEventListener("click", save);
  at("load").addEventListener("click", () => at("file").click());
  at("file").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    try { load(await file.text()); } catch (error) { status.textContent = `${file.name}: ${error.message}`; }
    event.target.value = "";
  });
  list.addEventListener("click", (event) => {
    const made = event.target.closest(".edit");
    if (!made) return;
    select(Array.prototype.indexOf.call(list.children, made), false);
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const pressed = button.getAttribute("aria-pressed") === "true";
    if (pressed) takeBack(Number(made.dataset.n)); else decide(Number(made.dataset.n), button.dataset.do, event.shiftKey ? "everywhere" : "here");
    changed();
  });
  addEventListener("scroll", () => {
    if (innerHeight + scrollY > document.body.scrollHeight - 2000 && drawn < shown.length) draw(CHUNK);
  }, { passive: true });

  const keys = {
    j: () => select(current + 1), ArrowDown: () => select(current + 1),
    k: () => select(current - 1), ArrowUp: () => select(current - 1),
    a: () => act("accept", "here"), A: () => act("accept", "everywhere"),
    r: () => act("reject", "here"), R: () => act("reject", "everywhere"),
    u: () => act(), n: nextOpen, d: save, "/": () => search.focus(),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches?.("input[type=search]")) {
      if (event.key === "Escape" || event.key === "Enter") event.target.blur();
      return;
    }
    const does = keys[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  });

  try {
    for (const [verdict, scope, item] of JSON.parse(localStorage.getItem(store) || "[]")) decide(item, verdict, scope);
  } catch (error) { /* nothing was kept */ }
  if (about.total > items.length) {
    at("cut").textContent = `The ${items.length} most doubtful of ${about.total} edits are shown.`;
    at("cut").hidden = false;
  }
  filter();
})();
