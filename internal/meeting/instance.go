package meeting

import (
	"context"
	"fmt"

	"hearth/internal/db"
)

// InstanceID returns the id of the community whose directory is in d, for Options.Instance. It is made when
// it is first asked for and stays: lists elsewhere that we passed on carry it.
func InstanceID(ctx context.Context, d *db.DB) (string, error) {
	var id string
	err := d.WithTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO instance (id, name) VALUES (1, $1) ON CONFLICT DO NOTHING`, db.NewID())
		if err != nil {
			return err
		}
		id, err = db.One(ctx, tx, db.Column[string], `SELECT name FROM instance WHERE id = 1`)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("id of this community: %w", err)
	}
	return id, nil
}

// Instance is the id of this community in lists that it passes on.
func (s *Service) Instance() string { return s.o.Instance }
