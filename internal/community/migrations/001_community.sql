-- What a community says of itself. One row; empty columns mean: as the flags say.
CREATE TABLE community_settings (
	id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
	revision BIGINT NOT NULL,
	name TEXT NOT NULL,
	region TEXT NOT NULL,
	zone TEXT NOT NULL,
	languages TEXT NOT NULL, -- codes, separated by spaces
	help TEXT NOT NULL, -- JSON
	contact TEXT NOT NULL,
	backup_to TEXT NOT NULL,
	step TEXT NOT NULL
);
INSERT INTO community_settings (id, revision, name, region, zone, languages, help, contact, backup_to, step)
	VALUES (1, 0, '', '', '', '', '[]', '', '', '');

CREATE TABLE program (
	id TEXT NOT NULL PRIMARY KEY,
	revision BIGINT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	address TEXT NOT NULL,
	contact TEXT NOT NULL,
	part2 BOOLEAN NOT NULL,
	part2_why TEXT NOT NULL, -- why it does not apply, where it does not
	covered BOOLEAN NOT NULL,
	adult_at BIGINT NOT NULL,
	alone_at BIGINT NOT NULL,
	alone_law TEXT NOT NULL,
	added_at BIGINT NOT NULL
);
