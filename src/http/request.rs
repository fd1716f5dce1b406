//! What handlers take from a request: who is calling, which version they saw, which key makes it safe to repeat; and the
//! one way a write is answered.

use super::problem::ApiError;
use crate::app::access::{self, Caller};
use crate::app::audit::{self, Act, By};
use crate::app::grants::Wanted;
use crate::app::{App, AppError};
use crate::db::{Conn, idempotency};
use crate::domain::actor::Actor;
use crate::domain::canonical;
use crate::domain::ids::UnitId;
use crate::sealing::{OsRandom, RandomSource};
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use std::future::Future;
use std::pin::Pin;

/// The person or program behind the bearer token.
pub struct SignedIn(pub Caller);

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let bearer = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(str::to_owned);
        let wanted = wanted(request);
        let request = request.clone();
        Box::pin(async move {
            let (Some(app), Some(bearer)) = (app, bearer) else { return Err(AppError::Unauthenticated.into()) };
            let caller = access::authenticate(&app, bearer.trim(), wanted?).await?;
            request.extensions_mut().insert(Known((&caller.actor).into()));
            Ok(Self(caller))
        })
    }
}

/// What a handler for somebody signed in works with: the installation, the caller, the request's address and headers. Its
/// methods are the lines that such handlers begin and end with.
pub struct Desk {
    /// The installation.
    pub app: web::Data<App>,
    /// Who is calling.
    pub caller: Caller,
    request: HttpRequest,
}

impl FromRequest for Desk {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(request, payload);
        let app = request.app_data::<web::Data<App>>().cloned();
        let request = request.clone();
        Box::pin(async move {
            let SignedIn(caller) = signed_in.await?;
            Ok(Self { app: app.ok_or(AppError::Unauthenticated)?, caller, request })
        })
    }
}

impl Desk {
    /// The id in a part of the address: one that cannot exist is not found.
    pub fn part<T, E>(&self, name: &str, parse: impl Fn(&str) -> Result<T, E>) -> Result<T, ApiError> {
        id(parse, self.request.match_info().get(name).unwrap_or_default())
    }

    /// The id in the part of the address called `id`.
    pub fn id<T, E>(&self, parse: impl Fn(&str) -> Result<T, E>) -> Result<T, ApiError> {
        self.part("id", parse)
    }

    /// The version in `If-Match`.
    pub fn version(&self) -> Result<i32, ApiError> {
        version_seen(&self.request)
    }

    /// A header's text; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// [`read`] for the caller.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn, &App, &Caller) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (context, caller) = (self.app.clone(), self.caller.clone());
        read(&self.app, move |conn| work(conn, &context, &caller)).await
    }

    /// A reading that is itself an act on record: a write whose answer is not remembered under an idempotency key, because
    /// it is what somebody wrote.
    pub async fn consult<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn, &App, &Caller) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (context, caller) = (self.app.clone(), self.caller.clone());
        Ok(self.app.db.write(move |conn| work(conn, &context, &caller)).await?)
    }

    /// [`write()`] for the caller, where a key is welcome and not asked for.
    pub async fn write(
        &self,
        body: &Value,
        work: impl FnOnce(&mut Conn, &App, &Caller) -> Result<Answer, AppError> + Send + 'static,
    ) -> Result<HttpResponse, ApiError> {
        let (context, caller) = (self.app.clone(), self.caller.clone());
        let work = move |conn: &mut Conn| work(conn, &context, &caller);
        write(&self.app, &self.caller, &self.request, Key::Optional, body, work).await
    }

    /// [`note_reading`] by the caller.
    pub async fn note_reading(&self, action: &'static str, object: &str, about: String) -> Result<(), ApiError> {
        note_reading(&self.app, &self.caller.actor, action, object.to_owned(), about).await
    }
}

/// A value in a request that is not one of those there are.
#[must_use]
pub fn unknown(pointer: &str, value: &str) -> AppError {
    AppError::Faults(vec![crate::domain::faults::Fault::at(pointer, "unknown-value").with("value", value)])
}

/// Who a request turned out to come from: a refusal is recorded under their name.
#[derive(Clone)]
pub struct Known(pub By);

/// The unit in `Tocsin-Unit`, and the object that the address names.
fn wanted(request: &HttpRequest) -> Result<Wanted, ApiError> {
    let unit = request.headers().get("tocsin-unit").map(|value| value.to_str().unwrap_or_default());
    let unit = unit.map(|text| id(UnitId::parse, text.trim())).transpose()?;
    let named = |part: &&str| ["apl_", "aut_", "dsp_", "rsp_"].iter().any(|prefix| part.starts_with(prefix));
    Ok(Wanted { unit, object: request.path().split('/').find(named).map(str::to_owned) })
}

/// The text of `If-Match` without quotes.
pub fn if_match(request: &HttpRequest) -> Result<String, ApiError> {
    let value = request.headers().get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let value = value.ok_or(AppError::PreconditionRequired)?;
    Ok(value.trim().trim_start_matches("W/").trim_matches('"').to_owned())
}

/// The version in `If-Match`.
pub fn version_seen(request: &HttpRequest) -> Result<i32, ApiError> {
    Ok(if_match(request)?.parse().map_err(|_| AppError::Stale)?)
}

/// Reads an id from a path: one that cannot exist is not found.
pub fn id<T, E>(parse: impl Fn(&str) -> Result<T, E>, text: &str) -> Result<T, ApiError> {
    parse(text).map_err(|_| AppError::NotFound.into())
}

/// A write's answer.
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Address of what was made.
    pub location: Option<String>,
    /// Version of what was changed.
    pub etag: Option<String>,
    /// Body.
    pub body: Value,
}

impl Answer {
    /// 200.
    #[must_use]
    pub fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, location: None, etag: None, body }
    }

    /// 201 with its address.
    #[must_use]
    pub fn created(location: String, body: Value) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), etag: None, body }
    }

    /// With a version.
    #[must_use]
    pub fn at(mut self, etag: impl ToString) -> Self {
        self.etag = Some(etag.to_string());
        self
    }

    /// As sent.
    #[must_use]
    pub fn respond(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, format!("\"{etag}\"")));
        }
        response.json(self.body)
    }
}

/// Whether a route may be called without `Idempotency-Key`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// It makes or triggers something that must not happen twice.
    Required,
    /// Repeating is merely untidy.
    Optional,
}

/// Does a write in one transaction together with its idempotency record: the same key and body get the same answer and
/// change nothing; another body under the key is refused.
pub async fn write(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    need: Key,
    body: &Value,
    work: impl FnOnce(&mut Conn) -> Result<Answer, AppError> + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let key = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
    if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 128) || (key.is_none() && need == Key::Required) {
        return Err(ApiError::plain(StatusCode::BAD_REQUEST, "idempotency-key-missing"));
    }
    let identity = key.map(|key| idempotency::Request {
        actor: caller.actor.user.to_string(),
        route: format!("{} {}", request.method(), request.path()),
        key,
        digest: canonical::digest(body),
    });
    let context = app.clone();
    let answer = app
        .db
        .write(move |conn| {
            let Some(identity) = identity else { return work(conn) };
            let now = context.clock.now(conn)?;
            match idempotency::look_up(conn, &identity, now)? {
                idempotency::Known::New => {}
                idempotency::Known::OtherRequest => return Err(AppError::Conflict { code: "idempotency-key-reused" }),
                idempotency::Known::Answered(known) => return repeated(&context, &identity, &known),
            }
            let answer = work(conn)?;
            let stored = idempotency::Answer {
                status: answer.status.as_u16(),
                headers: json!({"location": answer.location, "etag": answer.etag}).to_string(),
                body: sealed_body(&context, &identity, &answer.body)?,
            };
            idempotency::store(conn, identity, &stored, now)?;
            Ok(answer)
        })
        .await?;
    Ok(answer.respond())
}

/// A remembered answer may hold what is shown once (a code, a token): it waits under the server key.
fn sealed_body(app: &App, identity: &idempotency::Request, body: &Value) -> Result<String, AppError> {
    let place = format!("idempotency {} {}", identity.actor, identity.key);
    let mut nonce = [0; 12];
    OsRandom.fill(&mut nonce);
    let sealed = app.key.seal(&place, body.to_string().as_bytes(), nonce);
    Ok(canonical::hex(&sealed.ok_or_else(|| AppError::Broken("sealing".to_owned()))?))
}

fn repeated(app: &App, identity: &idempotency::Request, known: &idempotency::Answer) -> Result<Answer, AppError> {
    let broken = |e: serde_json::Error| AppError::Broken(e.to_string());
    let place = format!("idempotency {} {}", identity.actor, identity.key);
    let sealed = canonical::unhex(&known.body).ok_or_else(|| AppError::Broken("remembered answer".to_owned()))?;
    let body = app.key.open_sealed(&place, &sealed).ok_or_else(|| AppError::Broken("remembered answer".to_owned()))?;
    let headers: Value = serde_json::from_str(&known.headers).map_err(broken)?;
    let text = |key: &str| headers.get(key).and_then(Value::as_str).map(str::to_owned);
    Ok(Answer {
        status: StatusCode::from_u16(known.status).map_err(|e| AppError::Broken(e.to_string()))?,
        location: text("location"),
        etag: text("etag"),
        body: serde_json::from_slice(&body).map_err(broken)?,
    })
}

/// Keeps that somebody read what names people, places or plans (Directive (EU) 2016/680, article 25): one entry a request,
/// written before the answer. `about` says how many and by which filter, never whom.
pub async fn note_reading(
    app: &web::Data<App>,
    actor: &Actor,
    action: &'static str,
    object: String,
    about: String,
) -> Result<(), ApiError> {
    let (context, actor) = (app.clone(), actor.clone());
    let act = move |conn: &mut Conn| {
        let now = context.clock.now(conn)?;
        audit::record(conn, now, &actor, &Act { action, object: &object, reason: &about, ..Act::default() })
    };
    Ok(app.db.write(act).await?)
}

/// Reads in one snapshot.
pub async fn read<T: Send + 'static>(
    app: &web::Data<App>,
    work: impl FnOnce(&mut Conn) -> Result<T, AppError> + Send + 'static,
) -> Result<T, ApiError> {
    Ok(app.db.read(work).await?)
}

/// Work that takes long on a core (geometry, pictures), off the request threads.
pub async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|e| AppError::Broken(e.to_string()))?;
    Ok(done?)
}

/// A text in a JSON body.
#[must_use]
pub fn text(body: &Value, key: &str) -> String {
    body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
