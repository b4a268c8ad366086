-- What was done, by whom, to what. Rows are only ever added; each carries a hash over itself and the hash
-- before it, so that a row that was changed, taken out or put in shows.
CREATE TABLE audit_entry (
	seq BIGINT NOT NULL PRIMARY KEY,
	at BIGINT NOT NULL,
	actor TEXT NOT NULL,
	action TEXT NOT NULL,
	subject TEXT NOT NULL,
	detail TEXT NOT NULL,
	hash TEXT NOT NULL
);

CREATE INDEX audit_subject ON audit_entry (subject, seq);

-- The end of the chain: one row, locked by whoever adds to it.
CREATE TABLE audit_end (
	id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
	seq BIGINT NOT NULL,
	hash TEXT NOT NULL
);

INSERT INTO audit_end (id, seq, hash) VALUES (1, 0, '');
