package meeting

import (
	"encoding/json"
	"net/http"
	"strconv"

	"hearth/internal/fault"
	"hearth/internal/meeting"
	"hearth/internal/meeting/welcome"
	"hearth/internal/web/page"
)

// maxPoints is how many meetings one map shows; it says how many it leaves out.
const maxPoints = 5000

// MapPoints answers GET /map.geojson: the meetings of the same filter as points. Whatever has no exact
// place has no point.
func (p *Pages) MapPoints(w http.ResponseWriter, r *http.Request) error {
	now, dir := p.now(), p.meetings.Directory()
	key, worth := p.maps.keyOf(r), false
	if key != "" {
		var body []byte
		if body, worth = p.maps.get(key, dir, now); body != nil {
			sendPoints(w, body)
			return nil
		}
	}
	f, err := dir.ParseForm(r.URL.Query(), p.places)
	if problem := fault.As(err); problem != nil {
		return problem
	} else if err != nil {
		return err
	}
	t := page.T(r)
	out := make([]byte, 0, 32<<10)
	out = append(out, `{"type":"FeatureCollection","features":[`...)
	n := 0
	total := dir.FindPlaced(f, now, p.points, func(h *meeting.Hit) {
		if n > 0 {
			out = append(out, ',')
		}
		n++
		out = append(out, `{"type":"Feature","geometry":{"type":"Point","coordinates":[`...)
		out = strconv.AppendFloat(out, h.Lng, 'f', 5, 64)
		out = append(out, ',')
		out = strconv.AppendFloat(out, h.Lat, 'f', 5, 64)
		out = append(out, `]},"properties":{"id":`...)
		out = appendString(out, h.ID)
		out = append(out, `,"name":`...)
		out = appendString(out, h.Name)
		out = append(out, `,"answer":"`...)
		out = append(out, h.Welcome[welcome.Speak].Answer.String()...)
		out = append(out, `","time":`...)
		out = appendString(out, t.WeekdayShort(int(h.Day))+" "+h.Start.String())
		out = append(out, `,"href":`...)
		out = appendString(out, "/m/"+h.ID)
		out = append(out, "}}"...)
	})
	out = append(out, ']')
	if left := total - n; left > 0 {
		out = append(out, `,"left_out":`...)
		out = strconv.AppendInt(out, int64(left), 10)
	}
	out = append(out, '}')
	if worth {
		p.maps.keep(key, dir, now, out)
	}
	sendPoints(w, out)
	return nil
}

func sendPoints(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/geo+json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // the reader may have left
}

func appendString(dst []byte, s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		return append(dst, `""`...) // a string cannot fail
	}
	return append(dst, b...)
}
