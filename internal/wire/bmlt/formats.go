package bmlt

import (
	"fmt"
	"slices"
	"strings"

	"hearth/internal/meeting"
	"hearth/internal/wire/rowjson"
)

// format is what a payload says about a format id.
type format struct {
	keys []string // in every language that came
	code string   // class by world id in the codes of NA's lists; "" where it has none
}

// classes are the world ids whose code in the lists of NA is another. All others are their own code.
var classes = map[string]string{"OPEN": "O", "CLOSED": "C", "WCHR": "X", "HYBR": "HY"}

// readFormats reads the definitions: one row per language and id, or one object per id with translations.
// nil means that the payload defines none.
func readFormats(list rowjson.Value) map[string]format {
	if list.Kind() != '[' {
		return nil
	}
	defs := make(map[string]format, 64)
	for v := range list.Elements() {
		id := v.Get("id").Text()
		if id == "" {
			continue
		}
		f := defs[id]
		world := strings.ToUpper(strings.TrimSpace(firstText(v, "world_id", "worldId")))
		keys := []string{v.Get("key_string").Text()}
		names := []string{v.Get("name_string").Text()}
		for t := range v.Get("translations").Elements() {
			keys = append(keys, t.Get("key").Text())
			names = append(names, t.Get("name").Text())
		}
		for _, k := range keys {
			if k != "" && !slices.Contains(f.keys, k) {
				f.keys = append(f.keys, k)
			}
		}
		if f.code == "" && world != "" {
			f.code = world
			if c, ok := classes[world]; ok {
				f.code = c
			}
			if world == "LANG" {
				f.code = ""
			}
		}
		// Servers tell languages apart only by their local keys and names. The kind is told by the class, and on
		// some rows (French at Berlin) only by the type.
		if f.code == "" && (world == "LANG" || v.Get("format_type_enum").Text() == "LANG" || v.Get("type").Text() == "LANGUAGE") {
			f.code = languageCode(keys, names)
		}
		defs[id] = f
	}
	return defs
}

func firstText(v rowjson.Value, keys ...string) string {
	for _, k := range keys {
		if s := v.Get(k).Text(); s != "" {
			return s
		}
	}
	return ""
}

// languageCode finds the language that a format's local keys and names mean, as the code of NA's lists.
func languageCode(keys, names []string) string {
	for _, list := range [][]string{keys, names} {
		for _, s := range list {
			s = strings.TrimSpace(s)
			if iso, ok := languages[strings.ToLower(s)]; ok {
				return strings.ToUpper(iso)
			}
			if langs := meeting.LanguagesOf("na", []string{strings.ToUpper(s)}); len(langs) == 1 {
				return strings.ToUpper(langs[0])
			}
			for _, word := range strings.Fields(s) {
				if c, ok := meeting.TypeCode("na", word); ok && len(meeting.LanguagesOf("na", []string{c})) == 1 && len(word) > 3 {
					return c
				}
			}
		}
	}
	return ""
}

// languages are local names of languages and codes of three letters that servers use.
var languages = map[string]string{
	"eng": "en", "english": "en", "englisch": "en", "anglais": "en", "engelska": "en",
	"spa": "es", "esp": "es", "espanol": "es", "español": "es", "spanisch": "es", "espagnol": "es",
	"fre": "fr", "fra": "fr", "français": "fr", "französisch": "fr", "ger": "de", "deu": "de", "deutsch": "de", "allemand": "de",
	"fin": "fi", "finnisch": "fi", "per": "fa", "fas": "fa", "farsi": "fa", "persisch": "fa", "rus": "ru", "russisch": "ru",
	"pol": "pl", "polnisch": "pl", "polski": "pl", "ita": "it", "italiano": "it", "italienisch": "it", "por": "pt", "português": "pt",
	"swe": "sv", "sve": "sv", "svenska": "sv", "dan": "da", "dansk": "da", "nor": "no", "norsk": "no", "ara": "ar", "heb": "he",
	"ukr": "uk", "ukrainisch": "uk", "jpn": "ja", "lit": "lt", "tur": "tr",
}

// types joins the row's formats on their ids and names them by class. A format without a class, and one
// that the payload does not define, keeps its local key.
func (r *row) types(in *meeting.Intake, formats map[string]format) []string {
	var keys []string
	for k := range strings.SplitSeq(r.get("formats"), ",") {
		if k = strings.TrimSpace(k); k != "" {
			keys = append(keys, k)
		}
	}
	if formats == nil {
		return keys
	}
	ids := r.ids
	if ids == nil {
		ids = strings.Split(r.get("format_shared_id_list"), ",")
	}
	var types []string
	for _, id := range ids {
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		f, ok := formats[id]
		if !ok {
			in.Warn(r.number, "format id", fmt.Sprintf("format id %.20s is not defined in the payload: its key is kept as it is", id))
			continue
		}
		switch {
		case f.code != "":
			types = append(types, f.code)
		case len(f.keys) > 0:
			types = append(types, f.keys[0])
		}
		for i, k := range keys {
			if slices.Contains(f.keys, k) {
				keys = slices.Delete(keys, i, i+1)
				break
			}
		}
	}
	return append(types, keys...) // what no id accounted for
}
