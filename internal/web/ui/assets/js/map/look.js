// How the map looks: colours from the page's tokens, and the pins, drawn on a canvas because the map's
// library takes pictures only.

// A token may be any colour CSS knows (color-mix, named); a canvas says what it comes to.
function plain(value, otherwise) {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  context.fillStyle = otherwise;
  context.fillStyle = value;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  return `rgba(${r},${g},${b},${Math.round((a / 255) * 100) / 100})`;
}

const tokens = {
  land: ["--map-land", "#F3EDE2"],
  water: ["--map-water", "#CFD5DA"],
  park: ["--map-park", "#DCE5D9"],
  road: ["--map-road", "#FFFFFF"],
  quiet: ["--text-quiet", "#5B544B"],
  surface: ["--surface", "#FFFFFF"],
  text: ["--text", "#211E1A"],
  action: ["--action", "#A8401F"],
  yes: ["--yes", "#2F6B47"],
  depends: ["--depends", "#8A5A00"],
  no: ["--no", "#9B2226"],
  unknown: ["--unknown", "#5A6270"],
};

// coloursOf reads the tokens as they are now, light or dark.
export function coloursOf(el) {
  const style = getComputedStyle(el);
  const colours = { font: style.fontFamily || "sans-serif" };
  for (const [name, [token, otherwise]] of Object.entries(tokens)) {
    colours[name] = plain(style.getPropertyValue(token).trim() || otherwise, otherwise);
  }
  return colours;
}

export const answers = ["yes", "depends", "no", "unknown"];

// shape draws one of the four answers around x, y with radius r, as the shapes of the list are drawn.
function shape(c, answer, x, y, r, colours) {
  c.save();
  c.translate(x, y);
  c.strokeStyle = c.fillStyle = colours[answer];
  const full = 2 * Math.PI;
  c.beginPath();
  if (answer === "yes") {
    c.arc(0, 0, r, 0, full);
    c.fill();
  } else {
    c.lineWidth = r * 0.22;
    if (answer === "unknown") {
      c.lineWidth = r * 0.3;
      c.lineCap = "round";
      c.setLineDash([0, (full * r * 0.86) / 10]);
    }
    c.arc(0, 0, r * 0.88, 0, full);
    c.stroke();
    c.setLineDash([]);
    c.beginPath();
    if (answer === "depends") {
      c.arc(0, 0, r * 0.88, Math.PI / 2, Math.PI * 1.5);
      c.fill();
    } else if (answer === "no") {
      c.lineCap = "round";
      c.lineWidth = r * 0.32;
      c.moveTo(-r * 0.45, 0);
      c.lineTo(r * 0.45, 0);
      c.stroke();
    }
  }
  c.restore();
}

function pill(width, height, ratio, colours) {
  const canvas = document.createElement("canvas");
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const c = canvas.getContext("2d", { willReadFrequently: true });
  c.scale(ratio, ratio);
  c.beginPath();
  c.roundRect(1.5, 1.5, width - 3, height - 3, (height - 3) / 2);
  c.fillStyle = colours.surface;
  c.fill();
  c.lineWidth = 1.5;
  c.strokeStyle = colours.text;
  c.stroke();
  return c;
}

const picture = (c) => c.getImageData(0, 0, c.canvas.width, c.canvas.height);

// pin is one meeting.
export function pin(answer, ratio, colours) {
  const c = pill(28, 28, ratio, colours);
  shape(c, answer, 14, 14, 7.5, colours);
  return picture(c);
}

// cluster is several: the answers that occur among them, and how many there are.
export function cluster(occurring, count, ratio, colours) {
  const label = count > 9999 ? `${Math.round(count / 1000)}k` : String(count);
  const font = `700 13px ${colours.font}`;
  const probe = document.createElement("canvas").getContext("2d");
  probe.font = font;
  const each = 17;
  const width = Math.ceil(11 + occurring.length * each + probe.measureText(label).width + 12);
  const c = pill(width, 30, ratio, colours);
  occurring.forEach((answer, i) => shape(c, answer, 10 + each / 2 + i * each, 15, 6.5, colours));
  c.font = font;
  c.fillStyle = colours.text;
  c.textBaseline = "middle";
  c.fillText(label, 12 + occurring.length * each, 15.5);
  return picture(c);
}

// The layers that take their colour from a token, and which of their properties.
const painted = [
  ["sea", "background-color", "water"],
  ["world", "fill-color", "land"],
  ["neighbours", "fill-color", "land"],
  ["states", "fill-color", "land"],
  ["world-borders", "line-color", "quiet"],
  ["county-borders", "line-color", "quiet"],
  ["state-borders", "line-color", "quiet"],
  ["reach", "fill-color", "action"],
  ["reach-edge", "line-color", "action"],
  ["middle", "circle-color", "action"],
  ["middle", "circle-stroke-color", "surface"],
];

// paint colours the map anew, when the page went dark or light; more are layers added since.
export function paint(map, colours, more) {
  for (const [layer, property, colour] of [...painted, ...more]) {
    if (map.getLayer(layer)) map.setPaintProperty(layer, property, colours[colour]);
  }
}

// styleOf is the map without its points: sea, land, borders.
export function styleOf(colours, empty) {
  const source = (more) => ({ type: "geojson", data: empty, tolerance: 0.3, buffer: 16, ...more });
  const fill = (id) => ({ id, type: "fill", source: id, paint: { "fill-color": colours.land, "fill-antialias": true } });
  const line = (id, width, opacity, more) => ({
    id,
    type: "line",
    source: id,
    layout: { "line-join": "round" },
    paint: { "line-color": colours.quiet, "line-width": width, "line-opacity": opacity },
    ...more,
  });
  return {
    version: 8,
    sources: {
      world: source(),
      neighbours: source(),
      states: source(),
      "world-borders": source(),
      "state-borders": source(),
      "county-borders": source(),
      reach: source(),
      middle: source(),
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": colours.water } },
      fill("world"),
      fill("neighbours"),
      fill("states"),
      line("world-borders", 0.75, 0.45),
      // These lines are drawn for a map of a country; close by they are only a hint.
      line("county-borders", 0.75, ["interpolate", ["linear"], ["zoom"], 6, 0.3, 9, 0.35, 12, 0.12], { minzoom: 6 }),
      line("state-borders", ["interpolate", ["linear"], ["zoom"], 3, 0.75, 8, 1.75], ["interpolate", ["linear"], ["zoom"], 9, 0.6, 13, 0.3]),
      { id: "reach", type: "fill", source: "reach", paint: { "fill-color": colours.action, "fill-opacity": 0.05 } },
      {
        id: "reach-edge",
        type: "line",
        source: "reach",
        paint: { "line-color": colours.action, "line-width": 1.5, "line-opacity": 0.6, "line-dasharray": [3, 2] },
      },
      {
        id: "middle",
        type: "circle",
        source: "middle",
        paint: { "circle-radius": 6, "circle-color": colours.action, "circle-stroke-width": 3, "circle-stroke-color": colours.surface },
      },
    ],
  };
}
