// Moves modules and units about: by drag, by Alt with an arrow, by the buttons of each line.
// Without this the same buttons save and reload.
const STEP = /^(up|down):[mu]:/u;

class Outline {
  constructor(root) {
    this.root = root;
    this.said = root.querySelector("[data-said]");
    this.moving = null;
    root.addEventListener("click", (event) => this.pressed(event));
    root.addEventListener("keydown", (event) => this.typed(event));
    root.addEventListener("dragstart", (event) => this.lift(event));
    root.addEventListener("dragover", (event) => this.over(event));
    root.addEventListener("drop", (event) => this.moving && event.preventDefault());
    root.addEventListener("dragend", () => this.drop());
    // A line follows its handle alone: in its controls words are selected by dragging.
    for (const grip of root.querySelectorAll("[data-grip]")) grip.draggable = true;
    root.classList.add("plan--moves");
  }

  pressed(event) {
    const button = event.target.closest("button[name=do]");
    if (!button || !STEP.test(button.value)) return;
    event.preventDefault();
    this.step(button.closest("[data-line]"), button.value.startsWith("up:"));
    button.focus();
  }

  typed(event) {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const line = event.target.closest("[data-line]");
    if (!line) return;
    event.preventDefault();
    this.step(line, event.key === "ArrowUp");
    event.target.focus();
  }

  // A unit that leaves its module at an end enters the next one, as on the server.
  step(line, up) {
    const beside = up ? line.previousElementSibling : line.nextElementSibling;
    if (beside) {
      if (up) beside.before(line);
      else beside.after(line);
    } else if (line.dataset.line === "u") {
      const home = line.closest('[data-line="m"]');
      const next = (up ? home.previousElementSibling : home.nextElementSibling)?.querySelector("[data-units]");
      if (!next) return;
      if (up) next.append(line);
      else next.prepend(line);
    } else {
      return;
    }
    this.changed(line);
  }

  lift(event) {
    const line = event.target.closest?.("[data-grip]")?.closest("[data-line]");
    if (!line) return;
    this.moving = line;
    this.home = [line.parentElement, line.nextElementSibling];
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", name(line));
    event.dataTransfer.setDragImage(line, 12, 12);
    // The picture of it is taken first.
    requestAnimationFrame(() => line.classList.add("plan__line--moving"));
  }

  over(event) {
    if (!this.moving) return;
    event.preventDefault();
    const list = this.listAt(event.clientY);
    if (!list) return;
    const next = Array.from(list.children).find((one) => {
      if (one === this.moving) return false;
      const box = one.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    if (next === this.moving.nextElementSibling && list === this.moving.parentElement) return;
    list.insertBefore(this.moving, next ?? null);
  }

  listAt(height) {
    if (this.moving.dataset.line === "m") return this.moving.parentElement;
    const modules = Array.from(this.root.querySelectorAll('[data-line="m"]'));
    const under = modules.findLast((one) => one.getBoundingClientRect().top <= height) ?? modules[0];
    return under?.querySelector("[data-units]");
  }

  drop() {
    const line = this.moving;
    this.moving = null;
    if (!line) return;
    line.classList.remove("plan__line--moving");
    if (this.home[0] !== line.parentElement || this.home[1] !== line.nextElementSibling) this.changed(line);
  }

  changed(line) {
    const lines = Array.from(line.parentElement.children);
    const module = line.parentElement.closest('[data-line="m"]');
    const text = module ? this.root.dataset.movedUnit : this.root.dataset.movedModule;
    this.said.textContent = text
      .replace("%name", name(line))
      .replace("%module", module ? name(module) : "")
      .replace("%place", lines.indexOf(line) + 1)
      .replace("%count", lines.length);
    line.dispatchEvent(new CustomEvent("rows-changed", { bubbles: true }));
  }
}

function name(line) {
  return line.dataset.name ?? line.querySelector("[name^='modules.'][name$='.title']").value;
}

for (const root of document.querySelectorAll("[data-outline]")) new Outline(root);
