ALTER TABLE response_attachments DROP COLUMN sealed_thread;
ALTER TABLE response_attachments DROP COLUMN message_id;
DROP INDEX response_messages_by_form;
ALTER TABLE response_messages DROP COLUMN form_digest;
