// Lines and areas of the base map, from the form that tools/basemap writes into GeoJSON.

// fetchJSON gets one of our own files.
export async function fetchJSON(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

// arcsOf turns whole numbers, each the way from the point before, into degrees.
function arcsOf({ scale, shift, arcs }) {
  return arcs.map((flat) => {
    const line = [];
    let x = 0;
    let y = 0;
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      line.push([x * scale[0] + shift[0], y * scale[1] + shift[1]]);
    }
    return line;
  });
}

const collection = (features) => ({ type: "FeatureCollection", features });
const feature = (type, coordinates) => ({ type: "Feature", properties: {}, geometry: { type, coordinates } });

// areasOf joins arcs into rings: an arc begins where the one before it ends, and ~i is arc i backwards.
export function areasOf(outline) {
  const arcs = arcsOf(outline);
  const ring = (indexes) => {
    const points = [];
    for (const i of indexes) {
      const arc = i < 0 ? arcs[~i].slice().reverse() : arcs[i];
      for (let k = points.length ? 1 : 0; k < arc.length; k++) points.push(arc[k]);
    }
    return points;
  };
  return collection((outline.areas ?? []).map((rings) => feature("Polygon", rings.map(ring))));
}

// bordersOf are the arcs that lie between two areas.
export function bordersOf(outline) {
  const arcs = arcsOf(outline);
  return collection([feature("MultiLineString", outline.borders.map((i) => arcs[i]))]);
}

export const nothing = collection([]);

const mile = 1609.344 / 6371008.8; // in radians

// circle is everything within so many miles of a point, as a polygon.
export function circle(lng, lat, miles) {
  const rad = Math.PI / 180;
  const d = miles * mile;
  const points = [];
  for (let i = 0; i <= 72; i++) {
    const bearing = (i * 5) * rad;
    const y = Math.asin(Math.sin(lat * rad) * Math.cos(d) + Math.cos(lat * rad) * Math.sin(d) * Math.cos(bearing));
    const x = Math.atan2(Math.sin(bearing) * Math.sin(d) * Math.cos(lat * rad), Math.cos(d) - Math.sin(lat * rad) * Math.sin(y));
    points.push([lng + x / rad, y / rad]);
  }
  return collection([feature("Polygon", [points])]);
}
