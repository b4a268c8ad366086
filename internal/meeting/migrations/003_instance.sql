-- One row: by what id other communities of this software know this one, so that a list that comes back
-- to where it came from is known. It is random and says nothing.
CREATE TABLE instance (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    name TEXT   NOT NULL
);
