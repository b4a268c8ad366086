// Package house owns the pages about the house itself: help now, what we keep, who we are, and the way
// out of Leave quickly.
//
// It must never need an account, a database or a script to be read: these pages are for the worst minute
// of somebody's day. It gives no advice about doses.
package house

import (
	"net/http"
	netmail "net/mail"
	"strings"

	"github.com/a-h/templ"

	"hearth/internal/web/page"
	"hearth/internal/web/ui"
)

// Line is somewhere that can be called or texted.
type Line struct {
	Name string // as people know it; their own words, not translated
	More string
	Call string // digits, with an optional leading +
	Text string // digits
}

// Options is what a community says about itself.
type Options struct {
	Local    func() []Line // shown on the help page after the national ones; nil for none
	Contact  func() string // how to write to the people who run this, by e-mail or post; nil, or "", for none
	LeaveURL string        // where Leave quickly goes; "" is the ordinary neutral page
}

// Pages are the handlers.
type Pages struct{ o Options }

// New returns the pages of a community.
func New(o Options) *Pages { return &Pages{o: o} }

// Help is "Get help now".
func (p *Pages) Help(w http.ResponseWriter, r *http.Request) error {
	var local []Line
	if p.o.Local != nil {
		local = p.o.Local()
	}
	return page.Render(w, r, http.StatusOK, help(shell(r, "help"), local))
}

// Privacy is "What we keep".
func (p *Pages) Privacy(w http.ResponseWriter, r *http.Request) error {
	return page.Render(w, r, http.StatusOK, privacy(shell(r, "privacy")))
}

// About says who we are and how the welcome card is made.
func (p *Pages) About(w http.ResponseWriter, r *http.Request) error {
	contact := ""
	if p.o.Contact != nil {
		contact = p.o.Contact()
	}
	return page.Render(w, r, http.StatusOK, about(shell(r, "about"), contact))
}

// Leave goes to the neutral page. The button leads there directly; this address is for links on paper
// and in places where another site's name would tell too much.
func (p *Pages) Leave(w http.ResponseWriter, r *http.Request) error {
	s := page.Shell(r)
	if p.o.LeaveURL != "" {
		s.LeaveURL = p.o.LeaveURL
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
	return page.Redirect(w, r, s.Leave())
}

func shell(r *http.Request, nav string) ui.Shell {
	s := page.Shell(r)
	s.Nav = nav
	return s
}

// Spoken writes a number in groups, as it is said: 988, (555) 010-0199.
func Spoken(number string) string {
	n := strings.TrimPrefix(strings.TrimPrefix(number, "+"), "1")
	if len(n) == 10 {
		return "(" + n[:3] + ") " + n[3:6] + "-" + n[6:]
	}
	return number
}

// mail tells whether a contact is an e-mail address and nothing else.
func mail(contact string) bool {
	a, err := netmail.ParseAddress(contact)
	return err == nil && a.Address == contact
}

// dial is the address that a phone calls or texts. Only digits and a plus sign pass, so it needs no
// further cleaning; templ itself does not know sms:.
func dial(scheme, number string) templ.SafeURL {
	return templ.SafeURL(scheme + strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number))
}
