//! Pictures and stylesheet. A picture is served by digest, so it never changes and caches may keep it; only pictures of
//! something shown now are served at all.

use crate::app::{App, AppError};
use crate::db::publications;
use crate::domain::media::MediaDigest;
use crate::http::pages::assets::assets;
use crate::http::problem::ApiError;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

/// A picture of a page that is shown now.
pub async fn picture(app: web::Data<App>, path: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let digest = path.strip_suffix(".jpg").and_then(MediaDigest::parse).ok_or(AppError::NotFound)?;
    let (context, wanted) = (app.clone(), digest.clone());
    let shown = app
        .db
        .read(move |conn| {
            let now = context.clock.now(conn)?;
            Ok::<_, AppError>(publications::shows_picture(conn, wanted.as_str(), now)?)
        })
        .await?;
    if !shown {
        return Err(AppError::NotFound.into());
    }
    let found = app.media.get(digest.as_str()).await.map_err(|e| AppError::Unavailable(e.to_string()))?;
    let bytes = found.ok_or(AppError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/jpeg"))
        // Short, because a takedown must empty caches too.
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .insert_header((header::ETAG, format!("\"{digest}\"")))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .body(bytes))
}

/// A file of the public pages.
pub async fn asset(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let asset = assets().iter().find(|asset| asset.path == request.path()).ok_or(AppError::NotFound)?;
    let tag = format!("\"{}\"", asset.etag.trim_matches('"'));
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|seen| seen.contains(&tag));
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, "public, max-age=3600"));
    Ok(if known {
        response.finish()
    } else {
        response.insert_header((header::CONTENT_TYPE, asset.content_type)).body(asset.bytes)
    })
}
