//! The one writer of answers in a process: takes whatever waits, stores it in one transaction, then answers all of it.
//! Nobody waits for a timer; batches grow by themselves while the batch before is synced to disk.
//!
//! Writers of several processes take turns at the audit chain's head, which every batch extends first. So the number of its
//! entry orders all batches, and what an earlier batch brought is seen before later answers are compared.

use super::additions::Addition;
use super::announce::announce;
use super::pictures::Pictures;
use crate::app::audit::{self, Act, By};
use crate::app::{AppError, Clock, ServerKey, random};
use crate::db::attachments::{self, Attachment};
use crate::db::claims::{self, Claim};
use crate::db::likeness::{self, Head};
use crate::db::responses::{self, Response};
use crate::db::{Conn, Db};
use crate::domain::canonical;
use crate::domain::ids::AppealId;
use crate::domain::likeness::{Found, LikenessIndex, PictureSketch, Sketch};
use crate::domain::rules::Arrival;
use crate::domain::triage::{self, Sign, Standing, Weighed};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use tokio::sync::{mpsc, oneshot};

/// Answers in one transaction.
const MOST: usize = 1_024;
/// Answers in one transaction that are a rush: from here on their receipts are kept in runs.
const RUSH: usize = 16;
/// Receipts in a run. A batch changes at most the thirty pages of a run's index instead of a page for each receipt; two
/// million receipts make a thousand runs, in which a code is looked for within a few milliseconds.
const RUN: usize = 2_048;
/// Heads read back after a start, newest first.
const REMEMBERED: i64 = 100_000;

/// One answer, sealed, and what it is compared by.
pub(super) struct Job {
    pub response: Response,
    /// What the rules give its kind.
    pub arrival: Arrival,
    pub sketch: Sketch,
    /// Keyed names of places and hours near its own.
    pub near: Vec<String>,
    /// Its files, sealed and in the store, and what their pictures are compared by.
    pub files: Vec<(Attachment, Option<PictureSketch>)>,
    /// The claim it makes.
    pub claim: Option<Claim>,
    /// The municipality it names.
    pub municipality: Option<String>,
    pub reply: oneshot::Sender<Result<(), AppError>>,
}

/// What the writer is given.
pub(super) enum Work {
    /// An answer.
    Answer(Box<Job>),
    /// What is added to one.
    Addition(Box<Addition>),
}

/// What is remembered of an appeal's heads, and up to which batch.
#[derive(Default)]
pub(super) struct Known {
    index: LikenessIndex,
    pub(super) pictures: Pictures,
    pub(super) batch: i64,
    /// [`Writer::others`] when it was last up to date.
    others: u64,
}

pub(super) struct Writer {
    pub(super) clock: Clock,
    pub(super) key: ServerKey,
    pub(super) known: HashMap<AppealId, Known>,
    /// The audit entry of our last batch.
    last: Option<i64>,
    /// How often somebody else's entries were found between two of ours, the beginning counted.
    others: u64,
    /// The run of receipts that a rush is writing, and how many it has.
    run: Option<(String, usize)>,
}

/// Starts the writer's thread; it ends when nobody can send to it any more.
pub(super) fn start(db: Db, clock: Clock, key: ServerKey, mut jobs: mpsc::Receiver<Work>) {
    let mut writer = Writer { clock, key, known: HashMap::new(), last: None, others: 0, run: None };
    let work = move || {
        while let Some(first) = jobs.blocking_recv() {
            let (mut batch, mut later) = (Vec::new(), Vec::new());
            let mut sort = |work: Work| match work {
                Work::Answer(job) => batch.push(*job),
                Work::Addition(addition) => later.push(*addition),
            };
            sort(first);
            for _ in 1..MOST {
                let Ok(more) = jobs.try_recv() else { break };
                sort(more);
            }
            writer.handle(&db, batch, later);
        }
    };
    if let Err(cause) = std::thread::Builder::new().name("intake".to_owned()).spawn(work) {
        // The receiver is gone with the closure: every answer is told that it could not be taken.
        tracing::error!(event = "intake.writer", %cause);
    }
}

/// What the seal of a head's sketch is bound to.
fn bound(appeal: &str) -> String {
    format!("likeness head {appeal}")
}

impl Writer {
    fn handle(&mut self, db: &Db, mut batch: Vec<Job>, mut later: Vec<Addition>) {
        let outcome = db.write_now(|conn| {
            let repeated = if batch.is_empty() { HashSet::new() } else { self.store(conn, &mut batch)? };
            Ok::<_, AppError>((repeated, self.add_all(conn, &mut later)?))
        });
        match outcome {
            Ok((repeated, refused)) => {
                for (addition, outcome) in later.into_iter().zip(refused) {
                    let _ = addition.reply.send(outcome);
                }
                for (n, job) in batch.into_iter().enumerate() {
                    let answer = if repeated.contains(&n) {
                        Err(AppError::Conflict { code: "form-sent-before" })
                    } else {
                        Ok(())
                    };
                    // Who does not wait any more may come back with nothing: the answer is kept all the same.
                    let _ = job.reply.send(answer);
                }
            }
            Err(cause) => {
                tracing::error!(event = "intake.batch", answers = batch.len(), %cause);
                // What was remembered may hold what was rolled back.
                self.known.clear();
                self.last = None;
                self.run = None;
                let lost = || Err(AppError::Unavailable("answers could not be stored".to_owned()));
                for job in batch {
                    let _ = job.reply.send(lost());
                }
                for addition in later {
                    let _ = addition.reply.send(lost());
                }
            }
        }
    }

    /// Stores a batch; the numbers of those whose form was sent before.
    fn store(&mut self, conn: &mut Conn, batch: &mut [Job]) -> Result<HashSet<usize>, AppError> {
        let now = self.clock.now(conn)?;
        let mut of: BTreeMap<AppealId, Vec<usize>> = BTreeMap::new();
        for (n, job) in batch.iter().enumerate() {
            of.entry(job.response.appeal.clone()).or_default().push(n);
        }
        let digests: Vec<&str> = batch.iter().map(|job| job.response.form_digest.as_str()).collect();
        let mut sent = responses::forms_known(conn, &digests)?;
        let repeated: HashSet<usize> = batch
            .iter()
            .enumerate()
            .filter(|(_, job)| !sent.insert(job.response.form_digest.clone()))
            .map(|(n, _)| n)
            .collect();
        let (mut heads, mut pictures) = (Vec::new(), Vec::new());
        let mut brought = Vec::new();
        for (appeal, numbers) in of {
            let fresh: Vec<usize> = numbers.into_iter().filter(|n| !repeated.contains(n)).collect();
            let Some(unit) = fresh.first().and_then(|n| batch.get(*n)).map(|job| job.response.unit.clone()) else {
                continue;
            };
            let ids: Vec<_> =
                fresh.iter().filter_map(|n| batch.get(*n)).map(|job| json!(job.response.id.as_str())).collect();
            // One entry for what came together; each answer keeps its number, and the digest is over all their ids.
            let payload = canonical::digest(&json!(ids));
            let act =
                Act { action: "responses.received", object: appeal.as_str(), payload: &payload, ..Act::default() };
            let seq = audit::record_numbered(conn, now, By::of_unit("public", &unit), &act)?;
            self.entered(seq);
            self.catch_up(conn, &appeal)?;
            let mut places: BTreeMap<String, i64> = BTreeMap::new();
            for named in fresh.iter().filter_map(|n| batch.get(*n)).filter_map(|job| job.municipality.clone()) {
                *places.entry(named).or_default() += 1;
            }
            let places: Vec<_> = places.into_iter().collect();
            claims::count_places(conn, &appeal, &places)?;
            brought.push((unit, appeal.clone(), fresh.clone()));
            for n in fresh {
                let Some((before, job)) = split(batch, n) else { continue };
                job.response.batch = seq;
                let known = self.known.entry(appeal.clone()).or_default();
                let (first, all_repeat) = known.pictures.place(&self.key, &mut job.files, job.response.batch)?;
                pictures.extend(first);
                if all_repeat {
                    job.response.signs.push(Sign::SamePicture);
                }
                heads.extend(self.place_among(conn, before, job)?);
            }
            self.known.entry(appeal).or_default().batch = seq;
        }
        self.put_in_runs(conn, batch, &repeated)?;
        let rows: Vec<&Response> =
            batch.iter().enumerate().filter(|(n, _)| !repeated.contains(n)).map(|(_, job)| &job.response).collect();
        responses::add_all(conn, &rows)?;
        likeness::add_heads(conn, &heads)?;
        let files: Vec<&Attachment> = batch
            .iter()
            .enumerate()
            .filter(|(n, _)| !repeated.contains(n))
            .flat_map(|(_, job)| job.files.iter().map(|(file, _)| file))
            .collect();
        attachments::add_all(conn, &files)?;
        let claimed =
            batch.iter().enumerate().filter(|(n, _)| !repeated.contains(n)).filter_map(|(_, job)| job.claim.as_ref());
        claims::add_all(conn, &claimed.collect::<Vec<_>>())?;
        attachments::add_heads(conn, &pictures)?;
        for (unit, appeal, numbers) in &brought {
            let jobs: Vec<&Job> = numbers.iter().filter_map(|n| batch.get(*n)).collect();
            announce(conn, (unit, appeal), &jobs, now)?;
        }
        Ok(repeated)
    }

    /// In a rush, lets the receipts of a batch lie together in their index.
    fn put_in_runs(&mut self, conn: &mut Conn, batch: &mut [Job], repeated: &HashSet<usize>) -> Result<(), AppError> {
        let fresh = batch.len() - repeated.len();
        if fresh < RUSH {
            return Ok(());
        }
        let (prefix, count) = match self.run.take() {
            Some(begun) if begun.1 < RUN => begun,
            // No two batches have the same entry, whichever process writes them.
            _ => {
                let prefix = format!("{:x}.", self.last.unwrap_or_default());
                responses::begin_run(conn, &prefix)?;
                (prefix, 0)
            }
        };
        for (_, job) in batch.iter_mut().enumerate().filter(|(n, _)| !repeated.contains(n)) {
            job.response.receipt_digest.insert_str(0, &prefix);
        }
        self.run = Some((prefix, count + fresh));
        Ok(())
    }

    /// Takes note of an entry of ours. The chain has no gaps: when it is not the next one after our last, somebody else
    /// wrote in between, and may have brought heads.
    pub(super) fn entered(&mut self, seq: i64) {
        if self.last != Some(seq - 1) {
            self.others += 1;
        }
        self.last = Some(seq);
    }

    /// Reads the heads that other processes brought, or all there are after a start.
    pub(super) fn catch_up(&mut self, conn: &mut Conn, appeal: &AppealId) -> Result<(), AppError> {
        let known = self.known.entry(appeal.clone()).or_default();
        if known.others == self.others {
            return Ok(());
        }
        let place = bound(appeal.as_str());
        for head in likeness::heads_after(conn, appeal, known.batch, REMEMBERED)? {
            let sketch = self.key.open_sealed(&place, &head.sealed).and_then(|bytes| Sketch::from_bytes(&bytes));
            let sketch = sketch.ok_or_else(|| AppError::Broken(format!("sketch of {}", head.response_id)))?;
            known.index.add(&head.response_id, &head.family, sketch);
        }
        for head in attachments::heads_after(conn, appeal, known.batch, REMEMBERED)? {
            known.pictures.remember(&self.key, appeal, &head)?;
        }
        known.others = self.others;
        Ok(())
    }

    /// Decides what an answer is among those before it, and its weight; its head when it is one.
    fn place_among(&mut self, conn: &mut Conn, before: &[Job], job: &mut Job) -> Result<Option<Head>, AppError> {
        let response = &mut job.response;
        let known = self.known.entry(response.appeal.clone()).or_default();
        // Who sends a file that nobody sent before says more than those whose words they use; who claims, claims for themselves.
        let claims = job.claim.is_some();
        let brings = claims
            || job.files.iter().any(|(file, _)| file.same_as.as_deref().is_none_or(|same| same == file.id.as_str()));
        let standing = match known.index.find(&job.sketch) {
            Found::Duplicate { family, .. } if brings => {
                response.family = family;
                Standing::Variant { rank: 1, firm: true }
            }
            Found::Duplicate { of, family } => {
                response.duplicate_of = Some(of);
                response.family = family;
                Standing::Copy
            }
            Found::Variant { family, rank, firm } => {
                response.family = family;
                Standing::Variant { rank, firm }
            }
            Found::New => Standing::First,
        };
        let mut corroborating = 0;
        if !job.near.is_empty() && standing != Standing::Copy {
            let (stored, name) = responses::sightings_near(conn, &response.appeal, &job.near)?;
            let here = |other: &&Job| {
                other.response.duplicate_of.is_none()
                    && other.response.appeal == response.appeal
                    && other.response.sighting.as_ref().is_some_and(|name| job.near.contains(name))
            };
            let waiting: Vec<&Job> = before.iter().filter(here).collect();
            corroborating = stored.saturating_add(u32::try_from(waiting.len()).unwrap_or(u32::MAX));
            let first = name.or_else(|| waiting.first().and_then(|other| other.response.sighting.clone()));
            response.sighting = first.or_else(|| response.sighting.take());
        }
        if corroborating > 0 {
            response.signs.push(Sign::Corroborated);
        }
        response.weight = triage::weight(&Weighed {
            base: job.arrival.weight,
            proof: response.proof,
            standing,
            corroborating,
            signs: &response.signs,
        });
        if standing == Standing::Copy || job.sketch.is_empty() {
            return Ok(None);
        }
        known.index.add(response.id.as_str(), &response.family, job.sketch.clone());
        let sealed = self.key.seal(&bound(response.appeal.as_str()), &job.sketch.to_bytes(), random::bytes());
        Ok(Some(Head {
            response_id: response.id.to_string(),
            appeal_id: response.appeal.to_string(),
            family: response.family.clone(),
            batch: response.batch,
            sealed: sealed.ok_or_else(|| AppError::Broken("sealing".to_owned()))?,
        }))
    }
}

/// One job and those before it.
fn split(batch: &mut [Job], n: usize) -> Option<(&[Job], &mut Job)> {
    let (before, rest) = batch.split_at_mut_checked(n)?;
    Some((before, rest.first_mut()?))
}
