-- The record becomes a tree of hashes (RFC 6962), so that a signed checkpoint of a few bytes, kept elsewhere, shows
-- whether anything before it was changed. Entries also say whose record they are about, and on what basis.
ALTER TABLE audit_entry ADD COLUMN person TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entry ADD COLUMN basis TEXT NOT NULL DEFAULT '';
-- The hash of the entry as a leaf of the tree. NULL until an entry of the old chain is taken into the tree; the
-- column hash is of the old chain alone, and '' in newer entries.
ALTER TABLE audit_entry ADD COLUMN leaf BYTEA;

CREATE INDEX audit_person ON audit_entry (person, seq) WHERE person <> '';

-- How many entries the tree holds, and the hashes of the full subtrees along its edge, the largest first: all
-- that is needed to add one more.
ALTER TABLE audit_end ADD COLUMN tree BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_end ADD COLUMN edge BYTEA;

-- Hashes of full subtrees of 256, 65,536 … entries (level 8, 16 …), so that a proof need not read every leaf.
CREATE TABLE audit_tile (
	level BIGINT NOT NULL,
	n BIGINT NOT NULL,
	hash BYTEA NOT NULL,
	PRIMARY KEY (level, n)
);

-- Signed checkpoints, as text to be kept elsewhere as well.
CREATE TABLE audit_checkpoint (
	seq BIGINT NOT NULL PRIMARY KEY, -- how many entries it is over
	at BIGINT NOT NULL,
	note TEXT NOT NULL
);
