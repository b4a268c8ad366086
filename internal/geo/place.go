package geo

import "strings"

// Place is a town, or the area of a ZIP code.
type Place struct {
	Name       string // "Philadelphia"
	State      string // "PA"; the code of the state, province or region, "" where the country has none
	Country    string // ISO 3166-1, "US" (its territories too, as states)
	PostalCode string // "19104" where a ZIP code was asked for, else ""
	Lat, Lng   float64
	Population int    // three figures; 0 not known
	Zone       string // IANA, "" where unsure
}

// Point returns where the place is.
func (p Place) Point() Point { return Point{p.Lat, p.Lng} }

// Label names the place for a reader of lang ("en", "es"): "Philadelphia, PA", "19104 Philadelphia, PA",
// "Toronto, ON, Canada", "Tijuana, Baja California, Mexico", "Munich, Germany".
func (p Place) Label(lang string) string {
	if p.Name == "" {
		return ""
	}
	var b strings.Builder
	if p.PostalCode != "" {
		b.WriteString(p.PostalCode + " ")
	}
	b.WriteString(p.Name)
	state := World().StateName(p.Country, p.State, lang)
	if state != "" && (p.Country == "US" || p.Country == "CA" || p.Country == "AU") {
		state = p.State // the code is what people write there
	}
	if state != "" && state != p.Name {
		b.WriteString(", " + state)
	}
	if p.Country != "US" && p.Country != "" {
		b.WriteString(", " + World().CountryName(p.Country, lang))
	}
	return b.String()
}
