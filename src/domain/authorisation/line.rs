//! Decisions that follow one another about something that is out: an extension or a change is a new record that names the
//! one before it (appeals-and-law §2). The latest word that has begun is what counts; but only a decision the chain signed
//! a plan for lets anything stay out longer than it was signed for.

use super::record::AuthorisationRecord;
use crate::domain::ids::AuthorisationId;
use chrono::{DateTime, Utc};

/// One country's decisions about one dispatch, oldest first. Never empty.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    first: &'a AuthorisationRecord,
    /// Each with whether the chain signed a plan for it.
    after: Vec<(&'a AuthorisationRecord, bool)>,
}

impl<'a> Line<'a> {
    /// The line that begins with the first of `records` (oldest first, one country's) that `signed` names; none when it
    /// names none of them. Unverified successors are nobody's word yet.
    pub fn of(records: impl IntoIterator<Item = &'a AuthorisationRecord>, signed: &[AuthorisationId]) -> Option<Self> {
        let mut line: Option<Self> = None;
        for record in records {
            let decision = &record.authorisation;
            let is_signed = signed.contains(&decision.id);
            match &mut line {
                None if is_signed => line = Some(Self { first: record, after: Vec::new() }),
                None => {}
                Some(line) => {
                    let follows = decision.previous.as_ref().is_some_and(|previous| line.names(previous));
                    if follows && record.verification.is_some() {
                        line.after.push((record, is_signed));
                    }
                }
            }
        }
        line
    }

    /// Whether a decision is one of the line.
    #[must_use]
    pub fn names(&self, id: &AuthorisationId) -> bool {
        self.members().any(|(record, _)| record.authorisation.id == *id)
    }

    fn members(&self) -> impl DoubleEndedIterator<Item = (&'a AuthorisationRecord, bool)> + '_ {
        std::iter::once((self.first, true)).chain(self.after.iter().copied())
    }

    /// Whether anything follows the first decision.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        !self.after.is_empty()
    }

    /// The decision to ask the gate about at a moment. A withdrawn one of those that count or will is the answer whatever
    /// else there is, and so is the end of what was signed where the latest word was not: the gate refuses both.
    #[must_use]
    pub fn word_at(&self, at: DateTime<Utc>) -> &'a AuthorisationRecord {
        let begun = |record: &AuthorisationRecord| record.authorisation.valid_from <= at;
        let counts = |record: &AuthorisationRecord, is_signed: bool| is_signed || begun(record);
        let withdrawn = self.members().find(|(r, is_signed)| r.withdrawal.is_some() && counts(r, *is_signed));
        if let Some((record, _)) = withdrawn {
            return record;
        }
        let latest = self.members().rfind(|(record, _)| begun(record)).unwrap_or((self.first, true));
        let signed = self.members().rfind(|(r, is_signed)| *is_signed && begun(r)).map_or(self.first, |(r, _)| r);
        if !latest.1 && signed.authorisation.ends_at() <= at { signed } else { latest.0 }
    }

    /// Until when something may stay out that is covered now: the first moment from `now` on at which no word holds.
    #[must_use]
    pub fn ends_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let decisions = self.members().map(|(record, _)| &record.authorisation);
        let mut turns: Vec<_> = decisions.flat_map(|d| [d.valid_from, d.ends_at()]).filter(|at| *at > now).collect();
        turns.sort();
        turns.into_iter().find(|at| !self.word_at(*at).holds(*at)).unwrap_or(now)
    }

    /// The newest decision that would let something stay out longer once the chain signs for it: not withdrawn, not signed,
    /// ending later than all that is. None when nothing waits.
    #[must_use]
    pub fn waits(&self) -> Option<&'a AuthorisationRecord> {
        let newest = self.members().rfind(|(record, _)| record.withdrawal.is_none())?;
        let signed_until =
            self.members().filter(|(_, is_signed)| *is_signed).map(|(r, _)| r.authorisation.ends_at()).max();
        (!newest.1 && Some(newest.0.authorisation.ends_at()) > signed_until).then_some(newest.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]

    use super::super::record::Withdrawal;
    use super::*;
    use crate::domain::kind::AppealKind;
    use crate::domain::place::Country;
    use crate::domain::samples;
    use chrono::TimeDelta;

    fn at(hours: i64) -> DateTime<Utc> {
        samples::now() + TimeDelta::hours(hours)
    }

    /// A decision of a number that follows another, for hours from the samples' moment.
    fn decided(number: u8, follows: Option<u8>, from: i64, until: i64) -> AuthorisationRecord {
        let id = |number: u8| AuthorisationId::from_parts(samples::now(), [number; 10]);
        let mut record = samples::record(AppealKind::Witness, Country::Be);
        let decision = &mut record.authorisation;
        (decision.id, decision.previous) = (id(number), follows.map(id));
        (decision.valid_from, decision.valid_until) = (at(from), at(until));
        record
    }

    fn line<'a>(records: &'a [AuthorisationRecord], signed: &[usize]) -> Line<'a> {
        let signed: Vec<_> = signed.iter().map(|n| records.get(*n).unwrap().authorisation.id.clone()).collect();
        Line::of(records, &signed).unwrap()
    }

    fn number(records: &[AuthorisationRecord], word: &AuthorisationRecord) -> usize {
        records.iter().position(|record| record == word).unwrap()
    }

    #[test]
    fn an_extension_counts_from_its_beginning_and_lasts_once_it_was_signed_for() {
        let records = [decided(1, None, 0, 10), decided(2, Some(1), 8, 20)];
        let unsigned = line(&records, &[0]);
        assert_eq!(number(&records, unsigned.word_at(at(5))), 0);
        assert_eq!(number(&records, unsigned.word_at(at(9))), 1, "the magistrate's latest word");
        assert_eq!(number(&records, unsigned.word_at(at(10))), 0, "nobody signed for longer");
        assert_eq!((unsigned.ends_at(at(5)), unsigned.waits()), (at(10), records.get(1)));
        let signed = line(&records, &[0, 1]);
        assert_eq!(number(&records, signed.word_at(at(15))), 1);
        assert_eq!((signed.ends_at(at(5)), signed.waits()), (at(20), None));
    }

    #[test]
    fn a_gap_between_two_decisions_ends_it() {
        let records = [decided(1, None, 0, 10), decided(2, Some(1), 11, 20)];
        assert_eq!(line(&records, &[0, 1]).ends_at(at(5)), at(10));
    }

    #[test]
    fn a_shorter_word_ends_it_sooner_and_needs_nobody_to_sign() {
        let records = [decided(1, None, 0, 10), decided(2, Some(1), 4, 6)];
        let line = line(&records, &[0]);
        assert_eq!((line.ends_at(at(5)), line.waits()), (at(6), None));
        assert_eq!(number(&records, line.word_at(at(7))), 1, "the first does not come back");
    }

    #[test]
    fn a_withdrawal_anywhere_in_what_counts_is_the_word() {
        let taken_back = |record: &mut AuthorisationRecord| {
            let by = samples::person(samples::RECORDER);
            record.withdrawal = Some(Withdrawal { by, at: at(1), reason: "the judge".to_owned() });
        };
        let mut records = [decided(1, None, 0, 10), decided(2, Some(1), 8, 20)];
        taken_back(records.first_mut().unwrap());
        assert_eq!(number(&records, line(&records, &[0, 1]).word_at(at(9))), 0);
        let mut records = [decided(1, None, 0, 10), decided(2, Some(1), 8, 20)];
        taken_back(records.last_mut().unwrap());
        assert_eq!(number(&records, line(&records, &[0]).word_at(at(5))), 0, "not begun, not signed: void");
        assert_eq!(number(&records, line(&records, &[0]).word_at(at(9))), 1);
        assert_eq!(number(&records, line(&records, &[0, 1]).word_at(at(5))), 1);
        assert_eq!(line(&records, &[0]).waits(), None);
    }

    #[test]
    fn an_unverified_or_unrelated_decision_is_nobodys_word() {
        let mut unverified = decided(2, Some(1), 0, 20);
        unverified.verification = None;
        let records = [decided(1, None, 0, 10), unverified, decided(3, None, 0, 20), decided(4, Some(2), 0, 20)];
        let line = line(&records, &[0]);
        assert!(!line.is_followed());
        assert_eq!(number(&records, line.word_at(at(5))), 0);
        assert!(Line::of(&records, &[]).is_none());
    }
}
