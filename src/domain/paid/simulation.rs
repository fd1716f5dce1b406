//! The core of the dispatcher in virtual time, one thread, one seed: workers that die, freeze and wake up too late, a
//! platform that loses answers, lags and now and then refuses what it made by half, a takedown at any moment. The store keeps
//! the engine's rules (lease, fence, guarded writes, intent before the call) in a few lines; which call comes next is
//! [`Course`]'s own code.
//!
//! `TOCSIN_SIMULATIONS=N` plays N schedules, `TOCSIN_TEST_SEED=S` begins with seed S.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may")]
use super::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

mod platform;
mod takedown;
mod tests;

use platform::Temper;

/// Milliseconds.
type Time = i64;

const LEASE: Time = 60_000;
const CALL_LIMIT: Time = 30_000;
/// From the moment a request is written until it takes effect at the latest, and until lists show it.
const ARRIVES: Time = 20_000;
const LAG: Time = 60_000;
const SETTLE: Time = 90_000;
const TERMS: Terms = Terms { settle: TimeDelta::milliseconds(SETTLE) };
const WORKERS: usize = 3;
const DAY: Time = 86_400_000;
const CAP: i64 = 5000;

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: Time) -> Time {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((z ^ (z >> 31)) >> 1).unwrap() % most
    }

    fn chance(&mut self, percent: Time) -> bool {
        self.below(100) < percent
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Leased,
    Held,
    Done,
    /// The platform would not have it.
    Failed,
    Cancelled,
}

/// The delivery's row and its campaign's.
struct Store {
    state: State,
    due: Time,
    leased_until: Time,
    fence: u32,
    course: Course,
    reserved: i64,
    /// The keeper's look is due.
    look_due: Option<Time>,
    absent_since: Option<Time>,
    proven: bool,
}

struct Made {
    state: CampaignState,
    shows_from: Time,
}

/// What a worker has in hand.
#[derive(Clone)]
struct Hand {
    fence: u32,
    /// Until when it may call, by its own clock.
    until: Time,
}

#[derive(Clone)]
enum Event {
    Poll(usize, u32),
    Turn(usize, u32, Hand, Option<(Call, Answer, Time)>),
    Ask(usize, u32, Hand, Call, Time),
    Beat(usize, u32, Hand),
    /// Takes effect at the platform.
    Arrive(Call),
    TakeDown,
    Look,
    Looked(Time, bool, Vec<CampaignState>),
    StopArrives,
}

struct World {
    dice: Dice,
    now: Time,
    queue: BinaryHeap<Reverse<(Time, usize)>>,
    events: Vec<Option<Event>>,
    store: Store,
    made: Vec<Made>,
    /// Grows when a worker dies: what it had under way is forgotten.
    lives: [u32; WORKERS],
    /// A worker is at a call, and its heartbeat goes.
    calling: [bool; WORKERS],
    wanted: bool,
    trouble: Time,
    temper: Temper,
    /// What was there was taken away, and whoever did it lived to say so in time.
    told: bool,
    /// Calls on their way to the platform.
    under_way: usize,
    steps: usize,
}

const fn is_call(event: &Event) -> bool {
    matches!(event, Event::Arrive(_) | Event::Ask(..) | Event::StopArrives)
}

fn at(time: Time) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000 + time).unwrap()
}

fn time(at: DateTime<Utc>) -> Time {
    at.timestamp_millis() - 1_800_000_000_000
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let trouble = dice.below(60);
        let temper = if dice.chance(15) { Temper::Refusing } else { Temper::Willing };
        let mut world = Self {
            dice,
            now: 0,
            queue: BinaryHeap::new(),
            events: Vec::new(),
            store: Store {
                state: State::Waiting,
                due: 0,
                leased_until: 0,
                fence: 0,
                course: Course::new(),
                reserved: CAP,
                look_due: None,
                absent_since: None,
                proven: false,
            },
            made: Vec::new(),
            lives: [0; WORKERS],
            calling: [false; WORKERS],
            wanted: true,
            trouble,
            temper,
            told: false,
            under_way: 0,
            steps: 0,
        };
        for worker in 0..WORKERS {
            let first = world.dice.below(2000);
            world.later(first, Event::Poll(worker, 0));
        }
        if world.dice.chance(60) {
            let moment = world.dice.below(400_000);
            world.later(moment, Event::TakeDown);
        }
        world
    }

    fn later(&mut self, after: Time, event: Event) {
        self.under_way += usize::from(is_call(&event));
        self.events.push(Some(event));
        self.queue.push(Reverse((self.now + after, self.events.len() - 1)));
    }

    /// How long a worker takes for its next step: mostly no time, now and then it is frozen far beyond its lease.
    fn pause(&mut self) -> Time {
        if self.dice.chance(4) { self.dice.below(4 * LEASE) } else { self.dice.below(50) }
    }

    /// Whether it dies here instead.
    fn dies(&mut self, worker: usize) -> bool {
        if !self.dice.chance(4) {
            return false;
        }
        self.lives[worker] += 1;
        self.calling[worker] = false;
        let back = self.dice.below(20_000);
        self.later(back, Event::Poll(worker, self.lives[worker]));
        true
    }

    fn run(&mut self, seed: u64) {
        while let Some(Reverse((moment, number))) = self.queue.pop() {
            if moment > DAY {
                break;
            }
            self.now = moment;
            let Some(event) = self.events[number].take() else { continue };
            self.steps += 1;
            self.under_way -= usize::from(is_call(&event));
            self.happen(event);
            self.check(seed);
            if self.is_quiet() {
                break;
            }
        }
        assert!(
            self.is_quiet(),
            "seed {seed}: not at rest after a day: {:?} {:?}",
            self.store.state,
            self.store.course
        );
        let running = self.made.iter().filter(|made| made.state == CampaignState::Running).count();
        match self.store.state {
            State::Done if self.wanted => assert_eq!(running, 1, "seed {seed}: done, and nothing runs"),
            State::Held => assert!(!self.told, "seed {seed}: a person is asked why we took it away"),
            _ => assert_eq!(running, 0, "seed {seed}: it runs on after its takedown"),
        }
    }

    fn is_quiet(&self) -> bool {
        let over = matches!(self.store.state, State::Done | State::Failed | State::Cancelled | State::Held);
        over && (self.wanted || self.store.proven) && self.store.look_due.is_none() && self.under_way == 0
    }

    fn check(&self, seed: u64) {
        assert!(self.made.len() <= 1, "seed {seed}: two campaigns at {}", self.now);
        let is_refused = self.store.state == State::Failed;
        assert!(
            self.made.is_empty() || self.store.reserved == CAP || self.store.proven || is_refused,
            "seed {seed}: its money was given back"
        );
        let half = self.temper == Temper::Half;
        assert!(!is_refused || !half, "seed {seed}: refused, and half of it is there at {}", self.now);
        if self.store.proven || is_refused {
            let on = self.made.iter().any(|made| made.state != CampaignState::Ended);
            assert!(!on, "seed {seed}: proven gone, and it is there at {}", self.now);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Poll(worker, life) if self.lives[worker] == life => self.poll(worker),
            Event::Turn(worker, life, hand, heard) if self.lives[worker] == life => self.turn(worker, hand, heard),
            Event::Ask(worker, life, hand, call, as_of) if self.lives[worker] == life => {
                self.ask(worker, hand, call, as_of);
            }
            Event::Beat(worker, life, hand)
                if self.lives[worker] == life
                    && self.calling[worker]
                    && self.store.state == State::Leased
                    && self.store.fence == hand.fence =>
            {
                self.store.leased_until = self.now + LEASE;
                self.later(LEASE / 3, Event::Beat(worker, life, hand));
            }
            Event::Arrive(call) => drop(self.effect(&call)),
            Event::TakeDown => self.take_down(),
            Event::Look => self.look(),
            Event::Looked(as_of, is_answered, found) => self.looked(as_of, is_answered, &found),
            Event::StopArrives => self.made.iter_mut().for_each(|made| made.state = CampaignState::Ended),
            _ => {}
        }
    }

    fn poll(&mut self, worker: usize) {
        let free = match self.store.state {
            State::Waiting => self.store.due <= self.now,
            State::Leased => self.store.leased_until < self.now,
            _ => false,
        };
        if !free {
            let next = 500 + self.dice.below(500);
            let over = !matches!(self.store.state, State::Waiting | State::Leased);
            if !over {
                self.later(next, Event::Poll(worker, self.lives[worker]));
            }
            return;
        }
        self.store.state = State::Leased;
        self.store.fence += 1;
        self.store.leased_until = self.now + LEASE;
        let hand = Hand { fence: self.store.fence, until: self.now + LEASE };
        if !self.dies(worker) {
            let pause = self.pause();
            self.later(pause, Event::Turn(worker, self.lives[worker], hand, None));
        }
    }

    /// One transaction of `app::advertise::step`.
    fn turn(&mut self, worker: usize, mut hand: Hand, heard: Option<(Call, Answer, Time)>) {
        self.calling[worker] = false;
        let life = self.lives[worker];
        if let Some((Call::Create, Answer::Made(id), _)) = &heard
            && self.store.course.external_id.is_none()
        {
            self.store.course.external_id = Some(id.clone());
            if !self.wanted {
                self.wake_keeper();
            }
        }
        if self.store.state != State::Leased || self.store.fence != hand.fence {
            self.later(500, Event::Poll(worker, life));
            return;
        }
        self.store.leased_until = self.now + LEASE;
        hand.until = self.now + LEASE;
        let order = Order {
            key: String::new(),
            cap_cents: CAP,
            ends_at: at(30 * DAY),
            language: Language::Fr,
            content: Value::Null,
        };
        self.told |= matches!(heard, Some((_, Answer::Undone(_), _)));
        let heard = heard.as_ref().map(|(call, answer, as_of)| (call, answer, at(*as_of)));
        let jitter = u8::try_from(self.dice.below(256)).unwrap();
        let turn = self.store.course.turn(heard, &order, TERMS, at(self.now), jitter);
        match turn {
            Turn::Call(call) => {
                if !self.dies(worker) {
                    let pause = self.pause();
                    self.later(pause, Event::Ask(worker, life, hand, call, self.now));
                }
                return;
            }
            Turn::Wait(until) => (self.store.state, self.store.due) = (State::Waiting, time(until)),
            Turn::Hold(_) => self.store.state = State::Held,
            Turn::Refused(words) => {
                assert!(self.temper != Temper::Willing, "nobody refused: {words}");
                (self.store.state, self.store.reserved) = (State::Failed, 0);
            }
            Turn::Launched => self.store.state = State::Done,
        }
        if !self.dies(worker) {
            self.later(500, Event::Poll(worker, life));
        }
    }

    fn ask(&mut self, worker: usize, hand: Hand, call: Call, as_of: Time) {
        let life = self.lives[worker];
        if self.now + LEASE / 10 >= hand.until {
            self.later(0, Event::Turn(worker, life, hand, Some((call, Answer::NotNow(None), as_of))));
            return;
        }
        self.calling[worker] = true;
        self.later(LEASE / 3, Event::Beat(worker, life, hand.clone()));
        let takes = 50 + self.dice.below(2000);
        let fate = if self.dice.chance(self.trouble) { 1 + self.dice.below(4) } else { 0 };
        let (answer, after) = match fate {
            1 => (Answer::NotNow(Some(Duration::from_secs(u64::try_from(self.dice.below(30)).unwrap()))), takes),
            2 => (Answer::Unclear, takes),
            3 => {
                // Lost on the way back: it happens soon.
                self.later(takes, Event::Arrive(call.clone()));
                (Answer::Unclear, takes)
            }
            4 => {
                // Slow: it happens when nobody waits for it any more.
                let late = self.dice.below(ARRIVES);
                self.later(late, Event::Arrive(call.clone()));
                (Answer::Unclear, CALL_LIMIT)
            }
            _ => (self.effect(&call), takes),
        };
        if !self.dies(worker) {
            let pause = self.pause();
            self.later(after + pause, Event::Turn(worker, life, hand, Some((call, answer, as_of))));
        }
    }
}
