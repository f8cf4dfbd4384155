-- What failed or is held is counted by watch folder, and gone through, without the items that
-- are at rest otherwise.
CREATE INDEX items_attention ON items (root, id, state, reason) WHERE state = 'failed' OR state = 'held';
