// Sends each answer as it is given. Without this the buttons of the form send a whole section.
// An answer has a key made here: sent again after a cut line it is there once. `replaces` names the
// keys this page knows of, so that an answer of another device is not overwritten unseen.
const TYPING = 900;
const RETRY = 4000;
const GRACE = 10500;
const frame = document.querySelector("[data-attempt]");
const words = frame.dataset;
const token = frame.querySelector("[name=csrfmiddlewaretoken]").value;

class Asked {
  constructor(box) {
    this.box = box;
    this.state = box.querySelector("[data-question-state]");
    this.waits = false;
  }

  say(text, tone = "wait") {
    const line = document.createElement("span");
    line.className = `status status--${tone}`;
    line.textContent = text;
    this.state.replaceChildren(line);
  }
}

class Question extends Asked {
  constructor(box) {
    super(box);
    this.known = box.dataset.key ? [box.dataset.key] : [];
    this.timer = 0;
    box.addEventListener("change", () => this.plan(0));
    box.addEventListener("input", (event) => {
      if (event.target.matches("textarea, input:not([type=radio], [type=checkbox])")) this.plan(TYPING);
    });
    // What waits on the device stands here again (offline.js).
    box.addEventListener("refilled", ({ detail }) => {
      this.known.push(detail);
      this.say(words.kept, "trouble");
      count();
    });
  }

  plan(pause) {
    this.waits = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  body(key) {
    const body = new URLSearchParams({ item: this.box.dataset.question, key, csrfmiddlewaretoken: token });
    for (const one of this.known) body.append("replaces", one);
    for (const control of this.box.querySelectorAll("[name^='q.']")) {
      if (!["radio", "checkbox"].includes(control.type) || control.checked) body.append(control.name, control.value);
    }
    return body;
  }

  // One at a time, so that the newest answer is the last to arrive.
  async send() {
    if (this.flying) return;
    this.flying = true;
    this.waits = false;
    const key = crypto.randomUUID();
    this.say(words.saving);
    let answer;
    try {
      answer = await fetch(words.answerUrl, {
        method: "POST", body: this.body(key), headers: { Accept: "application/json" },
      });
    } catch {
      // It may have arrived: the next try knows of it.
      this.known.push(key);
      this.say(words.kept, "trouble");
      this.waits = true;
    }
    this.flying = false;
    if (answer) await this.told(answer, key);
    if (this.waits) this.plan(answer ? 0 : RETRY);
  }

  async told(answer, key) {
    const json = answer.headers.get("Content-Type")?.startsWith("application/json");
    const said = json ? await answer.json() : {};
    if (answer.status === 200 && json) {
      this.known = [key];
      this.say(said.state, "ok");
    } else if (answer.status === 202) {
      this.known.push(key);
      this.say(words.kept, "trouble");
    } else if (answer.status === 409) {
      this.ask(said);
    } else if (answer.status >= 500 || !json) {
      this.known.push(key);
      this.say(words.kept, "trouble");
      this.plan(RETRY);
    } else {
      this.say(said.state, "trouble");
    }
    count();
  }

  // Another device answered meanwhile: the learner says which answer stands.
  ask(said) {
    this.say(said.state, "trouble");
    const mine = button(words.keepMine, () => {
      this.known.push(said.key);
      this.send();
    });
    const other = button(words.takeOther, () => location.reload());
    this.state.append(" ", mine, " ", other);
  }

  get answered() {
    return [...this.box.querySelectorAll("[name^='q.']")].some((one) =>
      ["radio", "checkbox"].includes(one.type) ? one.checked : one.value.trim() !== "");
  }
}

// A question answered by files. A file goes at once, over the network alone: it may be too large for
// what waits on the device. The server says what is there then, as a piece of the page.
class Files extends Asked {
  constructor(box) {
    super(box);
    this.place = box.querySelector("[data-files]");
    this.place.addEventListener("change", () => this.send());
    this.place.addEventListener("click", (event) => {
      const pressed = event.target.closest("[name=stay], [name=drop]");
      if (!pressed) return;
      event.preventDefault();
      this.send(pressed.name === "drop" ? pressed.value : "");
    });
  }

  get input() {
    return this.place.querySelector("[type=file]");
  }

  async send(drop = "") {
    const chosen = [...this.input.files];
    if (this.flying || (!drop && !chosen.length)) return;
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token);
    body.append("item", this.box.dataset.question);
    if (drop) body.append("drop", drop);
    for (const file of chosen) body.append(this.input.name, file);
    this.flying = true;
    this.say(words.saving);
    let answer;
    try {
      answer = await fetch(this.place.dataset.files, { method: "POST", body });
    } catch {
      answer = null;
    }
    this.flying = false;
    this.waits = false;
    if (answer && !answer.redirected && [200, 410, 422].includes(answer.status)) {
      this.place.innerHTML = await answer.text();
      this.input.focus();
      if (answer.ok) this.say(words.saved, "ok");
      else this.state.replaceChildren();
    } else {
      this.waits = chosen.length > 0;
      this.say(words.noLine, "trouble");
    }
    count();
  }

  get answered() {
    return this.place.querySelector("[name=drop]") !== null;
  }
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button--small";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

const questions = [...frame.querySelectorAll("[data-question]")].map((box) =>
  box.querySelector("[data-files]") ? new Files(box) : new Question(box));
addEventListener("online", () => { for (const one of questions) if (one.waits) one.send(); });
const counted = frame.querySelector("[data-answered]");
const elsewhere = Number(counted.textContent.replace(/\D/g, "")) - questions.filter((one) => one.answered).length;

function count() {
  counted.textContent = elsewhere + questions.filter((one) => one.answered).length;
}

addEventListener("beforeunload", (event) => {
  if (questions.some((one) => one.waits || one.flying) && !frame.dataset.leaving) event.preventDefault();
});
// The form itself carries every answer of the section: nothing is lost by leaving through it.
frame.querySelector("form").addEventListener("submit", () => { frame.dataset.leaving = "1"; });

// The clock shows what the server said when the page was made; the server alone decides.
const clock = frame.querySelector("[data-clock]");
if (clock && words.seconds) {
  const end = performance.now() + Number(words.seconds) * 1000;
  const two = (number) => String(number).padStart(2, "0");
  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    clock.textContent = left >= 3600
      ? `${Math.floor(left / 3600)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`
      : `${Math.floor(left / 60)}:${two(left % 60)}`;
    clock.classList.toggle("quiz-bar__soon", left < 60);
    if (left > 0) return;
    clearInterval(ticking);
    for (const one of questions) if (one.waits) one.send();
    setTimeout(() => { frame.dataset.leaving = "1"; location.reload(); }, GRACE);
  };
  const ticking = setInterval(tick, 1000);
  tick();
}
