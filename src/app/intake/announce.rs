//! What answers bring besides their own rows, batch by batch: tags and deadlines that the rules give their kind, the routes
//! of reports, and the events that tell staff of them. A rush costs a handful of rows a batch.

use super::writer::Job;
use crate::app::{AppError, events, reports};
use crate::db::reports::{Due, add_dues};
use crate::db::{Conn, triage};
use crate::domain::event::EventKind;
use crate::domain::ids::{AppealId, UnitId};
use crate::domain::response::ResponseKind;
use crate::domain::triage::Sign;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Keeps and tells what a batch brought to one appeal of a unit. The responses themselves are stored already.
pub(super) fn announce(
    conn: &mut Conn,
    (unit, appeal): (&UnitId, &AppealId),
    jobs: &[&Job],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let (mut tags, mut dues) = (Vec::new(), Vec::new());
    let mut routed: BTreeMap<UnitId, Vec<&str>> = BTreeMap::new();
    let (mut received, mut raised, mut claimed) = (Vec::new(), Vec::new(), Vec::new());
    for job in jobs {
        let (response, arrival) = (&job.response, &job.arrival);
        let id = response.id.as_str();
        let rule = || arrival.rule.as_ref().map(ToString::to_string).unwrap_or_default();
        tags.extend(arrival.tags.iter().map(|tag| (id.to_owned(), *tag, rule())));
        if let Some(receiver) = reports::route(conn, response, arrival, now)? {
            routed.entry(receiver).or_default().push(id);
            continue;
        }
        received.push(id);
        // Copies stand behind what they repeat: whoever opens that has opened them.
        if response.duplicate_of.is_none() {
            if let Some(within) = arrival.due_within {
                let (response, appeal) = (response.id.clone(), appeal.clone());
                dues.push(Due { response, appeal, rule: rule(), at: now + within });
            }
            if response.kind == ResponseKind::Distress || response.signs.contains(&Sign::WithheldFact) {
                raised.push(id);
            }
        }
        claimed.extend(job.claim.as_ref().map(|claim| claim.judged.id.as_str()));
    }
    triage::add_tags(conn, &tags, now)?;
    add_dues(conn, &dues)?;
    let mut tell = |kind, unit: &UnitId, ids: &[&str]| {
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(()) };
        let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        events::raise_many(conn, kind, unit, Some(appeal), (*first, *last, count), now)
    };
    tell(EventKind::ResponseReceived, unit, &received)?;
    tell(EventKind::ResponseRaised, unit, &raised)?;
    tell(EventKind::ClaimMade, unit, &claimed)?;
    for (receiver, ids) in &routed {
        tell(EventKind::ReportReceived, receiver, ids)?;
    }
    Ok(())
}
