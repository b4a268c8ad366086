-- What of a feed was kept back and then refused by a person: hash of that payload, '' where none was.
ALTER TABLE feed ADD COLUMN refused_hash TEXT NOT NULL DEFAULT '';
