package geo

// Place is a town, or the area of a ZIP code.
type Place struct {
	Name       string // "Philadelphia"
	State      string // "PA"; the code of the state, province or region, "" where the country has none
	Country    string // ISO 3166-1, "US"
	PostalCode string // "19104" where a ZIP code was asked for, else ""
	Lat, Lng   float64
	Population int
	Zone       string // IANA, "" where unsure
}

// Point returns where the place is.
func (p Place) Point() Point { return Point{p.Lat, p.Lng} }
