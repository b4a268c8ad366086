package meeting

import "strings"

// Place is where a row says a meeting is, in the keys of Meeting Guide.
type Place struct {
	Formatted  string // formatted_address
	Address    string
	City       string
	State      string
	PostalCode string
	Country    string
	Location   string // name of the place
}

// Line is rule N3: formatted_address; else address, city, state, postal code; else the name of the place.
func (p Place) Line() string {
	if p.Formatted != "" {
		return p.Formatted
	}
	if l := joinParts(p.Address, p.City, p.State, p.PostalCode); l != "" {
		return l
	}
	return p.Location
}

// Approximate is rule N4 for a place that does not say it: fewer than four parts between commas, after the
// country is added that a state of the USA or Canada implies. "Philadelphia, PA, USA" is approximate,
// "9 Elm St, Alpena, MI" is not.
func (p Place) Approximate() bool { return p.approximate(true) }

// approximate can leave the country step away, so that a test can show what the step is for.
func (p Place) approximate(countryStep bool) bool {
	line, state, country := p.Formatted, "", ""
	if line == "" {
		line = joinParts(p.Address, p.City, strings.TrimSpace(p.State+" "+p.PostalCode), p.Country)
		state, country = p.State, p.Country
	}
	if line == "" {
		return true
	}
	parts, last := 0, ""
	for part := range strings.SplitSeq(line, ",") {
		parts++
		last = part
	}
	if countryStep && parts < 4 && strings.TrimSpace(country) == "" {
		if stateCode(state) != "" || impliesCountry(last) {
			parts++
		}
	}
	return parts < 4
}

// impliesCountry tells whether the last part of an address is a state, with or without a postal code.
func impliesCountry(part string) bool {
	part = strings.TrimSpace(part)
	if stateCode(part) != "" {
		return true
	}
	state, _ := splitState(part)
	return state != ""
}

// fill works out city, state, postal code and country from the one-line address of a place in the USA or
// Canada, where the row gave only the line.
func (p Place) fill() Place {
	line := p.Formatted
	if line == "" && p.City == "" {
		line = p.Address
	}
	if line == "" || p.City != "" {
		return p
	}
	parts := strings.Split(line, ",")
	for i := len(parts) - 1; i > 0; i-- {
		part := strings.TrimSpace(parts[i])
		state, postal := splitState(part)
		if state == "" {
			if state = stateCode(part); state == "" {
				continue
			}
			if i+1 < len(parts) && looksPostal(strings.TrimSpace(parts[i+1])) {
				postal = strings.TrimSpace(parts[i+1])
			}
		}
		p.City = strings.TrimSpace(parts[i-1])
		if p.State == "" {
			p.State = state
		}
		if p.PostalCode == "" {
			p.PostalCode = postal
		}
		break
	}
	return p
}

// splitState takes "NY 10001" or "Alberta T6E 4E8" apart.
func splitState(part string) (state, postal string) {
	for i := 0; i < len(part); i++ {
		if part[i] != ' ' {
			continue
		}
		rest := strings.TrimSpace(part[i:])
		if looksPostal(rest) {
			return stateCode(part[:i]), rest
		}
	}
	return "", ""
}

// looksPostal tells whether s has the shape of a postal code of the USA or Canada.
func looksPostal(s string) bool {
	shape := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '9'
		case (r >= 'A' && r <= 'Z') || (r >= 'a' && r <= 'z'):
			return 'A'
		}
		return r
	}, s)
	return shape == "99999" || shape == "99999-9999" || shape == "A9A 9A9" || shape == "A9A9A9"
}

// CountryOfState returns US or CA for the name or code of a state or province, else "".
func CountryOfState(state string) string {
	code := stateCode(state)
	switch {
	case code == "":
		return ""
	case strings.Contains(canadian, " "+code+" "):
		return "CA"
	}
	return "US"
}

// stateCode returns the two-letter code of a state of the USA or a province of Canada by code or name.
func stateCode(s string) string {
	s = strings.TrimSpace(s)
	if len(s) == 3 && s[2] == '.' {
		s = s[:2]
	}
	if len(s) == 2 {
		up := strings.ToUpper(s)
		if _, ok := stateNames[up]; ok {
			return up
		}
		return ""
	}
	if len(s) < 4 || len(s) > 30 {
		return ""
	}
	return stateCodes[strings.ToLower(s)]
}

const canadian = " AB BC MB NB NL NS NT NU ON PE QC SK YT "

var stateNames = map[string]string{
	"AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado", "CT": "Connecticut",
	"DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
	"IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland",
	"MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
	"NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
	"NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
	"RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah",
	"VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
	"PR": "Puerto Rico", "GU": "Guam", "VI": "Virgin Islands", "AS": "American Samoa", "MP": "Northern Mariana Islands",
	"AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick", "NL": "Newfoundland and Labrador",
	"NS": "Nova Scotia", "NT": "Northwest Territories", "NU": "Nunavut", "ON": "Ontario", "PE": "Prince Edward Island",
	"QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon",
}

var stateCodes = func() map[string]string {
	m := make(map[string]string, len(stateNames)+2)
	for code, name := range stateNames {
		m[strings.ToLower(name)] = code
	}
	m["québec"], m["newfoundland"] = "QC", "NL"
	return m
}()

// joinParts joins what is not blank with ", ".
func joinParts(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p)
	}
	return b.String()
}
