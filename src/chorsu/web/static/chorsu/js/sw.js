// The service worker: answers from what a learner kept when the network does not, and keeps what
// they send until it has gone. Every address it sends to takes the same thing twice as once.
const KEPT = "kept-";
const PATIENCE = 6000;
const GONE = [404, 410];
const SENT = /^\/[a-z-]+\/learning\/[0-9a-f-]{36}\/(?:units\/[^/]+\/(?:done|bookmark|note|survey|work)|attempts\/[0-9a-f-]{36}\/answer|cards)\/$/;
const QUIZ = /^\/[a-z-]+\/learning\/[0-9a-f-]{36}\/attempts\/[0-9a-f-]{36}\/$/;
const FILES = /^\/[a-z-]+\/learning\/[0-9a-f-]{36}\/files\/[0-9a-f]{64}\/$/;
const PICTURES = /^\/pictures\/[0-9a-f]{64}\/[\w-]+$/;
const PAGES = /^\/([a-z-]+)\/learning\//;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST") {
    if (SENT.test(url.pathname)) event.respondWith(send(request, url));
    else if (QUIZ.test(url.pathname)) event.respondWith(turn(request, url));
    else if (url.pathname.endsWith("/account/logout/")) event.respondWith(leave(request));
  } else if (request.method === "GET" && (request.mode === "navigate" ? PAGES.test(url.pathname) : shown(url))) {
    event.respondWith(FILES.test(url.pathname) || PICTURES.test(url.pathname) ? file(request, url) : get(request, url));
  }
});

self.addEventListener("sync", (event) => event.waitUntil(flush()));
self.addEventListener("message", (event) => {
  if (event.data?.kind === "flush") event.waitUntil(flush());
  if (event.data?.kind === "forget") event.waitUntil(forget());
});

const shown = ({ pathname }) => ["/static/", "/exchange/blob/"].some((one) => pathname.startsWith(one)) || FILES.test(pathname) || PICTURES.test(pathname);

async function get(request, url) {
  const kept = await caches.match(request, { ignoreVary: true });
  try {
    const answer = await within(fetch(request), kept ? PATIENCE : 0);
    if (kept && answer.status === 200 && !answer.redirected) await renew(request, answer.clone());
    if (request.mode === "navigate" && GONE.includes(answer.status)) await drop(request, url);
    return answer;
  } catch (error) {
    if (kept) return kept;
    // A unit that is kept may be asked for with something after its address.
    const plain = request.mode === "navigate" && (await caches.match(url.pathname, { ignoreVary: true }));
    if (plain) return plain;
    const code = PAGES.exec(url.pathname)?.[1];
    const none = request.mode === "navigate" && (await caches.match(`/${code}/learning/offline/`, { ignoreVary: true }));
    if (none) return none;
    throw error;
  }
}

// The address of a file names its content: what is kept of it is as good as what would come, and a
// film is asked for in pieces (RFC 9110, section 14).
async function file(request, url) {
  const kept = await caches.match(url.pathname, { ignoreVary: true });
  if (!kept) return fetch(request);
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("Range") ?? "");
  if (!range || (!range[1] && !range[2])) return kept;
  const whole = await kept.blob();
  const first = range[1] ? Number(range[1]) : Math.max(0, whole.size - Number(range[2]));
  const last = range[1] && range[2] ? Math.min(Number(range[2]), whole.size - 1) : whole.size - 1;
  if (first > last) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${whole.size}` } });
  const headers = {
    "Accept-Ranges": "bytes",
    "Content-Length": last - first + 1,
    "Content-Range": `bytes ${first}-${last}/${whole.size}`,
    "Content-Type": kept.headers.get("Content-Type") ?? "application/octet-stream",
  };
  return new Response(whole.slice(first, last + 1), { status: 206, headers });
}

// A line that gives no answer is as good as none where there is a kept page.
function within(promise, patience) {
  if (!patience) return promise;
  return Promise.race([
    promise,
    new Promise((_, reject) => setTimeout(() => reject(new Error("no answer")), patience)),
  ]);
}

async function renew(request, answer) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(KEPT)) continue;
    const cache = await caches.open(name);
    if (await cache.match(request, { ignoreVary: true })) await cache.put(request, answer.clone());
  }
}

// What was erased, or is not for who asks any more, does not come back when there is no network. A
// film goes with its page.
async function drop(request, url) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(KEPT)) continue;
    const cache = await caches.open(name);
    const had = [await cache.delete(request, { ignoreVary: true }), await cache.delete(url.pathname, { ignoreVary: true })];
    if (had.includes(true) && name.endsWith("-film")) await caches.delete(name);
  }
}

// Who signs out leaves no pages of theirs behind, and nothing that would be sent for the next one:
// what waits goes while they are still signed in.
async function leave(request) {
  await within(flush(), PATIENCE).catch(() => {});
  const answer = await fetch(request);
  // A redirect of a page is opaque here; anything else says that they are still signed in.
  if (answer.ok || answer.type === "opaqueredirect") {
    await store((queue) => queue.clear());
    await tell();
    for (const name of await caches.keys()) if (name.startsWith(KEPT)) await caches.delete(name);
  }
  return answer;
}

async function send(request, url) {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch (error) {
    // A form of another site has no token of ours, and must not get one by waiting here.
    if (copy.mode === "navigate" && !copy.referrer.startsWith(`${location.origin}/`)) throw error;
    const pairs = [...(await copy.formData()).entries()];
    const item = pairs.find(([name]) => name === "item" || name === "card")?.[1] ?? "";
    const client = copy.referrer;
    await store((queue) => queue.put({
      id: `${url.pathname}#${item}`, url: url.pathname, pairs, page: client, at: Date.now(),
      scripted: copy.headers.get("Accept") === "application/json",
    }));
    await self.registration.sync?.register("send").catch(() => {});
    await tell();
    if (copy.mode !== "navigate") {
      return new Response(JSON.stringify({ kept: true }), { status: 202, headers: { "Content-Type": "application/json" } });
    }
    // "Done, go on" goes on without a line too.
    const on = pairs.find(([name]) => name === "next")?.[1] ?? "";
    return Response.redirect(PAGES.test(on) ? on : client || "/", 303);
  }
}

// Sections of a quiz are turned by its form; without a line here, for each answer waits by itself.
async function turn(request, url) {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch (error) {
    const go = (await copy.formData()).get("go");
    const there = `${url.pathname}?section=${go}`;
    if (go && (await caches.match(there, { ignoreVary: true }))) return Response.redirect(there, 303);
    const none = await caches.match(`/${url.pathname.split("/")[1]}/learning/offline/`, { ignoreVary: true });
    if (none) return none;
    throw error;
  }
}

let sending = null;
function flush() {
  sending ??= sendAll().finally(() => { sending = null; });
  return sending;
}

async function sendAll() {
  const waiting = (await store((queue) => queue.getAll())).filter((one) => !one.refused);
  waiting.sort((one, other) => one.at - other.at);
  const { token = "", learns } = (await whoIsHere(waiting[0]?.url ?? (await keptPage()))) ?? {};
  if (learns) await leaveOnly(learns);
  const changed = new Set();
  for (const one of token ? waiting : []) {
    // Whose it was may have signed out meanwhile.
    if (!(await store((queue) => queue.get(one.id)))) continue;
    let answer;
    try {
      const body = form(one.pairs.map(([name, value]) => [name, name === "csrfmiddlewaretoken" ? token : value]));
      answer = await fetch(one.url, { method: "POST", body, headers: { Accept: one.scripted ? "application/json" : "text/html" } });
    } catch {
      break;
    }
    // Signed out, or the node is in trouble: it is sent another time.
    if (answer.status >= 500 || answer.status === 429 || (answer.redirected && answer.url.includes("/account/"))) break;
    // Somebody else is signed in: it waits for whose it is.
    if (answer.status === 403 || answer.status === 404) continue;
    await settle(one, answer);
    if (one.page) changed.add(one.page).add(`${location.origin}${one.url.split("/").slice(0, 4).join("/")}/`);
  }
  await tell(learns);
  for (const page of changed) await refresh(page);
}

// What was sent stands on the kept pages too: they may be all there is the next time.
async function refresh(page) {
  if (!(await caches.match(page, { ignoreVary: true }))) return;
  const answer = await fetch(page).catch(() => null);
  if (answer?.status === 200 && !answer.redirected) await renew(page, answer);
}

// The token of who is signed in (that of the page may be of an earlier sign-in) and where they learn;
// null: nothing is kept here, there is no network, or nobody is signed in.
async function whoIsHere(path) {
  if (!path) return null;
  try {
    const answer = await fetch(`/${path.split("/")[1]}/learning/token/`);
    return answer.ok && !answer.redirected ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function keptPage() {
  for (const name of await caches.keys()) {
    const kept = name.startsWith(KEPT) ? await (await caches.open(name)).keys() : [];
    const page = kept.map(({ url }) => new URL(url).pathname).find((path) => PAGES.test(path));
    if (page) return page;
  }
  return "";
}

// Pages of whoever was signed in here before, and did not sign out, are not for the next one.
async function leaveOnly(learns) {
  for (const name of await caches.keys()) {
    if (name.startsWith(KEPT) && !learns.some((one) => name.startsWith(KEPT + one))) await caches.delete(name);
  }
}

// What was put in its place meanwhile is not taken away with it.
async function settle(one, answer) {
  const now = await store((queue) => queue.get(one.id));
  if (!now || now.at !== one.at) return;
  const json = answer.headers.get("Content-Type")?.startsWith("application/json");
  const said = json ? await answer.json() : {};
  if (!answer.ok) return store((queue) => queue.put({ ...one, refused: answer.status, state: said.state ?? "" }));
  await store((queue) => queue.delete(one.id));
  for (const client of await self.clients.matchAll()) client.postMessage({ kind: "sent", url: one.url, said });
}

function form(pairs) {
  const hasFile = pairs.some(([, value]) => typeof value !== "string");
  const made = hasFile ? new FormData() : new URLSearchParams();
  for (const [name, value] of pairs) made.append(name, value);
  return made;
}

async function forget() {
  for (const one of await store((queue) => queue.getAll())) {
    if (one.refused) await store((queue) => queue.delete(one.id));
  }
  await tell();
}

// What somebody typed is shown to nobody else: `learns` is where who is here learns.
async function tell(learns = []) {
  const all = await store((queue) => queue.getAll());
  const refused = all.filter((one) => one.refused).map(({ page, state, url, pairs }) => ({
    page, state, typed: learns.includes(url.split("/")[3]) ? typed(pairs) : "",
  }));
  const waiting = all.filter((one) => !one.refused).map(({ url, pairs }) => ({ url, pairs }));
  for (const client of await self.clients.matchAll()) client.postMessage({ kind: "queue", waiting, refused });
}

// What would be lost when it is refused and nobody wrote it down elsewhere.
const typed = (pairs) => pairs.find(([name, value]) => ["note", "text"].includes(name) && typeof value === "string")?.[1] ?? "";

// One small database with one store; each use is a transaction of its own.
function store(use) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("chorsu-learning", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("queue", { keyPath: "id" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const base = opening.result;
      const work = base.transaction("queue", "readwrite");
      const asked = use(work.objectStore("queue"));
      work.oncomplete = () => { base.close(); resolve(asked.result); };
      work.onerror = () => { base.close(); reject(work.error); };
    };
  });
}
