// Assets builds what browsers are sent: it bundles and minifies the styles and modules of
// internal/web/ui/assets, gives every file a name with a hash of its content, and writes compressed forms
// beside the texts. What it writes is committed, so that nobody who builds Hearth needs it.
//
//	go run ./tools/assets          writes internal/web/ui/dist
//	go run ./tools/assets -check   fails when what is there is not what would be written
//
// What becomes an asset: each *.css and *.js directly in assets (with everything they import, from css/,
// js/ and vendor/), each file of fonts/, and everything below files/, under its path there. A style names
// a font or a file by url(asset:NAME); a module gets the address of one by import url from "asset:NAME".
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	check := flag.Bool("check", false, "fail when the written files are not current")
	root := flag.String("ui", "internal/web/ui", "the folder that holds assets and dist")
	sizes := flag.Bool("sizes", false, "print what each asset weighs")
	flag.Parse()
	if err := run(*root, *check, *sizes, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run(root string, check, sizes bool, out io.Writer) error {
	target := filepath.Join(root, "dist")
	old, err := present(target)
	if err != nil {
		return err
	}
	b := &build{source: filepath.Join(root, "assets"), old: old, files: map[string][]byte{}, manifest: map[string]string{}}
	if err := b.static(); err != nil {
		return err
	}
	if err := b.bundle(); err != nil {
		return err
	}
	m, err := json.MarshalIndent(b.manifest, "", "  ") // keys come out sorted
	if err != nil {
		return err
	}
	b.files["manifest.json"] = append(m, '\n')
	if sizes {
		b.sizes(out)
	}
	if check {
		return b.compare(target)
	}
	return b.write(target)
}

// build is the files to be written, by their path in dist, and the names that stand for them.
type build struct {
	source   string
	old      map[string][]byte // what dist holds now
	files    map[string][]byte
	manifest map[string]string
}

// compressible are the texts that get a .br and a .gz beside them; woff2 and png are compressed already.
var compressible = map[string]bool{".css": true, ".js": true, ".mjs": true, ".json": true, ".geojson": true, ".svg": true, ".txt": true, ".pbf": true}

// add names a file by its content and makes its compressed forms.
func (b *build) add(name string, content []byte) error {
	if _, ok := b.manifest[name]; ok {
		return fmt.Errorf("two assets are called %s", name)
	}
	sum := sha256.Sum256(content)
	hash := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:10]
	ext := path.Ext(name)
	file := strings.TrimSuffix(name, ext) + "." + hash + ext
	b.manifest[name], b.files[file] = file, content
	if !compressible[ext] {
		return nil
	}
	br, err := b.packed(file+".br", content, brotliPack, brotliUnpack)
	if err != nil {
		return err
	}
	gz, err := b.packed(file+".gz", content, gzipPack, gzipUnpack)
	if err != nil {
		return err
	}
	b.files[file+".br"], b.files[file+".gz"] = br, gz
	return nil
}

// packed returns the compressed form of a content: the one that is there when it unpacks to the same,
// since packing a large file takes seconds, or a new one.
func (b *build) packed(file string, content []byte, pack func(io.Writer) (io.WriteCloser, error), unpack func(io.Reader) (io.Reader, error)) ([]byte, error) {
	if old, ok := b.old[file]; ok {
		if r, err := unpack(bytes.NewReader(old)); err == nil {
			if was, err := io.ReadAll(r); err == nil && bytes.Equal(was, content) {
				return old, nil
			}
		}
	}
	var out bytes.Buffer
	w, err := pack(&out)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func brotliPack(w io.Writer) (io.WriteCloser, error) {
	return brotli.NewWriterLevel(w, brotli.BestCompression), nil
}
func brotliUnpack(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }

func gzipPack(w io.Writer) (io.WriteCloser, error) {
	return gzip.NewWriterLevel(w, gzip.BestCompression)
}
func gzipUnpack(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }

// static takes what is served as it stands: fonts by their own name, files by their path.
func (b *build) static() error {
	for _, folder := range []string{"fonts", "files"} {
		base := filepath.Join(b.source, folder)
		err := filepath.WalkDir(base, func(p string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && p == base {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			if ext := filepath.Ext(p); ext == "" || ext == ".md" { // licences and notes stay here
				return nil
			}
			content, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(base, p)
			if err != nil {
				return err
			}
			return b.add(filepath.ToSlash(name), content)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// browsers are the oldest that the pages are built for: phones of 2022.
var browsers = []api.Engine{
	{Name: api.EngineChrome, Version: "100"},
	{Name: api.EngineFirefox, Version: "100"},
	{Name: api.EngineSafari, Version: "15.4"},
}

// bundle makes one file of each style and module directly in assets.
func (b *build) bundle() error {
	var entries []string
	for _, pattern := range []string{"*.css", "*.js"} {
		found, err := filepath.Glob(filepath.Join(b.source, pattern))
		if err != nil {
			return err
		}
		entries = append(entries, found...)
	}
	sort.Strings(entries)
	for _, entry := range entries {
		abs, err := filepath.Abs(entry)
		if err != nil {
			return err
		}
		result := api.Build(api.BuildOptions{
			EntryPoints:       []string{abs},
			Bundle:            true,
			Write:             false,
			Outfile:           "out" + filepath.Ext(entry),
			MinifyWhitespace:  true,
			MinifyIdentifiers: true,
			MinifySyntax:      true,
			Format:            api.FormatESModule,
			Engines:           browsers,
			Charset:           api.CharsetUTF8,
			LegalComments:     api.LegalCommentsNone, // they stand in docs/dependencies.md
			Plugins:           []api.Plugin{b.addresses()},
			LogLevel:          api.LogLevelSilent,
		})
		// A brace too many in a style is only a warning, and takes the rest of the file with it.
		if problems := append(result.Errors, result.Warnings...); len(problems) > 0 {
			text := api.FormatMessages(problems, api.FormatMessagesOptions{Kind: api.ErrorMessage})
			return fmt.Errorf("%s does not build:\n%s", entry, strings.TrimSpace(strings.Join(text, "")))
		}
		if len(result.OutputFiles) != 1 {
			return fmt.Errorf("%s became %d files; name its static files by asset:NAME", entry, len(result.OutputFiles))
		}
		if err := b.add(filepath.Base(entry), result.OutputFiles[0].Contents); err != nil {
			return err
		}
	}
	return nil
}

// addresses turns asset:NAME into the address under which that file is served.
func (b *build) addresses() api.Plugin {
	return api.Plugin{Name: "asset", Setup: func(p api.PluginBuild) {
		p.OnResolve(api.OnResolveOptions{Filter: "^asset:"}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			file, ok := b.manifest[strings.TrimPrefix(a.Path, "asset:")]
			if !ok {
				return api.OnResolveResult{}, fmt.Errorf("there is no file %s", a.Path)
			}
			if a.Kind == api.ResolveCSSURLToken {
				return api.OnResolveResult{Path: "/assets/" + file, External: true}, nil
			}
			return api.OnResolveResult{Path: "/assets/" + file, Namespace: "address"}, nil
		})
		p.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "address"}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			text := fmt.Sprintf("export default %q", a.Path)
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
		})
	}}
}

// write makes dist hold exactly the files of the build.
func (b *build) write(target string) error {
	for name := range b.old {
		if _, ok := b.files[name]; !ok {
			if err := os.Remove(filepath.Join(target, name)); err != nil {
				return err
			}
		}
	}
	for name, content := range b.files {
		if bytes.Equal(b.old[name], content) {
			continue
		}
		file := filepath.Join(target, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compare says which files are not current.
func (b *build) compare(target string) error {
	var stale []string
	for name, content := range b.files {
		if !bytes.Equal(b.old[name], content) {
			stale = append(stale, name)
		}
	}
	for name := range b.old {
		if _, ok := b.files[name]; !ok {
			stale = append(stale, name+" (no longer made)")
		}
	}
	if len(stale) == 0 {
		return nil
	}
	sort.Strings(stale)
	return fmt.Errorf("not current in %s; run go run ./tools/assets and commit:\n  %s", target, strings.Join(stale, "\n  "))
}

// present reads what is in dist now.
func present(target string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(target, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && p == target {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(target, p)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(p)
		return err
	})
	return files, err
}

func (b *build) sizes(out io.Writer) {
	var names []string
	for name := range b.manifest {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		file := b.manifest[name]
		wire := len(b.files[file])
		if br, ok := b.files[file+".br"]; ok {
			wire = len(br)
		}
		fmt.Fprintf(out, "%8d %8d  %s\n", len(b.files[file]), wire, name)
	}
}
