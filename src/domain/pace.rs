//! How fast one receiving domain is written to: two mails at a time at first, more as they are taken, fewer when it puts
//! us off, a rest when it does nothing else, one at a time when it is slow (security-and-ops §10.8). Pure: moments are
//! given. One worker knows a domain only by its own mails; several workers together begin with two each.

use std::time::{Duration, Instant};

/// Mails at once to a domain nothing is known of.
const START: usize = 2;
/// More than this many at once gain nothing: the relay's connections are the bound long before.
const MOST: usize = 4096;
/// Put off so many times in a row, a domain is left alone for a while. Greylisting alone reaches that.
const STRIKES: u32 = 5;
/// After its first rest it may put off so many before the next, one at a time, and after each further one twice as many:
/// a server that puts off everybody once, as greylisting does, has to hear of everybody. With one mail a rest, 500 people
/// behind one took days; so 500 take a quarter of an hour, and 50,000 some hours.
const AFTER_REST: u32 = 64;
/// Up to 4,096.
const MOST_DOUBLINGS: u32 = 6;
/// The first rest; each further one is twice as long, up to [`LONGEST_REST`].
const REST: Duration = Duration::from_secs(30);
/// The longest rest: a domain that recovers is noticed within it.
const LONGEST_REST: Duration = Duration::from_mins(5);
/// An answer that takes longer is a tarpit's or an overloaded server's: it may hold one connection, not several.
const SLOW: Duration = Duration::from_secs(1);
/// Quicker than this, nobody waits for an answer.
const LATE: Duration = Duration::from_millis(100);
/// Nor is it slow or late before it takes so many times as long as most domains do: a relay that looks at every text for
/// seconds is slow itself, and no domain's fault.
const TIMES_USUAL: u32 = 2;
/// Up to two minutes in powers of two; no answer is waited for longer.
const LENGTHS: usize = 18;

/// How long an answer took, to a power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length(usize);

impl Length {
    /// Of an answer that took so long.
    #[must_use]
    pub fn of(took: Duration) -> Self {
        let millis = u32::try_from(took.as_millis()).unwrap_or(u32::MAX).saturating_add(1);
        Self(usize::try_from(millis.ilog2()).unwrap_or(LENGTHS).min(LENGTHS - 1))
    }

    /// No answer of this length took longer.
    fn most(self) -> Duration {
        Duration::from_millis(1 << (self.0 + 1))
    }
}

/// How long domains take for an answer, each by its last one: however many mails go to slow ones, they stay few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usual([usize; LENGTHS]);

impl Usual {
    /// A domain's last answer is another one now, or the domain is no longer known.
    pub fn moved(&mut self, from: Option<Length>, to: Option<Length>) {
        if let Some(count) = from.and_then(|from| self.0.get_mut(from.0)) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = to.and_then(|to| self.0.get_mut(to.0)) {
            *count += 1;
        }
    }

    /// From when on an answer is slow.
    #[must_use]
    pub fn slow(&self) -> Duration {
        self.late().max(SLOW)
    }

    /// From when on an answer is later than others.
    #[must_use]
    pub fn late(&self) -> Duration {
        let half = self.0.iter().sum::<usize>().div_ceil(2);
        let mut so_far = 0;
        let median = self.0.iter().position(|count| {
            so_far += count;
            so_far >= half
        });
        LATE.max(Length(median.unwrap_or(0)).most() * TIMES_USUAL)
    }
}

/// What is known of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    window: usize,
    /// How many more it may put off before it is left alone.
    patience: u32,
    rests: u32,
    rest_until: Option<Instant>,
    is_slow: bool,
    /// The last thing it did was to take a mail.
    takes: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self { window: START, patience: STRIKES, rests: 0, rest_until: None, is_slow: false, takes: false }
    }
}

impl Pace {
    /// How many more mails may go to it while so many are under way.
    #[must_use]
    pub const fn room(&self, under_way: usize) -> usize {
        let window = if self.is_slow { 1 } else { self.window };
        window.saturating_sub(under_way)
    }

    /// How long it is still left alone.
    #[must_use]
    pub fn rest(&self, now: Instant) -> Option<Duration> {
        self.rest_until.map(|until| until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }

    /// It takes long to answer.
    #[must_use]
    pub const fn is_slow(&self) -> bool {
        self.is_slow
    }

    /// It took the last mail, and quickly: others may travel with its mails and fear nothing.
    #[must_use]
    pub const fn is_trusted(&self) -> bool {
        self.takes && !self.is_slow
    }

    /// Nothing is known against it: forgetting it loses only how fast it was.
    #[must_use]
    pub const fn is_ordinary(&self) -> bool {
        self.rest_until.is_none() && self.patience >= STRIKES && !self.is_slow
    }

    /// It took a mail; the answer came at once or slowly.
    pub fn accepted(&mut self, slowly: bool) {
        self.answered(slowly);
        (self.rests, self.rest_until, self.takes) = (0, None, true);
        // What is left of the patience after a rest is not cut short by a mail that is taken among others.
        self.patience = self.patience.max(STRIKES);
        self.window = (self.window + 1).min(MOST);
    }

    /// It answered, about a recipient or a text and not about itself.
    pub const fn answered(&mut self, slowly: bool) {
        self.is_slow = slowly;
    }

    /// It wants the mail later, or hung up. `jitter` of 255 makes a rest half as long again.
    pub fn put_off(&mut self, slowly: bool, now: Instant, jitter: u8) {
        self.answered(slowly);
        self.takes = false;
        self.window = (self.window / 2).max(1);
        self.patience = self.patience.saturating_sub(1);
        if self.patience > 0 || self.rest(now).is_some() {
            return;
        }
        let rest = REST.saturating_mul(1 << self.rests.min(10)).min(LONGEST_REST);
        self.rest_until = Some(now + rest + rest.mul_f64(f64::from(jitter) / 510.0));
        (self.window, self.patience) = (1, AFTER_REST << self.rests.min(MOST_DOUBLINGS));
        self.rests = self.rests.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const QUICK: bool = false;

    #[test]
    fn it_begins_with_two_and_doubles_each_round_of_success() {
        let mut pace = Pace::default();
        let mut rounds = Vec::new();
        for _ in 0..5 {
            let window = pace.room(0);
            rounds.push(window);
            for _ in 0..window {
                pace.accepted(QUICK);
            }
        }
        assert_eq!(rounds, [2, 4, 8, 16, 32]);
        assert_eq!((pace.room(60), pace.room(64), pace.room(99)), (4, 0, 0));
    }

    #[test]
    fn a_domain_that_does_nothing_but_put_off_rests_longer_and_longer_and_is_forgiven_at_once() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        let (mut rests, mut tries) = (Vec::new(), Vec::new());
        for n in 1..1500 {
            pace.put_off(QUICK, now, 0);
            if let Some(rest) = pace.rest(now) {
                rests.push(rest.as_secs());
                tries.push(n);
                now += rest;
                assert_eq!(pace.rest(now), None);
                assert_eq!(pace.room(0), 1, "one mail at a time tries it");
            }
        }
        assert_eq!(rests, [30, 60, 120, 240, 300]);
        assert_eq!(tries, [5, 5 + 64, 5 + 64 + 128, 5 + 64 + 128 + 256, 5 + 64 + 128 + 256 + 512]);
        pace.accepted(QUICK);
        assert!(pace.is_ordinary() && pace.is_trusted());
        assert_eq!(pace.room(0), 2);
    }

    /// Everybody is put off twice, as the storm does it, and taken the third time; tries wait as `retry_delay` says.
    #[test]
    fn people_behind_a_greylisting_server_are_reached_within_the_hour_and_not_all_at_once() {
        let (mut pace, begun) = (Pace::default(), Instant::now());
        let (mut now, mut tries) = (begun, 0);
        let mut due: BTreeSet<(Instant, u32, u32)> = (0..500).map(|person| (begun, 0, person)).collect();
        while let Some((at, put_off, person)) = due.pop_first() {
            // An answer takes ten milliseconds.
            now = at.max(now + pace.rest(now).unwrap_or_default()) + Duration::from_millis(10);
            tries += 1;
            if put_off == 2 {
                pace.accepted(QUICK);
            } else {
                pace.put_off(QUICK, now, 0);
                due.insert((now + Duration::from_secs(5 << put_off), put_off + 1, person));
            }
        }
        let took = now - begun;
        assert_eq!(tries, 1500);
        assert!((Duration::from_mins(2)..Duration::from_mins(30)).contains(&took), "{took:?}");
    }

    #[test]
    fn a_third_of_refusals_slows_a_domain_and_never_stops_it() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        for n in 0..3000_u32 {
            if n % 3 == 0 {
                pace.put_off(QUICK, now, 0);
            } else {
                pace.accepted(QUICK);
            }
            assert!(pace.rest(now).is_none() && (1..=6).contains(&pace.room(0)), "{pace:?}");
        }
    }

    #[test]
    fn a_tarpit_holds_one_connection() {
        let mut pace = Pace::default();
        pace.accepted(true);
        assert_eq!((pace.room(0), pace.room(1)), (1, 0));
        assert!(!pace.is_trusted() && !Pace::default().is_trusted());
        pace.accepted(QUICK);
        assert!(pace.room(0) > 1 && pace.is_trusted(), "and is quick again once it is");
    }

    #[test]
    fn what_is_slow_depends_on_what_most_domains_take() {
        let mut usual = Usual::default();
        assert_eq!((usual.late(), usual.slow()), (LATE, SLOW));
        let (quick, slow) = (Length::of(Duration::from_millis(5)), Length::of(Duration::from_secs(2)));
        for _ in 0..20 {
            usual.moved(None, Some(quick));
        }
        // However often nineteen of them are heard of.
        for n in 0..1000 {
            usual.moved(Some(if n == 0 { quick } else { slow }), Some(slow));
        }
        assert_eq!((usual.late(), usual.slow()), (LATE, SLOW));
        for _ in 0..19 {
            usual.moved(Some(quick), Some(slow));
        }
        assert!(usual.slow() >= Duration::from_secs(4), "{usual:?}");
        for _ in 0..20 {
            usual.moved(Some(slow), None);
        }
        assert_eq!(usual, Usual::default());
        assert_eq!(Length::of(Duration::MAX), Length(LENGTHS - 1));
        assert!(Length::of(Duration::ZERO).most() < LATE);
    }
}
