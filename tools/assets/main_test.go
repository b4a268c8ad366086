package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is committed is what the sources give.
func TestCommittedAssetsAreCurrent(t *testing.T) {
	if err := run("../../internal/web/ui", true, false, io.Discard); err != nil {
		t.Error(err)
	}
}

func TestBuildsNamesAndChecks(t *testing.T) {
	ui := t.TempDir()
	put := func(name, content string) {
		t.Helper()
		file := filepath.Join(ui, "assets", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("fonts/a.woff2", "font")
	put("files/map/states.json", `{"states":[]}`)
	put("page.css", `@font-face { font-family: A; src: url("asset:a.woff2"); } p { & b { color: red } }`)
	put("page.js", `import url from "asset:map/states.json"; import "./js/other.js"; console.log(url);`)
	put("js/other.js", `console.log("other");`)
	if err := run(ui, false, false, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run(ui, true, false, io.Discard); err != nil {
		t.Errorf("just written, and not current: %v", err)
	}
	files, err := present(filepath.Join(ui, "dist"))
	if err != nil {
		t.Fatal(err)
	}
	var css, js string
	for name, content := range files {
		switch {
		case strings.HasSuffix(name, ".css"):
			css = string(content)
		case strings.HasSuffix(name, ".js"):
			js = string(content)
		}
	}
	if !strings.Contains(css, `url(/assets/a.`) || strings.Contains(css, "&") {
		t.Errorf("the style became %s", css)
	}
	if !strings.Contains(js, "/assets/map/states.") || !strings.Contains(js, "other") {
		t.Errorf("the module became %s", js)
	}
	put("page.css", `p { color: blue }`)
	if err := run(ui, true, false, io.Discard); err == nil || !strings.Contains(err.Error(), "page.") {
		t.Errorf("a stale file was not named: %v", err)
	}
	put("page.css", `p { color: blue } } b { color: red }`)
	if err := run(ui, false, false, io.Discard); err == nil {
		t.Error("a brace too many was not noticed")
	}
	put("page.css", `p { src: url("asset:gone.woff2") }`)
	if err := run(ui, false, false, io.Discard); err == nil {
		t.Error("a missing file was not noticed")
	}
}
