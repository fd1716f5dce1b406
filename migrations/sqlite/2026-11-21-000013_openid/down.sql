DROP TABLE openid_visits;
DROP TABLE openid_bindings;
