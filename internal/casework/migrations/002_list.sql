-- Lists begin with whoever came last, and find somebody by what they are called.
CREATE INDEX participant_opened ON participant (opened_at, id);
ALTER TABLE participant ADD COLUMN called_index TEXT NOT NULL DEFAULT ''; -- blind: what they are called alone
CREATE INDEX participant_called ON participant (called_index) WHERE called_index <> '';
