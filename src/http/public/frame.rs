//! What all public pages share: language in the address, emergency numbers, headers, the form pages' answers.

use crate::app::{App, AppError, content};
use crate::domain::canonical;
use crate::domain::place::Country;
use crate::http::pages::errors::{ErrorView, Reason};
use crate::http::pages::frame::{EmergencyView, Frame, PhoneView};
use crate::words::{Locale, Zone};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};

/// The frame of a page in a language for readers of a country.
pub fn frame(app: &App, language: impl Into<Locale>, country: Country) -> Frame {
    let (primary, secondary) = content::emergency(&app.rules, country);
    Frame {
        locale: language.into(),
        zone: Zone::from(country),
        operator: app.config.server.operator.clone(),
        base_url: app.public_url.to_string(),
        emergency: EmergencyView { primary: PhoneView::new(primary), secondary: PhoneView::new(secondary) },
    }
}

/// A page that everybody gets alike: caches may keep it for a minute and ask again with its tag.
pub fn cached(request: &HttpRequest, status: StatusCode, body: String) -> HttpResponse {
    tagged(request, status, "text/html; charset=utf-8", body)
}

/// [`cached`] for any text.
pub fn tagged(request: &HttpRequest, status: StatusCode, kind: &str, body: String) -> HttpResponse {
    let tag: String = canonical::digest(&serde_json::Value::String(body.clone())).chars().take(32).collect();
    let tag = format!("\"{tag}\"");
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|seen| {
        // Compression on the way appends a suffix inside the quotes of some proxies; W/ marks their weak form.
        seen.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
    });
    let mut response =
        HttpResponse::build(if known && status == StatusCode::OK { StatusCode::NOT_MODIFIED } else { status });
    response.insert_header((header::ETAG, tag));
    // A takedown must be seen within the minute even through caches that never ask.
    response.insert_header((header::CACHE_CONTROL, "public, max-age=30, must-revalidate"));
    if known && status == StatusCode::OK {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, kind)).body(body)
}

/// A page for one person: kept nowhere.
pub fn private(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(body)
}

/// The page of an error, in the page's language.
pub fn error_page(app: &App, language: impl Into<Locale>, error: &AppError) -> HttpResponse {
    let (reason, status) = match error {
        AppError::NotFound => (Reason::NotFound, StatusCode::NOT_FOUND),
        AppError::TooMany { .. } => (Reason::TooManyRequests, StatusCode::TOO_MANY_REQUESTS),
        AppError::Unavailable(_) => (Reason::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
        other => {
            tracing::error!(event = "page failed", cause = %other);
            (Reason::Broken, StatusCode::INTERNAL_SERVER_ERROR)
        }
    };
    reason_page(app, language, reason, status)
}

/// The page of a stated reason.
pub fn reason_page(app: &App, language: impl Into<Locale>, reason: Reason, status: StatusCode) -> HttpResponse {
    let view = ErrorView { frame: frame(app, language, Country::Be), reason };
    private(status, view.render().unwrap_or_default())
}
