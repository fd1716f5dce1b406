-- Mails given to a relay for a sending domain, day by day (UTC): what a new relay may be given grows with the days it was
-- used on (src/domain/warm_up.rs).
CREATE TABLE relay_days (
    relay TEXT NOT NULL,
    day TEXT NOT NULL,
    mails BIGINT NOT NULL DEFAULT 0 CHECK (mails >= 0),
    PRIMARY KEY (relay, day)
);
