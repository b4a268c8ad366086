-- A report reads those on the meetings of its fellowship and area, and the notes of the last weeks.
CREATE INDEX meeting_area ON meeting (fellowship, area);
CREATE INDEX visit_report_note ON visit_report (week) WHERE note <> '';
DROP INDEX visit_report_week;
