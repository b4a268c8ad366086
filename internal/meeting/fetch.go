package meeting

import "time"

// Limits bound one fetch, so that no feed can fill the memory or hold a sync for ever.
type Limits struct {
	Compressed int64         // bytes as sent
	Size       int64         // bytes after decompression
	Ratio      int64         // decompressed to compressed, once past the first megabyte
	Idle       time.Duration // without a byte
	Whole      time.Duration // from the first connection to the last byte
}

func (l Limits) orUsual() Limits {
	if l.Compressed <= 0 {
		l.Compressed = 64 << 20
	}
	if l.Size <= 0 {
		l.Size = 256 << 20
	}
	if l.Ratio <= 0 {
		l.Ratio = 200
	}
	if l.Idle <= 0 {
		l.Idle = time.Minute
	}
	if l.Whole <= 0 {
		l.Whole = 5 * time.Minute
	}
	return l
}
