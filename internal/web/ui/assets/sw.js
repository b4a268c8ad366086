// The service worker. It keeps the help page, in each language and without anybody's name on it, with the
// few files it needs, and answers with them when the network does not. It keeps nothing else.
// The server puts `self.hearth = {version, pages, files}` in front of this.
const { version, pages, files } = self.hearth;
const name = "hearth-help-" + version;

async function keepPages() {
  const cache = await caches.open(name);
  await Promise.all(
    pages.map(async (page) => {
      const answer = await fetch(page, { credentials: "omit", cache: "no-cache" });
      if (answer.ok) await cache.put(page, answer);
    }),
  );
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(name);
      await cache.addAll(files);
      await keepPages();
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const old of await caches.keys()) if (old.startsWith("hearth-") && old !== name) await caches.delete(old);
      await self.clients.claim();
    })(),
  );
});

async function language(url) {
  const asked = url.searchParams.get("lang") ?? (await self.cookieStore?.get("lang"))?.value ?? self.navigator.language;
  return pages.find((page) => page.endsWith("=" + asked.slice(0, 2))) ?? pages[0];
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === "/help") {
    event.respondWith(
      (async () => {
        try {
          const answer = await fetch(event.request);
          if (answer.ok) event.waitUntil(keepPages().catch(() => {}));
          return answer;
        } catch {
          const cache = await caches.open(name);
          return (await cache.match(await language(url))) ?? Response.error();
        }
      })(),
    );
  } else if (files.includes(url.pathname)) {
    event.respondWith(
      (async () => (await (await caches.open(name)).match(url.pathname)) ?? fetch(event.request))(),
    );
  }
});
