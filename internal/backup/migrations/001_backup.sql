-- How the last backup went, and the last restoring. A row of each kind.
CREATE TABLE backup_state (
	kind TEXT NOT NULL PRIMARY KEY CHECK (kind IN ('data', 'keys', 'restored')),
	tried_at BIGINT NOT NULL, -- the last attempt
	problem TEXT NOT NULL, -- why it failed; '' when it did not
	made_at BIGINT NOT NULL, -- the last one that was made and proved; 0: none. Of 'restored': the moment of the state
	file TEXT NOT NULL,
	bytes BIGINT NOT NULL
);
