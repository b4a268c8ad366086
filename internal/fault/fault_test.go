package fault

import (
	"errors"
	"testing"
)

// A terminal shows the whole of an error in one line, which is one sentence.
func TestErrorIsOneSentence(t *testing.T) {
	for want, err := range map[string]*Error{
		"Nothing was removed.": New(Invalid, "Nothing was removed."),
		"Something here needs another look: day: Please choose a day; from: A time looks like 17:30.": New(Invalid, "Something here needs another look.").
			With("day", "Please choose a day.").With("from", "A time looks like %s.", "17:30"),
		"There is an account of this name already.":                 New(Conflict, "There is an account of this name already.").With("name", "There is an account of this name already."),
		"It is not read further: unpacks to far more than was sent": New(Invalid, "It is not read further.").Because(errors.New("unpacks to far more than was sent")),
	} {
		if got := err.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
