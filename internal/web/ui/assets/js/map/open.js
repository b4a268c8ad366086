// Opens the map: fetches the library, the lines and the points, all from this server.
import libURL from "asset:map/maplibre-gl.mjs";
import workerURL from "asset:map/maplibre-gl-worker.mjs";
import styleURL from "asset:map.css";
import statesURL from "asset:map/states.json";
import countiesURL from "asset:map/counties.json";
import neighboursURL from "asset:map/neighbours.json";
import worldURL from "asset:map/world.json";
import { areasOf, bordersOf, circle, fetchJSON, nothing } from "./lines.js";
import { coloursOf, paint, styleOf } from "./look.js";
import { showPoints } from "./points.js";
import { addRoads } from "./roads.js";
import { nameTowns } from "./towns.js";

const theStates = [[-125, 24.4], [-66.9, 49.4]]; // where to look when nothing says where

// styled waits for the map's own styles.
const styled = (href) =>
  new Promise((done, fail) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: () => fail(new Error(href)) });
    document.head.append(link);
  });

// openMap makes the map in el. It resolves when land and points can be seen, and rejects when the map
// cannot be drawn at all.
export async function openMap(el, say) {
  const points = fetchJSON(el.dataset.source).catch((error) => {
    console.warn("map:", error);
    return null;
  });
  const states = fetchJSON(statesURL);
  const [lib] = await Promise.all([import(libURL), styled(styleURL)]);
  lib.setWorkerUrl(new URL(workerURL, location.href).href);

  let colours = coloursOf(el);
  el.classList.remove("map-shut");
  el.classList.add("map-open");
  const frame = document.createElement("div");
  frame.className = "map-frame";
  el.append(frame);

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new lib.Map({
    container: frame,
    style: styleOf(colours, nothing),
    ...where(el),
    minZoom: 2,
    maxZoom: 16,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    rollEnabled: false,
    fadeDuration: 0,
    renderWorldCopies: true,
    locale: { "Map.Title": say("map") },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.on("error", ({ error }) => console.warn("map:", error));
  await new Promise((done) => map.once("load", done));

  const land = await states;
  map.getSource("states").setData(areasOf(land));
  map.getSource("state-borders").setData(bordersOf(land));
  aid(map, el, say, still);
  searched(map, el);

  const data = await points;
  let recolour = () => {};
  if (data) {
    recolour = showPoints(map, lib, el, say, data, colours);
    if (!el.dataset.lat) lookAt(map, data.features);
  }
  foot(el, data ? say("drawn") : say("nopoints"), say("sources"));

  // What is only the setting comes when the meetings are there.
  lazily(map);
  let streets = [];
  if (el.dataset.tiles) {
    addRoads(map, lib, el.dataset.tiles, colours)
      .then((layers) => (streets = layers))
      .catch((error) => console.warn("map:", error));
    const credit = document.createElement("a");
    credit.href = "https://www.openstreetmap.org/copyright";
    credit.rel = "noreferrer";
    credit.textContent = "© OpenStreetMap";
    el.querySelector(".map-foot").append(" ", credit);
  }
  nameTowns(map, lib).catch((error) => console.warn("map:", error));

  // Says when everything in view is drawn, for pictures and tests.
  map.on("movestart", () => (el.dataset.rest = "no"));
  map.on("idle", () => (el.dataset.rest = "yes"));

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    colours = coloursOf(el);
    paint(map, colours, streets);
    recolour(colours);
  });
  return map;
}

// where to look at first: the place that was searched, with its reach.
function where({ dataset: { lat, lng, miles } }) {
  if (!lat || !lng) return { bounds: theStates, fitBoundsOptions: { padding: 16 } };
  const ring = circle(Number(lng), Number(lat), Math.min(Number(miles) || 10, 200)).features[0].geometry.coordinates[0];
  const xs = ring.map((p) => p[0]);
  const ys = ring.map((p) => p[1]);
  return { bounds: [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]], fitBoundsOptions: { padding: 12 } };
}

// lookAt shows all points, or where most of them are.
function lookAt(map, features) {
  const at = features.map((f) => f.geometry.coordinates);
  if (at.length === 0) return;
  const middle = (values) => {
    const sorted = values.sort((a, b) => a - b);
    const cut = Math.floor(sorted.length * 0.02); // one meeting abroad must not shrink the rest to a dot
    return [sorted[cut], sorted[sorted.length - 1 - cut]];
  };
  const [west, east] = middle(at.map((p) => p[0]));
  const [south, north] = middle(at.map((p) => p[1]));
  map.fitBounds([[west, south], [east, north]], { padding: 48, maxZoom: 12, animate: false });
}

// aid makes the map usable without a mouse: its name, keys, and two buttons.
function aid(map, el, say, still) {
  const canvas = map.getCanvas();
  canvas.setAttribute("aria-label", say("map"));
  const box = Object.assign(document.createElement("div"), { className: "map-zoom" });
  const button = (label, sign, act) => {
    const b = Object.assign(document.createElement("button"), { type: "button", textContent: sign });
    b.setAttribute("aria-label", label);
    b.addEventListener("click", () => act({ animate: !still }));
    box.append(b);
  };
  button(say("zoomin"), "+", (o) => map.zoomIn(o));
  button(say("zoomout"), "−", (o) => map.zoomOut(o));
  el.append(box);
}

function foot(el, ...texts) {
  const p = Object.assign(document.createElement("p"), { className: "map-foot", textContent: texts.join(" ") });
  el.append(p);
}

// searched marks the middle of the search and how far it went.
function searched(map, { dataset: { lat, lng, miles } }) {
  if (!lat || !lng) return;
  const at = [Number(lng), Number(lat)];
  map.getSource("middle").setData({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } });
  if (Number(miles) > 0) map.getSource("reach").setData(circle(...at, Number(miles)));
}

// lazily fetches the lands around at once, and the counties when one looks close enough to see them.
function lazily(map) {
  const get = async (url, use) => {
    try {
      use(await fetchJSON(url));
    } catch (error) {
      console.warn("map:", error);
    }
  };
  get(neighboursURL, (o) => map.getSource("neighbours").setData(areasOf(o)));
  get(worldURL, (o) => {
    map.getSource("world").setData(areasOf(o));
    map.getSource("world-borders").setData(bordersOf(o));
  });
  let asked = false;
  const counties = () => {
    if (asked || map.getZoom() < 6) return;
    asked = true;
    get(countiesURL, (o) => map.getSource("county-borders").setData(bordersOf(o)));
  };
  map.on("zoomend", counties);
  counties();
}
