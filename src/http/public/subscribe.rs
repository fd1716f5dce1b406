//! Sign-up with double opt-in and the one-click way out. Links in mails lead to a page with a button, because scanners
//! open links; only the mail client's own one-click request (RFC 8058) acts at once.

use super::frame::{error_page, frame, private, reason_page};
use crate::app::intake::Cost;
use crate::app::{App, AppError, content, respond, subscribe};
use crate::domain::email::EmailAddress;
use crate::domain::language::Language;
use crate::domain::place::{Country, PlaceCode};
use crate::http::pages::errors::Reason;
use crate::http::pages::form::{Entered, Mistake};
use crate::http::pages::subscribe::{ButtonView, CandidateView, CheckMailView, DoneView, Step, SubscribeView};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// What the form sends.
#[derive(Deserialize, Default)]
pub struct Form {
    #[serde(default)]
    token: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    place_id: String,
}

fn view(app: &App, language: Language, form: &Form) -> SubscribeView {
    SubscribeView {
        frame: frame(app, language, Country::Be),
        action: format!("/{language}/subscribe"),
        token: respond::form_token(app, Cost::NOTHING),
        stale: false,
        email: Entered::of(form.email.as_str()),
        language: Entered::of(if form.language.is_empty() { language.code() } else { form.language.as_str() }),
        place: Entered::of(form.place.as_str()),
        place_id: Entered::of(form.place_id.as_str()),
        candidates: Vec::new(),
    }
}

fn broken(e: impl std::fmt::Display) -> AppError {
    AppError::Broken(e.to_string())
}

fn language_of(app: &App, code: &str) -> Result<Language, Box<HttpResponse>> {
    Language::parse(code).map_err(|_| Box::new(error_page(app, Language::Fr, &AppError::NotFound)))
}

fn answer(app: &App, language: Language, page: Result<HttpResponse, AppError>) -> HttpResponse {
    match page {
        Ok(page) => page,
        Err(AppError::NotFound) => reason_page(app, language, Reason::LinkExpired, StatusCode::NOT_FOUND),
        Err(error) => error_page(app, language, &error),
    }
}

/// The empty form.
pub async fn form(app: web::Data<App>, path: web::Path<String>) -> HttpResponse {
    let language = match language_of(&app, &path) {
        Ok(language) => language,
        Err(page) => return *page,
    };
    answer(
        &app,
        language,
        view(&app, language, &Form::default()).render().map(|page| private(StatusCode::OK, page)).map_err(broken),
    )
}

/// Takes a sign-up: asks which place is meant when a code stands for several, then sends the owner a letter.
pub async fn send(app: web::Data<App>, path: web::Path<String>, form: web::Form<Form>) -> HttpResponse {
    let language = match language_of(&app, &path) {
        Ok(language) => language,
        Err(page) => return *page,
    };
    let page = take(&app, language, form.into_inner()).await;
    answer(&app, language, page)
}

async fn take(app: &web::Data<App>, language: Language, form: Form) -> Result<HttpResponse, AppError> {
    let mut view = view(app, language, &form);
    let mut wrong = false;
    let email = EmailAddress::parse(&form.email);
    if email.is_err() {
        view.email = view.email.but(if form.email.trim().is_empty() { Mistake::Empty } else { Mistake::NotAnEmail });
        wrong = true;
    }
    let chosen = Language::parse(&form.language);
    if chosen.is_err() {
        view.language = view.language.but(Mistake::NotAChoice);
        wrong = true;
    }
    let places = subscribe::places_named(app, &form.place);
    let place = match places.as_slice() {
        [] => {
            view.place =
                view.place.but(if form.place.trim().is_empty() { Mistake::Empty } else { Mistake::UnknownPlace });
            wrong = true;
            None
        }
        [only] => Some(only.clone()),
        several => {
            let picked = PlaceCode::parse(&form.place_id).ok().filter(|code| several.contains(code));
            view.candidates = several
                .iter()
                .map(|code| CandidateView { value: code.to_string(), label: content::place_name(app, code, language) })
                .collect();
            wrong |= picked.is_none();
            picked
        }
    };
    view.stale = respond::form_of(app, &form.token).is_none();
    let (Ok(email), Ok(chosen), Some(place), false, false) = (email, chosen, place, wrong, view.stale) else {
        return Ok(private(StatusCode::UNPROCESSABLE_ENTITY, view.render().map_err(broken)?));
    };
    let context = app.clone();
    app.db.write(move |conn| subscribe::sign_up(conn, &context, email, chosen, &place)).await?;
    let view = CheckMailView { frame: view.frame, hours: subscribe::CONFIRMATION_HOURS };
    Ok(private(StatusCode::OK, view.render().map_err(broken)?))
}

fn button(app: &App, language: Language, step: Step, action: String, token: String) -> HttpResponse {
    let view = ButtonView { frame: frame(app, language, Country::Be), step, action, token };
    answer(app, language, view.render().map(|page| private(StatusCode::OK, page)).map_err(broken))
}

fn done(app: &App, language: Language, step: Step) -> Result<HttpResponse, AppError> {
    let view = DoneView { frame: frame(app, language, Country::Be), step };
    Ok(private(StatusCode::OK, view.render().map_err(broken)?))
}

/// The button behind a confirmation link.
pub async fn ask_confirm(app: web::Data<App>, path: web::Path<(String, String)>) -> HttpResponse {
    let (code, token) = path.into_inner();
    match language_of(&app, &code) {
        Ok(language) => button(&app, language, Step::Confirm, format!("/{language}/subscribe/confirm/{token}"), token),
        Err(page) => *page,
    }
}

/// Confirms the address.
pub async fn confirm(app: web::Data<App>, path: web::Path<(String, String)>) -> HttpResponse {
    let (code, token) = path.into_inner();
    let language = match language_of(&app, &code) {
        Ok(language) => language,
        Err(page) => return *page,
    };
    let context = app.clone();
    let confirmed = app.db.write(move |conn| subscribe::confirm(conn, &context, &token)).await;
    let page = confirmed.and_then(|_| done(&app, language, Step::Confirm));
    answer(&app, language, page)
}

/// The button behind an unsubscribe link.
pub async fn ask_unsubscribe(app: web::Data<App>, path: web::Path<(String, String)>) -> HttpResponse {
    let (code, link) = path.into_inner();
    let language = match language_of(&app, &code) {
        Ok(language) => language,
        Err(page) => return *page,
    };
    if subscribe::signed_subscriber(&app, &link).is_none() {
        return reason_page(&app, language, Reason::LinkExpired, StatusCode::NOT_FOUND);
    }
    button(&app, language, Step::Unsubscribe, format!("/{language}/unsubscribe/{link}"), link)
}

/// Erases the subscriber: from the button, or from the mail client's one-click request.
pub async fn unsubscribe(app: web::Data<App>, path: web::Path<(String, String)>) -> HttpResponse {
    let (code, link) = path.into_inner();
    let language = match language_of(&app, &code) {
        Ok(language) => language,
        Err(page) => return *page,
    };
    let context = app.clone();
    let erased = app.db.write(move |conn| subscribe::unsubscribe(conn, &context, &link)).await;
    let page = erased.and_then(|()| done(&app, language, Step::Unsubscribe));
    answer(&app, language, page)
}
