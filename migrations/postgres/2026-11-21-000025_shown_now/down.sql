DROP INDEX takedowns_open;
DROP INDEX publications_shown;
