package db

import "context"

// RunMigration runs the text of a migration in a transaction.
func RunMigration(ctx context.Context, tx *Tx, text string) error {
	return migration{text: text}.run(ctx, tx)
}
