DROP INDEX authorisations_by_time;
