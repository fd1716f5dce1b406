//! The form of an appeal, its receipt, and the way back with the receipt code. The code travels in request bodies only.

use super::appeals::{country, is_shown, kind, text};
use super::frame::{error_page, frame, private, reason_page};
use crate::app::respond::{self, LONGEST_TEXT, Told};
use crate::app::{App, AppError};
use crate::db::publications::{self, Publication};
use crate::domain::email::EmailAddress;
use crate::domain::language::Language;
use crate::domain::place::Country;
use crate::domain::response::{ResponseKind, ResponseState};
use crate::domain::scope::ChannelKind;
use crate::http::pages::appeal::GoneView;
use crate::http::pages::errors::Reason;
use crate::http::pages::form::{Entered, Mistake};
use crate::http::pages::respond::{ReceiptView, RespondView};
use crate::http::pages::thread::{MessageView, ReturnView, Sender, ThreadState, ThreadView};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

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

async fn publication(app: &web::Data<App>, language: Language, slug: String) -> Result<(Publication, bool), AppError> {
    let context = app.clone();
    app.db
        .read(move |conn| {
            let now = context.clock.now(conn)?;
            let publication = publications::by_slug(conn, ChannelKind::Page, language, &slug)?;
            let shown = is_shown(&publication, now);
            Ok((publication, shown))
        })
        .await
}

fn channel(query: &FormQuery) -> &'static str {
    CHANNELS.into_iter().find(|known| query.c.as_deref() == Some(known)).unwrap_or("page")
}

/// The lot a claim is about: its number in the catalogue.
fn lot(query: &FormQuery) -> Option<String> {
    query.lot.clone().filter(|lot| (1..=4).contains(&lot.len()) && lot.bytes().all(|b| b.is_ascii_digit()))
}

fn form_view(app: &App, publication: &Publication, query: &FormQuery, form: &Form) -> Result<RespondView, AppError> {
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
        token: respond::form_token(app),
        stale: false,
        kind: Entered::of(if form.kind.is_empty() { claim } else { &form.kind }),
        what: Entered::of(form.what.as_str()),
        place: Entered::of(form.place.as_str()),
        when: Entered::of(form.when.as_str()),
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

/// The empty form.
pub async fn form(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    query: web::Query<FormQuery>,
) -> HttpResponse {
    let (language, slug) = path.into_inner();
    let Ok(language) = Language::parse(&language) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    match publication(&app, language, slug).await {
        Ok((publication, false)) => gone(&app, &publication),
        Ok((publication, true)) => {
            match form_view(&app, &publication, &query, &Form::default()).and_then(|view| view.render().map_err(broken))
            {
                Ok(page) => private(StatusCode::OK, page),
                Err(error) => error_page(&app, language, &error),
            }
        }
        Err(error) => error_page(&app, language, &error),
    }
}

/// Marks what is wrong in the form; whether anything is.
fn check(view: &mut RespondView, form: &Form) -> bool {
    let too_long = |text: &str, limit: usize| text.chars().count() > limit;
    let mut wrong = false;
    let mut mark = |field: &mut Entered, mistake: Option<Mistake>| {
        if let Some(mistake) = mistake {
            *field = field.clone().but(mistake);
            wrong = true;
        }
    };
    let limit = u32::try_from(LONGEST_TEXT).unwrap_or(u32::MAX);
    mark(
        &mut view.kind,
        ResponseKind::parse(&form.kind)
            .is_none_or(|k| !ResponseKind::OFFERED.contains(&k))
            .then_some(Mistake::NotAChoice),
    );
    mark(
        &mut view.what,
        if form.what.trim().is_empty() {
            Some(Mistake::Empty)
        } else {
            too_long(&form.what, LONGEST_TEXT).then_some(Mistake::TooLong(limit))
        },
    );
    mark(&mut view.place, too_long(&form.place, 300).then_some(Mistake::TooLong(300)));
    mark(&mut view.when, too_long(&form.when, 300).then_some(Mistake::TooLong(300)));
    mark(&mut view.contact_name, too_long(&form.contact_name, 200).then_some(Mistake::TooLong(200)));
    mark(&mut view.contact_phone, too_long(&form.contact_phone, 60).then_some(Mistake::TooLong(60)));
    let email = form.contact_email.trim();
    mark(
        &mut view.contact_email,
        (!email.is_empty() && EmailAddress::parse(email).is_err()).then_some(Mistake::NotAnEmail),
    );
    wrong
}

/// Takes a response; answers with the receipt, or with the form and what is wrong in it, values kept.
pub async fn send(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    query: web::Query<FormQuery>,
    form: web::Form<Form>,
) -> HttpResponse {
    let (language, slug) = path.into_inner();
    let form = form.into_inner();
    let Ok(language) = Language::parse(&language) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    match take(&app, language, slug, &query, form).await {
        Ok(page) => page,
        Err(error) => error_page(&app, language, &error),
    }
}

async fn take(
    app: &web::Data<App>,
    language: Language,
    slug: String,
    query: &FormQuery,
    form: Form,
) -> Result<HttpResponse, AppError> {
    let (publication, shown) = publication(app, language, slug.clone()).await?;
    if !shown {
        return Ok(gone(app, &publication));
    }
    let mut view = form_view(app, &publication, query, &form)?;
    if check(&mut view, &form) {
        return Ok(private(StatusCode::UNPROCESSABLE_ENTITY, view.render().map_err(broken)?));
    }
    if !respond::is_form_token(app, &form.token) {
        view.stale = true;
        return Ok(private(StatusCode::UNPROCESSABLE_ENTITY, view.render().map_err(broken)?));
    }
    let what = match lot(query) {
        Some(lot) => format!("[lot {lot}] {}", form.what.trim()),
        None => form.what.trim().to_owned(),
    };
    let told = Told {
        kind: ResponseKind::parse(&form.kind),
        what,
        place: form.place.trim().to_owned(),
        when: form.when.trim().to_owned(),
        name: form.contact_name.trim().to_owned(),
        phone: form.contact_phone.trim().to_owned(),
        email: form.contact_email.trim().to_owned(),
    };
    let (context, channel) = (app.clone(), channel(query));
    let received =
        app.db.write(move |conn| respond::receive(conn, &context, language, &slug, channel, &form.token, &told)).await;
    match received {
        Ok(code) => {
            let view = ReceiptView { frame: view.frame, code: code.grouped().expose().clone() };
            Ok(private(StatusCode::OK, view.render().map_err(broken)?))
        }
        Err(AppError::Conflict { .. }) => {
            view.stale = true;
            Ok(private(StatusCode::CONFLICT, view.render().map_err(broken)?))
        }
        Err(other) => Err(other),
    }
}

/// What the way back sends.
#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    token: String,
}

fn return_view(app: &App, language: Language, code: Entered) -> ReturnView {
    ReturnView {
        frame: frame(app, language, Country::Be),
        action: format!("/{language}/r"),
        token: respond::form_token(app),
        code,
    }
}

/// The page that asks for the code.
pub async fn ask_code(app: web::Data<App>, path: web::Path<String>) -> HttpResponse {
    let Ok(language) = Language::parse(&path) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    private(StatusCode::OK, return_view(&app, language, Entered::default()).render().unwrap_or_default())
}

/// Shows the thread of a code; with a message, adds it first.
pub async fn thread(app: web::Data<App>, path: web::Path<String>, form: web::Form<CodeForm>) -> HttpResponse {
    let Ok(language) = Language::parse(&path) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    match open_thread(&app, language, form.into_inner()).await {
        Ok(page) => page,
        Err(AppError::NotFound) => reason_page(&app, language, Reason::NotFound, StatusCode::NOT_FOUND),
        Err(error) => error_page(&app, language, &error),
    }
}

async fn open_thread(app: &web::Data<App>, language: Language, form: CodeForm) -> Result<HttpResponse, AppError> {
    let message = form.message.trim().to_owned();
    let mut entered = Entered::of(message.as_str());
    let mut added = false;
    if message.chars().count() > LONGEST_TEXT {
        entered = entered.but(Mistake::TooLong(u32::try_from(LONGEST_TEXT).unwrap_or(u32::MAX)));
    } else if !message.is_empty() && respond::is_form_token(app, &form.token) {
        let (context, code) = (app.clone(), form.code.clone());
        app.db.write(move |conn| respond::add(conn, &context, &code, &message)).await?;
        (entered, added) = (Entered::default(), true);
    }
    let code = form.code.clone();
    let thread = match app.db.read(move |conn| respond::thread(conn, &code)).await {
        Err(AppError::NotFound) => {
            let view = return_view(app, language, Entered::of(form.code.as_str()).but(Mistake::UnknownCode));
            return Ok(private(StatusCode::NOT_FOUND, view.render().map_err(broken)?));
        }
        other => other?,
    };
    let answered = thread.lines.iter().any(|line| line.to_sender);
    let state = match thread.state {
        ResponseState::Closed => ThreadState::Closed,
        _ if answered => ThreadState::Answered,
        ResponseState::New => ThreadState::Received,
        _ => ThreadState::BeingRead,
    };
    let messages = thread.lines.into_iter().map(|line| MessageView {
        from: if line.to_sender { Sender::Investigators } else { Sender::Public },
        at: line.at,
        paragraphs: line.text.split('\n').map(str::to_owned).collect(),
    });
    let view = ThreadView {
        frame: frame(app, language, Country::Be),
        code: form.code,
        state,
        messages: messages.collect(),
        action: format!("/{language}/r"),
        token: respond::form_token(app),
        message: entered,
        added,
    };
    Ok(private(StatusCode::OK, view.render().map_err(broken)?))
}
