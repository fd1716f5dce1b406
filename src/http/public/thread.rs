//! The way back with the receipt code. The code travels in request bodies only.

use super::frame::{error_page, frame, private, reason_page};
use super::upload::{self, Parts};
use crate::app::intake::{self, Cost, RefusedFile, Upload};
use crate::app::respond::{self, LONGEST_TEXT, Later, ThreadFile};
use crate::app::{App, AppError, open_attachment};
use crate::domain::attachment::FileFault;
use crate::domain::ids::{AttachmentId, MessageId};
use crate::domain::language::Language;
use crate::domain::place::Country;
use crate::domain::response::ResponseState;
use crate::http::pages::errors::Reason;
use crate::http::pages::form::{Entered, Mistake};
use crate::http::pages::thread::{FileView, MessageView, ReturnView, Sender, ThreadState, ThreadView};
use crate::words::Locale;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};

fn broken(e: impl std::fmt::Display) -> AppError {
    AppError::Broken(e.to_string())
}

/// What the way back sends.
#[derive(Default)]
struct CodeForm {
    code: String,
    message: String,
    token: String,
    file: String,
}

impl CodeForm {
    fn of(texts: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in texts {
            match name.as_str() {
                "code" => form.code = value,
                "message" => form.message = value,
                "token" => form.token = value,
                "file" => form.file = value,
                _ => {}
            }
        }
        form
    }
}

fn return_view(app: &App, locale: Locale, code: Entered) -> ReturnView {
    ReturnView {
        frame: frame(app, locale, Country::Be),
        action: format!("/{locale}/r"),
        token: respond::form_token(app, Cost::NOTHING),
        code,
    }
}

fn unknown_code(app: &App, locale: Locale, code: &str) -> Result<HttpResponse, AppError> {
    let view = return_view(app, locale, Entered::of(code).but(Mistake::UnknownCode));
    Ok(private(StatusCode::NOT_FOUND, view.render().map_err(broken)?))
}

/// The page that asks for the code.
pub async fn ask_code(app: web::Data<App>, path: web::Path<String>) -> HttpResponse {
    let Ok(locale) = Locale::parse(&path) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    private(StatusCode::OK, return_view(&app, locale, Entered::default()).render().unwrap_or_default())
}

/// Shows the thread of a code; with a message or files, adds them first.
pub async fn thread(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<String>,
    payload: web::Payload,
) -> HttpResponse {
    let Ok(locale) = Locale::parse(&path) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    let (form, files) = if upload::is_multipart(&request) {
        let Some(Parts { texts, files, fault }) = upload::read(&request, payload).await else {
            return reason_page(&app, locale, Reason::NotFound, StatusCode::BAD_REQUEST);
        };
        (CodeForm::of(texts), fault.map_or(Ok(files), Err))
    } else {
        match web::Form::<Vec<(String, String)>>::from_request(&request, &mut payload.into_inner()).await {
            Ok(texts) => (CodeForm::of(texts.into_inner()), Ok(Vec::new())),
            Err(error) => return HttpResponse::from_error(error),
        }
    };
    match open_thread(&app, locale, form, files).await {
        Ok(page) => page,
        Err(AppError::NotFound) => reason_page(&app, locale, Reason::NotFound, StatusCode::NOT_FOUND),
        Err(error) => error_page(&app, locale, &error),
    }
}

/// What adding to a thread led to.
#[derive(Default)]
struct Added {
    is_taken: bool,
    message: Option<Mistake>,
    files: Option<Mistake>,
}

async fn add(app: &App, form: &CodeForm, text: &str, files: Result<Vec<Upload>, FileFault>) -> Result<Added, AppError> {
    if text.chars().count() > LONGEST_TEXT {
        let limit = u32::try_from(LONGEST_TEXT).unwrap_or(u32::MAX);
        return Ok(Added { message: Some(Mistake::TooLong(limit)), ..Added::default() });
    }
    let wrong = |fault| Ok(Added { files: Some(Mistake::File(fault)), ..Added::default() });
    let files = match files {
        Err(fault) => return wrong(fault),
        Ok(files) => files,
    };
    if (text.is_empty() && files.is_empty()) || respond::form_of(app, &form.token).is_none() {
        return Ok(Added::default());
    }
    // Nothing is looked at for somebody without a code.
    let code = form.code.clone();
    app.db.read(move |conn| respond::thread(conn, &code).map(drop)).await?;
    let files = match intake::check(app, files).await? {
        Ok(files) => files,
        Err(RefusedFile { fault, .. }) => return wrong(fault),
    };
    match respond::add(app, &Later { code: &form.code, text, token: &form.token, files: &files }).await {
        // Sent before: it is there.
        Ok(()) | Err(AppError::Conflict { code: "form-sent-before" }) => {
            Ok(Added { is_taken: true, ..Added::default() })
        }
        Err(AppError::Conflict { .. }) => Ok(Added { files: Some(Mistake::ThreadFull), ..Added::default() }),
        Err(other) => Err(other),
    }
}

async fn open_thread(
    app: &web::Data<App>,
    locale: Locale,
    form: CodeForm,
    files: Result<Vec<Upload>, FileFault>,
) -> Result<HttpResponse, AppError> {
    let text = form.message.trim().to_owned();
    let outcome = match add(app, &form, &text, files).await {
        Err(AppError::NotFound) => return unknown_code(app, locale, &form.code),
        other => other?,
    };
    let code = form.code.clone();
    let thread = match app.db.read(move |conn| respond::thread(conn, &code)).await {
        Err(AppError::NotFound) => return unknown_code(app, locale, &form.code),
        other => other?,
    };
    let answered = thread.lines.iter().any(|line| line.to_sender);
    let state = match thread.state {
        ResponseState::Closed => ThreadState::Closed,
        _ if answered => ThreadState::Answered,
        ResponseState::New => ThreadState::Received,
        _ => ThreadState::BeingRead,
    };
    let files = thread.files;
    let of = |message: Option<&MessageId>| -> Vec<FileView> {
        let belongs = |(_, file): &(i32, &ThreadFile)| file.message.as_ref() == message;
        let view = |(number, file): (i32, &ThreadFile)| FileView {
            number,
            kind: file.kind,
            opens: file.opens.then(|| file.id.to_string()),
        };
        (1..).zip(&files).filter(belongs).map(view).collect()
    };
    let messages = thread.lines.into_iter().map(|line| MessageView {
        from: if line.to_sender { Sender::Investigators } else { Sender::Public },
        at: line.at,
        paragraphs: line.text.split('\n').map(str::to_owned).collect(),
        files: of(Some(&line.id)),
    });
    let typed = if outcome.is_taken { Entered::default() } else { Entered::of(text.as_str()) };
    let with = |entered: Entered, mistake: Option<Mistake>| match mistake {
        Some(mistake) => entered.but(mistake),
        None => entered,
    };
    let is_wrong = outcome.message.is_some() || outcome.files.is_some();
    let view = ThreadView {
        frame: frame(app, locale, Country::Be),
        code: form.code,
        ended: thread.ended,
        state,
        messages: messages.collect(),
        first_files: of(None),
        action: format!("/{locale}/r"),
        file_action: format!("/{locale}/r/file"),
        token: respond::form_token(app, Cost::NOTHING),
        message: with(typed, outcome.message),
        files: with(Entered::default(), outcome.files),
        added: outcome.is_taken,
    };
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(private(status, view.render().map_err(broken)?))
}

/// Hands a file out that officers sent, to whoever has the code.
pub async fn file(
    app: web::Data<App>,
    path: web::Path<String>,
    texts: web::Form<Vec<(String, String)>>,
) -> HttpResponse {
    let Ok(locale) = Locale::parse(&path) else { return error_page(&app, Language::Fr, &AppError::NotFound) };
    let CodeForm { code, file, .. } = CodeForm::of(texts.into_inner());
    let fetched = async {
        let id = AttachmentId::parse(&file).map_err(|_| AppError::NotFound)?;
        let ticket = app.db.read(move |conn| respond::file(conn, &code, &id)).await?;
        open_attachment::fetch(&app, ticket).await
    };
    match fetched.await {
        Ok(found) => {
            let ending = if found.is_copy { "jpg" } else { found.kind.endings().first().copied().unwrap_or("bin") };
            let kind = if found.is_copy { "image/jpeg" } else { "application/octet-stream" };
            HttpResponse::Ok()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .insert_header((header::CONTENT_ENCODING, "identity"))
                .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
                .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}.{ending}\"")))
                .content_type(kind)
                .body(found.bytes.expose().clone())
        }
        Err(AppError::NotFound | AppError::Conflict { .. }) => {
            reason_page(&app, locale, Reason::NotFound, StatusCode::NOT_FOUND)
        }
        Err(error) => error_page(&app, locale, &error),
    }
}
