-- Lists show what is not taken down, and the sweeper asks every two seconds what is still open: neither should read the past.
CREATE INDEX publications_shown ON publications (channel, language, published_at) WHERE withdrawn_at IS NULL;
CREATE INDEX takedowns_open ON takedowns (decided_at) WHERE done_at IS NULL;
