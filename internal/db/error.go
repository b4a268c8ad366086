package db

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// What an error of the database means, for errors.Is. SQLite names no constraint: never branch on one.
var (
	ErrNone        = errors.New("no such row")
	ErrUnique      = errors.New("it is there already")
	ErrReference   = errors.New("what it refers to is not there, or something refers to it")
	ErrCheck       = errors.New("a value that the table does not allow")
	ErrText        = errors.New("text with a zero byte or broken UTF-8")
	ErrBusy        = errors.New("the database is busy")
	ErrFull        = errors.New("the disk is full")
	ErrReadOnly    = errors.New("the database can only be read")
	ErrUnavailable = errors.New("the database does not answer")
)

// dbError is a driver's error and what it means.
type dbError struct {
	meaning, cause error
}

func (e *dbError) Error() string   { return e.meaning.Error() + ": " + e.cause.Error() }
func (e *dbError) Unwrap() []error { return []error{e.meaning, e.cause} }

func mapError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNone
	}
	if m := meaning(err); m != nil && !errors.Is(err, m) {
		return &dbError{meaning: m, cause: err}
	}
	return err
}

func meaning(err error) error {
	var lite *sqlite.Error
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &lite):
		return sqliteMeaning(lite.Code())
	case errors.As(err, &connect): // whatever the server said to that: 55000, say, when it lets nobody in
		return ErrUnavailable
	case errors.As(err, &pg):
		return postgresMeaning(pg.Code)
	case errors.Is(err, driver.ErrBadConn), errors.As(err, &network) && !network.Timeout():
		return ErrUnavailable
	}
	return nil
}

func sqliteMeaning(code int) error {
	switch code {
	case 2067, 1555, 2579: // unique, primary key, row id
		return ErrUnique
	case 787: // foreign key
		return ErrReference
	case 275, 1299, 3091: // check, not null, type
		return ErrCheck
	case 4874: // the index of the log cannot grow
		return ErrFull
	}
	switch code & 0xff { // the primary code
	case 5, 6:
		return ErrBusy
	case 8:
		return ErrReadOnly
	case 13:
		return ErrFull
	case 10, 14, 26, 11: // input/output, cannot open, not a database, malformed
		return ErrUnavailable
	}
	return nil
}

func postgresMeaning(code string) error {
	switch code {
	case "23505":
		return ErrUnique
	case "23503":
		return ErrReference
	case "23502", "23514", "22P02", "22003":
		return ErrCheck
	case "22021":
		return ErrText
	case "40001", "40P01", "55P03":
		return ErrBusy
	case "25006":
		return ErrReadOnly
	case "53100":
		return ErrFull
	}
	if strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "28") || code == "53300" || code == "3D000" {
		return ErrUnavailable
	}
	return nil
}

// retryable tells whether PostgreSQL asks for the transaction to be run again.
func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
