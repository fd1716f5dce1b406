//! Errors as RFC 9457 problems. Every use-case error becomes one `Problem` here, in one exhaustive match; its words are
//! found afterwards, in the language the caller asked for, by [`in_the_callers_language`].

use super::api::views;
use super::request::Known;
use crate::app::{App, AppError, access};
use crate::domain::place::Country;
use crate::words::{Locale, Words};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use serde_json::{Value, json};

/// Named values for a catalogue sentence.
pub type Args = Vec<(&'static str, String)>;

/// One place in the request that is wrong.
#[derive(Clone, Debug)]
pub struct Place {
    /// JSON pointer into the request body; empty for the whole.
    pub pointer: String,
    /// Stable code; its words are `fault-<code>` or `refusal-<code>`.
    pub code: String,
    /// `fault` or `refusal`: which family of sentences the code belongs to.
    pub family: &'static str,
    /// Values for the sentence.
    pub args: Args,
    /// A ready sentence, when the code has none in the catalogue (geometry faults name coordinates).
    pub sentence: Option<String>,
    /// The places to choose from, where a name was not one place.
    pub candidates: Vec<Value>,
    /// The rule of law that refuses, and the other country it is about.
    pub rule: (Option<String>, Option<&'static str>),
}

/// A problem before it is put into words.
#[derive(Clone, Debug)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code; `type` is `/problems/<code>`, the title's words are `problem-<code>`.
    pub code: &'static str,
    /// Values for the title.
    pub args: Args,
    /// What exactly is wrong, and where.
    pub places: Vec<Place>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u32>,
}

/// The error of every handler.
#[derive(Clone, Debug)]
pub struct ApiError(pub Box<Problem>);

impl ApiError {
    /// A problem that needs no more than its code.
    #[must_use]
    pub fn plain(status: StatusCode, code: &'static str) -> Self {
        Self(Box::new(Problem { status, code, args: Args::new(), places: Vec::new(), retry_after: None }))
    }

    /// The whole request body or one place in it is malformed.
    #[must_use]
    pub fn malformed(pointer: &str, code: &'static str, sentence: String) -> Self {
        let mut error = Self::plain(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        error.0.places.push(Place {
            pointer: pointer.to_owned(),
            code: code.to_owned(),
            family: "fault",
            args: Args::new(),
            sentence: Some(sentence),
            candidates: Vec::new(),
            rule: (None, None),
        });
        error
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.0.status.as_u16(), self.0.code)
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        let with = |status, code, args: Args, places: Vec<Place>| {
            Self(Box::new(Problem { status, code, args, places, retry_after: None }))
        };
        match error {
            AppError::NotFound => Self::plain(StatusCode::NOT_FOUND, "not-found"),
            AppError::Unauthenticated => Self::plain(StatusCode::UNAUTHORIZED, "unauthenticated"),
            AppError::Forbidden { code } => Self::plain(StatusCode::FORBIDDEN, code),
            AppError::Conflict { code } => Self::plain(StatusCode::CONFLICT, code),
            AppError::Stale => Self::plain(StatusCode::PRECONDITION_FAILED, "stale"),
            AppError::PreconditionRequired => Self::plain(StatusCode::PRECONDITION_REQUIRED, "precondition-required"),
            AppError::WrongStage { from, step } => with(
                StatusCode::CONFLICT,
                "wrong-stage",
                vec![("stage", from.to_string()), ("step", step.to_string())],
                Vec::new(),
            ),
            AppError::Faults(faults) => {
                let places = faults.into_iter().map(|fault| Place {
                    pointer: fault.pointer,
                    code: fault.code.to_owned(),
                    family: "fault",
                    args: fault.args,
                    sentence: None,
                    candidates: Vec::new(),
                    rule: (None, None),
                });
                with(StatusCode::UNPROCESSABLE_ENTITY, "invalid", Args::new(), places.collect())
            }
            AppError::Area(faults) => {
                let places = faults.into_iter().map(|fault| Place {
                    pointer: fault.pointer,
                    code: fault.code.to_owned(),
                    family: "fault",
                    args: Args::new(),
                    candidates: fault.candidates.iter().map(views::candidate).collect(),
                    sentence: Some(fault.message),
                    rule: (None, None),
                });
                with(StatusCode::UNPROCESSABLE_ENTITY, "invalid", Args::new(), places.collect())
            }
            AppError::Refused(refusals) => {
                let places = refusals.into_iter().map(|refusal| Place {
                    pointer: String::new(),
                    code: refusal.code().to_owned(),
                    family: "refusal",
                    args: refusal.args(),
                    sentence: None,
                    candidates: Vec::new(),
                    rule: (refusal.rule().map(ToString::to_string), refusal.abroad().map(Country::code)),
                });
                with(StatusCode::CONFLICT, "refused", Args::new(), places.collect())
            }
            AppError::TooMany { retry_after } => {
                let mut error = Self::plain(StatusCode::TOO_MANY_REQUESTS, "too-many");
                error.0.retry_after = Some(retry_after);
                error
            }
            AppError::Unavailable(cause) => {
                tracing::error!(event = "unavailable", %cause);
                let mut error = Self::plain(StatusCode::SERVICE_UNAVAILABLE, "unavailable");
                error.0.retry_after = Some(5);
                error
            }
            AppError::ProviderDown => {
                let mut error = Self::plain(StatusCode::SERVICE_UNAVAILABLE, "openid-unavailable");
                error.0.retry_after = Some(5);
                error
            }
            AppError::Broken(cause) => {
                tracing::error!(event = "broken", %cause);
                Self::plain(StatusCode::INTERNAL_SERVER_ERROR, "broken")
            }
        }
    }
}

impl From<crate::db::DbError> for ApiError {
    fn from(error: crate::db::DbError) -> Self {
        AppError::from(error).into()
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.status).finish();
        response.extensions_mut().insert(self.clone());
        response
    }
}

fn sentence(words: Words, key: &str, args: &Args) -> String {
    let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    words.say_with(key, &args).into_owned()
}

/// Puts a problem into words.
fn document(problem: &Problem, words: Words) -> Value {
    let title = sentence(words, &format!("problem-{}", problem.code), &problem.args);
    let errors: Vec<Value> = problem
        .places
        .iter()
        .map(|place| {
            let sentence = place
                .sentence
                .clone()
                .unwrap_or_else(|| sentence(words, &format!("{}-{}", place.family, place.code), &place.args));
            let mut error = json!({"pointer": place.pointer, "code": place.code, "detail": sentence});
            if let Some(object) = error.as_object_mut() {
                if !place.candidates.is_empty() {
                    object.insert("candidates".to_owned(), Value::Array(place.candidates.clone()));
                }
                let (rule, country) = &place.rule;
                rule.as_ref().map(|rule| object.insert("rule".to_owned(), json!(rule)));
                country.map(|country| object.insert("country".to_owned(), json!(country)));
            }
            error
        })
        .collect();
    let mut document = json!({
        "type": format!("/problems/{}", problem.code),
        "title": title,
        "status": problem.status.as_u16(),
        "code": problem.code,
    });
    if !errors.is_empty()
        && let Some(object) = document.as_object_mut()
    {
        object.insert("errors".to_owned(), Value::Array(errors));
    }
    document
}

/// The framework's own refusals (bad JSON, no such address, wrong method) as problems too.
fn of_the_framework(status: StatusCode) -> ApiError {
    let code = match status.as_u16() {
        404 => "not-found",
        405 => "method-not-allowed",
        413 => "too-large",
        415 => "unsupported-media-type",
        422 => "invalid",
        429 => "too-many",
        503 => "unavailable",
        500..=599 => "broken",
        _ => "bad-request",
    };
    ApiError::plain(status, code)
}

/// Writes down who was refused what (ASVS 16.3.2). The refusal stands whether or not that works.
async fn record_denied(request: &HttpRequest, code: &'static str) {
    let known = request.extensions().get::<Known>().cloned();
    let (Some(Known(by)), Some(app)) = (known, request.app_data::<web::Data<App>>().cloned()) else { return };
    let what = format!("{} {}", request.method(), request.path());
    let context = app.clone();
    let written = app.db.write(move |conn| access::record_denied(conn, &context, by, &what, code)).await;
    if let Err(cause) = written {
        tracing::error!(event = "access.denied", %cause);
    }
}

/// Middleware of the API: gives every error its body, in FR, NL, DE or EN as `Accept-Language` asks.
pub async fn in_the_callers_language(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let words = Words::of(Locale::negotiate(accepted).unwrap_or(Locale::En));
    let (http_request, response) = match next.call(request).await {
        Ok(response) => {
            let (request, response) = response.into_parts();
            (request, response.map_into_boxed_body())
        }
        Err(error) => return Err(error),
    };
    let status = response.status();
    if status.as_u16() < 400 {
        return Ok(ServiceResponse::new(http_request, response));
    }
    let told = response.extensions().get::<ApiError>().cloned();
    let error = match told {
        Some(error) => error,
        // A public page has its own words for what went wrong.
        None if response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|v| v.as_bytes().starts_with(b"text/html")) =>
        {
            return Ok(ServiceResponse::new(http_request, response));
        }
        None => of_the_framework(status),
    };
    if status == StatusCode::FORBIDDEN {
        record_denied(&http_request, error.0.code).await;
    }
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::CONTENT_TYPE, "application/problem+json"));
    answer.insert_header((header::CONTENT_LANGUAGE, words.locale().code()));
    if let Some(seconds) = error.0.retry_after {
        answer.insert_header((header::RETRY_AFTER, seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    }
    if let Some(allow) = response.headers().get(header::ALLOW) {
        answer.insert_header((header::ALLOW, allow.clone()));
    }
    let answer = answer.body(document(&error.0, words).to_string());
    Ok(ServiceResponse::new(http_request, answer))
}
