package geo_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hearth/internal/geo"
)

// Thousands of real meetings say which state they are in. Some of them are wrong, but few.
func TestAreaAgreesWithRealFeeds(t *testing.T) {
	shared := os.Getenv("HEARTH_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	files, err := filepath.Glob(filepath.Join(shared, "data", "feeds", "bmlt", "ny-GetSearchResults.json"))
	if err != nil || len(files) == 0 {
		t.Skip("HEARTH_SHARED absent")
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Latitude  json.Number `json:"latitude"`
		Longitude json.Number `json:"longitude"`
		State     string      `json:"location_province"`
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	asked, wrong := 0, 0
	for _, r := range rows {
		lat, err1 := r.Latitude.Float64()
		lng, err2 := r.Longitude.Float64()
		state := strings.ToUpper(strings.TrimSpace(r.State))
		if err1 != nil || err2 != nil || lat == 0 || len(state) != 2 || geo.World().StateName("US", state, "en") == "" {
			continue
		}
		asked++
		if got := geo.World().Area(lat, lng); got != "US-"+state {
			wrong++
			t.Logf("%v,%v says %s, is in %s", lat, lng, state, got)
		}
	}
	if asked < 1000 || wrong*200 > asked {
		t.Errorf("%d of %d disagree", wrong, asked)
	}
}
