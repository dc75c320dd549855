// Makes pages smoother that work without it: times in the reader's zone, a question before what cannot be undone,
// tables that sort by their columns, and letters that lead to where the hand need not leave the keys.
"use strict";

function localTimes() {
  const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "long" });
  const far = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[data-time]")) {
    const instant = new Date(time.dateTime);
    if (Number.isNaN(instant.getTime())) continue;
    time.title = `${exact.format(instant)} (${time.dateTime})`;
    if (time.dataset.time === "far") time.textContent = far.format(instant);
  }
}

function askFirst() {
  for (const form of document.querySelectorAll("form[data-confirm]")) {
    form.addEventListener("submit", (event) => {
      if (!window.confirm(form.dataset.confirm)) event.preventDefault();
    });
  }
}

function valueOf(row, column) {
  const cell = row.cells[column];
  const time = cell.querySelector("time");
  return time ? time.dateTime : cell.textContent.trim();
}

function sortable(table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (!head.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
      const rows = [...body.rows].sort((a, b) => collator.compare(valueOf(a, column), valueOf(b, column)));
      body.append(...(down ? rows.reverse() : rows));
    });
  });
}

// ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────
// A page that wants letters of its own adds them to `window.deskKeys`: letter → what is done with the row in hand.

const OFF = "keys-off";
const rows = () => [...document.querySelectorAll("[data-row], table.reflow > tbody > tr")];
let inHand = -1;
let leader = 0;

function take(step) {
  const all = rows();
  if (!all.length) return;
  all[inHand]?.classList.remove("in-hand");
  inHand = Math.min(Math.max(inHand + step, 0), all.length - 1);
  const row = all[inHand];
  row.classList.add("in-hand");
  row.scrollIntoView({ block: "nearest" });
  (row.querySelector("a[href], summary, button") ?? row).focus({ preventScroll: true });
}

function letter(key, row) {
  const own = (window.deskKeys ?? {})[key];
  if (own) return own(row), true;
  if (key === "?") return document.getElementById("keys")?.togglePopover(), true;
  if (key === "/") return document.getElementById("find")?.focus(), true;
  if (key === "j") return take(1), true;
  if (key === "k") return take(-1), true;
  if (key === "x") return row?.querySelector("input[type=checkbox]")?.click(), true;
  if (key === "g") return (leader = Date.now()), true;
  return false;
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = event.target;
  if (at.closest("input, select, textarea, [contenteditable]") && at.type !== "checkbox") return;
  if (localStorage.getItem(OFF) && event.key !== "?") return;
  if (Date.now() - leader < 1500 && leader) {
    leader = 0;
    const link = document.querySelector(`nav [data-key="${CSS.escape(event.key)}"]`);
    if (link) return event.preventDefault(), link.click();
  }
  if (letter(event.key, rows()[inHand])) event.preventDefault();
}

function keys() {
  document.addEventListener("keydown", pressed);
  const off = document.getElementById("keys-off");
  if (!off) return;
  off.checked = Boolean(localStorage.getItem(OFF));
  off.addEventListener("change", () => (off.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF)));
}

document.documentElement.classList.add("script");
localTimes();
askFirst();
keys();
document.querySelectorAll("table[data-sort]").forEach(sortable);
