-- Whoever asks for large files alone does not go through all the small ones that wait.
-- The queries repeat this condition word for word.
CREATE INDEX items_claimable_size ON items (size, id)
    WHERE state IN ('queued', 'preparing', 'uploading', 'completing', 'linking', 'tidying');
