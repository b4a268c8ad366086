package open

import (
	_ "embed"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"hearth/internal/fault"
	"hearth/internal/meeting"
)

// apiLimit is how many meetings the API gives when nobody says how many.
const apiLimit = 100

// mostAtOnce is how many it gives at most: an answer is made in memory, and anybody may ask.
const mostAtOnce = 1000

//go:embed openapi.json
var openAPI []byte

var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// API answers GET /api/v1/meetings: the finder's filters, the meetings as JSON.
func (p *Pages) API(w http.ResponseWriter, r *http.Request) error {
	share(w)
	f, err := p.asked(r.URL.Query(), meeting.FilterParams())
	if err != nil {
		return err
	}
	switch {
	case f.Limit == 0:
		f.Limit = apiLimit
	case f.Limit > mostAtOnce:
		return fault.New(fault.Invalid, "At most 1000 meetings at once. Whoever wants all of them reads /feeds/meetings.json.").With("limit", "Please give a whole number from %d to %d.", 1, mostAtOnce)
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

// asked reads a filter for a program. A parameter with a name that is not known is refused: a program that
// has mistyped one must not believe that it has filtered.
func (p *Pages) asked(q url.Values, names []string) (meeting.Filter, error) {
	var faults fault.Fields
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if name != "lang" && !slices.Contains(names, name) {
			faults.Add(name, "There is no such parameter here. There are: %s.", strings.Join(names, ", "))
		}
	}
	if err := faults.Err(); err != nil {
		return meeting.Filter{}, err
	}
	return p.o.Meetings.Directory().ParseFilter(q, p.o.Places)
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
