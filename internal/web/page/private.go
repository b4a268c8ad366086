package page

import (
	"net/http"
	"net/url"

	"hearth/internal/fault"
)

// Signed lets only people who are signed in through; others are asked to sign in.
func Signed(h Handler) Handler {
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

// Fresh lets only people through who have just proved who they are: for what is dangerous, such as roles, ways
// of signing in, or leaving. Others are asked to, and come back to the page; a form that was sent leads back to
// the page at back, and has to be sent again.
func Fresh(back string, h Handler) Handler {
	return Signed(func(w http.ResponseWriter, r *http.Request) error {
		if SignedIn(r).Fresh {
			return h(w, r)
		}
		return Redirect(w, r, Again(r, back))
	})
}

// Again is the address where somebody who is signed in proves once more who they are.
func Again(r *http.Request, back string) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		back = r.URL.RequestURI()
	}
	return "/signin/again?next=" + url.QueryEscape(back)
}
