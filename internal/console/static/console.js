// Keys and copying. Every page works without this file.
"use strict";
(() => {
  const typing = (e) => e.target.closest("input, textarea, select, [contenteditable]");

  // Lists: [data-rows] holds [data-row] elements, each with a link to open, its first or a[data-open].
  // Within the current one the key of a button[data-key] presses it.
  const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")].filter((r) => r.offsetParent !== null);
  const link = (row) => row.querySelector("a[data-open]") || row.querySelector("a[href]");
  const current = () => document.querySelector("[data-row].current");

  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const now = current();
    const at = now ? all.indexOf(now) + step : step > 0 ? 0 : all.length - 1;
    const row = all[Math.min(Math.max(at, 0), all.length - 1)];
    now?.classList.remove("current");
    row.classList.add("current");
    row.scrollIntoView({ block: "nearest" });
    link(row)?.focus({ preventScroll: true });
  };

  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.key === "Escape") {
      document.querySelectorAll("details.me[open]").forEach((d) => (d.open = false));
      if (typing(e)) e.target.blur();
      return;
    }
    if (typing(e)) return;
    if (e.key === "/") {
      const box = document.querySelector("input[type=search]");
      if (!box) return;
      e.preventDefault();
      box.focus();
      box.select();
    } else if (e.key === "j" || e.key === "k") {
      e.preventDefault();
      move(e.key === "j" ? 1 : -1);
    } else if (/^[a-z]$/.test(e.key) && !e.repeat && current()?.querySelector(`button[data-key="${e.key}"]`)) {
      e.preventDefault();
      current().querySelector(`button[data-key="${e.key}"]`).click();
    } else if (e.key === "Enter" && current() && (e.target === document.body || e.target === link(current()))) {
      const to = link(current());
      if (to) {
        e.preventDefault();
        to.click();
      }
    }
  });

  // The row with the focus is the current one, also by Tab.
  document.addEventListener("focusin", (e) => {
    const row = e.target.closest("[data-row]");
    if (!row || row === current()) return;
    current()?.classList.remove("current");
    row.classList.add("current");
  });

  // A menu closes when something else is clicked.
  document.addEventListener("click", (e) => {
    document.querySelectorAll("details.me[open]").forEach((d) => {
      if (!d.contains(e.target)) d.open = false;
    });
    const button = e.target.closest("button[data-copy]");
    if (!button || !navigator.clipboard) return;
    const said = button.textContent;
    navigator.clipboard.writeText(button.dataset.copy).then(() => {
      button.textContent = document.body.dataset.copied;
      setTimeout(() => (button.textContent = said), 1500);
    });
  });

  // Copying needs this file and a page that is let at the clipboard: only then the buttons show.
  const offer = () => {
    if (navigator.clipboard) document.querySelectorAll("button[data-copy][hidden]").forEach((b) => (b.hidden = false));
  };
  offer();
  document.addEventListener("htmx:afterSwap", offer);
})();
