// Package tsml owns what the WordPress plugin 12 Step Meeting List gives away: its CSV, and its JSON, which
// is the Meeting Guide's with more keys.
//
// It is a codec: bytes to meeting's own types. It must never read a file, a network or a clock, and never
// put one row's text on another row's place or group, as the plugin does.
package tsml

import (
	"bytes"
	"strings"

	"hearth/internal/meeting"
	"hearth/internal/wire/meetingguide"
	"hearth/internal/wire/sheet"
)

// Decode reads either. It is a meeting.Decoder.
func Decode(payload []byte, feed meeting.FeedContext) (*meeting.Batch, error) {
	text := bytes.TrimLeft(bytes.TrimPrefix(payload, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) > 0 && (text[0] == '[' || text[0] == '{') {
		return meetingguide.Decode(payload, feed)
	}
	return sheet.Table(payload, feed, amend)
}

// amend follows the plugin's import: what stands behind an @ in an address is a remark ("12 Elm St @ 3rd
// Ave"), and a meeting that is both open and closed is closed.
func amend(key, cell string) string {
	switch key {
	case "address", "formatted_address":
		// The plugin cuts all that follows; the town behind the next comma is worth keeping.
		if before, after, ok := strings.Cut(cell, "@"); ok && strings.TrimSpace(before) != "" {
			if at := strings.IndexByte(after, ','); at >= 0 {
				return strings.TrimSpace(before) + after[at:]
			}
			return strings.TrimSpace(before)
		}
	case "types":
		return onlyClosed(cell)
	}
	return cell
}

func onlyClosed(cell string) string {
	var kept []string
	closed := false
	for part := range strings.SplitSeq(cell, ",") {
		part = strings.TrimSpace(part)
		closed = closed || strings.EqualFold(part, "closed") || part == "C"
		kept = append(kept, part)
	}
	if !closed {
		return cell
	}
	out := kept[:0]
	for _, part := range kept {
		if !strings.EqualFold(part, "open") && part != "O" {
			out = append(out, part)
		}
	}
	return strings.Join(out, ", ")
}
