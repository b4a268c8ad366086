// Package index owns the finder's index: every meeting that can be found, in memory, immutable, answering
// time-of-week, place, flags, welcome and words in one pass.
//
// It is a cache, never a source; it must never read a database or a clock, nor allocate in proportion to
// the directory while it answers.
package index
