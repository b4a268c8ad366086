package ui

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

//go:embed assets/icons/*.svg
var iconFiles embed.FS

// icons holds the drawing of each Lucide icon: what stands between <svg> and </svg>.
var icons = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	files, err := fs.Glob(iconFiles, "assets/icons/*.svg")
	if err != nil {
		panic(err)
	}
	for _, name := range files {
		b, err := iconFiles.ReadFile(name)
		if err != nil {
			panic(err)
		}
		svg := string(b)
		_, svg, _ = strings.Cut(svg, "<svg")
		_, inner, ok := strings.Cut(svg, ">")
		if !ok || !strings.Contains(inner, "</svg>") {
			panic(fmt.Sprintf("%s is not a drawing", name))
		}
		inner = strings.TrimSuffix(strings.TrimSpace(inner), "</svg>")
		key := strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], ".svg")
		all[key] = strings.ReplaceAll(strings.Join(strings.Fields(inner), " "), "> <", "><")
	}
	return all
})

// HasIcon tells whether there is an icon of that name.
func HasIcon(name string) bool {
	_, ok := icons()[name]
	return ok
}
