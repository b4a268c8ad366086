package ui

import (
	"strconv"
	"strings"

	"hearth/internal/fault"
)

// BarData is an interval on the scale from never to every time. Mean, Low and High lie between 0 and 1.
type BarData struct {
	Answer          string // yes, depends, no or unknown: gives the colour
	Mean, Low, High float64
	Known           bool   // false draws the dotted line of "nobody has told us"
	Label           string // what the drawing says, in words
}

// percent places a share on the bar, leaving room for the dot at both ends.
func percent(share float64) string {
	share = min(max(share, 0), 1)
	return strconv.FormatFloat(3+94*share, 'f', 1, 64) + "%"
}

// ChipData is a filter as a link.
type ChipData struct {
	Label string
	Href  string
	On    bool
	Count int    // shown when above zero
	Icon  string // a chip that is on shows a check mark where it has none
}

// ButtonData is a button, or a link that looks like one when Href is set.
type ButtonData struct {
	Label string
	Kind  string // primary (one on a page), plain, danger; "" is the ordinary one
	Large bool
	Wide  bool // as wide as its column, its words at the start
	Icon  string
	Href  string
	Name  string // of a submit button
	Value string
	Type  string // submit unless set
	ID    string
	Print bool // pressing it prints the page; hidden where no script runs
	Share bool // pressing it shares Value (an address) or copies it; hidden where no script runs
	Said  string
}

func (b ButtonData) class() string {
	c := "button"
	for _, k := range []string{b.Kind, when(b.Large, "large"), when(b.Wide, "wide")} {
		if k != "" {
			c += " button-" + k
		}
	}
	return c
}

func (b ButtonData) kind() string {
	if b.Print || b.Share {
		return "button"
	}
	if b.Type != "" {
		return b.Type
	}
	return "submit"
}

func when(yes bool, word string) string {
	if yes {
		return word
	}
	return ""
}

// FieldData is one field of a form with its label, hint and error.
type FieldData struct {
	T            T
	Name         string
	ID           string // FieldID(Name) unless set
	Label        string
	Hint         string
	Value        string
	Error        string
	Type         string // text unless set
	Rows         int    // above zero: a text area
	Options      []Option
	Optional     bool // says so beside the label
	Required     bool
	Autocomplete string
	InputMode    string
	Placeholder  string
	MaxLength    int
	Narrow       bool // for a time, a number, a ZIP
	LabelHidden  bool
}

// Option is one line of a select.
type Option struct {
	Value, Label string
}

func (f FieldData) id() string {
	if f.ID != "" {
		return f.ID
	}
	return FieldID(f.Name)
}

func (f FieldData) kind() string {
	if f.Type != "" {
		return f.Type
	}
	return "text"
}

func (f FieldData) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.id()+"-error")
	}
	return strings.Join(ids, " ")
}

// ChoicesData is a question answered by pressing one of a few large choices, or several.
type ChoicesData struct {
	T        T
	Name     string
	Legend   string
	Hint     string
	Error    string
	Several  bool   // check boxes instead of radios
	Shape    string // "two" columns, "row" of short ones, "" one column
	Optional bool
	Choices  []Choice
}

// Choice is one of them. Answer gives it a welcome shape: yes, depends, no, unknown.
type Choice struct {
	Value   string
	Label   string
	Hint    string
	Answer  string
	Checked bool
}

func (c ChoicesData) describedBy() string {
	if c.Error != "" {
		return FieldID(c.Name) + "-error"
	}
	return ""
}

func (c ChoicesData) id(i int) string {
	if i == 0 {
		return FieldID(c.Name) // what an error summary links to
	}
	return FieldID(c.Name) + "-" + strconv.Itoa(i)
}

// Fact is one line of a list of facts: an icon, what it is, and more about it.
type Fact struct {
	Icon string
	Term string
	More string
	Own  bool // Term and More are people's own words or values, not the catalogue's
	Href string
}

// EmptyData says what will be here and gives the first action.
type EmptyData struct {
	Title  string
	More   string
	Action ButtonData // none without a label
}

// PagerData is the way through a long list.
type PagerData struct {
	T          T
	Prev, Next string // addresses; "" where there is none
	From, To   int
	Total      int
}

// RightData is one row of the welcome card.
type RightData struct {
	Icon      string
	Name      string
	Answer    string // yes, depends, no, unknown
	How       string // how we know
	Bar       BarData
	Got, Need int // reports we have and need, drawn as pips while Need is above Got
}

// WelcomeData is the welcome card.
type WelcomeData struct {
	T        T
	Title    string // "Welcome card" unless set
	AsOf     string
	Sentence string
	Rights   []RightData
	Foot     string // "" is the ordinary explanation
}

// AnswerWord is the word of an answer.
func AnswerWord(t T, answer string) string {
	switch answer {
	case "yes":
		return t.S("Yes")
	case "depends":
		return t.S("Depends")
	case "no":
		return t.S("No")
	}
	return t.S("Not known")
}

// RightWord names a right by its code.
func RightWord(t T, right string) string {
	switch right {
	case "attend":
		return t.S("Attend")
	case "speak":
		return t.S("Speak")
	case "lead":
		return t.S("Lead the meeting")
	case "serve":
		return t.S("Serve")
	case "sponsor":
		return t.S("Have a sponsor")
	case "be_sponsor":
		return t.S("Be a sponsor")
	}
	return t.S("Have one’s time counted")
}

// answerClass keeps unknown words from becoming class names.
func answerClass(answer string) string {
	switch answer {
	case "yes", "depends", "no":
		return answer
	}
	return "unknown"
}

func fieldMessage(t T, f fault.Field) string { return t.S(f.Message, f.Args...) }

func pipsBox(need int) string { return "0 0 " + strconv.Itoa(12*need) + " 12" }

func pipAt(i int) string { return strconv.Itoa(12*i + 6) }

// Hidden is a value that a form carries along.
type Hidden struct {
	Name, Value string
}
