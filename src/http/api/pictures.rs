//! Pictures: cleaned, stored by digest, attached to an appeal.

use crate::app::{App, AppError, file_appeal, view_pictures};
use crate::domain::document::{self, Faults, Reader};
use crate::domain::faults::Fault;
use crate::domain::ids::{AppealId, MediaId};
use crate::domain::media::{Media, MediaDigest, MediaStatement, Rendition};
use crate::http::problem::ApiError;
use crate::http::request::{self, Answer, Key, SignedIn, compute};
use crate::media;
use actix_web::{HttpRequest, HttpResponse, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde_json::{Value, json};

/// The form that sharpness is measured on: what the page shows.
const MEASURED: &str = "large";

/// Add a picture
///
/// JSON with `data` (base64 of a JPEG, PNG or WebP), `portrait`, `minor`, `blur_required` and `alt` per language. The
/// picture is decoded and encoded anew; the answer's digest is what an authorisation names.
#[utoipa::path(tag = "appeals", params(("id" = String, Path)), request_body = Value, responses((status = 201), (status = 422)))]
#[post("/appeals/{id}/media")]
pub async fn add(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let id = request::id(AppealId::parse, &path)?;
    let body = body.into_inner();
    let (statement, bytes) = read_upload(&body)?;
    let (clean, sharpness) = compute(move || {
        let clean = media::clean(&bytes).map_err(|fault| vec![Fault::at("/data", fault.code())])?;
        let large = clean.renditions.iter().find(|rendition| rendition.name == MEASURED);
        let sharpness = large.map(|large| view_pictures::measure(&large.bytes)).transpose()?.flatten();
        Ok((clean, sharpness))
    })
    .await?;
    let mut renditions = Vec::new();
    for rendition in clean.renditions {
        let digest = MediaDigest::parse(&rendition.digest).ok_or_else(|| AppError::Broken("digest".to_owned()))?;
        app.media.put(&rendition.digest, rendition.bytes).await.map_err(|e| AppError::Unavailable(e.to_string()))?;
        let (width, height) = (i64::from(rendition.width), i64::from(rendition.height));
        renditions.push(Rendition { name: rendition.name.to_owned(), digest, width, height });
    }
    let MediaStatement { portrait, minor, blur_required, alt } = statement;
    let picture = Media {
        id: MediaId::from_parts(DateTime::UNIX_EPOCH, [0; 10]),
        digest: MediaDigest::parse(&clean.digest).ok_or_else(|| AppError::Broken("digest".to_owned()))?,
        portrait,
        minor,
        blur_required,
        alt,
        renditions,
        sharpness,
    };
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let (appeal, picture) = file_appeal::add_media(conn, &context, &actor, &id, picture)?;
        let view = json!({"media": picture.to_document(), "version": appeal.version});
        Ok(Answer::created(format!("/api/v1/appeals/{id}"), view).at(appeal.version))
    })
    .await
}

/// Say what is seen on a picture: `{"restraint": true}` for handcuffs, a cell or an arrest
///
/// The first to say so is the editor, the next a second viewer; until two people looked, the check PI-06 is not made.
#[utoipa::path(tag = "appeals", params(("id" = String, Path), ("media" = String, Path)), request_body = Value, responses((status = 201), (status = 404), (status = 409), (status = 422)))]
#[post("/appeals/{id}/media/{media}/views")]
pub async fn look_at(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: web::Json<Value>,
) -> Result<HttpResponse, ApiError> {
    let (id, picture) = (request::id(AppealId::parse, &path.0)?, request::id(MediaId::parse, &path.1)?);
    let body = body.into_inner();
    let restraint = document::read(&body, "", |mut r| {
        let seen = r.required("restraint", |r, key| r.raw(key)?.as_bool());
        r.finish();
        seen
    })
    .map_err(AppError::from)?;
    let (context, actor) = (app.clone(), caller.actor.clone());
    request::write(&app, &caller, &request, Key::Optional, &body, move |conn| {
        let seen = view_pictures::view(conn, &context, &actor, &id, &picture, restraint)?;
        let said = json!({"media": picture.as_str(), "viewed_by": seen.len(),
            "restraint": seen.iter().any(|view| view.restraint)});
        Ok(Answer::created(format!("/api/v1/appeals/{id}"), said))
    })
    .await
}

fn read_upload(body: &Value) -> Result<(MediaStatement, Vec<u8>), ApiError> {
    let faults = Faults::default();
    let mut reader = Reader::new(body, "", &faults);
    let statement = MediaStatement::read(&mut reader);
    // 10 MiB of picture are 14 MiB of base64.
    let data = reader.needed_text("data", 1..=14_700_000);
    reader.finish();
    let bytes = data.and_then(|data| {
        let decoded = STANDARD.decode(data.as_bytes()).ok();
        if decoded.is_none() {
            faults.borrow_mut().push(Fault::at("/data", "not-base64"));
        }
        decoded
    });
    let faults = faults.into_inner();
    match bytes {
        Some(bytes) if faults.is_empty() => Ok((statement, bytes)),
        _ => Err(AppError::Faults(faults).into()),
    }
}
