package meeting

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"hearth/internal/web/ui"
)

// external is a link to somewhere else. It is always written with rel="noreferrer nofollow", and the
// reader sees the host before leaving.
type external struct {
	Href string
	Host string // without www.
}

// webLink takes an address from a feed: http and https only, with a host, without a user name that would
// hide it. Anything else is no link.
func webLink(s string) (external, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s, " \t\r\n\"<>\\") {
		return external{}, false
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return external{}, false
	}
	host := strings.ToLower(u.Hostname())
	for _, r := range host {
		if r > 0x7e || r <= ' ' {
			return external{}, false // a host in another script could look like one that it is not
		}
	}
	return external{Href: u.String(), Host: strings.TrimPrefix(host, "www.")}, true
}

// callers are the hosts of services for video and telephone meetings. A host counts when it is one of
// these or below one: evilzoom.us is not zoom.us.
var callers = []string{
	"zoom.us", "zoomgov.com", "zoom.com", "meet.google.com", "teams.microsoft.com", "teams.live.com", "webex.com",
	"gotomeeting.com", "gotomeet.me", "goto.com", "bluejeans.com", "freeconferencecall.com", "freeconference.com",
	"join.skype.com", "meet.jit.si", "discord.gg", "discord.com", "signal.group", "whereby.com", "vooq.com", "dialpad.com",
	"intherooms.com", "us.dialpad.com", "facebook.com", "doxy.me", "meetings.dialpad.com",
}

// isCaller tells whether the host belongs to a service for meetings that is generally known.
func isCaller(host string) bool {
	return slices.ContainsFunc(callers, func(c string) bool {
		return host == c || strings.HasSuffix(host, "."+c)
	})
}

// Caution says that a link leads to a page that is not generally known; "" where it is known, or no link.
func Caution(t ui.T, address string) string {
	l, ok := webLink(address)
	if !ok || isCaller(l.Host) {
		return ""
	}
	return t.S("Opens %s, a page that we do not know", l.Host)
}

// telLink turns a conference number ("+16465588656,,123456#") into a tel: link, "" where it has too few
// digits to be one.
func telLink(s string) string {
	var b strings.Builder
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
			b.WriteRune(r)
		case r == '+' && b.Len() == 0, r == ',', r == '*':
			b.WriteRune(r)
		case r == '#':
			b.WriteString("%23")
		}
	}
	if digits < 7 {
		return ""
	}
	return "tel:" + b.String()
}

// way is a way to give money, as the group names it: a word, the handle and where it leads.
type way struct {
	Name, Handle, Href string
}

var handle = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

// contributions lists how a group takes its collection. The links are plain: nothing is said about where
// the reader came from, and a handle that is not one becomes no link at all.
func contributions(venmo, square, paypal, homegroup string) []way {
	var out []way
	add := func(name, given, sign, base string) {
		h := strings.TrimSpace(given)
		if l, ok := webLink(h); ok && strings.HasPrefix(base, "https://"+l.Host+"/") {
			h = l.Href[strings.LastIndexByte(strings.TrimSuffix(l.Href, "/"), '/')+1:]
		}
		h = strings.TrimPrefix(strings.TrimSuffix(h, "/"), sign)
		if handle.MatchString(h) {
			out = append(out, way{name, sign + h, base + h})
		}
	}
	add("Venmo", venmo, "@", "https://venmo.com/u/")
	add("Cash App", square, "$", "https://cash.app/$")
	add("PayPal", paypal, "", "https://paypal.me/")
	add("Homegroup", homegroup, "", "https://homegroup.online/code/")
	return out
}

// directions are the ways to a place: geo: opens whatever map the reader's device has, the other is a
// map on the web without an account.
type directions struct{ Geo, Web string }

func directionsTo(lat, lng float64) directions {
	at := strconv.FormatFloat(lat, 'f', 5, 64) + "," + strconv.FormatFloat(lng, 'f', 5, 64)
	return directions{
		Geo: "geo:" + at + "?q=" + at,
		Web: "https://www.openstreetmap.org/directions?to=" + url.QueryEscape(at),
	}
}
