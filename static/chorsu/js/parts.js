// What htmx leaves to the page when it puts in a part: what stays open, where the focus is, what
// the rest of the page must know, and what to do when no answer comes. Without it links and forms
// do the same by loading pages.
const on = (name, act) => document.addEventListener(`htmx:${name}`, act);
const found = document.querySelector(".found");
const groups = () => found.querySelectorAll("details[data-facet]");
let opened = new Map();
let held = null;
let restoring = null;

// A list is being fetched: one at a time, the newest; going back gives up both.
on("beforeRequest", (event) => {
  if (document.hidden && event.target.closest("[data-poll]")) return event.preventDefault();
  if (event.detail.target !== found) return;
  restoring?.abort();
  found.setAttribute("aria-busy", "true");
  for (const notice of document.querySelectorAll("[data-failed]")) notice.hidden = true;
});
on("afterRequest", (event) => {
  if (event.detail.target === found) found.removeAttribute("aria-busy");
});
addEventListener("popstate", () => {
  if (found) window.htmx.trigger(found, "htmx:abort");
});
on("historyCacheMiss", (event) => {
  restoring?.abort();
  const request = (restoring = event.detail.xhr);
  found.setAttribute("aria-busy", "true");
  request.addEventListener("error", () => location.reload());
  request.addEventListener("loadend", () => {
    if (request === restoring) found.removeAttribute("aria-busy");
  });
});
on("historyCacheMissLoadError", () => location.reload());

// Another page answered (a session that ended): the reader is shown it whole.
on("beforeSwap", (event) => {
  const { xhr, pathInfo, target } = event.detail;
  const asked = new URL(pathInfo.finalRequestPath, location.href);
  const answered = new URL(xhr.responseURL, location.href);
  if (answered.pathname !== asked.pathname) {
    event.preventDefault();
    location.assign(answered);
  }
  if (target === found) note();
});
on("historyCacheMissLoad", note);

function note() {
  opened = new Map([...groups()].map((one) => [one.dataset.facet, one.open]));
  held = document.activeElement;
}

on("afterSwap", (event) => {
  if (event.target !== found) return;
  for (const one of groups()) one.open = opened.get(one.dataset.facet) ?? one.open;
  const { elt, triggeringEvent } = event.detail.requestConfig ?? {};
  const applied = triggeringEvent?.type === "submit" && found.matches(":target");
  if (applied) location.hash = "results"; // a phone: the filters close
  if (applied || elt?.closest(".pages")) {
    focusOn(found.querySelector("#count"));
    found.querySelector("#results")?.scrollIntoView();
  } else if (held !== document.body) {
    refocus();
  }
});

const focusOn = (element) => element?.focus({ preventScroll: true });

// To what stands in the place of what had the focus; to its group; to what was found.
function refocus() {
  const name = held?.closest("[data-facet]")?.dataset.facet;
  const group = name && found.querySelector(`[data-facet="${name}"] > summary`);
  const same = held?.id && document.getElementById(held.id);
  for (const one of [same, group, found.querySelector("#count")]) {
    if (one && document.activeElement === document.body) focusOn(one);
  }
}

// Links that name the address of the page name it as it is now.
function readdress() {
  for (const link of document.querySelectorAll(".menu--language a")) link.search = location.search;
  const next = new URLSearchParams({ next: location.pathname + location.search });
  for (const link of document.querySelectorAll('a[href*="?next="]')) link.search = next;
}
on("pushedIntoHistory", readdress);
on("historyRestore", readdress);

// A refusal has a page of its own; where no answer came at all, the list stays and says so.
on("responseError", (event) => {
  if (event.detail.target === found) location.assign(event.detail.pathInfo.finalRequestPath);
});
on("sendError", (event) => {
  if (event.detail.target !== found) return;
  for (const notice of document.querySelectorAll("[data-failed]")) notice.hidden = false;
});

// A new window is asked for: the browser opens it.
addEventListener(
  "click",
  (event) => {
    if (event.shiftKey && event.target.closest?.("[hx-boost] a, a[hx-boost]")) event.stopPropagation();
  },
  true,
);

// What is looked at again and again is looked at once when the tab is shown again.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const one of document.querySelectorAll("[data-poll]")) window.htmx.trigger(one, "shown");
});
