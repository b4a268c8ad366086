(function () {
  var s = document.currentScript, d = s.dataset, u = new URL("embed", s.src), f = document.createElement("iframe"), k;
  for (k in d) if (k != "height" && k != "title") u.searchParams.set(k, d[k]);
  f.src = u;
  f.title = d.title || "Meetings";
  f.loading = "lazy";
  f.referrerPolicy = "no-referrer";
  f.style.cssText = "display:block;width:100%;border:0";
  f.style.height = (parseInt(d.height) || 640) + "px";
  s.after(f);
})();
