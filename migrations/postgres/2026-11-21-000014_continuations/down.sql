DROP TABLE continuations;
