// The service worker: answers from what a learner kept when the network does not, and keeps what
// they send until it has gone. Every address it sends to takes the same thing twice as once.
const KEPT = "kept-";
const KEPT_BY = "/kept-by";
const READER = "Chorsu-Reader";
const NOBODY = "nobody";
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
    else if (request.mode === "navigate") event.respondWith(pass(request));
  } else if (request.method === "GET" && (request.mode === "navigate" ? PAGES.test(url.pathname) : shown(url))) {
    event.respondWith(FILES.test(url.pathname) || PICTURES.test(url.pathname) ? file(request, url) : get(request, url));
  } else if (request.mode === "navigate") event.respondWith(pass(request));
});

self.addEventListener("sync", (event) => event.waitUntil(flush()));
self.addEventListener("message", (event) => {
  if (event.data?.kind === "flush") event.waitUntil(flush());
  if (event.data?.kind === "forget") event.waitUntil(forget());
  if (event.data?.kind === "here") event.waitUntil(become(event.data.reader, event.data.asked).then(() => event.ports[0].postMessage("")));
});

// Who is here: each page says whose it is. One signs in by a form, at another node, by a link: by an
// answer that leads on, which nobody may read here. From then until the next page nobody can tell.
async function pass(request) {
  const asked = Date.now();
  const answer = await fetch(request);
  if (answer.type === "opaqueredirect") await become("", Date.now());
  else await learn(answer, asked);
  return answer;
}

async function learn(answer, asked) {
  const reader = answer.headers.get(READER);
  if (reader) await become(reader, asked);
}

// A page that was asked for before somebody may have signed in tells of who was here before them.
let signedIn = 0;
async function become(reader, asked) {
  if (asked < signedIn) return;
  if (!reader) signedIn = asked;
  await store((table) => table.put({ id: "reader", reader }), "here").catch(() => {});
}

const whoIs = async () => (await store((table) => table.get("reader"), "here").catch(() => null))?.reader || NOBODY;

// What is kept of this, by who is here; what belongs to nobody by anyone.
async function kept(asked, path) {
  const own = path.startsWith("/static/") ? "" : await whoIs();
  for (const name of await caches.keys()) {
    if (!name.startsWith(KEPT) || (own && (await keptBy(name)) !== own)) continue;
    const found = await caches.match(asked, { cacheName: name, ignoreVary: true });
    if (found) return found;
  }
  return undefined;
}

const keptBy = async (name) => (await caches.match(KEPT_BY, { cacheName: name }))?.text();

// The page in the place of one that is not kept names nobody. (One that does is of an older version.)
async function noLine(path) {
  const page = `/${path.split("/")[1]}/learning/offline/`;
  for (const cacheName of await caches.keys()) {
    const found = await caches.match(page, { cacheName, ignoreVary: true });
    if (found?.headers.get(READER) === NOBODY) return found;
  }
  return undefined;
}

const shown = ({ pathname }) => ["/static/", "/exchange/blob/"].some((one) => pathname.startsWith(one)) || FILES.test(pathname) || PICTURES.test(pathname);

async function get(request, url) {
  const had = await kept(request, url.pathname);
  const asked = Date.now();
  try {
    const answer = await within(fetch(request), had ? PATIENCE : 0);
    if (request.mode === "navigate") await learn(answer, asked);
    if (had && answer.status === 200 && !answer.redirected) await renew(request, answer.clone());
    if (request.mode === "navigate" && GONE.includes(answer.status)) await drop(request, url);
    return answer;
  } catch (error) {
    if (had) return had;
    // A unit that is kept may be asked for with something after its address.
    const plain = request.mode === "navigate" && ((await kept(url.pathname, url.pathname)) ?? (await noLine(url.pathname)));
    if (plain) return plain;
    throw error;
  }
}

// The address of a file names its content: what is kept of it is as good as what would come, and a
// film is asked for in pieces (RFC 9110, section 14).
async function file(request, url) {
  const had = await kept(url.pathname, url.pathname);
  if (!had) return fetch(request);
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("Range") ?? "");
  if (!range || (!range[1] && !range[2])) return had;
  const whole = await had.blob();
  const first = range[1] ? Number(range[1]) : Math.max(0, whole.size - Number(range[2]));
  const last = range[1] && range[2] ? Math.min(Number(range[2]), whole.size - 1) : whole.size - 1;
  if (first > last) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${whole.size}` } });
  const headers = {
    "Accept-Ranges": "bytes",
    "Content-Length": last - first + 1,
    "Content-Range": `bytes ${first}-${last}/${whole.size}`,
    "Content-Type": had.headers.get("Content-Type") ?? "application/octet-stream",
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
    const reader = answer.headers.get(READER);
    if (!name.startsWith(KEPT) || (reader && reader !== (await keptBy(name)))) continue;
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
    await become("", Date.now());
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
    const here = await whoIs();
    await store((queue) => queue.put({
      id: `${url.pathname}#${item}`, url: url.pathname, pairs, page: client, at: Date.now(), by: here,
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
    if (go && (await kept(there, url.pathname))) return Response.redirect(there, 303);
    const none = await noLine(url.pathname);
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
  const asked = Date.now();
  const { token = "", reader, learns } = (await whoIsHere(waiting[0]?.url ?? (await keptPage()))) ?? {};
  if (learns) await become(reader, asked);
  if (learns) await leaveOnly(learns, reader);
  // A page that just came from the node does not show yet what is sent now: it takes that in first.
  if (token && waiting.length) await tell(learns);
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
  if (!(await kept(page, new URL(page).pathname))) return;
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

// Pages of whoever was signed in here before, and did not sign out, are not for the next one. What
// an older version kept, or the node marked with an older secret, is marked as what it is.
async function leaveOnly(learns, reader) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(KEPT)) continue;
    if (!learns.some((one) => name.startsWith(KEPT + one))) await caches.delete(name);
    else if ((await keptBy(name)) !== reader) await (await caches.open(name)).put(KEPT_BY, new Response(reader));
  }
}

// What was put in its place meanwhile is not taken away with it.
async function settle(one, answer) {
  const json = answer.headers.get("Content-Type")?.startsWith("application/json");
  const said = json ? await answer.json() : {};
  const now = await store((queue) => queue.get(one.id));
  if (!now || now.at !== one.at) return;
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
  const here = await whoIs();
  const all = (await store((queue) => queue.getAll())).filter((one) => (one.by ?? here) === here);
  const refused = all.filter((one) => one.refused).map(({ page, state, url, pairs }) => ({
    page, state, typed: learns.includes(url.split("/")[3]) ? typed(pairs) : "",
  }));
  const waiting = all.filter((one) => !one.refused).map(({ url, pairs }) => ({ url, pairs }));
  for (const client of await self.clients.matchAll()) client.postMessage({ kind: "queue", waiting, refused });
}

// What would be lost when it is refused and nobody wrote it down elsewhere.
const typed = (pairs) => pairs.find(([name, value]) => ["note", "text"].includes(name) && typeof value === "string")?.[1] ?? "";

// Two small databases with one store each; each use is a transaction of its own.
function store(use, name = "queue") {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name === "queue" ? "chorsu-learning" : `chorsu-${name}`, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(name, { keyPath: "id" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const base = opening.result;
      const work = base.transaction(name, "readwrite");
      const asked = use(work.objectStore(name));
      work.oncomplete = () => { base.close(); resolve(asked.result); };
      work.onerror = () => { base.close(); reject(work.error); };
    };
  });
}
