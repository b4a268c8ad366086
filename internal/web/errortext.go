package web

import (
	"encoding/json"
	"net/http"

	"hearth/internal/fault"
	"hearth/internal/web/ui"
)

// errorTitle is the heading of an error page.
func errorTitle(t ui.T, status int) string {
	switch status {
	case http.StatusNotFound:
		return t.S("This page is not here")
	case http.StatusGone:
		return t.S("This is no longer here")
	case http.StatusForbidden:
		return t.S("This is not open to you")
	case http.StatusTooManyRequests:
		return t.S("A little slower, please")
	case http.StatusServiceUnavailable:
		return t.S("Please try again in a moment")
	case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusMethodNotAllowed:
		return t.S("That did not work")
	default:
		return t.S("Something went wrong here")
	}
}

// apiError is an error as programs read it.
type apiError struct {
	Error   string            `json:"error"`
	Fields  map[string]string `json:"fields,omitempty"`
	Request string            `json:"request"`
}

func failJSON(w http.ResponseWriter, status int, id string, f *fault.Error) {
	e := apiError{Error: "unexpected error", Request: id}
	if f != nil {
		e.Error = f.Text()
		for _, field := range f.Fields {
			if e.Fields == nil {
				e.Fields = map[string]string{}
			}
			e.Fields[field.Name] = field.Text()
		}
	}
	h := w.Header()
	h.Del("ETag")
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(e) // the reader may have left
}
