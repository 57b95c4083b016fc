// Keeps a unit or a whole course on this device, and says what waits to be sent. The service worker
// answers from what is kept when no network does; without one, pages need the network and no more.
const KEPT = "kept-";
const bar = document.querySelector("[data-offline]");
const list = document.querySelector("[data-waiting]");

async function start() {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  await navigator.serviceWorker.ready;
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data?.kind === "queue") show(event.data);
  });
  addEventListener("online", flush);
  await flush();
  if (bar) await offer();
}

async function flush() {
  const registration = await navigator.serviceWorker.ready;
  registration.active.postMessage({ kind: "flush" });
}

// What waits, and what was refused, in the words the server gave.
function show({ waiting, refused }) {
  if (!list) return;
  list.hidden = !waiting && !refused.length;
  list.querySelector("[data-number]").textContent = waiting;
  list.querySelector("[data-some]").hidden = !waiting;
  list.querySelector("[data-refused]").replaceChildren(...refused.map((one) => {
    const item = document.createElement("li");
    item.textContent = one.state || list.dataset.lost;
    if (one.page) {
      const link = document.createElement("a");
      link.href = one.page;
      link.textContent = one.title || one.page;
      item.prepend(link, ": ");
    }
    return item;
  }));
  list.querySelector("[data-forget]").hidden = !refused.length;
}

list?.querySelector("[data-forget]").addEventListener("click", async () => {
  const registration = await navigator.serviceWorker.ready;
  registration.active.postMessage({ kind: "forget" });
});

async function offer() {
  const name = KEPT + bar.dataset.offline;
  const keep = bar.querySelector("[data-keep]");
  const remove = bar.querySelector("[data-remove]");
  const state = bar.querySelector("[data-state]");
  const told = async () => {
    const kept = await caches.has(name);
    remove.hidden = !kept;
    state.textContent = kept ? bar.dataset.kept : "";
  };
  keep.addEventListener("click", async () => {
    keep.disabled = true;
    try {
      const bytes = await fill(name, (done, all) => { state.textContent = `${done} / ${all}`; });
      await told();
      state.textContent = `${bar.dataset.kept} (${(bytes / 1e6).toFixed(2)} MB)`;
    } catch {
      state.textContent = bar.dataset.failed;
    }
    keep.disabled = false;
  });
  remove.addEventListener("click", async () => {
    await caches.delete(name);
    await told();
  });
  bar.hidden = false;
  await told();
}

// Pages first, then what they show; each is fetched once. Videos are left where they are.
async function fill(name, progress) {
  const answer = await fetch(bar.dataset.list, { headers: { Accept: "application/json" } });
  const { pages } = await answer.json();
  const cache = await caches.open(name);
  const parts = new Set();
  let bytes = 0;
  let done = 0;
  const take = async (url, isPage) => {
    const got = await fetch(url, { credentials: "same-origin" });
    if (!got.ok || got.redirected) throw new Error(url);
    const copy = got.clone();
    const body = await got.arrayBuffer();
    bytes += body.byteLength;
    await cache.put(url, copy);
    if (isPage) for (const part of named(new TextDecoder().decode(body))) parts.add(part);
  };
  for (const page of pages) {
    await take(page, true);
    progress((done += 1), pages.length);
  }
  for (const part of parts) await take(part, false);
  return bytes;
}

function named(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const found = page.querySelectorAll("link[rel=stylesheet], link[rel=icon], link[rel=manifest], script[src], main img[src]");
  return [...found].map((one) => one.getAttribute("href") ?? one.getAttribute("src")).filter((url) => url.startsWith("/"));
}

start();
