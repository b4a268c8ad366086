package meeting

import (
	_ "embed"
	"encoding/json"

	"hearth/internal/meeting/welcome"
)

// Position is what a fellowship has written about people on medication, in our words. It stands for the
// fellowship's document, not for any of its meetings, which differ much from each other: it is shown as
// weak evidence and never decides an answer.
type Position struct {
	Fellowship string          `json:"fellowship"`
	Document   string          `json:"document"`
	By         string          `json:"by"`
	Year       int             `json:"year"` // 0 where the document bears none
	Link       string          `json:"link"` // "" where the document has no address to lead people to
	Answers    welcome.Answers `json:"answers"`
	Words      string          `json:"words"`
	WordsES    string          `json:"words_es"`
}

//go:embed positions.json
var positionFile []byte

// positions holds the file by fellowship, newest document first. It holds only what was seen in a source.
var positions = func() map[string][]Position {
	var file struct{ Positions []Position }
	if err := json.Unmarshal(positionFile, &file); err != nil {
		panic(err) // the file is part of the program
	}
	m := map[string][]Position{}
	for _, p := range file.Positions {
		m[p.Fellowship] = append(m[p.Fellowship], p)
	}
	return m
}()

// Positions returns what the fellowship has written, as far as we have seen it.
func Positions(fellowship string) []Position {
	return append([]Position(nil), positions[fellowship]...)
}

// positionOf joins a fellowship's documents: for each right the answer of the first that gives one.
func positionOf(fellowship string) welcome.Answers {
	var out welcome.Answers
	for _, p := range positions[fellowship] {
		for r, a := range p.Answers {
			if out[r] == welcome.Unknown {
				out[r] = a
			}
		}
	}
	return out
}
