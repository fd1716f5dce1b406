//! What became of a takedown, as a page to print and to put into a file: for each channel and language what was asked and when,
//! how long it took of the time allowed, and the proof from outside or the name of what is in the way.

use crate::db::takedowns::Takedown;
use crate::domain::scope::ChannelKind;
use crate::domain::takedown::{TakedownState, target};
use crate::http::pdf::{Line, document};
use crate::words::{Family, Words};
use chrono::{DateTime, TimeDelta, Utc};

/// Characters that surely fit between the margins in the page's font.
const WIDTH: usize = 88;
/// Distance of what belongs to a row from its beginning, points.
const INDENT: u32 = 14;

/// What the page is about.
pub struct Subject<'a> {
    /// The appeal's working title.
    pub title: &'a str,
    /// Its id.
    pub id: &'a str,
    /// The page's moment.
    pub now: DateTime<Utc>,
}

/// A text cut between words into lines.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            word.clone_into(line);
        } else if line.chars().count() + 1 + word.chars().count() <= WIDTH {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn indented(lines: &mut Vec<Line>, text: &str) {
    lines.extend(wrapped(text).into_iter().map(|text| Line { heading: false, columns: vec![(INDENT, text)] }));
}

/// To the second, and the same whoever reads it.
fn moment(at: DateTime<Utc>) -> String {
    at.format("%F %T UTC").to_string()
}

fn length(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn channel(words: Words, channel: ChannelKind) -> String {
    match channel {
        ChannelKind::Page => words.say("takedown-channel-page"),
        ChannelKind::Feed => words.say("takedown-channel-feed"),
        ChannelKind::Email => words.say("takedown-channel-email"),
        ChannelKind::MetaAds => words.say("takedown-channel-meta-ads"),
        ChannelKind::GoogleAds => words.say("takedown-channel-google-ads"),
        ChannelKind::XAds => words.say("takedown-channel-x-ads"),
    }
    .into_owned()
}

fn state(words: Words, state: TakedownState) -> String {
    match state {
        TakedownState::Open => words.say("takedown-state-open"),
        TakedownState::Waiting => words.say("takedown-state-waiting"),
        TakedownState::Proven => words.say("takedown-state-proven"),
        TakedownState::Failed => words.say("takedown-state-failed"),
    }
    .into_owned()
}

/// What proves it, or what is in the way. The evidence itself is quoted as it was seen, in no language.
fn proof(words: Words, row: &Takedown) -> String {
    let at = moment(row.done_at.or(row.looked_at).unwrap_or(row.decided_at));
    let at = at.as_str();
    if row.state == TakedownState::Proven {
        let evidence = row.proof.as_str();
        let said = match row.channel {
            ChannelKind::Email => words.say_with("takedown-proof-mail", &[("at", at)]),
            channel if channel.is_paid() => {
                words.say_with("takedown-proof-platform", &[("at", at), ("evidence", evidence)])
            }
            _ => words.say_with("takedown-proof-outside", &[("at", at), ("evidence", evidence)]),
        };
        return said.into_owned();
    }
    if row.failure.is_empty() {
        return words.say("takedown-no-look").into_owned();
    }
    let evidence = row.failure.as_str();
    match evidence.split(':').next().unwrap_or_default() {
        "still-shown" => words.say_with("takedown-failure-still-shown", &[("at", at), ("evidence", evidence)]),
        "still-running" => words.say_with("takedown-failure-still-running", &[("at", at), ("evidence", evidence)]),
        "unreachable" => words.say_with("takedown-failure-unreachable", &[("at", at), ("evidence", evidence)]),
        _ => words.say_with("takedown-failure-unexpected-answer", &[("at", at), ("evidence", evidence)]),
    }
    .into_owned()
}

/// The page. As many rows as a child alert on every channel has fit on one; more go on on a second.
pub fn page(subject: &Subject<'_>, rows: &[Takedown], words: Words) -> Vec<u8> {
    let title = words.say_with("takedown-title", &[("title", subject.title)]);
    let mut lines: Vec<Line> = wrapped(&title).into_iter().map(Line::heading).collect();
    let proven = rows.iter().filter(|row| row.state == TakedownState::Proven).count().to_string();
    let (all, at) = (rows.len().to_string(), moment(subject.now));
    let made = words.say_with("takedown-made", &[("id", subject.id), ("at", &at), ("proven", &proven), ("all", &all)]);
    lines.extend(wrapped(&made).into_iter().map(Line::text));
    if rows.is_empty() {
        lines.push(Line::text(words.say("takedown-none")));
    }
    let mut asked_before = None;
    for row in rows {
        // One word usually takes everything down: it is said once.
        if asked_before != Some((row.decided_at, row.reason.as_str())) {
            asked_before = Some((row.decided_at, row.reason.as_str()));
            let at = moment(row.decided_at);
            let asked = words.say_with("takedown-asked", &[("at", &at), ("reason", &row.reason)]);
            lines.push(Line::text(""));
            lines.extend(wrapped(&asked).into_iter().map(Line::text));
        }
        let took = row.done_at.unwrap_or(subject.now) - row.decided_at;
        let (taken, most) = (length(took), length(target(row.channel)));
        let clock = if took > target(row.channel) {
            words.say_with("takedown-clock-late", &[("took", &taken), ("most", &most)])
        } else {
            words.say_with("takedown-clock", &[("took", &taken), ("most", &most)])
        };
        let name = format!("{} ({})", channel(words, row.channel), words.label(Family::Language, row.language.code()));
        lines.push(Line {
            heading: false,
            columns: vec![(0, name), (215, state(words, row.state)), (345, clock.into_owned())],
        });
        indented(&mut lines, &proof(words, row));
    }
    document(&lines)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;
    use crate::domain::ids::TakedownId;
    use crate::domain::language::Language;
    use crate::words::Locale;

    fn rows() -> Vec<Takedown> {
        let decided_at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let one = |(n, channel): (u8, ChannelKind), language| Takedown {
            id: TakedownId::from_parts(decided_at, [n; 10]),
            channel,
            language,
            reason: "the child is found".to_owned(),
            decided_at,
            started_at: Some(decided_at),
            done_at: (n % 2 == 0).then(|| decided_at + TimeDelta::seconds(4)),
            proof: "https://tocsin.example/fr/a/lina answered 410".to_owned(),
            state: if n % 2 == 0 { TakedownState::Proven } else { TakedownState::Open },
            due_at: None,
            looks: 1,
            looked_at: Some(decided_at + TimeDelta::seconds(4)),
            failure: if n % 2 == 0 { String::new() } else { "still-running: campaign 12 is running".to_owned() },
        };
        let all = [
            ChannelKind::Page,
            ChannelKind::Feed,
            ChannelKind::Email,
            ChannelKind::MetaAds,
            ChannelKind::GoogleAds,
            ChannelKind::XAds,
        ];
        (0_u8..).zip(all).flat_map(|kind| [one(kind, Language::Fr), one(kind, Language::Nl)]).collect()
    }

    #[test]
    fn every_channel_in_two_languages_stands_on_one_page_in_every_language() {
        let now = DateTime::from_timestamp(1_800_001_200, 0).unwrap();
        for locale in Locale::ALL {
            let subject = Subject { title: "Disparition Lina", id: "apl_0", now };
            let bytes = page(&subject, &rows(), Words::of(locale));
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            assert!(text.contains("/Count 1/"), "{locale:?} takes more than a page");
            // Words: where a line ends is another matter.
            let wanted =
                ["Disparition Lina", "2027-01-15 08:00:00 UTC", "0:00:04", "0:20:00", "answered", "410", "campaign"];
            for part in wanted {
                assert!(text.contains(part), "{locale:?}: {part}");
            }
            assert!(!text.contains("takedown-"), "{locale:?}: a sentence is missing");
        }
    }

    #[test]
    fn lines_end_between_words() {
        let text = "mot ".repeat(60);
        assert!(wrapped(&text).iter().all(|line| line.chars().count() <= WIDTH && !line.ends_with(' ')));
        assert_eq!(wrapped(&text).join(" "), text.trim());
    }
}
