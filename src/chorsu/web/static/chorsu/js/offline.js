// Keeps a unit, its film or a whole course on this device, and says what waits to be sent. The service worker
// answers from what is kept when no network does; without one, pages need the network and no more.
const KEPT = "kept-";
const KEPT_BY = "/kept-by";
const bar = document.querySelector("[data-offline]");
const film = document.querySelector("[data-film]");
const list = document.querySelector("[data-waiting]");

class NoRoom extends Error {}

async function start() {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  await navigator.serviceWorker.ready;
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data?.kind === "queue") show(event.data);
    if (event.data?.kind === "queue") refill(event.data.waiting);
    if (event.data?.kind === "sent") {
      for (const form of formsOf(event.data.url)) form.dispatchEvent(new CustomEvent("sent", { detail: event.data.said }));
    }
  });
  addEventListener("online", flush);
  await flush();
  if (bar) await offer(bar, KEPT + bar.dataset.offline, fill);
  if (film) await offer(film, KEPT + film.dataset.film, keepFilm);
}

// The page may be older than the service worker, which then has not seen yet whose it is.
async function tellWho(reader, begun) {
  const registration = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const heard = new Promise((resolve) => { port1.onmessage = resolve; });
  registration.active.postMessage({ kind: "here", reader, asked: begun }, [port2]);
  await heard;
}

async function flush() {
  const registration = await navigator.serviceWorker.ready;
  registration.active.postMessage({ kind: "flush" });
}

// What waits, and what was refused, in the words the server gave.
function show({ waiting, refused }) {
  if (!list) return;
  list.hidden = !waiting.length && !refused.length;
  list.querySelector("[data-number]").textContent = waiting.length;
  list.querySelector("[data-some]").hidden = !waiting.length;
  list.querySelector("[data-refused]").replaceChildren(...refused.map((one) => {
    const item = document.createElement("li");
    item.textContent = one.state || list.dataset.lost;
    if (one.page) {
      const link = document.createElement("a");
      link.href = one.page;
      link.textContent = one.title || one.page;
      item.prepend(link, ": ");
    }
    if (one.typed) {
      const words = document.createElement("blockquote");
      words.className = "waiting__typed";
      words.textContent = one.typed;
      item.append(words);
    }
    return item;
  }));
  list.querySelector("[data-forget]").hidden = !refused.length;
}

const formsOf = (url) => [...document.forms].filter((form) => new URL(form.getAttribute("action") || location.href, location.href).pathname === url);

// A kept page is as it was when it was kept: what waits to be sent stands in its forms again, once,
// and not over what is being typed.
let filled = false;
const touched = new WeakSet();
addEventListener("input", ({ target }) => touched.add(target));
function refill(waiting) {
  if (filled) return;
  filled = true;
  for (const { url, pairs } of waiting) {
    const item = pairs.find(([name]) => name === "item")?.[1];
    const asked = item && document.querySelector(`[data-answer-url="${url}"] [data-question="${CSS.escape(item)}"]`);
    for (const root of asked ? [asked] : formsOf(url)) put(root, pairs);
  }
}

function put(root, pairs) {
  const controls = [...root.querySelectorAll("textarea, select, input:not([type=hidden], [type=file])")];
  if (!controls.length || controls.some((one) => touched.has(one))) return;
  for (const control of controls) {
    const values = pairs.filter(([name, value]) => name === control.name && typeof value === "string").map(([, value]) => value);
    if (["radio", "checkbox"].includes(control.type)) control.checked = values.includes(control.value);
    else control.value = values[0] ?? "";
  }
  // Words go with what they were written over: changed elsewhere since, they do not replace that.
  const version = root.querySelector("[name=version]");
  if (version) version.value = pairs.find(([name]) => name === "version")?.[1] ?? version.value;
  root.dispatchEvent(new CustomEvent("refilled", { detail: pairs.find(([name]) => name === "key")?.[1] }));
}

list?.querySelector("[data-forget]").addEventListener("click", async () => {
  const registration = await navigator.serviceWorker.ready;
  registration.active.postMessage({ kind: "forget" });
});

// A box with a button that keeps something by `work`, which says how far it is and how much it took.
async function offer(box, name, work) {
  const keep = box.querySelector("[data-keep]");
  const remove = box.querySelector("[data-remove]");
  const state = box.querySelector("[data-state]");
  const told = async () => {
    const kept = await caches.has(name);
    remove.hidden = !kept;
    state.textContent = kept ? box.dataset.kept : "";
  };
  keep.addEventListener("click", async () => {
    keep.disabled = true;
    try {
      const bytes = await work(name, (words) => { if (state.textContent !== words) state.textContent = words; });
      await told();
      state.textContent = `${box.dataset.kept} (${(bytes / 1e6).toFixed(2)} MB)`;
    } catch (error) {
      await told();
      state.textContent = error instanceof NoRoom ? box.dataset.noRoom : box.dataset.failed;
    }
    keep.disabled = false;
  });
  remove.addEventListener("click", async () => {
    await caches.delete(name);
    await told();
  });
  box.hidden = false;
  await told();
}

// Pages first, then what they show; each is fetched once. Videos are left where they are. What is kept
// carries the mark of who keeps it: the service worker shows it to nobody else.
async function fill(name, say) {
  const begun = Date.now();
  const answer = await fetch(bar.dataset.list, { headers: { Accept: "application/json" } });
  const { pages, reader } = await answer.json();
  await tellWho(reader, begun);
  const cache = await caches.open(name);
  await cache.put(KEPT_BY, new Response(reader));
  const parts = new Set();
  let bytes = 0;
  let done = 0;
  const take = async (url, isPage) => {
    const got = await asked(url);
    // Somebody else may have signed in meanwhile.
    if (isPage && ![reader, "nobody"].includes(got.headers.get("Chorsu-Reader"))) throw new Error(url);
    const copy = got.clone();
    const body = await got.arrayBuffer();
    bytes += body.byteLength;
    await cache.put(url, copy);
    if (isPage) for (const part of named(new TextDecoder().decode(body))) parts.add(part);
  };
  for (const page of pages) {
    await take(page, true);
    say(`${(done += 1)} / ${pages.length}`);
  }
  for (const part of parts) await take(part, false);
  return bytes;
}

// The small film with its captions, and the page that shows it: whole, or nothing of it.
async function keepFilm(name, say) {
  const all = Number(film.dataset.bytes);
  const { quota = Infinity, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota - usage < all) throw new NoRoom();
  // Asked for, so not to be thrown away when room gets short. A browser may refuse.
  await navigator.storage?.persist?.();
  try {
    const bytes = await fill(name, () => {});
    let done = 0;
    const cache = await caches.open(name);
    for (const url of film.dataset.files.split(" ")) {
      const got = await asked(url);
      const counted = new TransformStream({
        transform(piece, control) {
          done += piece.byteLength;
          // By tenths, so that a screen reader is not kept talking.
          say(`${Math.min(100, Math.floor((done * 10) / all) * 10)} %`);
          control.enqueue(piece);
        },
      });
      await cache.put(url, new Response(got.body.pipeThrough(counted), { headers: got.headers }));
    }
    return bytes + done;
  } catch (error) {
    await caches.delete(name);
    throw error.name === "QuotaExceededError" ? new NoRoom() : error;
  }
}

async function asked(url) {
  const got = await fetch(url, { credentials: "same-origin" });
  if (!got.ok || got.redirected) throw new Error(url);
  return got;
}

function named(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const found = page.querySelectorAll("link[rel=stylesheet], link[rel=icon], link[rel=manifest], script[src], main img[src]");
  return [...found].map((one) => one.getAttribute("href") ?? one.getAttribute("src")).filter((url) => url.startsWith("/"));
}

start();
