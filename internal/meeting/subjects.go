package meeting

import (
	"context"
	"fmt"

	"hearth/internal/db"
)

// Subject is a meeting as the audit record is shown.
type Subject struct{ ID, Name string }

// Subjects finds the meetings behind ids of the audit record, which are those of meetings and of suggestions
// about them. Others are left out.
func (s *Service) Subjects(ctx context.Context, ids []string) (map[string]Subject, error) {
	found := map[string]Subject{}
	err := inParts(ids, func(part []any) error {
		return db.Each(ctx, s.db, func(scan db.Scan) error {
			var of string
			var m Subject
			err := scan(&of, &m.ID, &m.Name)
			found[of] = m
			return err
		}, `SELECT id, id, name FROM meeting WHERE id IN (`+db.List(1, len(part))+`)
			UNION ALL
			SELECT s.id, m.id, m.name FROM suggestion s JOIN meeting m ON m.id = s.meeting_id WHERE s.id IN (`+db.List(1, len(part))+`)`, part...)
	})
	if err != nil {
		return nil, fmt.Errorf("find the meetings of a record: %w", err)
	}
	return found, nil
}
