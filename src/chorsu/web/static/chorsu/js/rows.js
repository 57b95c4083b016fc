// Adds and removes rows in the page. Without this the same buttons save and reload.
const CONTROLS = "input:not([type=hidden]), select, textarea";

function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(4));
  return `r${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function rename(row, group, from, to) {
  for (const element of row.querySelectorAll("*")) {
    for (const name of ["id", "name", "for", "aria-describedby", "value"]) {
      const value = element.getAttribute(name);
      if (value === null || (name === "value" && element.type !== "submit")) continue;
      element.setAttribute(name, value.replaceAll(`${group}-${from}`, `${group}-${to}`));
    }
  }
  row.dataset.row = to;
}

function empty(row) {
  for (const error of row.querySelectorAll(".field__error")) error.remove();
  for (const field of row.querySelectorAll(".field--invalid")) field.classList.remove("field--invalid");
  for (const control of row.querySelectorAll("input, select, textarea")) {
    control.removeAttribute("aria-invalid");
    control.value = control.type === "hidden" ? freshKey() : "";
    // A list without an empty choice begins with its first.
    if (control.selectedIndex === -1) control.selectedIndex = 0;
  }
}

function add(list) {
  const group = list.dataset.rows;
  const last = list.lastElementChild;
  const numbers = Array.from(list.children, (row) => Number(row.dataset.row));
  const row = last.cloneNode(true);
  rename(row, group, last.dataset.row, Math.max(...numbers) + 1);
  row.setAttribute("aria-label", last.getAttribute("aria-label").replace(/\d+$/u, String(list.children.length + 1)));
  empty(row);
  list.append(row);
  row.querySelector(CONTROLS).focus();
}

function remove(list, row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  if (next) {
    row.remove();
    next.querySelector(CONTROLS).focus();
  } else {
    empty(row);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=do]");
  if (!button) return;
  const adds = /^add-(\w+)$/u.exec(button.value);
  const row = button.closest("[data-row]");
  const list = adds ? document.querySelector(`[data-rows="${adds[1]}"]`) : row?.parentElement;
  if (!list || (!adds && !row)) return;
  event.preventDefault();
  if (adds) add(list);
  else remove(list, row);
  list.dispatchEvent(new CustomEvent("rows-changed", { bubbles: true }));
});
