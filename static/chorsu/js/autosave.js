// Saves the form a moment after typing stops. Without this the Save button does the same.
const WAIT = 2000;
const RETRY = 15000;

// Ties a sentence to its control for those who hear the page.
function describe(control, id, on) {
  const ids = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
  if (on) ids.push(id);
  if (ids.length) control.setAttribute("aria-describedby", ids.join(" "));
  else control.removeAttribute("aria-describedby");
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.state = form.querySelector("[data-save-state]");
    this.version = form.elements.version;
    // Not form.action: a practice has a field of that name, which would stand before it.
    this.address = form.getAttribute("action");
    this.dirty = false;
    this.stopped = false;
    this.flight = null;
    this.timer = 0;
    form.addEventListener("input", (event) => this.touched(event));
    form.addEventListener("change", (event) => this.touched(event));
    form.addEventListener("submit", (event) => this.leave(event));
    form.addEventListener("rows-changed", () => this.touched());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && this.dirty) this.save();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.leaving) event.preventDefault();
    });
  }

  touched(event) {
    if (event?.target.type === "file") return;
    this.dirty = true;
    if (this.stopped) return;
    this.say(this.form.dataset.unsaved, "wait");
    this.plan(WAIT);
  }

  plan(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  // A save on its way must land before the form itself goes, or it would clash with its own author.
  leave(event) {
    clearTimeout(this.timer);
    this.leaving = true;
    if (!this.flight) return;
    event.preventDefault();
    this.flight.finally(() => this.form.requestSubmit(event.submitter));
  }

  save() {
    if (this.flight || this.stopped) return;
    clearTimeout(this.timer);
    this.flight = this.post().finally(() => {
      this.flight = null;
      if (this.again) this.plan(WAIT);
      this.again = false;
    });
  }

  async post() {
    const body = new FormData(this.form);
    body.delete("file");
    this.dirty = false;
    this.say(this.form.dataset.saving, "wait");
    let answer;
    try {
      answer = await fetch(this.address, {
        method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual",
      });
    } catch {
      return this.failed(this.form.dataset.offline);
    }
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (!isJson) return this.failed(answer.status >= 500 ? this.form.dataset.offline : this.form.dataset.signedOut);
    this.told(answer.status, await answer.json());
  }

  failed(text) {
    this.dirty = true;
    this.say(text, "trouble");
    this.plan(RETRY);
  }

  told(status, answer) {
    if (status === 200) {
      this.version.value = answer.version;
      // What is refused is kept as it was typed, and named.
      const errors = answer.errors ?? {};
      this.mark(errors);
      this.say(answer.state, Object.keys(errors).length ? "wait" : "ok");
      if (this.dirty) this.again = true;
      return;
    }
    this.dirty = true;
    if (status === 422) {
      this.mark(answer.errors);
      this.say(this.form.dataset.refused, "trouble");
      return;
    }
    // Too large (413) can be shortened, and is tried again then; all else needs a look first.
    this.stopped = status !== 413;
    this.say(answer.state, "trouble");
  }

  say(text, tone) {
    const line = document.createElement("span");
    line.className = `status status--${tone}`;
    line.textContent = text;
    this.state.replaceChildren(line);
  }

  // Errors stand where the server would have put them.
  mark(errors) {
    this.unmark();
    for (const [id, text] of Object.entries(errors)) {
      const control = document.getElementById(id);
      const field = control?.closest(".field");
      if (!field || field.querySelector(".field__error")) continue;
      const line = document.createElement("p");
      line.className = "field__error";
      line.dataset.autosaveError = id;
      line.textContent = text;
      line.id = `${id}_error`;
      field.classList.add("field--invalid");
      control.setAttribute("aria-invalid", "true");
      describe(control, line.id, true);
      control.before(line);
    }
    this.trimSummary();
  }

  // Those of the last save and those the page came with; a refused file is no part of a save.
  unmark() {
    for (const field of this.form.querySelectorAll(".field--invalid")) {
      const control = field.querySelector("input, select, textarea");
      if (!control || control.type === "file") continue;
      for (const wrong of field.querySelectorAll("[aria-invalid]")) {
        wrong.removeAttribute("aria-invalid");
        describe(wrong, `${wrong.id}_error`, false);
      }
      for (const line of field.querySelectorAll(".field__error")) {
        (line.parentElement.id.endsWith("_error") ? line.parentElement : line).remove();
      }
      field.classList.remove("field--invalid");
    }
  }

  // The list at the top of the page names no field that is right by now.
  trimSummary() {
    const summary = this.form.querySelector(".error-summary");
    for (const link of summary?.querySelectorAll("a[href^='#']") ?? []) {
      const control = document.getElementById(link.hash.slice(1));
      if (!control?.closest(".field--invalid")) link.closest("li").remove();
    }
    if (summary && !summary.querySelector("li")) summary.remove();
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
