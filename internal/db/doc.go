// Package db owns everything in which SQLite and PostgreSQL differ: opening, pools, transactions, error
// mapping, migrations and their translation. Callers write one SQL text with $1 placeholders, in the
// portable subset of docs/sql.md.
//
// It must never know a table of another package, and no clock: times come in as Unix milliseconds.
package db
