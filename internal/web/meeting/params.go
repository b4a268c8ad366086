package meeting

import (
	"net/url"
	"slices"
	"strings"
)

// params are the parameters of a filter in their order, from which a page makes some forty links. Each
// link changes one of them, so the rest is kept encoded.
type params []param

type param struct{ name, value, encoded string }

func newParam(name, value string) param {
	return param{name, value, name + "=" + encode(value)}
}

// encode escapes a value; commas stay, which are ours and read better so.
func encode(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "%2C", ",") }

// newParams takes the parameters of v, sorted by name; paging is left out, because a link that changes
// the filter starts at the first page.
func newParams(v url.Values) params {
	p := make(params, 0, len(v))
	for name, values := range v {
		if name == "limit" || name == "offset" || len(values) == 0 {
			continue
		}
		p = append(p, newParam(name, values[0]))
	}
	slices.SortFunc(p, func(a, b param) int { return strings.Compare(a.name, b.name) })
	return p
}

// get returns a parameter's value, "" where it is not given.
func (p params) get(name string) string {
	for i := range p {
		if p[i].name == name {
			return p[i].value
		}
	}
	return ""
}

// link returns path with all parameters, and one of them changed: value "" takes it out.
func (p params) link(path, name, value string) string {
	b := make([]byte, 0, 128)
	b = append(b, path...)
	sep := byte('?')
	for i := range p {
		if p[i].name != name {
			b = append(append(b, sep), p[i].encoded...)
			sep = '&'
		}
	}
	if value != "" {
		b = append(append(append(append(b, sep), name...), '='), encode(value)...)
	}
	return string(b)
}

// without returns the parameters less the named ones.
func (p params) without(names ...string) params {
	out := make(params, 0, len(p))
	for _, q := range p {
		if !slices.Contains(names, q.name) {
			out = append(out, q)
		}
	}
	return out
}

// toggle returns the link that adds value to a comma-separated parameter or takes it out, and whether it
// is in now.
func (p params) toggle(path, name, value string) (href string, on bool) {
	var values []string
	if have := p.get(name); have != "" {
		values = strings.Split(have, ",")
	}
	if i := slices.Index(values, value); i >= 0 {
		return p.link(path, name, strings.Join(slices.Delete(values, i, i+1), ",")), true
	}
	return p.link(path, name, strings.Join(append(values, value), ",")), false
}

// choose returns the link that makes value the only one of its parameter, or, where it is that already,
// takes the parameter out.
func (p params) choose(path, name, value string) (href string, on bool) {
	if p.get(name) == value {
		return p.link(path, name, ""), true
	}
	return p.link(path, name, value), false
}
