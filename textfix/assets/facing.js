"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const differences = read("differences"), meanings = read("meanings");
  const texts = document.getElementById("texts"), about = document.getElementById("about");
  const only = document.getElementById("only"), keys = document.getElementById("keys");
  const rows = Array.from(texts.querySelectorAll(".row:not(.head)"));
  const kindsOf = rows.map((row) => row.dataset.kinds.split(" ").filter(Boolean));
  const chips = Array.from(document.querySelectorAll("button[data-kind]"));
  const groups = Array.from(document.querySelectorAll("button[data-group]"));
  const off = new Set(read("off"));
  let current = -1;

  // What is switched off looks like plain text (one class on the texts), and a row without anything left is quiet.
  function refresh() {
    for (const chip of chips) {
      chip.setAttribute("aria-pressed", String(!off.has(chip.dataset.kind)));
      texts.classList.toggle("off-" + chip.dataset.kind, off.has(chip.dataset.kind));
    }
    for (const group of groups) {
      const kinds = kindsIn(group);
      group.setAttribute("aria-pressed", String(kinds.some((kind) => !off.has(kind))));
    }
    rows.forEach((row, n) => {
      const shown = kindsOf[n].some((kind) => !off.has(kind));
      row.classList.toggle("quiet", !shown);
      row.hidden = only.checked && !shown;
    });
  }

  function kindsIn(group) {
    return Array.from(group.parentElement.querySelectorAll("[data-kind]"), (chip) => chip.dataset.kind);
  }

  for (const chip of chips) chip.addEventListener("click", () => {
    if (!off.delete(chip.dataset.kind)) off.add(chip.dataset.kind);
    refresh();
  });
  for (const group of groups) group.addEventListener("click", () => {
    const kinds = kindsIn(group), on = kinds.some((kind) => !off.has(kind));
    for (const kind of kinds) on ? off.add(kind) : off.delete(kind);
    refresh();
  });
  only.addEventListener("change", refresh);

  function element(tag, cls, text) {
    const made = document.createElement(tag);
    if (cls) made.className = cls;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function reading(tag, text, kind) {
    const made = element(tag, "k k-" + kind, text || "∅");
    made.lang = "zh";
    return made;
  }

  function show(n, where) {
    for (const mark of texts.querySelectorAll("mark.on")) mark.classList.remove("on");
    current = n;
    const marks = texts.querySelectorAll(`mark[data-d="${n}"]`);
    for (const mark of marks) mark.classList.add("on");
    const [kind, confidence, [start, end, otherStart, otherEnd], observed, intended, evidence] = differences[n];
    const what = element("div", "what");
    const change = element("span");
    change.append(reading("del", observed, kind), " → ", reading("ins", intended, kind));
    what.append(element("strong", "", kind), change,
      element("span", "muted", `${n + 1} of ${differences.length}, confidence ${confidence.toFixed(2)}`));
    const said = Object.entries(evidence).map(([key, value]) => `${key} ${value}`);
    about.replaceChildren(what,
      element("div", "why", `${meanings[kind]}; ${start}:${end} beside ${otherStart}:${otherEnd}` + (said.length ? "; " + said.join(", ") : "")));
    const mark = where || Array.from(marks).find((m) => m.offsetParent !== null) || marks[0];
    if (mark && !where) mark.scrollIntoView({ block: "center" });
    try { history.replaceState(null, "", "#d" + n); } catch (error) { /* not from every place */ }
  }

  function step(by) {
    for (let n = current + by; n >= 0 && n < differences.length; n += by) {
      if (!off.has(differences[n][0])) return show(n);
    }
    about.replaceChildren(element("span", "muted", by > 0 ? "No difference further on." : "No difference before this one."));
  }

  texts.addEventListener("click", (event) => {
    const mark = event.target.closest("mark[data-d]");
    if (mark && !off.has(differences[mark.dataset.d][0])) show(Number(mark.dataset.d), mark);
  });
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("back").addEventListener("click", () => step(-1));
  document.addEventListener("keydown", (event) => {
    if (!keys.checked || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("textarea, select")) return;
    if (event.key === "n" || event.key === "j") step(1);
    else if (event.key === "p" || event.key === "k") step(-1);
    else return;
    event.preventDefault();
  });

  refresh();
  const wanted = /^#d(\d+)$/.exec(location.hash);
  if (wanted && Number(wanted[1]) < differences.length) show(Number(wanted[1]));
})();
