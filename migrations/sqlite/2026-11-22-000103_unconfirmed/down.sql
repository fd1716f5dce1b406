DROP INDEX subscribers_unconfirmed;
