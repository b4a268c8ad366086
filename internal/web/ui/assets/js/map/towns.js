// Names of towns: HTML above the map, because the library would need files of glyphs to write itself.
import townsURL from "asset:map/towns.json";
import { fetchJSON } from "./lines.js";

// The largest are written larger.
const large = 300;

// Where a name may stand beside its town: how the library calls it, the corner of its box in parts of its
// size, and how far below the town it goes in pixels.
const sides = [
  ["bottom", -0.5, -1, 0],
  ["top", -0.5, 0, 0],
  ["left", 0, -0.5, 0],
  ["right", -1, -0.5, 0],
  ["bottom", -0.5, -1, -24],
  ["top", -0.5, 0, 24],
  ["bottom", -0.5, -1, -44],
  ["top", -0.5, 0, 44],
];

// nameTowns keeps the largest towns in view named, whenever the map has come to rest.
export async function nameTowns(map, lib) {
  const towns = await fetchJSON(townsURL); // [name, lng, lat], largest first
  let shown = new Map();

  const draw = () => {
    const { clientWidth: width, clientHeight: height } = map.getContainer();
    const bounds = map.getBounds();
    const taken = pins();
    const keep = new Map();
    // A town far down the list is no landmark on a map of the country.
    const upTo = Math.min(towns.length, Math.round(12 * 2 ** Math.max(0, map.getZoom() - 2)));
    for (let i = 0; i < upTo && keep.size < 18; i++) {
      const [name, lng, lat] = towns[i];
      if (!bounds.contains([lng, lat])) continue;
      const { x, y } = map.project([lng, lat]);
      const wide = name.length * (i < large ? 9 : 7.5) + 12;
      const free = sides.find(([, left, top, below]) => {
        const box = [x + left * wide, y + below + top * 26, x + (left + 1) * wide, y + below + (top + 1) * 26];
        if (box[0] < 0 || box[1] < 0 || box[2] > width || box[3] > height) return false;
        if (taken.some((t) => box[0] < t[2] && t[0] < box[2] && box[1] < t[3] && t[1] < box[3])) return false;
        return taken.push(box);
      });
      if (!free) continue;
      const old = shown.get(i);
      keep.set(i, old?.side === free ? old : { side: free, marker: label(name, i, [lng, lat], free) });
    }
    for (const [i, old] of shown) if (keep.get(i) !== old) old.marker.remove();
    shown = keep;
  };

  // Where pins are, no name is written over them.
  const pins = () =>
    !map.getLayer("meetings")
      ? []
      : map.queryRenderedFeatures({ layers: ["meetings"] }).map(({ geometry, properties }) => {
          const { x, y } = map.project(geometry.coordinates);
          const half = properties.cluster ? 30 : 16;
          return [x - half, y - 17, x + half, y + 17];
        });

  const label = (name, rank, at, [anchor, , , below]) => {
    const el = document.createElement("span");
    el.className = rank < large ? "map-town map-town-large" : "map-town";
    el.textContent = name;
    el.setAttribute("aria-hidden", "true"); // a picture's lettering; the list says where things are
    return new lib.Marker({ element: el, anchor, offset: [0, below] }).setLngLat(at).addTo(map);
  };

  map.on("idle", draw);
  draw();
}
