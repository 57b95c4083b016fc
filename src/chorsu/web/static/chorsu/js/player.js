// Keeps the reading position and the note, and says when sessions are by the reader's own clock.
// Without this the note's button saves it, a page begins at its top, and times are the node's.
const PAUSE = 4000;
const TYPING = 1500;
const unit = document.querySelector("[data-unit]");
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

if (unit?.dataset.positionUrl) {
  const height = () => Math.max(1, unit.offsetHeight - innerHeight * 0.6);
  const top = () => unit.getBoundingClientRect().top + scrollY;
  const place = () => Math.max(0, Math.min(1000, Math.round(((scrollY - top()) / height()) * 1000)));
  let sent = Number(unit.dataset.position);
  let timer = 0;
  // Where the learner stopped; not at an end, and not where the address says otherwise.
  if (sent > 40 && sent < 950 && !location.hash && scrollY === 0) scrollTo({ top: top() + (sent / 1000) * height() });
  const send = () => {
    const position = place();
    if (Math.abs(position - sent) < 10) return;
    sent = position;
    const body = new URLSearchParams({ position, csrfmiddlewaretoken: token });
    fetch(unit.dataset.positionUrl, { method: "POST", body, keepalive: true }).catch(() => {});
  };
  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  }, { passive: true });
  document.addEventListener("visibilitychange", () => { if (document.hidden) send(); });
}

const form = document.querySelector("form[data-note]");
if (form) {
  const state = form.querySelector("[data-state]");
  const say = (text) => { state.textContent = text; };
  let timer = 0;
  let flying = false;
  let dirty = false;
  let waits = false;
  const save = async () => {
    if (flying) return;
    flying = true;
    dirty = false;
    say(form.dataset.saving);
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST", body, headers: { Accept: "application/json" }, keepalive: true,
      });
      const said = await answer.json();
      if (answer.status === 200) form.elements.version.value = said.version;
      if (answer.status === 202) waits = true;
      say(answer.status === 202 ? form.dataset.keptHere : said.state);
      // Changed elsewhere: the button shows both, so that nothing is lost.
      if (answer.status === 409) return;
    } catch {
      say(form.dataset.keptHere);
      dirty = true;
    } finally {
      flying = false;
    }
    if (dirty) plan();
  };
  const plan = () => {
    clearTimeout(timer);
    timer = setTimeout(save, TYPING);
  };
  form.addEventListener("input", () => {
    dirty = true;
    say("");
    plan();
  });
  // Who leaves the page in the middle of a word finds it here again.
  addEventListener("pagehide", () => { if (dirty) save(); });
  // What waited on the device stands here again, or has gone meanwhile: then this page goes on from
  // it. One that does not show it must not, or what is written next would replace it unseen.
  form.addEventListener("refilled", () => {
    waits = true;
    say(form.dataset.keptHere);
  });
  form.addEventListener("sent", ({ detail }) => {
    if (!waits || !("version" in detail)) return;
    waits = false;
    form.elements.version.value = detail.version;
    if (!dirty) say(detail.state);
  });
}

// When a session begins by the reader's own clock, where that is not the node's.
for (const one of document.querySelectorAll("[data-own-clock]")) {
  const at = new Date(one.dataset.ownClock);
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(one.dataset.ownClock) ?? ["", "+", "0", "0"];
  const offset = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
  if (Number.isNaN(at.valueOf()) || -at.getTimezoneOffset() === offset) continue;
  const { lang } = document.documentElement;
  // Browsers lack some of our languages: their readers get figures, and no English month.
  const known = Intl.DateTimeFormat.supportedLocalesOf([lang]).length > 0;
  const form = known ? { dateStyle: "medium", timeStyle: "short" } : { dateStyle: "short", timeStyle: "short" };
  one.append(new Intl.DateTimeFormat(known ? lang : "ru", form).format(at));
  one.hidden = false;
}
