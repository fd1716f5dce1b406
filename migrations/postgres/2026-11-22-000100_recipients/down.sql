ALTER TABLE recipients RESET (fillfactor);
