// What every page has. Each module looks for its own attribute and does nothing without it; every page
// and form works without all of them.
import "./js/leave.js";
import "./js/dirty.js";
import "./js/share.js";
import "./js/near.js";
import "./js/zone.js";
import "./js/offline.js";
