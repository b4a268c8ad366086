package doctor

import "fmt"

// State says how bad it is.
type State string

// The states, from good to bad.
const (
	OK   State = "ok"
	Warn State = "warn"
	Bad  State = "bad"
)

// Finding is one thing that was looked at. Said and Mend are English formats, and the keys of translations.
type Finding struct {
	Name    string // of the check, for programs
	State   State
	Said    string
	Args    []any
	How     string // to mend it; "" where nothing is to be mended
	HowArgs []any
}

// Report is everything that was looked at.
type Report []*Finding

// Add notes that something is as it should be; Mend then says otherwise.
func (r *Report) Add(name, said string, args ...any) *Finding {
	f := &Finding{Name: name, State: OK, Said: said, Args: args}
	*r = append(*r, f)
	return f
}

// Mend says how bad it is, and how to mend it.
func (f *Finding) Mend(state State, how string, args ...any) {
	f.State, f.How, f.HowArgs = state, how, args
}

// Bad tells whether something must be mended.
func (r Report) Bad() bool {
	for _, f := range r {
		if f.State == Bad {
			return true
		}
	}
	return false
}

// Text is a finding in English, for a terminal.
func (f *Finding) Text() (said, how string) {
	return fmt.Sprintf(f.Said, f.Args...), fmt.Sprintf(f.How, f.HowArgs...)
}
