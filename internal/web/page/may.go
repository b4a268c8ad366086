package page

import (
	"net/http"
	"net/url"

	"hearth/internal/access"
	"hearth/internal/fault"
)

// May asks the policies for whoever is signed in: nil, or the error to return. See access.Policies.May.
func May(r *http.Request, act access.Act, t access.Thing) error {
	v := Of(r)
	if v.Who == nil || v.Policies == nil {
		return access.NotThere()
	}
	return v.Policies.May(v.Who.Actor, act, t)
}

// Can is May for what a page offers or leaves out.
func Can(r *http.Request, act access.Act, t access.Thing) bool { return May(r, act, t) == nil }

// known lets only people who signed in through; others are asked to.
func known(h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if SignedIn(r) != nil {
			return h(w, r)
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			return fault.New(fault.Forbidden, "You are no longer signed in. Please sign in and send it again.")
		}
		return Redirect(w, r, "/signin?next="+url.QueryEscape(r.URL.RequestURI()))
	}
}

// Only lets only those through who may do that to the thing, for things that are the same for every request:
// the house, the directory. Others are asked to sign in, or told no.
func Only(act access.Act, t access.Thing, h Handler) Handler {
	return known(func(w http.ResponseWriter, r *http.Request) error {
		if err := May(r, act, t); err != nil {
			return err
		}
		return h(w, r)
	})
}
