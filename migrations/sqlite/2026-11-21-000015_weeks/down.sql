DROP TABLE week_items;
DROP TABLE weeks;
