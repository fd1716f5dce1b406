//! What is measured and seen on pictures before they go out: sharpness once, when a picture is kept; handcuffs and arrests
//! by two people, because no program is trusted with that.

use super::audit::{self, Act};
use super::{App, AppError, check_texts};
use crate::db::picture_views::{self as views, View};
use crate::db::{Conn, appeals};
use crate::domain::actor::{Actor, Permission};
use crate::domain::ids::{AppealId, MediaId};
use crate::domain::media::Sharpness;
use crate::lint::{self, Luma};
use crate::media;

/// How sharp a picture is that was just encoded anew; none when it has too few pixels to say. Slow: decodes it.
pub fn measure(encoded: &[u8]) -> Result<Option<Sharpness>, AppError> {
    let Some((width, height, pixels)) = media::brightness(encoded) else { return Ok(None) };
    let lint = check_texts::lint()?;
    // The newest rule's size: what is measured today is judged from today on.
    let Some(side) = lint.book().limits().newest_picture().map(|limits| limits.measured_at) else { return Ok(None) };
    let luma = Luma { width, height, pixels };
    let kept = lint::sharpness(&luma, side).and_then(|variance| Sharpness::of(variance, side));
    Ok(kept)
}

/// Keeps what somebody saw on a picture. The first to say so is the editor, the next a second viewer.
pub fn view(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    appeal: &AppealId,
    picture: &MediaId,
    restraint: bool,
) -> Result<Vec<View>, AppError> {
    let now = app.clock.now(conn)?;
    if actor.may(Permission::WriteAppeals, now).is_err() {
        actor.may(Permission::Validate, now)?;
    }
    let appeal = appeals::of_unit(conn, appeal, &actor.unit)?;
    if !appeal.media.iter().any(|known| known.id == *picture) {
        return Err(AppError::NotFound);
    }
    views::add(conn, &View { media: picture.clone(), by: actor.person.clone(), restraint }, now)?;
    let payload = if restraint { "restraint" } else { "none" };
    let act = Act { action: "picture.viewed", object: picture.as_str(), payload, ..Act::default() };
    audit::record(conn, now, actor, &act)?;
    let all = views::of_appeal(conn, &appeal.id)?;
    Ok(all.into_iter().filter(|view| view.media == *picture).collect())
}
