package ui

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	qrcode "github.com/skip2/go-qrcode"
)

// QR is a QR code as an SVG drawing. It is drawn here, because asking a service for one would tell it
// who looks at which meeting, or who was invited.
type QR struct {
	size int    // modules along a side, with the quiet zone
	path string // one run of dark modules after another
}

// NewQR draws a text. It fails when the text is too long for any code.
func NewQR(text string) (QR, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return QR{}, fmt.Errorf("qr: %w", err)
	}
	bits := code.Bitmap()
	var b strings.Builder
	for y, row := range bits {
		for x := 0; x < len(row); {
			if !row[x] {
				x++
				continue
			}
			from := x
			for x < len(row) && row[x] {
				x++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
		}
	}
	return QR{size: len(bits), path: b.String()}, nil
}

// Render writes the drawing. It says nothing to a screen reader: the address stands beside it.
func (q QR) Render(_ context.Context, w io.Writer) error {
	n := strconv.Itoa(q.size)
	_, err := io.WriteString(w, `<svg class="qr" viewBox="0 0 `+n+` `+n+`" shape-rendering="crispEdges" aria-hidden="true"><rect width="`+n+`" height="`+n+`" fill="#fff"/><path d="`+q.path+`" fill="#000"/></svg>`)
	return err
}
