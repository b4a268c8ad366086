-- What keys this database was sealed with. One row, made when it is first opened with keys. It holds nothing
-- secret: fit is what the index key must answer to a fixed question.
CREATE TABLE vault_state (
	id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
	keys TEXT NOT NULL, -- the id of the key file
	fit TEXT NOT NULL,
	key_id BIGINT NOT NULL, -- the program key that wraps people's keys from now on
	generation BIGINT NOT NULL, -- of people's keys: what is sealed from now on is sealed with this one
	phase TEXT NOT NULL CHECK (phase IN ('', 'people', 'columns', 'drop')), -- of a rotation; '' is none
	holder TEXT NOT NULL, -- the process that rotates
	lease_until BIGINT NOT NULL,
	rotated_at BIGINT NOT NULL -- when the last rotation was done; 0 is never
);

-- The program keys that may stand behind people's keys. The keys themselves are in the key file.
CREATE TABLE vault_key (
	id BIGINT NOT NULL PRIMARY KEY,
	made_at BIGINT NOT NULL
);

-- The data keys of a person, wrapped by a program key; person '' is the house itself. An erased person keeps
-- the row, so that nothing can bring their keys back. Archives of the data leave this table out.
CREATE TABLE vault_person (
	person TEXT NOT NULL PRIMARY KEY,
	key_id BIGINT REFERENCES vault_key (id),
	generation BIGINT NOT NULL, -- of the newest key in wrapped
	wrapped BYTEA,
	erased_at BIGINT NOT NULL, -- 0 is not
	CHECK ((wrapped IS NULL) = (erased_at > 0)),
	CHECK ((wrapped IS NULL) = (key_id IS NULL))
);
