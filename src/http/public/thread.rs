//! The way back with the receipt code. The code travels in request bodies only.

use super::frame::{error_page, frame, private, reason_page};
use crate::app::intake::Cost;
use crate::app::respond::{self, LONGEST_TEXT};
use crate::app::{App, AppError};
use crate::domain::language::Language;
use crate::domain::place::Country;
use crate::domain::response::ResponseState;
use crate::http::pages::errors::Reason;
use crate::http::pages::form::{Entered, Mistake};
use crate::http::pages::thread::{MessageView, ReturnView, Sender, ThreadState, ThreadView};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

fn broken(e: impl std::fmt::Display) -> AppError {
    AppError::Broken(e.to_string())
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
        token: respond::form_token(app, Cost::NOTHING),
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
    } else if !message.is_empty() && respond::form_of(app, &form.token).is_some() {
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
        ended: thread.ended,
        state,
        messages: messages.collect(),
        action: format!("/{language}/r"),
        token: respond::form_token(app, Cost::NOTHING),
        message: entered,
        added,
    };
    Ok(private(StatusCode::OK, view.render().map_err(broken)?))
}
