package db

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Notify wakes whoever listens to the channel, in every process, once the transaction is committed. It does
// nothing on SQLite, where one process serves.
func (t *Tx) Notify(ctx context.Context, channel, payload string) error {
	if t.db.engine == SQLite {
		return nil
	}
	if slices.Contains(t.notified, channel+" "+payload) {
		return nil // once per transaction: each call costs as much as an insert
	}
	t.notified = append(t.notified, channel+" "+payload)
	_, err := t.Exec(ctx, `SELECT pg_notify($1, $2)`, channel, payload)
	return err
}

// Listen calls heard for each notification of the channel until ctx ends or the connection breaks, and ready
// once it listens. It uses a connection of its own. On SQLite it calls ready and waits for ctx.
func (d *DB) Listen(ctx context.Context, channel string, ready func(), heard func(payload string)) error {
	if d.engine == SQLite {
		ready()
		<-ctx.Done()
		return ctx.Err()
	}
	conn, err := pgx.ConnectConfig(ctx, d.pool.Config().ConnConfig)
	if err != nil {
		return mapError(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return fmt.Errorf("listen to %s: %w", channel, mapError(err))
	}
	ready()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return mapError(err)
		}
		heard(n.Payload)
	}
}
