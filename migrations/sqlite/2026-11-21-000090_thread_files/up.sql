-- The form a message of the sender came with: the same one twice is one message.
ALTER TABLE response_messages ADD COLUMN form_digest TEXT;
CREATE UNIQUE INDEX response_messages_by_form ON response_messages (form_digest) WHERE form_digest IS NOT NULL;
-- The message a file came with; nothing when it came with the response itself.
ALTER TABLE response_attachments ADD COLUMN message_id TEXT;
-- Name and key of a file that officers sent, sealed to the thread's key, so that the sender can open it.
ALTER TABLE response_attachments ADD COLUMN sealed_thread BLOB;
