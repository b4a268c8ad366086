// The meetings on the map: pins, clusters, and the list of those in view, which is how the map is read
// without seeing it.
import { answers, cluster, pin } from "./look.js";

const mostListed = 40;

// showPoints puts a FeatureCollection of meetings on the map. It returns what to call when the colours
// have changed.
export function showPoints(map, lib, el, say, data, colours) {
  const ratio = Math.min(Math.max(window.devicePixelRatio || 1, 1), 3);
  const features = data.features.filter((f) => f.geometry?.type === "Point");
  for (const f of features) if (!answers.includes(f.properties.answer)) f.properties.answer = "unknown";

  // A picture is named by what it shows, and drawn when it is first missed.
  const drawPicture = (id) => {
    const [kind, what, count] = id.split(":");
    if (kind === "pin") return pin(what, ratio, colours);
    if (kind === "many") return cluster(answers.filter((a) => what.includes(a[0])), Number(count), ratio, colours);
    return null;
  };
  map.setMissingStyleImageResolver((id) => {
    const picture = drawPicture(id);
    if (picture && !map.hasImage(id)) map.addImage(id, picture, { pixelRatio: ratio });
  });

  const one = (answer) => ["+", ["case", ["==", ["get", "answer"], answer], 1, 0]];
  map.addSource("meetings", {
    type: "geojson",
    data: { type: "FeatureCollection", features },
    cluster: true,
    clusterRadius: 42,
    clusterMaxZoom: 17,
    clusterProperties: Object.fromEntries(answers.map((a) => [a, one(a)])),
  });
  const occurs = (a) => ["case", [">", ["get", a], 0], a[0], ""];
  map.addLayer({
    id: "meetings",
    type: "symbol",
    source: "meetings",
    layout: {
      "icon-image": [
        "case",
        ["has", "point_count"],
        ["concat", "many:", ...answers.map(occurs), ":", ["to-string", ["get", "point_count"]]],
        ["concat", "pin:", ["get", "answer"]],
      ],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
      "icon-padding": 0,
    },
  });
  listInView(map, lib, el, say, features, data.left_out);
  openOnClick(map, lib, say);

  return (now) => {
    colours = now;
    for (const id of map.listImages()) {
      const picture = drawPicture(id);
      if (picture) map.updateImage(id, picture);
    }
  };
}

// line is one meeting as a link: time, name, and the answer in words.
function line(say, { name, time, answer, href }) {
  const a = document.createElement("a");
  a.href = href;
  a.className = "map-line";
  const when = Object.assign(document.createElement("span"), { className: "map-line-when", textContent: time ?? "" });
  const what = Object.assign(document.createElement("span"), { className: "map-line-name", textContent: name });
  const how = Object.assign(document.createElement("span"), { className: `map-line-answer map-line-${answer}`, textContent: say(answer) });
  a.append(when, " ", what, " ", how);
  return a;
}

function listInView(map, lib, el, say, features, leftOut) {
  const box = document.createElement("details");
  box.className = "map-list";
  const summary = document.createElement("summary");
  const list = document.createElement("ul");
  const note = document.createElement("p");
  box.append(summary, list, note);
  el.append(box);

  // The pin that a link in the list speaks of is ringed while the link has focus or the mouse.
  const ring = Object.assign(document.createElement("span"), { className: "map-ring" });
  ring.setAttribute("aria-hidden", "true");
  const marker = new lib.Marker({ element: ring });

  const draw = () => {
    const bounds = map.getBounds();
    const centre = map.getCenter();
    const shrink = Math.cos((centre.lat * Math.PI) / 180) ** 2;
    const far = ([lng, lat]) => (lng - centre.lng) ** 2 * shrink + (lat - centre.lat) ** 2;
    const seen = features.filter((f) => bounds.contains(f.geometry.coordinates));
    summary.textContent = say("inview", seen.length);
    const says = [];
    if (seen.length === 0) says.push(say("none"));
    if (seen.length > mostListed) says.push(say("more", seen.length - mostListed));
    if (leftOut > 0) says.push(say("leftout", leftOut));
    note.textContent = says.join(" ");
    note.hidden = says.length === 0;
    if (!box.open || list.contains(document.activeElement)) return; // never under the reader's hands
    seen.sort((a, b) => far(a.geometry.coordinates) - far(b.geometry.coordinates));
    list.replaceChildren(
      ...seen.slice(0, mostListed).map((f) => {
        const item = document.createElement("li");
        const link = line(say, f.properties);
        const here = () => marker.setLngLat(f.geometry.coordinates).addTo(map);
        link.addEventListener("focus", here);
        link.addEventListener("mouseenter", here);
        link.addEventListener("blur", () => marker.remove());
        link.addEventListener("mouseleave", () => marker.remove());
        item.append(link);
        return item;
      }),
    );
  };
  map.on("moveend", draw);
  box.addEventListener("toggle", draw);
  box.addEventListener("focusout", (e) => {
    if (!box.contains(e.relatedTarget)) draw();
  });
  draw();
}

// openOnClick answers a press on a pin or a cluster: the meeting, a closer look, or all that meet there.
function openOnClick(map, lib, say) {
  let popup = null;
  const show = (at, all) => {
    popup?.remove();
    const box = document.createElement("div");
    if (all.length > 1) box.append(Object.assign(document.createElement("p"), { textContent: say("here", all.length) }));
    for (const p of all) box.append(line(say, p));
    popup = new lib.Popup({ closeButton: true, maxWidth: "20rem", offset: 18, focusAfterOpen: true }).setLngLat(at).setDOMContent(box).addTo(map);
    const shut = popup.getElement().querySelector("button");
    shut?.setAttribute("aria-label", say("close"));
    popup.getElement().addEventListener("keydown", (e) => {
      if (e.key !== "Escape") return;
      popup.remove();
      map.getCanvas().focus();
    });
  };

  map.on("click", "meetings", async ({ features }) => {
    const { geometry, properties } = features[0];
    const at = geometry.coordinates.slice();
    if (!properties.cluster) {
      show(at, [properties]);
      return;
    }
    const source = map.getSource("meetings");
    const leaves = await source.getClusterLeaves(properties.cluster_id, 200, 0);
    const [lng, lat] = leaves[0].geometry.coordinates;
    const together = leaves.every(({ geometry: { coordinates: c } }) => Math.abs(c[0] - lng) < 1e-4 && Math.abs(c[1] - lat) < 1e-4);
    const closer = await source.getClusterExpansionZoom(properties.cluster_id);
    if (together || closer > map.getMaxZoom()) {
      show(at, leaves.map((l) => l.properties));
    } else {
      map.easeTo({ center: at, zoom: Math.min(closer + 0.25, map.getMaxZoom()) });
    }
  });
  map.on("mouseenter", "meetings", () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "meetings", () => (map.getCanvas().style.cursor = ""));
}
