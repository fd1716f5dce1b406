DROP TABLE picture_views;
