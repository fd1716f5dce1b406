-- Every row is rewritten twice, intended and sent: with room beside it the new version stays on its page and no index moves.
ALTER TABLE recipients SET (fillfactor = 40);
