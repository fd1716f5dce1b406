//! What came with a response: a blurred copy unless more is asked for with a reason.

use crate::app::{App, AppError, open_attachment};
use crate::domain::attachment::FileForm;
use crate::domain::faults::Fault;
use crate::domain::ids::{AttachmentId, ResponseId};
use crate::http::problem::ApiError;
use crate::http::request::{self, SignedIn};
use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use serde::Deserialize;

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileQuery {
    form: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    despite_scan: bool,
}

/// Look at a file of a response: `form` is `preview` (blurred, the default), `view` or `original`
///
/// `view` and `original` want a `reason`, which the audit keeps first. An original in which the virus scanner found
/// something, or at which it could not look, wants `despite_scan=true`. Originals come as a download of unknown type, copies as JPEG.
#[utoipa::path(tag = "responses", params(("id" = String, Path), ("attachment" = String, Path), ("form" = Option<String>, Query),
    ("reason" = Option<String>, Query), ("despite_scan" = Option<bool>, Query)),
    responses((status = 200), (status = 403), (status = 409), (status = 422)))]
#[get("/responses/{id}/attachments/{attachment}")]
pub async fn open(
    app: web::Data<App>,
    SignedIn(caller): SignedIn,
    path: web::Path<(String, String)>,
    query: web::Query<FileQuery>,
) -> Result<HttpResponse, ApiError> {
    let (response, attachment) = (request::id(ResponseId::parse, &path.0)?, request::id(AttachmentId::parse, &path.1)?);
    let query = query.into_inner();
    let form = query.form.unwrap_or_else(|| FileForm::Preview.code().to_owned());
    let form = FileForm::parse(&form)
        .ok_or_else(|| AppError::from(vec![Fault::at("/form", "unknown-value").with("value", &form)]))?;
    let wanted = open_attachment::Wanted {
        response,
        attachment,
        form,
        reason: query.reason.unwrap_or_default(),
        despite_scan: query.despite_scan,
    };
    let context = app.clone();
    // A write, because looking is an act that is recorded.
    let ticket = app.db.write(move |conn| open_attachment::ask(conn, &context, &caller, &wanted)).await?;
    let file = open_attachment::fetch(&app, ticket).await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::CONTENT_ENCODING, "identity"));
    // Whatever else an original may be, no browser is to make a page of it.
    answer.insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"));
    if file.is_copy {
        return Ok(answer.content_type("image/jpeg").body(file.bytes.expose().clone()));
    }
    let ending = file.kind.endings().first().copied().unwrap_or("bin");
    let disposition = format!("attachment; filename=\"{}.{ending}\"", path.1);
    answer.insert_header((header::CONTENT_DISPOSITION, disposition));
    Ok(answer.content_type("application/octet-stream").body(file.bytes.expose().clone()))
}
