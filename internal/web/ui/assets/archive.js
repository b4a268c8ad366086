// Reads PMTiles archives for the map; fetched only where an installation has one. An entry of its own,
// because most have none.
export { Protocol } from "./vendor/pmtiles/index.js";
