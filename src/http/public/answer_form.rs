//! What the form of an appeal sends, read: every fault at once, beside its field. What it looks like is `pages::respond`'s; the map
//! in it is [`super::answer_map`]'s.

use crate::app::App;
use crate::app::intake::Place;
use crate::app::respond::{LONGEST_TEXT, Told};
use crate::area::Chart;
use crate::domain::email::EmailAddress;
use crate::domain::place::PlaceCode;
use crate::domain::response::ResponseKind;
use crate::domain::spot::{PlacePrecision, Spot};
use crate::domain::when::{Precision, Typed, TypedFault};
use crate::http::pages::form::{Entered, Mistake};
use crate::http::pages::respond::RespondView;
use crate::words::{Locale, Zone};
use chrono::{DateTime, Utc};

/// What the form sends.
#[derive(Clone, Default)]
pub(super) struct Form {
    pub token: String,
    /// What the sender's browser worked out, where it was asked to.
    pub proof: String,
    /// Which button was pressed; empty or `send`: the one that sends.
    pub step: String,
    pub kind: String,
    pub what: String,
    pub place: String,
    /// The place that was found or chosen, and the words it was found by.
    pub place_code: String,
    pub place_for: String,
    pub place_precision: String,
    /// What the map shows; empty while there is none.
    pub view: String,
    /// The point that is marked.
    pub spot: String,
    /// Where the picture of the map was pressed.
    pub map_x: String,
    pub map_y: String,
    pub when: String,
    pub when_date: String,
    pub when_time: String,
    pub when_part: String,
    pub when_certainty: String,
    pub contact_name: String,
    pub contact_phone: String,
    pub contact_email: String,
}

impl Form {
    /// From names and values as a browser sends them.
    pub fn of(texts: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in texts {
            let field = match name.as_str() {
                "token" => &mut form.token,
                "proof" => &mut form.proof,
                "step" => &mut form.step,
                "kind" => &mut form.kind,
                "what" => &mut form.what,
                "where" => &mut form.place,
                "place_code" => &mut form.place_code,
                "place_for" => &mut form.place_for,
                "place_precision" => &mut form.place_precision,
                "view" => &mut form.view,
                "spot" => &mut form.spot,
                "map.x" => &mut form.map_x,
                "map.y" => &mut form.map_y,
                "when" => &mut form.when,
                "when_date" => &mut form.when_date,
                "when_time" => &mut form.when_time,
                "when_part" => &mut form.when_part,
                "when_certainty" => &mut form.when_certainty,
                "contact_name" => &mut form.contact_name,
                "contact_phone" => &mut form.contact_phone,
                "contact_email" => &mut form.contact_email,
                _ => continue,
            };
            *field = value;
        }
        form
    }

    /// What the map shows.
    pub fn chart(&self) -> Option<Chart> {
        Chart::parse(&self.view)
    }

    /// The point that is marked.
    pub fn marked(&self) -> Option<Spot> {
        Spot::parse(&self.spot)
    }

    /// The place that was found or chosen, as long as the words it was found by still stand there.
    pub fn found(&self, app: &App) -> Option<PlaceCode> {
        let code = PlaceCode::parse(&self.place_code).ok().filter(|code| app.gazetteer.exists(code))?;
        (self.place_for.trim() == self.place.trim()).then_some(code)
    }

    /// The moment that was typed, on the clock of the appeal's country.
    fn moment(&self, zone: Zone, now: DateTime<Utc>) -> Result<Option<(DateTime<Utc>, Precision)>, Fault> {
        let typed = Typed {
            date: &self.when_date,
            time: &self.when_time,
            part: &self.when_part,
            certainty: &self.when_certainty,
        };
        let Some((local, precision)) = typed.read(zone.wall_clock(now)).map_err(|fault| match fault {
            TypedFault::Date => ("when_date", Mistake::NoDate),
            TypedFault::Time => ("when_time", Mistake::NoTime),
            TypedFault::Part => ("when_part", Mistake::NotAChoice),
            TypedFault::Certainty => ("when_certainty", Mistake::NotAChoice),
            TypedFault::Future => ("when_date", Mistake::InFuture),
        })?
        else {
            return Ok(None);
        };
        // The hour that no clock showed when summer time began.
        let at = zone.moment_of(local).ok_or(("when_time", Mistake::NoSuchTime))?;
        // The hour that clocks showed twice when it ended is known to the hour and no nearer.
        let twice = precision == Precision::Minute && zone.shows_twice(local);
        Ok(Some((at, if twice { Precision::Hour } else { precision })))
    }

    /// What is wrong in it, by field.
    pub fn faults(&self, zone: Zone, now: DateTime<Utc>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if ResponseKind::parse(&self.kind).is_none_or(|kind| !ResponseKind::OFFERED.contains(&kind)) {
            faults.push(("kind", Mistake::NotAChoice));
        }
        if self.what.trim().is_empty() {
            faults.push(("what", Mistake::Empty));
        }
        let limit = u32::try_from(LONGEST_TEXT).unwrap_or(u32::MAX);
        for (name, text, limit) in [
            ("what", &self.what, limit),
            ("where", &self.place, 300),
            ("when", &self.when, 300),
            ("contact_name", &self.contact_name, 200),
            ("contact_phone", &self.contact_phone, 60),
        ] {
            // Counting bytes first spares counting characters of nearly everything.
            let limit_chars = usize::try_from(limit).unwrap_or(usize::MAX);
            if text.len() > limit_chars && text.chars().count() > limit_chars {
                faults.push((name, Mistake::TooLong(limit)));
            }
        }
        faults.extend(self.moment(zone, now).err());
        let email = self.contact_email.trim();
        if !email.is_empty() && EmailAddress::parse(email).is_err() {
            faults.push(("contact_email", Mistake::NotAnEmail));
        }
        faults
    }

    /// What it tells.
    pub fn told(&self, app: &App, place: &Place, locale: Locale, lot: Option<&str>) -> Told {
        let what = match lot {
            Some(lot) => format!("[lot {lot}] {}", self.what.trim()),
            None => self.what.trim().to_owned(),
        };
        let spot = self.marked();
        // Said by the sender, or as far as a finger on that map can tell.
        let shown = || spot.and(self.chart()).map(|chart| precision(chart.width_m()));
        Told {
            kind: ResponseKind::parse(&self.kind),
            lot: lot.and_then(|lot| lot.parse().ok()),
            what,
            place: self.place.trim().to_owned(),
            when: self.when.trim().to_owned(),
            spot,
            chosen: self.found(app),
            place_precision: PlacePrecision::parse(&self.place_precision).or_else(shown),
            moment: self.moment(Zone::from(place.country), place.now(app)).ok().flatten(),
            language: Some(locale.code()),
            name: self.contact_name.trim().to_owned(),
            phone: self.contact_phone.trim().to_owned(),
            email: self.contact_email.trim().to_owned(),
        }
    }
}

/// A field and what is wrong with it.
pub(super) type Fault = (&'static str, Mistake);

fn precision(width_m: f64) -> PlacePrecision {
    if width_m < 5_000.0 {
        PlacePrecision::Street
    } else if width_m < 50_000.0 {
        PlacePrecision::Neighbourhood
    } else {
        PlacePrecision::Municipality
    }
}

/// Writes the faults beside their fields.
pub(super) fn mark(view: &mut RespondView, faults: &[Fault]) {
    for (name, mistake) in faults {
        let field: &mut Entered = match *name {
            "kind" => &mut view.kind,
            "what" => &mut view.what,
            "where" => &mut view.place,
            "when" => &mut view.when,
            "when_date" => &mut view.when_date,
            "when_time" => &mut view.when_time,
            "when_part" => &mut view.when_part,
            "when_certainty" => &mut view.when_certainty,
            "contact_name" => &mut view.contact_name,
            "contact_phone" => &mut view.contact_phone,
            _ => &mut view.contact_email,
        };
        *field = field.clone().but(*mistake);
    }
}
