// Search boxes offer what begins as was typed: a combobox with a list (ARIA 1.2). Without it, or
// while no answer comes, a box is a plain box.
const PAUSE_MS = 120;
let boxes = 0;

function make(name, className, attributes = {}) {
  const made = document.createElement(name);
  made.className = className;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function enhance(box) {
  const id = `suggestions-${(boxes += 1)}`;
  const list = make("ul", "suggestions", { id, role: "listbox", "aria-label": box.dataset.suggestions });
  const said = make("span", "visually-hidden", { role: "status" });
  list.hidden = true;
  box.form.append(list, said);
  const combobox = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id };
  for (const [key, value] of Object.entries(combobox)) box.setAttribute(key, value);

  let timer = 0;
  let request = null;
  let active = -1;

  const options = () => [...list.children];

  function close() {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    said.textContent = "";
    box.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function activate(place) {
    active = place;
    for (const [number, option] of options().entries()) {
      option.setAttribute("aria-selected", String(number === place));
    }
    if (place < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", options()[place].id);
    options()[place].scrollIntoView({ block: "nearest" });
  }

  function show(items) {
    list.replaceChildren(
      ...items.map((one, number) => {
        const option = make("li", "suggestions__option", { id: `${id}-${number}`, role: "option", "aria-selected": "false" });
        const text = make("span", "", { lang: one.lang });
        const sort = make("span", "suggestions__sort");
        text.textContent = one.text;
        sort.textContent = box.dataset[one.sort];
        option.append(text, " ", sort);
        const url = new URL(one.url);
        option.dataset.url = url.pathname + url.search;
        return option;
      }),
    );
    if (!items.length || document.activeElement !== box) return close();
    activate(-1);
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    said.textContent = `${box.dataset.number}${items.length}`;
  }

  async function ask() {
    const typed = box.value.trim();
    request?.abort();
    if (!typed) return close();
    const mine = (request = new AbortController());
    const url = new URL(box.dataset.suggest, location.href);
    url.searchParams.set("q", typed.slice(0, 100));
    try {
      const answer = await fetch(url, { signal: mine.signal });
      const found = answer.ok ? (await answer.json()).items : [];
      if (request === mine && !mine.signal.aborted) show(found);
    } catch {
      if (request === mine) close(); // given up for what was typed since, or no line: a plain box
    }
  }

  box.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event.isComposing) return; // pinyin on its way to characters
    timer = setTimeout(ask, PAUSE_MS);
  });
  box.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  box.addEventListener("blur", close);
  box.form.addEventListener("submit", close);

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const { key, altKey } = event;
    const last = options().length - 1;
    if (key === "ArrowDown" && list.hidden && box.value.trim()) ask();
    if (list.hidden) return;
    if (key === "ArrowDown") activate(active < last ? active + 1 : -1);
    else if (key === "ArrowUp" && altKey) close();
    else if (key === "ArrowUp") activate(active < 0 ? last : active - 1);
    else if (key === "Enter" && active >= 0) location.assign(options()[active].dataset.url);
    else if (key === "Escape") close();
    else return;
    event.preventDefault(); // the caret stays, nothing is sent, what was typed is kept
    event.stopPropagation(); // Escape closes the list, not the menu that the box is in
  });

  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
}

for (const box of document.querySelectorAll("[data-suggest]")) enhance(box);
