// Streets, water and parks from a PMTiles archive, where the installation has one in its data folder. The
// layers are those of the Protomaps basemap (protomaps.com), version 4.
import archiveURL from "asset:archive.js";

// addRoads puts them between the land and its borders. It returns the layers that take a colour from a token.
export async function addRoads(map, lib, url, colours) {
  const { Protocol } = await import(archiveURL);
  lib.addProtocol("pmtiles", new Protocol().tile);
  map.addSource("tiles", { type: "vector", url: `pmtiles://${new URL(url, location.href).href}` });

  const painted = [];
  const add = (id, layer, type, property, colour, paint, more) => {
    painted.push([id, property, colour]);
    map.addLayer({ id, type, source: "tiles", "source-layer": layer, paint: { [property]: colours[colour], ...paint }, ...more }, "world-borders");
  };
  const kind = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];
  const wide = (low, high) => ["interpolate", ["exponential", 1.6], ["zoom"], 6, low, 16, high];
  const round = { layout: { "line-cap": "round", "line-join": "round" } };

  add("tiles-park", "landuse", "fill", "fill-color", "park", {}, {
    filter: kind("park", "nature_reserve", "forest", "wood", "cemetery", "golf_course", "national_park", "grass", "garden"),
  });
  add("tiles-water", "water", "fill", "fill-color", "water", {}, { filter: ["==", ["geometry-type"], "Polygon"] });
  add("tiles-river", "water", "line", "line-color", "water", { "line-width": wide(0.5, 6) }, { filter: ["==", ["geometry-type"], "LineString"], ...round });
  add("tiles-rail", "roads", "line", "line-color", "quiet", { "line-width": 1, "line-opacity": 0.35, "line-dasharray": [4, 3] }, { filter: kind("rail"), minzoom: 10 });
  add("tiles-lane", "roads", "line", "line-color", "road", { "line-width": wide(0.2, 9) }, { filter: kind("minor_road", "other"), minzoom: 12, ...round });
  add("tiles-street", "roads", "line", "line-color", "road", { "line-width": wide(0.5, 14) }, { filter: kind("major_road", "medium_road"), ...round });
  add("tiles-highway", "roads", "line", "line-color", "road", { "line-width": wide(1, 18) }, { filter: kind("highway"), ...round });
  return painted;
}
