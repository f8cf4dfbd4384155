-- What is too old to be of use is deleted; these find who refers to a row that goes.

CREATE INDEX items_by_upload ON items (upload) WHERE upload IS NOT NULL;

DROP INDEX contents_by_item;
CREATE INDEX contents_by_item ON contents (item) WHERE item IS NOT NULL;
