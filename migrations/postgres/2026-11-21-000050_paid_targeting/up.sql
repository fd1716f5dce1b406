-- What one platform can express of an appeal's area in one language, as the plan signs it. source: digest of what it was made
-- from; an aim of another source is not used. document: circles or places and how well they fit, or why there is none.
CREATE TABLE aims (
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    platform TEXT NOT NULL CHECK (platform IN ('meta', 'google', 'x')),
    language TEXT NOT NULL,
    source TEXT NOT NULL,
    document TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    PRIMARY KEY (appeal_id, platform, language)
);

-- What a platform said of a planned campaign before anything was made: how many people it would reach, or what it objects to.
-- Asked by workers when due, never inside a request. content_digest: of the planned content that was asked about.
CREATE TABLE ad_estimates (
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    content_digest TEXT NOT NULL,
    content TEXT NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP,
    asked_at TIMESTAMP,
    people_from BIGINT,
    people_to BIGINT,
    trouble TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    least_cents BIGINT,
    PRIMARY KEY (appeal_id, channel, language)
);
CREATE INDEX ad_estimates_due ON ad_estimates (due_at);

-- What the set-up check of an advertising account found, and when. languages: the platform's own ids, as JSON.
CREATE TABLE ad_accounts (
    account TEXT PRIMARY KEY NOT NULL,
    channel TEXT NOT NULL,
    checked_at TIMESTAMP NOT NULL,
    currency TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    languages TEXT NOT NULL,
    least_daily_cents BIGINT,
    trouble TEXT NOT NULL,
    detail TEXT NOT NULL
);

-- What came of a campaign, what was expected, and what stands in its way now (a code of the catalogue's ads-trouble-).
ALTER TABLE paid_effects ADD COLUMN reach BIGINT;
ALTER TABLE paid_effects ADD COLUMN impressions BIGINT NOT NULL DEFAULT 0;
ALTER TABLE paid_effects ADD COLUMN clicks BIGINT NOT NULL DEFAULT 0;
ALTER TABLE paid_effects ADD COLUMN forecast_people BIGINT NOT NULL DEFAULT 0;
ALTER TABLE paid_effects ADD COLUMN forecast_impressions BIGINT NOT NULL DEFAULT 0;
ALTER TABLE paid_effects ADD COLUMN forecast_cents BIGINT NOT NULL DEFAULT 0;
ALTER TABLE paid_effects ADD COLUMN trouble TEXT NOT NULL DEFAULT '';
