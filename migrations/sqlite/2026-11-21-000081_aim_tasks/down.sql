DROP TABLE aim_tasks;
