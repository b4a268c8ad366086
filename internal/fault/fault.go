// Package fault owns the errors that a person may read: their kinds, a text that is safe to show, and
// messages for the fields of a form.
//
// It must never know HTTP, a database or a language: web turns a kind into a status and a page, and the
// catalogue in web/ui turns a message into the reader's language.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of thing went wrong, in terms of what the person can do about it.
type Kind int

// The kinds. Anything that is not a *Error is unexpected: a plain 500 with a request id.
const (
	Invalid     Kind = iota + 1 // the input is wrong; Fields say where
	NotFound                    // it is not there, or it may not be known that it is
	Forbidden                   // this person may not do this
	Conflict                    // somebody or something got there first
	Gone                        // it was there and is no longer
	TooMany                     // too often, too much; later it may work
	Unavailable                 // a part of the outside world does not answer
)

var kindNames = [...]string{Invalid: "invalid", NotFound: "not found", Forbidden: "forbidden", Conflict: "conflict", Gone: "gone", TooMany: "too many", Unavailable: "unavailable"}

// String returns the kind's name for logs.
func (k Kind) String() string {
	if k >= 1 && int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Error is an error whose Message may be shown to anybody. Message is a format in English and at the
// same time the key of its translation; Args fill it. Neither may hold private data.
type Error struct {
	Kind    Kind
	Message string
	Args    []any
	Fields  []Field
	cause   error
}

// Field is a message for one field of a form or one setting. Message and Args are as in Error.
type Field struct {
	Name    string
	Message string
	Args    []any
}

// New returns an error of a kind with a message that may be shown: an English format and its arguments.
func New(kind Kind, message string, args ...any) *Error {
	return &Error{Kind: kind, Message: message, Args: args}
}

// With returns e with one more field message.
func (e *Error) With(field, message string, args ...any) *Error {
	e.Fields = append(e.Fields, Field{Name: field, Message: message, Args: args})
	return e
}

// Because returns e with a cause that is logged, never shown.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// Error gives the English text with its fields and its cause, for logs and terminals.
func (e *Error) Error() string {
	var b strings.Builder
	message := e.Text()
	said := []string{message}
	for _, f := range e.Fields {
		if text := f.Text(); text != message { // some say it once for the form and once for the field
			said = append(said, f.Name+": "+text)
		}
	}
	if e.cause != nil {
		said = append(said, e.cause.Error())
	}
	for i, s := range said {
		switch {
		case i == 0:
		case i == 1:
			b.WriteString(": ")
		default:
			b.WriteString("; ")
		}
		if i < len(said)-1 {
			s = strings.TrimSuffix(s, ".")
		}
		b.WriteString(s)
	}
	return b.String()
}

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// Text is the English message alone, as it may be shown.
func (e *Error) Text() string { return format(e.Message, e.Args) }

// Text is the English message of the field.
func (f Field) Text() string { return format(f.Message, f.Args) }

func format(message string, args []any) string {
	if len(args) == 0 {
		return message
	}
	return fmt.Sprintf(message, args...)
}

// As returns the *Error inside err, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Is tells whether err is a *Error of that kind.
func Is(err error, kind Kind) bool {
	e := As(err)
	return e != nil && e.Kind == kind
}

// Fields collects messages and becomes an error only when there are some.
type Fields []Field

// Add notes a message for a field.
func (f *Fields) Add(name, message string, args ...any) {
	*f = append(*f, Field{Name: name, Message: message, Args: args})
}

// Err returns an Invalid error with the collected messages, or nil when there are none.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Message: "Something here needs another look.", Fields: f}
}
