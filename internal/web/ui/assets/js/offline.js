// Keeps the help page readable without a network. On a device that is not the reader's own (<html
// data-short>) nothing is kept, and what was kept goes.
if ("serviceWorker" in navigator) {
  addEventListener("load", async () => {
    try {
      if (!("short" in document.documentElement.dataset)) return void (await navigator.serviceWorker.register("/sw.js"));
      for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
      for (const name of await caches.keys()) await caches.delete(name);
    } catch {
      // A browser that keeps nothing is fine.
    }
  });
}
