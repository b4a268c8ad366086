package open

import (
	_ "embed"
	"net/http"
	"sync"

	"hearth/internal/fault"
	"hearth/internal/meeting"
)

// apiLimit is how many meetings the API gives when nobody says how many.
const apiLimit = 100

//go:embed openapi.json
var openAPI []byte

var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// API answers GET /api/v1/meetings: the finder's filters, the meetings as JSON.
func (p *Pages) API(w http.ResponseWriter, r *http.Request) error {
	share(w)
	f, err := meeting.ParseFilter(r.URL.Query(), p.o.Places)
	if err != nil {
		return err
	}
	if f.Limit == 0 {
		f.Limit = apiLimit
	}
	buf := bodies.Get().(*[]byte)
	body := p.o.Meetings.Directory().AppendFind((*buf)[:0], f, p.o.Now())
	err = send(w, r, "application/json; charset=utf-8", body)
	*buf = body
	if cap(body) < 4<<20 {
		bodies.Put(buf)
	}
	return err
}

// Meeting answers GET /api/v1/meetings/{id}.
func (p *Pages) Meeting(w http.ResponseWriter, r *http.Request) error {
	share(w)
	body, ok := p.o.Meetings.Directory().AppendMeeting(nil, r.PathValue("id"))
	if !ok {
		return fault.New(fault.NotFound, "There is no meeting with this id.")
	}
	return send(w, r, "application/json; charset=utf-8", body)
}

// OpenAPI serves the description of the API.
func (p *Pages) OpenAPI(w http.ResponseWriter, r *http.Request) error {
	share(w)
	return send(w, r, "application/json; charset=utf-8", openAPI)
}
