//! What answers need to know of their appeal, read at most once a second however many come: where it is shown, to which
//! key they are sealed, under which secret they are compared.

use super::{Intake, held};
use crate::app::{App, AppError, check_texts, random};
use crate::db::publications::{self, Publication};
use crate::db::{Conn, appeals, likeness};
use crate::domain::ids::{AppealId, LotId, UnitId};
use crate::domain::kind::AppealKind;
use crate::domain::language::Language;
use crate::domain::likeness::LikenessKey;
use crate::domain::place::{Country, PlaceCode};
use crate::domain::scope::ChannelKind;
use crate::lint::HoldBack;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How old knowledge of an appeal may be: a takedown closes the form within the second.
const FRESH: Duration = Duration::from_secs(1);
/// Appeals remembered at a time; nobody has so many open.
const MOST: usize = 1_000;

/// An appeal as its answers see it.
pub struct Place {
    /// Which appeal.
    pub appeal: AppealId,
    /// Whose.
    pub unit: UnitId,
    /// What is shown of it.
    pub publication: Publication,
    /// What it asks for.
    pub kind: AppealKind,
    /// Whose wall clock its senders read.
    pub country: Country,
    pub(super) public_key: Vec<u8>,
    pub(super) likeness: LikenessKey,
    pub(super) withheld: Arc<Vec<HoldBack>>,
    /// Where and when the person was seen for sure.
    pub(super) last_seen: Option<(PlaceCode, DateTime<Utc>)>,
    /// The lots that can be claimed, by their number.
    pub(super) lots: HashMap<i64, LotId>,
    database_time: DateTime<Utc>,
    read: Instant,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").field("appeal", &self.appeal).finish_non_exhaustive()
    }
}

impl Place {
    /// The database's time, carried on since it was last asked.
    #[must_use]
    pub fn now(&self, app: &App) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.read.elapsed()).unwrap_or_default();
        let now = app.clock.shifted(self.database_time + passed);
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// The key answers are sealed to.
    pub(in crate::app) fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// Whether it is shown to the public.
    #[must_use]
    pub fn is_shown(&self, app: &App) -> bool {
        self.publication.withdrawn_at.is_none() && self.now(app) < self.publication.ends_at
    }
}

/// What the seal of an appeal's secret is bound to.
fn bound(appeal: &AppealId) -> String {
    format!("likeness key {appeal}")
}

/// The secret of an appeal, made when the first answer may come.
async fn likeness_key(app: &App, appeal: &AppealId) -> Result<LikenessKey, AppError> {
    let (context, id) = (app.clone(), appeal.clone());
    let open = move |conn: &mut Conn| -> Result<Option<LikenessKey>, AppError> {
        let Some(sealed) = likeness::key(conn, &id)? else { return Ok(None) };
        let opened = context.key.open_sealed(&bound(&id), &sealed);
        let bytes = opened.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        bytes
            .map(|bytes| Some(LikenessKey::new(bytes)))
            .ok_or_else(|| AppError::Broken(format!("likeness key of {id}")))
    };
    if let Some(known) = app.db.read(open.clone()).await? {
        return Ok(known);
    }
    let (context, id) = (app.clone(), appeal.clone());
    let made = app.db.write(move |conn| {
        let now = context.clock.now(conn)?;
        let sealed = context.key.seal(&bound(&id), &random::bytes::<32>(), random::bytes());
        likeness::add_key(conn, &id, &sealed.ok_or_else(|| AppError::Broken("sealing".to_owned()))?, now)?;
        open(conn)
    });
    made.await?.ok_or(AppError::NotFound)
}

fn last_seen(appeal: &appeals::Appeal) -> Option<(PlaceCode, DateTime<Utc>)> {
    let document = appeal.draft.to_document();
    let text = |key: &str| document.pointer(key)?.as_str();
    let place = PlaceCode::parse(text("/subject/last_seen/place")?).ok()?;
    let at = DateTime::parse_from_rfc3339(text("/subject/last_seen/at")?).ok()?;
    Some((place, at.with_timezone(&Utc)))
}

impl Intake {
    /// The appeal under an address; `NotFound` when there is none.
    pub async fn place(&self, app: &App, language: Language, slug: &str) -> Result<Arc<Place>, AppError> {
        self.place_known_for(app, language, slug, FRESH).await
    }

    /// [`Self::place`] as it stands at this moment.
    pub async fn place_now(&self, app: &App, language: Language, slug: &str) -> Result<Arc<Place>, AppError> {
        self.place_known_for(app, language, slug, Duration::ZERO).await
    }

    async fn place_known_for(
        &self,
        app: &App,
        language: Language,
        slug: &str,
        age: Duration,
    ) -> Result<Arc<Place>, AppError> {
        let address = (language, slug.to_owned());
        if let Some(known) = held(&self.places).get(&address).filter(|place| place.read.elapsed() < age) {
            return Ok(known.clone());
        }
        let (context, slug) = (app.clone(), slug.to_owned());
        let (publication, appeal, withheld, database_time, read) = app
            .db
            .read(move |conn| {
                let read = Instant::now();
                let database_time = conn.now()?;
                let publication = publications::by_slug(conn, ChannelKind::Page, language, &slug)?;
                let appeal = appeals::any(conn, &publication.appeal)?;
                let withheld = check_texts::withheld(conn, &context, &appeal.id)?;
                Ok::<_, AppError>((publication, appeal, withheld, database_time, read))
            })
            .await?;
        let known = held(&self.places).get(&address).map(|place| place.likeness.clone());
        let over = publication.withdrawn_at.is_some() || publication.ends_at <= app.clock.shifted(database_time);
        let likeness = match known {
            Some(known) => known,
            // Nothing comes in any more: a closed appeal's secret is gone and is not made again.
            None if over => LikenessKey::new(random::bytes()),
            None => likeness_key(app, &appeal.id).await?,
        };
        let place = Arc::new(Place {
            last_seen: last_seen(&appeal),
            kind: appeal.draft.kind(),
            country: appeal.draft.country,
            lots: appeal.lots.iter().map(|lot| (lot.number, lot.id.clone())).collect(),
            appeal: appeal.id,
            unit: appeal.unit,
            publication,
            public_key: appeal.public_key,
            likeness,
            withheld: Arc::new(withheld),
            database_time,
            read,
        });
        let mut places = held(&self.places);
        if places.len() >= MOST {
            places.retain(|_, place| place.read.elapsed() < FRESH);
        }
        places.insert(address, place.clone());
        Ok(place)
    }
}
