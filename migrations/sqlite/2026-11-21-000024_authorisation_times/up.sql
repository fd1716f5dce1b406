-- The sweeper asks every two seconds which oral decisions are young; without this it reads every decision there is.
CREATE INDEX authorisations_by_time ON authorisations (created_at);
