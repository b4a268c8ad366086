// Command screens draws the README's pictures anew from the demo.
//
// It must never show anything that is not invented.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"hearth/internal/app"
	"hearth/test/browser"
)

// evening is when the pictures are taken: Tuesday 19 May 2026, 18:35 in the demo's town.
var evening = time.Date(2026, 5, 19, 22, 35, 0, 0, time.UTC)

func main() {
	out := flag.String("out", "docs/screens", "folder for the pictures")
	flag.Parse()
	if err := draw(*out); err != nil {
		fmt.Fprintln(os.Stderr, "screens:", err)
		os.Exit(1)
	}
}

func draw(out string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	demo, stop := context.WithCancel(ctx)
	listening, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- app.Run(demo, []string{"demo", "--addr", "127.0.0.1:0"}, app.Outside{
			Env: os.LookupEnv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
			Now: func() time.Time { return evening }, Listening: func(a string) { listening <- a },
		})
	}()
	defer func() { stop(); <-ended }()
	var base string
	select {
	case addr := <-listening:
		base = "http://" + addr
	case err := <-ended:
		return err
	}
	w, end, err := browser.Open(ctx, base)
	if err != nil {
		return err
	}
	defer end()
	const find = "/?q=Millbrook&within=10&when=tonight"
	for _, p := range []struct {
		name, path string
		look       browser.Look
	}{
		{"finder", find + "&may=speak", browser.Look{Width: 1280, Height: 900}},
		{"phone-dark", find, browser.Look{Width: 360, Height: 800, Dark: true}},
	} {
		if err := shoot(w, out, p.name, p.path, p.look); err != nil {
			return err
		}
	}
	if err := w.Go(find + "&may=speak"); err != nil {
		return err
	}
	first, err := browser.Eval[string](w, `document.querySelector('a[href^="/m/"]').getAttribute('href')`)
	if err != nil {
		return fmt.Errorf("no meeting in the finder: %w", err)
	}
	if err := shoot(w, out, "meeting", first, browser.Look{Width: 1280, Height: 900}); err != nil {
		return err
	}
	return printed(ctx, base, out)
}

func shoot(w *browser.Window, out, name, path string, look browser.Look) error {
	if err := w.As(look); err != nil {
		return err
	}
	if err := w.Go(path); err != nil {
		return err
	}
	png, err := w.Shot(false)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, name+".png"), png, 0o644)
}

// printed draws a sheet of the booklet through pdftoppm, from the system's poppler-utils.
func printed(ctx context.Context, base, out string) error {
	pdf := filepath.Join(os.TempDir(), "hearth-booklet.pdf")
	defer os.Remove(pdf)
	for _, c := range [][]string{
		{"curl", "-sSf", "-o", pdf, base + "/booklet.pdf?q=Millbrook&within=10"},
		{"pdftoppm", "-png", "-r", "90", "-f", "2", "-l", "2", "-singlefile", pdf, filepath.Join(out, "printed")},
	} {
		cmd := exec.CommandContext(ctx, c[0], c[1:]...)
		if b, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", c[0], err, strings.TrimSpace(string(b)))
		}
	}
	return nil
}
