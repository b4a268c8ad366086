// Package uitest helps tests to look at pages: which words on them bypass the catalogue.
//
// It must never be imported by anything but tests.
package uitest

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// spokenAttributes are the attributes that people read or hear.
var spokenAttributes = map[string]bool{"aria-label": true, "title": true, "placeholder": true, "alt": true, "content": false, "data-said": true, "data-looking": true, "data-denied": true, "data-failed": true}

// Unwrapped lists the words of a page in the pseudo language en-XA that are not inside its marks ⟦ ⟧:
// texts and spoken attributes that did not come from the catalogue. What stands in an element with
// data-own is people's own words and is left alone, as are numbers, times and punctuation.
func Unwrapped(page string) []string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	var walk func(n *html.Node, own bool)
	walk = func(n *html.Node, own bool) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "script", "style", "head", "template", "noscript":
				return
			}
			for _, a := range n.Attr {
				if a.Key == "data-own" || a.Key == "class" && strings.Contains(" "+a.Val+" ", " data-own ") {
					own = true
				}
			}
			for _, a := range n.Attr {
				if words := outside(a.Val); spokenAttributes[a.Key] && !own && words != "" {
					found = append(found, fmt.Sprintf("<%s %s=%q>: %s", n.Data, a.Key, a.Val, words))
				}
			}
		}
		if n.Type == html.TextNode && !own {
			if words := outside(n.Data); words != "" {
				found = append(found, fmt.Sprintf("in <%s>: %s", n.Parent.Data, words))
			}
		}
		// What a person typed stays theirs: the text of a text area is not ours.
		own = own || n.Type == html.ElementNode && n.Data == "textarea"
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, own)
		}
	}
	walk(root, false)
	return found
}

// outside returns the part of s that stands outside the marks, when it holds a letter.
func outside(s string) string {
	var b strings.Builder
	depth, letters := 0, false
	for _, r := range s {
		switch r {
		case '⟦':
			depth++
		case '⟧':
			depth--
		default:
			if depth == 0 {
				b.WriteRune(r)
				letters = letters || unicode.IsLetter(r)
			}
		}
	}
	if !letters {
		return ""
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
