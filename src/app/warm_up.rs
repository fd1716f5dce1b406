//! A relay that receivers do not know yet is given a few mails on its first day and more with every day of use
//! (`domain::warm_up`). What was given is counted before it is sent, for all workers together, so that a crash counts too much
//! and never too little. Corrections go out whatever the day's number says: who was told something wrong is told so today.

use super::dispatch_appeal::{PRIORITY_CHILD_ALERT, PRIORITY_TAKEDOWN};
use super::{App, AppError};
use crate::db::deliveries::Delivery;
use crate::db::{Conn, warm_up};
use crate::domain::flow::Admission;
use crate::domain::warm_up::{Ramp, day_of, next_day};
use chrono::{DateTime, Utc};

/// How the relay's number grows; none where it is known already.
fn ramp(app: &App) -> Option<Ramp> {
    let settings = &app.config.email.warm_up;
    (settings.first_day > 0).then_some(Ramp {
        first_day: settings.first_day,
        percent: settings.percent,
        full: settings.full,
    })
}

/// The relay and the domain it sends for: receivers get to know the two together.
fn relay(app: &App) -> String {
    let domain = app.config.email.from.rsplit('@').next().unwrap_or_default();
    format!("{} {domain}", app.relay_account())
}

/// Whether a delivery goes out whatever the day's number says.
fn overtakes(app: &App, delivery: &Delivery) -> bool {
    let is_alert = delivery.priority <= PRIORITY_CHILD_ALERT && app.config.email.warm_up.child_alerts_overtake;
    delivery.priority <= PRIORITY_TAKEDOWN || is_alert
}

/// Takes `granted` mails out of the day's number, or as many as are left.
pub(super) fn admit(
    conn: &mut Conn,
    app: &App,
    delivery: &Delivery,
    granted: u32,
    now: DateTime<Utc>,
) -> Result<Admission, AppError> {
    let Some(ramp) = ramp(app) else { return Ok(Admission::Go(granted)) };
    let (relay, day) = (relay(app), day_of(now));
    // A known relay's day is only read: a row that every batch of every worker wrote would be the slowest thing here.
    if ramp.most(warm_up::used(conn, &relay, day)?.0).is_none() {
        return Ok(Admission::Go(granted));
    }
    let (days_before, today) = warm_up::lock(conn, &relay, day)?;
    let left = ramp.most(days_before).map_or(i64::MAX, |most| (most - today).max(0));
    let given = if overtakes(app, delivery) { i64::from(granted) } else { i64::from(granted).min(left) };
    if given == 0 {
        return Ok(Admission::NotBefore(next_day(now)));
    }
    warm_up::count(conn, &relay, day, given)?;
    Ok(Admission::Go(u32::try_from(given).unwrap_or(granted)))
}

/// What an operator should know: how much of today's number is used.
pub fn standing(app: &App) -> Result<String, String> {
    let Some(ramp) = ramp(app) else { return Ok("off: the relay counts as known".to_owned()) };
    let read = app.db.read_now(|conn| {
        let now = app.clock.now(conn)?;
        Ok::<_, AppError>(warm_up::used(conn, &relay(app), day_of(now))?)
    });
    let (days, today) = read.map_err(|e| e.to_string())?;
    Ok(match ramp.most(days) {
        Some(most) => format!("{today} of {most} mails today, used on {days} days before"),
        None => format!("over: used on {days} days"),
    })
}
