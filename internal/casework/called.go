package casework

import (
	"context"
	"fmt"

	"hearth/internal/access"
	"hearth/internal/db"
	"hearth/internal/fault"
)

// Called gives what participants want to be called, for those of the ids whose name the actor may know; the
// others, and who was erased, stay away. It is one entry in the record, however many names it gives.
func (s *Service) Called(ctx context.Context, actor access.Actor, ids []string) (map[string]string, error) {
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	err := s.db.WithTx(ctx, func(tx *db.Tx) error {
		clear(names)
		args := make([]any, len(ids))
		for i, id := range ids {
			args[i] = id
		}
		rows, err := db.All(ctx, tx, scanParticipant, `SELECT `+participantColumns+` FROM participant p WHERE p.state <> 'erased' AND p.id IN (`+db.List(1, len(args))+`)`, args...)
		if err != nil {
			return err
		}
		var may []string
		known := map[string]participantRow{}
		for _, r := range rows {
			t, err := s.thing(ctx, tx, r.Participant)
			if err != nil {
				return err
			}
			if err := s.o.Policies.May(actor, access.RecordNames, t); err == nil {
				may, known[r.ID] = append(may, r.ID), r
			} else if fault.As(err) == nil {
				return err
			}
		}
		if len(may) == 0 {
			return nil
		}
		ring, err := s.o.Vault.Ring(ctx, tx, may)
		if err != nil {
			return err
		}
		for _, id := range may {
			if names[id], err = open(ring, namePlace(id), known[id].sealed["called"]); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, actor, "record.list", "", "", fmt.Sprintf("%d names", len(names)))
	})
	if err != nil {
		return nil, fmt.Errorf("name people: %w", err)
	}
	return names, nil
}
