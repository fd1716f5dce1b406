//! The form of an appeal and its receipt; the way back with the receipt code is in [`super::thread`].

use super::appeals::{country, kind, text};
use super::frame::{error_page, frame, private, reason_page};
use super::upload::{self, Parts};
use crate::app::intake::{self, Cost, Place, RefusedFile, Sent, Upload};
use crate::app::respond::{self, LONGEST_TEXT, Told};
use crate::app::{App, AppError};
use crate::db::publications::Publication;
use crate::domain::attachment::FileFault;
use crate::domain::email::EmailAddress;
use crate::domain::language::Language;
use crate::domain::response::ResponseKind;
use crate::http::pages::appeal::GoneView;
use crate::http::pages::errors::Reason;
use crate::http::pages::form::{Entered, Mistake};
use crate::http::pages::respond::{ReceiptNotice, ReceiptView, RespondView};
use crate::sealing::{OsRandom, ReceiptCode};
use crate::words::Zone;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use chrono::Timelike;
use serde::Deserialize;
use std::net::IpAddr;

/// What every page allows (`http::server`), and the script of [`with_work`].
const WORKING_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// Channels a link may claim to come from; anything else counts as the page.
const CHANNELS: [&str; 6] = ["page", "feed", "email", "meta_ads", "google_ads", "x_ads"];

/// How somebody came to the form.
#[derive(Deserialize)]
pub struct FormQuery {
    c: Option<String>,
    lot: Option<String>,
}

/// What the form sends.
#[derive(Deserialize, Default)]
pub struct Form {
    #[serde(default)]
    token: String,
    /// What the sender's browser worked out, where it was asked to.
    #[serde(default)]
    proof: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    what: String,
    #[serde(default, rename = "where")]
    place: String,
    #[serde(default)]
    when: String,
    #[serde(default)]
    contact_name: String,
    #[serde(default)]
    contact_phone: String,
    #[serde(default)]
    contact_email: String,
}

impl Form {
    fn of(texts: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in texts {
            let field = match name.as_str() {
                "token" => &mut form.token,
                "proof" => &mut form.proof,
                "kind" => &mut form.kind,
                "what" => &mut form.what,
                "where" => &mut form.place,
                "when" => &mut form.when,
                "contact_name" => &mut form.contact_name,
                "contact_phone" => &mut form.contact_phone,
                "contact_email" => &mut form.contact_email,
                _ => continue,
            };
            *field = value;
        }
        form
    }
}

/// Where a request comes from: the peer, or what our own proxies say of it.
fn from(app: &App, request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr().map(|address| address.ip());
    let hops = usize::from(app.config.responses.proxy_hops);
    if hops == 0 {
        return peer;
    }
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok()).unwrap_or_default();
    forwarded.rsplit(',').nth(hops - 1).and_then(|address| address.trim().parse().ok()).or(peer)
}

fn channel(query: &FormQuery) -> &'static str {
    CHANNELS.into_iter().find(|known| query.c.as_deref() == Some(known)).unwrap_or("page")
}

/// The lot a claim is about: its number in the catalogue.
fn lot(query: &FormQuery) -> Option<String> {
    query.lot.clone().filter(|lot| (1..=4).contains(&lot.len()) && lot.bytes().all(|b| b.is_ascii_digit()))
}

fn form_view(
    app: &App,
    publication: &Publication,
    query: &FormQuery,
    form: &Form,
    asked: Cost,
) -> Result<RespondView, AppError> {
    let content = &publication.content;
    let page = format!("/{}/a/{}", publication.language, publication.slug);
    let lot = lot(query);
    let claim = if lot.is_some() { "claim" } else { "" };
    let about = lot.as_ref().map(|lot| format!("&lot={lot}")).unwrap_or_default();
    Ok(RespondView {
        frame: frame(app, publication.language, country(content)),
        appeal_kind: kind(content)?,
        appeal_title: text(content, "/title"),
        appeal_href: page.clone(),
        dangerous: content.get("dangerous") == Some(&serde_json::Value::Bool(true)),
        action: format!("{page}/respond?c={}{about}", channel(query)),
        token: respond::form_token(app, asked),
        work_bits: asked.bits,
        stale: false,
        kind: Entered::of(if form.kind.is_empty() { claim } else { &form.kind }),
        what: Entered::of(form.what.as_str()),
        place: Entered::of(form.place.as_str()),
        when: Entered::of(form.when.as_str()),
        files: Entered::default(),
        contact_name: Entered::of(form.contact_name.as_str()),
        contact_phone: Entered::of(form.contact_phone.as_str()),
        contact_email: Entered::of(form.contact_email.as_str()),
        lot,
    })
}

fn broken(e: impl std::fmt::Display) -> AppError {
    AppError::Broken(e.to_string())
}

fn gone(app: &App, publication: &Publication) -> HttpResponse {
    let view = GoneView { frame: frame(app, publication.language, country(&publication.content)) };
    private(StatusCode::GONE, view.render().unwrap_or_default())
}

/// A form that asks the sender's browser for work may run the one script that does it; every other page runs none.
fn with_work(mut page: HttpResponse, asked: Cost) -> HttpResponse {
    if asked.bits > 0 {
        page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WORKING_CSP));
    }
    page
}

/// The empty form.
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: web::Query<FormQuery>,
) -> HttpResponse {
    let (language, slug) = path.into_inner();
    let Ok(language) = Language::parse(&language) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    let page = async {
        let asked = app.intake.sources.asked(from(&app, &request), &app.config.responses);
        // In a rush what was known a second ago will do.
        let place = match asked {
            Cost::NOTHING => app.intake.place_now(&app, language, &slug).await?,
            _ => app.intake.place(&app, language, &slug).await?,
        };
        if !place.is_shown(&app) {
            return Ok(gone(&app, &place.publication));
        }
        let view = form_view(&app, &place.publication, &query, &Form::default(), asked)?;
        Ok(with_work(private(StatusCode::OK, view.render().map_err(broken)?), asked))
    };
    page.await.unwrap_or_else(|error: AppError| error_page(&app, language, &error))
}

/// What is wrong in a form, by field.
fn faults(form: &Form) -> Vec<(&'static str, Mistake)> {
    let mut faults = Vec::new();
    if ResponseKind::parse(&form.kind).is_none_or(|kind| !ResponseKind::OFFERED.contains(&kind)) {
        faults.push(("kind", Mistake::NotAChoice));
    }
    if form.what.trim().is_empty() {
        faults.push(("what", Mistake::Empty));
    }
    let limit = u32::try_from(LONGEST_TEXT).unwrap_or(u32::MAX);
    for (name, text, limit) in [
        ("what", &form.what, limit),
        ("where", &form.place, 300),
        ("when", &form.when, 300),
        ("contact_name", &form.contact_name, 200),
        ("contact_phone", &form.contact_phone, 60),
    ] {
        // Counting bytes first spares counting characters of nearly everything.
        let limit_chars = usize::try_from(limit).unwrap_or(usize::MAX);
        if text.len() > limit_chars && text.chars().count() > limit_chars {
            faults.push((name, Mistake::TooLong(limit)));
        }
    }
    let email = form.contact_email.trim();
    if !email.is_empty() && EmailAddress::parse(email).is_err() {
        faults.push(("contact_email", Mistake::NotAnEmail));
    }
    faults
}

/// Writes the faults beside their fields.
fn mark(view: &mut RespondView, faults: &[(&'static str, Mistake)]) {
    for (name, mistake) in faults {
        let field = match *name {
            "kind" => &mut view.kind,
            "what" => &mut view.what,
            "where" => &mut view.place,
            "when" => &mut view.when,
            "contact_name" => &mut view.contact_name,
            "contact_phone" => &mut view.contact_phone,
            _ => &mut view.contact_email,
        };
        *field = field.clone().but(*mistake);
    }
}

/// Takes a response; answers with the receipt, or with the form and what is wrong in it, values kept.
pub async fn send(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: web::Query<FormQuery>,
    payload: web::Payload,
) -> HttpResponse {
    let (language, slug) = path.into_inner();
    let Ok(language) = Language::parse(&language) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    let (form, files) = if upload::is_multipart(&request) {
        let Some(Parts { texts, files, fault }) = upload::read(&request, payload).await else {
            return reason_page(&app, language, Reason::NotFound, StatusCode::BAD_REQUEST);
        };
        (Form::of(texts), fault.map_or(Ok(files), Err))
    } else {
        match web::Form::<Form>::from_request(&request, &mut payload.into_inner()).await {
            Ok(form) => (form.into_inner(), Ok(Vec::new())),
            Err(error) => return HttpResponse::from_error(error),
        }
    };
    match take(&app, from(&app, &request), language, &slug, &query, form, files).await {
        Ok(page) => page,
        Err(error) => error_page(&app, language, &error),
    }
}

async fn take(
    app: &web::Data<App>,
    from: Option<IpAddr>,
    language: Language,
    slug: &str,
    query: &FormQuery,
    form: Form,
    files: Result<Vec<Upload>, FileFault>,
) -> Result<HttpResponse, AppError> {
    let place = app.intake.place(app, language, slug).await?;
    if !place.is_shown(app) {
        return Ok(gone(app, &place.publication));
    }
    let told = match read(app, from, &place, query, &form)? {
        Read::Told(told) => told,
        Read::Wrong(page) => return Ok(page),
    };
    let refused = |fault| {
        again(app, from, &place, query, &form, StatusCode::UNPROCESSABLE_ENTITY, |view| {
            view.files = Entered::default().but(Mistake::File(fault));
        })
    };
    let files = match files {
        Err(fault) => return refused(fault),
        Ok(uploads) => match intake::check(app, uploads).await? {
            Ok(files) => files,
            Err(RefusedFile { fault, .. }) => return refused(fault),
        },
    };
    let sent =
        Sent { channel: channel(query), token: &form.token, nonce: &form.proof, from, told: &told, files: &files };
    match intake::receive(app, &place, &sent).await {
        Ok(code) => receipt_page(app, &place, &code, told.kind),
        Err(AppError::Conflict { .. }) => {
            again(app, from, &place, query, &form, StatusCode::CONFLICT, |view| view.stale = true)
        }
        Err(other) => Err(other),
    }
}

/// Hours of the night on the wall clock of the appeal's country, in which nobody reads (appeals-and-law §7).
const NIGHT: std::ops::Range<u32> = 0..6;

fn receipt_page(
    app: &App,
    place: &Place,
    code: &ReceiptCode,
    kind: Option<ResponseKind>,
) -> Result<HttpResponse, AppError> {
    let frame = frame(app, place.publication.language, place.country);
    let notice = match kind {
        Some(ResponseKind::Distress) => ReceiptNotice::Distress,
        Some(ResponseKind::IllegalContent) => ReceiptNotice::IllegalContent,
        _ => ReceiptNotice::None,
    };
    let night = NIGHT.contains(&Zone::from(place.country).wall_clock(place.now(app)).hour());
    let view = ReceiptView { frame, code: code.grouped().expose().clone(), notice, night };
    Ok(private(StatusCode::OK, view.render().map_err(broken)?))
}

/// The form once more, with what was typed and a new token.
fn again(
    app: &App,
    from: Option<IpAddr>,
    place: &Place,
    query: &FormQuery,
    form: &Form,
    status: StatusCode,
    change: impl FnOnce(&mut RespondView),
) -> Result<HttpResponse, AppError> {
    let asked = app.intake.sources.asked(from, &app.config.responses);
    let mut view = form_view(app, &place.publication, query, form, asked)?;
    change(&mut view);
    Ok(with_work(private(status, view.render().map_err(broken)?), asked))
}

/// What a form turned out to be.
enum Read {
    Told(Told),
    Wrong(HttpResponse),
}

fn read(app: &App, from: Option<IpAddr>, place: &Place, query: &FormQuery, form: &Form) -> Result<Read, AppError> {
    let faults = faults(form);
    let stale = faults.is_empty() && respond::form_of(app, &form.token).is_none();
    if stale || !faults.is_empty() {
        let change = |view: &mut RespondView| {
            view.stale = stale;
            mark(view, &faults);
        };
        return again(app, from, place, query, form, StatusCode::UNPROCESSABLE_ENTITY, change).map(Read::Wrong);
    }
    let what = match lot(query) {
        Some(lot) => format!("[lot {lot}] {}", form.what.trim()),
        None => form.what.trim().to_owned(),
    };
    Ok(Read::Told(Told {
        kind: ResponseKind::parse(&form.kind),
        lot: lot(query).and_then(|lot| lot.parse().ok()),
        what,
        place: form.place.trim().to_owned(),
        when: form.when.trim().to_owned(),
        name: form.contact_name.trim().to_owned(),
        phone: form.contact_phone.trim().to_owned(),
        email: form.contact_email.trim().to_owned(),
    }))
}

/// All that `send` does but sealing and storing: what the figures of `benches/flood.rs` stand beside. No route of the
/// service leads here, and the page says that nothing was kept.
pub async fn send_storing_nothing(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: web::Query<FormQuery>,
    form: web::Form<Form>,
) -> HttpResponse {
    let (language, slug) = path.into_inner();
    let form = form.into_inner();
    let Ok(language) = Language::parse(&language) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    let page = async {
        let place = app.intake.place(&app, language, &slug).await?;
        match read(&app, from(&app, &request), &place, &query, &form)? {
            Read::Wrong(page) => Ok(page),
            Read::Told(told) => receipt_page(&app, &place, &ReceiptCode::generate(&mut OsRandom), told.kind),
        }
    };
    page.await.unwrap_or_else(|error: AppError| error_page(&app, language, &error))
}
