package geo

// Gazetteer answers where places are. It is read only and safe for use by many at once.
type Gazetteer struct{}

// World returns the gazetteer that ships inside. It is unpacked on first use.
func World() *Gazetteer { return &Gazetteer{} }

// Lookup returns the places that a person may mean by query, best first: a ZIP code, a town, a town with
// its state or country. It returns nothing rather than a guess.
func (g *Gazetteer) Lookup(query string) []Place { return nil }

// Nearest returns the town nearest to a point; an empty Place where there is none.
func (g *Gazetteer) Nearest(lat, lng float64) Place { return Place{} }

// Area returns the country and state or province that a point lies in, "US-PA", "CA-AB", "DE-02"; "" at
// sea and wherever nobody lives near.
func (g *Gazetteer) Area(lat, lng float64) string { return "" }

// Zone returns the IANA time zone at a point, "" when unsure. Country and state ("US", "AZ") may be "";
// where they are known they keep a point near a border on its own side. A zero point means that only
// they are known.
func (g *Gazetteer) Zone(lat, lng float64, country, state string) string { return "" }
