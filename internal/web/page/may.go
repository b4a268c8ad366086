package page

import (
	"net/http"

	"hearth/internal/access"
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

// Somewhere is Can for such a thing in any of the places where the person holds a role.
func Somewhere(r *http.Request, act access.Act, t access.Thing) bool {
	v := Of(r)
	return v.Who != nil && v.Policies != nil && v.Policies.Somewhere(v.Who.Actor, act, t)
}

// Only lets only those through who may do that to the thing, for things that are the same for every request:
// the house, the directory. Others are asked to sign in, or told no.
func Only(act access.Act, t access.Thing, h Handler) Handler {
	return Signed(func(w http.ResponseWriter, r *http.Request) error {
		if err := May(r, act, t); err != nil {
			return err
		}
		return h(w, r)
	})
}
