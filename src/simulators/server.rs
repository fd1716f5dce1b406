//! One simulated platform behind one address, with its ledger, its clock and its faults; and the addresses under
//! `/_simulator/` with which a person or another process looks at them and changes them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::call::{Answer, Call};
use super::clock::Clock;
use super::fault::{Fault, Faults, Planned};
use super::ledger::Ledger;
use super::platform::Platform;
use super::wire::Connection;

/// Requests kept to look at; older ones are forgotten.
const MOST_RECORDED: usize = 10_000;

/// A request and its answer, as they were on the wire.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What was asked.
    pub call: Call,
    /// What was answered; none when the connection was cut.
    pub answer: Option<Answer>,
}

struct State {
    platform: Box<dyn Platform>,
    ledger: Ledger,
    faults: Faults,
    clock: Clock,
    recorded: Vec<Recorded>,
    asked: usize,
    changes: usize,
}

/// What is to be done with a connection after a request.
enum Then {
    Answer(Answer, Duration),
    Cut(Answer),
    Reset,
}

impl State {
    fn take(&mut self, call: Call) -> Then {
        let now = self.clock.now();
        self.asked += 1;
        self.changes += usize::from(call.method != "GET");
        self.platform.count(now);
        let fault = self.faults.befalls(&call);
        let own =
            |platform: &mut Box<dyn Platform>, ledger: &mut Ledger, fault| platform.answer(&call, now, fault, ledger);
        let done = |state: &mut Self| own(&mut state.platform, &mut state.ledger, None);
        let then = match fault {
            None | Some(Fault::None) => Then::Answer(done(self), Duration::ZERO),
            Some(Fault::Slow { millis }) => Then::Answer(done(self), Duration::from_millis(millis)),
            Some(Fault::ResetBefore) => Then::Reset,
            Some(Fault::ResetAfter) => {
                done(self);
                Then::Reset
            }
            Some(Fault::LostAndLate { seconds }) => {
                own(&mut self.platform, &mut self.ledger, Some(Fault::LateVisibility { seconds }));
                Then::Reset
            }
            Some(Fault::ErrorAfter) => {
                done(self);
                Then::Answer(self.platform.complain(Fault::ErrorAfter, now), Duration::ZERO)
            }
            Some(Fault::WrongJson) => Then::Cut(done(self)),
            Some(fault @ (Fault::Refuse | Fault::TooMany | Fault::Outage | Fault::ErrorInside200)) => {
                Then::Answer(self.platform.complain(fault, now), Duration::ZERO)
            }
            Some(fault) => Then::Answer(own(&mut self.platform, &mut self.ledger, Some(fault)), Duration::ZERO),
        };
        let answer = match &then {
            Then::Answer(answer, _) | Then::Cut(answer) => Some(answer.clone()),
            Then::Reset => None,
        };
        if self.recorded.len() >= MOST_RECORDED {
            self.recorded.remove(0);
        }
        self.recorded.push(Recorded { call, answer });
        then
    }

    /// The control addresses.
    fn control(&mut self, call: &Call, what: &str) -> Answer {
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let wrong = |why: &str| Answer::json(400, &json!({"error": why}));
        self.platform.count(self.clock.now());
        match (call.method.as_str(), what) {
            ("GET", "ledger") => Answer::json(200, &self.document()),
            ("GET", "ledger.txt") => Answer {
                status: 200,
                headers: vec![("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())],
                body: self.table(),
            },
            ("POST", "faults") => {
                if let (Some(seed), Some(percent)) = (body.get("seed"), body.get("percent")) {
                    let percent = percent.as_u64().and_then(|percent| u8::try_from(percent).ok());
                    let (Some(seed), Some(percent)) = (seed.as_u64(), percent) else { return wrong("seed, percent") };
                    self.faults.by_chance(seed, percent);
                    return Answer::json(200, &json!({"seed": seed, "percent": percent}));
                }
                match serde_json::from_value::<Planned>(body.clone()) {
                    Ok(planned) => {
                        self.faults.plan(planned);
                        Answer::json(200, &body)
                    }
                    Err(cause) => wrong(&cause.to_string()),
                }
            }
            ("DELETE", "faults") => {
                self.faults.clear();
                Answer::json(200, &json!({}))
            }
            ("POST", "clock") => {
                match body.get("advance_seconds").and_then(Value::as_i64).and_then(TimeDelta::try_seconds) {
                    Some(by) => {
                        self.clock.advance(by);
                        Answer::json(200, &json!({"now": self.clock.now().to_rfc3339()}))
                    }
                    None => wrong("advance_seconds"),
                }
            }
            _ => Answer::json(404, &json!({"error": "ledger, ledger.txt, faults, clock"})),
        }
    }

    fn document(&self) -> Value {
        self.ledger.to_document(self.platform.name(), &self.platform.campaigns())
    }

    fn table(&self) -> String {
        self.ledger.to_table(self.platform.name(), &self.platform.campaigns())
    }
}

/// A running simulator; it stops when the last handle is dropped.
pub struct Simulator {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Simulator {
    /// Starts a platform; port 0 picks a free one.
    pub async fn start(at: SocketAddr, platform: Box<dyn Platform>, clock: Clock) -> std::io::Result<Self> {
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        let (ledger, faults) = (Ledger::default(), Faults::default());
        let fresh = State { platform, ledger, faults, clock, recorded: Vec::new(), asked: 0, changes: 0 };
        let state = Arc::new(Mutex::new(fresh));
        let shared = state.clone();
        let task = tokio::spawn(async move {
            // Conversations end with the simulator.
            let mut talks = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let state = shared.clone();
                talks.spawn(async move { converse(Connection::new(stream), &state).await });
                while talks.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, state, task })
    }

    /// What a client's base URL is.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets something go wrong.
    pub fn plan(&self, planned: Planned) {
        locked(&self.state).faults.plan(planned);
    }

    /// Lets so many of a hundred requests go wrong, by a seed.
    pub fn by_chance(&self, seed: u64, percent: u8) {
        locked(&self.state).faults.by_chance(seed, percent);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        locked(&self.state).faults.clear();
    }

    /// Moves the platform's clock; what runs costs.
    pub fn advance(&self, by: TimeDelta) {
        let mut state = locked(&self.state);
        let now = state.clock.now();
        state.platform.count(now);
        state.clock.advance(by);
        let now = state.clock.now();
        state.platform.count(now);
    }

    /// What happened and what it cost, as JSON.
    #[must_use]
    pub fn ledger(&self) -> Value {
        locked(&self.state).document()
    }

    /// What happened and what it cost, as text.
    #[must_use]
    pub fn table(&self) -> String {
        locked(&self.state).table()
    }

    /// How many of a deed on an object.
    #[must_use]
    pub fn count(&self, deed: &str, object: &str) -> usize {
        locked(&self.state).ledger.count(deed, object)
    }

    /// How many requests there were, and how many of them by another method than `GET`.
    #[must_use]
    pub fn asked(&self) -> (usize, usize) {
        let state = locked(&self.state);
        (state.asked, state.changes)
    }

    /// Every request so far.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        locked(&self.state).recorded.clone()
    }

    /// Until the process is told to end.
    pub async fn serve(mut self) {
        let _ = (&mut self.task).await;
    }
}

async fn converse(mut connection: Connection, state: &Mutex<State>) {
    while let Ok(call) = connection.call().await {
        let then = match call.path.strip_prefix("/_simulator/") {
            Some(what) => Then::Answer(locked(state).control(&call, what), Duration::ZERO),
            None => locked(state).take(call),
        };
        match then {
            Then::Answer(answer, wait) => {
                tokio::time::sleep(wait).await;
                if connection.answer(&answer, false).await.is_err() {
                    return;
                }
            }
            Then::Cut(answer) => {
                let _ = connection.answer(&answer, true).await;
                return;
            }
            Then::Reset => return connection.reset(),
        }
    }
}
