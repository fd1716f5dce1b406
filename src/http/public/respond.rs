//! The form of an appeal and its receipt; the way back with the receipt code is in [`super::thread`].

use super::answer_form::{Fault, Form, mark};
use super::answer_map::{self, Stepped};
use super::appeals::{country, kind, text};
use super::frame::{error_page, frame, private, reason_page};
use super::upload::{self, Parts};
use crate::app::intake::{self, Cost, Place, RefusedFile, Sent, Upload};
use crate::app::respond::{self, Told};
use crate::app::{App, AppError};
use crate::db::publications::Publication;
use crate::domain::attachment::FileFault;
use crate::domain::language::Language;
use crate::domain::night::night;
use crate::domain::response::ResponseKind;
use crate::http::pages::appeal::GoneView;
use crate::http::pages::errors::Reason;
use crate::http::pages::form::{Entered, Mistake};
use crate::http::pages::respond::{ReceiptNotice, ReceiptView, RespondView};
use crate::sealing::{OsRandom, ReceiptCode};
use crate::words::{Locale, Zone};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use std::net::IpAddr;
use std::sync::Arc;

/// What every page allows (`http::server`), and the script of [`page`].
const WORKING_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";
/// The same with the picture of a map, which comes within the page.
const MAP_CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";
/// Both.
const WORKING_MAP_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Channels a link may claim to come from; anything else counts as the page.
const CHANNELS: [&str; 6] = ["page", "feed", "email", "meta_ads", "google_ads", "x_ads"];

/// How somebody came to the form.
#[derive(Deserialize)]
pub struct FormQuery {
    c: Option<String>,
    lot: Option<String>,
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

/// The languages of the interface in which an appeal's form is offered: its own, and English.
async fn offered(app: &App, slug: &str) -> Vec<Locale> {
    let mut locales = Vec::new();
    for language in Language::ALL {
        if app.intake.place(app, language, slug).await.is_ok_and(|place| place.is_shown(app)) {
            locales.push(language.into());
        }
    }
    locales.push(Locale::En);
    locales
}

/// The appeal under an address: in its language, or for the English form in whichever it is out.
async fn place_for(app: &App, locale: Locale, slug: &str, is_now: bool) -> Result<Arc<Place>, AppError> {
    let wanted: &[Language] = match locale {
        Locale::Fr => &[Language::Fr],
        Locale::Nl => &[Language::Nl],
        Locale::De => &[Language::De],
        Locale::En => &Language::ALL,
    };
    for language in wanted {
        let found = if is_now {
            app.intake.place_now(app, *language, slug).await
        } else {
            app.intake.place(app, *language, slug).await
        };
        match found {
            Err(AppError::NotFound) => {}
            other => return other,
        }
    }
    Err(AppError::NotFound)
}

/// What a request is about.
struct Visit<'a> {
    app: &'a App,
    from: Option<IpAddr>,
    locale: Locale,
    place: &'a Place,
    query: &'a FormQuery,
    others: &'a [Locale],
}

fn form_view(visit: &Visit<'_>, form: &Form, asked: Cost) -> Result<RespondView, AppError> {
    let (app, publication, locale) = (visit.app, &visit.place.publication, visit.locale);
    let content = &publication.content;
    let page = format!("/{}/a/{}", publication.language, publication.slug);
    let lot = lot(visit.query);
    let claim = if lot.is_some() { "claim" } else { "" };
    let about = lot.as_ref().map(|lot| format!("&lot={lot}")).unwrap_or_default();
    let mark = format!("respond?c={}{about}", channel(visit.query));
    let others = visit.others.iter().filter(|other| **other != locale);
    // A form that is stepped through is one form: its token stays, and with it how long it has been open.
    let token = if respond::form_of(app, &form.token).is_some_and(|old| old.bits >= asked.bits) {
        form.token.clone()
    } else {
        respond::form_token(app, asked)
    };
    Ok(RespondView {
        frame: frame(app, locale, country(content)),
        appeal_kind: kind(content)?,
        appeal_title: text(content, "/title"),
        appeal_href: page,
        appeal_language: publication.language,
        dangerous: content.get("dangerous") == Some(&serde_json::Value::Bool(true)),
        action: format!("/{locale}/a/{}/{mark}", publication.slug),
        others: others.map(|other| (*other, format!("/{other}/a/{}/{mark}", publication.slug))).collect(),
        token,
        work_bits: asked.bits,
        stale: false,
        files_again: false,
        kind: Entered::of(if form.kind.is_empty() { claim } else { &form.kind }),
        what: Entered::of(form.what.as_str()),
        place: Entered::of(form.place.as_str()),
        place_precision: Entered::of(form.place_precision.as_str()),
        place_for: String::new(),
        candidates: Vec::new(),
        found: None,
        map: None,
        when: Entered::of(form.when.as_str()),
        when_date: Entered::of(form.when_date.as_str()),
        when_time: Entered::of(form.when_time.as_str()),
        when_part: Entered::of(form.when_part.as_str()),
        when_certainty: Entered::of(form.when_certainty.as_str()),
        files: Entered::default(),
        contact_name: Entered::of(form.contact_name.as_str()),
        contact_phone: Entered::of(form.contact_phone.as_str()),
        contact_email: Entered::of(form.contact_email.as_str()),
        lot,
    })
}

pub(super) fn broken(e: impl std::fmt::Display) -> AppError {
    AppError::Broken(e.to_string())
}

fn gone(app: &App, locale: Locale, publication: &Publication) -> HttpResponse {
    let view = GoneView { frame: frame(app, locale, country(&publication.content)) };
    private(StatusCode::GONE, view.render().unwrap_or_default())
}

/// The page of a form. One that asks the sender's browser for work may run the one script that does it, one with a map may show
/// the picture that came with it; every other page neither.
fn page(view: &RespondView, status: StatusCode) -> Result<HttpResponse, AppError> {
    let mut page = private(status, view.render().map_err(broken)?);
    let policy = match (view.work_bits > 0, view.map.is_some()) {
        (false, false) => return Ok(page),
        (true, false) => WORKING_CSP,
        (false, true) => MAP_CSP,
        (true, true) => WORKING_MAP_CSP,
    };
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Ok(page)
}

/// The empty form.
pub async fn form(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: web::Query<FormQuery>,
) -> HttpResponse {
    let (locale, slug) = path.into_inner();
    let Ok(locale) = Locale::parse(&locale) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    let shown = async {
        let from = from(&app, &request);
        let asked = app.intake.sources.asked(from, &app.config.responses);
        // In a rush what was known a second ago will do.
        let place = place_for(&app, locale, &slug, asked == Cost::NOTHING).await?;
        if !place.is_shown(&app) {
            return Ok(gone(&app, locale, &place.publication));
        }
        let others = if asked == Cost::NOTHING { offered(&app, &slug).await } else { Vec::new() };
        let visit = Visit { app: &app, from, locale, place: &place, query: &query, others: &others };
        page(&form_view(&visit, &Form::default(), asked)?, StatusCode::OK)
    };
    shown.await.unwrap_or_else(|error: AppError| error_page(&app, locale, &error))
}

/// Takes a response; answers with the receipt, with the form one step on, or with the form and what is wrong in it. Values
/// are kept.
pub async fn send(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: web::Query<FormQuery>,
    payload: web::Payload,
) -> HttpResponse {
    let (locale, slug) = path.into_inner();
    let Ok(locale) = Locale::parse(&locale) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    let (form, files) = if upload::is_multipart(&request) {
        let Some(Parts { texts, files, fault }) = upload::read(&request, payload).await else {
            return reason_page(&app, locale, Reason::NotFound, StatusCode::BAD_REQUEST);
        };
        (Form::of(texts), fault.map_or(Ok(files), Err))
    } else {
        match web::Form::<Vec<(String, String)>>::from_request(&request, &mut payload.into_inner()).await {
            Ok(texts) => (Form::of(texts.into_inner()), Ok(Vec::new())),
            Err(error) => return HttpResponse::from_error(error),
        }
    };
    match take(&app, from(&app, &request), locale, &slug, &query, form, files).await {
        Ok(page) => page,
        Err(error) => error_page(&app, locale, &error),
    }
}

async fn take(
    app: &web::Data<App>,
    from: Option<IpAddr>,
    locale: Locale,
    slug: &str,
    query: &FormQuery,
    mut form: Form,
    files: Result<Vec<Upload>, FileFault>,
) -> Result<HttpResponse, AppError> {
    let place = place_for(app, locale, slug, false).await?;
    if !place.is_shown(app) {
        return Ok(gone(app, locale, &place.publication));
    }
    let nobody = Vec::new();
    let mut visit = Visit { app, from, locale, place: &place, query, others: &nobody };
    let others;
    if answer_map::is_step(&form) {
        others = offered(app, slug).await;
        visit.others = &others;
        let stepped = answer_map::step(app, &place, &mut form, locale);
        let status = if stepped.mistake.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        // Browsers forget files, so that they are asked for again.
        let had_files = files.is_err() || files.is_ok_and(|files| !files.is_empty());
        return again(&visit, &form, stepped, status, |view| view.files_again = had_files).await;
    }
    let told = match read(&visit, &form) {
        Ok(told) => told,
        Err((stale, faults)) => {
            let change = |view: &mut RespondView| {
                view.stale = stale;
                mark(view, &faults);
            };
            return again(&visit, &form, Stepped::default(), StatusCode::UNPROCESSABLE_ENTITY, change).await;
        }
    };
    let refused = |fault| {
        again(&visit, &form, Stepped::default(), StatusCode::UNPROCESSABLE_ENTITY, move |view| {
            view.files = Entered::default().but(Mistake::File(fault));
        })
    };
    let files = match files {
        Err(fault) => return refused(fault).await,
        Ok(uploads) => match intake::check(app, uploads).await? {
            Ok(files) => files,
            Err(RefusedFile { fault, .. }) => return refused(fault).await,
        },
    };
    let sent =
        Sent { channel: channel(query), token: &form.token, nonce: &form.proof, from, told: &told, files: &files };
    match intake::receive(app, &place, &sent).await {
        Ok(code) => receipt_page(&visit, &code, told.kind),
        Err(AppError::Conflict { .. }) => {
            // Under a new token, or it would be the old form again.
            let form = Form { token: String::new(), ..form.clone() };
            again(&visit, &form, Stepped::default(), StatusCode::CONFLICT, |view| view.stale = true).await
        }
        Err(other) => Err(other),
    }
}

fn receipt_page(visit: &Visit<'_>, code: &ReceiptCode, kind: Option<ResponseKind>) -> Result<HttpResponse, AppError> {
    let (app, place) = (visit.app, visit.place);
    let frame = frame(app, visit.locale, place.country);
    let notice = match kind {
        Some(ResponseKind::Distress) => ReceiptNotice::Distress,
        Some(ResponseKind::IllegalContent) => ReceiptNotice::IllegalContent,
        _ => ReceiptNotice::None,
    };
    let night = night(Zone::from(place.country).wall_clock(place.now(app))).is_some();
    let view = ReceiptView { frame, code: code.grouped().expose().clone(), notice, night };
    Ok(private(StatusCode::OK, view.render().map_err(broken)?))
}

/// The form once more, with what was typed.
async fn again(
    visit: &Visit<'_>,
    form: &Form,
    stepped: Stepped,
    status: StatusCode,
    change: impl FnOnce(&mut RespondView),
) -> Result<HttpResponse, AppError> {
    let asked = visit.app.intake.sources.asked(visit.from, &visit.app.config.responses);
    let mut view = form_view(visit, form, asked)?;
    answer_map::show(visit.app, form, stepped, visit.locale, &mut view).await?;
    change(&mut view);
    page(&view, status)
}

/// What a form tells; or whether it was open too long, and what is wrong in it.
fn read(visit: &Visit<'_>, form: &Form) -> Result<Told, (bool, Vec<Fault>)> {
    let (app, place) = (visit.app, visit.place);
    let faults = form.faults(Zone::from(place.country), place.now(app));
    let stale = faults.is_empty() && respond::form_of(app, &form.token).is_none();
    if stale || !faults.is_empty() {
        return Err((stale, faults));
    }
    Ok(form.told(app, place, visit.locale, lot(visit.query).as_deref()))
}

/// All that `send` does but storing: what the figures of `benches/flood.rs` stand beside. No route of the service leads
/// here, and the receipt on its page is for nothing.
pub async fn send_storing_nothing(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: web::Query<FormQuery>,
    form: web::Form<Vec<(String, String)>>,
) -> HttpResponse {
    pretend(&app, &request, path.into_inner(), &query, form.into_inner(), intake::prepare_only).await
}

/// The same without even sealing: the form read, checked, and answered.
pub async fn send_sealing_nothing(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: web::Query<FormQuery>,
    form: web::Form<Vec<(String, String)>>,
) -> HttpResponse {
    let nothing = |_: &App, _: &Place, _: &Sent<'_>| Ok(ReceiptCode::generate(&mut OsRandom));
    pretend(&app, &request, path.into_inner(), &query, form.into_inner(), nothing).await
}

async fn pretend(
    app: &web::Data<App>,
    request: &HttpRequest,
    (locale, slug): (String, String),
    query: &FormQuery,
    form: Vec<(String, String)>,
    receive: impl Fn(&App, &Place, &Sent<'_>) -> Result<ReceiptCode, AppError>,
) -> HttpResponse {
    let form = Form::of(form);
    let Ok(locale) = Locale::parse(&locale) else { return error_page(app, Language::Fr, &AppError::NotFound) };
    let page = async {
        let place = place_for(app, locale, &slug, false).await?;
        let visit = Visit { app, from: from(app, request), locale, place: &place, query, others: &[] };
        match read(&visit, &form) {
            Err(_) => again(&visit, &form, Stepped::default(), StatusCode::UNPROCESSABLE_ENTITY, |_| {}).await,
            Ok(told) => {
                let (token, nonce, from) = (&form.token, &form.proof, visit.from);
                let sent = Sent { channel: channel(query), token, nonce, from, told: &told, files: &[] };
                receipt_page(&visit, &receive(app, &place, &sent)?, told.kind)
            }
        }
    };
    page.await.unwrap_or_else(|error: AppError| error_page(app, locale, &error))
}
