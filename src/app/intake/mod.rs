//! How answers of the public come in, also when 11,000 come in an hour and a thousand times as many: weighed and compared
//! while they can still be read, sealed, and stored many at a time by one writer. A receipt is given only for what the
//! database has made durable.
//!
//! # What is paid once and not per answer
//! What an answer needs to know of its appeal (`place`) is read once a second. The key agreement of the seal is made
//! once per appeal and [`SEALER_LIFE`]. The commit, the audit entry and the look at other processes' rows are made once
//! per batch (`writer`); while one batch is synced to disk, the next one gathers.
//!
//! # What a captured process could read
//! Everything that is sent while it is captured, under any scheme; and of the past what lies under the contexts alive at
//! that moment: at most [`SEALER_LIFE`] or `AppealSealer::MOST` values per appeal. The keys that compare texts (`place`
//! holds them while an appeal is asked about) let it test guesses against the sketches of heads. It holds no key that
//! opens a stored answer.
//!
//! # What the comparing leaks
//! To a thief of the database: which answers of one appeal are alike, and which tell of one place and hour; no word, place
//! or hour of them. With the server key as well: guesses of whole texts can be tested against the sketches of heads, until
//! the appeal is closed and key and sketches are deleted.
//!
//! Pictures leak likewise: to a thief of the database, which files of one appeal show the same picture; with the server key
//! as well, a drawing of each of eight by eight differences in brightness, until the appeal is closed. Lengths of files are
//! known to the next 16 KiB, their kind and the scanner's verdict stand in the clear. How many answers name a municipality
//! is counted apart from the answers; whoever copies the database before and after one answer learns its municipality.
//! Which lot a claim is about stands in the clear.

mod additions;
mod announce;
mod files;
mod names;
mod pictures;
mod place;
mod sources;
mod writer;

pub(super) use additions::{More, add, place_of};
pub use files::{CheckedFile, RefusedFile, Upload, check};
pub(super) use files::{field as file_field, forget as forget_files, meta_field, thread_field};
pub(super) use names::middle;
pub use names::{middle_of, place_in};
pub use place::Place;
pub use sources::{Cost, Sources};

use super::respond::{Told, context, form_of, sealing};
use super::{App, AppError, random};
use crate::db::claims::Claim;
use crate::db::responses::Response;
use crate::domain::canonical;
use crate::domain::ids::{AppealId, ClaimId, ResponseId};
use crate::domain::language::Language;
use crate::domain::likeness::Sketch;
use crate::domain::response::{ResponseKind, ResponseState};
use crate::domain::rules::country_day;
use crate::domain::triage::{Proof, Sign};
use crate::sealing::{AppealPublicKey, AppealSealer, NewThreadKey, OsRandom, ReceiptCode, Sealed};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How long one key agreement serves: the past that a captured process could read.
pub const SEALER_LIFE: Duration = Duration::from_secs(30);
/// Answers waiting for the writer; two seconds of the thousandfold rush.
const WAITING: usize = 8_192;
/// How long an answer waits for a place in the queue before its sender is told to try again.
const PATIENCE: Duration = Duration::from_secs(8);

/// A mutex whose holder panicked is no reason to refuse answers: what it guards is only remembered, never the truth.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The way in, one per process.
#[derive(Default)]
pub struct Intake {
    jobs: OnceLock<mpsc::Sender<writer::Work>>,
    places: Mutex<HashMap<(Language, String), Arc<Place>>>,
    sealers: Mutex<HashMap<AppealId, (Instant, AppealSealer)>>,
    /// Where answers come from, as far as a rush is to be told from a crowd.
    pub sources: Sources,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Intake(***)")
    }
}

/// One answer as it was sent.
pub struct Sent<'a> {
    /// Which channel's link it came by.
    pub channel: &'a str,
    /// The form's one-time token.
    pub token: &'a str,
    /// What the sender's browser worked out, if it did.
    pub nonce: &'a str,
    /// Where from; forgotten within the day, never stored.
    pub from: Option<IpAddr>,
    /// What was said.
    pub told: &'a Told,
    /// What was sent with it.
    pub files: &'a [CheckedFile],
}

impl Intake {
    fn seal(
        &self,
        public: &AppealPublicKey,
        response: &Response,
        fields: &[(&str, Value)],
    ) -> Result<Vec<Vec<u8>>, AppError> {
        let mut sealers = held(&self.sealers);
        sealers.retain(|_, (made, _)| made.elapsed() < SEALER_LIFE);
        let known = sealers.get(&response.appeal).is_some_and(|(_, s)| !s.is_spent() && s.key_id() == public.id());
        if !known {
            let sealer = AppealSealer::new(public, &mut OsRandom).map_err(sealing)?;
            sealers.insert(response.appeal.clone(), (Instant::now(), sealer));
        }
        let Some((_, sealer)) = sealers.get_mut(&response.appeal) else { return Err(AppError::NotFound) };
        fields
            .iter()
            .map(|(field, value)| {
                let text = zeroize::Zeroizing::new(value.to_string());
                sealer.seal(&context(response, field), text.as_bytes(), &mut OsRandom).map(Sealed::into_bytes)
            })
            .collect::<Result<_, _>>()
            .map_err(sealing)
    }

    fn writer(&self, app: &App) -> &mpsc::Sender<writer::Work> {
        self.jobs.get_or_init(|| {
            let (jobs, waiting) = mpsc::channel(WAITING);
            writer::start(app.db.clone(), app.clock.clone(), app.key.clone(), waiting);
            jobs
        })
    }
}

/// What keeps a form from counting twice: its moment in front, so that what is looked up together lies together.
fn form_digest(token: &str) -> String {
    format!("{}.{}", token.split('.').next().unwrap_or_default(), canonical::digest(&json!(token)))
}

/// What a sender did to be taken for one person, as far as anything was asked. It costs a place in the queue, never the
/// answer: thousands behind one carrier's address are as welcome as one.
fn proof(app: &App, sent: &Sent<'_>) -> Proof {
    let asked = app.intake.sources.received(sent.from, &app.config.responses);
    if asked.bits == 0 {
        return Proof::NotAsked;
    }
    let Some(form) = form_of(app, sent.token) else { return Proof::None };
    if form.bits >= asked.bits && form.is_worked(sent.nonce) {
        return Proof::Work;
    }
    // A form that was open as long as writing takes, if its address did not use that way too often.
    let waited = form.age_seconds() >= app.config.responses.writing_seconds;
    if waited && app.intake.sources.waited(sent.from, &app.config.responses) { Proof::Time } else { Proof::None }
}

/// Takes an answer in; the receipt code is shown once, and stands for something durable. `Conflict` when the same form was
/// sent before.
pub async fn receive(app: &App, place: &Place, sent: &Sent<'_>) -> Result<ReceiptCode, AppError> {
    receive_numbered(app, place, sent).await.map(|(receipt, _)| receipt)
}

/// [`receive`], and the response it became.
pub(super) async fn receive_numbered(
    app: &App,
    place: &Place,
    sent: &Sent<'_>,
) -> Result<(ReceiptCode, ResponseId), AppError> {
    let (receipt, mut job, answered) = prepare(app, place, sent)?;
    // In the store before the row that names them: a receipt stands for the files too.
    let to = files::Belonging { response: &job.response, at: job.response.received_at, message: None, thread: None };
    job.files = files::keep(app, place, &to, sent.files).await?;
    let id = job.response.id.clone();
    let kept: Vec<_> = job.files.iter().map(|(file, _)| file.clone()).collect();
    let stored = async {
        let queued = app.intake.writer(app).send_timeout(writer::Work::Answer(Box::new(job)), PATIENCE).await;
        queued.map_err(|_| AppError::Unavailable("intake queue is full".to_owned()))?;
        answered.await.map_err(|_| AppError::Unavailable("intake writer ended".to_owned()))?
    };
    let stored = stored.await;
    // Only what is known not to be stored: an unclear end leaves files that no row names, never rows without files.
    if matches!(stored, Err(AppError::Conflict { .. })) {
        files::forget(app, &kept).await;
    }
    stored.map(|()| (receipt, id))
}

/// All of [`receive`] but storing, for a figure beside it: the receipt is for nothing.
pub fn prepare_only(app: &App, place: &Place, sent: &Sent<'_>) -> Result<ReceiptCode, AppError> {
    prepare(app, place, sent).map(|(receipt, ..)| receipt)
}

type Prepared = (ReceiptCode, writer::Job, oneshot::Receiver<Result<(), AppError>>);

fn prepare(app: &App, place: &Place, sent: &Sent<'_>) -> Result<Prepared, AppError> {
    let told = sent.told;
    let now = place.now(app);
    let public = AppealPublicKey::from_slice(&place.public_key).map_err(sealing)?;
    let kind = told.kind.unwrap_or(ResponseKind::Tip);
    let arrival = app.rules.arrival(kind, place.kind, place.country, country_day(place.country, now));
    let id = ResponseId::from_parts(now, random::bytes());
    let receipt = ReceiptCode::generate(&mut OsRandom);
    let thread = NewThreadKey::generate(&receipt, id.as_str(), &mut OsRandom).map_err(sealing)?;
    let seen = names::seen(app, place, told, now);
    let mut signs = Vec::new();
    if !place.withheld.is_empty() && super::check_texts::lint()?.tells_withheld(&told.what, &place.withheld) {
        signs.push(Sign::WithheldFact);
    }
    if kind == ResponseKind::Sighting && seen.is_too_far(app, place) {
        signs.push(Sign::Implausible);
    }
    let mut response = Response {
        family: id.to_string(),
        id,
        appeal: place.appeal.clone(),
        unit: place.unit.clone(),
        kind,
        channel: sent.channel.to_owned(),
        language: told.language.unwrap_or(place.publication.language.code()).to_owned(),
        state: ResponseState::New,
        version: 1,
        receipt_digest: receipt.digest().to_hex(),
        form_digest: form_digest(sent.token),
        key_id: public.id().to_string(),
        sealed_text: Vec::new(),
        sealed_sender: None,
        thread_public: thread.public.as_bytes().to_vec(),
        thread_wrapped: thread.wrapped.as_bytes().to_vec(),
        received_at: now,
        batch: 0,
        duplicate_of: None,
        sighting: None,
        proof: proof(app, sent),
        urgency: arrival.urgency,
        weight: 0,
        signs,
        assigned_to: None,
        locked_by: None,
        locked_until: None,
        attachments: i32::try_from(sent.files.len()).unwrap_or(i32::MAX),
    };
    let mut fields = vec![("text", told.text(&seen.to_document()))];
    fields.extend(told.sender().map(|sender| ("sender", sender)));
    let mut sealed = app.intake.seal(&public, &response, &fields)?.into_iter();
    response.sealed_text = sealed.next().unwrap_or_default();
    response.sealed_sender = sealed.next();
    // A point and an hour that were not written tell answers apart as words do.
    let marks = if told.spot.is_some() || told.moment.is_some() { seen.marks() } else { String::new() };
    let words = format!("{}\n{}\n{}\n{marks}", told.what, told.place, told.when);
    let sketch = Sketch::of(&place.likeness, &words, names::is_place);
    let near = if kind == ResponseKind::Sighting { seen.names(place) } else { Vec::new() };
    response.sighting = near.first().cloned();
    let lot = told.lot.filter(|_| kind == ResponseKind::Claim).and_then(|number| place.lots.get(&number));
    let claim = lot.map(|lot| {
        let id = ClaimId::from_parts(now, random::bytes());
        Claim::new(id, response.id.clone(), response.appeal.clone(), lot.clone(), now)
    });
    let municipality = seen.municipality();
    let (reply, answered) = oneshot::channel();
    let job = writer::Job { response, arrival, sketch, near, files: Vec::new(), claim, municipality, reply };
    Ok((receipt, job, answered))
}
