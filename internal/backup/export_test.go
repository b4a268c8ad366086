package backup

import (
	"context"
	"io"

	"hearth/internal/vault"
)

// Wrap lets a test write through a writer of its own.
func (s *Service) Wrap(wrap func(io.Writer) io.Writer) { s.wrap = wrap }

// Unpacked writes the database of an archive into a file, as it is in it.
func Unpacked(ctx context.Context, archive string, keys *vault.Keys, into string) error {
	_, _, err := readData(ctx, archive, keys, into, quietly(nil))
	return err
}
