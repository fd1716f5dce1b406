DROP TABLE notice_lines;
DROP TABLE notice_wishes;
DROP TABLE webhook_attempts;
DROP TABLE webhook_messages;
DROP TABLE webhooks;
DROP TABLE events;
