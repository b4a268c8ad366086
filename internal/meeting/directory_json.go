package meeting

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"hearth/internal/civil"
)

// The keys of a meeting's JSON in their order, with what stands before each value. Strings are read back
// from it, so that a meeting's words are in memory once.
const (
	keyID         = `{"id":`
	keySource     = `,"source":`
	keySourceID   = `,"source_id":`
	keyName       = `,"name":`
	keyFellowship = `,"fellowship":`
	keyDay        = `,"day":`
	keyStart      = `,"start":`
	keyEnd        = `,"end":`
	keyZone       = `,"zone":`
	keyAttendance = `,"attendance":`
	keyPlace      = `,"place":`
	keyAddress    = `,"address":`
	keyLat        = `,"lat":`
	keyLng        = `,"lng":`
	keyApprox     = `,"approximate":`
	keyMiles      = `,"distance_miles":`
	keyConference = `,"conference_url":`
	keyTypes      = `,"types":`
	keyWelcome    = `,"welcome":`
)

// appendFragment appends a meeting's JSON without its distance and welcome, and says where the distance
// goes.
func appendFragment(b []byte, m *listed, source string) ([]byte, int) {
	str := func(key, s string) { b = appendString(append(b, key...), s) }
	str(keyID, m.ID)
	str(keySource, source)
	str(keySourceID, m.SourceID)
	str(keyName, m.Name)
	str(keyFellowship, m.Fellowship)
	b = append(b, keyDay...)
	if m.Day < 0 {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendInt(b, int64(m.Day), 10)
	}
	b = appendClock(append(b, keyStart...), civil.Clock(m.Start))
	b = appendClock(append(b, keyEnd...), civil.Clock(m.End))
	str(keyZone, m.Zone)
	str(keyAttendance, m.Attendance)
	str(keyPlace, m.Location)
	str(keyAddress, m.Address)
	if m.HasPoint {
		b = strconv.AppendFloat(append(b, keyLat...), m.Lat, 'f', -1, 64)
		b = strconv.AppendFloat(append(b, keyLng...), m.Lng, 'f', -1, 64)
	} else {
		b = append(append(b, keyLat+"null"...), keyLng+"null"...)
	}
	b = strconv.AppendBool(append(b, keyApprox...), m.Approximate)
	split := len(b)
	str(keyConference, m.ConferenceURL)
	b = append(b, keyTypes+"["...)
	i := 0
	for t := range strings.FieldsSeq(m.Types) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, t)
		i++
	}
	return append(b, ']'), split
}

func appendClock(b []byte, c civil.Clock) []byte {
	if !c.Valid() {
		return append(b, "null"...)
	}
	h, m := byte(c/60), byte(c%60)
	return append(b, '"', '0'+h/10, '0'+h%10, ':', '0'+m/10, '0'+m%10, '"')
}

// appendMiles appends a distance, to about five feet; null where there is none.
func appendMiles(b []byte, miles float64) []byte {
	if miles < 0 {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, math.Round(miles*1000)/1000, 'f', -1, 64)
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string that is also safe inside a script element. What is not UTF-8
// becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != 0x7f {
				i++
				continue
			}
			b = append(b, s[from:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			default:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			from = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(append(b, s[from:i]...), "\ufffd"...)
			from = i + n
		case r == '\u2028' || r == '\u2029':
			b = append(append(b, s[from:i]...), '\\', 'u', '2', '0', '2', hexDigits[r&15])
			from = i + n
		}
		i += n
	}
	return append(append(b, s[from:]...), '"')
}

// fragment is the rest of a meeting's JSON, read from the front in the order of its keys.
type fragment string

// skip moves behind a key.
func (f *fragment) skip(key string) {
	if strings.HasPrefix(string(*f), key) {
		*f = (*f)[len(key):]
	} else if i := strings.Index(string(*f), key); i >= 0 {
		*f = (*f)[i+len(key):]
	}
}

// str reads the string behind a key. Without escapes it is a part of the fragment.
func (f *fragment) str(key string) string {
	f.skip(key)
	s := string(*f)
	if s == "" || s[0] != '"' {
		return ""
	}
	end := 1 + strings.IndexByte(s[1:], '"')
	if strings.IndexByte(s[:end], '\\') < 0 {
		*f = fragment(s[end+1:])
		return s[1:end]
	}
	for end = 1; s[end] != '"'; end++ {
		if s[end] == '\\' {
			end++
		}
	}
	*f = fragment(s[end+1:])
	return unescape(s[1:end])
}

// clock reads the time of day behind a key.
func (f *fragment) clock(key string) civil.Clock {
	f.skip(key)
	s := string(*f)
	if s[0] != '"' {
		*f = (*f)[len("null"):]
		return civil.NoClock
	}
	*f = (*f)[7:]
	return civil.Clock(s[1]-'0')*600 + civil.Clock(s[2]-'0')*60 + civil.Clock(s[4]-'0')*10 + civil.Clock(s[5]-'0')
}

// unescape undoes what appendString wrote.
func unescape(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b = append(b, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b = append(b, '\n')
		case 'u':
			n, err := strconv.ParseUint(s[i+1:i+5], 16, 32)
			if err != nil {
				n = utf8.RuneError
			}
			b = utf8.AppendRune(b, rune(n))
			i += 4
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}
